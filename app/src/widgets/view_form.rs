//! Plain GET forms that change what the address bar says. Once there is a script it goes where the form leads itself, so that
//! the address is as short as a link's.

use leptos::html::Form;
use leptos::prelude::*;
#[cfg(feature = "hydrate")]
use leptos_router::NavigateOptions;
#[cfg(feature = "hydrate")]
use leptos_router::hooks::{use_location, use_navigate};
use utm_dispatcher::report::text::pairs;

#[cfg(any(feature = "hydrate", test))]
use crate::error::AppError;
#[cfg(any(feature = "hydrate", test))]
use crate::i18n::{Locale, td_string};
#[cfg(feature = "hydrate")]
use crate::language::use_locale;
use crate::query::View;
use crate::routes::HOME;

/// The class of forms in boxes, which begin anew when the address changes.
pub const SCOPE: &str = "scope-form";

/// A form that leads to `kept`, and to what its fields say beside it.
#[component]
pub fn ViewForm(
    /// The dashboard without what the fields say.
    kept: Signal<View>,
    /// The form's class.
    class: &'static str,
    /// The fields.
    children: Children,
) -> impl IntoView {
    let hidden = move || pairs(&kept.get().to_string()).unwrap_or_default();
    address_form(class, hidden, children())
}

/// A form whose address holds the parameters `hidden` and the form's own fields.
pub fn address_form(
    class: &'static str,
    hidden: impl Fn() -> Vec<(String, String)> + Send + Sync + 'static,
    fields: impl IntoView + 'static,
) -> AnyView {
    let hidden = move || {
        let all = hidden().into_iter();
        all.map(|(name, value)| view! { <input type="hidden" name=name value=value /> }.into_any()).collect_view()
    };
    // Why what the fields say leads nowhere.
    let refused = RwSignal::new(None);
    #[cfg(feature = "hydrate")]
    let (go, locale) = (use_navigate(), use_locale());
    let place = NodeRef::<Form>::new();
    // Whoever goes elsewhere finds what holds there, not what was begun here.
    #[cfg(feature = "hydrate")]
    if class == SCOPE {
        let search = use_location().search;
        Effect::new(move |seen: Option<()>| {
            search.track();
            if let Some(form) = place.get_untracked().filter(|_| seen.is_some()) {
                form.reset();
                refused.set(None);
            }
        });
    }
    let on_submit = move |event: leptos::ev::SubmitEvent| {
        #[cfg(feature = "hydrate")]
        if let Some(search) = search(&event) {
            event.prevent_default();
            let read = View::read(&search);
            if let Some(words) = read.as_ref().err().and_then(|error| refusal(locale, error)) {
                // The box stays open.
                event.stop_propagation();
                refused.set(Some(words));
                return;
            }
            // What cannot be read is refused by the page, which says why.
            let address = read.map_or_else(|_| format!("{HOME}?{search}"), |view| view.href());
            go(&address, NavigateOptions { scroll: false, ..NavigateOptions::default() });
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = event;
    };
    view! {
        <form method="get" action=HOME class=class node_ref=place on:submit=on_submit on:input=move |_| refused.set(None)>
            {hidden}
            {fields}
            {move || {
                refused.get().map(|words: &'static str| view! { <p class="field-error" role="alert">{words}</p> }.into_any())
            }}
        </form>
    }
    .into_any()
}

/// What is wrong with the fields, where that can be said beside them.
#[cfg(any(feature = "hydrate", test))]
fn refusal(locale: Locale, error: &AppError) -> Option<&'static str> {
    let AppError::BadInput { parameter, .. } = error else { return None };
    match parameter.as_str() {
        "from" | "to" | "compare" => Some(td_string!(locale, scope.wrong_days)),
        "filter" => Some(td_string!(locale, scope.wrong_value)),
        _ => None,
    }
}

/// What the form's fields say, as an address has it.
#[cfg(feature = "hydrate")]
fn search(event: &web_sys::SubmitEvent) -> Option<String> {
    use wasm_bindgen::JsCast;
    let form = event.target()?.dyn_into::<web_sys::HtmlFormElement>().ok()?;
    let fields = web_sys::FormData::new_with_form(&form).ok()?;
    let parameters = web_sys::UrlSearchParams::new_with_str_sequence_sequence(&fields).ok()?;
    parameters.to_string().as_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_beside_the_fields() {
        let cases = [
            ("compare=custom&compare_from=&compare_to=", Some("Оберіть обидва дні, перший — не пізніше за останній.")),
            ("from=2026-11-02&to=2026-11-01", Some("Оберіть обидва дні, перший — не пізніше за останній.")),
            (
                "filter_subject=day&filter_operator=is&filter_values=x",
                Some("Такого значення тут не буває. Перевірте його."),
            ),
            ("sources.page=0", None),
        ];
        for (text, words) in cases {
            assert_eq!(refusal(Locale::uk, &View::read(text).unwrap_err()), words, "{text}");
        }
    }
}
