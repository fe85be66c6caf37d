//! A chart: an empty box of fixed height that ECharts fills in the browser.

#[cfg(feature = "hydrate")]
mod binding;
#[cfg(feature = "hydrate")]
mod script;
#[cfg(feature = "hydrate")]
mod theme;

use charming::Chart as Options;
use leptos::html::Div;
use leptos::prelude::*;

/// Draws `options`, again whenever they change; hidden while there are none. What it shows must also stand on the
/// page as text or table.
#[component]
pub fn Chart(
    /// What is drawn; `None` while there is nothing. Asked in the browser only.
    options: impl Fn() -> Option<Options> + Send + Sync + 'static,
    /// How a number is written, in the tooltip and along the axis.
    number: impl Fn(f64) -> String + Clone + Send + Sync + 'static,
    /// What the chart shows, for those who cannot see it.
    label: &'static str,
) -> impl IntoView {
    let container = NodeRef::<Div>::new();
    #[cfg(feature = "hydrate")]
    fill(container, options, number);
    #[cfg(not(feature = "hydrate"))]
    let _ = (options, number);
    view! { <div class="chart" role="img" aria-label=label node_ref=container></div> }
}

#[cfg(feature = "hydrate")]
fn fill(
    container: NodeRef<Div>,
    options: impl Fn() -> Option<Options> + Send + Sync + 'static,
    number: impl Fn(f64) -> String + Clone + Send + Sync + 'static,
) {
    let drawn = StoredValue::new_local(None::<binding::Drawn>);
    Effect::new(move || {
        let (Some(element), options) = (container.get(), options()) else { return };
        element.set_hidden(options.is_none());
        let Some(options) = options else { return };
        let number = number.clone();
        // The script may arrive when the page is gone: then there is nothing left to update.
        script::when_loaded(move || {
            drawn.try_update_value(|drawn| {
                if drawn.is_none() {
                    *drawn = binding::Drawn::new(&element, number);
                }
                if let Some(drawn) = drawn {
                    drawn.show(&options);
                }
            });
        });
    });
    on_cleanup(move || {
        drawn.try_update_value(Option::take);
    });
}
