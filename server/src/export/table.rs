//! A table as headed columns and cells; what was asked of an earlier period stands behind the current one.

use app::headings;
use app::i18n::Locale;
use utm_dispatcher::report::{Column, Compare, Dimension, Key, Metric, Table, Value};

use super::cell::{Cell, Heading};

/// In which words a file is written, and what its money is in (ISO 4217).
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    /// The reader's language.
    pub locale: Locale,
    /// The store's currency.
    pub currency: &'a str,
    /// Which days the earlier ones are.
    pub compare: Compare,
}

/// The headings of a table.
pub fn heads(table: &Table, Words { locale, currency, compare }: Words<'_>) -> Vec<Heading> {
    let heading = |key: Key, title| Heading { title, is_rate: key == Key::Metric(Metric::Cr) };
    let current =
        table.columns.iter().map(|column| heading(column.key, headings::column(locale, column.key, currency)));
    let earlier = earlier(table).map(|(_, key)| heading(key, headings::previous(locale, key, currency, compare)));
    current.chain(earlier).collect()
}

/// The cells of the table's rows, line by line.
pub fn lines(table: &Table) -> impl Iterator<Item = Vec<Cell<'_>>> {
    let before = table.previous.as_ref().map(|previous| &previous.rows);
    table.rows.iter().enumerate().map(move |(place, row)| {
        let current = table.columns.iter().zip(row).map(|(column, value)| cell(column.key, value));
        let old = before.and_then(|rows| rows.get(place));
        let old = earlier(table)
            .map(|(column, key)| old.and_then(|row| row.get(column)).map_or(Cell::Empty, |value| cell(key, value)));
        current.chain(old).collect()
    })
}

/// The places and keys of the columns that an earlier period has too.
fn earlier(table: &Table) -> impl Iterator<Item = (usize, Key)> {
    let keys = table.columns.iter().map(|column| column.key).enumerate();
    keys.filter(|(_, key)| table.previous.is_some() && matches!(key, Key::Metric(_)))
}

/// Is it a single line of totals?
pub fn is_of_totals(table: &Table) -> bool {
    table.columns.iter().all(|column| matches!(column.key, Key::Metric(_)))
}

/// The headings of a table that is a single line of totals, when it lies on its side: a line for each metric.
pub fn side_heads(table: &Table, words: Words<'_>) -> Vec<Heading> {
    let columns = if table.previous.is_some() { 3 } else { 2 };
    let titles = headings::sideways(words.locale, words.compare).into_iter().take(columns);
    titles.map(|title| Heading { title, is_rate: false }).collect()
}

/// The lines of a table that lies on its side: the metric's name, its number, the number before.
pub fn side_lines<'a>(table: &'a Table, names: &'a [Heading]) -> impl Iterator<Item = Vec<Cell<'a>>> {
    let before = table.previous.as_ref().map(|previous| &previous.totals);
    table.columns.iter().enumerate().map(move |(place, Column { key })| {
        let name = names.get(place).map_or(Cell::Empty, |name| Cell::Text(&name.title));
        let number = |totals: &'a Vec<Value>| totals.get(place).map_or(Cell::Empty, |value| cell(*key, value));
        [Some(name), Some(number(&table.totals)), before.map(number)].into_iter().flatten().collect()
    })
}

fn cell(key: Key, value: &Value) -> Cell<'_> {
    match (key, value) {
        (Key::Dimension(Dimension::Day | Dimension::Week), Value::Text(text)) => {
            text.parse().map_or(Cell::Text(text), Cell::Day)
        }
        _ => Cell::of(value, key.unit()),
    }
}

/// Puts 0 where a number has no value: the quotients of the replaced system's files.
pub fn without_gaps(table: &mut Table) {
    let metrics: Vec<bool> = table.columns.iter().map(|column| matches!(column.key, Key::Metric(_))).collect();
    for row in &mut table.rows {
        let gaps = row.iter_mut().zip(&metrics).filter(|(value, is_metric)| **is_metric && **value == Value::Null);
        gaps.for_each(|(value, _)| *value = Value::Whole(0));
    }
}
