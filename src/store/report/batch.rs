//! What several queries of one snapshot have in common is asked once: what their filters find, and all rows together.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::db::Tx;
use super::super::error::StoreError;
use super::super::sql::Row;
use super::condition::{Condition, resolve};
use super::select::{Ask, by_entry, grouped};
use super::source::{Source, dictionary_of};
use super::span::Span;
use super::{Question, Window, measures};
use crate::report::catalog::{Aggregate, Dictionary, Measure};
use crate::report::{Basis, Dimension, Filter, Mode, ReportQuery};

/// More entries than these are grouped by the database: they would fill memory.
const ENTRIES: usize = 20_000;

/// What decides on the rows that are counted, whatever is counted of them.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Scope {
    filters: Vec<Filter>,
    mode: Mode,
    source: Source,
    span: Span,
}

/// What was found so far for the queries of one snapshot.
#[derive(Default)]
pub struct Batch {
    wanted: Vec<Wanted>,
    conditions: HashMap<Scope, Vec<Condition>>,
    totals: HashMap<Scope, HashMap<Measure, i64>>,
    /// `None` where there are too many.
    entries: HashMap<(Scope, Basis, Dictionary), Option<Arc<Entries>>>,
}

/// A query, but for its days.
struct Wanted {
    /// What decides on rows.
    rows: (Vec<Filter>, Mode, Basis),
    dimensions: Vec<Dimension>,
    measures: Vec<Measure>,
}

/// A row for each entry of a dictionary: the sums that several queries make of it are sums of these.
pub struct Entries {
    /// The first columns.
    pub dimensions: Vec<Dimension>,
    /// The columns behind them.
    pub measures: Vec<Measure>,
    /// The rows.
    pub rows: Vec<Row>,
}

impl Entries {
    /// The columns of `dimensions` and behind them those of `measures`; `None` if one is not there.
    pub fn columns(&self, dimensions: &[Dimension], measures: &[Measure]) -> Option<Vec<usize>> {
        let first = dimensions.iter().map(|one| self.dimensions.iter().position(|it| it == one));
        let behind =
            measures.iter().map(|one| Some(self.dimensions.len() + self.measures.iter().position(|it| it == one)?));
        first.chain(behind).collect()
    }
}

impl Batch {
    /// Nothing was found yet.
    pub fn new(queries: &[ReportQuery]) -> Self {
        let tables = queries.iter().filter(|query| !query.report.is_list());
        let wanted = tables.map(|query| Wanted {
            rows: (query.filters.clone(), query.mode, query.basis),
            dimensions: query.dimensions().to_vec(),
            measures: measures(query),
        });
        Self { wanted: wanted.collect(), ..Self::default() }
    }

    /// What the filters of `query` find among the rows of `source`.
    pub async fn conditions(
        &mut self,
        tx: &mut Tx,
        query: &ReportQuery,
        source: Source,
        window: &Window,
    ) -> Result<Vec<Condition>, StoreError> {
        let scope = Scope::of(query, source, window);
        if let Some(known) = self.conditions.get(&scope) {
            return Ok(known.clone());
        }
        let found = resolve(tx, &query.filters, source, window.span, &window.zone).await?;
        self.conditions.insert(scope, found.clone());
        Ok(found)
    }

    /// The measures of `question` over all rows, in their order.
    pub async fn totals(
        &mut self,
        tx: &mut Tx,
        question: &Question<'_>,
        window: &Window,
    ) -> Result<Vec<i64>, StoreError> {
        let Question { query, measures, .. } = question;
        let mut totals = Vec::with_capacity(measures.len());
        for measure in measures {
            let source = Source::of(*measure, &[], query.basis);
            let scope = Scope::of(query, source, window);
            let is_known = self.totals.get(&scope).is_some_and(|known| known.contains_key(measure));
            if !is_known {
                let found = self.ask(tx, question, source, window).await?;
                self.totals.entry(scope.clone()).or_default().extend(found);
            }
            totals.push(self.totals.get(&scope).and_then(|known| known.get(measure)).copied().unwrap_or(0));
        }
        Ok(totals)
    }

    /// Sessions by the entries of the dictionary that `question` tells them apart by, for it and the other queries that do so;
    /// `None` when it is the only one, counts what does not add up, or there are too many entries.
    pub async fn entries(
        &mut self,
        tx: &mut Tx,
        question: &Question<'_>,
        window: &Window,
    ) -> Result<Option<Arc<Entries>>, StoreError> {
        let query = question.query;
        let Some(dictionary) = shared_dictionary(question.dimensions, &question.measures, query.basis) else {
            return Ok(None);
        };
        let key = (Scope::of(query, Source::Sessions, window), query.basis, dictionary);
        if let Some(known) = self.entries.get(&key) {
            return Ok(known.clone());
        }
        let is_mate = |it: &&Wanted| shared_dictionary(&it.dimensions, &it.measures, query.basis) == Some(dictionary);
        let mates: Vec<&Wanted> = self.alike(query).filter(is_mate).collect();
        if mates.len() < 2 {
            return Ok(None);
        }
        let dimensions = distinct(mates.iter().flat_map(|mate| &mate.dimensions));
        let of_sessions = |it: &&Measure| Source::of(**it, &dimensions, query.basis) == Source::Sessions;
        let measures = distinct(mates.iter().flat_map(|mate| &mate.measures).filter(of_sessions));
        let conditions = self.conditions(tx, query, Source::Sessions, window).await?;
        let ask = Ask { query, span: window.span, zone: &window.zone, conditions: &conditions, unnest: tx.unnest() };
        let mut sql = by_entry(&ask, Source::Sessions, dictionary, &dimensions, &measures);
        sql.push(&format!(" limit {}", ENTRIES + 1));
        let rows = tx.rows(&sql).await?;
        let found = (rows.len() <= ENTRIES).then(|| Arc::new(Entries { dimensions, measures, rows }));
        self.entries.insert(key, found.clone());
        Ok(found)
    }

    /// The queries about the same rows as `query`.
    fn alike<'a>(&'a self, query: &'a ReportQuery) -> impl Iterator<Item = &'a Wanted> {
        self.wanted.iter().filter(|other| {
            let (filters, mode, basis) = &other.rows;
            (filters, *mode, *basis) == (&query.filters, query.mode, query.basis)
        })
    }

    /// Measures the rows of `source` for `question`, and for every other query about the same rows.
    async fn ask(
        &mut self,
        tx: &mut Tx,
        question: &Question<'_>,
        source: Source,
        window: &Window,
    ) -> Result<Vec<(Measure, i64)>, StoreError> {
        let query = question.query;
        let others = self.alike(query).flat_map(|other| &other.measures);
        let here = question.measures.iter().chain(others).filter(|it| Source::of(**it, &[], query.basis) == source);
        let wanted = distinct(here);
        let conditions = self.conditions(tx, query, source, window).await?;
        let ask = Ask { query, span: window.span, zone: &window.zone, conditions: &conditions, unnest: tx.unnest() };
        let row = tx.row(&grouped(&ask, source, &[], &wanted)).await?;
        let number =
            |(column, measure): (usize, &Measure)| Ok((*measure, row.as_ref().map_or(Ok(0), |row| row.int(column))?));
        wanted.iter().enumerate().map(number).collect()
    }
}

/// Which of `queries` one reader answers together: those that are told apart by the entries of one dictionary.
pub fn jobs(queries: &[ReportQuery]) -> Vec<Vec<usize>> {
    let mut jobs: Vec<(Option<Dictionary>, Vec<usize>)> = Vec::new();
    for (place, query) in queries.iter().enumerate() {
        let is_list = query.report.is_list();
        let of = if is_list { None } else { shared_dictionary(query.dimensions(), &measures(query), query.basis) };
        match jobs.iter_mut().find(|(other, _)| of.is_some() && *other == of) {
            Some((_, job)) => job.push(place),
            None => jobs.push((of, vec![place])),
        }
    }
    jobs.into_iter().map(|(_, job)| job).collect()
}

/// The dictionary that has all of `dimensions`, if what is measured of sessions by its entries can be added up.
fn shared_dictionary(dimensions: &[Dimension], measures: &[Measure], basis: Basis) -> Option<Dictionary> {
    let dictionary = dictionary_of(*dimensions.first()?)?;
    let is_of_it = dimensions.iter().all(|dimension| dictionary_of(*dimension) == Some(dictionary));
    let mut of_sessions =
        measures.iter().filter(|measure| Source::of(**measure, dimensions, basis) == Source::Sessions);
    // Somebody who came by two entries is one visitor.
    let adds_up = of_sessions.all(|measure| measure.aggregate != Aggregate::DistinctVisitors);
    (is_of_it && adds_up).then_some(dictionary)
}

fn distinct<'a, T: Copy + PartialEq + 'a>(all: impl Iterator<Item = &'a T>) -> Vec<T> {
    let mut distinct = Vec::new();
    for one in all {
        if !distinct.contains(one) {
            distinct.push(*one);
        }
    }
    distinct
}

impl Scope {
    fn of(query: &ReportQuery, source: Source, window: &Window) -> Self {
        Self { filters: query.filters.clone(), mode: query.mode, source, span: window.span }
    }
}
