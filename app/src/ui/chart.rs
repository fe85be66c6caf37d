//! A chart: an empty box of fixed height that ECharts fills in the browser.

#[cfg(feature = "hydrate")]
mod binding;

use leptos::html::Div;
use leptos::prelude::*;
use serde::Serialize;

use crate::i18n::td_string;
use crate::language::use_locale;

/// What a chart shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawing {
    /// ECharts' options as JSON. What stands for a colour may be a token of the style sheet: `--chart-1`.
    pub options: String,
    /// What is said of each place along the chart, in the order of the data.
    pub marks: Vec<Mark>,
}

/// A place along a chart: a point, a bar, a country.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// Its name, then a line for each series.
    pub lines: Vec<String>,
    /// Where a click leads.
    pub href: Option<String>,
}

impl Drawing {
    /// A chart of `options`.
    pub fn new(options: &impl Serialize, marks: Vec<Mark>) -> Self {
        Self { options: serde_json::to_string(options).unwrap_or_default(), marks }
    }
}

/// Draws what `drawing` says, again whenever that changes; hidden while there is nothing. What it shows must also stand
/// on the page as text or table. Arrows walk along its places, Enter goes where one leads.
#[component]
pub fn Chart(
    /// What is drawn; `None` while there is nothing. Asked in the browser only.
    drawing: Box<dyn Fn() -> Option<Drawing> + Send + Sync>,
    /// How a number is written along an axis.
    write: Box<dyn Fn(f64) -> String + Send + Sync>,
    /// What the chart shows, for those who cannot see it.
    label: &'static str,
    /// The names of the series, for buttons that hide and show them.
    #[prop(optional, into)]
    legend: Signal<Vec<String>>,
    /// A class of the box: how high it is.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    let container = NodeRef::<Div>::new();
    let hidden = RwSignal::new(Vec::<String>::new());
    #[cfg(feature = "hydrate")]
    fill(container, drawing, write, hidden);
    #[cfg(not(feature = "hydrate"))]
    let _ = (drawing, write);
    let buttons = move || {
        let names = legend.get().into_iter().enumerate();
        names.map(|(place, name)| legend_button(place, name, hidden)).collect_view()
    };
    view! {
        <div class="chart-box">
            <div class="legend">{buttons}</div>
            // It takes arrows and Enter for itself; of an image, readers that walk the page hear its name and pass no keys on.
            <div
                class=format!("chart {class}")
                role="application"
                aria-roledescription=td_string!(use_locale(), chart.kind)
                tabindex="0"
                aria-label=label
                node_ref=container
            ></div>
            <p class="sr-only" aria-live="polite"></p>
        </div>
    }
    .into_any()
}

fn legend_button(place: usize, name: String, hidden: RwSignal<Vec<String>>) -> AnyView {
    let of = name.clone();
    let is_shown = move || !hidden.with(|hidden| hidden.contains(&of));
    let of = name.clone();
    let toggle = move |_| {
        hidden.update(|hidden| match hidden.iter().position(|one| *one == of) {
            Some(at) => drop(hidden.remove(at)),
            None => hidden.push(of.clone()),
        });
    };
    view! {
        <button type="button" class=format!("legend-item series-{place}") aria-pressed=move || is_shown().to_string() on:click=toggle>
            {name}
        </button>
    }
    .into_any()
}

#[cfg(feature = "hydrate")]
fn fill(
    container: NodeRef<Div>,
    drawing: Box<dyn Fn() -> Option<Drawing> + Send + Sync>,
    write: Box<dyn Fn(f64) -> String + Send + Sync>,
    hidden: RwSignal<Vec<String>>,
) {
    let drawn = StoredValue::new_local(None::<binding::Drawn>);
    let write = StoredValue::new_local(Some(write));
    let shown = StoredValue::new_local(None);
    Effect::new(move || {
        let (Some(element), drawing, hidden) = (container.get(), drawing(), hidden.get()) else { return };
        element.set_hidden(drawing.is_none());
        let Some(drawing) = drawing else { return };
        // What has not changed stays as it is: somebody may be walking along it.
        let same = (drawing.clone(), hidden.clone());
        if shown.try_update_value(|shown| shown.replace(same.clone())).flatten() == Some(same) {
            return;
        }
        drawn.update_value(|drawn| {
            if drawn.is_none() {
                *drawn =
                    write.try_update_value(Option::take).flatten().map(|write| binding::Drawn::new(&element, write));
            }
            if let Some(drawn) = drawn {
                drawn.show(&drawing, hidden);
            }
        });
    });
    on_cleanup(move || {
        drawn.try_update_value(Option::take);
    });
}
