//! Single sessions.

use leptos::prelude::*;
use utm_dispatcher::report::{ReportQuery, SessionPage};

use crate::error::AppError;
use crate::wire::Json;

/// How many sessions the list shows.
pub const SHOWN: usize = 30;

/// A page of sessions, newest first, for a page of the build `build`. The list shows no addresses, so none are sent.
#[server(prefix = "/admin-panel/fn", endpoint = "sessions", input = Json, output = Json)]
pub async fn sessions(
    /// The asking page's build.
    build: String,
    /// Which sessions: a query of the report `sessions`.
    query: ReportQuery,
) -> Result<SessionPage, AppError> {
    use utm_dispatcher::model::Role;

    use crate::context;

    let role = context::viewer(Role::Viewer).map_err(context::refused)?.role;
    asked(&query, role).map_err(context::refused)?;
    let store = context::store(&build).map_err(context::refused)?;
    let mut page = store.session_page(&query, context::now()).await.map_err(context::failed)?;
    page.rows.iter_mut().for_each(|row| row.ip = None);
    Ok(page)
}

/// Everything that an asker could make large is bounded, and viewers do not search by what identifies people.
#[cfg(feature = "ssr")]
fn asked(query: &ReportQuery, role: utm_dispatcher::model::Role) -> Result<(), AppError> {
    use utm_dispatcher::model::Role;
    use utm_dispatcher::report::Report;

    use super::reports::MAX_ROWS;

    let bad = |parameter: &str, given: String, allowed: String| {
        Err(AppError::BadInput { parameter: parameter.to_owned(), given, allowed })
    };
    if query.report != Report::Sessions {
        return bad("report", query.report.to_string(), Report::Sessions.to_string());
    }
    if query.is_personal() && role < Role::Analyst {
        return Err(AppError::Forbidden);
    }
    if !query.limit.is_some_and(|limit| (1..=MAX_ROWS).contains(&limit)) {
        return bad("limit", query.limit.map_or_else(String::new, |limit| limit.to_string()), format!("1…{MAX_ROWS}"));
    }
    query.check().map_err(AppError::from)
}
