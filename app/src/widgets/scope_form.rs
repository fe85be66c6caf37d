//! Forms that change a part of what the address bar says and leave the rest: plain GET forms, which the router takes over
//! once it is there.

use leptos::prelude::*;
use leptos_router::components::Form;
use utm_dispatcher::report::text::pairs;

use crate::desk::use_desk;
use crate::i18n::td_string;
use crate::language::use_locale;
use crate::routes::HOME;

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
        let pairs = pairs(&view.get().to_string()).unwrap_or_default();
        let kept = pairs.into_iter().filter(|(name, _)| {
            !replaces.contains(&name.as_str()) && name.rsplit_once('.').is_none_or(|(_, part)| part != "page")
        });
        kept.map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view()
    };
    view! {
        <Form method="GET" action=HOME attr:class="scope-form" noscroll=true>
            {kept}
            {children()}
            <button class="button primary" type="submit">
                {td_string!(locale, scope.apply)}
            </button>
        </Form>
    }
    .into_any()
}
