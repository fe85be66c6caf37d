//! The answer to a query: columns, rows, totals.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::catalog::{Dimension, Metric, Unit};
use super::number::decimal;

/// What a column shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind", content = "key")]
pub enum Key {
    /// What the rows are told apart by.
    Dimension(Dimension),
    /// What is counted.
    Metric(Metric),
}

/// One column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// What it shows.
    #[serde(flatten)]
    pub key: Key,
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// Not known, or a quotient whose denominator is 0.
    Null,
    /// A dimension's value.
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
            Unit::Percent | Unit::Number => decimal(of, per, 2),
        }
    }

    /// By number or text; what has no value comes last.
    fn compare(&self, other: &Self, direction: Direction) -> Ordering {
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

/// The answer to a query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Dimensions first, then metrics.
    pub columns: Vec<Column>,
    /// The page of rows that was asked for, each with a cell per column.
    pub rows: Vec<Vec<Value>>,
    /// The same query without dimensions, over all rows; the dimensions' cells are null.
    pub totals: Vec<Value>,
    /// How many rows there are on all pages.
    pub total_rows: usize,
}

impl Column {
    /// The column's unit; `None` for a dimension.
    pub fn unit(&self) -> Option<Unit> {
        match self.key {
            Key::Metric(metric) => Some(metric.definition().0),
            Key::Dimension(_) => None,
        }
    }
}

impl Table {
    /// The place of `metric` among the columns.
    pub fn column_of(&self, metric: Metric) -> Option<usize> {
        self.columns.iter().position(|column| column.key == Key::Metric(metric))
    }

    /// The total of `metric`; null when the table has no such column.
    pub fn total(&self, metric: Metric) -> &Value {
        self.column_of(metric).and_then(|place| self.totals.get(place)).unwrap_or(&Value::Null)
    }

    /// Sorts by the column `by`, then by the dimensions from left to right by code point.
    pub fn sort(&mut self, by: usize, direction: Direction) {
        let dimensions = self.columns.iter().take_while(|column| matches!(column.key, Key::Dimension(_))).count();
        self.rows.sort_by(|one, two| {
            one[by].compare(&two[by], direction).then_with(|| {
                (0..dimensions)
                    .map(|place| one[place].compare(&two[place], Direction::Rising))
                    .find(|order| order.is_ne())
                    .unwrap_or(Ordering::Equal)
            })
        });
    }
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
        let mut table = Table { columns, rows, totals: vec![], total_rows: 4 };
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
    fn numbers_as_people_read_them() {
        assert_eq!(Value::Whole(149_900).decimal(Unit::Money).as_deref(), Some("1499.00"));
        assert_eq!(Value::Fraction { of: 149_950, per: 4 }.decimal(Unit::Money).as_deref(), Some("374.88"));
        assert_eq!(Value::Fraction { of: 500, per: 37 }.decimal(Unit::Percent).as_deref(), Some("13.51"));
        assert_eq!(Value::Whole(7).decimal(Unit::Count).as_deref(), Some("7"));
        assert_eq!(Value::Null.decimal(Unit::Money), None);
    }
}
