//! Numbers of the original's API: JSON numbers with two decimals, 0 where there is no value.

use serde_json::{Number, Value as Json};
use utm_dispatcher::model::Money;
use utm_dispatcher::report::{Change, Metric, Unit, Value};

/// `value` of `metric`, rounded half to even.
pub fn json(value: &Value, metric: Metric) -> Json {
    written(value.decimal(metric.definition().0))
}

/// An amount in whole units of currency.
pub fn money(amount: Money) -> Json {
    written(Value::Whole(amount.0).decimal(Unit::Money))
}

/// By how much `metric` has changed: a rate by percentage points, anything else by per cent.
pub fn change(metric: Metric, now: &Value, before: &Value) -> Json {
    written(Some(Change::of(metric, now, before).decimal(2)))
}

fn written(decimal: Option<String>) -> Json {
    let text = decimal.unwrap_or_else(|| "0".to_owned());
    let whole = text.parse::<i64>().map(Number::from);
    let number = whole.ok().or_else(|| text.parse().ok().and_then(Number::from_f64));
    number.map_or(Json::Null, Json::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_decimals_half_to_even_and_nothing_is_0() {
        let cases = [
            (Value::Whole(149_900), Metric::Revenue, "1499.0"),
            (Value::Fraction { of: 149_925, per: 2 }, Metric::Aov, "749.62"),
            (Value::Fraction { of: 500, per: 37 }, Metric::Cr, "13.51"),
            (Value::Null, Metric::Cr, "0"),
            (Value::Whole(3), Metric::Sessions, "3"),
            (Value::Whole(0), Metric::Revenue, "0.0"),
        ];
        for (value, metric, text) in cases {
            assert_eq!(json(&value, metric).to_string(), text, "{value:?}");
        }
        assert_eq!(money(Money(149_905)).to_string(), "1499.05");
    }

    #[test]
    fn changes_are_numbers() {
        let (one, four) = (Value::Whole(1), Value::Whole(4));
        assert_eq!(change(Metric::Sessions, &one, &four).to_string(), "-75.0");
        assert_eq!(change(Metric::Sessions, &one, &Value::Null).to_string(), "100.0");
        assert_eq!(change(Metric::Sessions, &Value::Null, &Value::Null).to_string(), "0.0");
        assert_eq!(change(Metric::Cr, &one, &four).to_string(), "-3.0");
    }
}
