//! Answers queries: one grouped select for each fact; quotients, comparison, order and pages in Rust on the grouped rows.

mod batch;
mod clock;
mod condition;
mod groups;
mod known;
pub mod list;
mod select;
mod source;
mod span;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono_tz::Tz;
use futures_util::future::join;

use self::batch::Batch;
use self::clock::{Zone, value_of};
use self::groups::{Groups, Labels, cell};
pub use self::known::Known;
use self::known::{MINUTE, Moment};
use self::source::Source;
use self::span::{Span, spans};
use super::Store;
use super::db::{Snapshot, Tx};
use super::error::StoreError;
use super::sql::Sql;
use crate::model::period::day_start;
use crate::model::{Interval, Millis, Period};
use crate::report::catalog::{Measure, SESSIONS};
use crate::report::{
    BadQuery, Basis, Column, Compare, Dimension, Filter, Key, Previous, ReportQuery, SessionField, Table, Value,
    Warning,
};

/// More days than these are about what is stored in them and not about each of them.
const LONG: i64 = 3660;

/// A second reader is not waited for longer: what is idle may be a connection that nobody answers any more.
const BESIDE: Duration = Duration::from_millis(100);

/// Queries that are being answered, by what is asked and the minute in which it is.
pub type Flights = super::flight::Flights<(Vec<ReportQuery>, Millis), Result<Arc<Vec<Table>>, Arc<StoreError>>>;

/// A statement of a report, and how the database would read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// The statement.
    pub text: String,
    /// A line for each step.
    pub plan: Vec<String>,
}

/// What was read since `tx` listened, with the plans.
pub async fn explained(tx: &mut Tx) -> Result<Vec<Explained>, StoreError> {
    let mut explained = Vec::new();
    for sql in tx.take_heard() {
        explained.push(Explained { plan: tx.plan(&sql).await?, text: sql.text });
    }
    Ok(explained)
}

/// A query with what the database is asked for.
struct Question<'a> {
    query: &'a ReportQuery,
    dimensions: &'a [Dimension],
    measures: Vec<Measure>,
}

/// A stretch of days with its clock.
struct Window {
    span: Span,
    zone: Zone,
}

impl Store {
    /// Can this be answered? What cannot is refused by the parameter's name.
    pub fn check(&self, query: &ReportQuery) -> Result<(), BadQuery> {
        query.check()?;
        query.filters.iter().try_for_each(|filter| filter.check_kinds(&self.extra_actions))
    }

    /// The answer to one query, seen from `now`. What cannot be asked is [`StoreError::BadQuery`].
    pub async fn report(&self, query: &ReportQuery, now: Millis) -> Result<Table, StoreError> {
        let tables = self.reports(std::slice::from_ref(query), now).await?;
        Ok(tables.into_iter().next().unwrap_or_default())
    }

    /// The answers to several queries, all from one snapshot. Who asks the same while it is being answered gets the same.
    pub async fn reports(&self, queries: &[ReportQuery], now: Millis) -> Result<Vec<Table>, StoreError> {
        queries.iter().try_for_each(|query| self.check(query))?;
        let ask = || {
            let (store, queries) = (self.clone(), queries.to_vec());
            async move { store.tables(&queries, now).await.map(Arc::new).map_err(Arc::new) }
        };
        // Days begin with a minute in every zone.
        let question = (queries.to_vec(), now.div_euclid(MINUTE));
        match self.flights.share(question, ask).await {
            Ok(tables) => Ok(Arc::unwrap_or_clone(tables)),
            Err(error) => Err(Arc::try_unwrap(error).unwrap_or_else(StoreError::Shared)),
        }
    }

    /// The answers to several queries, from one snapshot if they can all be had. If not, each is asked by itself, so that one that
    /// fails takes no other with it; once two in a row have failed, the database is away and the rest is not asked.
    pub async fn each_report(&self, queries: &[ReportQuery], now: Millis) -> Vec<Result<Table, StoreError>> {
        match self.reports(queries, now).await {
            Ok(tables) => return tables.into_iter().map(Ok).collect(),
            Err(error) if queries.len() == 1 => return vec![Err(error)],
            Err(_) => {}
        }
        let (mut answers, mut failed, mut cause) = (Vec::with_capacity(queries.len()), 0, None::<Arc<StoreError>>);
        for query in queries {
            let answer = match &cause {
                Some(cause) if failed == 2 => Err(StoreError::Shared(Arc::clone(cause))),
                _ => self.report(query, now).await,
            };
            answers.push(match answer {
                // What cannot be asked says nothing of the database.
                Err(error) if error.bad_query().is_none() => {
                    failed = 2.min(failed + 1);
                    let error = Arc::new(error);
                    cause = Some(Arc::clone(&error));
                    Err(StoreError::Shared(error))
                }
                answer => {
                    failed = if answer.is_ok() { 0 } else { failed };
                    answer
                }
            });
        }
        answers
    }

    async fn tables(&self, queries: &[ReportQuery], now: Millis) -> Result<Vec<Table>, StoreError> {
        let mut tx = self.db.read().await?;
        let moment = Moment { seen: tx.snapshot().await?, now };
        let (mut answers, now) = self.known.of(&moment, queries);
        let missing: Vec<usize> = (0..queries.len()).filter(|place| answers[*place].is_none()).collect();
        let asked: Vec<ReportQuery> = missing.iter().map(|place| queries[*place].clone()).collect();
        let jobs = batch::jobs(&asked);
        let mut beside = if jobs.len() > 1 { self.reader_beside(&moment.seen).await } else { None };
        // Whoever is free takes the next one.
        let next = AtomicUsize::new(0);
        let answer = async |tx: Option<&mut Tx>| -> Result<Vec<(usize, Arc<Table>)>, StoreError> {
            let (mut batch, mut found) = (Batch::new(&asked), Vec::new());
            let Some(tx) = tx else { return Ok(found) };
            while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                for place in job {
                    let table = self.table(tx, &mut batch, &asked[*place], now).await?;
                    found.push((missing[*place], Arc::new(table)));
                }
            }
            Ok(found)
        };
        let (own, others) = join(answer(Some(&mut tx)), answer(beside.as_mut())).await;
        // What a second reader that broke off leaves, the first one answers.
        for (place, table) in own?.into_iter().chain(others.unwrap_or_default()) {
            answers[place] = Some(table);
        }
        let mut batch = Batch::new(&asked);
        for (query, place) in asked.iter().zip(&missing) {
            let table = match answers[*place].take() {
                Some(table) => table,
                None => Arc::new(self.table(&mut tx, &mut batch, query, now).await?),
            };
            self.known.keep(&moment, query, &table);
            answers[*place] = Some(table);
        }
        Ok(answers.into_iter().flatten().map(Arc::unwrap_or_clone).collect())
    }

    /// A second reader that sees what the first one does. If none is idle, or it is out of order, the first one does all.
    async fn reader_beside(&self, seen: &Snapshot) -> Option<Tx> {
        let begin = async {
            let Some(mut tx) = self.db.read_if_idle().await? else { return Ok(None) };
            Ok::<_, StoreError>((tx.snapshot().await? == *seen).then_some(tx))
        };
        tokio::time::timeout(BESIDE, begin).await.ok()?.ok()?
    }

    /// Answers queries and tells every statement that was needed for them, with the database's plan.
    pub async fn explain(&self, queries: &[ReportQuery], now: Millis) -> Result<Vec<Explained>, StoreError> {
        queries.iter().try_for_each(|query| self.check(query))?;
        let mut tx = self.db.read().await?;
        tx.listen();
        let mut batch = Batch::new(queries);
        for query in queries {
            self.table(&mut tx, &mut batch, query, now).await?;
        }
        explained(&mut tx).await
    }

    async fn table(
        &self,
        tx: &mut Tx,
        batch: &mut Batch,
        query: &ReportQuery,
        now: Millis,
    ) -> Result<Table, StoreError> {
        if query.report.is_list() {
            return self.list_table(tx, query, now).await;
        }
        let (current, previous) = self.windows(tx, query, now).await?;
        let question = Question { query, dimensions: query.dimensions(), measures: measures(query) };
        let mut groups = groups::read(tx, batch, &question, &current).await?;
        fill(&question, &current, &mut groups);
        let earlier = match &previous {
            Some(window) => Some((window, groups::read(tx, batch, &question, window).await?)),
            None => None,
        };
        let mut table = question.table(&groups);
        table.warnings.extend(previous.as_ref().and_then(|window| question.warns_of_spend(window, self.tz)));
        let sorted = query.sorted_by().and_then(|sort| Some((table.place_of(sort.key)?, sort.direction)));
        if let Some((by, direction)) = sorted {
            table.sort(by, direction);
            table.turn_to((by, direction), query.cursor.as_ref(), query.limit);
        }
        table.previous = earlier.map(|(window, earlier)| question.beside(&table.rows, (&current, window), &earlier));
        Ok(table)
    }

    /// The days of the query and the earlier ones.
    async fn windows(
        &self,
        tx: &mut Tx,
        query: &ReportQuery,
        now: Millis,
    ) -> Result<(Window, Option<Window>), StoreError> {
        let has_clock = needs_clock(query);
        let days = |first| spans(query, now, self.tz, first);
        let (current, previous) = days(None);
        let any_is_long = [Some(current), previous].into_iter().flatten().any(is_long);
        let is_of_the_first = query.period == Period::AllTime && query.compare != Compare::None;
        let needs_stored = is_of_the_first || (has_clock && any_is_long);
        let stored = if needs_stored { stored(tx, query, self.tz).await? } else { None };
        let (current, previous) = days(stored.and_then(|stored| stored.first_session));
        let window = |span: Span| {
            let bounds = match (has_clock, is_long(span)) {
                (true, false) => Interval::ALL,
                // Where nothing is stored, there is today.
                (true, true) => stored.map_or(Interval { start: now, end: now + 1 }, |stored| stored.interval),
                (false, _) => Interval { start: now, end: now },
            };
            Window { span, zone: Zone::new(self.tz, span, bounds) }
        };
        Ok((window(current), previous.map(window)))
    }
}

/// Is a stretch of days about what is stored in it and not about all its days?
fn is_long(span: Span) -> bool {
    span.days.is_none_or(|(first, last)| last.signed_duration_since(first).num_days() >= LONG)
}

/// Does the query read the clock?
fn needs_clock(query: &ReportQuery) -> bool {
    let filtered = query.filters.iter().filter_map(Filter::dimension);
    query.dimensions().iter().copied().chain(filtered).any(|dimension| dimension.clock().is_some())
}

/// The ends of what is stored.
#[derive(Clone, Copy)]
struct Stored {
    /// When the first session started.
    first_session: Option<Millis>,
    /// From the first session, counted order or day of spend until after the last one.
    interval: Interval,
}

/// Where the facts that `query` counts begin and end; `None` when there are none.
async fn stored(tx: &mut Tx, query: &ReportQuery, tz: Tz) -> Result<Option<Stored>, StoreError> {
    // Each end is asked for on its own: SQLite finds it in the index only so.
    let ends =
        |time: &str, table: &str| format!("(select min({time}) from {table}), (select max({time}) from {table})");
    let mut asked = vec![ends("started_at", "session")];
    if query.basis == Basis::Order {
        asked.push(ends("coalesce(paid_at, created_at)", "orders"));
    }
    let days_from = 2 * asked.len();
    if query.metrics().iter().any(|metric| metric.is_of_spend()) {
        asked.push(ends("day", "spend"));
    }
    let Some(row) = tx.row(&Sql::new(&format!("select {}", asked.join(", ")))).await? else { return Ok(None) };
    let mut ends = Vec::new();
    for column in 0..days_from {
        ends.extend(row.opt_int(column)?);
    }
    for column in days_from..row.0.len() {
        ends.extend(row.opt_day(column)?.map(|day| day_start(day, tz)));
    }
    let bounds = ends.iter().min().zip(ends.iter().max());
    let first_session = row.opt_int(0)?;
    Ok(bounds.map(|(first, last)| Stored { first_session, interval: Interval { start: *first, end: last + 1 } }))
}

/// What the database is asked for: the measures of all metrics, each once.
fn measures(query: &ReportQuery) -> Vec<Measure> {
    let mut measures = Vec::new();
    let of_metrics = query.metrics().iter().flat_map(|metric| metric.definition().1.measures());
    // How many sessions came from nowhere that is known.
    let of_warnings = warns_of_places(query).then_some(SESSIONS);
    for measure in of_metrics.chain(of_warnings) {
        if !measures.contains(&measure) {
            measures.push(measure);
        }
    }
    measures
}

/// Are sessions told apart by their place, each counted once, and nothing asked that has no place?
fn warns_of_places(query: &ReportQuery) -> bool {
    let dimensions = query.dimensions();
    let is_of_actions = dimensions.iter().any(|dimension| dimension.definition().is_of_actions());
    let is_place = dimensions.iter().any(|dimension| dimension.is_place());
    // A question about orders alone has no rows of sessions.
    let mut asked = query.metrics().iter().flat_map(|metric| metric.definition().1.measures());
    is_place && !is_of_actions && asked.any(|measure| Source::of(measure, dimensions, query.basis) == Source::Sessions)
}

/// Where rows are told apart by the clock alone, what nothing happened in is a row too.
fn fill(question: &Question, window: &Window, groups: &mut Groups) {
    let [dimension] = question.dimensions else { return };
    let Some(clock) = dimension.clock() else { return };
    let filters = question.query.filters.iter().filter(|filter| filter.dimension() == Some(*dimension));
    let mut keys = window.zone.keys(clock);
    for filter in filters {
        let passed = condition::keys(filter, clock, &window.zone);
        keys.retain(|key| passed.contains(key));
    }
    for key in keys {
        groups.rows.entry(vec![value_of(clock, key)]).or_insert_with(|| vec![0; question.measures.len()]);
    }
}

impl Question<'_> {
    fn row(&self, labels: &[Value], counted: &[i64], totals: &[i64]) -> Vec<Value> {
        let cells = self.query.metrics().iter().map(|metric| cell(*metric, &self.measures, counted, totals));
        labels.iter().cloned().chain(cells).collect()
    }

    fn totals(&self, totals: &[i64]) -> Vec<Value> {
        self.row(&vec![Value::Null; self.dimensions.len()], totals, totals)
    }

    /// All rows in no order yet.
    fn table(&self, groups: &Groups) -> Table {
        let dimensions = self.dimensions.iter().copied().map(Key::Dimension);
        let keys = dimensions.chain(self.query.metrics().iter().copied().map(Key::Metric));
        Table {
            query: self.query.to_string(),
            columns: keys.map(|key| Column { key }).collect(),
            rows: groups.rows.iter().map(|(labels, counted)| self.row(labels, counted, &groups.totals)).collect(),
            totals: self.totals(&groups.totals),
            total_rows: groups.rows.len(),
            warnings: self.warnings(groups),
            ..Table::default()
        }
    }

    fn warnings(&self, groups: &Groups) -> Vec<Warning> {
        let Some(sessions) = self.measures.iter().position(|measure| *measure == SESSIONS) else { return Vec::new() };
        if !warns_of_places(self.query) {
            return Vec::new();
        }
        let places: Vec<usize> =
            (0..self.dimensions.len()).filter(|place| self.dimensions[*place].is_place()).collect();
        let is_unknown = |labels: &Labels| places.iter().any(|place| labels[*place] == Value::Null);
        let rows = groups.rows.iter().filter(|(labels, _)| is_unknown(labels));
        let unknown = rows.map(|(_, counted)| counted[sessions]).sum();
        if unknown > 0 { vec![Warning::WithoutPlace(unknown)] } else { Vec::new() }
    }

    /// Spend has no hour: where the earlier period's last day is cut, its spend is not.
    fn warns_of_spend(&self, earlier: &Window, tz: Tz) -> Option<Warning> {
        let is_of_spend = self.query.metrics().iter().any(|metric| metric.is_of_spend());
        earlier.span.cut_day(tz).filter(|_| is_of_spend).map(Warning::WholeSpend)
    }

    /// The earlier period beside `rows`.
    fn beside(&self, rows: &[Vec<Value>], (current, previous): (&Window, &Window), earlier: &Groups) -> Previous {
        let shifts: Vec<Option<HashMap<Value, Value>>> =
            self.dimensions.iter().map(|dimension| shift(*dimension, current, previous)).collect();
        let nothing = vec![0; self.measures.len()];
        let row = |row: &Vec<Value>| {
            let labels: Labels = row
                .iter()
                .zip(&shifts)
                .map(|(value, shift)| match shift {
                    Some(shift) => shift.get(value).cloned().unwrap_or(Value::Null),
                    None => value.clone(),
                })
                .collect();
            self.row(&labels, earlier.rows.get(&labels).unwrap_or(&nothing), &earlier.totals)
        };
        Previous { rows: rows.iter().map(row).collect(), totals: self.totals(&earlier.totals) }
    }
}

/// Which earlier day, week or month stands beside each: the one of the same place in its period.
fn shift(dimension: Dimension, current: &Window, previous: &Window) -> Option<HashMap<Value, Value>> {
    use crate::report::catalog::Clock;
    let clock = dimension.clock().filter(|clock| matches!(clock, Clock::Day | Clock::Week | Clock::Month))?;
    let values = |window: &Window| window.zone.keys(clock).into_iter().map(move |key| value_of(clock, key));
    Some(values(current).zip(values(previous)).collect())
}

/// The columns of a list of sessions.
fn fields() -> Vec<Column> {
    SessionField::ALL.iter().map(|field| Column { key: Key::Field(*field) }).collect()
}
