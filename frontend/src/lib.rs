//! The browser's half: takes over the page that the server rendered.
#![cfg(target_arch = "wasm32")]

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the script that the server puts into each page. Afterwards `<html>` carries `data-hydrated`: from then on keys and
/// buttons answer.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
    let _ = leptos::prelude::document().document_element().map(|page| page.set_attribute("data-hydrated", ""));
}
