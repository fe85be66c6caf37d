//! What stands at an address that is none of ours.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::i18n::{t, t_string, use_i18n};
use crate::routes::HOME;

/// The page of an unknown address; answered with 404.
#[component]
pub fn Missing() -> impl IntoView {
    let i18n = use_i18n();
    #[cfg(feature = "ssr")]
    crate::context::set_status(404);
    view! {
        <Title text=move || t_string!(i18n, missing.title) />
        <main class="narrow">
            <h1>{t!(i18n, missing.title)}</h1>
            <a class="button" href=HOME>
                {t!(i18n, missing.back)}
            </a>
        </main>
    }
    .into_any()
}
