//! A report on a terminal: CSV, JSON, or lines in which columns stand below each other.

use std::io::{self, Write};

use app::i18n::Locale;
use tokio_util::sync::CancellationToken;
use utm_dispatcher::model::Millis;
use utm_dispatcher::report::ReportQuery;
use utm_dispatcher::store::Store;

use super::cell::{Cell, Heading};
use super::csv::Separator;
use super::file::{Content, Style, Writer};
use super::{Broken, Format, sessions, table};

/// How a report is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Layout {
    /// Lines for people.
    Table,
    /// The file of `/export/{report}.csv`.
    Csv,
    /// The file of `/export/{report}.json`.
    Json,
}

/// Writes what `query` asks to `out`, headed in Ukrainian.
pub async fn print(
    store: &Store,
    query: &ReportQuery,
    layout: Layout,
    currency: &str,
    now: Millis,
    mut out: impl Write + Send + 'static,
) -> Result<(), Broken> {
    let content = Content::read(store, query, now).await?;
    let style = Style { format: Format::Csv, locale: Locale::uk, separator: Separator::Comma, fills_gaps: false };
    let writer = Writer { style, currency: currency.to_owned(), compare: query.compare, tz: store.tz() };
    let write = move || -> Result<(), Broken> {
        match layout {
            Layout::Table => lines(&writer, content)?.write(&mut out)?,
            Layout::Csv => writer.csv(&mut out, content)?,
            Layout::Json => Writer::json(&mut out, content)?,
        }
        Ok(out.flush()?)
    };
    // Sessions are read while they are written, and that blocks.
    tokio::task::spawn_blocking(write).await.unwrap_or(Err(Broken::EndedEarly))
}

/// Cells as they are shown, with the width of each column.
#[derive(Default)]
struct Lines {
    widths: Vec<usize>,
    lines: Vec<Vec<Shown>>,
}

struct Shown {
    text: String,
    is_number: bool,
}

fn lines(writer: &Writer, content: Content) -> Result<Lines, Broken> {
    let (words, mut lines) = (writer.words(), Lines::default());
    match content {
        Content::Table(table) if table::is_of_totals(&table) => {
            let names = table::heads(&table, words);
            lines.head(&table::side_heads(&table, words));
            table::side_lines(&table, &names).for_each(|line| lines.add(line));
        }
        Content::Table(table) => {
            lines.head(&table::heads(&table, words));
            table::lines(&table).for_each(|line| lines.add(line));
        }
        Content::Sessions(list) => {
            lines.head(&sessions::heads(words.locale));
            list.each(&CancellationToken::new(), |row| {
                lines.add(sessions::line(row, words.locale, writer.tz));
                Ok(())
            })?;
        }
    }
    Ok(lines)
}

impl Lines {
    fn head(&mut self, heads: &[Heading]) {
        self.add(heads.iter().map(|head| Cell::Text(&head.title)));
    }

    fn add<'a>(&mut self, cells: impl IntoIterator<Item = Cell<'a>>) {
        let shown = |cell: Cell| Shown {
            is_number: matches!(cell, Cell::Number { .. }),
            // A visitor's text must not move the terminal's cursor or change its colours.
            text: cell.written().chars().map(|char| if char.is_control() { ' ' } else { char }).collect(),
        };
        let line: Vec<Shown> = cells.into_iter().map(shown).collect();
        self.widths.resize(self.widths.len().max(line.len()), 0);
        for (width, cell) in self.widths.iter_mut().zip(&line) {
            *width = (*width).max(cell.text.chars().count());
        }
        self.lines.push(line);
    }

    /// Numbers stand at the right of their column, and so does its heading.
    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let is_of_numbers = |column: usize| {
            let mut cells = self.lines.iter().skip(1).filter_map(|line| line.get(column));
            cells.any(|cell| cell.is_number)
        };
        let columns: Vec<(usize, bool)> =
            self.widths.iter().enumerate().map(|(column, width)| (*width, is_of_numbers(column))).collect();
        for line in &self.lines {
            let cells = line.iter().zip(&columns).map(|(cell, (width, is_of_numbers))| {
                if *is_of_numbers { format!("{:>width$}", cell.text) } else { format!("{:<width$}", cell.text) }
            });
            writeln!(out, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use utm_dispatcher::report::Unit;

    use super::*;

    #[test]
    fn columns_stand_below_each_other_by_characters() {
        let money = |of| Cell::Number { of, per: 1, unit: Some(Unit::Money) };
        let mut lines = Lines::default();
        lines.head(
            &["Джерело", "Дохід (грн)", "Місто"].map(|title| Heading { title: title.to_owned(), is_rate: false }),
        );
        lines.add([Cell::Text("їжак\u{1b}[31m"), money(149_900), Cell::Empty]);
        lines.add([Cell::Text("a"), Cell::Empty, Cell::Text("Kyiv")]);
        let mut out = Vec::new();
        lines.write(&mut out).unwrap();
        let expected = "\
Джерело    Дохід (грн)  Місто
їжак [31m      1499.00
a                       Kyiv
";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
