//! Loading the page anew when the server has moved on to another build.

/// Loads the page anew, but only once in a minute: servers of two builds side by side must not make it spin.
#[cfg(feature = "hydrate")]
pub fn once() {
    const KEY: &str = "reloaded_at";
    const PAUSE: f64 = 60_000.0;
    leptos::prelude::Effect::new(move || {
        let window = leptos::prelude::window();
        let Ok(Some(storage)) = window.session_storage() else { return };
        let last = storage.get_item(KEY).ok().flatten().and_then(|text| text.parse().ok()).unwrap_or(0.0);
        let now = js_sys::Date::now();
        if now - last > PAUSE && storage.set_item(KEY, &now.to_string()).is_ok() {
            // A refused reload leaves the message and its link.
            drop(window.location().reload());
        }
    });
}

/// The server has nothing to reload.
#[cfg(not(feature = "hydrate"))]
pub fn once() {}
