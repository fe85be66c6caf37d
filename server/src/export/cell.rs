//! What files are made of: headed columns, and cells that know their unit.

use std::borrow::Cow;

use chrono::{NaiveDate, NaiveDateTime};
use utm_dispatcher::report::number::decimal;
use utm_dispatcher::report::{Unit, Value};

/// A column's heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// Its text.
    pub title: String,
    /// Are its numbers coloured from low to high where the file can?
    pub is_rate: bool,
}

/// One cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// No value.
    Empty,
    /// A text, maybe a visitor's.
    Text(&'a str),
    /// What names a row. No number: spreadsheets keep only 15 digits of those.
    Id(i64),
    /// An exact number; money in minor units. Without a unit it is a plain whole number, like an hour.
    Number {
        /// Above the line.
        of: i64,
        /// Below the line, positive.
        per: i64,
        /// What it is of.
        unit: Option<Unit>,
    },
    /// A local day.
    Day(NaiveDate),
    /// An instant in the store's time zone.
    Time(NaiveDateTime),
}

impl<'a> Cell<'a> {
    /// The cell of a table's value in a column of `unit`.
    pub fn of(value: &'a Value, unit: Option<Unit>) -> Self {
        match value {
            Value::Null => Self::Empty,
            Value::Text(text) => Self::Text(text),
            Value::Whole(of) => Self::Number { of: *of, per: 1, unit },
            Value::Fraction { of, per } => Self::Number { of: *of, per: *per, unit },
        }
    }

    /// A count.
    pub fn count(of: i64) -> Self {
        Self::Number { of, per: 1, unit: Some(Unit::Count) }
    }

    /// A text that may be missing.
    pub fn text(text: Option<&'a str>) -> Self {
        text.map_or(Self::Empty, Self::Text)
    }
    /// The cell as text: counts and plain numbers whole, other numbers with two decimals and a point.
    pub fn written(self) -> Cow<'a, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Id(id) => id.to_string().into(),
            Self::Number { of, per, unit } => number(of, per, unit).into(),
            Self::Day(day) => day.format("%Y-%m-%d").to_string().into(),
            Self::Time(time) => time.format("%Y-%m-%d %H:%M:%S").to_string().into(),
        }
    }
}

fn number(of: i64, per: i64, unit: Option<Unit>) -> String {
    let (of, per) = (i128::from(of), i128::from(per));
    let text = match unit {
        None | Some(Unit::Count) => decimal(of, per, 0),
        Some(Unit::Money) => decimal(of, per * 100, 2),
        Some(_) => decimal(of, per, 2),
    };
    text.unwrap_or_default()
}
