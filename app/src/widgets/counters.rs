//! What the process has counted since it started: recorded, dropped by reason, waiting.

use leptos::prelude::*;

use super::Panel;
use crate::error::AppError;
use crate::format;
use crate::functions::tracking::{Counts, Overview};
use crate::i18n::{Locale, td, td_string};
use crate::labels;
use crate::language::use_locale;

/// The counters, in three tables.
#[component]
pub fn Counters(
    /// What the page shows.
    overview: Resource<Result<Overview, AppError>>,
) -> impl IntoView {
    let locale = use_locale();
    view! {
        <Panel
            title=td_string!(locale, tracking.counts)
            data=overview
            draw=move |overview: Overview| Ok(tables(locale, overview.counts))
        />
    }
}

fn tables(locale: Locale, counts: Counts) -> AnyView {
    let Counts { recorded, dropped, bots, queue } = counts;
    let waiting = format::count(locale, queue);
    view! {
        <div class="counters">
            {table(locale, td_string!(locale, tracking.recorded), recorded, labels::recorded)}
            {table(locale, td_string!(locale, tracking.dropped), dropped, labels::dropped)}
            {table(locale, td_string!(locale, tracking.bots), bots, labels::bot)}
        </div>
        <p class="muted">{td!(locale, tracking.waiting, count = waiting.clone())}</p>
    }
    .into_any()
}

fn table(
    locale: Locale,
    title: &'static str,
    mut rows: Vec<(String, i64)>,
    label: fn(Locale, &str) -> String,
) -> AnyView {
    rows.sort_by(|one, two| two.1.cmp(&one.1).then_with(|| one.0.cmp(&two.0)));
    let lines = rows.into_iter().map(|(key, count)| {
        view! {
            <tr>
                <th scope="row">{label(locale, &key)}</th>
                <td class="number">{format::count(locale, count)}</td>
            </tr>
        }
    });
    let lines = lines.collect_view();
    let nothing = lines.is_empty().then(|| {
        view! {
            <tr>
                <td colspan="2">{td_string!(locale, tracking.nothing)}</td>
            </tr>
        }
    });
    view! {
        <table class="data-table">
            <caption>{title}</caption>
            <thead class="sr-only">
                <tr>
                    <th scope="col">{td_string!(locale, tracking.what)}</th>
                    <th scope="col">{td_string!(locale, tracking.count)}</th>
                </tr>
            </thead>
            <tbody>{lines} {nothing}</tbody>
        </table>
    }
    .into_any()
}
