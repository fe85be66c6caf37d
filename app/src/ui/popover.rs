//! A button that opens a small box beneath it: `<details>`, so that it opens without any script.

use leptos::html::Details;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// A box that opens beneath its button. It closes by Esc, by a click elsewhere and whenever the address changes.
#[component]
pub fn Popover(
    /// What stands on the button.
    label: AnyView,
    /// A class of the whole.
    #[prop(optional)]
    class: &'static str,
    /// The key that opens it.
    #[prop(optional)]
    key: Option<&'static str>,
    /// Becomes true when it is opened for the first time.
    #[prop(optional)]
    opened: Option<RwSignal<bool>>,
    /// What the box holds.
    children: Children,
) -> impl IntoView {
    let place = NodeRef::<Details>::new();
    let search = use_location().search;
    Effect::new(move |seen: Option<()>| {
        search.track();
        if seen.is_some() {
            close(place);
        }
    });
    #[cfg(feature = "hydrate")]
    close_from_outside(place);
    view! {
        <details
            class=format!("popover {class}")
            node_ref=place
            // Also when what is sent leads to where the page is already.
            on:submit=move |_| close(place)
            on:toggle=move |_| {
                if let Some(opened) = opened {
                    opened.set(true);
                }
            }
        >
            <summary class="button" aria-keyshortcuts=key>{label}</summary>
            <div class="popover-box">{children()}</div>
        </details>
    }
    .into_any()
}

fn close(place: NodeRef<Details>) {
    if let Some(details) = place.get_untracked() {
        details.set_open(false);
    }
}

#[cfg(feature = "hydrate")]
fn close_from_outside(place: NodeRef<Details>) {
    use leptos::ev::{keydown, pointerdown};
    use wasm_bindgen::JsCast;

    let escape = window_event_listener(keydown, move |event| {
        let Some(details) = place.get_untracked().filter(web_sys::HtmlDetailsElement::open) else { return };
        if event.key() == "Escape" {
            close(place);
            // The focus goes back to where it came from.
            if let Ok(Some(summary)) = details.query_selector("summary") {
                drop(summary.unchecked_into::<web_sys::HtmlElement>().focus());
            }
        }
    });
    let outside = window_event_listener(pointerdown, move |event| {
        let Some(details) = place.get_untracked().filter(web_sys::HtmlDetailsElement::open) else { return };
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        if !details.contains(target.as_ref()) {
            close(place);
        }
    });
    on_cleanup(move || {
        escape.remove();
        outside.remove();
    });
}
