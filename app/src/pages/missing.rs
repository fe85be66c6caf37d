//! What stands at an address that is none of ours.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::i18n::td_string;
use crate::language::use_locale;
use crate::routes::HOME;

/// The page of an unknown address; answered with 404.
#[component]
pub fn Missing() -> impl IntoView {
    let locale = use_locale();
    #[cfg(feature = "ssr")]
    crate::context::set_status(404);
    view! {
        <Title text=td_string!(locale, missing.title) />
        <main class="narrow">
            <h1>{td_string!(locale, missing.title)}</h1>
            <a class="button" href=HOME>
                {td_string!(locale, missing.back)}
            </a>
        </main>
    }
    .into_any()
}
