//! The bar over a board that is being arranged: what is hidden, the way back to how it was, and the end.

use leptos::prelude::*;

use super::Failure;
use crate::arrange::{change, use_arrangement};
use crate::i18n::td_string;
use crate::language::use_locale;

/// The button that begins and ends arranging.
#[component]
pub fn ArrangeButton() -> impl IntoView {
    let locale = use_locale();
    let is_on = use_arrangement().is_on;
    view! {
        <button
            type="button"
            class="button needs-script"
            aria-pressed=move || is_on.get().to_string()
            aria-keyshortcuts="e"
            on:click=move |_| is_on.update(|is_on| *is_on = !*is_on)
        >
            {td_string!(locale, arrange.begin)}
        </button>
    }
    .into_any()
}

/// The bar, while the board is arranged.
#[component]
pub fn ArrangeBar() -> impl IntoView {
    let locale = use_locale();
    let arrangement = use_arrangement();
    let hidden = move || {
        let tiles = arrangement.tiles.get().into_iter().filter(|tile| tile.hidden);
        let buttons = tiles.map(|tile| {
            let widget = tile.widget;
            let show = move |_| {
                arrangement.edit(|tiles| change(tiles, widget, |tile| tile.hidden = false));
                arrangement.said.set(format!("{}: {}", widget.title(locale), td_string!(locale, arrange.is_shown)));
            };
            view! {
                <button type="button" class="button" aria-label=format!("{}: {}", td_string!(locale, arrange.show), widget.title(locale)) on:click=show>
                    "+ " {widget.title(locale)}
                </button>
            }.into_any()
        });
        let buttons = buttons.collect_view();
        if buttons.is_empty() { td_string!(locale, arrange.nothing_hidden).into_any() } else { buttons.into_any() }
    };
    let reset = move |_| {
        arrangement.reset();
        arrangement.said.set(td_string!(locale, arrange.is_reset).to_owned());
    };
    view! {
        <p class="sr-only" role="status">
            {move || arrangement.said.get()}
        </p>
        {move || {
            arrangement
                .is_on
                .get()
                .then(|| {
                    view! {
                        <section class="arrange-bar panel" aria-label=td_string!(locale, arrange.begin)>
                            <p class="muted">{td_string!(locale, arrange.how)}</p>
                            <Failure />
                            <div class="arrange-hidden" role="group" aria-label=td_string!(locale, arrange.hidden)>
                                <span class="muted">{td_string!(locale, arrange.hidden)} ": "</span>
                                {hidden}
                            </div>
                            <div class="arrange-end">
                                <button type="button" class="button" on:click=reset>
                                    {td_string!(locale, arrange.reset)}
                                </button>
                                <button type="button" class="button primary" on:click=move |_| arrangement.is_on.set(false)>
                                    {td_string!(locale, arrange.end)}
                                </button>
                            </div>
                        </section>
                    }.into_any()
                })
        }}
    }
    .into_any()
}
