//! A dialog over the page. Without a script it is simply there; with one the browser keeps the focus in it, makes the rest
//! inert, closes it by Esc and gives the focus back.

use leptos::html;
use leptos::prelude::*;

/// A dialog that is open while `open` says so.
#[component]
pub fn Dialog(
    /// Is it open?
    open: Signal<bool>,
    /// The reader has closed it, by Esc or by a click beside it.
    closed: Callback<()>,
    /// The id of its heading.
    labelled_by: &'static str,
    /// Its class.
    class: &'static str,
    /// What gets the focus when it closes if nothing had it before, as after a link from elsewhere: a selector, else the page's
    /// heading.
    #[prop(optional, into)]
    back_to: Signal<String>,
    /// What it holds.
    children: Children,
) -> impl IntoView {
    let place = NodeRef::<html::Dialog>::new();
    #[cfg(feature = "hydrate")]
    follow(place, open, back_to);
    #[cfg(not(feature = "hydrate"))]
    let _ = back_to;
    let on_close = move |_| {
        // It may be open again by now, or its end may have come from elsewhere.
        let is_shut = place.get_untracked().is_some_and(|dialog| !is_open(&dialog));
        if is_shut && open.get_untracked() {
            closed.run(());
        }
    };
    let pressed_beside = StoredValue::new(false);
    let on_press = move |event: leptos::ev::PointerEvent| pressed_beside.set_value(is_beside(&event, place));
    // Both ends of the click lie beside it: selecting a text may end there.
    let on_click = move |event: leptos::ev::MouseEvent| {
        if pressed_beside.get_value() && is_beside(&event, place) {
            closed.run(());
        }
    };
    view! {
        <dialog
            node_ref=place
            class=format!("dialog {class}")
            open=open.get_untracked()
            aria-modal="true"
            aria-labelledby=labelled_by
            on:close=on_close
            on:pointerdown=on_press
            on:click=on_click
        >
            <div class="dialog-box">{children()}</div>
        </dialog>
    }
    .into_any()
}

#[cfg(feature = "hydrate")]
fn follow(place: NodeRef<html::Dialog>, open: Signal<bool>, back_to: Signal<String>) {
    // While it is open it is known where its reader came from.
    Effect::new(move |back: Option<Option<String>>| {
        let (Some(dialog), open) = (place.get(), open.get()) else { return None };
        if open && !dialog.matches(":modal").unwrap_or(false) {
            // What the server has opened is not modal yet.
            drop(dialog.remove_attribute("open"));
            drop(dialog.show_modal());
        } else if !open && dialog.open() {
            dialog.close();
        }
        if open {
            return Some(back_to.get());
        }
        if let Some(selector) = back.flatten() {
            settle(&selector);
        }
        None
    });
}

/// Gives the focus to what `selector` finds, else to the page's heading, unless something has it.
#[cfg(feature = "hydrate")]
fn settle(selector: &str) {
    use wasm_bindgen::JsCast;
    let page = document();
    // Within the dialog it is on its way out: browsers take it away when they draw next.
    let is_kept = |focused: web_sys::Element| {
        focused.tag_name() != "BODY" && focused.closest("dialog:not([open])").is_ok_and(|shut| shut.is_none())
    };
    if page.active_element().is_some_and(is_kept) {
        return;
    }
    let find = |selector| page.query_selector(selector).ok().flatten();
    if let Some(element) =
        find(selector).or_else(|| find("h1")).and_then(|one| one.dyn_into::<web_sys::HtmlElement>().ok())
    {
        // What cannot be focused does no harm.
        drop(element.focus());
    }
}

#[cfg(feature = "hydrate")]
fn is_open(dialog: &web_sys::HtmlDialogElement) -> bool {
    dialog.open()
}

/// Only browsers have dialogs that open and close.
#[cfg(not(feature = "hydrate"))]
fn is_open<T>(_: &T) -> bool {
    false
}

/// Did the event happen beside the box, on the dialog itself?
fn is_beside(event: &leptos::ev::Event, place: NodeRef<html::Dialog>) -> bool {
    #[cfg(feature = "hydrate")]
    {
        let target = event.target();
        place.get_untracked().is_some_and(|dialog| target.as_ref() == Some(dialog.as_ref()))
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = (event, place);
        false
    }
}
