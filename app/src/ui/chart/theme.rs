//! How charts look: the page's own tokens, read from its style sheet.

use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

/// An ECharts theme made of the tokens that hold for `element`.
pub fn of(element: &HtmlElement) -> JsValue {
    let style = leptos::prelude::window().get_computed_style(element).ok().flatten();
    let token = |name: &str| {
        style
            .as_ref()
            .and_then(|style| style.get_property_value(name).ok())
            .map(|value| value.trim().to_owned())
            .unwrap_or_default()
    };
    let text = json!({ "color": token("--muted"), "fontFamily": token("--font"), "fontSize": 11 });
    let line = json!({ "color": token("--line") });
    let axis = |label: &Value| {
        json!({
            "axisLine": { "lineStyle": line },
            "axisTick": { "show": false },
            "axisLabel": label,
            "splitLine": { "lineStyle": line },
        })
    };
    // Names may be long: they are cut, and those without room are left out.
    let mut name = text.clone();
    name["width"] = 92.into();
    name["overflow"] = "truncate".into();
    name["interval"] = 0.into();
    name["hideOverlap"] = true.into();
    // The outermost names stay inside the box.
    name["alignMinLabel"] = "left".into();
    name["alignMaxLabel"] = "right".into();
    let theme = json!({
        "color": (1..=6).map(|place| token(&format!("--chart-{place}"))).collect::<Vec<_>>(),
        "backgroundColor": "transparent",
        "textStyle": { "fontFamily": token("--font") },
        "categoryAxis": axis(&name),
        "valueAxis": axis(&text),
        "legend": { "textStyle": text, "inactiveColor": token("--line"), "itemWidth": 14, "itemHeight": 8 },
        "line": { "lineStyle": { "width": 2 }, "symbol": "circle" },
        "tooltip": {
            "backgroundColor": token("--raised"),
            "borderColor": token("--line"),
            "textStyle": { "color": token("--text"), "fontFamily": token("--font"), "fontSize": 12 },
            // Inside the page's box, so that a narrow phone never scrolls sideways.
            "confine": true,
        },
    });
    js_sys::JSON::parse(&theme.to_string()).unwrap_or(JsValue::NULL)
}
