//! Reports: all that a page shows, in one question.

use leptos::prelude::*;
use utm_dispatcher::report::{ReportQuery, Table};

use crate::error::AppError;
use crate::wire::Json;

/// The most reports in one question.
pub const MAX_QUERIES: usize = 32;
/// The most rows of one report.
pub const MAX_ROWS: usize = 1_000;

/// The answers to `queries`, in their order, for a page of the build `build`. One that fails takes no other with it; if there is
/// none at all, that is the answer.
#[server(prefix = "/admin-panel/fn", endpoint = "reports", input = Json, output = Json)]
pub async fn reports(
    /// The asking page's build.
    build: String,
    /// What is asked.
    queries: Vec<ReportQuery>,
) -> Result<Vec<Result<Table, AppError>>, AppError> {
    use utm_dispatcher::model::Role;

    use crate::context;

    let role = context::viewer(Role::Viewer).map_err(context::refused)?.role;
    bounded(&queries).and_then(|()| permitted(&queries, role)).map_err(context::refused)?;
    let store = context::store(&build).map_err(context::refused)?;
    let answers = context::some(store.each_report(&queries, context::now()).await)?;
    Ok(answers.into_iter().map(|answer| answer.map(|table| table.seen_by(role))).collect())
}

/// Everything that an asker could make large is bounded.
#[cfg(feature = "ssr")]
fn bounded(queries: &[ReportQuery]) -> Result<(), AppError> {
    let bad = |parameter: &str, given: String, most: usize| AppError::BadInput {
        parameter: parameter.to_owned(),
        given,
        allowed: format!("1…{most}"),
    };
    if queries.len() > MAX_QUERIES {
        return Err(bad("queries", queries.len().to_string(), MAX_QUERIES));
    }
    for query in queries.iter().filter(|query| query.report.is_list() || !query.dimensions().is_empty()) {
        if !query.limit.is_some_and(|limit| (1..=MAX_ROWS).contains(&limit)) {
            let given = query.limit.map_or_else(String::new, |limit| limit.to_string());
            return Err(bad("limit", given, MAX_ROWS));
        }
    }
    Ok(())
}

/// Viewers do not search by what identifies people.
#[cfg(feature = "ssr")]
fn permitted(queries: &[ReportQuery], role: utm_dispatcher::model::Role) -> Result<(), AppError> {
    let is_personal = queries.iter().any(ReportQuery::is_personal);
    if is_personal && role < utm_dispatcher::model::Role::Analyst { Err(AppError::Forbidden) } else { Ok(()) }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use utm_dispatcher::model::Period;
    use utm_dispatcher::report::Report;

    use super::*;

    #[test]
    fn only_bounded_questions_pass() {
        let query = |report, limit| ReportQuery { limit, ..ReportQuery::new(report, Period::Today) };
        let cases = [
            (vec![], true),
            (vec![query(Report::General, None), query(Report::Sources, Some(20))], true),
            (vec![query(Report::Sources, Some(MAX_ROWS))], true),
            (vec![query(Report::Sources, None)], false),
            (vec![query(Report::Sessions, None)], false),
            (vec![query(Report::Sources, Some(0))], false),
            (vec![query(Report::Sources, Some(MAX_ROWS + 1))], false),
            (vec![query(Report::General, None); MAX_QUERIES], true),
            (vec![query(Report::General, None); MAX_QUERIES + 1], false),
        ];
        for (queries, passes) in cases {
            assert_eq!(bounded(&queries).is_ok(), passes, "{queries:?}");
        }
    }
}
