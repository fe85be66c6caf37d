//! The answer of `/api/v1/reports/{id}`, written row by row: money as decimal texts, everything else as numbers.

use std::io::{self, Write};

use serde_json::json;
use utm_dispatcher::report::{Column, Cursor, Key, Table, Unit, Value};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, ResponseBuilder, Schema};

use crate::rest::openapi::schema::{list, object, text, text_or_null, whole, word};
use crate::rest::openapi::{self, header};

/// An answer whose rows are being written.
#[derive(Debug)]
pub struct Json<W: Write> {
    out: W,
    units: Vec<Option<Unit>>,
    is_first: bool,
}

/// What stands behind an answer's rows.
#[derive(Clone, Copy, Debug)]
pub struct Tail<'a> {
    /// How many rows there are on all pages.
    pub total_rows: usize,
    /// Where the next page begins.
    pub next: Option<&'a Cursor>,
}

/// Writes a whole table.
pub fn write(out: impl Write, table: &Table) -> io::Result<()> {
    let mut json = Json::new(out, table)?;
    for row in &table.rows {
        json.row(row)?;
    }
    json.finish(table, Tail { total_rows: table.total_rows, next: table.next.as_ref() })
}

impl<W: Write> Json<W> {
    /// Begins the answer with the query and the columns of `table`.
    pub fn new(mut out: W, table: &Table) -> io::Result<Self> {
        let columns: Vec<_> = table.columns.iter().copied().map(column).collect();
        write!(out, "{{\"query\":{},\"columns\":{},\"rows\":[", json!(table.query), json!(columns))?;
        Ok(Self { out, units: table.columns.iter().map(Column::unit).collect(), is_first: true })
    }

    /// Adds a row.
    pub fn row(&mut self, row: &[Value]) -> io::Result<()> {
        if !std::mem::take(&mut self.is_first) {
            self.out.write_all(b",\n")?;
        }
        cells(&mut self.out, row, &self.units)
    }

    /// Ends the answer with the totals, the earlier period and the warnings of `table`.
    pub fn finish(self, table: &Table, tail: Tail<'_>) -> io::Result<()> {
        let Self { mut out, units, .. } = self;
        out.write_all(b"],\"totals\":")?;
        cells(&mut out, &table.totals, &units)?;
        out.write_all(b",\"previous\":")?;
        match &table.previous {
            None => out.write_all(b"null")?,
            Some(previous) => {
                out.write_all(b"{\"rows\":[")?;
                for (place, row) in previous.rows.iter().enumerate() {
                    if place > 0 {
                        out.write_all(b",\n")?;
                    }
                    cells(&mut out, row, &units)?;
                }
                out.write_all(b"],\"totals\":")?;
                cells(&mut out, &previous.totals, &units)?;
                out.write_all(b"}")?;
            }
        }
        let next = tail.next.map(Cursor::to_string);
        let warnings: Vec<_> = table.warnings.iter().map(ToString::to_string).collect();
        let total = tail.total_rows;
        writeln!(out, ",\"total_rows\":{total},\"next\":{},\"warnings\":{}}}", json!(next), json!(warnings))
    }
}

/// The answer as the API's description tells of it.
pub fn described() -> ResponseBuilder {
    openapi::json("The table.", shape()).header("X-Total-Count", header("How many rows there are, whatever the limit."))
}

/// The shape of an answer.
pub fn shape() -> ObjectBuilder {
    let cell = || ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Number, Type::Null]));
    let row = || list(cell()).description(Some("A cell for each column; money is a decimal text."));
    let units = ["count", "money", "percent", "number", "seconds"];
    let column = object([("key", text()), ("kind", word(["dimension", "metric", "field"]))]);
    let previous = object([("rows", list(row())), ("totals", row())])
        .schema_type(SchemaType::from_iter([Type::Object, Type::Null]))
        .description(Some("The earlier period, beside each row and as a whole; null unless one was asked for."));
    object([
        ("query", RefOr::<Schema>::from(text().description(Some("What was asked, normalised.")).build())),
        ("columns", list(column.property("unit", word(units))).build().into()),
        ("rows", list(row()).build().into()),
        ("totals", row().description(Some("All rows together, not only those of this page.")).build().into()),
        ("previous", previous.build().into()),
        ("total_rows", whole(0, i64::MAX).description(Some("How many rows there are on all pages.")).build().into()),
        ("next", text_or_null().description(Some("The `cursor` of the next page.")).build().into()),
        ("warnings", list(text()).build().into()),
    ])
}

fn column(column: Column) -> serde_json::Value {
    let kind = match column.key {
        Key::Dimension(_) => "dimension",
        Key::Metric(_) => "metric",
        Key::Field(_) => "field",
    };
    let mut shown = json!({ "key": column.key.key(), "kind": kind });
    if let Some(unit) = column.unit() {
        shown["unit"] = json!(unit);
    }
    shown
}

fn cells(out: &mut impl Write, row: &[Value], units: &[Option<Unit>]) -> io::Result<()> {
    out.write_all(b"[")?;
    for (place, value) in row.iter().enumerate() {
        if place > 0 {
            out.write_all(b",")?;
        }
        let unit = units.get(place).copied().flatten();
        match value {
            Value::Null => out.write_all(b"null")?,
            Value::Text(text) => serde_json::to_writer(&mut *out, text)?,
            Value::Whole(_) | Value::Fraction { .. } => {
                let decimal = value.decimal(unit.unwrap_or(Unit::Count)).unwrap_or_default();
                if unit == Some(Unit::Money) { write!(out, "\"{decimal}\"")? } else { write!(out, "{decimal}")? }
            }
        }
    }
    out.write_all(b"]")
}

#[cfg(test)]
mod tests {
    use utm_dispatcher::report::{Dimension, Metric, Previous, Warning};

    use super::*;

    #[test]
    fn the_shape_of_an_answer() {
        let keys = [
            Key::Dimension(Dimension::Source),
            Key::Metric(Metric::Sessions),
            Key::Metric(Metric::Aov),
            Key::Metric(Metric::Cr),
        ];
        let row = |source: Value, aov| vec![source, Value::Whole(3), aov, Value::Fraction { of: 500, per: 37 }];
        let table = Table {
            query: "period=month&compare=previous".to_owned(),
            columns: keys.map(|key| Column { key }).into(),
            rows: vec![
                row(Value::Text("\"ф\"\n".into()), Value::Whole(149_900)),
                row(Value::Text("b".into()), Value::Null),
            ],
            totals: row(Value::Null, Value::Fraction { of: 149_900, per: 3 }),
            previous: Some(Previous { rows: vec![], totals: row(Value::Null, Value::Null) }),
            total_rows: 7,
            next: Some(Cursor(vec![Value::Whole(3), Value::Text("b".into())])),
            warnings: vec![Warning::WithoutPlace(4)],
        };
        let mut file = Vec::new();
        write(&mut file, &table).unwrap();
        let read: serde_json::Value = serde_json::from_slice(&file).unwrap();
        let expected = json!({
            "query": "period=month&compare=previous",
            "columns": [
                { "key": "source", "kind": "dimension" },
                { "key": "sessions", "kind": "metric", "unit": "count" },
                { "key": "aov", "kind": "metric", "unit": "money" },
                { "key": "cr", "kind": "metric", "unit": "percent" },
            ],
            "rows": [["\"ф\"\n", 3, "1499.00", 13.51], ["b", 3, null, 13.51]],
            "totals": [null, 3, "499.67", 13.51],
            "previous": { "rows": [], "totals": [null, 3, null, 13.51] },
            "total_rows": 7,
            "next": "w3,tb",
            "warnings": ["4 sessions without place"],
        });
        assert_eq!(read, expected);
    }
}
