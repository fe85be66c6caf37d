//! Many rows in few statements.

use std::sync::Arc;

use super::db::Tx;
use super::error::StoreError;
use super::sql::{Bind, Row};

/// Rows go in by these sizes and, below the last, all at once: few different statements are ever prepared, and a small
/// batch takes one (each is a walk to the database and back, which costs more than its rows). With 40 columns the
/// largest stays below SQLite's 32,766 placeholders.
const SIZES: [usize; 4] = [256, 128, 64, 32];

/// `insert into TABLE (COLUMNS) values … TAIL`, in as few statements as the sizes allow. Returns what the tail's
/// `returning` gives.
pub async fn insert<const N: usize>(
    tx: &mut Tx,
    table: &str,
    columns: &str,
    rows: &[[Bind; N]],
    tail: &str,
) -> Result<Vec<Row>, StoreError> {
    with_rows(tx, &insert_into(table, columns), rows, tail).await
}

/// `HEAD (…), (…) TAIL` with the rows in the middle, in as few statements as the sizes allow; so a list of values is
/// asked for (`… in (values HEAD`), or a table of them joined (`with w (…) as (values HEAD`). Returns all rows.
pub async fn with_rows<const N: usize>(
    tx: &mut Tx,
    head: &str,
    rows: &[[Bind; N]],
    tail: &str,
) -> Result<Vec<Row>, StoreError> {
    let mut returned = Vec::new();
    for (text, rows) in statements(tx, head, rows, tail) {
        returned.extend(tx.rows_of(text, rows.iter().flatten()).await?);
    }
    Ok(returned)
}

/// Inserts as [`insert`] does, and returns how many rows went in, which is cheaper than having each of them told.
pub async fn insert_and_count<const N: usize>(
    tx: &mut Tx,
    table: &str,
    columns: &str,
    rows: &[[Bind; N]],
    tail: &str,
) -> Result<u64, StoreError> {
    let mut count = 0;
    for (text, rows) in statements(tx, &insert_into(table, columns), rows, tail) {
        count += tx.run_of(text, rows.iter().flatten()).await?;
    }
    Ok(count)
}

fn insert_into(table: &str, columns: &str) -> String {
    format!("insert into {table} ({columns}) values ")
}

/// The statements that take all of `rows`, each with those that it takes.
fn statements<'a, const N: usize>(
    tx: &Tx,
    head: &str,
    mut rows: &'a [[Bind; N]],
    tail: &str,
) -> Vec<(Arc<str>, &'a [[Bind; N]])> {
    let mut statements: Vec<(Arc<str>, &[[Bind; N]])> = Vec::new();
    while !rows.is_empty() {
        let size = SIZES.into_iter().find(|size| *size <= rows.len()).unwrap_or(rows.len());
        let (now, later) = rows.split_at(size);
        rows = later;
        let text = match statements.last() {
            Some((text, before)) if before.len() == size => Arc::clone(text),
            _ => statement(tx, head, size, N, tail).into(),
        };
        statements.push((text, now));
    }
    statements
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
