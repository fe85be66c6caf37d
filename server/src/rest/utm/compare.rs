//! A period beside the one before it.

use axum::Json;
use axum::extract::{RawQuery, State};
use serde_json::{Map, Value as JsonValue, json};
use utm_dispatcher::report::{Align, Compare, Metric, Report, ReportQuery};
use utoipa::openapi::Type;
use utoipa::openapi::schema::ObjectBuilder;

use crate::error::ApiError;
use crate::rest::number;
use crate::rest::openapi::schema::{numbers, object, of};
use crate::rest::query::Parameters;
use crate::state::{AppState, now};

/// The name of a metric's total, the name of its change, the metric.
const COMPARED: [(&str, &str, Metric); 5] = [
    ("total_sessions", "sessions", Metric::Sessions),
    ("total_conversions", "conversions", Metric::Conversions),
    ("conversion_rate", "conversion_rate", Metric::Cr),
    ("total_revenue", "revenue", Metric::Revenue),
    ("avg_order_value", "avg_order_value", Metric::Aov),
];

pub async fn compare(State(state): State<AppState>, RawQuery(query): RawQuery) -> Result<Json<JsonValue>, ApiError> {
    let parameters = Parameters::read(query.as_deref());
    let aligns = [("full", Align::Full), ("elapsed", Align::Elapsed)];
    let query = ReportQuery {
        compare: Compare::Previous,
        align: parameters.word("align", Align::default(), &aligns)?,
        metrics: Some(COMPARED.iter().map(|(_, _, metric)| *metric).collect()),
        ..ReportQuery::new(Report::General, parameters.period()?)
    };
    let table = state.store.report(&query, now()).await?;
    let (mut current, mut previous, mut change) = (Map::new(), Map::new(), Map::new());
    for (total, changed, metric) in COMPARED {
        let (now, before) = (table.total(metric), table.previous_total(metric));
        current.insert(total.to_owned(), number::json(now, metric));
        previous.insert(total.to_owned(), number::json(before, metric));
        change.insert(changed.to_owned(), number::change(metric, now, before));
    }
    Ok(Json(json!({ "current": current, "previous": previous, "change": change })))
}

/// The shape of the answer.
pub fn shape() -> ObjectBuilder {
    let totals = || numbers(&COMPARED.map(|(total, _, metric)| (total, metric)));
    let changes = object(COMPARED.map(|(_, changed, _)| (changed, of(Type::Number))))
        .description(Some("In per cent of what was before; of the conversion rate in percentage points."));
    object([("current", totals()), ("previous", totals()), ("change", changes)])
}
