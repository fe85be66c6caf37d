//! The table with a chart's numbers, folded away under it.

use leptos::prelude::*;

use crate::i18n::{Locale, td_string};

/// A table that opens under a chart; `open` remembers whether it is, however often the chart's numbers change.
pub fn twin(locale: Locale, open: RwSignal<bool>, table: AnyView) -> AnyView {
    let toggled = move |event: leptos::ev::Event| {
        let details = event_target::<leptos::web_sys::HtmlElement>(&event);
        open.set(details.has_attribute("open"));
    };
    view! {
        <details class="twin" open=open.get_untracked() on:toggle=toggled>
            <summary>{td_string!(locale, chart.table)}</summary>
            {table}
        </details>
    }
    .into_any()
}
