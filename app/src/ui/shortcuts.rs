//! Keys for what is on the page: whatever says `aria-keyshortcuts="f"` is pressed, or gets the focus when one types into it.

use leptos::prelude::*;

/// Where it is remembered that somebody wants no keys.
#[cfg(feature = "hydrate")]
const KEY: &str = "keys_off";

/// Do keys do anything? Somebody who speaks to the browser, or whose hand slips, switches them off; that is remembered.
pub fn switch() -> RwSignal<bool> {
    let is_on = RwSignal::new(true);
    // In the browser alone, as effects are.
    #[cfg(feature = "hydrate")]
    Effect::new(move |before: Option<()>| {
        let keys = is_on.get();
        if before.is_some() {
            crate::ui::storage::put(KEY, if keys { "" } else { "1" });
        } else if crate::ui::storage::get(KEY).is_some() {
            is_on.set(false);
        }
    });
    is_on
}

/// Listens for keys until the page is gone. Not while somebody types or a dialog is open, and not together with Ctrl, Alt or the like.
#[cfg(feature = "hydrate")]
pub fn listen() {
    use leptos::ev::keydown;
    use wasm_bindgen::JsCast;
    use web_sys::{Element, HtmlElement};

    let keys = window_event_listener(keydown, |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let is_typing = target.is_some_and(|target| target.matches(TYPING).unwrap_or(false));
        if is_typing || event.ctrl_key() || event.meta_key() || event.alt_key() || event.repeat() {
            return;
        }
        let Some(key) = key(&event.key(), &event.code(), event.shift_key()) else { return };
        let is_covered = document().query_selector("dialog[open]").is_ok_and(|found| found.is_some());
        if is_covered || crate::ui::storage::get(KEY).is_some() {
            return;
        }
        // The first table's search is the page's.
        let named = format!("[aria-keyshortcuts='{key}']");
        let found = document().query_selector(if key == '/' { "input[type=search]" } else { &named }).ok().flatten();
        let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) else { return };
        event.prevent_default();
        if element.matches("input").unwrap_or(false) {
            drop(element.focus());
        } else {
            element.click();
        }
    });
    on_cleanup(move || keys.remove());
}

/// The server has no keys.
#[cfg(not(feature = "hydrate"))]
pub fn listen() {}

#[cfg(feature = "hydrate")]
const TYPING: &str = "input, textarea, select, [contenteditable]";

/// The key that is meant, whatever the layout of the keyboard: on a Ukrainian one, `f` is `а`.
#[cfg(any(feature = "hydrate", test))]
fn key(key: &str, code: &str, shift: bool) -> Option<char> {
    match (key, code) {
        ("?", _) => Some('?'),
        (_, "Slash") => Some(if shift { '?' } else { '/' }),
        _ if shift => None,
        _ => {
            let letter = code.strip_prefix("Key").or_else(|| code.strip_prefix("Digit"))?;
            letter.chars().next().map(|one| one.to_ascii_lowercase())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_on_every_layout() {
        let cases = [
            (("f", "KeyF", false), Some('f')),
            (("а", "KeyF", false), Some('f')),
            (("F", "KeyF", true), None),
            (("1", "Digit1", false), Some('1')),
            (("!", "Digit1", true), None),
            (("/", "Slash", false), Some('/')),
            ((".", "Slash", false), Some('/')),
            (("?", "Slash", true), Some('?')),
            ((",", "Slash", true), Some('?')),
            (("?", "Digit7", true), Some('?')),
            (("Escape", "Escape", false), None),
            (("ArrowUp", "ArrowUp", false), None),
        ];
        for ((name, code, shift), expected) in cases {
            assert_eq!(key(name, code, shift), expected, "{name} {code}");
        }
    }
}
