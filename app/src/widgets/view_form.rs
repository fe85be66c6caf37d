//! A plain GET form that keeps what the address bar says and adds its own fields to it.

use leptos::prelude::*;
use leptos_router::components::Form;
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
    let hidden = move || {
        let pairs = pairs(&kept.get().to_string()).unwrap_or_default();
        pairs.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view()
    };
    view! {
        <Form method="GET" action=HOME attr:class=class noscroll=true>
            {hidden}
            {children()}
        </Form>
    }
    .into_any()
}
