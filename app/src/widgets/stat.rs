//! One big number.

use leptos::prelude::*;

/// A card: what is counted, how many, and a remark underneath.
#[component]
pub fn Stat(
    /// What is counted.
    label: &'static str,
    /// How many.
    value: String,
    /// A remark underneath.
    #[prop(optional)]
    note: Option<AnyView>,
    /// The class that colours it.
    tone: &'static str,
) -> impl IntoView {
    view! {
        <div class=format!("stat {tone}")>
            <dt class="stat-label">{label}</dt>
            <dd class="stat-value">{value}</dd>
            {note.map(|note| view! { <dd class="stat-note">{note}</dd> })}
        </div>
    }
    .into_any()
}
