//! A statement and its bound values: nothing from outside ever becomes part of the text.

use std::fmt::Write;

use chrono::NaiveDate;

use crate::model::{Id, Money};

use super::error::StoreError;

/// A value to bind. Each carries its type even when it is null: PostgreSQL asks for it.
#[derive(Clone, Debug, PartialEq)]
pub enum Bind {
    /// `bigint` or `smallint`.
    Int(Option<i64>),
    /// `text`.
    Text(Option<String>),
}

impl From<i64> for Bind {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<Option<i64>> for Bind {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Bind {
    fn from(value: bool) -> Self {
        Self::Int(Some(value.into()))
    }
}

impl From<Id> for Bind {
    fn from(id: Id) -> Self {
        Self::Int(Some(id.0))
    }
}

impl From<Option<Id>> for Bind {
    fn from(id: Option<Id>) -> Self {
        Self::Int(id.map(|id| id.0))
    }
}

impl From<Money> for Bind {
    fn from(amount: Money) -> Self {
        Self::Int(Some(amount.0))
    }
}

impl From<Option<Money>> for Bind {
    fn from(amount: Option<Money>) -> Self {
        Self::Int(amount.map(|amount| amount.0))
    }
}

impl From<&str> for Bind {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<String> for Bind {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<Option<String>> for Bind {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

impl From<&Option<String>> for Bind {
    fn from(text: &Option<String>) -> Self {
        Self::Text(text.clone())
    }
}

impl From<Option<&str>> for Bind {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(str::to_owned))
    }
}

/// A statement under construction. Placeholders are `$1 … $n`, which both databases take.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sql {
    /// The text.
    pub text: String,
    /// The values, the first one for `$1`.
    pub values: Vec<Bind>,
}

impl Sql {
    /// A statement that begins with `text`.
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), values: Vec::new() }
    }

    /// Appends text of our own.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Appends a placeholder and binds `value` to it.
    pub fn push_bind(&mut self, value: impl Into<Bind>) -> &mut Self {
        self.values.push(value.into());
        // Writing to a String cannot fail.
        let _ = write!(self.text, "${}", self.values.len());
        self
    }

    /// Appends `($1, $2 …)`.
    pub fn push_list<B: Into<Bind>>(&mut self, values: impl IntoIterator<Item = B>) -> &mut Self {
        self.push("(");
        for (place, value) in values.into_iter().enumerate() {
            if place > 0 {
                self.push(", ");
            }
            self.push_bind(value);
        }
        self.push(")")
    }

    /// Binds the next placeholder that the text already holds.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Bind>) -> Self {
        self.values.push(value.into());
        self
    }
}

/// A cell as the database gave it.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// `bigint` or `smallint`.
    Int(i64),
    /// `text`.
    Text(String),
}

/// A row as the database gave it; columns are asked for by place.
#[derive(Clone, Debug, PartialEq)]
pub struct Row(pub Vec<Cell>);

impl Row {
    fn cell(&self, column: usize) -> &Cell {
        self.0.get(column).unwrap_or(&Cell::Null)
    }

    /// A whole number.
    pub fn int(&self, column: usize) -> Result<i64, StoreError> {
        self.opt_int(column)?.ok_or(StoreError::Shape { column, expected: "a whole number" })
    }

    /// A whole number or null.
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        match self.cell(column) {
            Cell::Null => Ok(None),
            Cell::Int(value) => Ok(Some(*value)),
            Cell::Text(_) => Err(StoreError::Shape { column, expected: "a whole number" }),
        }
    }

    /// A text.
    pub fn text(&self, column: usize) -> Result<String, StoreError> {
        self.opt_text(column)?.ok_or(StoreError::Shape { column, expected: "a text" })
    }

    /// A text or null.
    pub fn opt_text(&self, column: usize) -> Result<Option<String>, StoreError> {
        match self.cell(column) {
            Cell::Null => Ok(None),
            Cell::Text(text) => Ok(Some(text.clone())),
            Cell::Int(_) => Err(StoreError::Shape { column, expected: "a text" }),
        }
    }

    /// A day stored as `YYYY-MM-DD`, or null.
    pub fn opt_day(&self, column: usize) -> Result<Option<NaiveDate>, StoreError> {
        let day = self.opt_text(column)?.map(|day| day.parse());
        day.transpose().map_err(|_| StoreError::Shape { column, expected: "a day" })
    }

    /// A flag stored as 0 or 1.
    pub fn flag(&self, column: usize) -> Result<bool, StoreError> {
        Ok(self.int(column)? != 0)
    }

    /// An id.
    pub fn id(&self, column: usize) -> Result<Id, StoreError> {
        self.int(column).map(Id)
    }

    /// A text that is one of a closed set: a status, a role.
    pub fn parsed<T: std::str::FromStr>(&self, column: usize, expected: &'static str) -> Result<T, StoreError> {
        self.text(column)?.parse().map_err(|_| StoreError::Shape { column, expected })
    }
}
