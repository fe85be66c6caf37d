//! Sessions told apart by where they came from or by what people hold in their hands.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use http::Uri;
use serde_json::{Map, Value as JsonValue};
use utm_dispatcher::model::touch::{DIRECT, NOT_AVAILABLE};
use utm_dispatcher::report::filter::MAX_LENGTH;
use utm_dispatcher::report::{Cursor, Dimension, Metric, Report, ReportQuery, Table, Value};

use crate::error::ApiError;
use crate::rest::number;
use crate::rest::openapi::Described;
use crate::rest::openapi::parameters::{days, page, query};
use crate::rest::openapi::schema::{label, list, number as number_shape, object, text as text_shape};
use crate::rest::query::{MOST, Parameters, next};
use crate::state::{AppState, now};

/// A metric under the name that the original gave it.
pub type Field = (&'static str, Metric);

/// A list of groups: what it says of each.
pub struct List {
    report: Report,
    /// The dimensions under the original's names, and what stands for no value.
    labels: &'static [(&'static str, Dimension, &'static str)],
    fields: &'static [Field],
    /// A parameter that narrows the list, and to which dimension's value.
    filter: Option<(&'static str, Dimension)>,
    /// How many groups there are unless asked otherwise.
    limit: usize,
}

/// What is told of sources.
const WITH_ORDERS: [Field; 6] = [
    ("sessions", Metric::Sessions),
    ("conversions", Metric::Conversions),
    ("conversion_rate", Metric::Cr),
    ("revenue", Metric::Revenue),
    ("avg_order_value", Metric::Aov),
    ("total_score", Metric::Points),
];
/// What is told of campaigns and their content.
const WITH_REVENUE: [Field; 5] = [
    ("sessions", Metric::Sessions),
    ("conversions", Metric::Conversions),
    ("conversion_rate", Metric::Cr),
    ("revenue", Metric::Revenue),
    ("total_score", Metric::Points),
];
/// What is told of places and devices.
pub const VISITS: [Field; 3] =
    [("sessions", Metric::Sessions), ("conversions", Metric::Conversions), ("conversion_rate", Metric::Cr)];

/// What stands for what is not known.
pub const UNKNOWN: &str = "Unknown";

pub const SOURCES: List = List {
    report: Report::Sources,
    labels: &[("utm_source", Dimension::Source, DIRECT)],
    fields: &WITH_ORDERS,
    filter: None,
    limit: 20,
};
pub const CAMPAIGNS: List = List {
    report: Report::Campaigns,
    labels: &[("utm_campaign", Dimension::Campaign, NOT_AVAILABLE), ("utm_source", Dimension::Source, DIRECT)],
    fields: &WITH_REVENUE,
    filter: Some(("source", Dimension::Source)),
    limit: 20,
};
pub const CONTENT: List = List {
    report: Report::Content,
    labels: &[("utm_content", Dimension::Content, NOT_AVAILABLE), ("utm_campaign", Dimension::Campaign, NOT_AVAILABLE)],
    fields: &WITH_REVENUE,
    filter: Some(("campaign", Dimension::Campaign)),
    limit: 20,
};
pub const DEVICES: List = List {
    report: Report::Devices,
    labels: &[("device_type", Dimension::DeviceType, "unknown")],
    fields: &VISITS,
    filter: None,
    limit: MOST,
};
pub const BROWSERS: List = List {
    report: Report::Browsers,
    labels: &[("browser_name", Dimension::Browser, UNKNOWN)],
    fields: &VISITS,
    filter: None,
    limit: 10,
};
pub const OPERATING_SYSTEMS: List = List {
    report: Report::OperatingSystems,
    labels: &[("os_name", Dimension::Os, UNKNOWN)],
    fields: &VISITS,
    filter: None,
    limit: 10,
};

pub async fn sources(State(state): State<AppState>, asked: Uri) -> Result<impl IntoResponse, ApiError> {
    SOURCES.answer(&state, &asked).await
}

pub async fn campaigns(State(state): State<AppState>, asked: Uri) -> Result<impl IntoResponse, ApiError> {
    CAMPAIGNS.answer(&state, &asked).await
}

pub async fn content(State(state): State<AppState>, asked: Uri) -> Result<impl IntoResponse, ApiError> {
    CONTENT.answer(&state, &asked).await
}

pub async fn devices(State(state): State<AppState>, asked: Uri) -> Result<impl IntoResponse, ApiError> {
    DEVICES.answer(&state, &asked).await
}

pub async fn browsers(State(state): State<AppState>, asked: Uri) -> Result<impl IntoResponse, ApiError> {
    BROWSERS.answer(&state, &asked).await
}

pub async fn operating_systems(State(state): State<AppState>, asked: Uri) -> Result<impl IntoResponse, ApiError> {
    OPERATING_SYSTEMS.answer(&state, &asked).await
}

impl List {
    async fn answer(&self, state: &AppState, asked: &Uri) -> Result<impl IntoResponse + use<>, ApiError> {
        let query = self.query(&Parameters::read(asked.query()))?;
        let table = state.store.report(&query, now()).await?;
        let rows: JsonValue = table.rows.iter().map(|row| self.row(&table, row)).collect();
        Ok((next(asked, table.next.as_ref().map(Cursor::to_string)), Json(rows)))
    }

    /// What it takes and gives, for the API's description.
    pub fn describe(&self, it: Described) -> Described {
        let filter = self.filter.map(|(name, _)| {
            query(name, "Exactly this value.", text_shape().min_length(Some(1)).max_length(Some(MAX_LENGTH)))
        });
        let labels = self.labels.iter().map(|(name, dimension, _)| (*name, label(*dimension)));
        let row = object(labels.chain(self.fields.iter().map(|(name, metric)| (*name, number_shape(*metric)))));
        it.takes(days()).takes(filter).takes(page(self.limit)).gives_list(list(row))
    }

    fn query(&self, parameters: &Parameters) -> Result<ReportQuery, ApiError> {
        let filter = self.filter.map(|(name, dimension)| parameters.filter(name, dimension)).transpose()?;
        Ok(ReportQuery {
            dimensions: Some(self.labels.iter().map(|(_, dimension, _)| *dimension).collect()),
            metrics: Some(self.fields.iter().map(|(_, metric)| *metric).collect()),
            filters: filter.flatten().into_iter().collect(),
            limit: Some(parameters.limit(self.limit)?),
            cursor: parameters.cursor()?,
            ..ReportQuery::new(self.report, parameters.period()?)
        })
    }

    fn row(&self, table: &Table, row: &[Value]) -> JsonValue {
        let label = |((name, _, unknown), value): (&(&str, Dimension, &str), &Value)| {
            ((*name).to_owned(), text(value).unwrap_or(unknown).into())
        };
        self.labels.iter().zip(row).map(label).chain(numbers(table, row, self.fields)).collect::<Map<_, _>>().into()
    }
}

/// A label, if it is known.
pub fn text(value: &Value) -> Option<&str> {
    if let Value::Text(text) = value { Some(text) } else { None }
}

/// What `fields` say of a row.
pub fn numbers(table: &Table, row: &[Value], fields: &[Field]) -> impl Iterator<Item = (String, JsonValue)> {
    fields.iter().map(|(name, metric)| {
        let value = table.column_of(*metric).and_then(|column| row.get(column)).unwrap_or(&Value::Null);
        ((*name).to_owned(), number::json(value, *metric))
    })
}
