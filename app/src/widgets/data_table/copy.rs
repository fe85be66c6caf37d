//! A table as text for a spreadsheet: cells parted by tabs.

use utm_dispatcher::report::{Key, Metric, Report, Table, Value};

use super::lines::{Shown, dimensions};
use crate::desk::Answers;
use crate::error::AppError;
use crate::i18n::{Locale, td_string};
use crate::labels;

/// What formulas begin with, in the wide forms of East Asian spreadsheets too.
const FORMULAS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// The table of `report` as it is shown, and how many rows it has. Numbers are plain, so that they can be reckoned with.
pub fn tab_separated(locale: Locale, report: Report, answers: &Answers) -> Result<(String, usize), AppError> {
    let Shown { query, table, lines, .. } = Shown::of(report, answers)?;
    let (names, metrics) = (dimensions(table), query.metrics());
    let heads = names.iter().map(|one| labels::dimension(locale, *one));
    let heads = heads.chain(metrics.iter().map(|one| labels::metric(locale, *one)));
    let mut text = heads.collect::<Vec<_>>().join("\t");
    let numbers = |columns: &Table, cells: &[Value]| -> Vec<String> {
        let number = |metric: &Metric| {
            let value = columns.place_of(Key::Metric(*metric)).and_then(|place| cells.get(place));
            let decimal = value.and_then(|value| value.decimal(metric.definition().0)).unwrap_or_default();
            if locale == Locale::uk { decimal.replace('.', ",") } else { decimal }
        };
        metrics.iter().map(number).collect()
    };
    let mut count = 0;
    for line in lines.iter().filter(|line| line.place.is_some()) {
        let mut own: Vec<String> =
            line.names().into_iter().map(|(dimension, value)| cell(&labels::value(locale, dimension, value))).collect();
        if let Some(name) = own.last_mut().filter(|_| line.depth > 0) {
            *name = format!("{}{name}", "↳ ".repeat(line.depth));
        }
        let mut cells = vec![String::new(); names.len().saturating_sub(own.len())];
        cells.extend(own);
        cells.extend(numbers(line.table, line.cells()));
        text.push('\n');
        text.push_str(&cells.join("\t"));
        count += 1;
    }
    let mut totals = vec![String::new(); names.len()];
    if let Some(first) = totals.first_mut() {
        td_string!(locale, table.total).clone_into(first);
    }
    totals.extend(numbers(table, &table.totals));
    text.push('\n');
    text.push_str(&totals.join("\t"));
    Ok((text, count))
}

/// A text that stays one cell and starts no formula.
fn cell(text: &str) -> String {
    let plain: String = text.chars().map(|char| if char.is_control() { ' ' } else { char }).collect();
    let is_formula = plain.trim_start().trim_start_matches('"').trim_start().starts_with(FORMULAS);
    if is_formula { format!("'{plain}") } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_visitors_wrote_is_one_cell_and_no_formula() {
        let cases = [
            ("facebook", "facebook"),
            ("a\tb\r\nc", "a b  c"),
            ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
            ("\t+1", "' +1"),
            (" \"-1", "' \"-1"),
            ("＝1", "'＝1"),
            ("a=1", "a=1"),
        ];
        for (given, expected) in cases {
            assert_eq!(cell(given), expected);
        }
    }
}
