//! The switch between the themes.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::frame::use_frame;
use crate::i18n::td_string;
use crate::language::use_locale;
use crate::query;
use crate::theme::{PARAMETER, Theme};

/// A link for each theme. The page is loaded anew: the server renders it in the theme at once.
#[component]
pub fn ThemeSwitch() -> impl IntoView {
    let locale = use_locale();
    let current = use_frame().theme;
    let location = use_location();
    let link = move |theme: Theme| {
        let (path, search) = (location.pathname, location.search);
        let href = move || query::with_parameter(&path.get(), &search.get(), PARAMETER, Some(theme.name()));
        let name = match theme {
            Theme::Dark => td_string!(locale, theme.dark),
            Theme::Light => td_string!(locale, theme.light),
            Theme::System => td_string!(locale, theme.system),
        };
        view! {
            <a href=href rel="external nofollow" aria-current=(theme == current).then_some("true")>
                {name}
            </a>
        }
        .into_any()
    };
    view! {
        <nav class="languages" aria-label=td_string!(locale, theme.label)>
            {Theme::ALL.map(link).collect_view()}
        </nav>
    }
    .into_any()
}
