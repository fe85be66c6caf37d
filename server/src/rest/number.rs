//! Numbers of the original's API: JSON numbers with two decimals, 0 where there is no value.

use serde_json::{Number, Value as Json};
use utm_dispatcher::model::Money;
use utm_dispatcher::report::number::decimal;
use utm_dispatcher::report::{Metric, Unit, Value};

/// `value` of `metric`, rounded half to even.
pub fn json(value: &Value, metric: Metric) -> Json {
    written(value.decimal(metric.definition().0))
}

/// An amount in whole units of currency.
pub fn money(amount: Money) -> Json {
    written(Value::Whole(amount.0).decimal(Unit::Money))
}

/// By how much per cent `current` is more than `previous`: ±100 when there was nothing before, 0 when there is nothing
/// at all.
pub fn change(current: &Value, previous: &Value) -> Json {
    let ((now, per), (before, per_before)) = (fraction(current), fraction(previous));
    match before {
        0 => match now.signum() {
            -1 => (-100.0).into(),
            0 => 0.0.into(),
            _ => 100.0.into(),
        },
        _ => written(decimal((now * per_before - before * per) * 100, per * before.abs(), 2)),
    }
}

/// `current` less `previous`, with two decimals.
pub fn difference(current: &Value, previous: &Value) -> Json {
    let ((now, per), (before, per_before)) = (fraction(current), fraction(previous));
    written(decimal(now * per_before - before * per, per * per_before, 2))
}

fn fraction(value: &Value) -> (i128, i128) {
    value.fraction().unwrap_or((0, 1))
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
    fn changes_come_from_unrounded_values() {
        let third = |of| Value::Fraction { of, per: 3 };
        let cases = [
            (Value::Whole(4), Value::Whole(1), "300.0"),
            (Value::Whole(1), Value::Whole(4), "-75.0"),
            (Value::Whole(-5), Value::Whole(-10), "50.0"),
            (third(2), third(7), "-71.43"),
            (third(1), Value::Null, "100.0"),
            (Value::Whole(-1), Value::Whole(0), "-100.0"),
            (Value::Null, Value::Null, "0.0"),
            (Value::Null, third(1), "-100.0"),
        ];
        for (current, previous, text) in cases {
            assert_eq!(change(&current, &previous).to_string(), text, "{current:?} after {previous:?}");
        }
        assert_eq!(difference(&third(100), &third(200)).to_string(), "-33.33");
        assert_eq!(difference(&Value::Null, &third(200)).to_string(), "-66.67");
    }
}
