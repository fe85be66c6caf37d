//! Where sessions come from: a chart of the first sources above the table of all that are shown.

use leptos::prelude::*;
use utm_dispatcher::report::{Dimension, Metric, Report, Table, Value};

use super::ReportPanel;
use super::line_chart::{Series, lines};
use crate::desk::{table_query, use_desk};
use crate::format;
use crate::i18n::{Locale, td_string};
use crate::labels;
use crate::language::use_locale;
use crate::live::use_live;
use crate::query::View;
use crate::ui::{Chart, Drawing, Mark};

/// How many of the table's rows the chart shows.
const POINTS: usize = 10;
/// The lines, and the tokens of their colours.
const LINES: [(Metric, &str); 2] = [(Metric::Sessions, "--chart-1"), (Metric::Conversions, "--chart-2")];

/// The sources of the period.
#[component]
pub fn Sources() -> impl IntoView {
    let locale = use_locale();
    let answers = use_desk().answers;
    let drawing = Box::new(move || {
        let answers = answers.get()?.ok()?;
        let table = answers.table(&table_query(&answers.view, Report::Sources)).ok()?;
        (!table.rows.is_empty()).then(|| drawing(locale, &answers.view, table))
    });
    let legend = Signal::stored(LINES.map(|(metric, _)| labels::metric(locale, metric).to_owned()).to_vec());
    view! {
        <ReportPanel report=Report::Sources>
            {live_note(locale)}
            <Chart
                drawing
                write=Box::new(move |number| format::axis(locale, number))
                label=td_string!(locale, sources.chart)
                legend
            />
        </ReportPanel>
    }
}

/// Says that the numbers follow what happens, as long as they do.
fn live_note(locale: Locale) -> AnyView {
    let Some(live) = use_live() else { return ().into_any() };
    let is_live = live.reaches(use_desk());
    view! {
        <p class="muted live-note" class:away=move || !is_live.get()>
            {td_string!(locale, sources.live)}
        </p>
    }
    .into_any()
}

fn drawing(locale: Locale, view: &View, table: &Table) -> Drawing {
    let rows = &table.rows[..POINTS.min(table.rows.len())];
    let cell = |row: &'_ [Value], metric| {
        table.column_of(metric).and_then(|place| row.get(place)).cloned().unwrap_or(Value::Null)
    };
    let named = |row: &[Value]| labels::value(locale, Dimension::Source, row.first().unwrap_or(&Value::Null));
    let series = LINES.map(|(metric, color)| Series {
        name: labels::metric(locale, metric).to_owned(),
        points: rows.iter().map(|row| format::plotted(&cell(row, metric), metric.definition().0)).collect(),
        color,
        is_earlier: false,
    });
    let marks = rows.iter().map(|row| {
        let line = |(metric, _): (Metric, &str)| {
            let value = format::value(locale, &cell(row, metric), metric.definition().0, "");
            format!("{}: {value}", labels::metric(locale, metric))
        };
        let lines = [named(row)].into_iter().chain(LINES.map(line)).collect();
        let name = row.first().unwrap_or(&Value::Null);
        Mark { lines, href: Some(view.narrowed(Dimension::Source, name).href()) }
    });
    Drawing::new(&lines(rows.iter().map(|row| named(row)).collect(), series.into()), marks.collect())
}

#[cfg(test)]
mod tests {
    use utm_dispatcher::report::{Column, Key};

    use super::*;

    #[test]
    fn the_first_ten_and_where_each_leads() {
        let columns =
            [Key::Dimension(Dimension::Source), Key::Metric(Metric::Sessions), Key::Metric(Metric::Conversions)];
        let row = |name: &str, sessions| vec![Value::Text(name.into()), Value::Whole(sessions), Value::Null];
        let names = ["facebook", "<b>", "direct", "a", "b", "c", "d", "e", "f", "g", "h"];
        let table = Table {
            columns: columns.map(|key| Column { key }).into(),
            rows: names.into_iter().map(|name| row(name, 9)).collect(),
            ..Table::default()
        };
        let drawing = drawing(Locale::uk, &View::default(), &table);
        let json: serde_json::Value = serde_json::from_str(&drawing.options).unwrap();
        assert_eq!(json["xAxis"]["data"].as_array().unwrap().len(), 10);
        assert_eq!(json["series"][0]["name"], "Сесії");
        assert_eq!(json["series"][0]["data"][0], 9.0);
        assert_eq!(json["series"][1]["data"][0], "-");
        assert_eq!(drawing.marks[1].lines, ["<b>", "Сесії: 9", "Конверсії: —"]);
        assert_eq!(drawing.marks[1].href.as_deref(), Some("/admin-panel?period=today&filter=source:is:%3Cb%3E"));
    }
}
