//! Answers queries: one grouped select over the sessions, the rest in Rust on the grouped rows.

use super::Store;
use super::db::Tx;
use super::error::StoreError;
use super::sql::{Cell, Row, Sql};
use crate::model::{Interval, Millis};
use crate::report::catalog::{Aggregate, Dictionary, Formula};
use crate::report::{Column, Dimension, Key, Metric, ReportQuery, Table, Value};

impl Store {
    /// The answer to one query, seen from `now`.
    pub async fn report(&self, query: &ReportQuery, now: Millis) -> Result<Table, StoreError> {
        let mut tx = self.db.read().await?;
        self.table(&mut tx, query, now).await
    }

    /// The answers to several queries, all from one snapshot.
    pub async fn reports(&self, queries: &[ReportQuery], now: Millis) -> Result<Vec<Table>, StoreError> {
        let mut tx = self.db.read().await?;
        let mut tables = Vec::with_capacity(queries.len());
        for query in queries {
            tables.push(self.table(&mut tx, query, now).await?);
        }
        Ok(tables)
    }

    async fn table(&self, tx: &mut Tx, query: &ReportQuery, now: Millis) -> Result<Table, StoreError> {
        let bounds = query.period.bounds(now, self.tz);
        let (dimensions, metrics) = (query.dimensions(), query.metrics());
        let facts = facts_of(metrics);
        let totals = tx.row(&select(&[], &facts, bounds)).await?.unwrap_or(Row(Vec::new()));
        let totals: Vec<Value> =
            dimensions.iter().map(|_| Value::Null).chain(values(metrics, &facts, &totals, 0)?).collect();
        let rows = if dimensions.is_empty() {
            vec![totals.clone()]
        } else {
            let grouped = tx.rows(&select(dimensions, &facts, bounds)).await?;
            grouped.iter().map(|row| table_row(dimensions, metrics, &facts, row)).collect::<Result<_, _>>()?
        };
        let keys = dimensions.iter().copied().map(Key::Dimension).chain(metrics.iter().copied().map(Key::Metric));
        let columns = keys.map(|key| Column { key }).collect();
        let mut table = Table { columns, total_rows: rows.len(), rows, totals };
        let (metric, direction) = query.sorted_by();
        if let Some(by) = table.column_of(metric) {
            table.sort(by, direction);
        }
        table.rows.truncate(query.limit.unwrap_or(usize::MAX));
        Ok(table)
    }
}

fn table_row(
    dimensions: &[Dimension],
    metrics: &[Metric],
    facts: &[Metric],
    row: &Row,
) -> Result<Vec<Value>, StoreError> {
    let labels = row.0.iter().take(dimensions.len()).map(|cell| match cell {
        Cell::Text(text) => Value::Text(text.clone()),
        Cell::Int(whole) => Value::Whole(*whole),
        Cell::Null => Value::Null,
    });
    Ok(labels.chain(values(metrics, facts, row, dimensions.len())?).collect())
}

/// The metrics that are aggregated in SQL, for `metrics` and what their quotients are made of.
fn facts_of(metrics: &[Metric]) -> Vec<Metric> {
    let mut facts = Vec::new();
    for metric in metrics {
        let needed = match metric.definition().1 {
            Formula::Sessions(_) => vec![*metric],
            Formula::Quotient { of, per, .. } => vec![of, per],
        };
        for metric in needed {
            if !facts.contains(&metric) {
                facts.push(metric);
            }
        }
    }
    facts
}

/// One grouped select over the sessions that started within `bounds`.
fn select(dimensions: &[Dimension], facts: &[Metric], bounds: Interval) -> Sql {
    let labels: Vec<String> = dimensions.iter().copied().map(label).collect();
    let aggregates = facts.iter().filter_map(|metric| match metric.definition().1 {
        Formula::Sessions(aggregate) => Some(expression(aggregate)),
        Formula::Quotient { .. } => None,
    });
    let columns: Vec<String> = labels.iter().cloned().chain(aggregates).collect();
    let mut sql = Sql::new(&format!("select {} from session s", columns.join(", ")));
    let mut joined: Vec<Dictionary> = dimensions.iter().map(|dimension| dimension.definition().0).collect();
    joined.sort_unstable();
    joined.dedup();
    for dictionary in joined {
        sql.push(join(dictionary));
    }
    sql.push(" where s.started_at >= ").push_bind(bounds.start).push(" and s.started_at < ").push_bind(bounds.end);
    if !labels.is_empty() {
        sql.push(" group by ").push(&labels.join(", "));
    }
    sql
}

fn label(dimension: Dimension) -> String {
    let (dictionary, column) = dimension.definition();
    let alias = match dictionary {
        Dictionary::Touch => "t",
        Dictionary::Client => "c",
        Dictionary::Place => "p",
    };
    format!("{alias}.{column}")
}

fn join(dictionary: Dictionary) -> &'static str {
    match dictionary {
        Dictionary::Touch => " join touch t on t.id = s.touch_id",
        Dictionary::Client => " join client c on c.id = s.client_id",
        Dictionary::Place => " join place p on p.id = s.place_id",
    }
}

/// The aggregate as SQL. PostgreSQL sums `bigint` into `numeric`: hence the casts.
fn expression(aggregate: Aggregate) -> String {
    match aggregate {
        Aggregate::Count => "count(*)".to_owned(),
        Aggregate::Sum(column) | Aggregate::CountIf(column) => format!("cast(coalesce(sum(s.{column}), 0) as bigint)"),
        Aggregate::DistinctVisitors => "count(distinct s.visitor_id)".to_owned(),
    }
}

/// The metrics' cells of a grouped row whose aggregates begin at column `first`.
fn values(metrics: &[Metric], facts: &[Metric], row: &Row, first: usize) -> Result<Vec<Value>, StoreError> {
    let fact = |metric: Metric| {
        let place = facts.iter().position(|fact| *fact == metric);
        place.map_or(Ok(0), |place| row.int(first + place))
    };
    let value = |metric: &Metric| {
        Ok(match metric.definition().1 {
            Formula::Sessions(_) => Value::Whole(fact(*metric)?),
            Formula::Quotient { of, per, times } => match fact(per)? {
                0 => Value::Null,
                per => Value::Fraction { of: fact(of)? * times, per },
            },
        })
    };
    metrics.iter().map(value).collect()
}
