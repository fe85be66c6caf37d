//! Workbooks as a spreadsheet reads them.

use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx};
use proptest::collection::vec;
use proptest::prelude::*;
use utm_dispatcher::report::Unit;
use zip::ZipArchive;

use super::*;

fn heads(titles: &[&str]) -> Vec<Heading> {
    titles.iter().map(|title| Heading { title: (*title).to_owned(), is_rate: *title == "CR%" }).collect()
}

fn bytes(book: Book) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    book.save(&mut file).unwrap();
    file.into_inner()
}

/// The file of that name inside of the workbook.
fn part(book: &[u8], name: &str) -> String {
    let mut text = String::new();
    let mut archive = ZipArchive::new(Cursor::new(book)).unwrap();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

fn sheets(book: &[u8]) -> Vec<(String, Vec<Vec<Data>>)> {
    let mut book = Xlsx::new(Cursor::new(book)).unwrap();
    let names = book.sheet_names();
    for name in &names {
        assert!(book.worksheet_formula(name).unwrap().is_empty(), "{name} holds a formula");
    }
    let rows =
        |name: &String, book: &mut Xlsx<_>| book.worksheet_range(name).unwrap().rows().map(<[Data]>::to_vec).collect();
    names.iter().map(|name| (name.clone(), rows(name, &mut book))).collect()
}

fn text(text: &str) -> Data {
    Data::String(text.to_owned())
}

fn number(of: i64, per: i64, unit: Unit) -> Cell<'static> {
    Cell::Number { of, per, unit: Some(unit) }
}

#[test]
fn cells_have_types_and_formats() {
    let day = "2026-11-22".parse::<chrono::NaiveDate>().unwrap();
    let time = day.and_hms_opt(14, 5, 6).unwrap();
    let mut book = Book::new("UAH");
    book.sheet("Джерела трафіку", heads(&["Джерело", "ID", "Сесії", "Дохід", "CR%", "День", "Час", "Місто"]), 1)
        .unwrap();
    book.row([
        Cell::Text("facebook"),
        Cell::Id(9_007_199_254_740_991),
        number(1200, 1, Unit::Count),
        number(149_900, 1, Unit::Money),
        number(500, 37, Unit::Percent),
        Cell::Day(day),
        Cell::Time(time),
        Cell::Empty,
    ])
    .unwrap();
    let book = bytes(book);
    let [(name, rows)] = &sheets(&book)[..] else { panic!("one sheet") };
    assert_eq!((name.as_str(), rows.len()), ("Джерела трафіку", 2));
    let numbers = [Data::Float(1200.0), Data::Float(1499.0), Data::Float(0.1351)];
    assert_eq!(rows[1][..2], [text("facebook"), text("9007199254740991")]);
    assert_eq!(rows[1][2..5], numbers);
    let Data::DateTime(at) = &rows[1][6] else { panic!("{:?}", rows[1][6]) };
    assert_eq!(at.to_ymd_hms_milli(), (2026, 11, 22, 14, 5, 6, 0));
    assert_eq!(rows[1][7], Data::Empty);

    let styles = part(&book, "xl/styles.xml");
    for format in ["#,##0.00\\ &quot;₴&quot;", "yyyy-mm-dd hh:mm:ss", "<b/>"] {
        assert!(styles.contains(format), "{format} in {styles}");
    }
    let sheet = part(&book, "xl/worksheets/sheet1.xml");
    for part in
        ["state=\"frozen\"", "<autoFilter ref=\"A1:H2\"/>", "<conditionalFormatting sqref=\"E2\">", "<colorScale>"]
    {
        assert!(sheet.contains(part), "{part} in {sheet}");
    }
}

#[test]
fn what_does_not_fit_goes_on_in_the_next_sheet() {
    for rows in [1, IN_MEMORY + 1] {
        let mut book = Book { rows_a_sheet: 3, ..Book::new("UAH") };
        book.sheet("Сесії", heads(&["ID"]), rows).unwrap();
        for id in 1..=7 {
            book.row([Cell::Id(id)]).unwrap();
        }
        book.sheet("Воронка", heads(&["CR%"]), 0).unwrap();
        let found = sheets(&bytes(book));
        let names: Vec<_> = found.iter().map(|(name, rows)| (name.as_str(), rows.len())).collect();
        assert_eq!(names, [("Сесії", 4), ("Сесії 2", 4), ("Сесії 3", 2), ("Воронка", 1)]);
        let ids: Vec<_> =
            found[..3].iter().flat_map(|(_, rows)| rows[1..].iter().map(|row| row[0].to_string())).collect();
        assert_eq!(ids, ["1", "2", "3", "4", "5", "6", "7"]);
        assert!(found[..3].iter().all(|(_, rows)| rows[0][0] == text("ID")), "each sheet has its header");
    }
}

#[test]
fn fault_s6_texts_stay_texts() {
    let long = "ї".repeat(40_000);
    let emoji = "🛍".repeat(20_000);
    let texts =
        ["=1+1", "http://evil.test/", "{=SUM(A1)}", "1499.00", "TRUE", "مرحبا", "👩‍👩‍👧 \"x\" <b>&amp;", "line\nline\t!"];
    let mut book = Book::new("UAH");
    book.sheet("Товари", heads(&["Товар"]), IN_MEMORY + 1).unwrap();
    for text in texts.into_iter().chain([long.as_str(), emoji.as_str()]) {
        book.row([Cell::Text(text)]).unwrap();
    }
    let book = bytes(book);
    let found = sheets(&book);
    let rows = &found[0].1;
    for (place, expected) in texts.iter().enumerate() {
        assert_eq!(rows[place + 1][0], text(expected));
    }
    let units = |row: usize| rows[row][0].to_string().encode_utf16().count();
    assert_eq!((units(texts.len() + 1), units(texts.len() + 2)), (MAX_TEXT, MAX_TEXT - 1));
    assert!(!part(&book, "xl/worksheets/sheet1.xml").contains("hyperlink"));
}

#[test]
fn a_chart_shows_the_rows_of_its_sheet() {
    let chart = |is_time| Chart { title: "Динаміка".into(), is_time, names: 1, number: 1, money: Some(2) };
    let mut book = Book::new("UAH");
    for (name, is_time) in [("Динаміка", true), ("Джерела", false)] {
        book.sheet(name, heads(&["День", "Сесії", "Дохід"]), 12).unwrap();
        for row in 1..=12 {
            book.row([Cell::Text("x"), number(row, 1, Unit::Count), number(row * 100, 1, Unit::Money)]).unwrap();
        }
        book.chart(&chart(is_time)).unwrap();
    }
    book.sheet("Порожній", heads(&["День", "Сесії", "Дохід"]), 0).unwrap();
    book.chart(&chart(true)).unwrap();
    let book = bytes(book);
    let (lines, bars) = (part(&book, "xl/charts/chart1.xml"), part(&book, "xl/charts/chart2.xml"));
    assert!(lines.contains("<c:lineChart>") && lines.contains("$B$2:$B$13") && lines.contains("<c:v>12</c:v>"));
    assert!(bars.contains("<c:barChart>") && bars.contains("$C$2:$C$11") && bars.contains("$A$2:$A$11"));
    assert!(!ZipArchive::new(Cursor::new(&book)).unwrap().file_names().any(|name| name.unwrap().contains("chart3")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_text_is_read_back(rows in vec(vec("(?s).{0,12}", 2), 1..6), is_large in any::<bool>()) {
        let mut book = Book::new("UAH");
        book.sheet("x", heads(&["a", "b"]), if is_large { IN_MEMORY + 1 } else { 1 }).unwrap();
        for row in &rows {
            book.row(row.iter().map(|text| Cell::Text(text))).unwrap();
        }
        let found = sheets(&bytes(book));
        for (expected, row) in rows.iter().zip(&found[0].1[1..]) {
            for (expected, cell) in expected.iter().zip(row) {
                prop_assert_eq!(cell.to_string(), expected.as_str());
            }
        }
    }
}
