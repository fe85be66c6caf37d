//! Filters as conditions: exact values are bound as they are; parts of texts are looked for in Rust, among the values
//! there are, and what was found is bound.

use super::super::db::Tx;
use super::super::error::StoreError;
use super::super::sql::{Cell, Sql};
use super::clock::{Zone, text_of};
use super::source::{NOT_ATTRIBUTED, Source};
use super::span::Span;
use crate::model::country;
use crate::report::catalog::Clock;
use crate::report::{Dimension, Filter, Operator, Subject};

/// A filter that is ready to be asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// The dimension's text is one of these or, negated, none of them.
    Texts {
        /// What is looked at.
        dimension: Dimension,
        /// What it may be, or may not be.
        texts: Texts,
        /// None of them?
        is_not: bool,
    },
    /// The clock's reading is one of these keys.
    Keys(Clock, Vec<i64>),
    /// The dimension has no value of its own.
    Empty(Dimension),
    /// The session had one of these actions.
    Had(Vec<String>),
    /// The session has one of these orders.
    Orders(Vec<String>),
    /// The session is one of these visitors'.
    Visitors(Vec<i64>),
    /// The session has the order or is the visitor's, or its campaign is one of these.
    Anything {
        /// What was searched for.
        searched: Vec<String>,
        /// The campaigns that hold it.
        campaigns: Texts,
    },
}

/// A list of texts.
#[derive(Clone, Debug, PartialEq)]
pub enum Texts {
    /// A short one, each bound.
    Given(Vec<String>),
    /// One of any length, bound as a JSON array.
    Found(String),
}

/// Makes the filters of a query ready for the rows of `source`.
pub async fn resolve(
    tx: &mut Tx,
    filters: &[Filter],
    source: Source,
    span: Span,
    zone: &Zone,
) -> Result<Vec<Condition>, StoreError> {
    let mut conditions = Vec::with_capacity(filters.len());
    for filter in filters {
        conditions.push(one(tx, filter, source, span, zone).await?);
    }
    Ok(conditions)
}

async fn one(tx: &mut Tx, filter: &Filter, source: Source, span: Span, zone: &Zone) -> Result<Condition, StoreError> {
    let values = || filter.values.clone();
    Ok(match filter.subject {
        Subject::Action => Condition::Had(values()),
        Subject::Order => Condition::Orders(values()),
        Subject::Visitor => Condition::Visitors(filter.values.iter().filter_map(|id| id.parse().ok()).collect()),
        Subject::Anything => {
            let campaigns = found(tx, filter, Dimension::Campaign, source, span).await?;
            Condition::Anything { searched: values(), campaigns }
        }
        Subject::Dimension(dimension) => match (dimension.clock(), filter.operator) {
            (None, Operator::Empty) => Condition::Empty(dimension),
            (Some(clock), _) => Condition::Keys(clock, keys(filter, clock, zone)),
            (None, Operator::Contains | Operator::Starts) => {
                let texts = found(tx, filter, dimension, source, span).await?;
                Condition::Texts { dimension, texts, is_not: false }
            }
            (None, Operator::Is | Operator::Not | Operator::Has) => {
                let is_not = filter.operator == Operator::Not;
                let stored = values().into_iter().map(|value| stored(dimension, value)).collect();
                Condition::Texts { dimension, texts: Texts::Given(stored), is_not }
            }
        },
    })
}

/// A value of `dimension` as it is stored: a country may be called by its name.
fn stored(dimension: Dimension, value: String) -> String {
    let code = if dimension == Dimension::Country { country::code(&value) } else { None };
    code.map_or(value, str::to_owned)
}

/// What people call a stored value of `dimension`, and look for parts of.
fn named(dimension: Dimension, text: &str) -> &str {
    let name = if dimension == Dimension::Country { country::name(text) } else { None };
    name.unwrap_or(text)
}

/// The readings of the clock that pass `filter`.
pub fn keys(filter: &Filter, clock: Clock, zone: &Zone) -> Vec<i64> {
    let passes = matcher(filter);
    zone.keys(clock).into_iter().filter(|key| passes(&text_of(clock, *key))).collect()
}

/// The texts of `dimension` that pass `filter`.
async fn found(
    tx: &mut Tx,
    filter: &Filter,
    dimension: Dimension,
    source: Source,
    span: Span,
) -> Result<Texts, StoreError> {
    let passes = matcher(filter);
    let mut texts: Vec<String> = match source.distinct(dimension, span) {
        Some(sql) => {
            let rows = tx.rows(&sql).await?.into_iter();
            rows.filter_map(|row| match row.0.into_iter().next() {
                Some(Cell::Text(text)) => Some(text),
                _ => None,
            })
            .collect()
        }
        None => ["new", "returning"].map(str::to_owned).into(),
    };
    if source == Source::Orders {
        texts.push(NOT_ATTRIBUTED.to_owned());
    }
    texts.retain(|text| passes(named(dimension, text)));
    Ok(Texts::Found(serde_json::to_string(&texts).unwrap_or_else(|_| "[]".to_owned())))
}

/// What decides on a text.
fn matcher(filter: &Filter) -> impl Fn(&str) -> bool + use<> {
    let operator = filter.operator;
    let exact = filter.values.clone();
    let folded: Vec<String> = filter.values.iter().map(|value| fold(value)).collect();
    move |text| match operator {
        Operator::Is | Operator::Has => exact.iter().any(|value| value == text),
        Operator::Not => exact.iter().all(|value| value != text),
        Operator::Contains => folded.iter().any(|value| fold(text).contains(value)),
        Operator::Starts => folded.iter().any(|value| fold(text).starts_with(value)),
        Operator::Empty => false,
    }
}

/// A text without the difference of capital and small letters, by Unicode and wherever they stand: `ß` is `ss`, `ς` is `σ`.
fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// Appends ` and …` for each condition. `grouped` are the dimensions by which the rows are told apart: what is of
/// actions and among them is looked for in the row's action, else in any action of the session.
pub fn push_all(
    sql: &mut Sql,
    conditions: &[Condition],
    source: Source,
    grouped: &[Dimension],
    zone: &Zone,
    unnest: fn(usize) -> String,
) {
    for condition in conditions {
        sql.push(" and ");
        match condition {
            Condition::Keys(clock, keys) => push_keys(sql, *clock, keys, source, zone),
            Condition::Texts { dimension, texts, is_not } => {
                let text = source.text_of(*dimension);
                let elsewhere = dimension.definition().is_of_actions() && !grouped.contains(dimension);
                if elsewhere {
                    push_exists(sql, *is_not, |sql| push_in(sql, &in_another(*dimension), texts, unnest));
                } else if *is_not {
                    sql.push(&format!("({text} is null or not "));
                    push_in(sql, &text, texts, unnest);
                    sql.push(")");
                } else {
                    push_in(sql, &text, texts, unnest);
                }
            }
            Condition::Empty(dimension) => {
                let text = source.text_of(*dimension);
                if dimension.definition().is_of_actions() && !grouped.contains(dimension) {
                    push_exists(sql, true, |sql| {
                        sql.push(&format!("{} is not null", in_another(*dimension)));
                    });
                } else if let Some(label) = dimension.definition().label {
                    sql.push(&format!("{text} = ")).push_bind(label);
                } else {
                    sql.push(&format!("{text} is null"));
                }
            }
            Condition::Had(kinds) => push_had(sql, kinds),
            Condition::Orders(numbers) => push_orders(sql, numbers),
            Condition::Visitors(ids) => {
                sql.push("s.visitor_id in ").push_list(ids.iter().copied());
            }
            Condition::Anything { searched, campaigns } => {
                sql.push("(");
                push_in(sql, &source.text_of(Dimension::Campaign), campaigns, unnest);
                sql.push(" or ");
                push_orders(sql, searched);
                let ids: Vec<i64> = searched.iter().filter_map(|text| text.parse().ok()).collect();
                if !ids.is_empty() {
                    sql.push(" or s.visitor_id in ").push_list(ids);
                }
                sql.push(")");
            }
        }
    }
}

/// The dimensions whose dictionaries the conditions need.
pub fn dimensions_of(filters: &[Filter]) -> impl Iterator<Item = Dimension> {
    filters.iter().filter_map(|filter| match filter.subject {
        Subject::Dimension(dimension) => Some(dimension),
        Subject::Anything => Some(Dimension::Campaign),
        Subject::Action | Subject::Order | Subject::Visitor => None,
    })
}

/// The text of `dimension` in any action of the session.
fn in_another(dimension: Dimension) -> String {
    Source::Actions.text_of(dimension).replace("a.", "x.")
}

fn push_in(sql: &mut Sql, text: &str, texts: &Texts, unnest: fn(usize) -> String) {
    sql.push(&format!("({text}) in "));
    match texts {
        Texts::Given(texts) => {
            sql.push_list(texts.iter().map(String::as_str));
        }
        Texts::Found(json) => {
            let place = sql.values.len() + 1;
            sql.push(&unnest(place));
            sql.values.push(json.as_str().into());
        }
    }
}

fn push_keys(sql: &mut Sql, clock: Clock, keys: &[i64], source: Source, zone: &Zone) {
    if keys.is_empty() {
        sql.push("1 = 0");
    } else if source == Source::Spend {
        sql.push("d.day in ").push_list(zone.days_of(clock, keys).iter().map(ToString::to_string));
    } else {
        zone.push(sql, clock, source.time());
        sql.push(" in ").push_list(keys.iter().copied());
    }
}

fn push_exists(sql: &mut Sql, is_not: bool, push_condition: impl FnOnce(&mut Sql)) {
    sql.push(if is_not { "not exists" } else { "exists" });
    sql.push(" (select 1 from action x where x.visitor_id = s.visitor_id and x.session_id = s.id and ");
    push_condition(sql);
    sql.push(")");
}

fn push_had(sql: &mut Sql, kinds: &[String]) {
    sql.push("(");
    for (place, kind) in kinds.iter().enumerate() {
        if place > 0 {
            sql.push(" or ");
        }
        let counter = match kind.as_str() {
            "page_view" => "page_views",
            "product_view" => "product_views",
            "add_to_cart" => "add_to_cart",
            "remove_from_cart" => "remove_from_cart",
            "initiate_checkout" => "initiate_checkout",
            "search" => "searches",
            // They have to stand.
            "lead" => "had_lead",
            "purchase" => "has_purchase",
            _ => {
                push_exists(sql, false, |sql| {
                    sql.push("x.kind = ").push_bind(kind.as_str());
                });
                continue;
            }
        };
        sql.push(&format!("s.{counter} > 0"));
    }
    sql.push(")");
}

fn push_orders(sql: &mut Sql, numbers: &[String]) {
    sql.push(
        "s.id in (select o2.session_id from order_number n join orders o2 on o2.visitor_id = n.visitor_id and \
         o2.id = n.id where n.number in ",
    );
    sql.push_list(numbers.iter().map(String::as_str)).push(")");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_whatever_the_letters() {
        let passes = |text: &str, value: &str| matcher(&text.parse().unwrap())(value);
        assert!(passes("campaign:contains:ЗИМ", "Чорна_зима"));
        assert!(passes("campaign:contains:straße", "HAUPTSTRASSE"));
        assert!(passes("city:starts:οδοσ", "ΟΔΟΣ"));
        assert!(!passes("campaign:starts:зим", "Чорна_зима"));
        assert!(passes("campaign:contains:x|100%25", "sale_100%"));
        assert!(passes("day:starts:2026-0", "2026-02-01"));
        assert!(!passes("day:not:2026-02-01", "2026-02-01"));
    }
}
