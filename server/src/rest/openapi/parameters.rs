//! Parameters in queries, each described where its name is known.

use serde_json::json;
use utm_dispatcher::model::Period;
use utm_dispatcher::report::text::NAMES;
use utm_dispatcher::report::{Dimension, Metric};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::{KnownFormat, RefOr, Required, Schema, SchemaFormat, Type};

use super::schema::{list, of, text, whole, word};

/// A parameter in the query; it may be left out.
pub fn query(name: &str, about: &str, schema: impl Into<RefOr<Schema>>) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(about))
        .schema(Some(schema))
        .build()
}

/// A part of the path.
pub fn path(name: &str, about: &str, schema: impl Into<RefOr<Schema>>) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(about))
        .schema(Some(schema))
        .build()
}

/// Which days.
pub fn days() -> Vec<Parameter> {
    ["period", "from", "to"].map(one).into()
}

/// How many rows, and after which.
pub fn page(default: usize) -> Vec<Parameter> {
    let limit = whole(1, 1000).default(Some(default.into()));
    vec![query("limit", "At most so many rows.", limit), one("cursor")]
}

/// The whole text form of a query, with a page's limits.
pub fn report(default: usize) -> Vec<Parameter> {
    let others = NAMES.into_iter().filter(|name| !["limit", "cursor"].contains(name)).map(one);
    others.chain(page(default)).collect()
}

/// The whole text form of a query for a file, which has all rows unless asked otherwise.
pub fn file() -> Vec<Parameter> {
    NAMES.map(one).into()
}

/// The languages of a file's headings.
pub fn language() -> Parameter {
    query("lang", "The language of the headings.", word(["uk", "en"]).default(Some("uk".into())))
}

/// What stands between the cells of CSV.
pub fn separator() -> Parameter {
    let about = "What stands between cells: Excel expects `semicolon` where numbers have a decimal comma.";
    query("separator", about, word(["comma", "semicolon"]).default(Some("comma".into())))
}

/// A parameter of the text form.
fn one(name: &str) -> Parameter {
    let several = |parameter: Parameter, explode| {
        let style = Some(ParameterStyle::Form);
        ParameterBuilder::from(parameter).style(style).explode(Some(explode)).build()
    };
    match name {
        "period" => {
            let names = Period::NAMED.iter().filter_map(|period| period.name());
            let about = "Local days of the store, today included: `week` has 7, `month` 30. In its place `from` and \
                         `to`.";
            query(name, about, word(names).default(Some("today".into())))
        }
        "from" => query(name, "The first day. Not beside `period`; needs `to`.", day()),
        "to" => query(name, "The last day, included. Needs `from`.", day()),
        "compare" => {
            let pattern = r"^(none|previous|year|[0-9]{4}-[0-9]{2}-[0-9]{2}\.\.[0-9]{4}-[0-9]{2}-[0-9]{2})$";
            let about = "Earlier days beside these: `previous`, `year`, or two days as `FROM..TO`.";
            query(name, about, text().pattern(Some(pattern)).default(Some("none".into())))
        }
        "align" => {
            let about = "`elapsed` cuts the last earlier day at the clock's time of now while the current days go on.";
            query(name, about, word(["full", "elapsed"]).default(Some("full".into())))
        }
        "match" => {
            let about = "What a year earlier means: the same dates, or the same weekdays, 364 days earlier.";
            query(name, about, word(["date", "weekday"]).default(Some("date".into())))
        }
        "dimensions" => {
            let keys = list(word(Dimension::ALL.iter().map(|dimension| dimension.key()))).max_items(Some(5));
            several(
                query(name, "What rows are told apart by, from left to right; the report's own if left out.", keys),
                false,
            )
        }
        "metrics" => {
            let keys = list(word(Metric::ALL.iter().map(|metric| metric.key()))).min_items(Some(1));
            several(
                query(name, "What is counted, in the order of the columns; the report's own if left out.", keys),
                false,
            )
        }
        "filter" => {
            let one = text().pattern(Some(r"^[a-z_]+:(is|not|contains|starts|empty|has)(:[\s\S]*)?$"));
            let about = "`DIMENSION:OPERATOR:VALUE`, or `action:has:KIND`; all of several must hold. Values joined by \
                         `|` mean any of them, with `not` none. Inside a value `:`, `|` and `%` are percent-escaped.";
            let example = json!(["source:is:facebook|instagram"]);
            several(query(name, about, list(one).max_items(Some(20)).examples([example])), true)
        }
        "sort" => {
            let about = "A column's key, with `-` before it for the highest first.";
            query(name, about, text().pattern(Some(r"^-?[a-z_]+$")))
        }
        "limit" => query(name, "At most so many rows; all of them if left out.", of(Type::Integer).minimum(Some(1))),
        "cursor" => {
            query(name, "Goes on where an earlier answer to the same question broke off.", text().min_length(Some(1)))
        }
        "basis" => {
            let about = "Orders count with the session that they are linked to, or on the day on which they were paid.";
            query(name, about, word(["session", "order"]).default(Some("session".into())))
        }
        _ => {
            let about = "The funnel's steps: `nested`, a later step implies the earlier ones, or each by itself.";
            query(name, about, word(["nested", "independent"]).default(Some("nested".into())))
        }
    }
}

fn day() -> utoipa::openapi::schema::ObjectBuilder {
    text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Date))).pattern(Some(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"))
}
