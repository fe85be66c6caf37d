//! Short notices in the corner: read out politely, closed by hand or by whoever shows them.

use leptos::prelude::*;

/// A notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// Tells it from others.
    pub id: i64,
    /// What it is about.
    pub title: String,
    /// More of it.
    pub detail: String,
}

/// The notices that are shown, the newest last.
#[component]
pub fn Toasts(
    /// What is shown.
    #[prop(into)]
    toasts: Signal<Vec<Toast>>,
    /// Closes one.
    close: Callback<i64>,
    /// What they are, for those who cannot see where they stand.
    label: &'static str,
    /// What the button that closes one is called.
    close_label: &'static str,
) -> impl IntoView {
    let toast = move |Toast { id, title, detail }: Toast| {
        view! {
            <li class="toast">
                <p>
                    <strong>{title}</strong>
                    <span>
                        <bdi>{detail}</bdi>
                    </span>
                </p>
                <button type="button" aria-label=close_label on:click=move |_| close.run(id)>
                    "×"
                </button>
            </li>
        }
        .into_any()
    };
    // The list is there before anything stands in it: only then is what comes read out.
    view! {
        <div class="toasts" role="log" aria-live="polite" aria-relevant="additions" aria-label=label>
            <ol>
                <For each=move || toasts.get() key=|toast| toast.id children=toast />
            </ol>
        </div>
    }
}
