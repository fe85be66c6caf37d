//! Money: whole minor units of the store's currency.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An amount in minor units (kopiykas for UAH). Written as a decimal string: `"1499.00"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(pub i64);

/// The largest amount that is taken from outside: ten billion, so that sums of a billion orders still fit.
const MAX: i64 = 1_000_000_000_000;

/// Why a text is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an amount is written with digits, a point and at most two decimals, below 10000000000.00: 1499.00")]
pub struct NotMoney;

impl Money {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// Whole units (hryvnias), the fraction dropped towards zero.
    pub fn whole(self) -> i64 {
        self.0 / 100
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let minor = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", minor / 100, minor % 100)
    }
}

impl FromStr for Money {
    type Err = NotMoney;

    fn from_str(text: &str) -> Result<Self, NotMoney> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !all_digits(whole) || !all_digits(fraction) || fraction.len() > 2 || whole.len() > 11 {
            return Err(NotMoney);
        }
        let units: i64 = whole.parse().map_err(|_| NotMoney)?;
        let minor: i64 = fraction.parse().map_err(|_| NotMoney)?;
        let amount = units * 100 + if fraction.len() == 1 { minor * 10 } else { minor };
        if amount >= MAX {
            return Err(NotMoney);
        }
        Ok(Self(if negative { -amount } else { amount }))
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_and_amounts() {
        for (text, minor) in [("0", 0), ("1499.00", 149_900), ("1499", 149_900), ("0.5", 50), ("-5.05", -505)] {
            assert_eq!(text.parse(), Ok(Money(minor)), "{text}");
        }
        for text in ["", ".", "1.", ".5", "1.005", "1,5", "1e3", "NaN", " 1", "+1", "99999999999.00", "--1", "١"] {
            assert_eq!(text.parse::<Money>(), Err(NotMoney), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(minor in -MAX + 1..MAX) {
            prop_assert_eq!(Money(minor).to_string().parse(), Ok(Money(minor)));
        }
    }
}
