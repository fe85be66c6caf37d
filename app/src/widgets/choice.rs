//! A row of links of which one is chosen.

use leptos::prelude::*;

use crate::desk::use_desk;
use crate::query::View;

/// Links that change the view, each with its words and what it leads to; the one that leads to where we are is marked.
pub fn choice<T: Copy + Send + Sync + 'static>(
    label: &'static str,
    options: impl IntoIterator<Item = (T, String)>,
    chosen: fn(&View, T) -> bool,
    lead: fn(&View, T) -> View,
) -> AnyView {
    let view = use_desk().view;
    let links = options.into_iter().map(|(option, words)| {
        let href = move || lead(&view.get(), option).href();
        let current = move || chosen(&view.get(), option).then_some("true");
        view! {
            <a class="choice" href=href aria-current=current data-noscroll>
                {words}
            </a>
        }
        .into_any()
    });
    view! {
        <div class="choices" role="group" aria-label=label>
            {links.collect_view()}
        </div>
    }
    .into_any()
}
