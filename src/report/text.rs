//! The text form of a query: `period=month&filter=source:is:facebook&sort=-revenue`, read and written.

use std::fmt::{self, Write};

use super::filter::{Filter, day};
use super::query::{Align, BadQuery, Basis, Compare, Match, Mode, ReportQuery, Sort};
use super::reports::Report;
use super::table::{Cursor, Direction, Key};
use crate::model::Period;

/// Escapes every byte of `text` that is not `plain`.
pub fn encode(text: &str, plain: fn(u8) -> bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for char in text.chars() {
        let mut bytes = [0; 4];
        let bytes = char.encode_utf8(&mut bytes).as_bytes();
        if bytes.iter().all(|byte| plain(*byte)) {
            encoded.push(char);
        } else {
            for byte in bytes {
                // Writing to a String cannot fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

/// Undoes [`encode`]; `None` when a `%` is not followed by two hexadecimal digits, or the bytes are no UTF-8.
pub fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
            let (high, low) = (digit()?, digit()?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// The decoded pairs of a query string: the part of an address after `?`.
pub fn pairs(text: &str) -> Result<Vec<(String, String)>, BadQuery> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decoded = |text: &str| {
            decode(&text.replace('+', " "))
                .ok_or_else(|| BadQuery::new("query", text, "percent-encoded UTF-8".to_owned()))
        };
        Ok((decoded(name)?, decoded(value)?))
    };
    text.split('&').filter(|pair| !pair.is_empty()).map(pair).collect()
}

/// What stands as it is in an address: it is neither a separator there nor changed on the way.
pub fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.~:/,".contains(&byte)
}

impl ReportQuery {
    /// Reads a query string: the part of an address after `?`. Unknown names, names that stand twice and values
    /// that are not allowed are refused, and so is what cannot be counted ([`ReportQuery::check`]).
    pub fn parse(report: Report, text: &str) -> Result<Self, BadQuery> {
        Self::from_pairs(report, pairs(text)?)
    }

    /// Reads parameters that are decoded already.
    pub fn from_pairs(report: Report, pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, BadQuery> {
        let query = Self::read(report, pairs)?;
        query.check()?;
        Ok(query)
    }

    /// Reads what may be a question that cannot be asked.
    fn read(report: Report, pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, BadQuery> {
        let mut query = Self::new(report, Period::default());
        let (mut from, mut to) = (None, None);
        let mut seen = Vec::new();
        for (name, value) in pairs {
            let Some(name) = NAMES.into_iter().find(|known| *known == name) else {
                return Err(BadQuery::new("query", &name, format!("only {}", NAMES.join(", "))));
            };
            if name != "filter" && seen.contains(&name) {
                return Err(BadQuery::new(name, &value, "once".to_owned()));
            }
            seen.push(name);
            match name {
                "period" => query.period = value.parse().map_err(|_| bad(name, &value, PERIODS))?,
                "from" => from = Some(day(&value).ok_or_else(|| bad(name, &value, DAY))?),
                "to" => to = Some(day(&value).ok_or_else(|| bad(name, &value, DAY))?),
                "compare" => query.compare = compare(&value)?,
                "align" => query.align = one_of(name, &value, &[("full", Align::Full), ("elapsed", Align::Elapsed)])?,
                "match" => {
                    query.matching = one_of(name, &value, &[("date", Match::Date), ("weekday", Match::Weekday)])?;
                }
                "dimensions" => query.dimensions = Some(list(name, &value)?),
                "metrics" => query.metrics = Some(list(name, &value)?),
                "filter" => query.filters.push(value.parse()?),
                "sort" => query.sort = Some(sort(&value)?),
                "limit" => query.limit = Some(limit(&value)?),
                "cursor" => query.cursor = Some(value.parse().map_err(|()| bad(name, &value, CURSOR))?),
                "basis" => {
                    query.basis = one_of(name, &value, &[("session", Basis::Session), ("order", Basis::Order)])?;
                }
                _ => {
                    let modes = [("nested", Mode::Nested), ("independent", Mode::Independent)];
                    query.mode = one_of(name, &value, &modes)?;
                }
            }
        }
        match (from, to) {
            (None, None) => {}
            (Some(from), None) => return Err(bad("to", &format!("nothing beside from={from}"), DAY)),
            (None, Some(to)) => return Err(bad("from", &format!("nothing beside to={to}"), DAY)),
            (Some(_), Some(_)) if seen.contains(&"period") => {
                return Err(bad("period", &query.period.to_string(), "a period, or from and to, but not both"));
            }
            (Some(from), Some(to)) => query.period = Period::Range { from, to },
        }
        Ok(query.normalised())
    }
}

impl From<ReportQuery> for String {
    fn from(query: ReportQuery) -> Self {
        format!("{}?{query}", query.report)
    }
}

impl TryFrom<String> for ReportQuery {
    type Error = BadQuery;

    fn try_from(text: String) -> Result<Self, BadQuery> {
        let (report, text) = text.split_once('?').unwrap_or((&text, ""));
        let report = report.parse().map_err(|_| bad("report", report, "the key of a report"))?;
        Self::read(report, pairs(text)?)
    }
}

/// Every name of a parameter, in the order of the normalised form.
pub const NAMES: [&str; 14] = [
    "period",
    "from",
    "to",
    "compare",
    "align",
    "match",
    "dimensions",
    "metrics",
    "filter",
    "sort",
    "limit",
    "cursor",
    "basis",
    "mode",
];

const PERIODS: &str = "today, week, month or all_time";
const DAY: &str = "a day from 1970-01-01 to 9999-12-31 as YYYY-MM-DD";
const CURSOR: &str = "what an earlier answer named as the next one";

fn bad(parameter: &'static str, came: &str, allowed: &str) -> BadQuery {
    BadQuery::new(parameter, came, allowed.to_owned())
}

fn one_of<T: Copy>(name: &'static str, text: &str, all: &[(&str, T)]) -> Result<T, BadQuery> {
    all.iter().find(|(key, _)| *key == text).map(|(_, value)| *value).ok_or_else(|| {
        let keys: Vec<_> = all.iter().map(|(key, _)| *key).collect();
        BadQuery::new(name, text, keys.join(" or "))
    })
}

fn compare(text: &str) -> Result<Compare, BadQuery> {
    let allowed = "none, previous, year or FROM..TO, two days as YYYY-MM-DD";
    match text {
        "none" => Ok(Compare::None),
        "previous" => Ok(Compare::Previous),
        "year" => Ok(Compare::Year),
        range => {
            let days = range.split_once("..").and_then(|(from, to)| Some((day(from)?, day(to)?)));
            let (from, to) = days.ok_or_else(|| bad("compare", text, allowed))?;
            Ok(Compare::Range { from, to })
        }
    }
}

fn list<T: std::str::FromStr<Err = E>, E: fmt::Display>(name: &'static str, text: &str) -> Result<Vec<T>, BadQuery> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let one = |key: &str| key.parse().map_err(|error: E| BadQuery::new(name, key, error.to_string()));
    text.split(',').map(one).collect()
}

/// A column and a direction: `-revenue`.
pub fn sort(text: &str) -> Result<Sort, BadQuery> {
    let (direction, key) = text.strip_prefix('-').map_or((Direction::Rising, text), |key| (Direction::Falling, key));
    let key = key.parse().map(Key::Metric).or_else(|_| key.parse().map(Key::Dimension));
    let key = key.map_err(|_| bad("sort", text, "a column's key, with - before it for the highest first"))?;
    Ok(Sort { key, direction })
}

fn limit(text: &str) -> Result<usize, BadQuery> {
    // `parse` would take a sign.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit()).then_some(text);
    let limit = digits.and_then(|text| text.parse().ok()).filter(|limit| *limit >= 1);
    limit.ok_or_else(|| bad("limit", text, "a whole number from 1"))
}

/// The normalised text form, defaults left out: `period=month&sort=-revenue&limit=20`. The report's name is not
/// part of it: it stands in the path.
impl fmt::Display for ReportQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let normal = self.clone().normalised();
        match normal.period {
            Period::Range { from, to } => write!(f, "from={from}&to={to}")?,
            named => write!(f, "period={named}")?,
        }
        if normal.compare != Compare::None {
            write!(f, "&compare={}", normal.compare)?;
        }
        if normal.align == Align::Elapsed {
            f.write_str("&align=elapsed")?;
        }
        if normal.matching == Match::Weekday {
            f.write_str("&match=weekday")?;
        }
        if let Some(dimensions) = &normal.dimensions {
            write!(f, "&dimensions={}", keys(dimensions))?;
        }
        if let Some(metrics) = &normal.metrics {
            write!(f, "&metrics={}", keys(metrics))?;
        }
        for filter in &normal.filters {
            write!(f, "&filter={}", encode(&Filter::to_string(filter), is_plain))?;
        }
        if let Some(sort) = normal.sort {
            write!(f, "&sort={sort}")?;
        }
        if let Some(limit) = normal.limit {
            write!(f, "&limit={limit}")?;
        }
        if let Some(cursor) = &normal.cursor {
            write!(f, "&cursor={}", encode(&Cursor::to_string(cursor), is_plain))?;
        }
        if normal.basis == Basis::Order {
            f.write_str("&basis=order")?;
        }
        if normal.mode == Mode::Independent {
            f.write_str("&mode=independent")?;
        }
        Ok(())
    }
}

/// As `compare` is written.
impl fmt::Display for Compare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Previous => f.write_str("previous"),
            Self::Year => f.write_str("year"),
            Self::Range { from, to } => write!(f, "{from}..{to}"),
        }
    }
}

/// A column's key, with `-` before it for the highest first.
impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.direction == Direction::Falling { "-" } else { "" };
        write!(f, "{sign}{}", self.key.key())
    }
}

/// As lists of dimensions and metrics are written.
pub fn keys<T: fmt::Display>(all: &[T]) -> String {
    all.iter().map(T::to_string).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests;
