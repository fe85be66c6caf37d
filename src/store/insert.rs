//! Many rows in few statements.

use std::sync::Arc;

use super::db::Tx;
use super::error::StoreError;
use super::sql::{Bind, Row};

/// Rows go in by these sizes, so that few different statements are ever prepared. With 40 columns the largest
/// stays below SQLite's 32,766 placeholders.
const SIZES: [usize; 4] = [256, 32, 4, 1];

/// `insert into TABLE (COLUMNS) values … TAIL`, in as few statements as the sizes allow. Returns what the tail's
/// `returning` gives.
pub async fn insert<const N: usize>(
    tx: &mut Tx,
    table: &str,
    columns: &str,
    rows: &[[Bind; N]],
    tail: &str,
) -> Result<Vec<Row>, StoreError> {
    with_rows(tx, &format!("insert into {table} ({columns}) values "), rows, tail).await
}

/// `HEAD (…), (…) TAIL` with the rows in the middle, in as few statements as the sizes allow; so a list of values is
/// asked for (`… in (values HEAD`), or a table of them joined (`with w (…) as (values HEAD`). Returns all rows.
pub async fn with_rows<const N: usize>(
    tx: &mut Tx,
    head: &str,
    mut rows: &[[Bind; N]],
    tail: &str,
) -> Result<Vec<Row>, StoreError> {
    let mut returned = Vec::new();
    for size in SIZES {
        if rows.len() < size {
            continue;
        }
        let text: Arc<str> = statement(tx, head, size, N, tail).into();
        while rows.len() >= size {
            let (now, later) = rows.split_at(size);
            rows = later;
            returned.extend(tx.rows_of(Arc::clone(&text), now.iter().flatten()).await?);
        }
    }
    Ok(returned)
}

fn statement(tx: &Tx, head: &str, rows: usize, columns: usize, tail: &str) -> String {
    let mut text = String::with_capacity(head.len() + tail.len() + rows * columns * 7);
    text.push_str(head);
    for place in 0..rows * columns {
        text.push_str(match (place, place % columns) {
            (0, _) => "(",
            (_, 0) => "), (",
            _ => ", ",
        });
        tx.push_placeholder(&mut text, place + 1);
    }
    text.push_str(") ");
    text.push_str(tail);
    text
}
