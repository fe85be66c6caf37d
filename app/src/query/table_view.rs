//! What a single table shows: its order, page, search, columns and unfolded rows, as they stand in the address bar.

use std::fmt;

use utm_dispatcher::report::text::{self, encode, is_plain};
use utm_dispatcher::report::{Dimension, Direction, Filter, Key, Metric, Operator, ReportQuery, Sort, Subject};

use super::bad;
use crate::error::AppError;
use crate::labels;
use crate::unfold;

/// The last page that can be turned to: the answer to a page holds all rows before it.
pub const MAX_PAGE: usize = 40;
/// What a row of a report over time can stand for.
pub const STRETCHES: [Dimension; 4] = [Dimension::Hour, Dimension::Day, Dimension::Week, Dimension::Month];
/// At most so many rows are unfolded.
const MAX_OPEN: usize = 20;
/// At most so many characters of a search.
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
    /// The unfolded rows, by [`unfold::path`].
    pub open: Vec<String>,
    /// The stretches of time that a row stands for; the report's own choice when `None`.
    pub by: Option<Dimension>,
}

impl Default for TableView {
    fn default() -> Self {
        Self { sort: None, page: 1, find: String::new(), metrics: None, open: Vec::new(), by: None }
    }
}

impl TableView {
    /// `query` as this table asks it, with pages of `rows` rows: an answer holds those of the pages before, too. A search looks
    /// into the names of the last dimension, the one that tells rows apart. Columns that cannot be counted beside the filters are left
    /// out, and an order by a column that is not shown is given up.
    pub fn query(&self, query: ReportQuery, rows: usize) -> ReportQuery {
        let mut query = ReportQuery { limit: Some(self.page * rows), metrics: None, ..query };
        let metrics = self.metrics.iter().flatten().copied().filter(|metric| query.can_count(*metric));
        query.metrics = Some(metrics.collect()).filter(|metrics: &Vec<_>| !metrics.is_empty());
        let is_shown = |key: &Key| match key {
            Key::Metric(metric) => query.metrics().contains(metric),
            Key::Dimension(dimension) => query.dimensions().contains(dimension),
            Key::Field(_) => false,
        };
        query.sort = self.sort.filter(|sort| is_shown(&sort.key));
        if let Some(dimension) = query.dimensions().last().copied().filter(|_| !self.find.is_empty()) {
            query.filters.push(named(dimension, &self.find));
        }
        query.normalised()
    }

    /// The table in the other order by `key`: the highest number or the first name comes first, the second time the last.
    /// The order `own` goes without saying.
    #[must_use]
    pub fn sorted(&self, key: Key, now: Option<Sort>, own: Option<Sort>) -> Self {
        let first = if let Key::Metric(_) = key { Direction::Falling } else { Direction::Rising };
        let direction = match now {
            Some(Sort { key: shown, direction }) if shown == key => match direction {
                Direction::Falling => Direction::Rising,
                Direction::Rising => Direction::Falling,
            },
            _ => first,
        };
        let sort = Some(Sort { key, direction }).filter(|sort| Some(*sort) != own);
        Self { sort, page: 1, ..self.clone() }
    }

    /// The table with another page.
    #[must_use]
    pub fn turned(&self, page: usize) -> Self {
        Self { page, ..self.clone() }
    }

    /// The table with another search, from its first page.
    #[must_use]
    pub fn finding(&self, find: &str) -> Self {
        Self { find: find.to_owned(), page: 1, open: Vec::new(), ..self.clone() }
    }

    /// The table with other columns.
    #[must_use]
    pub fn with_metrics(&self, metrics: Option<Vec<Metric>>) -> Self {
        Self { metrics, ..self.clone() }
    }

    /// The table with the row at `path` unfolded or, if it was, folded with all beneath it.
    #[must_use]
    pub fn toggled(&self, path: &str) -> Self {
        let mut open = self.open.clone();
        if open.iter().any(|row| row == path) {
            open.retain(|row| row != path && !unfold::is_beneath(row, path));
        } else {
            if open.len() == MAX_OPEN {
                open.remove(0);
            }
            open.push(path.to_owned());
        }
        Self { open, ..self.clone() }
    }

    /// Takes in the parameter `name`, whose last part is `part`. Parts that nobody knows are left alone.
    pub(super) fn read(&mut self, name: &str, part: &str, value: &str) -> Result<(), AppError> {
        match part {
            "sort" => self.sort = Some(text::sort(value).map_err(|refused| bad(name, value, &refused.allowed))?),
            "page" => {
                let page = value.parse().ok().filter(|page| (1..=MAX_PAGE).contains(page));
                self.page = page.ok_or_else(|| bad(name, value, &format!("1…{MAX_PAGE}")))?;
            }
            "find" => short(name, value.trim(), MAX_LENGTH)?.clone_into(&mut self.find),
            // A form sends each column by itself.
            "columns" => {
                let metrics = self.metrics.get_or_insert_default();
                for key in value.split(',') {
                    let metric = key.parse().map_err(|_| bad(name, key, &keys(Metric::ALL)))?;
                    if !metrics.contains(&metric) {
                        metrics.push(metric);
                    }
                }
            }
            "by" => {
                let by = value.parse().ok().filter(|by| STRETCHES.contains(by));
                self.by = Some(by.ok_or_else(|| bad(name, value, &STRETCHES.map(Dimension::key).join(", ")))?);
            }
            "open" if self.open.len() < MAX_OPEN => {
                let row = short(name, value, unfold::MAX_PATH)?;
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
        if let Some(by) = self.by {
            write!(f, "&{report}.by={by}")?;
        }
        for open in &self.open {
            write!(f, "&{report}.open={}", encode(open, is_plain))?;
        }
        Ok(())
    }
}

/// Finds the rows whose names hold `part`: names as they are read, in either language, and as they are stored where nothing else
/// is read.
fn named(dimension: Dimension, part: &str) -> Filter {
    let operator = if labels::is_coded(dimension) { Operator::Is } else { Operator::Contains };
    let mut values = labels::keys_named(dimension, part);
    if operator == Operator::Contains || values.is_empty() {
        values.push(part.to_owned());
    }
    Filter { subject: Subject::Dimension(dimension), operator, values }
}

fn keys(metrics: &[Metric]) -> String {
    metrics.iter().map(|metric| metric.key()).collect::<Vec<_>>().join(",")
}

fn short<'a>(name: &str, value: &'a str, most: usize) -> Result<&'a str, AppError> {
    let is_long = value.chars().take(most + 1).count() > most;
    if is_long || value.contains('\0') { Err(bad(name, value, &format!("1…{most}"))) } else { Ok(value) }
}
