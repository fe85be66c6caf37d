//! `/api/utm/…`: the endpoints of the system that this one replaces, with its field names.

use axum::Json;
use axum::extract::{Extension, RawQuery, State};
use axum::handler::Handler;
use axum::middleware::from_fn;
use axum::routing::{MethodRouter, get};
use chrono::{DateTime, SecondsFormat};
use serde_json::{Map, Value as JsonValue, json};
use utm_dispatcher::model::order::Conversion;
use utm_dispatcher::model::{Millis, Role, Viewer};
use utm_dispatcher::report::{Metric, Report, ReportQuery, SessionRow, Table, Value};

use super::number;
use super::query::Parameters;
use crate::auth::{guard, secret};
use crate::error::ApiError;
use crate::export::original::export_csv;
use crate::state::{AppState, now};

/// An endpoint: the name in its path, what answers.
pub type Endpoint = (&'static str, fn() -> MethodRouter<AppState>);

/// Every endpoint.
pub const ENDPOINTS: [Endpoint; 4] = [
    ("general_stats", || read(general_stats)),
    ("sources", || read(sources)),
    ("sessions", || read(sessions)),
    ("export_csv", || get(export_csv).route_layer(from_fn(guard::export_api)).fallback(only_get)),
];

/// The metrics of a period as a whole, and the names that the original gave them.
const GENERAL: [(&str, Metric); 8] = [
    ("total_sessions", Metric::Sessions),
    ("unique_visitors", Metric::Visitors),
    ("total_conversions", Metric::Conversions),
    ("conversion_rate", Metric::Cr),
    ("total_revenue", Metric::Revenue),
    ("avg_order_value", Metric::Aov),
    ("total_score", Metric::Points),
    ("avg_score_per_session", Metric::PointsPerSession),
];

/// The metrics of a group, and the names that the original gave them.
const GROUPED: [(&str, Metric); 6] = [
    ("sessions", Metric::Sessions),
    ("conversions", Metric::Conversions),
    ("conversion_rate", Metric::Cr),
    ("revenue", Metric::Revenue),
    ("avg_order_value", Metric::Aov),
    ("total_score", Metric::Points),
];

/// How many groups a list gives by default.
const GROUPS: usize = 20;
/// How many sessions a list gives by default.
const SESSIONS: usize = 50;

/// The paths of an endpoint: hyphen or underscore, with or without the last slash.
pub fn spellings(name: &str) -> impl Iterator<Item = String> {
    let mut names = vec![name.to_owned(), name.replace('_', "-")];
    names.dedup();
    names.into_iter().flat_map(|name| ["", "/"].map(|end| format!("/api/utm/{name}{end}")))
}

/// An endpoint that only reads, for those who may.
fn read<H: Handler<T, AppState>, T: 'static>(handler: H) -> MethodRouter<AppState> {
    get(handler).route_layer(from_fn(guard::read_api)).fallback(only_get)
}

async fn only_get() -> ApiError {
    ApiError::Method("GET, HEAD")
}

/// There is no such endpoint.
pub async fn missing() -> ApiError {
    ApiError::NotFound
}

async fn general_stats(State(state): State<AppState>, RawQuery(query): RawQuery) -> Result<Json<JsonValue>, ApiError> {
    let period = Parameters::read(query.as_deref()).period()?;
    let table = state.store.report(&ReportQuery::new(Report::General, period), now()).await?;
    let fields = GENERAL.iter().map(|(name, metric)| ((*name).to_owned(), number::json(table.total(*metric), *metric)));
    Ok(Json(fields.collect::<Map<_, _>>().into()))
}

async fn sources(State(state): State<AppState>, RawQuery(query): RawQuery) -> Result<Json<JsonValue>, ApiError> {
    let parameters = Parameters::read(query.as_deref());
    let (period, limit) = (parameters.period()?, parameters.limit(GROUPS)?);
    let query = ReportQuery { limit: Some(limit), ..ReportQuery::new(Report::Sources, period) };
    let table = state.store.report(&query, now()).await?;
    Ok(Json(groups(&table, &["utm_source"])))
}

/// The rows of `table`, its dimensions under `names` and its metrics under the original's.
fn groups(table: &Table, names: &[&str]) -> JsonValue {
    let group = |row: &Vec<Value>| -> JsonValue {
        let labels = names.iter().zip(row).map(|(name, value)| {
            let label = if let Value::Text(text) = value { text.as_str().into() } else { JsonValue::Null };
            ((*name).to_owned(), label)
        });
        let numbers = GROUPED.iter().map(|(name, metric)| {
            let value = table.column_of(*metric).and_then(|column| row.get(column)).unwrap_or(&Value::Null);
            ((*name).to_owned(), number::json(value, *metric))
        });
        labels.chain(numbers).collect::<Map<_, _>>().into()
    };
    table.rows.iter().map(group).collect()
}

async fn sessions(
    State(state): State<AppState>,
    Extension(viewer): Extension<Viewer>,
    RawQuery(query): RawQuery,
) -> Result<Json<JsonValue>, ApiError> {
    let parameters = Parameters::read(query.as_deref());
    let (period, limit) = (parameters.period()?, parameters.limit(SESSIONS)?);
    let rows = state.store.sessions(period, limit, now()).await?;
    Ok(Json(rows.iter().map(|row| session(row, viewer.role)).collect()))
}

/// A session as the original names its fields, with what it is counted under beside.
fn session(row: &SessionRow, role: Role) -> JsonValue {
    let ip = if role >= Role::Analyst { row.ip.as_deref() } else { None };
    json!({
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
        "ip_address": ip,
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
        "converted_at": row.converted_at.and_then(time),
    })
}

/// The English short name of a country of ISO 3166-1.
pub fn country_name(code: &str) -> Option<&'static str> {
    rust_iso3166::from_alpha2(code).map(|country| country.name)
}

/// ISO 8601 in UTC, to the millisecond.
fn time(at: Millis) -> Option<String> {
    DateTime::from_timestamp_millis(at).map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_has_its_spellings() {
        assert_eq!(
            spellings("general_stats").collect::<Vec<_>>(),
            ["/api/utm/general_stats", "/api/utm/general_stats/", "/api/utm/general-stats", "/api/utm/general-stats/"]
        );
        assert_eq!(spellings("sources").count(), 2);
    }

    #[test]
    fn countries_have_english_names() {
        assert_eq!(country_name("UA"), Some("Ukraine"));
        assert_eq!(country_name("ua"), None);
        assert_eq!(country_name("ZZ"), None);
    }
}
