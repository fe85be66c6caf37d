//! One grouped select over the rows of one source.

use super::super::sql::Sql;
use super::clock::Zone;
use super::condition::{self, Condition};
use super::source::{self, Source};
use super::span::Span;
use crate::report::catalog::{Aggregate, Dictionary, Measure, Step};
use crate::report::{Dimension, Mode, ReportQuery};

/// Everything that a select is made of beside its rows.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// The question.
    pub query: &'a ReportQuery,
    /// The days that are asked about.
    pub span: Span,
    /// The clock over these days.
    pub zone: &'a Zone,
    /// The filters.
    pub conditions: &'a [Condition],
    /// The database's way to read a bound list.
    pub unnest: fn(usize) -> String,
}

/// Selects `dimensions` and after them `measures`, a row for each group; a single row without dimensions.
pub fn grouped(ask: &Ask, source: Source, dimensions: &[Dimension], measures: &[Measure]) -> Sql {
    let mut sql = ungrouped(ask, source, dimensions, measures);
    if !dimensions.is_empty() {
        let places: Vec<String> = (1..=dimensions.len()).map(|place| place.to_string()).collect();
        sql.push(" group by ").push(&places.join(", "));
    }
    sql
}

/// As [`grouped`], but a row for each row of `dictionary`, which has all of `dimensions`: finer than they are, for whoever adds up.
pub fn by_entry(
    ask: &Ask,
    source: Source,
    dictionary: Dictionary,
    dimensions: &[Dimension],
    measures: &[Measure],
) -> Sql {
    let mut sql = ungrouped(ask, source, dimensions, measures);
    sql.push(" group by ").push(source.alias(dictionary)).push(".id");
    sql
}

fn ungrouped(ask: &Ask, source: Source, dimensions: &[Dimension], measures: &[Measure]) -> Sql {
    let mut sql = Sql::new("select ");
    let mut comma = "";
    for dimension in dimensions {
        sql.push(comma);
        source.push_value(&mut sql, *dimension, ask.zone);
        comma = ", ";
    }
    for measure in measures {
        sql.push(comma).push(&aggregate(source, measure.aggregate, ask.query.mode));
        comma = ", ";
    }
    push_rows(&mut sql, ask, source, dimensions);
    sql
}

/// Appends `from … where …`: the rows of `source` that the question is about.
pub fn push_rows(sql: &mut Sql, ask: &Ask, source: Source, dimensions: &[Dimension]) {
    let filtered = condition::dimensions_of(&ask.query.filters);
    let used: Vec<Dimension> = dimensions.iter().copied().chain(filtered).collect();
    source.push_from(sql, &used);
    source.push_where(sql, ask.span);
    if source == Source::Actions {
        // Actions that have nothing of what the rows are told apart by belong to none of them.
        for dimension in dimensions.iter().filter(|dimension| dimension.definition().is_of_actions()) {
            sql.push(&format!(" and {}", source::has(*dimension)));
        }
    }
    condition::push_all(sql, ask.conditions, source, dimensions, ask.zone, ask.unnest);
}

/// The aggregate as SQL. PostgreSQL sums `bigint` into `numeric`: hence the casts.
fn aggregate(source: Source, aggregate: Aggregate, mode: Mode) -> String {
    let sum = |what: String| format!("cast(coalesce(sum({what}), 0) as bigint)");
    match source {
        Source::Sessions => match aggregate {
            Aggregate::Count => "count(*)".to_owned(),
            Aggregate::Sum(column) | Aggregate::CountIf(column) | Aggregate::Actions(column, _) => {
                sum(format!("s.{column}"))
            }
            Aggregate::DistinctVisitors => "count(distinct s.visitor_id)".to_owned(),
            Aggregate::Reached(step) => sum(format!("case when {} then 1 else 0 end", reached(step, mode))),
        },
        // A session has many rows here and is counted once.
        Source::Actions => match aggregate {
            Aggregate::Count | Aggregate::Sum(_) => "count(distinct s.id)".to_owned(),
            Aggregate::CountIf(flag) => format!("count(distinct case when s.{flag} = 1 then s.id end)"),
            Aggregate::Actions(_, kind) => sum(format!("case when a.kind = '{kind}' then 1 else 0 end")),
            Aggregate::DistinctVisitors => "count(distinct s.visitor_id)".to_owned(),
            Aggregate::Reached(step) => format!("count(distinct case when {} then s.id end)", reached(step, mode)),
        },
        Source::Orders => match aggregate {
            Aggregate::Sum("revenue") => sum("o.total - o.refunded".to_owned()),
            Aggregate::Sum("refunds") => sum("o.refunded".to_owned()),
            _ => "count(*)".to_owned(),
        },
        Source::Spend => match aggregate {
            Aggregate::Sum(column) => sum(format!("d.{column}")),
            _ => "count(*)".to_owned(),
        },
    }
}

/// The condition that a session came as far as `step`.
fn reached(step: Step, mode: Mode) -> String {
    let steps = Step::ALL.into_iter().filter(|other| match mode {
        Mode::Nested => *other >= step,
        Mode::Independent => *other == step,
    });
    steps.map(|step| format!("s.{} > 0", step.column())).collect::<Vec<_>>().join(" or ")
}
