//! What several queries of one snapshot have in common is asked once: what their filters find, and all rows together.

use std::collections::HashMap;

use super::super::db::Tx;
use super::super::error::StoreError;
use super::condition::{Condition, resolve};
use super::select::{Ask, grouped};
use super::source::Source;
use super::span::Span;
use super::{Question, Window, measures};
use crate::report::catalog::Measure;
use crate::report::{Basis, Filter, Mode, ReportQuery};

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
    /// What decides on rows in each query, but for the days, and what is measured of all of them.
    wanted: Vec<(Vec<Filter>, Mode, Basis, Vec<Measure>)>,
    conditions: HashMap<Scope, Vec<Condition>>,
    totals: HashMap<Scope, HashMap<Measure, i64>>,
}

impl Batch {
    /// Nothing was found yet.
    pub fn new(queries: &[ReportQuery]) -> Self {
        let tables = queries.iter().filter(|query| !query.report.is_list());
        let wanted = tables.map(|query| (query.filters.clone(), query.mode, query.basis, measures(query)));
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

    /// Measures the rows of `source` for `question`, and for every other query about the same rows.
    async fn ask(
        &mut self,
        tx: &mut Tx,
        question: &Question<'_>,
        source: Source,
        window: &Window,
    ) -> Result<Vec<(Measure, i64)>, StoreError> {
        let query = question.query;
        let alike = self
            .wanted
            .iter()
            .filter(|(filters, mode, basis, _)| (filters, *mode, *basis) == (&query.filters, query.mode, query.basis));
        let mut wanted: Vec<Measure> = Vec::new();
        for measure in question.measures.iter().chain(alike.flat_map(|(.., measures)| measures)) {
            if Source::of(*measure, &[], query.basis) == source && !wanted.contains(measure) {
                wanted.push(*measure);
            }
        }
        let conditions = self.conditions(tx, query, source, window).await?;
        let ask = Ask { query, span: window.span, zone: &window.zone, conditions: &conditions, unnest: tx.unnest() };
        let row = tx.row(&grouped(&ask, source, &[], &wanted)).await?;
        let number =
            |(column, measure): (usize, &Measure)| Ok((*measure, row.as_ref().map_or(Ok(0), |row| row.int(column))?));
        wanted.iter().enumerate().map(number).collect()
    }
}

impl Scope {
    fn of(query: &ReportQuery, source: Source, window: &Window) -> Self {
        Self { filters: query.filters.clone(), mode: query.mode, source, span: window.span }
    }
}
