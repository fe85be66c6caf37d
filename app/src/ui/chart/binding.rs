//! The browser's half of a chart: `binding.js`, which knows ECharts.

use leptos::prelude::use_context;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use super::Drawing;
use crate::frame::Frame;

#[wasm_bindgen(module = "/src/ui/chart/binding.js")]
extern "C" {
    #[wasm_bindgen(js_name = Drawn)]
    type Bound;

    #[wasm_bindgen(constructor, js_class = Drawn)]
    fn new(element: &HtmlElement, assets: &str, write: &Closure<dyn Fn(f64) -> String>) -> Bound;

    #[wasm_bindgen(method, js_class = Drawn)]
    fn show(this: &Bound, options: &str, marks: &str, hidden: Vec<String>);

    #[wasm_bindgen(method, js_class = Drawn)]
    fn remove(this: &Bound);
}

/// A chart on the page; removed when dropped.
pub struct Drawn {
    bound: Bound,
    // Called as long as the chart is there.
    _write: Closure<dyn Fn(f64) -> String>,
}

impl Drawn {
    /// A chart in `element`, with the numbers along its axes written by `write`.
    pub fn new(element: &HtmlElement, write: Box<dyn Fn(f64) -> String>) -> Self {
        let assets = use_context::<Frame>().unwrap_or_default().assets();
        let write = Closure::wrap(write);
        Self { bound: Bound::new(element, &assets, &write), _write: write }
    }

    /// Draws `drawing` in place of what was drawn before, without the series that are `hidden`.
    pub fn show(&self, drawing: &Drawing, hidden: Vec<String>) {
        let marks = serde_json::to_string(&drawing.marks).unwrap_or_default();
        self.bound.show(&drawing.options, &marks, hidden);
    }
}

impl Drop for Drawn {
    fn drop(&mut self) {
        self.bound.remove();
    }
}
