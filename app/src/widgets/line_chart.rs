//! Metrics of a table's first rows as lines.

use charming::Chart as Options;
use charming::component::{Axis, Grid, Legend};
use charming::element::{AreaStyle, AxisType, Tooltip, Trigger};
use charming::series::Line;
use leptos::prelude::*;
use utm_dispatcher::report::{Metric, Table, Value};

use crate::format;
use crate::i18n::use_i18n;
use crate::labels::{self, I18n};
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
    label: Signal<String>,
) -> impl IntoView {
    let i18n = use_i18n();
    let options =
        move || table().filter(|table| !table.rows.is_empty()).map(|table| lines(i18n, &table, metrics, points));
    let number = move |number: f64| format::count(i18n.get_locale_untracked(), round(number));
    view! { <Chart options number label /> }
}

#[expect(clippy::cast_possible_truncation, reason = "counts that a chart shows fit")]
fn round(number: f64) -> i64 {
    number.round() as i64
}

fn lines(i18n: I18n, table: &Table, metrics: &[Metric], points: usize) -> Options {
    let rows = &table.rows[..points.min(table.rows.len())];
    let names =
        rows.iter().map(|row| if let Some(Value::Text(text)) = row.first() { text.clone() } else { String::new() });
    let base = Options::new()
        .tooltip(Tooltip::new().trigger(Trigger::Axis))
        .legend(Legend::new().top(0))
        .grid(Grid::new().top(28).right(8).bottom(0).left(0).contain_label(true))
        .x_axis(Axis::new().type_(AxisType::Category).boundary_gap(false).data(names.collect()))
        .y_axis(Axis::new().type_(AxisType::Value).split_number(3).min_interval(1));
    metrics.iter().fold(base, |chart, metric| {
        let place = table.column_of(*metric);
        let data: Vec<i64> = rows.iter().map(|row| place.and_then(|place| row.get(place)).map_or(0, whole)).collect();
        chart.series(
            Line::new()
                .name(labels::metric(i18n, *metric))
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
