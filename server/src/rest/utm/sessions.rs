//! Single sessions, the newest first.

use axum::Json;
use axum::extract::{Extension, State};
use axum::response::IntoResponse;
use http::Uri;
use serde::Serialize;
use utm_dispatcher::model::order::Conversion;
use utm_dispatcher::model::visitor::Device;
use utm_dispatcher::model::{Id, Viewer, country};
use utm_dispatcher::report::{Cursor, Report, ReportQuery, SessionRow};
use utoipa::ToSchema;

use crate::auth::secret;
use crate::error::ApiError;
use crate::rest::query::{Parameters, next};
use crate::rest::time;
use crate::state::{AppState, now};

/// How many sessions a list gives unless asked otherwise.
pub const LIMIT: usize = 50;

pub async fn sessions(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    asked: Uri,
) -> Result<impl IntoResponse, ApiError> {
    let parameters = Parameters::read(asked.query());
    let (limit, cursor) = (Some(parameters.limit(LIMIT)?), parameters.cursor()?);
    let query = ReportQuery { limit, cursor, ..ReportQuery::new(Report::Sessions, parameters.period()?) };
    let page = state.store.session_page(&query, now()).await?;
    let rows: Vec<UtmSession> = page.rows.into_iter().map(|row| UtmSession::of(&row.seen_by(viewer.role))).collect();
    Ok((next(&asked, page.next.as_ref().map(Cursor::to_string)), Json(rows)))
}

/// A session as the original names its fields, with what it is counted under beside.
#[derive(Debug, Serialize, ToSchema)]
pub struct UtmSession {
    /// Below 2^53.
    #[schema(value_type = i64)]
    id: Id,
    /// Opaque, and never what a cookie holds.
    session_key: String,
    utm_source: Option<String>,
    utm_medium: Option<String>,
    utm_campaign: Option<String>,
    utm_content: Option<String>,
    utm_term: Option<String>,
    /// The source that it is counted under.
    source: String,
    /// The medium that it is counted under.
    medium: String,
    /// The channel group.
    channel: String,
    /// Null for viewers.
    ip_address: Option<String>,
    /// Two letters of ISO 3166-1.
    country: Option<String>,
    country_name: Option<&'static str>,
    city: Option<String>,
    #[schema(value_type = String)]
    device_type: Device,
    os_name: Option<String>,
    browser_name: Option<String>,
    #[schema(format = DateTime)]
    first_seen: String,
    #[schema(format = DateTime)]
    last_seen: String,
    is_converted: bool,
    /// `lead` or `purchase`.
    conversion_type: Option<&'static str>,
    #[schema(format = DateTime)]
    converted_at: Option<String>,
}

impl UtmSession {
    /// The session of a row that its reader may see.
    pub fn of(row: &SessionRow) -> Self {
        let SessionRow { utm, place, .. } = row.clone();
        Self {
            id: row.id,
            session_key: secret::hash(&format!("session {}", row.id))[..40].to_owned(),
            utm_source: utm.source,
            utm_medium: utm.medium,
            utm_campaign: utm.campaign,
            utm_content: utm.content,
            utm_term: utm.term,
            source: row.source.clone(),
            medium: row.medium.clone(),
            channel: row.channel.clone(),
            ip_address: row.ip.clone(),
            country_name: place.country.as_deref().and_then(country::name),
            country: place.country,
            city: place.city,
            device_type: row.device,
            os_name: row.os.clone(),
            browser_name: row.browser.clone(),
            first_seen: time(row.started_at),
            last_seen: time(row.last_seen),
            is_converted: row.conversion.is_some(),
            conversion_type: row.conversion.map(Conversion::key),
            converted_at: row.converted_at.map(time),
        }
    }
}
