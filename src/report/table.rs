//! The answer to a query: columns, rows, totals.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::catalog::{Dimension, Metric, Unit};
use super::number::decimal;
use super::session_list::SessionField;
use super::text::{decode, encode};
use crate::model::Id;

/// What a column shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind", content = "key")]
pub enum Key {
    /// What the rows are told apart by.
    Dimension(Dimension),
    /// What is counted.
    Metric(Metric),
    /// What a list tells of a single session.
    Field(SessionField),
}

impl Key {
    /// The word for it in addresses, JSON and exports.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Dimension(dimension) => dimension.key(),
            Self::Metric(metric) => metric.key(),
            Self::Field(field) => field.key(),
        }
    }

    /// What its numbers are of; `None` for texts and times.
    pub const fn unit(self) -> Option<Unit> {
        match self {
            Self::Dimension(_) => None,
            Self::Metric(metric) => Some(metric.definition().0),
            Self::Field(field) => field.definition().0,
        }
    }
}

/// One column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// What it shows.
    #[serde(flatten)]
    pub key: Key,
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Value {
    /// Not known, or a quotient whose denominator is 0.
    Null,
    /// A dimension's value, or another text.
    Text(String),
    /// A count, or minor units of money.
    Whole(i64),
    /// An exact fraction, in the unit of its column (minor units for money). The denominator is positive.
    Fraction {
        /// Above the line.
        of: i64,
        /// Below the line.
        per: i64,
    },
}

impl Value {
    /// The number as numerator and denominator; `None` for texts and for what has no value.
    pub fn fraction(&self) -> Option<(i128, i128)> {
        match self {
            Self::Whole(whole) => Some((i128::from(*whole), 1)),
            Self::Fraction { of, per } => Some((i128::from(*of), i128::from(*per))),
            Self::Null | Self::Text(_) => None,
        }
    }

    /// The number as people and APIs read it: counts whole, everything else with two decimals, money in
    /// whole units of currency: `"1499.00"`. `None` for texts and for what has no value.
    pub fn decimal(&self, unit: Unit) -> Option<String> {
        let (of, per) = self.fraction()?;
        match unit {
            Unit::Count => decimal(of, per, 0),
            Unit::Money => decimal(of, per * 100, 2),
            Unit::Percent | Unit::Number | Unit::Seconds => decimal(of, per, 2),
        }
    }

    /// By number or text, a text by its code points; what has no value comes last in both directions.
    pub fn compare(&self, other: &Self, direction: Direction) -> Ordering {
        match (self, other) {
            (Self::Null, Self::Null) => Ordering::Equal,
            (Self::Null, _) => Ordering::Greater,
            (_, Self::Null) => Ordering::Less,
            (Self::Text(one), Self::Text(two)) => direction.of(one.cmp(two)),
            _ => match (self.fraction(), other.fraction()) {
                (Some((a, b)), Some((c, d))) => direction.of((a * d).cmp(&(c * b))),
                (one, two) => one.is_some().cmp(&two.is_some()),
            },
        }
    }
}

/// Which end comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Direction {
    /// The lowest first.
    Rising,
    /// The highest first.
    Falling,
}

impl Direction {
    fn of(self, order: Ordering) -> Ordering {
        match self {
            Self::Rising => order,
            Self::Falling => order.reverse(),
        }
    }
}

/// Where an answer broke off: the sorted cell of the last row and its dimensions' cells, from left to right.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Cursor(pub Vec<Value>);

impl Cursor {
    /// Before the sessions that come after this one in a list.
    pub fn of_session(started_at: i64, id: Id) -> Self {
        Self(vec![Value::Whole(started_at), Value::Whole(id.0)])
    }

    /// The start and id of the session that it names, if it is one of a list of sessions.
    pub fn session(&self) -> Option<(i64, Id)> {
        if let [Value::Whole(started_at), Value::Whole(id)] = self.0[..] { Some((started_at, Id(id))) } else { None }
    }
}

/// The cells, a letter for the kind before each.
impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, value) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(",")?;
            }
            match value {
                Value::Null => f.write_str("n")?,
                Value::Whole(whole) => write!(f, "w{whole}")?,
                Value::Fraction { of, per } => write!(f, "f{of}_{per}")?,
                Value::Text(text) => write!(f, "t{}", encode(text, |byte| byte.is_ascii_alphanumeric()))?,
            }
        }
        Ok(())
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        cursor.to_string()
    }
}

impl TryFrom<String> for Cursor {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map_err(|()| "no cursor")
    }
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let cell = |text: &str| {
            let rest = text.get(1..)?;
            Some(match text.as_bytes()[0] {
                b'n' if rest.is_empty() => Value::Null,
                b'w' => Value::Whole(rest.parse().ok()?),
                b'f' => {
                    let (of, per) = rest.split_once('_')?;
                    let per = per.parse().ok().filter(|per| *per > 0)?;
                    Value::Fraction { of: of.parse().ok()?, per }
                }
                b't' => Value::Text(decode(rest)?),
                _ => return None,
            })
        };
        text.split(',').map(cell).collect::<Option<_>>().map(Self).ok_or(())
    }
}

/// The earlier period's half of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    /// A row beside each row of the table: of the same group or, over time, of the same place in the period. A group
    /// that was not there has zeros.
    pub rows: Vec<Vec<Value>>,
    /// The whole earlier period.
    pub totals: Vec<Value>,
}

/// What a reader should know of the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Warning {
    /// So many sessions came from addresses whose place is not known.
    WithoutPlace(i64),
}

/// In English, for APIs.
impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WithoutPlace(sessions) => write!(f, "{sessions} sessions without place"),
        }
    }
}

/// The answer to a query.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// What was asked, normalised.
    pub query: String,
    /// Dimensions first, then metrics; a list's fields.
    pub columns: Vec<Column>,
    /// The page of rows that was asked for, each with a cell per column.
    pub rows: Vec<Vec<Value>>,
    /// The same query without dimensions, over all rows; the dimensions' cells are null.
    pub totals: Vec<Value>,
    /// The earlier period, when one was asked for.
    pub previous: Option<Previous>,
    /// How many rows there are on all pages.
    pub total_rows: usize,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<Cursor>,
    /// What should be known of the numbers.
    pub warnings: Vec<Warning>,
}

impl Column {
    /// The column's unit; `None` for a dimension.
    pub fn unit(&self) -> Option<Unit> {
        self.key.unit()
    }
}

impl Table {
    /// The place of `metric` among the columns.
    pub fn column_of(&self, metric: Metric) -> Option<usize> {
        self.place_of(Key::Metric(metric))
    }

    /// The place of a column.
    pub fn place_of(&self, key: Key) -> Option<usize> {
        self.columns.iter().position(|column| column.key == key)
    }

    /// The total of `metric`; null when the table has no such column.
    pub fn total(&self, metric: Metric) -> &Value {
        self.column_of(metric).and_then(|place| self.totals.get(place)).unwrap_or(&Value::Null)
    }

    /// The total of `metric` in the earlier period; null when there is none.
    pub fn previous_total(&self, metric: Metric) -> &Value {
        let totals = self.previous.as_ref().map(|previous| &previous.totals);
        self.column_of(metric).and_then(|place| totals?.get(place)).unwrap_or(&Value::Null)
    }

    /// How many dimensions stand before the metrics.
    fn dimensions(&self) -> usize {
        self.columns.iter().take_while(|column| matches!(column.key, Key::Dimension(_))).count()
    }

    /// Sorts by the column `by`, then by the dimensions from left to right by code point.
    pub fn sort(&mut self, by: usize, direction: Direction) {
        let dimensions = self.dimensions();
        self.rows.sort_by(|one, two| {
            let first = one[by].compare(&two[by], direction);
            first.then_with(|| in_order(&one[..dimensions], &two[..dimensions]))
        });
    }

    /// Keeps the page of the sorted rows that comes after `cursor`, of at most `limit` rows, and says where the next
    /// one begins.
    pub fn turn_to(&mut self, (by, direction): (usize, Direction), cursor: Option<&Cursor>, limit: Option<usize>) {
        let dimensions = self.dimensions();
        if let Some(Cursor(cells)) = cursor
            && let [cell, labels @ ..] = &cells[..]
        {
            self.rows.retain(|row| {
                let first = row[by].compare(cell, direction);
                first.then_with(|| in_order(&row[..dimensions], labels)).is_gt()
            });
        }
        let Some(limit) = limit.filter(|limit| *limit < self.rows.len()) else { return };
        self.rows.truncate(limit);
        self.next =
            self.rows.last().map(|row| Cursor([&row[by]].into_iter().chain(&row[..dimensions]).cloned().collect()));
    }
}

fn in_order(one: &[Value], two: &[Value]) -> Ordering {
    let orders = one.iter().zip(two).map(|(one, two)| one.compare(two, Direction::Rising));
    orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(source: &str, value: Value) -> Vec<Value> {
        vec![Value::Text(source.into()), value]
    }

    #[test]
    fn sorted_by_metric_then_by_text_with_nulls_last_both_ways() {
        let columns = vec![Column { key: Key::Dimension(Dimension::Source) }, Column { key: Key::Metric(Metric::Cr) }];
        let rows = vec![
            row("б", Value::Fraction { of: 1, per: 3 }),
            row("a", Value::Null),
            row("z", Value::Fraction { of: 2, per: 6 }),
            row("m", Value::Whole(2)),
        ];
        let mut table = Table { columns, rows, total_rows: 4, ..Table::default() };
        let order = |table: &Table| -> Vec<String> {
            table
                .rows
                .iter()
                .map(|row| if let Value::Text(text) = &row[0] { text.clone() } else { String::new() })
                .collect()
        };
        table.sort(1, Direction::Falling);
        assert_eq!(order(&table), ["m", "z", "б", "a"]);
        table.sort(1, Direction::Rising);
        assert_eq!(order(&table), ["z", "б", "m", "a"]);
    }

    #[test]
    fn fault_u6_pages_follow_each_other_without_a_gap_or_a_repeat() {
        let columns = vec![Column { key: Key::Dimension(Dimension::Source) }, Column { key: Key::Metric(Metric::Cr) }];
        let values = [Value::Null, Value::Whole(3), Value::Fraction { of: 6, per: 2 }, Value::Whole(1), Value::Null];
        let rows: Vec<_> =
            ["d", "c", "b,%", "a", "б"].into_iter().zip(values).map(|(text, value)| row(text, value)).collect();
        for direction in [Direction::Rising, Direction::Falling] {
            let mut whole = Table { columns: columns.clone(), rows: rows.clone(), ..Table::default() };
            whole.sort(1, direction);
            let (mut pages, mut cursor) = (Vec::new(), None);
            loop {
                let mut page = Table { columns: columns.clone(), rows: rows.clone(), ..Table::default() };
                page.sort(1, direction);
                page.turn_to((1, direction), cursor.as_ref(), Some(2));
                pages.extend(page.rows);
                let Some(next) = page.next else { break };
                assert_eq!(next.to_string().parse(), Ok(next.clone()));
                cursor = Some(next);
            }
            assert_eq!(pages, whole.rows);
        }
    }

    #[test]
    fn numbers_as_people_read_them() {
        assert_eq!(Value::Whole(149_900).decimal(Unit::Money).as_deref(), Some("1499.00"));
        assert_eq!(Value::Fraction { of: 149_950, per: 4 }.decimal(Unit::Money).as_deref(), Some("374.88"));
        assert_eq!(Value::Fraction { of: 500, per: 37 }.decimal(Unit::Percent).as_deref(), Some("13.51"));
        assert_eq!(Value::Whole(7).decimal(Unit::Count).as_deref(), Some("7"));
        assert_eq!(Value::Null.decimal(Unit::Money), None);
    }
}
