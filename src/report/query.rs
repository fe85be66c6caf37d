//! A question to the store, and its one text form: address bar, REST, export and command line are the same string.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::catalog::{Dimension, Metric};
use super::reports::Report;
use super::table::Direction;
use crate::model::Period;

/// A report, narrowed to what is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ReportQuery {
    /// Which report.
    pub report: Report,
    /// Which days, by the sessions' start.
    pub period: Period,
    /// Which metric the rows are sorted by; the report's first one, falling, when `None`.
    pub sort: Option<(Metric, Direction)>,
    /// At most so many rows; all when `None`.
    pub limit: Option<usize>,
}

impl ReportQuery {
    /// The report as it is shown unless asked otherwise.
    pub fn new(report: Report, period: Period) -> Self {
        Self { report, period, sort: None, limit: None }
    }

    /// What the rows are told apart by.
    pub fn dimensions(&self) -> &'static [Dimension] {
        self.report.definition().dimensions
    }

    /// What is counted, in the order of the columns.
    pub fn metrics(&self) -> &'static [Metric] {
        self.report.definition().metrics
    }

    /// The metric and direction that the rows are sorted by.
    pub fn sorted_by(&self) -> (Metric, Direction) {
        self.sort.unwrap_or((self.metrics()[0], Direction::Falling))
    }
}

/// The normalised text form, defaults left out: `period=month&sort=-revenue&limit=20`. The report's name is not
/// part of it: it stands in the path.
impl fmt::Display for ReportQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.period {
            Period::Range { from, to } => write!(f, "from={from}&to={to}")?,
            named => write!(f, "period={named}")?,
        }
        if let Some((metric, direction)) = self.sort {
            let sign = if direction == Direction::Falling { "-" } else { "" };
            write!(f, "&sort={sign}{metric}")?;
        }
        if let Some(limit) = self.limit {
            write!(f, "&limit={limit}")?;
        }
        Ok(())
    }
}
