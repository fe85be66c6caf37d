//! Numbers as people read them: the only place that formats them, so that server and browser print the same text.

use std::cmp::Ordering;

use chrono::{Datelike, NaiveDate};
use utm_dispatcher::model::Money;

use utm_dispatcher::report::{Change, Unit, Value};

use crate::i18n::{Locale, td_string};

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

/// An amount without its currency, as one would type it: `1 499,00`.
pub fn amount(locale: Locale, amount: Money) -> String {
    grouped(locale, &amount.to_string())
}

/// A plain decimal (`-1234.5`) as it is read: `−1 234,5`.
pub fn decimal(locale: Locale, decimal: &str) -> String {
    grouped(locale, decimal)
}

/// How much has come of a file: `640 КБ`, `1,2 МБ`.
pub fn size(locale: Locale, bytes: f64) -> String {
    const STEP: f64 = 1024.0;
    let kilobytes = bytes / STEP;
    let (kilo, mega) = match locale {
        Locale::uk => ("КБ", "МБ"),
        Locale::en => ("KB", "MB"),
    };
    if kilobytes < STEP {
        format!("{kilobytes:.0}{SPACE}{kilo}")
    } else {
        format!("{}{SPACE}{mega}", grouped(locale, &format!("{:.1}", kilobytes / STEP)))
    }
}

/// How many digits of a change are shown after the point.
pub const CHANGE_DIGITS: u32 = 1;

/// A change with its sign: `+12,3%`, `−0,4 в. п.`
pub fn change(locale: Locale, change: &Change) -> String {
    let sign = if change.direction(CHANGE_DIGITS) == Ordering::Greater { "+" } else { "" };
    let decimal = change.decimal(CHANGE_DIGITS);
    // What is shown as nothing has no sign.
    let decimal = if change.direction(CHANGE_DIGITS).is_eq() { decimal.trim_start_matches('-') } else { &decimal };
    let number = grouped(locale, decimal);
    if change.is_points {
        format!("{sign}{number}{SPACE}{}", td_string!(locale, change.points))
    } else {
        format!("{sign}{number}%")
    }
}

/// A value as charts draw it: money in whole units of currency. `None` where there is no value.
#[expect(clippy::cast_precision_loss, reason = "a chart has fewer pixels than a float has digits")]
pub fn plotted(value: &Value, unit: Unit) -> Option<f64> {
    let (of, per) = value.fraction()?;
    let per = if unit == Unit::Money { per * 100 } else { per };
    (per != 0).then(|| of as f64 / per as f64)
}

/// A number along an axis: whole, no unit.
#[expect(clippy::cast_possible_truncation, reason = "counts that a chart shows fit")]
pub fn axis(locale: Locale, number: f64) -> String {
    count(locale, number.round() as i64)
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

    /// The tone of what advertising earns: over 100 % is good, anything over 0 fair.
    pub fn of_roi(roi: &Value) -> Self {
        let hundredths = roi.decimal(Unit::Percent).and_then(|text| text.replace('.', "").parse::<i64>().ok());
        match hundredths.unwrap_or_default() {
            10_001.. => Self::Good,
            1.. => Self::Fair,
            _ => Self::Poor,
        }
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
    fn changes_have_signs_and_rates_have_points() {
        use utm_dispatcher::report::Metric;
        let of = |metric, now, before| Change::of(metric, &Value::Whole(now), &Value::Whole(before));
        let cases = [
            (of(Metric::Sessions, 1123, 1000), "+12,3%", "+12.3%"),
            (of(Metric::Sessions, 30, 100), "−70,0%", "−70.0%"),
            (of(Metric::Sessions, 9_999, 10_000), "0,0%", "0.0%"),
            (of(Metric::Sessions, 5, 0), "+100,0%", "+100.0%"),
            (of(Metric::Cr, 3, 4), "−1,0\u{a0}в.\u{a0}п.", "−1.0\u{a0}pp"),
        ];
        for (one, uk, en) in cases {
            assert_eq!(change(Locale::uk, &one), uk);
            assert_eq!(change(Locale::en, &one), en);
        }
    }

    #[test]
    fn charts_draw_money_in_whole_units() {
        assert_eq!(plotted(&Value::Whole(149_950), Unit::Money), Some(1499.5));
        assert_eq!(plotted(&Value::Fraction { of: 1, per: 4 }, Unit::Percent), Some(0.25));
        assert_eq!(plotted(&Value::Null, Unit::Count), None);
        assert_eq!(axis(Locale::uk, 12_345.4), "12\u{202f}345");
    }

    #[test]
    fn a_currency_without_a_sign_shows_its_code() {
        assert_eq!(value(Locale::uk, &Value::Whole(100), Unit::Money, "PLN"), "1,00\u{a0}PLN");
        assert_eq!(value(Locale::en, &Value::Whole(100), Unit::Money, "PLN"), "PLN\u{a0}1.00");
        assert_eq!(value(Locale::en, &Value::Whole(-100), Unit::Money, "PLN"), "−PLN\u{a0}1.00");
    }

    #[test]
    fn files_grow() {
        let cases = [(0.0, "0\u{a0}КБ"), (655_360.0, "640\u{a0}КБ"), (1_258_291.0, "1,2\u{a0}МБ")];
        for (bytes, uk) in cases {
            assert_eq!(size(Locale::uk, bytes), uk);
        }
        assert_eq!(size(Locale::en, 1_258_291.0), "1.2\u{a0}MB");
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

    #[test]
    fn what_advertising_earns_is_judged_by_what_is_shown() {
        let tone = |of, per| Tone::of_roi(&Value::Fraction { of, per });
        assert_eq!(tone(10_001, 100), Tone::Good);
        assert_eq!(tone(100, 1), Tone::Fair);
        assert_eq!(tone(100_004, 1000), Tone::Fair, "100.004 is shown as 100.00");
        assert_eq!(tone(1, 100), Tone::Fair);
        assert_eq!(tone(0, 1), Tone::Poor);
        assert_eq!(tone(-1, 100), Tone::Poor);
        assert_eq!(Tone::of_roi(&Value::Null), Tone::Poor);
    }

    proptest::proptest! {
        #[test]
        fn an_amount_is_typed_as_it_is_shown(minor in 0_i64..1_000_000_000_000) {
            for locale in [Locale::uk, Locale::en] {
                let text = amount(locale, Money(minor));
                proptest::prop_assert_eq!(Money::typed(&text), Ok(Money(minor)), "{}", text);
                let money = value(locale, &Value::Whole(minor), Unit::Money, "UAH");
                proptest::prop_assert_eq!(Money::typed(&money), Ok(Money(minor)), "{}", money);
            }
        }
    }
}
