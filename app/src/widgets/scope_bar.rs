//! What every widget is asked for beside the period: comparison and filters.

use leptos::prelude::*;

use super::{ComparePicker, Filters, Segments};

/// The bar with the comparison, the filters and the segments.
#[component]
pub fn ScopeBar() -> impl IntoView {
    view! {
        <div class="scope">
            <ComparePicker />
            <Filters />
            <Segments />
        </div>
    }
    .into_any()
}
