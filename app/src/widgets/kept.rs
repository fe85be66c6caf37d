//! Says that the numbers on the page are of before, while newer ones do not come.

use leptos::prelude::*;

use crate::desk::use_desk;
use crate::i18n::td_string;
use crate::language::use_locale;

/// The notice, once for the whole page, with a button that asks again. The page asks again by itself as well.
#[component]
pub fn Kept() -> impl IntoView {
    let locale = use_locale();
    let desk = use_desk();
    let failure = Memo::new(move |_| desk.failure.get());
    view! {
        <div class="kept-notice" role="status">
            {move || {
                failure.get().map(|error| {
                    view! {
                        <p class="alert">
                            <strong>{td_string!(locale, error.kept)}</strong>
                            <span>{error.words(locale)}</span>
                            <button class="button" type="button" on:click=move |_| desk.answers.refetch()>
                                {td_string!(locale, error.retry)}
                            </button>
                        </p>
                    }.into_any()
                })
            }}
        </div>
    }
    .into_any()
}
