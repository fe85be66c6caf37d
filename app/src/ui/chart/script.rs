//! ECharts itself: a megabyte that is loaded once, by the first page that has a chart.

use js_sys::Reflect;
use leptos::prelude::{document, window};
use wasm_bindgen::prelude::*;
use web_sys::HtmlScriptElement;

use crate::frame::use_frame;

const ID: &str = "echarts";

/// Calls `ready` when ECharts is there: now, or once it has been loaded. Never when it cannot be loaded.
pub fn when_loaded(ready: impl FnOnce() + 'static) {
    if Reflect::has(&window(), &JsValue::from_str(ID)).unwrap_or(false) {
        ready();
        return;
    }
    let script = document().get_element_by_id(ID).or_else(insert);
    if let Some(script) = script {
        // An event calls it at most once.
        drop(script.add_event_listener_with_callback("load", Closure::once_into_js(ready).unchecked_ref()));
    }
}

fn insert() -> Option<web_sys::Element> {
    let script: HtmlScriptElement = document().create_element("script").ok()?.dyn_into().ok()?;
    script.set_id(ID);
    script.set_async(true);
    script.set_src(&format!("{}/echarts.min.js", use_frame().assets()));
    document().head()?.append_child(&script).ok()?;
    Some(script.into())
}
