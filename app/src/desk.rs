//! What the widgets of a page share: what the address bar asks for, and the answers to all that they ask, loaded together.

use std::collections::HashMap;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use utm_dispatcher::report::{Report, ReportQuery, Table};

use crate::error::AppError;
use crate::frame::use_frame;
use crate::functions::reports::reports;
use crate::query::View;

/// The answers to what a page's widgets asked together, and the view that they asked for: the one on the screen until the
/// next one is there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answers {
    /// What the address bar said.
    pub view: View,
    tables: Vec<(ReportQuery, Table)>,
}

impl Answers {
    /// The answer to `query`. Answers without it come from a server of another build.
    pub fn table(&self, query: &ReportQuery) -> Result<&Table, AppError> {
        let query = query.clone().normalised();
        self.tables.iter().find(|(asked, _)| *asked == query).map(|(_, table)| table).ok_or(AppError::Stale)
    }

    /// The answer to `query`, if it could be asked at all: spend has neither places nor devices.
    pub fn possible(&self, query: &ReportQuery) -> Result<Option<&Table>, AppError> {
        if query.check().is_err() { Ok(None) } else { self.table(query).map(Some) }
    }
}

/// What the widgets of a page share.
#[derive(Clone, Copy)]
pub struct Desk {
    /// What the address bar says; the last of it that could be read.
    pub view: Signal<View>,
    /// What the widgets asked together.
    pub answers: Resource<Result<Answers, AppError>>,
    /// Counts up whenever what is stored has changed: then everything is asked anew.
    pub tick: RwSignal<u64>,
}

/// What the page's widgets share.
pub fn use_desk() -> Desk {
    expect_context()
}

/// Loads what `queries` finds to ask for a view, all of it together and again whenever the view changes. What the page has
/// on it already is not asked again, until `tick` counts up.
pub fn provide_desk(
    view: Memo<Result<View, AppError>>,
    queries: impl Fn(&View) -> Vec<ReportQuery> + Clone + Send + Sync + 'static,
) -> Desk {
    let build = StoredValue::new(use_frame().build);
    let tick = RwSignal::new(0);
    let kept = StoredValue::new((0, HashMap::new()));
    let answers = Resource::new(
        move || (view.get(), tick.get()),
        move |(view, tick)| {
            let queries = queries.clone();
            async move {
                let view = view?;
                let mut asked: Vec<ReportQuery> = Vec::new();
                for query in queries(&view).into_iter().map(ReportQuery::normalised) {
                    if query.check().is_ok() && !asked.contains(&query) {
                        asked.push(query);
                    }
                }
                let mut known: HashMap<ReportQuery, Table> =
                    kept.try_get_value().filter(|(of, _)| *of == tick).map(|(_, known)| known).unwrap_or_default();
                let missing: Vec<ReportQuery> =
                    asked.iter().filter(|query| !known.contains_key(query)).cloned().collect();
                if !missing.is_empty() {
                    let tables = reports(build.get_value(), missing.clone()).await?;
                    known.extend(missing.into_iter().zip(tables));
                }
                let tables: Vec<_> =
                    asked.into_iter().filter_map(|query| known.remove(&query).map(|table| (query, table))).collect();
                kept.try_set_value((tick, tables.iter().cloned().collect()));
                Ok(Answers { view, tables })
            }
        },
    );
    let last = StoredValue::new(View::default());
    let view = Signal::derive(move || match view.get() {
        Ok(view) => {
            last.set_value(view.clone());
            view
        }
        Err(_) => last.get_value(),
    });
    let desk = Desk { view, answers, tick };
    provide_context(desk);
    desk
}

/// The most rows of a table that is shown whole.
pub const ROWS: usize = 20;

/// What the table of `report` asks: its order, columns, search and page.
pub fn table_query(view: &View, report: Report) -> ReportQuery {
    view.table(report).query(view.query(report), ROWS)
}
