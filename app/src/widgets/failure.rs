//! Why the last edit of what is saved was refused.

use leptos::prelude::*;

use crate::language::use_locale;
use crate::settings::use_saved;

/// The refusal, in words, if there was one.
#[component]
pub fn Failure() -> impl IntoView {
    let locale = use_locale();
    let saved = use_saved();
    move || {
        let answers = [saved.save.value().get(), saved.rename.value().get(), saved.delete.value().get()];
        answers.into_iter().flatten().find_map(Result::err).map(|error| {
            view! {
                <p class="alert" role="alert">
                    {error.words(locale)}
                </p>
            }
        })
    }
}
