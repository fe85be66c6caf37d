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

    /// Reads an amount as people type it: `1 499,50 ₴`, `1,499.50`, `1499.5 грн`. Not negative. A single comma or point before
    /// three digits is refused: it may part thousands or decimals.
    pub fn typed(text: &str) -> Result<Self, NotMoney> {
        let text = without_currency(text.trim());
        let is_part = |mark: char| mark == ',' || mark == '.';
        let digits = |text: &str| text.chars().all(|one| one.is_ascii_digit());
        let (whole, fraction) = match text.rsplit_once(is_part) {
            Some((whole, fraction)) if fraction.len() <= 2 && digits(fraction) => (whole, fraction),
            _ => (text, ""),
        };
        let point = text[whole.len()..].chars().next();
        let mut marks =
            whole.chars().filter(|one| !one.is_ascii_digit()).map(|one| if is_part(one) { one } else { ' ' });
        let mark = marks.next();
        let is_clear = mark.is_none_or(|mark| mark == ' ' || point.is_some() || whole.matches(mark).count() > 1);
        if !is_clear || (mark.is_some() && mark == point) || marks.any(|other| Some(other) != mark) {
            return Err(NotMoney);
        }
        let mut groups = whole.split(|one: char| is_part(one) || one.is_whitespace());
        let first = groups.next().unwrap_or_default();
        let is_grouped = mark.is_none() || (1..=3).contains(&first.len());
        let mut plain = first.to_owned();
        for group in groups {
            if group.len() != 3 || !is_grouped {
                return Err(NotMoney);
            }
            plain.push_str(group);
        }
        match (plain.as_str(), fraction) {
            ("", "") => Err(NotMoney),
            ("", fraction) => format!("0.{fraction}").parse(),
            (whole, "") => whole.parse(),
            (whole, fraction) => format!("{whole}.{fraction}").parse(),
        }
        .and_then(|amount: Self| if text.starts_with('-') { Err(NotMoney) } else { Ok(amount) })
    }

    /// Whole units (hryvnias), the fraction dropped towards zero.
    pub fn whole(self) -> i64 {
        self.0 / 100
    }
}

/// Words and signs of currencies that people write beside an amount.
const CURRENCIES: [&str; 9] = ["₴", "грн.", "грн", "UAH", "$", "USD", "€", "EUR", "zł"];

fn without_currency(text: &str) -> &str {
    let is_before = |sign: &&&str| text.get(..sign.len()).is_some_and(|start| start.eq_ignore_ascii_case(sign));
    let is_after = |sign: &&&str| {
        let start = text.len().checked_sub(sign.len());
        start.and_then(|start| text.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case(sign))
    };
    if let Some(sign) = CURRENCIES.iter().find(is_before) {
        text[sign.len()..].trim()
    } else if let Some(sign) = CURRENCIES.iter().find(is_after) {
        text[..text.len() - sign.len()].trim()
    } else {
        text
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

    #[test]
    fn amounts_as_people_type_them() {
        let cases = [
            ("1499", 149_900),
            ("1499,5", 149_950),
            ("1499.50", 149_950),
            ("1 499,50 ₴", 149_950),
            ("1\u{a0}499\u{a0}000", 149_900_000),
            ("1\u{202f}499,00\u{a0}₴", 149_900),
            ("₴1,499.00", 149_900),
            ("1.499,00 €", 149_900),
            ("1,234,567", 123_456_700),
            ("$ 12", 1_200),
            ("12 грн.", 1_200),
            ("12грн", 1_200),
            ("uah 12", 1_200),
            ("  0  ", 0),
            (",5", 50),
            ("5,", 500),
            ("0,05", 5),
            ("007", 700),
        ];
        for (text, minor) in cases {
            assert_eq!(Money::typed(text), Ok(Money(minor)), "{text}");
        }
        let refused = [
            "",
            " ",
            "₴",
            ",",
            "abc",
            "12abc",
            "-5",
            "−5",
            "+5",
            "1,499",
            "1.499",
            "1,005",
            "12 34",
            "1 2",
            "1,2,3",
            "1.2.3",
            "1,23,4",
            "1 499.000",
            "1,499,00",
            "1234 567",
            "1e3",
            "NaN",
            "5 ₴ ₴",
            "١",
            "10000000000",
            "1--2",
            "0x1F",
            "1/2",
        ];
        for text in refused {
            assert_eq!(Money::typed(text), Err(NotMoney), "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_amount_is_read_however_it_is_grouped(minor in 0..MAX, group in prop::sample::select(vec!["", " ", "\u{a0}", "\u{202f}"]), point in prop::sample::select(vec![",", "."]), sign in prop::sample::select(vec!["", "₴", " грн", "\u{a0}UAH"])) {
            let whole = (minor / 100).to_string();
            let mut grouped = String::new();
            for (place, digit) in whole.chars().enumerate() {
                if place > 0 && (whole.len() - place).is_multiple_of(3) {
                    grouped.push_str(group);
                }
                grouped.push(digit);
            }
            let text = format!("{grouped}{point}{:02}{sign}", minor % 100);
            prop_assert_eq!(Money::typed(&text), Ok(Money(minor)), "{}", text);
        }

        #[test]
        fn nothing_that_is_typed_panics(text in "[0-9 .,₴грн$\u{a0}-]{0,12}|.{0,12}") {
            if let Ok(amount) = Money::typed(&text) {
                prop_assert!((0..MAX).contains(&amount.0));
            }
        }

        #[test]
        fn what_is_written_is_read_back(minor in -MAX + 1..MAX) {
            prop_assert_eq!(Money(minor).to_string().parse(), Ok(Money(minor)));
        }
    }
}
