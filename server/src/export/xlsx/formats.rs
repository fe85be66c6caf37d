//! How a workbook's cells look, by what their numbers are of.

use app::format::currency_sign;
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};
use utm_dispatcher::report::Unit;
use utm_dispatcher::report::number::decimal;

/// The background of headers: the dashboard's violet, light enough for black text.
const HEADER: Color = Color::RGB(0x00ED_E9FE);

/// The formats of one workbook.
pub(super) struct Formats {
    pub header: Format,
    pub day: Format,
    pub time: Format,
    plain: Format,
    count: Format,
    money: Format,
    percent: Format,
    number: Format,
}

impl Formats {
    /// With money in `currency` (ISO 4217).
    pub fn new(currency: &str) -> Self {
        let format = |code: &str| Format::new().set_num_format(code);
        let header = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top);
        Self {
            header: header.set_background_color(HEADER).set_border_bottom(FormatBorder::Thin),
            day: format("yyyy-mm-dd"),
            time: format("yyyy-mm-dd hh:mm:ss"),
            plain: format("0"),
            count: format("#,##0"),
            money: format(&format!("#,##0.00\\ \"{}\"", currency_sign(currency))),
            percent: format("0.00%"),
            number: format("#,##0.00"),
        }
    }

    /// The format of numbers of `unit`.
    pub fn of(&self, unit: Option<Unit>) -> &Format {
        match unit {
            None => &self.plain,
            Some(Unit::Count) => &self.count,
            Some(Unit::Money) => &self.money,
            Some(Unit::Percent) => &self.percent,
            Some(_) => &self.number,
        }
    }
}

/// The number of a cell, rounded as in every other file: money in whole units of currency, per cent as the fraction that
/// a spreadsheet shows as per cent.
pub(super) fn number(of: i64, per: i64, unit: Option<Unit>) -> Option<f64> {
    let (of, per) = (i128::from(of), i128::from(per));
    let text = match unit {
        None | Some(Unit::Count) => decimal(of, per, 0),
        Some(Unit::Money) => decimal(of, per * 100, 2),
        Some(Unit::Percent) => decimal(of, per * 100, 4),
        Some(_) => decimal(of, per, 2),
    };
    text?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_as_in_other_files() {
        assert_eq!(number(149_900, 1, Some(Unit::Money)), Some(1499.0));
        assert_eq!(number(149_925, 2, Some(Unit::Money)), Some(749.62));
        assert_eq!(number(500, 37, Some(Unit::Percent)), Some(0.1351));
        assert_eq!(number(7, 2, Some(Unit::Number)), Some(3.5));
        assert_eq!(number(-5, 1, Some(Unit::Count)), Some(-5.0));
        assert_eq!(number(1, 0, None), None);
    }
}
