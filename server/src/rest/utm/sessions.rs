//! Single sessions, the newest first.

use axum::Json;
use axum::extract::{Extension, State};
use axum::response::IntoResponse;
use http::Uri;
use serde_json::{Map, Value as JsonValue, json};
use utm_dispatcher::model::Viewer;
use utm_dispatcher::model::order::Conversion;
use utm_dispatcher::report::{Cursor, Report, ReportQuery, SessionRow};

use super::country_name;
use crate::auth::secret;
use crate::error::ApiError;
use crate::rest::query::{Parameters, next};
use crate::rest::time;
use crate::state::{AppState, now};

/// How many sessions a list gives unless asked otherwise.
const LIMIT: usize = 50;

pub async fn sessions(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    asked: Uri,
) -> Result<impl IntoResponse, ApiError> {
    let parameters = Parameters::read(asked.query());
    let (limit, cursor) = (Some(parameters.limit(LIMIT)?), parameters.cursor()?);
    let query = ReportQuery { limit, cursor, ..ReportQuery::new(Report::Sessions, parameters.period()?) };
    let page = state.store.session_page(&query, now()).await?;
    let rows: JsonValue = page.rows.into_iter().map(|row| JsonValue::from(fields(&row.seen_by(viewer.role)))).collect();
    Ok((next(&asked, page.next.as_ref().map(Cursor::to_string)), Json(rows)))
}

/// A session as the original names its fields, with what it is counted under beside.
pub fn fields(row: &SessionRow) -> Map<String, JsonValue> {
    let fields = json!({
        "id": row.id,
        // Opaque, and never what a cookie holds.
        "session_key": secret::hash(&format!("session {}", row.id))[..40],
        "utm_source": row.utm.source,
        "utm_medium": row.utm.medium,
        "utm_campaign": row.utm.campaign,
        "utm_content": row.utm.content,
        "utm_term": row.utm.term,
        "source": row.source,
        "medium": row.medium,
        "channel": row.channel,
        "ip_address": row.ip,
        "country": row.place.country,
        "country_name": row.place.country.as_deref().and_then(country_name),
        "city": row.place.city,
        "device_type": row.device,
        "os_name": row.os,
        "browser_name": row.browser,
        "first_seen": time(row.started_at),
        "last_seen": time(row.last_seen),
        "is_converted": row.conversion.is_some(),
        "conversion_type": row.conversion.map(Conversion::key),
        "converted_at": row.converted_at.map(time),
    });
    if let JsonValue::Object(fields) = fields { fields } else { Map::new() }
}
