//! One big number.

use leptos::prelude::*;

/// A card: what is counted, how many, how that changed, a remark underneath, a line over the period.
#[component]
pub fn Stat(
    /// What is counted.
    label: &'static str,
    /// How many.
    value: String,
    /// How that differs from the earlier period.
    change: Option<AnyView>,
    /// A remark underneath.
    note: Option<AnyView>,
    /// How it went over the period.
    spark: Option<AnyView>,
    /// The class that colours it.
    tone: &'static str,
) -> impl IntoView {
    view! {
        <div class=format!("stat {tone}")>
            <dt class="stat-label">{label}</dt>
            <dd class="stat-value">{value}</dd>
            {change.map(|change| view! { <dd class="stat-change">{change}</dd> }.into_any())}
            {note.map(|note| view! { <dd class="stat-note">{note}</dd> }.into_any())}
            {spark.map(|spark| view! { <dd class="stat-spark">{spark}</dd> }.into_any())}
        </div>
    }
    .into_any()
}
