//! A question to the store. Its one text form stands in `text.rs`: address bar, REST, export and command line are
//! the same string.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::catalog::{Dimension, Metric};
use super::filter::{Filter, Operator, Subject};
use super::reports::Report;
use super::table::{Cursor, Direction, Key, Value};
use super::text::keys;
use crate::model::Period;

/// A report, narrowed to what is asked. Between browser and server it is its text form: `sources?period=month&sort=-cr`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ReportQuery {
    /// Which report.
    pub report: Report,
    /// Which days, by the sessions' start.
    pub period: Period,
    /// Which earlier days stand beside them.
    pub compare: Compare,
    /// How much of the earlier days' last one is counted.
    pub align: Align,
    /// What a year earlier means.
    pub matching: Match,
    /// What the rows are told apart by; the report's own when `None`.
    pub dimensions: Option<Vec<Dimension>>,
    /// What is counted; the report's own when `None`.
    pub metrics: Option<Vec<Metric>>,
    /// What must hold, all of it.
    pub filters: Vec<Filter>,
    /// What the rows are sorted by; in the order of time, or by the first metric, the highest first, when `None`.
    pub sort: Option<Sort>,
    /// At most so many rows; all when `None`.
    pub limit: Option<usize>,
    /// After which row to go on.
    pub cursor: Option<Cursor>,
    /// Where orders are counted.
    pub basis: Basis,
    /// How the steps of the funnel are counted.
    pub mode: Mode,
}

/// Which earlier days a period is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Compare {
    /// With none.
    #[default]
    None,
    /// With as many days just before.
    Previous,
    /// With the same days a year earlier.
    Year,
    /// With these days, both included.
    Range {
        /// The first day.
        from: NaiveDate,
        /// The last day.
        to: NaiveDate,
    },
}

/// How much of the earlier period's last day is counted while the current period goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Align {
    /// All of it.
    #[default]
    Full,
    /// As much as of today: up to the clock's time of now.
    Elapsed,
}

/// What a year earlier means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Match {
    /// The same dates.
    #[default]
    Date,
    /// The same days of the week: 364 days earlier.
    Weekday,
}

/// Where orders are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Basis {
    /// With the session that they are linked to; unlinked ones nowhere.
    #[default]
    Session,
    /// On the day on which they were paid, else placed; unlinked ones under `(not attributed)`.
    Order,
}

/// How the steps of the funnel are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// A later step implies the earlier ones.
    #[default]
    Nested,
    /// Each alone.
    Independent,
}

/// A column and a direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sort {
    /// The column.
    pub key: Key,
    /// Which end comes first.
    pub direction: Direction,
}

/// Why something cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{parameter}: “{came}” came, allowed is {allowed}")]
pub struct BadQuery {
    /// The parameter's name; `query` when there is no such parameter.
    pub parameter: &'static str,
    /// What came, cut after 100 characters.
    pub came: String,
    /// What is allowed.
    pub allowed: String,
}

/// A refusal repeats at most so much of what came.
const ECHOED: usize = 100;
/// At most so many dimensions in one query.
pub const MAX_DIMENSIONS: usize = 5;
/// At most so many filters in one query.
pub const MAX_FILTERS: usize = 20;

impl BadQuery {
    /// A refusal of `came`.
    pub fn new(parameter: &'static str, came: &str, allowed: String) -> Self {
        Self { parameter, came: came.chars().take(ECHOED).collect(), allowed }
    }
}

impl ReportQuery {
    /// The report as it is shown unless asked otherwise.
    pub fn new(report: Report, period: Period) -> Self {
        Self {
            report,
            period,
            compare: Compare::default(),
            align: Align::default(),
            matching: Match::default(),
            dimensions: None,
            metrics: None,
            filters: Vec::new(),
            sort: None,
            limit: None,
            cursor: None,
            basis: Basis::default(),
            mode: Mode::default(),
        }
    }

    /// What the rows are told apart by.
    pub fn dimensions(&self) -> &[Dimension] {
        self.dimensions.as_deref().unwrap_or(self.report.definition().dimensions)
    }

    /// What is counted, in the order of the columns.
    pub fn metrics(&self) -> &[Metric] {
        self.metrics.as_deref().unwrap_or(self.report.definition().metrics)
    }

    /// The column and direction that the rows are sorted by; `None` for a list of sessions.
    pub fn sorted_by(&self) -> Option<Sort> {
        self.sort.or_else(|| self.own_sort())
    }

    /// Which earlier days can stand beside the whole period: all of the time has nothing before it, and is asked in halves
    /// when it is to stand beside as much before.
    pub fn whole_compare(&self) -> Compare {
        let has_none = self.period == Period::AllTime && self.compare == Compare::Previous;
        if has_none { Compare::None } else { self.compare }
    }

    fn own_sort(&self) -> Option<Sort> {
        let in_time = self.dimensions().first().filter(|dimension| dimension.clock().is_some());
        match in_time {
            Some(dimension) => Some(Sort { key: Key::Dimension(*dimension), direction: Direction::Rising }),
            None => {
                self.metrics().first().map(|metric| Sort { key: Key::Metric(*metric), direction: Direction::Falling })
            }
        }
    }

    /// The same question with nothing said that goes without saying.
    #[must_use]
    pub fn normalised(mut self) -> Self {
        let own = self.report.definition();
        self.dimensions = self.dimensions.filter(|dimensions| dimensions != own.dimensions);
        self.metrics = self.metrics.filter(|metrics| metrics != own.metrics);
        self.sort = self.sort.filter(|sort| Some(*sort) != self.own_sort());
        self
    }

    /// Can this be answered? What cannot is refused by the parameter's name, before the store is asked.
    pub fn check(&self) -> Result<(), BadQuery> {
        if let Period::Range { from, to } = self.period
            && from > to
        {
            return Err(BadQuery::new("from", &from.to_string(), format!("a day that is not after {to}")));
        }
        if let Compare::Range { from, to } = self.compare
            && from > to
        {
            let allowed = "FROM..TO, the first day not after the last one".to_owned();
            return Err(BadQuery::new("compare", &self.compare.to_string(), allowed));
        }
        if self.limit == Some(0) {
            return Err(BadQuery::new("limit", "0", "a whole number from 1".to_owned()));
        }
        if let Some(filter) = self.filters.get(MAX_FILTERS) {
            return Err(BadQuery::new("filter", &filter.to_string(), format!("at most {MAX_FILTERS} filters")));
        }
        self.filters.iter().try_for_each(Filter::check)?;
        if self.report.is_list() { self.check_list() } else { self.check_table() }
    }

    fn check_list(&self) -> Result<(), BadQuery> {
        let compare = Some(self.compare).filter(|compare| *compare != Compare::None);
        let said = [
            ("dimensions", self.dimensions.as_deref().map(keys)),
            ("metrics", self.metrics.as_deref().map(keys)),
            ("sort", self.sort.map(|sort| sort.to_string())),
            ("compare", compare.map(|compare| compare.to_string())),
        ];
        if let Some((parameter, came)) = said.into_iter().find_map(|(name, said)| Some((name, said?))) {
            let allowed = "nothing: sessions come as they are, the newest first".to_owned();
            return Err(BadQuery::new(parameter, &came, allowed));
        }
        if self.cursor.as_ref().is_some_and(|cursor| cursor.session().is_none()) {
            return Err(self.bad_cursor());
        }
        Ok(())
    }

    fn check_table(&self) -> Result<(), BadQuery> {
        let (dimensions, metrics) = (self.dimensions(), self.metrics());
        if dimensions.len() > MAX_DIMENSIONS || has_repeats(dimensions) {
            let allowed = format!("at most {MAX_DIMENSIONS} dimensions, each once");
            return Err(BadQuery::new("dimensions", &keys(dimensions), allowed));
        }
        if metrics.is_empty() || has_repeats(metrics) {
            let allowed = "at least one metric, each once".to_owned();
            return Err(BadQuery::new("metrics", &keys(metrics), allowed));
        }
        if let [one, two] = dimensions.iter().filter(|one| one.definition().is_of_actions()).collect::<Vec<_>>()[..] {
            let allowed = format!("{one} or {two}: no action has both");
            return Err(BadQuery::new("dimensions", &keys(dimensions), allowed));
        }
        metrics.iter().try_for_each(|metric| self.check_metric(*metric))?;
        if let Some(sort) = self.sort {
            let is_column = match sort.key {
                Key::Dimension(dimension) => dimensions.contains(&dimension),
                Key::Metric(metric) => metrics.contains(&metric),
                Key::Field(_) => false,
            };
            if !is_column {
                let columns: Vec<_> =
                    dimensions.iter().map(|one| one.key()).chain(metrics.iter().map(|one| one.key())).collect();
                let allowed = format!("one of the columns {}", columns.join(", "));
                return Err(BadQuery::new("sort", &sort.to_string(), allowed));
            }
        }
        if self.cursor.as_ref().is_some_and(|cursor| !self.can_go_on(cursor)) {
            return Err(self.bad_cursor());
        }
        Ok(())
    }

    /// Can rows of this table be set beside `cursor`?
    fn can_go_on(&self, cursor: &Cursor) -> bool {
        let Some((first, labels)) = cursor.0.split_first() else { return false };
        let fits_first = self.sorted_by().is_none_or(|sort| match sort.key {
            Key::Dimension(dimension) => is_value_of(dimension, first),
            Key::Metric(_) | Key::Field(_) => !matches!(first, Value::Text(_)),
        });
        let dimensions = self.dimensions();
        let mut each = dimensions.iter().zip(labels);
        fits_first && labels.len() == dimensions.len() && each.all(|(dimension, label)| is_value_of(*dimension, label))
    }

    /// Can `metric` be a column, with these dimensions and filters?
    pub fn can_count(&self, metric: Metric) -> bool {
        self.check_metric(metric).is_ok()
    }

    fn check_metric(&self, metric: Metric) -> Result<(), BadQuery> {
        if let Some(dimension) = self.dimensions().iter().find(|dimension| !metric.is_split_by(**dimension)) {
            return Err(BadQuery::new("metrics", metric.key(), possible(*dimension)));
        }
        let foreign = self.filters.iter().find(|filter| {
            metric.is_of_spend() && !(filter.dimension()).is_some_and(|dimension| dimension.definition().has_spend)
        });
        foreign.map_or(Ok(()), |filter| {
            let allowed = format!("a metric that is not of spend beside a filter on {}", filter.subject.key());
            Err(BadQuery::new("metrics", metric.key(), allowed))
        })
    }

    fn bad_cursor(&self) -> BadQuery {
        let came = self.cursor.as_ref().map(Cursor::to_string).unwrap_or_default();
        BadQuery::new("cursor", &came, "what an earlier answer to the same query named as the next one".to_owned())
    }

    /// Is a part of the question about what identifies people? Not everybody may ask that.
    pub fn is_personal(&self) -> bool {
        self.filters.iter().any(|filter| matches!(filter.subject, Subject::Order | Subject::Anything))
    }

    /// The values of the filters on `dimension` with `operator`.
    pub fn filtered(&self, dimension: Dimension, operator: Operator) -> impl Iterator<Item = &str> {
        let filters = self.filters.iter();
        let filters =
            filters.filter(move |filter| filter.dimension() == Some(dimension) && filter.operator == operator);
        filters.flat_map(|filter| filter.values.iter().map(String::as_str))
    }
}

/// Can `value` stand in a row's cell of `dimension`?
fn is_value_of(dimension: Dimension, value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Text(_) => !dimension.is_number(),
        Value::Whole(_) => dimension.is_number(),
        Value::Fraction { .. } => false,
    }
}

fn has_repeats<T: PartialEq>(all: &[T]) -> bool {
    all.iter().enumerate().any(|(place, one)| all[..place].contains(one))
}

/// Which metrics `dimension` can have.
fn possible(dimension: Dimension) -> String {
    let metrics = Metric::ALL.iter().filter(|metric| metric.is_split_by(dimension));
    format!("by {dimension} only {}", metrics.map(|metric| metric.key()).collect::<Vec<_>>().join(", "))
}
