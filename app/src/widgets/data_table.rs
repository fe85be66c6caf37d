//! A report as a table: dimensions, then the chosen metrics.

use leptos::prelude::*;
use utm_dispatcher::report::{Key, Metric, Table, Value};

use crate::format::{self, Tone};
use crate::frame::use_frame;
use crate::i18n::{Locale, td};
use crate::labels;
use crate::language::use_locale;

/// Draws `table`.
#[component]
pub fn DataTable(
    /// What the table is of, for those who hear it.
    title: &'static str,
    /// What is drawn.
    table: Table,
) -> impl IntoView {
    let locale = use_locale();
    let currency = use_frame().currency;
    let Table { columns, rows, .. } = table;
    if rows.is_empty() {
        return view! { <p class="empty">{td!(locale, empty)}</p> }.into_any();
    }
    let shown: Vec<(usize, Key)> = columns.iter().map(|column| column.key).enumerate().collect();
    let headings = shown.iter().map(|(_, key)| heading(locale, *key)).collect_view();
    let rows = rows
        .iter()
        .map(|row| {
            let cells = shown.iter().filter_map(|(place, key)| Some(cell(locale, *key, row.get(*place)?, &currency)));
            view! { <tr>{cells.collect_view()}</tr> }
        })
        .collect_view();
    view! {
        <div class="table-scroll" role="region" tabindex="0" aria-label=title>
            <table class="data-table">
                <caption class="sr-only">{title}</caption>
                <thead>
                    <tr>{headings}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn heading(locale: Locale, key: Key) -> AnyView {
    match key {
        Key::Dimension(_) | Key::Field(_) => view! { <th scope="col">{labels::column(locale, key)}</th> }.into_any(),
        Key::Metric(metric) => view! {
            <th scope="col" class="number">
                {labels::metric(locale, metric)}
            </th>
        }
        .into_any(),
    }
}

fn cell(locale: Locale, key: Key, value: &Value, currency: &str) -> AnyView {
    match key {
        Key::Dimension(_) | Key::Field(_) => {
            let text = match value {
                Value::Text(text) => text.clone(),
                Value::Whole(whole) => whole.to_string(),
                Value::Null | Value::Fraction { .. } => format::NONE.to_owned(),
            };
            view! { <th scope="row">{text}</th> }.into_any()
        }
        Key::Metric(metric) => {
            let (unit, _) = metric.definition();
            let tone = if metric == Metric::Cr { Tone::of(value).map_or("", Tone::class) } else { "" };
            view! { <td class=format!("number {tone}")>{format::value(locale, value, unit, currency)}</td> }.into_any()
        }
    }
}
