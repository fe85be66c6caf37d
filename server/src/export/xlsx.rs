//! Workbooks: typed cells, one or several sheets, each with a frozen header, filters and a chart.

mod chart;
mod formats;

use std::borrow::Cow;
use std::io::{Seek, Write};

use rust_xlsxwriter::{ConditionalFormat3ColorScale, Workbook, Worksheet, XlsxError};

pub use self::chart::Chart;
use self::formats::Formats;
use super::cell::{Cell, Heading};

/// So many rows fit under the header of a sheet.
const ROWS: u32 = 1_048_575;
/// A sheet of more rows than this is written through a temporary file, and its chart finds its values only when the
/// workbook is opened.
const IN_MEMORY: usize = 10_000;
/// A cell takes so many UTF-16 units of text.
const MAX_TEXT: usize = 32_767;
/// The narrowest column, in characters.
const MIN_WIDTH: usize = 13;
/// The widest column.
const MAX_WIDTH: usize = 60;

/// A workbook that is being written, sheet after sheet and line after line.
pub struct Book {
    workbook: Workbook,
    formats: Formats,
    rows_a_sheet: u32,
    sheet: Option<Sheet>,
}

/// The sheet that is being written.
struct Sheet {
    name: String,
    /// 1, 2 …: rows that do not fit go on in a sheet of the same name and the next number.
    part: u32,
    place: usize,
    headings: Vec<Heading>,
    widths: Vec<usize>,
    rows: u32,
    is_large: bool,
}

impl Book {
    /// An empty workbook; money is in `currency` (ISO 4217).
    pub fn new(currency: &str) -> Self {
        Self { workbook: Workbook::new(), formats: Formats::new(currency), rows_a_sheet: ROWS, sheet: None }
    }

    /// Begins a sheet, whose name no other sheet has, for about `rows` rows.
    pub fn sheet(&mut self, name: &str, headings: Vec<Heading>, rows: usize) -> Result<(), XlsxError> {
        self.close()?;
        self.open(Sheet {
            name: name.to_owned(),
            part: 1,
            place: 0,
            widths: headings.iter().map(|heading| width(&heading.title) + 3).collect(),
            headings,
            rows: 0,
            is_large: rows > IN_MEMORY,
        })
    }

    fn open(&mut self, sheet: Sheet) -> Result<(), XlsxError> {
        let title = if sheet.part == 1 { sheet.name.clone() } else { format!("{} {}", sheet.name, sheet.part) };
        let place = self.workbook.worksheets().len();
        let page = if sheet.is_large {
            self.workbook.add_worksheet_with_constant_memory()?
        } else {
            self.workbook.add_worksheet()
        };
        page.set_name(title)?;
        page.set_freeze_panes(1, 0)?;
        for (column, heading) in (0..).zip(&sheet.headings) {
            page.write_string_with_format(0, column, heading.title.as_str(), &self.formats.header)?;
        }
        self.sheet = Some(Sheet { place, ..sheet });
        Ok(())
    }

    /// Adds a line to the sheet; nothing where none was begun.
    pub fn row<'a>(&mut self, cells: impl IntoIterator<Item = Cell<'a>>) -> Result<(), XlsxError> {
        if let Some(full) = self.sheet.take_if(|sheet| sheet.rows == self.rows_a_sheet) {
            self.finish(&full)?;
            self.open(Sheet { part: full.part + 1, rows: 0, ..full })?;
        }
        let Some(sheet) = &mut self.sheet else { return Ok(()) };
        sheet.rows += 1;
        let page = self.workbook.worksheet_from_index(sheet.place)?;
        for ((column, cell), widest) in (0..).zip(cells).zip(&mut sheet.widths) {
            if let Cell::Text(text) = cell {
                *widest = (*widest).max(width(text) + 1);
            }
            write(page, &self.formats, (sheet.rows, column), cell)?;
        }
        Ok(())
    }

    /// Puts a chart of the sheet's rows beside them, if there are any.
    pub fn chart(&mut self, chart: &Chart) -> Result<(), XlsxError> {
        let Some(sheet) = self.sheet.as_ref().filter(|sheet| sheet.rows > 0 && sheet.part == 1) else { return Ok(()) };
        let page = self.workbook.worksheet_from_index(sheet.place)?;
        let beside = u16::try_from(sheet.headings.len()).unwrap_or(u16::MAX).saturating_add(1);
        page.insert_chart(1, beside, &chart.draw(&page.name(), sheet.rows, &sheet.headings))?;
        Ok(())
    }

    fn close(&mut self) -> Result<(), XlsxError> {
        self.sheet.take().map_or(Ok(()), |sheet| self.finish(&sheet))
    }

    /// What needs to know how many rows a sheet has.
    fn finish(&mut self, sheet: &Sheet) -> Result<(), XlsxError> {
        let page = self.workbook.worksheet_from_index(sheet.place)?;
        for (column, widest) in (0..).zip(&sheet.widths) {
            let width = u16::try_from((*widest).clamp(MIN_WIDTH, MAX_WIDTH)).unwrap_or(u16::MAX);
            page.set_column_width(column, width)?;
        }
        let columns = u16::try_from(sheet.headings.len()).unwrap_or(u16::MAX);
        if sheet.rows == 0 || columns == 0 {
            return Ok(());
        }
        page.autofilter(0, 0, sheet.rows, columns - 1)?;
        for (column, _) in (0..).zip(&sheet.headings).filter(|(_, heading)| heading.is_rate) {
            page.add_conditional_format(1, column, sheet.rows, column, &ConditionalFormat3ColorScale::new())?;
        }
        Ok(())
    }

    /// Ends the workbook and writes it.
    pub fn save(mut self, out: impl Write + Seek + Send) -> Result<(), XlsxError> {
        self.close()?;
        self.workbook.save_to_writer(out)
    }
}

fn write(page: &mut Worksheet, formats: &Formats, (row, column): (u32, u16), cell: Cell<'_>) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => {}
        // As a string and nothing else: `write` would guess, and make formulas and links of what visitors sent.
        Cell::Text(text) => drop(page.write_string(row, column, fitting(text))?),
        Cell::Id(id) => drop(page.write_string(row, column, id.to_string())?),
        Cell::Number { of, per, unit } => {
            if let Some(number) = formats::number(of, per, unit) {
                page.write_number_with_format(row, column, number, formats.of(unit))?;
            }
        }
        Cell::Day(day) => drop(page.write_datetime_with_format(row, column, day, &formats.day)?),
        Cell::Time(time) => drop(page.write_datetime_with_format(row, column, time, &formats.time)?),
    }
    Ok(())
}

/// As much of `text` as a cell takes.
fn fitting(text: &str) -> Cow<'_, str> {
    // No character has more UTF-16 units than bytes.
    if text.len() <= MAX_TEXT {
        return Cow::Borrowed(text);
    }
    let mut units = 0;
    let fits = |char: &char| {
        units += char.len_utf16();
        units <= MAX_TEXT
    };
    Cow::Owned(text.chars().take_while(fits).collect())
}

/// How wide a text is, in characters.
fn width(text: &str) -> usize {
    text.chars().take(MAX_WIDTH).count()
}

#[cfg(test)]
mod tests;
