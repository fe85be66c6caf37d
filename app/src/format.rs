//! Numbers as people read them: the only place that formats them, so that server and browser print the same text.

use chrono::{Datelike, NaiveDate};
use utm_dispatcher::report::{Unit, Value};

use crate::i18n::Locale;

/// What stands where there is no value.
pub const NONE: &str = "—";

/// A narrow space that no line breaks at: between groups of three digits.
const NARROW: char = '\u{202f}';
/// A space that no line breaks at: before a unit.
const SPACE: char = '\u{a0}';

/// A cell of a table in its column's unit: `1 499,00 ₴`, `13,51%`, `1,204`. Money in `currency` (ISO 4217).
pub fn value(locale: Locale, value: &Value, unit: Unit, currency: &str) -> String {
    let Some(decimal) = value.decimal(unit) else { return NONE.to_owned() };
    let number = grouped(locale, &decimal);
    match unit {
        Unit::Count | Unit::Number | Unit::Seconds => number,
        Unit::Percent => format!("{number}%"),
        Unit::Money => with_currency(locale, &number, currency),
    }
}

/// A whole number: `12 345`, `12,345`.
pub fn count(locale: Locale, count: i64) -> String {
    grouped(locale, &count.to_string())
}

/// A day: `22.11.2026`.
pub fn day(day: NaiveDate) -> String {
    format!("{:02}.{:02}.{}", day.day(), day.month(), day.year())
}

/// The sign of a currency (ISO 4217), or its code when it has none.
pub fn currency_sign(currency: &str) -> &str {
    match currency {
        "UAH" => "₴",
        "USD" => "$",
        "EUR" => "€",
        other => other,
    }
}

fn with_currency(locale: Locale, number: &str, currency: &str) -> String {
    let sign = currency_sign(currency);
    match (locale, number.strip_prefix('−')) {
        (Locale::uk, _) => format!("{number}{SPACE}{sign}"),
        // A code, unlike a sign, needs a space.
        (Locale::en, Some(positive)) if sign == currency => format!("−{sign}{SPACE}{positive}"),
        (Locale::en, Some(positive)) => format!("−{sign}{positive}"),
        (Locale::en, None) if sign == currency => format!("{sign}{SPACE}{number}"),
        (Locale::en, None) => format!("{sign}{number}"),
    }
}

/// A plain decimal (`-1234.50`) with the language's separators.
fn grouped(locale: Locale, decimal: &str) -> String {
    let (group, point) = match locale {
        Locale::uk => (NARROW, ','),
        Locale::en => (',', '.'),
    };
    let (sign, digits) = decimal.strip_prefix('-').map_or(("", decimal), |rest| ("−", rest));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut text = String::from(sign);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(group);
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push(point);
        text.push_str(fraction);
    }
    text
}

/// How good a conversion rate is, by the two decimals that are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// 5 % and more.
    Good,
    /// 2 % and more.
    Fair,
    /// Less.
    Poor,
}

impl Tone {
    /// The tone of a rate; `None` when it has no value.
    pub fn of(rate: &Value) -> Option<Self> {
        let hundredths: i64 = rate.decimal(Unit::Percent)?.replace('.', "").parse().ok()?;
        Some(match hundredths {
            500.. => Self::Good,
            200.. => Self::Fair,
            _ => Self::Poor,
        })
    }

    /// The class that colours it.
    pub fn class(self) -> &'static str {
        match self {
            Self::Good => "tone-good",
            Self::Fair => "tone-fair",
            Self::Poor => "tone-poor",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_in_both_languages() {
        let cases = [
            (Value::Whole(149_900), Unit::Money, "1\u{202f}499,00\u{a0}₴", "₴1,499.00"),
            (Value::Whole(-505), Unit::Money, "−5,05\u{a0}₴", "−₴5.05"),
            (Value::Fraction { of: 149_950, per: 4 }, Unit::Money, "374,88\u{a0}₴", "₴374.88"),
            (Value::Fraction { of: 500, per: 37 }, Unit::Percent, "13,51%", "13.51%"),
            (Value::Whole(1_234_567), Unit::Count, "1\u{202f}234\u{202f}567", "1,234,567"),
            (Value::Whole(999), Unit::Count, "999", "999"),
            (Value::Whole(0), Unit::Count, "0", "0"),
            (Value::Fraction { of: 7001, per: 2 }, Unit::Number, "3\u{202f}500,50", "3,500.50"),
            (Value::Null, Unit::Money, "—", "—"),
        ];
        for (cell, unit, uk, en) in cases {
            assert_eq!(value(Locale::uk, &cell, unit, "UAH"), uk);
            assert_eq!(value(Locale::en, &cell, unit, "UAH"), en);
        }
    }

    #[test]
    fn a_currency_without_a_sign_shows_its_code() {
        assert_eq!(value(Locale::uk, &Value::Whole(100), Unit::Money, "PLN"), "1,00\u{a0}PLN");
        assert_eq!(value(Locale::en, &Value::Whole(100), Unit::Money, "PLN"), "PLN\u{a0}1.00");
        assert_eq!(value(Locale::en, &Value::Whole(-100), Unit::Money, "PLN"), "−PLN\u{a0}1.00");
    }

    #[test]
    fn a_rate_is_judged_by_what_is_shown() {
        let rate = |of: i64, per| Tone::of(&Value::Fraction { of: of * 100, per });
        assert_eq!(rate(1, 20), Some(Tone::Good));
        assert_eq!(rate(49_996, 1_000_000), Some(Tone::Good), "4.9996 is shown as 5.00");
        assert_eq!(rate(499, 10_000), Some(Tone::Fair));
        assert_eq!(rate(1, 50), Some(Tone::Fair));
        assert_eq!(rate(199, 10_000), Some(Tone::Poor));
        assert_eq!(rate(0, 7), Some(Tone::Poor));
        assert_eq!(Tone::of(&Value::Null), None);
    }
}
