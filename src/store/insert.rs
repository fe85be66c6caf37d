//! Many rows in few statements.

use super::db::Tx;
use super::error::StoreError;
use super::sql::{Bind, Row, Sql};

/// Rows go in by these sizes, so that few different statements are ever prepared. With 40 columns the largest
/// stays below SQLite's 32,766 placeholders.
const SIZES: [usize; 4] = [256, 32, 4, 1];

/// `insert into TABLE (COLUMNS) values … TAIL`, in as few statements as the sizes allow. Returns what the tail's
/// `returning` gives.
pub async fn insert<const N: usize>(
    tx: &mut Tx,
    table: &str,
    columns: &str,
    mut rows: &[[Bind; N]],
    tail: &str,
) -> Result<Vec<Row>, StoreError> {
    let mut returned = Vec::new();
    for size in SIZES {
        while rows.len() >= size {
            let (now, later) = rows.split_at(size);
            rows = later;
            let mut sql = Sql::new(&format!("insert into {table} ({columns}) values "));
            for (place, row) in now.iter().enumerate() {
                if place > 0 {
                    sql.push(", ");
                }
                sql.push_list(row.iter().cloned());
            }
            sql.push(" ").push(tail);
            returned.extend(tx.rows(&sql).await?);
        }
    }
    Ok(returned)
}
