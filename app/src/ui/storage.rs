//! The browser's own storage; a browser that refuses it forgets, nothing else.

use leptos::prelude::window;

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// What is stored under `key`.
pub fn get(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Stores `value` under `key`; an empty one is removed.
pub fn put(key: &str, value: &str) {
    if let Some(storage) = storage() {
        drop(if value.is_empty() { storage.remove_item(key) } else { storage.set_item(key, value) });
    }
}
