//! Grouped rows of several facts side by side: nothing is joined in SQL, so nothing is counted twice.

use std::collections::HashMap;

use super::super::db::Tx;
use super::super::error::StoreError;
use super::super::sql::{Cell, Row};
use super::batch::Batch;
use super::clock::{key_of, value_of};
use super::select::{Ask, grouped};
use super::source::Source;
use super::{Question, Window};
use crate::report::catalog::{Clock, Measure, Per};
use crate::report::{Dimension, Metric, Value};

/// The dimensions' values of a group.
pub type Labels = Vec<Value>;

/// The measures of every group, and of all together, in one stretch of days.
pub struct Groups {
    /// A number for each measure of the question.
    pub rows: HashMap<Labels, Vec<i64>>,
    /// The same without dimensions.
    pub totals: Vec<i64>,
}

/// Asks every fact that `question` needs, with its dimensions and, unless `batch` knows them, for all rows together.
pub async fn read(
    tx: &mut Tx,
    batch: &mut Batch,
    question: &Question<'_>,
    window: &Window,
) -> Result<Groups, StoreError> {
    let Question { query, dimensions, measures } = question;
    let totals = batch.totals(tx, question, window).await?;
    if dimensions.is_empty() {
        return Ok(Groups { rows: HashMap::from([(Vec::new(), totals.clone())]), totals });
    }
    let mut rows: HashMap<Labels, Vec<i64>> = HashMap::new();
    for source in sources(question) {
        let asked = |measure: &Measure| Source::of(*measure, dimensions, query.basis) == source;
        let places: Vec<usize> = (0..measures.len()).filter(|place| asked(&measures[*place])).collect();
        let wanted: Vec<Measure> = places.iter().map(|place| measures[*place]).collect();
        let entries = if source == Source::Sessions { batch.entries(tx, question, window).await? } else { None };
        let shared = entries.and_then(|entries| Some((entries.columns(dimensions, &wanted)?, entries)));
        let own;
        let (columns, found) = if let Some((columns, entries)) = &shared {
            (columns.clone(), &entries.rows)
        } else {
            let conditions = batch.conditions(tx, query, source, window).await?;
            let ask =
                Ask { query, span: window.span, zone: &window.zone, conditions: &conditions, unnest: tx.unnest() };
            own = tx.rows(&grouped(&ask, source, dimensions, &wanted)).await?;
            ((0..dimensions.len() + wanted.len()).collect(), &own)
        };
        let (of_labels, of_numbers) = columns.split_at(dimensions.len());
        for row in found {
            let counted = rows.entry(labels(dimensions, of_labels, row)?).or_insert_with(|| vec![0; measures.len()]);
            // Spend comes by day and entries are finer than what is asked: several rows may make one group.
            for (column, place) in of_numbers.iter().zip(&places) {
                counted[*place] = counted[*place].saturating_add(row.int(*column)?);
            }
        }
    }
    Ok(Groups { rows, totals })
}

/// The sources that are needed, each once and in a stable order.
fn sources(question: &Question) -> Vec<Source> {
    let all = question.measures.iter().map(|measure| Source::of(*measure, question.dimensions, question.query.basis));
    let mut sources: Vec<Source> = all.collect();
    sources.sort_unstable();
    sources.dedup();
    sources
}

fn labels(dimensions: &[Dimension], columns: &[usize], row: &Row) -> Result<Labels, StoreError> {
    let label = |(column, dimension): (&usize, &Dimension)| match dimension.clock() {
        None => Ok(row.opt_text(*column)?.map_or(Value::Null, Value::Text)),
        Some(clock) => clock_label(clock, row, *column),
    };
    columns.iter().zip(dimensions).map(label).collect()
}

fn clock_label(clock: Clock, row: &Row, place: usize) -> Result<Value, StoreError> {
    if let Some(Cell::Int(key)) = row.0.get(place) {
        return Ok(value_of(clock, *key));
    }
    // Spend's days are texts.
    let day = row.opt_day(place)?;
    Ok(day.map_or(Value::Null, |day| value_of(clock, key_of(clock, day))))
}

/// The cell of `metric` in a row of `counted` measures.
pub fn cell(metric: Metric, measures: &[Measure], counted: &[i64], totals: &[i64]) -> Value {
    let (_, formula) = metric.definition();
    let place = |measure: Measure| measures.iter().position(|other| *other == measure);
    let number = |measure, numbers: &[i64]| place(measure).and_then(|place| numbers.get(place)).copied().unwrap_or(0);
    let less = formula.less.map_or(0, |less| number(less, counted));
    // No store sells so much that this would not fit.
    let of = (number(formula.of, counted) - less).saturating_mul(formula.times);
    let per = match formula.per {
        Per::One => return Value::Whole(of),
        Per::Measure(per) => number(per, counted),
        Per::Total => number(formula.of, totals),
    };
    if per == 0 { Value::Null } else { Value::Fraction { of, per } }
}
