//! Many rows in few statements.

use std::sync::Arc;

use super::db::{Made, Tx};
use super::error::StoreError;
use super::sql::{Bind, Row};

/// Where a statement is a walk to the database and back, which costs more than its rows, rows go in by these sizes and,
/// below the last, all at once: few different statements are ever prepared, and a small batch takes one. With 40 columns
/// the largest stays below SQLite's 32,766 placeholders.
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

/// `HEAD (…), (…) TAIL` with the rows in the middle, in as few statements as the sizes allow; so several columns are
/// asked for (`… in (values HEAD`), or a table of values joined (`with w (…) as (values HEAD`). Returns all rows.
pub async fn with_rows<const N: usize>(
    tx: &mut Tx,
    head: &str,
    rows: &[[Bind; N]],
    tail: &str,
) -> Result<Vec<Row>, StoreError> {
    run(tx, Form { head, between: ["(", "), (", ") "], tail }, rows).await.map(|made| made.rows)
}

/// `HEAD …, … TAIL` with the values in the middle, as [`with_rows`] does: what a column is compared with (`… in (HEAD`).
/// Unlike a list of rows it makes no table that is thrown away.
pub async fn with_list(tx: &mut Tx, head: &str, values: &[[Bind; 1]], tail: &str) -> Result<Vec<Row>, StoreError> {
    run(tx, Form { head, between: ["", ", ", ""], tail }, values).await.map(|made| made.rows)
}

/// Inserts as [`insert`] does, and returns how many rows went in, which is cheaper than having each of them told.
pub async fn insert_and_count<const N: usize>(
    tx: &mut Tx,
    table: &str,
    columns: &str,
    rows: &[[Bind; N]],
    tail: &str,
) -> Result<u64, StoreError> {
    let head = insert_into(table, columns);
    run(tx, Form { head: &head, between: ["(", "), (", ") "], tail }, rows).await.map(|made| made.changed)
}

fn insert_into(table: &str, columns: &str) -> String {
    format!("insert into {table} ({columns}) values ")
}

/// The text of a statement around its rows.
#[derive(Clone, Copy)]
struct Form<'a> {
    head: &'a str,
    /// Before the first row, between two, and behind the last.
    between: [&'a str; 3],
    tail: &'a str,
}

async fn run<const N: usize>(tx: &mut Tx, form: Form<'_>, rows: &[[Bind; N]]) -> Result<Made, StoreError> {
    let placeholder = tx.placeholder();
    if let Some(tx) = tx.row_by_row() {
        return tx.run_each(&form.text(placeholder, 1, N), rows).await;
    }
    let mut made = Made::default();
    let mut left = rows;
    let mut last: Option<(usize, Arc<str>)> = None;
    while !left.is_empty() {
        let size = SIZES.into_iter().find(|size| *size <= left.len()).unwrap_or(left.len());
        let (now, later) = left.split_at(size);
        left = later;
        let text = match last.take() {
            Some((before, text)) if before == size => text,
            _ => form.text(placeholder, size, N).into(),
        };
        let more = tx.made_by(Arc::clone(&text), now.iter().flatten()).await?;
        made.rows.extend(more.rows);
        made.changed += more.changed;
        last = Some((size, text));
    }
    Ok(made)
}

impl Form<'_> {
    fn text(self, placeholder: fn(&mut String, usize), rows: usize, columns: usize) -> String {
        let Self { head, between: [first, next, end], tail } = self;
        let mut text = String::with_capacity(head.len() + tail.len() + rows * columns * 7);
        text.push_str(head);
        for place in 0..rows * columns {
            text.push_str(match (place, place % columns) {
                (0, _) => first,
                (_, 0) => next,
                _ => ", ",
            });
            placeholder(&mut text, place + 1);
        }
        text.push_str(end);
        text.push_str(tail);
        text
    }
}
