//! The switch between the languages.

use leptos::prelude::*;
use leptos_i18n::Locale as _;
use leptos_router::hooks::use_location;

use crate::i18n::{Locale, td_string};
use crate::language::PARAMETER;
use crate::language::use_locale;
use crate::query;

/// A link for each language. The page is loaded anew: the server renders it in the language at once.
#[component]
pub fn LanguageSwitch() -> impl IntoView {
    let current = use_locale();
    let location = use_location();
    let link = move |locale: Locale, name: &'static str| {
        let (path, search) = (location.pathname, location.search);
        let href = move || query::with_parameter(&path.get(), &search.get(), PARAMETER, Some(locale.as_str()));
        view! {
            <a href=href rel="external nofollow" lang=locale.as_str() hreflang=locale.as_str() aria-current=(locale == current).then_some("true")>
                {name}
            </a>
        }.into_any()
    };
    view! {
        <nav class="languages" aria-label=td_string!(current, footer.language)>
            {link(Locale::uk, "Українська")}
            {link(Locale::en, "English")}
        </nav>
    }
    .into_any()
}
