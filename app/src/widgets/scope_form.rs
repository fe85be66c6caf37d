//! Forms that change a part of what the address bar says and leave the rest.

use leptos::prelude::*;
use utm_dispatcher::report::text::pairs;

use super::view_form::{SCOPE, address_form};
use crate::desk::use_desk;
use crate::i18n::td_string;
use crate::language::use_locale;

/// A form whose fields take the place of the parameters `replaces`; every other parameter stays as it is. One that filters
/// begins every table anew.
#[component]
pub fn ScopeForm(
    /// Which parameters its fields replace.
    replaces: &'static [&'static str],
    /// Its fields.
    children: Children,
) -> impl IntoView {
    let locale = use_locale();
    let view = use_desk().view;
    let kept = move || {
        let mut pairs = pairs(&view.get().to_string()).unwrap_or_default();
        pairs.retain(|(name, _)| {
            !replaces.contains(&name.as_str()) && name.rsplit_once('.').is_none_or(|(_, part)| part != "page")
        });
        pairs
    };
    let fields = view! {
        {children()}
        <button class="button primary" type="submit">
            {td_string!(locale, scope.apply)}
        </button>
    }
    .into_any();
    address_form(SCOPE, kept, fields)
}
