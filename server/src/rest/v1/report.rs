//! Any report with any query.

use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, RawQuery, State};
use axum::response::Response;
use http::header::LINK;
use http::{HeaderMap, HeaderValue};
use utm_dispatcher::model::{Role, Viewer};
use utm_dispatcher::report::{BadQuery, Report, ReportQuery};

use crate::error::ApiError;
use crate::export::json;
use crate::rest::etag;
use crate::state::{AppState, now};

/// The most rows of one answer, and how many it has unless asked otherwise.
pub const MOST: usize = 1000;

/// `GET /api/v1/reports/{id}?period=month&filter=source:is:facebook`.
pub async fn report(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    id: Result<Path<String>, PathRejection>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let report: Report = id.ok().and_then(|Path(id)| id.parse().ok()).ok_or(ApiError::NoReport)?;
    let asked = asked(report, query.as_deref().unwrap_or_default(), viewer.role)?;
    let query = ReportQuery { limit: Some(asked.limit.unwrap_or(MOST)), ..asked.clone() };
    let mut table = state.store.report(&query, now()).await?.seen_by(viewer.role);
    table.query = asked.to_string();
    let mut body = Vec::new();
    // Writing into memory cannot fail.
    let _ = json::write(&mut body, &table);
    let mut answer = etag::json(&headers, etag::PRIVATE, body);
    let next = table.next.map(|cursor| ReportQuery { cursor: Some(cursor), ..asked });
    let link = next.map(|next| HeaderValue::try_from(format!("</api/v1/reports/{report}?{next}>; rel=\"next\"")));
    if let Some(Ok(link)) = link {
        answer.headers_mut().insert(LINK, link);
    }
    Ok(answer)
}

/// What is asked, if a page can hold it and `role` may ask it; a limit that goes without saying is left out.
fn asked(report: Report, text: &str, role: Role) -> Result<ReportQuery, ApiError> {
    let asked = ReportQuery::parse(report, text).map_err(|refused| match refused.parameter {
        "limit" => BadQuery { allowed: allowed_limit(), ..refused },
        _ => refused,
    })?;
    if asked.is_personal() && role < Role::Analyst {
        return Err(ApiError::Forbidden("viewers see no order numbers and may not ask for them"));
    }
    match asked.limit {
        Some(limit) if limit > MOST => Err(BadQuery::new("limit", &limit.to_string(), allowed_limit()).into()),
        limit => Ok(ReportQuery { limit: limit.filter(|limit| *limit < MOST), ..asked }),
    }
}

fn allowed_limit() -> String {
    format!("a whole number from 1 to {MOST}")
}
