//! A period as a whole: its totals, its funnel, first visits beside later ones.

use axum::Json;
use axum::extract::{RawQuery, State};
use serde_json::{Map, Value as JsonValue};
use utm_dispatcher::report::{Metric, Mode, Report, ReportQuery, Table, Value};

use crate::error::ApiError;
use crate::rest::number;
use crate::rest::query::Parameters;
use crate::state::{AppState, now};

/// The metrics of a period, and the names that the original gave them.
pub const GENERAL: [(&str, Metric); 8] = [
    ("total_sessions", Metric::Sessions),
    ("unique_visitors", Metric::Visitors),
    ("total_conversions", Metric::Conversions),
    ("conversion_rate", Metric::Cr),
    ("total_revenue", Metric::Revenue),
    ("avg_order_value", Metric::Aov),
    ("total_score", Metric::Points),
    ("avg_score_per_session", Metric::PointsPerSession),
];

/// The steps of the funnel; every rate is of all sessions.
pub const FUNNEL: [(&str, Metric); 11] = [
    ("total", Metric::Sessions),
    ("product_views", Metric::FunnelProductView),
    ("add_to_cart", Metric::FunnelAddToCart),
    ("initiate_checkout", Metric::FunnelInitiateCheckout),
    ("leads", Metric::FunnelLead),
    ("purchases", Metric::FunnelPurchase),
    ("product_views_rate", Metric::ProductViewRate),
    ("add_to_cart_rate", Metric::AddToCartRate),
    ("checkout_rate", Metric::InitiateCheckoutRate),
    ("lead_rate", Metric::LeadRate),
    ("purchase_rate", Metric::PurchaseRate),
];

/// What is counted of a type of visitor, under which name; nothing when all types together are meant.
pub const RETURNING: [(&str, &str, Metric); 5] = [
    ("total_sessions", "", Metric::Sessions),
    ("first_visits", "new", Metric::Sessions),
    ("returning_visits", "returning", Metric::Sessions),
    ("first_visits_rate", "new", Metric::Share),
    ("returning_visits_rate", "returning", Metric::Share),
];

type Answer = Result<Json<JsonValue>, ApiError>;

pub async fn general_stats(State(state): State<AppState>, RawQuery(query): RawQuery) -> Answer {
    let period = Parameters::read(query.as_deref()).period()?;
    let query = ReportQuery { metrics: Some(metrics(&GENERAL)), ..ReportQuery::new(Report::General, period) };
    Ok(Json(totals(&state.store.report(&query, now()).await?, &GENERAL)))
}

pub async fn funnel(State(state): State<AppState>, RawQuery(query): RawQuery) -> Answer {
    let parameters = Parameters::read(query.as_deref());
    let modes = [("nested", Mode::Nested), ("independent", Mode::Independent)];
    let mode = parameters.word("mode", Mode::default(), &modes)?;
    let asked = ReportQuery::new(Report::Funnel, parameters.period()?);
    let query = ReportQuery { metrics: Some(metrics(&FUNNEL)), mode, ..asked };
    Ok(Json(totals(&state.store.report(&query, now()).await?, &FUNNEL)))
}

pub async fn returning_visitors(State(state): State<AppState>, RawQuery(query): RawQuery) -> Answer {
    let period = Parameters::read(query.as_deref()).period()?;
    let metrics = Some(vec![Metric::Sessions, Metric::Share]);
    let query = ReportQuery { metrics, ..ReportQuery::new(Report::ReturningVisitors, period) };
    let table = state.store.report(&query, now()).await?;
    let fields = RETURNING.iter().map(|(name, visitors, metric)| {
        let value = if visitors.is_empty() { table.total(*metric) } else { of(&table, visitors, *metric) };
        ((*name).to_owned(), number::json(value, *metric))
    });
    Ok(Json(fields.collect::<Map<_, _>>().into()))
}

/// The cell of `metric` in the row of `label`; null when there is no such row.
fn of<'a>(table: &'a Table, label: &str, metric: Metric) -> &'a Value {
    let row = table.rows.iter().find(|row| matches!(row.first(), Some(Value::Text(text)) if text == label));
    row.and_then(|row| row.get(table.column_of(metric)?)).unwrap_or(&Value::Null)
}

fn metrics(fields: &[(&str, Metric)]) -> Vec<Metric> {
    fields.iter().map(|(_, metric)| *metric).collect()
}

fn totals(table: &Table, fields: &[(&str, Metric)]) -> JsonValue {
    let field = |(name, metric): &(&str, Metric)| ((*name).to_owned(), number::json(table.total(*metric), *metric));
    fields.iter().map(field).collect::<Map<_, _>>().into()
}
