//! Rows that unfold: what stands beneath them, how they are named in the address bar, and what is asked for them.
//!
//! A row's path is its cells, those of the rows above first, joined by `|`: `facebook|winter` is the campaign `winter`
//! beneath the source `facebook`.

use utm_dispatcher::report::text::{decode, encode};
use utm_dispatcher::report::{Dimension, Filter, Key, Operator, ReportQuery, Subject, Value};

/// At most so many rows are shown beneath one.
pub const ROWS: usize = 10;
/// At most so many characters of a path; rows with longer ones do not unfold.
pub const MAX_PATH: usize = 1_500;

const SEPARATOR: char = '|';

/// What the rows of a dimension unfold into.
pub fn beneath(dimension: Dimension) -> Option<Dimension> {
    Some(match dimension {
        Dimension::Channel => Dimension::Source,
        Dimension::Source => Dimension::Campaign,
        Dimension::Campaign => Dimension::Content,
        Dimension::Country => Dimension::City,
        Dimension::Os => Dimension::OsVersion,
        Dimension::Browser => Dimension::BrowserVersion,
        Dimension::DeviceType => Dimension::DeviceBrand,
        _ => return None,
    })
}

/// The path of a row with `cells` of its own beneath the row at `above`, which is empty for none.
pub fn path(above: &str, cells: &[Value]) -> String {
    let mut path = above.to_owned();
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 || !above.is_empty() {
            path.push(SEPARATOR);
        }
        match cell {
            Value::Text(text) => path.push_str(&encode(text, |byte| !matches!(byte, b'|' | b'%'))),
            Value::Whole(whole) => path.push_str(&whole.to_string()),
            Value::Null | Value::Fraction { .. } => {}
        }
    }
    path
}

/// Is the row at `path` beneath the one at `above`?
pub fn is_beneath(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.starts_with(SEPARATOR))
}

/// What the table that asked `table` asks for the rows beneath the one at `path`; `None` when nothing can be there.
pub fn query(table: &ReportQuery, path: &str) -> Option<ReportQuery> {
    let mut dimensions = table.dimensions().to_vec();
    let cells: Vec<String> = path.split(SEPARATOR).map(decode).collect::<Option<_>>()?;
    while dimensions.len() < cells.len() {
        dimensions.push(beneath(*dimensions.last()?)?);
    }
    if dimensions.len() > cells.len() {
        return None;
    }
    let child = beneath(*dimensions.last()?)?;
    let mut query = ReportQuery { dimensions: Some(vec![child]), limit: Some(ROWS), ..table.clone() };
    for (dimension, cell) in dimensions.into_iter().zip(cells) {
        let subject = Subject::Dimension(dimension);
        query.filters.push(if cell.is_empty() {
            Filter { subject, operator: Operator::Empty, values: Vec::new() }
        } else {
            Filter::new(subject, Operator::Is, &cell)
        });
    }
    let metrics: Vec<_> = table.metrics().iter().copied().filter(|metric| query.can_count(*metric)).collect();
    query.metrics = Some(metrics);
    query.sort = table.sorted_by().filter(|sort| matches!(sort.key, Key::Metric(_)) && is_column(&query, sort.key));
    let query = query.normalised();
    query.check().is_ok().then_some(query)
}

fn is_column(query: &ReportQuery, key: Key) -> bool {
    query.metrics().iter().any(|metric| Key::Metric(*metric) == key)
}

#[cfg(test)]
mod tests {
    use utm_dispatcher::model::Period;
    use utm_dispatcher::report::{Metric, Report};

    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    #[test]
    fn a_path_holds_any_name() {
        assert_eq!(path("", &[text("facebook")]), "facebook");
        assert_eq!(path("facebook", &[text("50% | зима")]), "facebook|50%25 %7C зима");
        assert_eq!(path("", &[text("google"), text("cpc"), Value::Null]), "google|cpc|");
        assert!(is_beneath("a|b|c", "a|b") && is_beneath("a|b|c", "a"));
        assert!(!is_beneath("ab|c", "a") && !is_beneath("a", "a"));
    }

    #[test]
    fn a_row_is_asked_with_all_that_stands_above_it() {
        let table = |report| ReportQuery::new(report, Period::Month);
        let asked = |report, path: &str| query(&table(report), path).map(|query| query.to_string());
        let metrics = |query: &str| query.to_owned();
        let cases = [
            (Report::Sources, "facebook", Some("dimensions=campaign&filter=source:is:facebook")),
            (Report::Sources, "a|50%25", Some("dimensions=content&filter=source:is:a&filter=campaign:is:50%2525")),
            (Report::Sources, "a|b|c", None),
            (Report::Sources, "%zz", None),
            (Report::Campaigns, "a", None),
            (
                Report::Campaigns,
                "a|cpc|N/A",
                Some("dimensions=content&filter=source:is:a&filter=medium:is:cpc&filter=campaign:is:N/A"),
            ),
            (Report::Content, "a|b|c", None),
            (Report::GeoCountries, "", Some("dimensions=city&filter=country:empty")),
        ];
        for (report, path, expected) in cases {
            let expected = expected.map(|query| metrics(&format!("period=month&{query}&limit=10")));
            assert_eq!(asked(report, path), expected, "{report} {path}");
        }
    }

    #[test]
    fn what_cannot_be_counted_beneath_is_left_out() {
        let metrics = Some(vec![Metric::Sessions, Metric::Spend]);
        let table = ReportQuery { metrics, ..ReportQuery::new(Report::Sources, Period::Month) };
        let query = query(&table, "facebook").unwrap();
        assert_eq!(query.metrics(), [Metric::Sessions, Metric::Spend]);
        assert_eq!(query.sorted_by(), table.sorted_by());
    }
}
