//! What a single table shows: its order, page, search, columns and unfolded rows, as they stand in the address bar.

use std::fmt;

use utm_dispatcher::report::text::{self, encode, is_plain};
use utm_dispatcher::report::{Direction, Filter, Key, Metric, Operator, ReportQuery, Sort, Subject};

use super::bad;
use crate::error::AppError;

/// The last page that can be turned to: the answer to a page holds all rows before it.
pub const MAX_PAGE: usize = 40;
/// At most so many rows are unfolded.
const MAX_OPEN: usize = 20;
/// At most so many characters of a search or an unfolded row's name.
const MAX_LENGTH: usize = 512;

/// What a table shows beside its own choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableView {
    /// Its order; the report's own when `None`.
    pub sort: Option<Sort>,
    /// The page, from 1.
    pub page: usize,
    /// What is looked for in the names; nothing when empty.
    pub find: String,
    /// The chosen columns; the report's own when `None`.
    pub metrics: Option<Vec<Metric>>,
    /// The names of the unfolded rows.
    pub open: Vec<String>,
}

impl Default for TableView {
    fn default() -> Self {
        Self { sort: None, page: 1, find: String::new(), metrics: None, open: Vec::new() }
    }
}

impl TableView {
    /// `query` as this table asks it, with pages of `rows` rows: an answer holds those of the pages before, too. A search looks
    /// into the last dimension, the one that tells rows apart. An order by a column that is not shown is given up.
    pub fn query(&self, query: ReportQuery, rows: usize) -> ReportQuery {
        let mut query = ReportQuery { limit: Some(self.page * rows), metrics: self.metrics.clone(), ..query };
        let is_shown = |key: &Key| match key {
            Key::Metric(metric) => query.metrics().contains(metric),
            Key::Dimension(dimension) => query.dimensions().contains(dimension),
            Key::Field(_) => false,
        };
        query.sort = self.sort.filter(|sort| is_shown(&sort.key));
        if let Some(dimension) = query.dimensions().last().copied().filter(|_| !self.find.is_empty()) {
            query.filters.push(Filter::new(Subject::Dimension(dimension), Operator::Contains, &self.find));
        }
        query.normalised()
    }

    /// Takes in the parameter `name`, whose last part is `part`. Parts that nobody knows are left alone.
    pub(super) fn read(&mut self, name: &str, part: &str, value: &str) -> Result<(), AppError> {
        match part {
            "sort" => self.sort = Some(text::sort(value).map_err(|refused| bad(name, value, &refused.allowed))?),
            "page" => {
                let page = value.parse().ok().filter(|page| (1..=MAX_PAGE).contains(page));
                self.page = page.ok_or_else(|| bad(name, value, &format!("1…{MAX_PAGE}")))?;
            }
            "find" => self.find = short(name, value.trim())?.to_owned(),
            "columns" => {
                let metric = |key: &str| key.parse().map_err(|_| bad(name, key, &keys(Metric::ALL)));
                let metrics = value.split(',').map(metric).collect::<Result<Vec<_>, _>>()?;
                self.metrics = Some(metrics);
            }
            "open" if self.open.len() < MAX_OPEN => {
                let row = short(name, value)?;
                if !self.open.iter().any(|open| open == row) {
                    self.open.push(row.to_owned());
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Writes what is not the table's own choice: `&sources.sort=-cr&sources.page=2`.
    pub(super) fn write(&self, report: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Sort { key, direction }) = self.sort {
            let sign = if direction == Direction::Falling { "-" } else { "" };
            write!(f, "&{report}.sort={sign}{}", key.key())?;
        }
        if self.page > 1 {
            write!(f, "&{report}.page={}", self.page)?;
        }
        if !self.find.is_empty() {
            write!(f, "&{report}.find={}", encode(&self.find, is_plain))?;
        }
        if let Some(metrics) = &self.metrics {
            write!(f, "&{report}.columns={}", keys(metrics))?;
        }
        for open in &self.open {
            write!(f, "&{report}.open={}", encode(open, is_plain))?;
        }
        Ok(())
    }
}

fn keys(metrics: &[Metric]) -> String {
    metrics.iter().map(|metric| metric.key()).collect::<Vec<_>>().join(",")
}

fn short<'a>(name: &str, value: &'a str) -> Result<&'a str, AppError> {
    let is_long = value.chars().take(MAX_LENGTH + 1).count() > MAX_LENGTH;
    if is_long || value.contains('\0') { Err(bad(name, value, &format!("1…{MAX_LENGTH}"))) } else { Ok(value) }
}
