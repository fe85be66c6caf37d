//! What narrows a query: `source:is:facebook|instagram`, `campaign:contains:winter`, `action:has:purchase`.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::catalog::{Clock, Dimension, Origin};
use super::query::BadQuery;
use super::text::{decode, encode};

/// At most so many values in one filter: all countries at once.
pub const MAX_VALUES: usize = 300;
/// At most so many characters in one value.
pub const MAX_LENGTH: usize = 512;

/// One condition; several in a query must all hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Filter {
    /// What is looked at.
    pub subject: Subject,
    /// How.
    pub operator: Operator,
    /// What it is compared with: any of them, with [`Operator::Not`] none of them, with [`Operator::Empty`] nothing.
    pub values: Vec<String>,
}

/// What a filter looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A dimension's value.
    Dimension(Dimension),
    /// The kinds of actions that the session had; a lead and a purchase have to stand.
    Action,
    /// The numbers of the session's orders.
    Order,
    /// The visitor's id.
    Visitor,
    /// Whatever a person would search sessions by: an order's number, a visitor's id, a part of the campaign.
    Anything,
}

/// How a filter compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// Exactly one of the values.
    Is,
    /// None of the values.
    Not,
    /// Holds one of the values, capital letters or small.
    Contains,
    /// Starts with one of the values, capital letters or small.
    Starts,
    /// Has no value of its own.
    Empty,
    /// The session had one of these actions.
    Has,
}

impl Operator {
    /// The word for it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Is => "is",
            Self::Not => "not",
            Self::Contains => "contains",
            Self::Starts => "starts",
            Self::Empty => "empty",
            Self::Has => "has",
        }
    }
}

impl Subject {
    /// The word for it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Dimension(dimension) => dimension.key(),
            Self::Action => "action",
            Self::Order => "order",
            Self::Visitor => "visitor",
            Self::Anything => "anything",
        }
    }

    /// Everything that a filter may look at.
    pub fn all() -> impl Iterator<Item = Self> {
        let others = [Self::Action, Self::Order, Self::Visitor, Self::Anything];
        Dimension::ALL.iter().copied().map(Self::Dimension).chain(others)
    }

    /// What is looked at, for people.
    pub fn description(self) -> &'static str {
        match self {
            Self::Dimension(dimension) => dimension.description(),
            Self::Action => "The kinds of actions that the session had; a lead and a purchase have to stand.",
            Self::Order => "The numbers of the session's orders.",
            Self::Visitor => "The visitor's id.",
            Self::Anything => {
                "What people search sessions by: an order's number, a visitor's id, a part of the campaign."
            }
        }
    }

    /// Which comparisons make sense.
    pub fn operators(self) -> &'static [Operator] {
        match self {
            Self::Dimension(_) => &[Operator::Is, Operator::Not, Operator::Contains, Operator::Starts, Operator::Empty],
            Self::Action => &[Operator::Has],
            Self::Order | Self::Visitor => &[Operator::Is],
            Self::Anything => &[Operator::Contains],
        }
    }
}

impl From<Subject> for String {
    fn from(subject: Subject) -> Self {
        subject.key().to_owned()
    }
}

impl TryFrom<String> for Subject {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "action" => Ok(Self::Action),
            "order" => Ok(Self::Order),
            "visitor" => Ok(Self::Visitor),
            "anything" => Ok(Self::Anything),
            name => name.parse().map(Self::Dimension).map_err(|_| {
                let dimensions = Dimension::ALL.iter().map(|dimension| dimension.key()).collect::<Vec<_>>().join(", ");
                format!("DIMENSION:OPERATOR:VALUE with one of action, order, visitor, anything, {dimensions}")
            }),
        }
    }
}

impl Filter {
    /// A filter of one value.
    pub fn new(subject: Subject, operator: Operator, value: &str) -> Self {
        Self { subject, operator, values: vec![value.to_owned()] }
    }

    /// The dimension that it looks at.
    pub fn dimension(&self) -> Option<Dimension> {
        if let Subject::Dimension(dimension) = self.subject { Some(dimension) } else { None }
    }

    /// Checks what every filter must satisfy.
    pub fn check(&self) -> Result<(), BadQuery> {
        let bad = |allowed: String| BadQuery::new("filter", &self.to_string(), allowed);
        let operators = self.subject.operators();
        if !operators.contains(&self.operator) {
            let all: Vec<_> = operators.iter().map(|operator| operator.key()).collect();
            return Err(bad(format!("{} with {}", self.subject.key(), all.join(", "))));
        }
        if (self.operator == Operator::Empty) != self.values.is_empty() {
            return Err(bad("values with every operator but empty, which has none".to_owned()));
        }
        let is_long = |value: &String| value.is_empty() || value.chars().take(MAX_LENGTH + 1).count() > MAX_LENGTH;
        // PostgreSQL's texts hold no NUL.
        if self.values.iter().any(|value| value.contains('\0')) {
            return Err(bad("values without the character NUL".to_owned()));
        }
        if self.values.len() > MAX_VALUES || self.values.iter().any(is_long) {
            return Err(bad(format!("1 to {MAX_VALUES} values of 1 to {MAX_LENGTH} characters each")));
        }
        if let (Some(shape), Operator::Is | Operator::Not) = (self.shape(), self.operator)
            && let Some(value) = self.values.iter().find(|value| !(shape.fits)(value))
        {
            return Err(BadQuery::new("filter", &format!("{}:{value}", self.subject.key()), shape.allowed.to_owned()));
        }
        Ok(())
    }

    /// What values of the subject look like, where not every text is one.
    fn shape(&self) -> Option<Shape> {
        let shape = |fits, allowed| Some(Shape { fits, allowed });
        match self.subject {
            Subject::Visitor => shape(|text| text.parse::<i64>().is_ok(), "a visitor's id, a whole number"),
            Subject::Dimension(dimension) => match dimension.definition().origin {
                Origin::VisitorType => shape(|text| matches!(text, "new" | "returning"), "new or returning"),
                Origin::Clock(Clock::Hour) => shape(|text| whole(text, 0, 23), "an hour from 0 to 23"),
                Origin::Clock(Clock::Weekday) => shape(|text| whole(text, 1, 7), "a weekday from 1 (Monday) to 7"),
                Origin::Clock(Clock::Day | Clock::Week) => shape(|text| day(text).is_some(), "a day as YYYY-MM-DD"),
                Origin::Clock(Clock::Month) => shape(|text| day(&format!("{text}-01")).is_some(), "a month as YYYY-MM"),
                _ => None,
            },
            _ => None,
        }
    }
}

struct Shape {
    fits: fn(&str) -> bool,
    allowed: &'static str,
}

/// Is `text` a whole number in its plainest form, from `least` to `most`?
fn whole(text: &str, least: u32, most: u32) -> bool {
    text.parse::<u32>().is_ok_and(|number| (least..=most).contains(&number) && number.to_string() == text)
}

/// A day as `YYYY-MM-DD` and in no other form, from 1970 to 9999.
pub fn day(text: &str) -> Option<NaiveDate> {
    // chrono's own `parse` would take shorter forms and years of five digits, and is large in the browser's half.
    let [year, month, of_month] = text.split('-').collect::<Vec<_>>()[..] else { return None };
    let number = |text: &str, digits: usize| {
        let is_plain = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
        is_plain.then(|| text.parse::<u32>().ok()).flatten()
    };
    let year = i32::try_from(number(year, 4)?).ok().filter(|year| *year >= 1970)?;
    NaiveDate::from_ymd_opt(year, number(month, 2)?, number(of_month, 2)?)
}

/// `DIMENSION:OPERATOR:VALUE|VALUE`, with `:`, `|` and `%` escaped inside a value.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.subject.key(), self.operator.key())?;
        for (place, value) in self.values.iter().enumerate() {
            f.write_str(if place == 0 { ":" } else { "|" })?;
            f.write_str(&encode(value, |byte| !matches!(byte, b':' | b'|' | b'%')))?;
        }
        Ok(())
    }
}

impl From<Filter> for String {
    fn from(filter: Filter) -> Self {
        filter.to_string()
    }
}

impl TryFrom<String> for Filter {
    type Error = BadQuery;

    fn try_from(text: String) -> Result<Self, BadQuery> {
        text.parse()
    }
}

impl FromStr for Filter {
    type Err = BadQuery;

    fn from_str(text: &str) -> Result<Self, BadQuery> {
        let bad = |allowed: String| BadQuery::new("filter", text, allowed);
        let mut parts = text.splitn(3, ':');
        let subject = Subject::try_from(parts.next().unwrap_or_default().to_owned()).map_err(bad)?;
        let word = parts.next().unwrap_or_default();
        let operator =
            subject.operators().iter().copied().find(|operator| operator.key() == word).ok_or_else(|| {
                let all: Vec<_> = subject.operators().iter().map(|operator| operator.key()).collect();
                bad(format!("{}:OPERATOR:VALUE with one of {}", subject.key(), all.join(", ")))
            })?;
        let values = parts.next().unwrap_or_default();
        if operator != Operator::Empty && values.contains(':') {
            return Err(bad("a value in which “:” is written %3A".to_owned()));
        }
        let value = |value: &str| decode(value).ok_or_else(|| bad("a value in which “%” is written %25".to_owned()));
        let values = match (operator, values) {
            (Operator::Empty, "") => Vec::new(),
            _ => values.split('|').map(value).collect::<Result<_, _>>()?,
        };
        let filter = Self { subject, operator, values };
        filter.check()?;
        Ok(filter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_read_and_written() {
        for text in [
            "source:is:facebook|instagram",
            "campaign:not:N/A",
            "campaign:contains:зима %25 50%3A50%7C!",
            "term:empty",
            "action:has:purchase|lead",
            "hour:is:0|23",
            "weekday:not:7",
            "day:is:2026-02-28",
            "month:is:2026-02",
            "order:is:N1",
            "visitor:is:17",
            "anything:contains:N1",
            "day:starts:2026-",
        ] {
            assert_eq!(text.parse::<Filter>().map(|filter| filter.to_string()).as_deref(), Ok(text));
        }
        let escaped: Filter = "campaign:is:a%7Cb%3Ac%25".parse().unwrap();
        assert_eq!(escaped.values, ["a|b:c%"]);
    }

    #[test]
    fn what_cannot_be_filtered_is_named() {
        for text in [
            "",
            "source",
            "source:",
            "source:is",
            "source:is:",
            "source:is:a|",
            "source:like:a",
            "colour:is:red",
            "source:has:a",
            "action:is:lead",
            "term:empty:x",
            "hour:is:24",
            "hour:is:07",
            "weekday:is:0",
            "day:is:2026-02-30",
            "day:is:2026-2-3",
            "month:is:2026-13",
            "visitor_type:is:old",
            "visitor:is:x",
            "order:contains:1",
            "source:is:a:b",
            "source:is:a\0b",
            "source:is:100%",
            "source:is:%zz",
        ] {
            let refused = text.parse::<Filter>().unwrap_err();
            assert_eq!(refused.parameter, "filter", "{text}: {refused}");
        }
    }
}
