//! Single sessions.

use leptos::prelude::*;
use utm_dispatcher::model::Id;
use utm_dispatcher::report::{ReportQuery, SessionDetail, SessionPage};

use crate::error::AppError;
use crate::wire::Json;

/// How many sessions a page of the list shows.
pub const SHOWN: usize = 30;

/// The page `page`, from 1, of the list of sessions, newest first, for a page of the build `build`; the last one when there
/// are not so many. The list shows no addresses, so none are sent.
#[server(prefix = "/admin-panel/fn", endpoint = "sessions", input = Json, output = Json)]
pub async fn sessions(
    /// The asking page's build.
    build: String,
    /// Which sessions: a query of the report `sessions`, without a limit.
    query: ReportQuery,
    /// Which page of them.
    page: usize,
) -> Result<SessionPage, AppError> {
    use utm_dispatcher::model::Role;

    use crate::context;

    let role = context::viewer(Role::Viewer).map_err(context::refused)?.role;
    asked(&query, page, role).map_err(context::refused)?;
    let store = context::store(&build).map_err(context::refused)?;
    let query = ReportQuery { limit: Some(page * SHOWN), ..query };
    let mut answer = store.session_page(&query, context::now()).await.map_err(context::failed)?;
    let last = answer.rows.len().saturating_sub(1) / SHOWN;
    answer.rows.drain(..last.min(page - 1) * SHOWN);
    answer.rows.iter_mut().for_each(|row| row.ip = None);
    Ok(answer)
}

/// Everything about the session `id`, for a page of the build `build`.
#[server(prefix = "/admin-panel/fn", endpoint = "session", input = Json, output = Json)]
pub async fn session(
    /// The asking page's build.
    build: String,
    /// Which one.
    id: Id,
) -> Result<SessionDetail, AppError> {
    use utm_dispatcher::model::Role;

    use crate::context;

    let role = context::viewer(Role::Viewer).map_err(context::refused)?.role;
    let store = context::store(&build).map_err(context::refused)?;
    let detail = store.session_detail(id).await.map_err(context::failed)?;
    Ok(detail.ok_or(AppError::Missing).map_err(context::refused)?.seen_by(role))
}

/// Everything that an asker could make large is bounded, and viewers do not search by what identifies people.
#[cfg(feature = "ssr")]
fn asked(query: &ReportQuery, page: usize, role: utm_dispatcher::model::Role) -> Result<(), AppError> {
    use utm_dispatcher::model::Role;
    use utm_dispatcher::report::Report;

    use crate::query::MAX_PAGE;

    let bad = |parameter: &str, given: String, allowed: String| {
        Err(AppError::BadInput { parameter: parameter.to_owned(), given, allowed })
    };
    if query.report != Report::Sessions {
        return bad("report", query.report.to_string(), Report::Sessions.to_string());
    }
    if query.is_personal() && role < Role::Analyst {
        return Err(AppError::Forbidden);
    }
    if !(1..=MAX_PAGE).contains(&page) {
        return bad("page", page.to_string(), format!("1…{MAX_PAGE}"));
    }
    query.check().map_err(AppError::from)
}
