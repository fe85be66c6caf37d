//! The address bar: the one place that reads the state of the dashboard from it and writes it into links.
//!
//! What is asked of the store (period, comparison, filters) stands there in the text form that all queries share; beside it
//! stand what a single table shows (`sources.sort=-cr`), the open session and the chosen board. Names that nobody knows are
//! left alone: `section=dispatcher` and the like come with old bookmarks.

mod draft;
mod table_view;

use std::collections::BTreeMap;

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use utm_dispatcher::model::{Id, Period};
use utm_dispatcher::report::text::{encode, is_plain, pairs};
use utm_dispatcher::report::{Align, Compare, Dimension, Filter, Mode, Operator, Report, ReportQuery, Subject, Value};

pub use draft::{COMPARE_FROM, COMPARE_TO, CUSTOM, FILTER_AT, FILTER_OPERATOR, FILTER_SUBJECT, FILTER_VALUES};
pub use table_view::{MAX_PAGE, STRETCHES, TableView};

use crate::error::AppError;
use crate::routes::HOME;

/// Parameters of the shared text form that hold for the whole dashboard.
const SHARED: [&str; 9] = ["period", "from", "to", "compare", "align", "match", "filter", "basis", "mode"];
const SESSION: &str = "session";
const BOARD: &str = "board";

/// What the address bar says: the whole state of the dashboard. Between browser and server it is that text.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct View {
    /// Period, comparison, filters, basis and mode: what every widget asks.
    pub scope: ReportQuery,
    /// What single tables show, where it is not their own choice.
    pub tables: BTreeMap<Report, TableView>,
    /// The session whose details are open.
    pub session: Option<Id>,
    /// The name of the board; the first one when `None`.
    pub board: Option<String>,
}

impl Default for View {
    fn default() -> Self {
        Self::of(Period::default())
    }
}

impl View {
    /// The dashboard of a period, as it is without any choice: beside as much of the days before.
    pub fn of(period: Period) -> Self {
        let scope = ReportQuery {
            compare: Compare::Previous,
            align: Align::Elapsed,
            ..ReportQuery::new(Report::General, period)
        };
        Self { scope, tables: BTreeMap::new(), session: None, board: None }
    }

    /// Reads the part of an address after `?`.
    pub fn read(search: &str) -> Result<Self, AppError> {
        let mut all = pairs(search.trim_start_matches('?'))?;
        draft::fold(&mut all)?;
        let mut view = Self::default();
        let has = |name: &str| all.iter().any(|(key, _)| key == name);
        let (is_compared, is_aligned) = (has("compare"), has("align"));
        let mut shared = Vec::new();
        for (name, value) in all {
            if SHARED.contains(&name.as_str()) {
                shared.push((name, value));
            } else if name == SESSION {
                view.session = Some(session(&value)?);
            } else if name == BOARD {
                view.board = Some(value).filter(|board| !board.is_empty());
            } else if let Some((report, part)) = name.split_once('.')
                && let Ok(report) = report.parse::<Report>()
            {
                view.tables.entry(report).or_default().read(&name, part, &value)?;
            }
        }
        let asked = ReportQuery::from_pairs(Report::General, shared)?;
        view.scope = ReportQuery {
            compare: if is_compared { asked.compare } else { view.scope.compare },
            align: if is_aligned { asked.align } else { view.scope.align },
            ..asked
        };
        view.tables.retain(|_, table| *table != TableView::default());
        Ok(view)
    }

    /// The address that shows this.
    pub fn href(&self) -> String {
        format!("{HOME}?{self}")
    }

    /// What a widget asks: the report as the whole dashboard is narrowed. All of the time has nothing before it: with the period
    /// before beside it, the store would halve it.
    pub fn query(&self, report: Report) -> ReportQuery {
        ReportQuery { report, compare: self.scope.whole_compare(), ..self.scope.clone() }
    }

    /// What the table of `report` shows.
    pub fn table(&self, report: Report) -> TableView {
        self.tables.get(&report).cloned().unwrap_or_default()
    }

    /// The same dashboard with another view of one table.
    #[must_use]
    pub fn with_table(&self, report: Report, table: TableView) -> Self {
        let mut view = self.clone();
        view.tables.insert(report, table);
        view.tables.retain(|_, table| *table != TableView::default());
        view
    }

    /// The same dashboard for another period: pages begin anew, filters and comparison stay. A comparison with days of its
    /// own is given up: it was chosen for other days.
    #[must_use]
    pub fn for_period(&self, period: Period) -> Self {
        let compare =
            if let Compare::Range { .. } = self.scope.compare { Compare::Previous } else { self.scope.compare };
        let mut view = Self { scope: ReportQuery { period, compare, ..self.scope.clone() }, ..self.on_first_pages() };
        // So were its stretches of time.
        view.tables.values_mut().for_each(|table| table.by = None);
        view.tables.retain(|_, table| *table != TableView::default());
        view
    }

    /// The same dashboard with one filter more; one on the same dimension takes the place of the other.
    #[must_use]
    pub fn narrowed(&self, dimension: Dimension, value: &Value) -> Self {
        let subject = Subject::Dimension(dimension);
        let filter = match value {
            Value::Text(text) if !text.is_empty() => Filter::new(subject, Operator::Is, text),
            Value::Whole(whole) => Filter::new(subject, Operator::Is, &whole.to_string()),
            Value::Text(_) | Value::Null | Value::Fraction { .. } => {
                Filter { subject, operator: Operator::Empty, values: Vec::new() }
            }
        };
        let mut filters = self.scope.filters.clone();
        filters.retain(|other| other.subject != subject || other.operator == Operator::Not);
        filters.push(filter);
        self.with_filters(filters)
    }

    /// The same dashboard with other filters; pages begin anew.
    #[must_use]
    pub fn with_filters(&self, filters: Vec<Filter>) -> Self {
        Self { scope: ReportQuery { filters, ..self.scope.clone() }, ..self.on_first_pages() }
    }

    /// The same dashboard with the funnel counted otherwise.
    #[must_use]
    pub fn with_mode(&self, mode: Mode) -> Self {
        Self { scope: ReportQuery { mode, ..self.scope.clone() }, ..self.clone() }
    }

    /// The same dashboard with a session's details open, or with none.
    #[must_use]
    pub fn with_session(&self, session: Option<Id>) -> Self {
        Self { session, ..self.clone() }
    }

    /// The same dashboard on another board.
    #[must_use]
    pub fn with_board(&self, board: Option<String>) -> Self {
        Self { board, ..self.clone() }
    }

    /// Every table on its first page with nothing unfolded: what was there may not be there any more.
    fn on_first_pages(&self) -> Self {
        let mut view = self.clone();
        for table in view.tables.values_mut() {
            table.page = 1;
            table.open.clear();
        }
        view.tables.retain(|_, table| *table != TableView::default());
        view
    }
}

/// The text form, defaults of the dashboard left out: `period=month&filter=source:is:facebook&sources.sort=-cr`.
impl std::fmt::Display for View {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let defaults = Self::default();
        let unsaid = |is_default: bool, query: &ReportQuery| ReportQuery {
            compare: if is_default { Compare::None } else { query.compare },
            ..query.clone()
        };
        let mut scope = unsaid(self.scope.compare == defaults.scope.compare, &self.scope);
        scope.align = Align::Full;
        write!(f, "{scope}")?;
        if self.scope.compare == Compare::None {
            f.write_str("&compare=none")?;
        }
        if self.scope.align != defaults.scope.align {
            f.write_str("&align=full")?;
        }
        for (report, table) in &self.tables {
            table.write(report.key(), f)?;
        }
        if let Some(board) = &self.board {
            write!(f, "&{BOARD}={}", encode(board, is_plain))?;
        }
        if let Some(Id(session)) = self.session {
            write!(f, "&{SESSION}={session}")?;
        }
        Ok(())
    }
}

impl From<View> for String {
    fn from(view: View) -> Self {
        view.to_string()
    }
}

impl TryFrom<String> for View {
    type Error = AppError;

    fn try_from(text: String) -> Result<Self, AppError> {
        Self::read(&text)
    }
}

/// What the address bar says, followed as it changes.
pub fn read_view() -> Memo<Result<View, AppError>> {
    let search = use_location().search;
    Memo::new(move |_| search.with(|search| View::read(search)))
}

/// The address `path?search` with the parameter `key` set to `value` or, for `None`, left out.
pub fn with_parameter(path: &str, search: &str, key: &str, value: Option<&str>) -> String {
    let kept = search
        .trim_start_matches('?')
        .split('&')
        .filter(|pair| !pair.is_empty() && pair.split_once('=').map_or(*pair, |(name, _)| name) != key);
    let set = value.map(|value| format!("{key}={}", encode(value, is_plain)));
    let all: Vec<String> = kept.map(str::to_owned).chain(set).collect();
    if all.is_empty() { path.to_owned() } else { format!("{path}?{}", all.join("&")) }
}

fn session(text: &str) -> Result<Id, AppError> {
    let id = text.parse().ok().filter(|id| (0..1 << 53).contains(id));
    id.map(Id).ok_or_else(|| bad(SESSION, text, "0…9007199254740991"))
}

fn bad(parameter: &str, given: &str, allowed: &str) -> AppError {
    AppError::BadInput {
        parameter: parameter.to_owned(),
        given: given.chars().take(100).collect(),
        allowed: allowed.to_owned(),
    }
}

#[cfg(test)]
mod tests;
