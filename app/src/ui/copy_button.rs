//! A button that puts a text into the clipboard and says so. It is there once scripts are.

use leptos::prelude::*;

/// The button.
#[component]
pub fn CopyButton(
    /// The text, and what is said when it is in the clipboard; asked when it is wanted.
    text: impl Fn() -> Option<(String, String)> + Send + Sync + 'static,
    /// What stands on it.
    label: &'static str,
) -> impl IntoView {
    let is_ready = RwSignal::new(false);
    Effect::new(move || is_ready.set(true));
    let note = RwSignal::new(String::new());
    let copy = move |_| {
        #[cfg(feature = "hydrate")]
        if let Some((text, said)) = text().filter(|(text, _)| clipboard::put(text).is_some()) {
            drop(text);
            note.set(said);
            set_timeout(move || drop(note.try_set(String::new())), std::time::Duration::from_secs(4));
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = &text;
    };
    view! {
        <button class="button small" type="button" hidden=move || !is_ready.get() on:click=copy>
            {label}
        </button>
        <span class="copied" class:shown=move || !note.read().is_empty() role="status">
            {note}
        </span>
    }
    .into_any()
}

#[cfg(feature = "hydrate")]
mod clipboard {
    use leptos::prelude::document;
    use wasm_bindgen::JsCast;
    use web_sys::{HtmlDocument, HtmlElement, HtmlTextAreaElement};

    /// Puts `text` into the clipboard by way of a field: unlike the newer interface, that works without https, too.
    pub fn put(text: &str) -> Option<()> {
        let page: HtmlDocument = document().unchecked_into();
        let focused = page.active_element();
        let field: HtmlTextAreaElement = page.create_element("textarea").ok()?.unchecked_into();
        field.set_value(text);
        field.set_class_name("sr-only");
        page.body()?.append_child(&field).ok()?;
        field.select();
        let is_done = page.exec_command("copy").unwrap_or(false);
        field.remove();
        if let Some(focused) = focused {
            drop(focused.unchecked_into::<HtmlElement>().focus());
        }
        is_done.then_some(())
    }
}
