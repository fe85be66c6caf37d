//! How a number has changed since the earlier period, and whether that is good.

use utm_dispatcher::report::number::decimal;
use utm_dispatcher::report::{Metric, Unit, Value};

use crate::format;
use crate::i18n::Locale;

/// The change of a metric: `12.5` per cent, or percentage points of a rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    decimal: String,
    in_points: bool,
    is_good: Option<bool>,
}

impl Change {
    /// From `previous` to `current`, reckoned from the exact numbers; `None` when either has no value, or it is the same.
    pub fn of(metric: Metric, current: &Value, previous: &Value) -> Option<Self> {
        let ((a, b), (c, d)) = (current.fraction()?, previous.fraction()?);
        let in_points = metric.definition().0 == Unit::Percent;
        let difference = a * d - c * b;
        if difference == 0 {
            return None;
        }
        let decimal = match (in_points, c) {
            (true, _) => decimal(difference, b * d, 1)?,
            (false, 0) => decimal(difference.signum() * 100, 1, 1)?,
            (false, _) => decimal(difference * 100, b * c.abs(), 1)?,
        };
        let is_up = difference > 0;
        let is_good = match metric {
            // What it costs says nothing of what it is worth.
            Metric::Spend | Metric::Clicks | Metric::Impressions => None,
            Metric::BounceRate | Metric::RemoveFromCart | Metric::Refunds | Metric::Cpc | Metric::Cpa => Some(!is_up),
            _ => Some(is_up),
        };
        Some(Self { decimal, in_points, is_good })
    }

    /// The classes that colour it and give it its arrow.
    pub fn class(&self) -> &'static str {
        match (self.decimal.starts_with('-'), self.is_good) {
            (false, Some(true)) => "up good",
            (true, Some(true)) => "down good",
            (false, Some(false)) => "up bad",
            (true, Some(false)) => "down bad",
            (false, None) => "up",
            (true, None) => "down",
        }
    }
}

/// The change in words: `+12,5%`, `−0,8 в. п.`.
pub fn words(locale: Locale, change: &Change) -> String {
    let sign = if change.decimal.starts_with('-') { "" } else { "+" };
    let unit = match (change.in_points, locale) {
        (false, _) => "%",
        (true, Locale::uk) => "\u{a0}в.\u{a0}п.",
        (true, Locale::en) => "\u{a0}pp",
    };
    format!("{sign}{}{unit}", format::decimal(locale, &change.decimal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_exact_and_know_good_from_bad() {
        let whole = Value::Whole;
        let rate = |of: i64, per| Value::Fraction { of: of * 100, per };
        let cases = [
            (Metric::Sessions, whole(150), whole(100), "+50,0%", "up good"),
            (Metric::Sessions, whole(50), whole(100), "−50,0%", "down bad"),
            (Metric::Sessions, whole(7), whole(0), "+100,0%", "up good"),
            (Metric::Profit, whole(-7), whole(0), "−100,0%", "down bad"),
            (Metric::Profit, whole(50), whole(-100), "+150,0%", "up good"),
            (Metric::Spend, whole(2), whole(1), "+100,0%", "up"),
            (Metric::Cr, rate(5, 100), rate(3, 100), "+2,0\u{a0}в.\u{a0}п.", "up good"),
            (Metric::BounceRate, rate(1, 2), rate(1, 4), "+25,0\u{a0}в.\u{a0}п.", "up bad"),
            (Metric::Cpa, whole(90), whole(100), "−10,0%", "down good"),
            (Metric::Aov, Value::Fraction { of: 10, per: 3 }, Value::Fraction { of: 20, per: 9 }, "+50,0%", "up good"),
        ];
        for (metric, current, previous, text, class) in cases {
            let change = Change::of(metric, &current, &previous).unwrap();
            assert_eq!((words(Locale::uk, &change).as_str(), change.class()), (text, class), "{metric}");
        }
        assert_eq!(Change::of(Metric::Aov, &Value::Null, &whole(1)), None);
        assert_eq!(Change::of(Metric::Sessions, &whole(0), &whole(0)), None);
    }
}
