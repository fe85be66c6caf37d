//! Files read back, and held against what the store answers.

use std::io::Cursor;

use app::headings;
use app::i18n::Locale;
use calamine::{Data, Reader, Xlsx};
use chrono::DateTime;
use serde_json::{Value as Json, json};
use utm_dispatcher::model::{Millis, country};
use utm_dispatcher::report::{Column, Key, SessionField, SessionRow, Table, Unit, Value};

use crate::world::{Answer, World};

/// The headings and lines of a CSV file, each line ended by CRLF.
pub fn csv_of(answer: &Answer, delimiter: u8) -> (Vec<String>, Vec<Vec<String>>) {
    let text = answer.text().strip_prefix('\u{feff}').unwrap();
    assert!(text.ends_with("\r\n"));
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(text.as_bytes());
    let owned = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
    let heads = owned(reader.headers().unwrap());
    (heads, reader.records().map(|record| owned(&record.unwrap())).collect())
}

/// The sheets of a workbook with their rows.
pub fn sheets(book: &[u8]) -> Vec<(String, Vec<Vec<Data>>)> {
    let mut book = Xlsx::new(Cursor::new(book)).unwrap();
    let names = book.sheet_names();
    let mut rows = |name: &str| book.worksheet_range(name).unwrap().rows().map(<[Data]>::to_vec).collect();
    names.iter().map(|name| (name.clone(), rows(name))).collect()
}

/// The sheet of a workbook that has one.
pub fn only_sheet(book: &[u8]) -> (String, Vec<Vec<Data>>) {
    let mut sheets = sheets(book);
    assert_eq!(sheets.len(), 1);
    sheets.remove(0)
}

/// The headings of a table's file.
pub fn titles(table: &Table) -> Vec<String> {
    table.columns.iter().map(|column| headings::column(Locale::uk, column.key, "UAH")).collect()
}

/// A row as CSV writes it.
pub fn texts(table: &Table, row: &[Value]) -> Vec<String> {
    let text = |(column, value): (&Column, &Value)| match value {
        Value::Text(text) => text.clone(),
        other => other.decimal(column.unit().unwrap_or(Unit::Count)).unwrap_or_default(),
    };
    table.columns.iter().zip(row).map(text).collect()
}

/// JSON holds the table.
pub fn same_json(table: &Table, answer: &Json) {
    assert_eq!(answer["query"], table.query);
    let keys: Vec<_> = table.columns.iter().map(|column| column.key.key()).collect();
    let found: Vec<_> =
        answer["columns"].as_array().unwrap().iter().map(|column| column["key"].as_str().unwrap()).collect();
    assert_eq!(found, keys);
    let rows = answer["rows"].as_array().unwrap();
    assert_eq!((rows.len(), &answer["total_rows"]), (table.rows.len(), &json!(table.total_rows)));
    assert_eq!(answer["next"], json!(table.next.as_ref().map(ToString::to_string)));
    assert_eq!(answer["previous"], Json::Null);
    for (row, found) in table.rows.iter().chain([&table.totals]).zip(rows.iter().chain([&answer["totals"]])) {
        let expected: Json =
            table.columns.iter().zip(row).map(|(column, value)| cell_of_json(column.key, value)).collect();
        assert_eq!(*found, expected);
    }
}

fn cell_of_json(key: Key, value: &Value) -> Json {
    match (value, key.unit()) {
        (Value::Text(text), _) => json!(text),
        (Value::Null, _) => Json::Null,
        (_, Some(Unit::Money)) => json!(value.decimal(Unit::Money)),
        (Value::Whole(whole), None | Some(Unit::Count)) => json!(whole),
        (_, unit) => json!(value.decimal(unit.unwrap()).unwrap().parse::<f64>().unwrap()),
    }
}

/// A sheet holds the table; a line of totals lies on its side, with the earlier period's beside it.
pub fn same_sheet(table: &Table, rows: &[Vec<Data>]) {
    if table.columns.iter().all(|column| matches!(column.key, Key::Metric(_))) {
        assert_eq!(rows.len(), 1 + table.columns.len());
        for ((place, column), row) in table.columns.iter().enumerate().zip(&rows[1..]) {
            assert_eq!(row[0].to_string(), titles(table)[place]);
            same_cell(column.key, &table.totals[place], &row[1]);
            if let Some(previous) = &table.previous {
                same_cell(column.key, &previous.totals[place], &row[2]);
            }
        }
        return;
    }
    assert_eq!(rows[0].iter().map(ToString::to_string).collect::<Vec<_>>(), titles(table));
    assert_eq!(rows.len(), 1 + table.rows.len());
    for (row, cells) in table.rows.iter().zip(&rows[1..]) {
        for ((column, value), cell) in table.columns.iter().zip(row).zip(cells) {
            same_cell(column.key, value, cell);
        }
    }
}

fn same_cell(key: Key, value: &Value, cell: &Data) {
    let number = |unit| value.decimal(unit).unwrap().parse::<f64>().unwrap();
    match (value, key.unit(), cell) {
        (Value::Null, _, Data::Empty) => {}
        (Value::Text(text), _, Data::String(found)) => assert_eq!(found, text),
        (Value::Text(text), _, Data::DateTime(day)) => {
            let (year, month, day, ..) = day.to_ymd_hms_milli();
            assert_eq!(format!("{year:04}-{month:02}-{day:02}"), *text);
        }
        (_, Some(Unit::Percent), Data::Float(found)) => assert!((found * 100.0 - number(Unit::Percent)).abs() < 1e-9),
        (_, unit, Data::Float(found)) => assert!((found - number(unit.unwrap_or(Unit::Count))).abs() < 1e-9),
        other => panic!("{key:?}: {other:?}"),
    }
}

/// The eighteen columns of a session, in both kinds of files.
pub fn same_session(row: &SessionRow, line: &[String], cells: &[Data], world: &World) {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let time = |at: Option<Millis>| {
        let local = at.map(|at| DateTime::from_timestamp_millis(at).unwrap().with_timezone(&world.state.store.tz()));
        local.map(|local| local.format("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
    };
    let country = row.place.country.as_deref().map(|code| country::name(code).unwrap());
    let expected = [
        row.id.to_string(),
        row.utm.source.clone().unwrap_or_else(|| row.source.clone()),
        row.utm.medium.clone().unwrap_or_else(|| row.medium.clone()),
        text(row.utm.campaign.as_deref()),
        text(row.utm.content.as_deref()),
        text(row.utm.term.as_deref()),
        text(row.ip.as_deref()),
        text(country),
        text(row.place.city.as_deref()),
        row.device.key().to_owned(),
        text(row.os.as_deref()),
        text(row.browser.as_deref()),
        time(Some(row.started_at)),
        time(Some(row.last_seen)),
        row.visit_count.to_string(),
        if row.conversion.is_some() { "Так" } else { "Ні" }.to_owned(),
        text(match SessionField::Conversion.of(row) {
            Value::Text(ref kind) => Some(kind),
            _ => None,
        }),
        time(row.converted_at),
    ];
    assert_eq!(line, expected);
    for ((expected, cell), place) in expected.iter().zip(cells).zip(0..) {
        let found = match cell {
            Data::DateTime(at) => {
                let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
                format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
            }
            other => other.to_string(),
        };
        assert_eq!(&found, expected, "column {place}");
    }
}
