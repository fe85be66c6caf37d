//! What a sum that was spent has brought: the formulas of the metrics, for a spend that somebody names.

use super::table::Value;
use crate::model::Money;

/// A sum that was spent, beside what came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Roi {
    /// What was spent.
    pub spend: Money,
    /// What it brought.
    pub revenue: Money,
    /// In so many conversions.
    pub conversions: i64,
}

impl Roi {
    /// Revenue less spend.
    pub fn profit(self) -> Money {
        Money(self.revenue.0.saturating_sub(self.spend.0))
    }

    /// Profit per hundred of spend; no value without spend.
    pub fn roi(self) -> Value {
        quotient(self.profit().0.saturating_mul(100), self.spend.0)
    }

    /// Revenue per unit of spend; no value without spend.
    pub fn roas(self) -> Value {
        quotient(self.revenue.0, self.spend.0)
    }

    /// Spend per conversion, in minor units; no value without conversions.
    pub fn cost_per_conversion(self) -> Value {
        quotient(self.spend.0, self.conversions)
    }
}

fn quotient(of: i64, per: i64) -> Value {
    if per == 0 { Value::Null } else { Value::Fraction { of, per } }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::Unit;

    #[test]
    fn the_formulas_by_hand() {
        let cases = [
            // spend, revenue, conversions: profit, roi, roas, cost of a conversion
            ((100_000, 350_000, 7), (250_000, Some("250.00"), Some("3.50"), Some("142.86"))),
            ((100_000, 100_000, 3), (0, Some("0.00"), Some("1.00"), Some("333.33"))),
            ((100_000, 0, 0), (-100_000, Some("-100.00"), Some("0.00"), None)),
            ((0, 350_000, 7), (350_000, None, None, Some("0.00"))),
            ((0, 0, 0), (0, None, None, None)),
            ((300, 1, 8), (-299, Some("-99.67"), Some("0.00"), Some("0.38"))),
        ];
        for ((spend, revenue, conversions), (profit, roi, roas, cost)) in cases {
            let sum = Roi { spend: Money(spend), revenue: Money(revenue), conversions };
            assert_eq!(sum.profit(), Money(profit));
            assert_eq!(sum.roi().decimal(Unit::Percent).as_deref(), roi, "{sum:?}");
            assert_eq!(sum.roas().decimal(Unit::Number).as_deref(), roas, "{sum:?}");
            assert_eq!(sum.cost_per_conversion().decimal(Unit::Money).as_deref(), cost, "{sum:?}");
        }
    }

    proptest! {
        #[test]
        fn roi_is_exactly_a_hundred_times_roas_less_one(spend in 1_i64..1_000_000_000_000, revenue in -1_000_000_000_000_i64..1_000_000_000_000, conversions in 0_i64..1_000_000) {
            let sum = Roi { spend: Money(spend), revenue: Money(revenue), conversions };
            let (roi, per) = sum.roi().fraction().unwrap();
            let (roas, of) = sum.roas().fraction().unwrap();
            prop_assert_eq!(roi * of, (roas - of) * 100 * per);
            prop_assert_eq!(sum.profit() + sum.spend, sum.revenue);
            if let Some((cost, conversions)) = sum.cost_per_conversion().fraction() {
                prop_assert_eq!(cost * i128::from(sum.conversions), conversions * i128::from(spend));
            } else {
                prop_assert_eq!(conversions, 0);
            }
        }
    }
}
