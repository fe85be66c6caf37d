//! What every widget is asked for beside the period: comparison and filters.

use leptos::prelude::*;

use super::{ComparePicker, Filters};

/// The bar with the comparison and the filters.
#[component]
pub fn ScopeBar() -> impl IntoView {
    view! {
        <div class="scope">
            <ComparePicker />
            <Filters />
        </div>
    }
    .into_any()
}
