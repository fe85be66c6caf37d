//! By how much a number differs from the one before: exact, rounded only where it is shown.

use std::cmp::Ordering;

use super::catalog::{Metric, Unit};
use super::number::decimal;
use super::table::Value;

/// By how much a metric has changed: per cent of what it was or, of a rate, percentage points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    of: i128,
    /// Positive.
    per: i128,
    /// Is it in percentage points?
    pub is_points: bool,
}

impl Change {
    /// From `before` to `now`; what has no value counts as 0. After 0 anything is ±100 per cent.
    pub fn of(metric: Metric, now: &Value, before: &Value) -> Self {
        let fraction = |value: &Value| value.fraction().unwrap_or((0, 1));
        let ((now, per), (before, per_before)) = (fraction(now), fraction(before));
        let is_points = metric.definition().0 == Unit::Percent;
        let difference = now * per_before - before * per;
        match (is_points, before) {
            (true, _) => Self { of: difference, per: per * per_before, is_points },
            (false, 0) => Self { of: now.signum() * 100, per: 1, is_points },
            (false, _) => Self { of: difference * 100, per: per * before.abs(), is_points },
        }
    }

    /// With exactly `places` digits after the point: `"-12.35"`.
    pub fn decimal(&self, places: u32) -> String {
        decimal(self.of, self.per, places).unwrap_or_default()
    }

    /// More, less or the same, judged by what is shown with `places` digits.
    pub fn direction(&self, places: u32) -> Ordering {
        let shown = self.decimal(places);
        if shown.bytes().any(|byte| matches!(byte, b'1'..=b'9')) { self.of.cmp(&0) } else { Ordering::Equal }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(metric: Metric, now: &Value, before: &Value) -> String {
        Change::of(metric, now, before).decimal(2)
    }

    #[test]
    fn per_cent_of_unrounded_values_and_100_after_nothing() {
        let third = |of| Value::Fraction { of, per: 3 };
        let cases = [
            (Value::Whole(4), Value::Whole(1), "300.00"),
            (Value::Whole(1), Value::Whole(4), "-75.00"),
            (Value::Whole(-5), Value::Whole(-10), "50.00"),
            (third(2), third(7), "-71.43"),
            (third(1), Value::Null, "100.00"),
            (Value::Whole(-1), Value::Whole(0), "-100.00"),
            (Value::Null, Value::Null, "0.00"),
            (Value::Null, third(1), "-100.00"),
        ];
        for (now, before, text) in cases {
            assert_eq!(shown(Metric::Aov, &now, &before), text, "{now:?} after {before:?}");
        }
    }

    #[test]
    fn rates_differ_by_points() {
        let third = |of| Value::Fraction { of, per: 3 };
        assert_eq!(shown(Metric::Cr, &third(100), &third(200)), "-33.33");
        assert_eq!(shown(Metric::Cr, &Value::Null, &third(200)), "-66.67");
        assert_eq!(shown(Metric::Cr, &third(1), &Value::Null), "0.33");
        assert!(Change::of(Metric::BounceRate, &third(1), &third(2)).is_points);
        assert!(!Change::of(Metric::Sessions, &third(1), &third(2)).is_points);
    }

    #[test]
    fn what_is_shown_as_nothing_goes_nowhere() {
        let change = |now, before| Change::of(Metric::Sessions, &Value::Whole(now), &Value::Whole(before));
        assert_eq!(change(10_001, 10_000).direction(1), Ordering::Equal);
        assert_eq!(change(10_001, 10_000).direction(2), Ordering::Greater);
        assert_eq!(change(1, 10_000).direction(1), Ordering::Less);
        assert_eq!(change(0, 0).direction(1), Ordering::Equal);
    }

    proptest! {
        #[test]
        fn back_and_forth_have_opposite_directions(now in 0_i64..1 << 40, before in 0_i64..1 << 40) {
            let change = |now, before| Change::of(Metric::Revenue, &Value::Whole(now), &Value::Whole(before)).of.signum();
            prop_assert_eq!(change(now, before), -change(before, now));
            prop_assert_eq!(change(now, before), i128::from((now - before).signum()));
        }
    }
}
