//! Countries and cities: two lists in one answer, which go on together.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use http::Uri;
use serde_json::{Map, Value as JsonValue, json};
use utm_dispatcher::model::country;
use utm_dispatcher::report::{Cursor, Dimension, Report, ReportQuery, Table, Value};
use utoipa::openapi::schema::{Object, ObjectBuilder};

use super::groups::{UNKNOWN, VISITS, numbers, text};
use crate::error::ApiError;
use crate::rest::openapi::schema::{list, number as shape_of_number, object, text as text_shape, text_or_null};
use crate::rest::query::{Parameters, bad, cursor, next};
use crate::state::{AppState, now};

/// How many rows each list has unless asked otherwise.
pub const LIMIT: usize = 15;
/// Between the cursors of the two lists; no cursor holds it.
const BETWEEN: char = ';';

/// Where a list goes on.
enum Place {
    Start,
    After(Cursor),
    /// It has been shown whole.
    Over,
}

pub async fn geo(State(state): State<AppState>, asked: Uri) -> Result<impl IntoResponse, ApiError> {
    let parameters = Parameters::read(asked.query());
    let (period, limit) = (parameters.period()?, parameters.limit(LIMIT)?);
    let places = parameters.value("cursor").map_or(Ok([Place::Start, Place::Start]), places)?;
    let lists = [
        (Report::GeoCountries, vec![Dimension::Country]),
        // The city first: rows of equal numbers stand in its order.
        (Report::GeoCities, vec![Dimension::City, Dimension::Country]),
    ];
    let mut queries = Vec::new();
    let mut is_asked = [false; 2];
    for (((report, dimensions), place), is_asked) in lists.into_iter().zip(places).zip(&mut is_asked) {
        let cursor = match place {
            Place::Start => None,
            Place::After(cursor) => Some(cursor),
            Place::Over => continue,
        };
        *is_asked = true;
        let metrics = Some(VISITS.iter().map(|(_, metric)| *metric).collect());
        let dimensions = Some(dimensions);
        queries.push(ReportQuery {
            dimensions,
            metrics,
            limit: Some(limit),
            cursor,
            ..ReportQuery::new(report, period)
        });
    }
    let mut tables = state.store.reports(&queries, now()).await?.into_iter();
    let [countries, cities] =
        is_asked.map(|is_asked| if is_asked { tables.next().unwrap_or_default() } else { Table::default() });
    let ends = [&countries, &cities].map(|table| table.next.as_ref().map(Cursor::to_string));
    let is_over = ends.iter().all(Option::is_none);
    let [one, two] = ends.map(Option::unwrap_or_default);
    let body = json!({
        "countries": rows(&countries, |row| country(row.first())),
        "cities": rows(&cities, city),
    });
    Ok((next(&asked, (!is_over).then(|| format!("{one}{BETWEEN}{two}"))), Json(body)))
}

/// Reads the cursors of both lists; an empty one says that its list has been shown whole.
fn places(asked: &str) -> Result<[Place; 2], ApiError> {
    let place = |text: &str| if text.is_empty() { Ok(Place::Over) } else { cursor(text).map(Place::After) };
    match asked.split_once(BETWEEN) {
        Some((one, two)) if asked.len() > 1 => Ok([place(one)?, place(two)?]),
        _ => Err(bad("cursor", asked, "what an earlier answer to the same question named as the next one")),
    }
}

/// The shape of the answer.
pub fn shape() -> ObjectBuilder {
    let rows = |labels: [(&'static str, Object); 2]| {
        list(object(labels.into_iter().chain(VISITS.iter().map(|(name, metric)| (*name, shape_of_number(*metric))))))
    };
    let country = || text_shape().description(Some("The short name of ISO 3166-1 in English.")).build();
    let code = text_or_null().description(Some("Two letters of ISO 3166-1.")).build();
    object([
        ("countries", rows([("country", country()), ("code", code)])),
        ("cities", rows([("city", text_shape().build()), ("country", country())])),
    ])
}

fn rows(table: &Table, labels: fn(&[Value]) -> Vec<(&str, JsonValue)>) -> JsonValue {
    let row = |row: &Vec<Value>| -> JsonValue {
        let labels = labels(row).into_iter().map(|(name, label)| (name.to_owned(), label));
        labels.chain(numbers(table, row, &VISITS)).collect::<Map<_, _>>().into()
    };
    table.rows.iter().map(row).collect()
}

fn country(code: Option<&Value>) -> Vec<(&str, JsonValue)> {
    let code = code.and_then(text);
    vec![("country", named(code).into()), ("code", code.into())]
}

fn city(row: &[Value]) -> Vec<(&str, JsonValue)> {
    let city = row.first().and_then(text).unwrap_or(UNKNOWN);
    vec![("city", city.into()), ("country", named(row.get(1).and_then(text)).into())]
}

/// A country's name; the code of one that ISO does not name.
fn named(code: Option<&str>) -> &str {
    code.map_or(UNKNOWN, |code| country::name(code).unwrap_or(code))
}
