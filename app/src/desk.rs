//! What the widgets of a page share: what the address bar asks for, and the answers to all that they ask, loaded together.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use utm_dispatcher::report::{Report, ReportQuery, Table};

use crate::error::AppError;
use crate::frame::use_frame;
use crate::functions::reports::{MAX_QUERIES, reports};
use crate::query::View;
use crate::unfold;

/// The answer to a query, or why there is none.
type Answer = Result<Table, AppError>;

/// The answers to what a page's widgets asked together, and the view that they asked for: the one on the screen until the
/// next one is there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answers {
    /// What the address bar said.
    pub view: View,
    /// Each panel is handed all of them.
    tables: Arc<Vec<(ReportQuery, Answer)>>,
    /// Why newer ones did not come, when some of these are of before.
    #[serde(skip)]
    pub failure: Option<AppError>,
    /// When they were asked for, by the browser's clock; 0 for what came with the page.
    #[serde(skip)]
    asked_at: f64,
    /// The tick that they were asked for at.
    #[serde(skip)]
    tick: u64,
}

impl Answers {
    /// The answer to `query`. Answers without it are older than the widget that asks.
    pub fn table(&self, query: &ReportQuery) -> Result<&Table, AppError> {
        let query = query.clone().normalised();
        match self.tables.iter().find(|(asked, _)| *asked == query) {
            Some((_, answer)) => answer.as_ref().map_err(Clone::clone),
            None => Err(AppError::Unanswered),
        }
    }

    /// The answer to `query`, if it could be asked at all: spend has neither places nor devices.
    pub fn possible(&self, query: &ReportQuery) -> Result<Option<&Table>, AppError> {
        if query.check().is_err() { Ok(None) } else { self.table(query).map(Some) }
    }

    /// Are these of the same view as `other`, and newer?
    pub fn is_newer(&self, other: &Self) -> bool {
        self.view == other.view && self.asked_at > other.asked_at
    }

    /// What need not be asked again at `tick`; where `fresh` has a newer answer, that one.
    fn known(&self, tick: u64, fresh: Option<&Self>) -> HashMap<ReportQuery, Answer> {
        let is_whole = self.tick == tick && self.failure.is_none();
        let known = self.tables.iter().filter(|(_, answer)| is_whole && answer.is_ok());
        let mut known: HashMap<ReportQuery, Answer> = known.cloned().collect();
        if let Some(fresh) = fresh.filter(|fresh| fresh.asked_at > self.asked_at) {
            for (query, answer) in fresh.tables.iter() {
                known.entry(query.clone()).and_modify(|known| known.clone_from(answer));
            }
        }
        known
    }

    /// These, with what `last` had in the place of what failed for now. If nothing new came for another view, `last` stays as it is.
    fn after(mut self, last: Option<Self>) -> Self {
        let Some(last) = last else { return self };
        let fails = |answer: &Answer| answer.as_ref().err().filter(|error| error.may_pass()).cloned();
        let failed: Vec<_> = self.tables.iter().filter_map(|(_, answer)| fails(answer)).collect();
        if !failed.is_empty() && failed.len() == self.tables.len() && self.view != last.view {
            return Self { failure: failed.into_iter().next(), ..last };
        }
        for (query, answer) in Arc::make_mut(&mut self.tables) {
            if let Some(error) = fails(answer)
                && let Ok(before) = last.table(query)
            {
                *answer = Ok(before.clone());
                self.failure.get_or_insert(error);
            }
        }
        self
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
    /// Is what loads asked for by a tick and not by the reader? Then nothing is dimmed.
    pub is_quiet: RwSignal<bool>,
    /// Does the page turn to another view? Then what is out of sight is laid out a moment after the rest.
    pub is_turning: RwSignal<bool>,
    /// Why the last numbers did not come, while older ones are shown.
    pub failure: RwSignal<Option<AppError>>,
    /// The cards' answers since the others came: they are asked for more often.
    pub fresh: RwSignal<Option<Answers>>,
    /// What is on the page, as the browser knows it.
    #[cfg(feature = "hydrate")]
    kept: StoredValue<Option<Answers>>,
    /// When all was asked for the last time, and how long the answers took, in milliseconds.
    #[cfg(feature = "hydrate")]
    pace: StoredValue<(f64, f64)>,
}

/// So long after the answers have come what is seen of them is painted.
const PAINTED: Duration = Duration::from_millis(300);

/// What the page's widgets share.
pub fn use_desk() -> Desk {
    expect_context()
}

/// Loads what `queries` finds to ask for a view, all of it together and again whenever the view or what is found changes. What
/// the page has on it already is not asked again, until `tick` counts up. What fails for now leaves what was there.
pub fn provide_desk(
    view: Memo<Result<View, AppError>>,
    queries: impl Fn(&View) -> Vec<ReportQuery> + Send + Sync + 'static,
) -> Desk {
    let build = StoredValue::new(use_frame().build);
    let tick = RwSignal::new(0);
    let (kept, fresh) = (StoredValue::new(None::<Answers>), RwSignal::new(None::<Answers>));
    let pace = StoredValue::new((now(), 0.0));
    let answers = Resource::new(
        move || {
            // Whose session is open is no matter of the tables.
            let view = view.get().map(|view| view.with_session(None));
            let mut asked: Vec<ReportQuery> = Vec::new();
            for query in view.as_ref().map(&queries).unwrap_or_default().into_iter().map(ReportQuery::normalised) {
                if query.check().is_ok() && !asked.contains(&query) {
                    asked.push(query);
                }
            }
            (view, asked, tick.get())
        },
        move |(view, asked, tick)| async move {
            let view = view?;
            let asked_at = now();
            let (last, newer) = (kept.try_get_value().flatten(), fresh.try_get_untracked().flatten());
            let mut known = last.as_ref().map(|last| last.known(tick, newer.as_ref())).unwrap_or_default();
            let missing: Vec<_> = asked.iter().filter(|query| !known.contains_key(query)).cloned().collect();
            known.extend(ask(build.get_value(), missing).await?);
            pace.try_set_value((asked_at, now() - asked_at));
            let tables = asked.into_iter().filter_map(|query| known.remove(&query).map(|answer| (query, answer)));
            Ok(Answers { view, tables: Arc::new(tables.collect()), failure: None, asked_at, tick }.after(last))
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
    let (is_quiet, is_turning, failure) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(None));
    let desk = Desk {
        view,
        answers,
        tick,
        is_quiet,
        is_turning,
        failure,
        fresh,
        #[cfg(feature = "hydrate")]
        kept,
        #[cfg(feature = "hydrate")]
        pace,
    };
    // In the browser alone, as effects are.
    Effect::new(move || {
        let answers = answers.get();
        failure.set(answers.as_ref().and_then(|answers| answers.as_ref().ok()?.failure.clone()));
        if let Some(Ok(answers)) = answers {
            kept.set_value(Some(answers));
        }
        let turned = move || {
            is_turning.try_set(false);
        };
        set_timeout(turned, PAINTED);
    });
    Effect::new(move |before: Option<View>| {
        // Whose session is open changes nothing else.
        let view = view.get().with_session(None);
        is_quiet.set(false);
        if before.is_some_and(|before| before != view) {
            is_turning.set(true);
        }
        view
    });
    provide_context(desk);
    desk
}

/// Asks `queries`. Answers that are none for a reason of their own stand among the others.
async fn ask(build: String, queries: Vec<ReportQuery>) -> Result<Vec<(ReportQuery, Answer)>, AppError> {
    let mut all = Vec::new();
    for some in queries.chunks(MAX_QUERIES) {
        let answers = match reports(build.clone(), some.to_vec()).await {
            Ok(answers) => answers,
            Err(error @ (AppError::NotLoggedIn | AppError::Stale)) => return Err(error),
            Err(error) => vec![Err(error); some.len()],
        };
        all.extend(some.iter().cloned().zip(answers));
    }
    Ok(all)
}

/// The browser's clock, in milliseconds.
#[cfg(feature = "hydrate")]
fn now() -> f64 {
    js_sys::Date::now()
}

/// What the server sends is older than whatever comes later.
#[cfg(not(feature = "hydrate"))]
fn now() -> f64 {
    0.0
}

#[cfg(feature = "hydrate")]
impl Desk {
    /// Between two times that all is asked anew, at least, in milliseconds: rows that somebody reads do not change under their eyes.
    const REST: f64 = 15_000.0;
    /// So many times as long as the answers took: what is slow is asked less often.
    const SHARE: f64 = 5.0;

    /// How long it is until all may be asked anew.
    pub fn rest(self) -> f64 {
        let (asked_at, took) = self.pace.get_value();
        asked_at + Self::REST.max(Self::SHARE * took) - now()
    }

    /// Asks all anew, and dims nothing unless the reader waits for something.
    pub fn refresh(self) {
        let Some(view) = self.view.try_get_untracked().map(|view| view.with_session(None)) else { return };
        let is_there = self.kept.with_value(|kept| kept.as_ref().is_some_and(|kept| kept.view == view));
        self.is_quiet.set(is_there);
        self.tick.update(|tick| *tick += 1);
    }

    /// Asks `queries` anew, beside all that is there. Tells how long that took, in milliseconds.
    pub async fn freshen(self, build: String, queries: Vec<ReportQuery>) -> f64 {
        let (view, asked_at) = (self.view.get_untracked().with_session(None), now());
        let answers = ask(build, queries.into_iter().map(ReportQuery::normalised).collect()).await;
        // What fails is asked again with all the rest, and told then.
        if let Ok(tables) = answers
            && tables.iter().all(|(_, answer)| answer.is_ok())
        {
            self.fresh.try_set(Some(Answers { view, tables: Arc::new(tables), asked_at, ..Answers::default() }));
        }
        now() - asked_at
    }
}

/// The most rows of a table that is shown whole.
pub const ROWS: usize = 20;

/// What the table of `report` asks: its order, columns, search and page.
pub fn table_query(view: &View, report: Report) -> ReportQuery {
    view.table(report).query(view.query(report), ROWS)
}

/// What the table of `report` asks, and what it asks for the rows that are unfolded.
pub fn table_queries(view: &View, report: Report) -> Vec<ReportQuery> {
    let table = table_query(view, report);
    let beneath = view.table(report).open.into_iter().filter_map(|path| unfold::query(&table, &path));
    [table.clone()].into_iter().chain(beneath).collect()
}

#[cfg(test)]
mod tests {
    use utm_dispatcher::model::Period;
    use utm_dispatcher::report::Value;

    use super::*;

    fn query(report: Report) -> ReportQuery {
        ReportQuery::new(report, Period::Today).normalised()
    }

    fn table(number: i64) -> Table {
        Table { totals: vec![Value::Whole(number)], ..Table::default() }
    }

    fn answers(view: &str, tables: Vec<(Report, Answer)>) -> Answers {
        let tables = tables.into_iter().map(|(report, answer)| (query(report), answer)).collect();
        Answers { view: View::read(view).unwrap(), tables: Arc::new(tables), ..Answers::default() }
    }

    #[test]
    fn what_fails_for_now_leaves_what_was_there() {
        let away = || Err(AppError::Unavailable);
        let last =
            || Some(answers("period=week", vec![(Report::General, Ok(table(1))), (Report::Sources, Ok(table(2)))]));
        let of = |answers: &Answers, report| answers.table(&query(report)).cloned();

        let whole = answers("period=week", vec![(Report::General, Ok(table(3)))]);
        assert_eq!(whole.clone().after(last()), whole);
        assert_eq!(whole.clone().after(None), whole);

        let one = answers("period=week", vec![(Report::General, Ok(table(3))), (Report::Sources, away())]);
        let shown = one.clone().after(last());
        assert_eq!((of(&shown, Report::General), of(&shown, Report::Sources)), (Ok(table(3)), Ok(table(2))));
        assert_eq!(shown.failure, Some(AppError::Unavailable));
        // Nobody takes it for an answer to what is asked next.
        assert!(shown.known(0, None).is_empty());
        // Where there was nothing, the failure stands in its own place and no other.
        let shown = one.after(None);
        assert_eq!((of(&shown, Report::Sources), shown.failure.clone()), (away(), None));
        assert_eq!(shown.known(0, None), HashMap::from([(query(Report::General), Ok(table(3)))]));
        assert!(shown.known(1, None).is_empty(), "a tick asks all anew");

        // Nothing at all came for another view: the last one stays.
        let none = answers("period=month", vec![(Report::General, away()), (Report::Sources, away())]);
        let shown = none.after(last());
        assert_eq!(shown, Answers { failure: Some(AppError::Unavailable), ..last().unwrap() });

        // What cannot be asked is told, whatever was there.
        let bad = AppError::BadInput { parameter: "filter".into(), given: "x".into(), allowed: "y".into() };
        let shown = answers("period=week", vec![(Report::General, Err(bad.clone()))]).after(last());
        assert_eq!((of(&shown, Report::General), shown.failure), (Err(bad), None));
    }

    #[test]
    fn the_cards_own_answers_hold_until_all_come_anew() {
        let at = |view, asked_at| Answers { asked_at, ..answers(view, Vec::new()) };
        assert!(at("period=week", 2.0).is_newer(&at("period=week", 1.0)));
        assert!(!at("period=week", 2.0).is_newer(&at("period=week", 3.0)));
        assert!(!at("period=week", 2.0).is_newer(&at("period=month", 1.0)), "they are of other days");

        // A table that is sorted meanwhile does not bring the cards' older numbers back.
        let all = answers("period=week", vec![(Report::General, Ok(table(1))), (Report::Sources, Ok(table(2)))]);
        let cards = Answers { asked_at: 1.0, ..answers("period=week", vec![(Report::General, Ok(table(3)))]) };
        let known = HashMap::from([(query(Report::General), Ok(table(3))), (query(Report::Sources), Ok(table(2)))]);
        assert_eq!(all.known(0, Some(&cards)), known);
        let newer = Answers { asked_at: 2.0, ..all };
        assert_eq!(newer.known(0, Some(&cards))[&query(Report::General)], Ok(table(1)));
    }
}
