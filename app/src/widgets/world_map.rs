//! The world, each country the brighter the more sessions came from it.

use std::collections::BTreeMap;

use leptos::prelude::*;
use serde::Serialize;
use utm_dispatcher::report::{Compare, Dimension, Metric, Report, ReportQuery, Table, Value};

use crate::desk::use_desk;
use crate::format;
use crate::i18n::{Locale, td_string};
use crate::labels;
use crate::query::View;
use crate::ui::{Chart, Drawing, Mark};

/// There are not so many countries.
const COUNTRIES: usize = 300;

/// What the map asks: every country, whatever page its table is on.
pub fn query(view: &View) -> ReportQuery {
    ReportQuery {
        compare: Compare::None,
        metrics: Some(vec![Metric::Sessions, Metric::Conversions]),
        limit: Some(COUNTRIES),
        ..view.query(Report::GeoCountries)
    }
}

/// The map of the period.
pub fn map(locale: Locale) -> AnyView {
    let answers = use_desk().answers;
    let drawing = Box::new(move || {
        let answers = answers.get()?.ok()?;
        let table = answers.table(&query(&answers.view)).ok()?;
        (!table.rows.is_empty()).then(|| drawing(locale, &answers.view, table))
    });
    view! {
        <Chart
            drawing
            write=Box::new(move |number| format::axis(locale, number))
            label=td_string!(locale, map.chart)
            class="map"
        />
    }
    .into_any()
}

// charming has no maps: its series of that name is empty.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    tooltip: Tooltip,
    visual_map: VisualMap,
    series: [Countries; 1],
}

#[derive(Serialize)]
struct Tooltip {
    trigger: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VisualMap {
    show: bool,
    min: u8,
    max: f64,
    in_range: Colors,
}

#[derive(Serialize)]
struct Colors {
    color: [&'static str; 2],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Countries {
    r#type: &'static str,
    /// Which of the maps that ECharts knows.
    map: &'static str,
    left: u8,
    right: u8,
    top: u8,
    bottom: u8,
    selected_mode: bool,
    item_style: Style,
    emphasis: Emphasis,
    name_map: BTreeMap<&'static str, &'static str>,
    data: Vec<Country>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Style {
    area_color: &'static str,
    border_color: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Emphasis {
    item_style: Style,
    label: Label,
}

#[derive(Serialize)]
struct Label {
    show: bool,
}

#[derive(Serialize)]
struct Country {
    name: String,
    value: f64,
}

fn drawing(locale: Locale, view: &View, table: &Table) -> Drawing {
    let known = || table.rows.iter().filter(|row| matches!(row.first(), Some(Value::Text(_))));
    let name = |row: &[Value]| labels::value(locale, Dimension::Country, row.first().unwrap_or(&Value::Null));
    let cell = |row: &[Value], metric| {
        table.column_of(metric).and_then(|place| row.get(place)).cloned().unwrap_or(Value::Null)
    };
    let sessions = |row: &[Value]| {
        let count = format::plotted(&cell(row, Metric::Sessions), Metric::Sessions.definition().0).unwrap_or_default();
        // Else one country would outshine all the others.
        count.ln_1p()
    };
    let data: Vec<_> = known().map(|row| Country { name: name(row), value: sessions(row) }).collect();
    let marks = known().map(|row| {
        let line = |metric: Metric| {
            let value = format::value(locale, &cell(row, metric), metric.definition().0, "");
            format!("{}: {value}", labels::metric(locale, metric))
        };
        Mark {
            lines: vec![name(row), line(Metric::Sessions), line(Metric::Conversions)],
            href: row.first().map(|country| view.narrowed(Dimension::Country, country).href()),
        }
    });
    let most = data.iter().map(|country| country.value).fold(1.0, f64::max);
    let style = |area_color| Style { area_color, border_color: "--line" };
    let map = Countries {
        r#type: "map",
        map: "world",
        left: 0,
        right: 0,
        top: 0,
        bottom: 0,
        selected_mode: false,
        item_style: style("--raised"),
        emphasis: Emphasis { item_style: style("--chart-2"), label: Label { show: false } },
        name_map: labels::countries(locale).collect(),
        data,
    };
    let options = Options {
        tooltip: Tooltip { trigger: "item" },
        visual_map: VisualMap { show: false, min: 0, max: most, in_range: Colors { color: ["--raised", "--chart-1"] } },
        series: [map],
    };
    Drawing::new(&options, marks.collect())
}

#[cfg(test)]
mod tests {
    use utm_dispatcher::report::{Column, Key};

    use super::*;

    #[test]
    fn countries_by_their_names_and_where_each_leads() {
        let columns =
            [Key::Dimension(Dimension::Country), Key::Metric(Metric::Sessions), Key::Metric(Metric::Conversions)];
        let row = |name, sessions| vec![name, Value::Whole(sessions), Value::Whole(1)];
        let table = Table {
            columns: columns.map(|key| Column { key }).into(),
            rows: vec![row(Value::Text("UA".into()), 1500), row(Value::Null, 40), row(Value::Text("PL".into()), 9)],
            ..Table::default()
        };
        let drawing = drawing(Locale::uk, &View::default(), &table);
        let json: serde_json::Value = serde_json::from_str(&drawing.options).unwrap();
        let series = &json["series"][0];
        assert_eq!((&series["type"], &series["map"]), (&"map".into(), &"world".into()));
        assert_eq!(series["nameMap"]["UA"], "Україна");
        // A country is found by the name that it has on the map; what has none is not there.
        let names: Vec<_> = series["data"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
        assert_eq!(names, ["Україна", "Польща"]);
        assert_eq!(drawing.marks[0].lines, ["Україна", "Сесії: 1\u{202f}500", "Конверсії: 1"]);
        assert_eq!(drawing.marks[1].href.as_deref(), Some("/admin-panel?period=today&filter=country:is:PL"));
        assert_eq!(json["visualMap"]["inRange"]["color"][1], "--chart-1");
    }
}
