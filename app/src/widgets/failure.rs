//! Why the last edit of what is saved was refused.

use leptos::prelude::*;

use crate::language::use_locale;
use crate::settings::use_saved;

/// The refusal, in words, if there was one.
#[component]
pub fn Failure() -> impl IntoView {
    let locale = use_locale();
    let failure = use_saved().failure;
    move || {
        failure.get().map(|error| {
            view! {
                <p class="alert" role="alert">
                    {error.words(locale)}
                </p>
            }
            .into_any()
        })
    }
}
