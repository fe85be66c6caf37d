//! CSV as Excel reads it: UTF-8 with a BOM, CRLF, quotes only where they are needed, no formulas.

use std::io::{self, Write};

use super::cell::{Cell, Heading};
use super::formula::guarded;
use csv::{QuoteStyle, Terminator, Writer, WriterBuilder};

/// What stands between the cells of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Separator {
    /// `,`
    #[default]
    Comma,
    /// `;`, which Excel expects where numbers have a decimal comma.
    Semicolon,
}

/// A CSV file that is being written.
#[derive(Debug)]
pub struct Csv<W: Write>(Writer<W>);

impl<W: Write> Csv<W> {
    /// Begins a file with its headings.
    pub fn new(mut out: W, separator: Separator, headings: &[Heading]) -> io::Result<Self> {
        out.write_all("\u{feff}".as_bytes())?;
        let delimiter = match separator {
            Separator::Comma => b',',
            Separator::Semicolon => b';',
        };
        let mut writer = WriterBuilder::new()
            .delimiter(delimiter)
            .terminator(Terminator::CRLF)
            .quote_style(QuoteStyle::Necessary)
            .from_writer(out);
        writer.write_record(headings.iter().map(|heading| heading.title.as_str()))?;
        Ok(Self(writer))
    }

    /// Adds a line.
    pub fn row<'a>(&mut self, cells: impl IntoIterator<Item = Cell<'a>>) -> io::Result<()> {
        for cell in cells {
            match cell {
                Cell::Text(text) => self.0.write_field(guarded(text).as_ref())?,
                other => self.0.write_field(other.written().as_ref())?,
            }
        }
        Ok(self.0.write_record(None::<&[u8]>)?)
    }

    /// Ends the file.
    pub fn finish(self) -> io::Result<W> {
        self.0.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use utm_dispatcher::report::Unit;

    use super::*;

    fn heading(title: &str) -> Heading {
        Heading { title: title.to_owned(), is_rate: false }
    }

    fn text(separator: Separator, headings: &[&str], rows: &[Vec<Cell<'_>>]) -> String {
        let headings: Vec<_> = headings.iter().map(|title| heading(title)).collect();
        let mut csv = Csv::new(Vec::new(), separator, &headings).unwrap();
        for row in rows {
            csv.row(row.iter().copied()).unwrap();
        }
        String::from_utf8(csv.finish().unwrap()).unwrap()
    }

    #[test]
    fn a_file_as_excel_reads_it() {
        let day = "2026-11-22".parse::<chrono::NaiveDate>().unwrap();
        let number = |of, per, unit| Cell::Number { of, per, unit };
        let row = vec![
            Cell::Text("фб, \"зима\""),
            Cell::Empty,
            number(149_900, 1, Some(Unit::Money)),
            number(500, 37, Some(Unit::Percent)),
            number(-5, 1, Some(Unit::Count)),
            Cell::Id(9_007_199_254_740_991),
            Cell::Day(day),
            Cell::Time(day.and_hms_opt(4, 5, 6).unwrap()),
        ];
        let headings = ["Джерело", "Канал", "Дохід (грн)", "CR%", "Бали", "ID", "День", "Час"];
        assert_eq!(
            text(Separator::Comma, &headings, &[row]),
            "\u{feff}Джерело,Канал,Дохід (грн),CR%,Бали,ID,День,Час\r\n\
             \"фб, \"\"зима\"\"\",,1499.00,13.51,-5,9007199254740991,2026-11-22,2026-11-22 04:05:06\r\n"
        );
    }

    #[test]
    fn without_rows_there_are_still_headings() {
        assert_eq!(text(Separator::Comma, &["ID", "Місто"], &[]), "\u{feff}ID,Місто\r\n");
    }

    #[test]
    fn only_the_files_own_separator_is_quoted() {
        let row = || vec![Cell::Text("a;b"), Cell::Text("c,d")];
        assert_eq!(text(Separator::Comma, &["1", "2"], &[row()]), "\u{feff}1,2\r\na;b,\"c,d\"\r\n");
        assert_eq!(text(Separator::Semicolon, &["1", "2"], &[row()]), "\u{feff}1;2\r\n\"a;b\";c,d\r\n");
    }

    #[test]
    fn fault_s6_the_guard_touches_text_cells_only() {
        let row =
            vec![Cell::Text("=HYPERLINK(\"http://evil\")"), Cell::Number { of: -500, per: 1, unit: Some(Unit::Money) }];
        assert_eq!(
            text(Separator::Comma, &["a", "b"], &[row]),
            "\u{feff}a,b\r\n\"'=HYPERLINK(\"\"http://evil\"\")\",-5.00\r\n"
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_back(rows in vec(vec("(?s).{0,20}", 3), 0..5), semicolon in any::<bool>()) {
            let separator = if semicolon { Separator::Semicolon } else { Separator::Comma };
            let cells: Vec<Vec<_>> = rows.iter().map(|row| row.iter().map(|text| Cell::Text(text)).collect()).collect();
            let file = text(separator, &["a", "b", "c"], &cells);
            let mut reader = csv::ReaderBuilder::new()
                .delimiter(if semicolon { b';' } else { b',' })
                .from_reader(file.strip_prefix('\u{feff}').unwrap().as_bytes());
            let read: Vec<Vec<String>> = reader
                .records()
                .map(|record| record.unwrap().iter().map(str::to_owned).collect())
                .collect();
            let safe: Vec<Vec<String>> =
                rows.iter().map(|row| row.iter().map(|text| guarded(text).into_owned()).collect()).collect();
            prop_assert_eq!(read, safe);
        }
    }
}
