//! The fields of a JSON object, taken one by one and checked; what is left over is refused by its name.

use chrono::DateTime;
use serde_json::{Map, Value};

use super::{BadField, Context};
use crate::model::{Millis, Money};
use crate::tracking::text;

/// An identifier has at most so many characters.
pub const MAX_ID: usize = 255;
/// A text for people has at most so many characters.
pub const MAX_TEXT: usize = 255;
/// An address (URL) or agent has at most so many characters.
pub const MAX_URL: usize = 4096;
/// The name of a field that nobody knows is said again up to so many characters.
const MAX_NAME: usize = 80;
/// 2020-01-01T00:00:00Z: ids count from here.
const EARLIEST: Millis = 1_577_836_800_000;
/// Clocks differ: a time may lie so far ahead.
const AHEAD: Millis = 24 * 60 * 60 * 1000;

/// The fields of one object. `null` is the same as absent.
#[derive(Debug)]
pub struct Fields(Map<String, Value>);

impl Fields {
    /// The fields of `value`, which stands in `field`.
    pub fn of(value: Value, field: &str) -> Result<Self, BadField> {
        match value {
            Value::Object(fields) => Ok(Self(fields)),
            other => Err(BadField::new(field, &other.to_string(), "a JSON object")),
        }
    }

    /// Takes a field as it came.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name).filter(|value| !value.is_null())
    }

    /// A field as it came, left where it is.
    pub fn peek(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Is nothing left?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is left, as an object.
    pub fn into_json(self) -> Value {
        Value::Object(self.0)
    }

    /// A name in which the shop keeps something: not empty, at most `max` characters, none of them a control
    /// character. A whole number is one too.
    pub fn id(&mut self, name: &str, max: usize) -> Result<Option<String>, BadField> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let id = match value {
            Value::String(text) => text,
            Value::Number(number) if number.is_i64() || number.is_u64() => number.to_string(),
            other => return Err(BadField::new(name, &other.to_string(), id_rule(max))),
        };
        if is_id(&id, max) { Ok(Some(id)) } else { Err(BadField::new(name, &id, id_rule(max))) }
    }

    /// As [`Self::id`], but it has to be there.
    pub fn needed_id(&mut self, name: &str, max: usize) -> Result<String, BadField> {
        self.id(name, max)?.ok_or_else(|| BadField::missing(name, id_rule(max)))
    }

    /// A text of at most `max` characters; control characters go, and so does a text of nothing else.
    pub fn text(&mut self, name: &str, max: usize) -> Result<Option<String>, BadField> {
        Ok(self.raw_text(name, max)?.and_then(|raw| text::some(raw.as_bytes(), max)))
    }

    /// A text of at most `max` characters, as it came.
    pub fn raw_text(&mut self, name: &str, max: usize) -> Result<Option<String>, BadField> {
        let rule = || format!("a text of at most {max} characters");
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.chars().nth(max).is_none() => Ok(Some(text)),
            Some(Value::String(text)) => Err(BadField::new(name, &text, rule())),
            Some(other) => Err(BadField::new(name, &other.to_string(), rule())),
        }
    }

    /// An amount: digits with at most two decimals, as a text or as a number that says the same.
    pub fn amount(&mut self, name: &str) -> Result<Option<Money>, BadField> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let came = match value {
            Value::String(text) => text,
            // Written as the shortest decimal that means this number: 499.10 is 499.1, 0.1 + 0.2 has too many digits.
            Value::Number(number) => number.as_f64().map_or_else(String::new, |number| number.to_string()),
            other => other.to_string(),
        };
        match came.parse::<Money>() {
            Ok(amount) if amount >= Money::ZERO && !came.starts_with('-') => Ok(Some(amount)),
            _ => Err(BadField::new(name, &came, AMOUNT)),
        }
    }

    /// As [`Self::amount`], but it has to be there.
    pub fn needed_amount(&mut self, name: &str) -> Result<Money, BadField> {
        self.amount(name)?.ok_or_else(|| BadField::missing(name, AMOUNT))
    }

    /// The currency, if it is said: the store's.
    pub fn currency(&mut self, context: &Context) -> Result<(), BadField> {
        match self.take("currency") {
            None => Ok(()),
            Some(Value::String(text)) if text == context.currency => Ok(()),
            Some(other) => {
                let came = other.as_str().map_or_else(|| other.to_string(), str::to_owned);
                Err(BadField::new("currency", &came, format!("“{}”, the store's currency", context.currency)))
            }
        }
    }

    /// An instant with its offset, from 2020 on and at most a day ahead.
    pub fn time(&mut self, name: &str, context: &Context) -> Result<Option<Millis>, BadField> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let came = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let time = DateTime::parse_from_rfc3339(&came).ok().map(|time| time.timestamp_millis());
        let is_allowed = |at: &Millis| *at >= EARLIEST && *at <= context.now.saturating_add(AHEAD);
        time.filter(is_allowed).map(Some).ok_or_else(|| BadField::new(name, &came, TIME))
    }

    /// As [`Self::time`], but it has to be there.
    pub fn needed_time(&mut self, name: &str, context: &Context) -> Result<Millis, BadField> {
        self.time(name, context)?.ok_or_else(|| BadField::missing(name, TIME))
    }

    /// A count: a whole number below 2^53.
    pub fn count(&mut self, name: &str) -> Result<i64, BadField> {
        let Some(value) = self.take(name) else { return Ok(0) };
        let count = value.as_i64().filter(|count| (0..1 << 53).contains(count));
        count.ok_or_else(|| BadField::new(name, &value.to_string(), "a whole number from 0 on"))
    }

    /// The fields of an object inside of this one.
    pub fn object(&mut self, name: &str) -> Result<Option<Self>, BadField> {
        self.take(name).map(|value| Self::of(value, name)).transpose()
    }

    /// Refuses what nobody asked for. `known` are the names that are.
    pub fn end(self, known: &str) -> Result<(), BadField> {
        match self.0.into_iter().next() {
            None => Ok(()),
            Some((name, value)) => {
                let name = text::plain(name.as_bytes(), MAX_NAME);
                Err(BadField::new(name, &value.to_string(), format!("none but the fields {known}")))
            }
        }
    }
}

const AMOUNT: &str = "an amount from 0.00 to 9999999999.99 with at most two decimals, like “1499.00”";
const TIME: &str = "a time with its offset, like 2026-11-20T09:15:00+02:00, from 2020 on and at most 24 hours ahead";

/// Is `text` a name of 1 to `max` plain characters?
pub fn is_id(text: &str, max: usize) -> bool {
    !text.is_empty() && text.chars().nth(max).is_none() && text.chars().all(text::is_plain)
}

/// What an identifier may be.
pub fn id_rule(max: usize) -> String {
    format!("1 to {max} characters, none of them a control character")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::CONTEXT;
    use super::*;

    fn field(value: impl Into<Value>) -> Fields {
        Fields::of(json!({ "x": value.into() }), "body").unwrap()
    }

    #[test]
    fn amounts_are_exact() {
        let cases = [
            (json!("1499.00"), Some(149_900)),
            (json!("0"), Some(0)),
            (json!(499), Some(49_900)),
            (json!(499.1), Some(49_910)),
            (json!(499.0), Some(49_900)),
            (json!(0.1 + 0.2), None),
            (json!("0.001"), None),
            (json!(0.001), None),
            (json!("-1"), None),
            (json!("-0"), None),
            (json!(-1), None),
            (json!("1,5"), None),
            (json!("1e3"), None),
            (json!("NaN"), None),
            (json!(1e30), None),
            (json!("99999999999.00"), None),
            (json!(true), None),
            (json!([]), None),
            (json!(""), None),
        ];
        for (value, minor) in cases {
            let amount = field(value.clone()).amount("x");
            assert_eq!(amount.clone().ok().flatten(), minor.map(Money), "{value}: {amount:?}");
        }
        assert_eq!(field(Value::Null).amount("x"), Ok(None));
    }

    #[test]
    fn times_have_an_offset_and_lie_between_2020_and_tomorrow() {
        let noon = 1_795_341_600_000;
        let cases = [
            ("2026-11-22T12:00:00+02:00", Some(noon)),
            ("2026-11-22T10:00:00Z", Some(noon)),
            ("2026-11-22T10:00:00.250Z", Some(noon + 250)),
            ("2026-11-23T10:00:00Z", Some(noon + AHEAD)),
            ("2026-11-23T10:00:00.001Z", None),
            ("2020-01-01T00:00:00Z", Some(EARLIEST)),
            ("2019-12-31T23:59:59Z", None),
            ("2026-11-22T12:00:00", None),
            ("2026-11-22", None),
            ("2026-02-30T00:00:00Z", None),
            ("yesterday", None),
            ("", None),
        ];
        for (text, at) in cases {
            assert_eq!(field(json!(text)).time("x", &CONTEXT).ok().flatten(), at, "{text}");
        }
        assert!(field(json!(1_795_341_600)).time("x", &CONTEXT).is_err());
    }

    #[test]
    fn identifiers_are_plain_and_bounded() {
        let long = "ї".repeat(255);
        for (value, id) in [(json!("17"), "17"), (json!(17), "17"), (json!("a b"), "a b"), (json!(long), &long)] {
            assert_eq!(field(value).id("x", MAX_ID).unwrap().as_deref(), Some(id));
        }
        for value in [json!(""), json!("ї".repeat(256)), json!("a\nb"), json!("a\u{202e}"), json!(1.5), json!({})] {
            let refused = field(value.clone()).id("x", MAX_ID).unwrap_err();
            assert_eq!(refused.field, "x", "{value}");
        }
    }

    #[test]
    fn texts_lose_control_characters_and_are_never_cut() {
        assert_eq!(field(json!(" a\u{0}b\n")).text("x", 5).unwrap().as_deref(), Some("ab"));
        assert_eq!(field(json!("\n")).text("x", 5), Ok(None));
        assert!(field(json!("їжакіф")).text("x", 5).is_err());
        assert!(field(json!(5)).text("x", 5).is_err());
    }

    #[test]
    fn counts_are_whole() {
        assert_eq!(field(json!(310)).count("x"), Ok(310));
        assert_eq!(field(Value::Null).count("x"), Ok(0));
        for value in [json!(-1), json!(1.5), json!("3"), json!(1_i64 << 53), json!(u64::MAX)] {
            assert!(field(value.clone()).count("x").is_err(), "{value}");
        }
    }

    #[test]
    fn what_is_left_over_is_refused_by_name() {
        let refused = field(json!(1)).end("a, b").unwrap_err();
        assert_eq!(refused.to_string(), "x: “1” came; allowed is none but the fields a, b");
    }
}
