//! What can be asked: every report, metric, dimension and filter with what it is.

use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use serde::Serialize;
use utm_dispatcher::report::{Dimension, Metric, Operator, Report, SessionField, Subject, Unit};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::rest::etag;
use crate::state::AppState;

/// What can be asked.
#[derive(Debug, Serialize, ToSchema)]
pub struct Catalogue {
    /// What amounts are in, by ISO 4217.
    currency: String,
    /// The zone of days and hours.
    timezone: String,
    reports: Vec<ReportEntry>,
    metrics: Vec<MetricEntry>,
    dimensions: Vec<DimensionEntry>,
    filters: Vec<FilterEntry>,
    units: Vec<Entry>,
}

/// Something by its key.
#[derive(Debug, Serialize, ToSchema)]
struct Entry {
    key: &'static str,
    description: &'static str,
}

/// A named report.
#[derive(Debug, Serialize, ToSchema)]
struct ReportEntry {
    id: &'static str,
    description: &'static str,
    /// What its rows are told apart by, unless asked otherwise.
    dimensions: Vec<&'static str>,
    /// What it counts, unless asked otherwise.
    metrics: Vec<&'static str>,
    /// The columns of a list of single sessions, which has neither.
    fields: Vec<Entry>,
}

/// Something that can be counted.
#[derive(Debug, Serialize, ToSchema)]
struct MetricEntry {
    key: &'static str,
    description: &'static str,
    /// What its numbers are of.
    unit: &'static str,
    /// The dimensions that it can be told apart by.
    dimensions: Vec<&'static str>,
}

/// Something that rows can be told apart by.
#[derive(Debug, Serialize, ToSchema)]
struct DimensionEntry {
    key: &'static str,
    description: &'static str,
}

/// What a filter may look at.
#[derive(Debug, Serialize, ToSchema)]
struct FilterEntry {
    key: &'static str,
    description: &'static str,
    /// How it may compare.
    operators: Vec<&'static str>,
}

/// `GET /api/v1/reports`.
pub async fn catalogue(State(state): State<AppState>, headers: HeaderMap) -> Result<Response, ApiError> {
    let catalogue = Catalogue::of(&state.config.store.currency, state.store.tz().name());
    let body = serde_json::to_vec(&catalogue).map_err(|_| ApiError::NotFound)?;
    Ok(etag::json(&headers, etag::PRIVATE, body))
}

impl Catalogue {
    fn of(currency: &str, timezone: &str) -> Self {
        Self {
            currency: currency.to_owned(),
            timezone: timezone.to_owned(),
            reports: Report::ALL.iter().copied().map(ReportEntry::of).collect(),
            metrics: Metric::ALL.iter().copied().map(MetricEntry::of).collect(),
            dimensions: Dimension::ALL.iter().copied().map(DimensionEntry::of).collect(),
            filters: Subject::all().map(FilterEntry::of).collect(),
            units: Unit::ALL.map(|unit| Entry { key: unit.key(), description: unit.description() }).into(),
        }
    }
}

impl ReportEntry {
    fn of(report: Report) -> Self {
        let own = report.definition();
        let field = |field: &SessionField| Entry { key: field.key(), description: field.description() };
        Self {
            id: report.key(),
            description: report.description(),
            dimensions: own.dimensions.iter().map(|dimension| dimension.key()).collect(),
            metrics: own.metrics.iter().map(|metric| metric.key()).collect(),
            fields: if report.is_list() { SessionField::ALL.iter().map(field).collect() } else { Vec::new() },
        }
    }
}

impl MetricEntry {
    fn of(metric: Metric) -> Self {
        let possible = Dimension::ALL.iter().filter(|dimension| metric.is_split_by(**dimension));
        Self {
            key: metric.key(),
            description: metric.description(),
            unit: metric.definition().0.key(),
            dimensions: possible.map(|dimension| dimension.key()).collect(),
        }
    }
}

impl DimensionEntry {
    fn of(dimension: Dimension) -> Self {
        Self { key: dimension.key(), description: dimension.description() }
    }
}

impl FilterEntry {
    fn of(subject: Subject) -> Self {
        Self {
            key: subject.key(),
            description: subject.description(),
            operators: subject.operators().iter().copied().map(Operator::key).collect(),
        }
    }
}
