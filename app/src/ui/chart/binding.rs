//! The few calls of ECharts that we need: init, setOption, resize, dispose.

use charming::Chart as Options;
use js_sys::{JSON, Reflect};
use leptos::prelude::window;
use wasm_bindgen::prelude::*;
use web_sys::{HtmlElement, ResizeObserver};

use super::theme;

#[wasm_bindgen]
extern "C" {
    /// ECharts' own instance.
    type Instance;

    #[wasm_bindgen(js_namespace = echarts, catch)]
    fn init(element: &HtmlElement, theme: &JsValue) -> Result<Instance, JsValue>;

    #[wasm_bindgen(method, js_name = setOption)]
    fn set_option(this: &Instance, option: &JsValue, not_merge: bool);

    #[wasm_bindgen(method)]
    fn resize(this: &Instance);

    #[wasm_bindgen(method)]
    fn dispose(this: &Instance);
}

/// A chart on the page; disposed of when dropped.
pub struct Drawn {
    instance: Instance,
    observer: Option<ResizeObserver>,
    number: Closure<dyn Fn(f64) -> String>,
    // The observer calls it as long as it observes.
    _resized: Closure<dyn Fn()>,
}

impl Drawn {
    /// A chart in `element` in the colours of the page, with numbers written by `number`. `None` when ECharts fails:
    /// the table with the same numbers remains.
    pub fn new(element: &HtmlElement, number: impl Fn(f64) -> String + 'static) -> Option<Self> {
        let instance = init(element, &theme::of(element)).ok()?;
        let target: Instance = JsValue::from(&instance).unchecked_into();
        let resized = Closure::<dyn Fn()>::new(move || target.resize());
        let observer = ResizeObserver::new(resized.as_ref().unchecked_ref()).ok();
        if let Some(observer) = &observer {
            observer.observe(element);
        }
        Some(Self { instance, observer, number: Closure::new(number), _resized: resized })
    }

    /// Draws `options` in place of what was drawn before.
    pub fn show(&self, options: &Options) {
        let Some(option) = serde_json::to_string(options).ok().and_then(|text| JSON::parse(&text).ok()) else { return };
        let number = self.number.as_ref();
        // Functions have no place in JSON.
        set(&option, &["tooltip", "valueFormatter"], number);
        set(&option, &["yAxis", "axisLabel", "formatter"], number);
        set(&option, &["animation"], &JsValue::from_bool(!prefers_stillness()));
        self.instance.set_option(&option, true);
    }
}

impl Drop for Drawn {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer {
            observer.disconnect();
        }
        self.instance.dispose();
    }
}

/// Sets the value at a path of keys, making objects on the way; leaves alone what cannot be set.
fn set(target: &JsValue, path: &[&str], value: &JsValue) {
    let Some((last, way)) = path.split_last() else { return };
    let mut place = target.clone();
    for key in way {
        let key = JsValue::from_str(key);
        let mut next = Reflect::get(&place, &key).unwrap_or_default();
        if !next.is_object() {
            next = js_sys::Object::new().into();
            drop(Reflect::set(&place, &key, &next));
        }
        place = next;
    }
    drop(Reflect::set(&place, &JsValue::from_str(last), value));
}

fn prefers_stillness() -> bool {
    window().match_media("(prefers-reduced-motion: reduce)").ok().flatten().is_some_and(|media| media.matches())
}
