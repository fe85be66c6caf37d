//! What a day of a campaign cost.

use chrono::{DateTime, NaiveDate};

use super::fields::{Fields, MAX_URL};
use super::{BadField, Context};
use crate::model::touch::{NO_MEDIUM, NOT_AVAILABLE};
use crate::model::{Millis, Money};
use crate::tracking::utm;

const FIELDS: &str = "date, source, medium, campaign, content, amount, currency, clicks, impressions";

/// What a day of a campaign cost, named as the touches of its visitors are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SpendLine {
    /// The store's local day, `YYYY-MM-DD`.
    pub day: String,
    /// Cleaned and aliased: `facebook`.
    pub source: String,
    /// Cleaned; [`NO_MEDIUM`] without one.
    pub medium: String,
    /// Cleaned; [`NOT_AVAILABLE`] without one.
    pub campaign: String,
    /// Cleaned; [`NOT_AVAILABLE`] without one.
    pub content: String,
    /// What it cost.
    pub amount: Money,
    /// How often an advertisement was clicked.
    pub clicks: i64,
    /// How often one was shown.
    pub impressions: i64,
}

/// Reads a spend line.
pub fn spend(mut fields: Fields, context: &Context) -> Result<SpendLine, BadField> {
    let day = fields.raw_text("date", 10)?.ok_or_else(|| BadField::missing("date", DAY))?;
    // Parsing takes 2026-1-5 too: only the one form is a key.
    let parsed = NaiveDate::parse_from_str(&day, "%Y-%m-%d").ok().filter(|date| date.to_string() == day);
    if parsed.is_none_or(|date| date < EARLIEST || date > latest(context.now)) {
        return Err(BadField::new("date", &day, DAY));
    }
    let [source, medium, campaign, creative] = ["source", "medium", "campaign", "content"].map(|name| {
        let raw = fields.raw_text(name, MAX_URL);
        raw.map(Option::unwrap_or_default)
    });
    let source = source?;
    let source = utm::source(&source).ok_or_else(|| BadField::new("source", &source, "the name of a source"))?;
    let line = SpendLine {
        day,
        source,
        medium: utm::medium(&medium?).unwrap_or_else(|| NO_MEDIUM.to_owned()),
        campaign: utm::clean(&campaign?).unwrap_or_else(|| NOT_AVAILABLE.to_owned()),
        content: utm::clean(&creative?).unwrap_or_else(|| NOT_AVAILABLE.to_owned()),
        amount: fields.needed_amount("amount")?,
        clicks: fields.count("clicks")?,
        impressions: fields.count("impressions")?,
    };
    fields.currency(context)?;
    fields.end(FIELDS)?;
    Ok(line)
}

/// As far ahead as times may lie, wherever the store is: tomorrow there.
fn latest(now: Millis) -> NaiveDate {
    const AHEAD: Millis = (24 + 14) * 60 * 60 * 1000;
    DateTime::from_timestamp_millis(now.saturating_add(AHEAD)).map_or(NaiveDate::MAX, |then| then.date_naive())
}

const DAY: &str = "a day from 2020 to tomorrow, like 2026-11-20";
const EARLIEST: NaiveDate = NaiveDate::from_ymd_opt(2020, 1, 1).expect("a date of the calendar");

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::CONTEXT;
    use super::*;

    fn with(name: &str, value: Value) -> Result<SpendLine, BadField> {
        let mut line = json!({"date": "2026-11-20", "source": "FB", "medium": "CPC", "campaign": "Зима 26", "content": "",
            "amount": "1200.00", "currency": "UAH", "clicks": 310, "impressions": 42000});
        line[name] = value;
        spend(Fields::of(line, "line").unwrap(), &CONTEXT)
    }

    #[test]
    fn names_are_those_of_touches() {
        let line = with("clicks", json!(311)).unwrap();
        let names = [&line.source, &line.medium, &line.campaign, &line.content];
        assert_eq!(names, ["facebook", "cpc", "Зима_26", "N/A"]);
        assert_eq!((line.day.as_str(), line.amount), ("2026-11-20", Money(120_000)));
        assert_eq!((line.clicks, line.impressions), (311, 42_000));
        assert_eq!(with("medium", json!(null)).unwrap().medium, "none");
        assert_eq!(with("date", json!("2026-11-23")).unwrap().day, "2026-11-23");
    }

    #[test]
    fn every_bad_field_is_named() {
        let cases = [
            ("date", json!(null)),
            ("date", json!("2026-1-5")),
            ("date", json!("2026-02-30")),
            ("date", json!("1999-01-01")),
            ("date", json!("2026-11-25")),
            ("date", json!("2206-11-20")),
            ("source", json!(" ")),
            ("source", json!(null)),
            ("medium", json!(5)),
            ("amount", json!("-5")),
            ("amount", json!(null)),
            ("currency", json!("USD")),
            ("clicks", json!(-1)),
            ("impressions", json!("1")),
        ];
        for (name, value) in cases {
            assert_eq!(with(name, value.clone()).unwrap_err().field, name, "{value}");
        }
        assert_eq!(with("cost", json!(1)).unwrap_err().field, "cost");
    }
}
