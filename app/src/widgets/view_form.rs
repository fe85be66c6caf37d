//! Plain GET forms that change what the address bar says. Once there is a script it goes where the form leads itself, so that
//! the address is as short as a link's.

use leptos::prelude::*;
#[cfg(feature = "hydrate")]
use leptos_router::NavigateOptions;
#[cfg(feature = "hydrate")]
use leptos_router::hooks::use_navigate;
use utm_dispatcher::report::text::pairs;

use crate::query::View;
use crate::routes::HOME;

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
        all.map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view()
    };
    #[cfg(feature = "hydrate")]
    let go = use_navigate();
    let on_submit = move |event: leptos::ev::SubmitEvent| {
        #[cfg(feature = "hydrate")]
        if let Some(search) = search(&event) {
            event.prevent_default();
            // What cannot be read is refused by the page, which says why.
            let address = View::read(&search).map_or_else(|_| format!("{HOME}?{search}"), |view| view.href());
            go(&address, NavigateOptions { scroll: false, ..NavigateOptions::default() });
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = event;
    };
    view! {
        <form method="get" action=HOME class=class on:submit=on_submit>
            {hidden}
            {fields}
        </form>
    }
    .into_any()
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
