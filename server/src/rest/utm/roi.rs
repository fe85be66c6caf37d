//! What a sum that was spent has brought.

use axum::Json;
use axum::extract::{RawQuery, State};
use serde_json::{Value as JsonValue, json};
use utm_dispatcher::model::Money;
use utm_dispatcher::report::{Metric, Report, ReportQuery, Roi, Table, Value};

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

fn answer(table: &Table, spend: Money) -> JsonValue {
    let whole = |metric| if let Value::Whole(whole) = table.total(metric) { *whole } else { 0 };
    let sum = Roi { spend, revenue: Money(whole(Metric::Revenue)), conversions: whole(Metric::Conversions) };
    json!({
        "revenue": number::money(sum.revenue),
        "ad_spend": number::money(sum.spend),
        "profit": number::money(sum.profit()),
        "roi": number::json(&sum.roi(), Metric::Roi),
        "roas": number::json(&sum.roas(), Metric::Roas),
        "conversions": sum.conversions,
        "cost_per_conversion": number::json(&sum.cost_per_conversion(), Metric::Cpa),
        "avg_order_value": number::json(table.total(Metric::Aov), Metric::Aov),
    })
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
