//! What a sum that was spent has brought.

use axum::Json;
use axum::extract::{RawQuery, State};
use serde_json::{Map, Value as JsonValue};
use utm_dispatcher::model::Money;
use utm_dispatcher::report::{Metric, Report, ReportQuery, Roi, Table, Value};

use super::groups::Field;
use crate::error::ApiError;
use crate::rest::number;
use crate::rest::query::{Parameters, bad};
use crate::state::{AppState, now};

pub async fn roi(State(state): State<AppState>, RawQuery(query): RawQuery) -> Result<Json<JsonValue>, ApiError> {
    let parameters = Parameters::read(query.as_deref());
    let spend = parameters.value("ad_spend").map_or(Ok(Money::ZERO), sum)?;
    let metrics = Some(vec![Metric::Revenue, Metric::Conversions, Metric::Aov]);
    let query = ReportQuery { metrics, ..ReportQuery::new(Report::General, parameters.period()?) };
    Ok(Json(answer(&state.store.report(&query, now()).await?, spend)))
}

fn sum(text: &str) -> Result<Money, ApiError> {
    // A sum that is read may be negative.
    let amount = text.parse().ok().filter(|_| !text.starts_with('-'));
    amount.ok_or_else(|| bad("ad_spend", text, "a sum from 0 to 9999999999.99, with a point and at most two decimals"))
}

/// What is told, under which name, of which metric.
pub const FIELDS: [Field; 8] = [
    ("revenue", Metric::Revenue),
    ("ad_spend", Metric::Spend),
    ("profit", Metric::Profit),
    ("roi", Metric::Roi),
    ("roas", Metric::Roas),
    ("conversions", Metric::Conversions),
    ("cost_per_conversion", Metric::Cpa),
    ("avg_order_value", Metric::Aov),
];

fn answer(table: &Table, spend: Money) -> JsonValue {
    let whole = |metric| if let Value::Whole(whole) = table.total(metric) { *whole } else { 0 };
    let sum = Roi { spend, revenue: Money(whole(Metric::Revenue)), conversions: whole(Metric::Conversions) };
    let value = |metric| match metric {
        Metric::Spend => Value::Whole(sum.spend.0),
        Metric::Profit => Value::Whole(sum.profit().0),
        Metric::Roi => sum.roi(),
        Metric::Roas => sum.roas(),
        Metric::Cpa => sum.cost_per_conversion(),
        counted => table.total(counted).clone(),
    };
    let fields = FIELDS.iter().map(|(name, metric)| ((*name).to_owned(), number::json(&value(*metric), *metric)));
    fields.collect::<Map<_, _>>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_exact_and_not_negative() {
        for (text, minor) in [("0", 0), ("1200", 120_000), ("1200.5", 120_050), ("9999999999.99", 999_999_999_999)] {
            assert_eq!(sum(text).unwrap(), Money(minor));
        }
        for text in ["", "-1", "-0", "NaN", "nan", "inf", "Infinity", "1e3", "1,5", "1.005", " 1", "abc", "10000000000"]
        {
            assert!(sum(text).unwrap_err().to_string().starts_with("ad_spend: "), "{text}");
        }
    }
}
