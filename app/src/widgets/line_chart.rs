//! Metrics of a table's first rows as lines.

use charming::Chart as Options;
use charming::component::{Axis, Grid, Legend};
use charming::element::{AreaStyle, AxisType, Tooltip, Trigger};
use charming::series::Line;
use leptos::prelude::*;
use utm_dispatcher::report::{Metric, Table, Value};

use crate::format;
use crate::i18n::Locale;
use crate::labels;
use crate::language::use_locale;
use crate::ui::Chart;

/// A chart of the first `points` rows of `table`, a line per metric. The numbers must also stand in a table.
#[component]
pub fn LineChart(
    /// What is drawn; `None` until it is there. Read in the browser only.
    table: impl Fn() -> Option<Table> + Send + Sync + 'static,
    /// One line each.
    metrics: &'static [Metric],
    /// How many rows.
    points: usize,
    /// What the chart shows, for those who cannot see it.
    label: &'static str,
) -> impl IntoView {
    let locale = use_locale();
    let options =
        move || table().filter(|table| !table.rows.is_empty()).map(|table| lines(locale, &table, metrics, points));
    let number = move |number: f64| format::count(locale, round(number));
    view! { <Chart options number label /> }
}

#[expect(clippy::cast_possible_truncation, reason = "counts that a chart shows fit")]
fn round(number: f64) -> i64 {
    number.round() as i64
}

fn lines(locale: Locale, table: &Table, metrics: &[Metric], points: usize) -> Options {
    let rows = &table.rows[..points.min(table.rows.len())];
    let names =
        rows.iter().map(|row| if let Some(Value::Text(text)) = row.first() { text.clone() } else { String::new() });
    let base = Options::new()
        .tooltip(Tooltip::new().trigger(Trigger::Axis))
        .legend(Legend::new().top(0))
        .grid(Grid::new().top(28).right(8).bottom(4).left(0).contain_label(true))
        .x_axis(Axis::new().type_(AxisType::Category).boundary_gap(false).data(names.collect()))
        .y_axis(Axis::new().type_(AxisType::Value).split_number(3).min_interval(1));
    metrics.iter().fold(base, |chart, metric| {
        let place = table.column_of(*metric);
        let data: Vec<i64> = rows.iter().map(|row| place.and_then(|place| row.get(place)).map_or(0, whole)).collect();
        chart.series(
            Line::new()
                .name(labels::metric(locale, *metric))
                .smooth(0.4)
                .symbol_size(6)
                .area_style(AreaStyle::new().opacity(0.16))
                .data(data),
        )
    })
}

fn whole(value: &Value) -> i64 {
    if let Value::Whole(whole) = value { *whole } else { 0 }
}

#[cfg(test)]
mod tests {
    use utm_dispatcher::report::{Column, Dimension, Key};

    use super::*;

    #[test]
    fn the_first_rows_as_smooth_lines() {
        let columns =
            [Key::Dimension(Dimension::Source), Key::Metric(Metric::Sessions), Key::Metric(Metric::Conversions)];
        let row = |name: &str, sessions| vec![Value::Text(name.into()), Value::Whole(sessions), Value::Null];
        let table = Table {
            columns: columns.map(|key| Column { key }).into(),
            rows: vec![row("facebook", 9), row("<b>", 4), row("direct", 1)],
            total_rows: 3,
            ..Table::default()
        };
        let options = lines(Locale::uk, &table, &[Metric::Sessions, Metric::Conversions], 2);
        let json = serde_json::to_value(options).unwrap();
        assert_eq!(json["xAxis"]["data"], serde_json::json!(["facebook", "<b>"]));
        assert_eq!(json["series"][0]["name"], "Сесії");
        assert_eq!(json["series"][0]["smooth"], 0.4);
        assert_eq!(json["series"][0]["data"], serde_json::json!([9, 4]));
        assert_eq!(json["series"][1]["data"], serde_json::json!([0, 0]));
        // A formatter of our own would have to escape what visitors wrote; ECharts' own does.
        assert_eq!(json["tooltip"].get("formatter"), None);
    }
}
