//! What deletes something that is saved under a name: at the second press, with or without scripts.

use leptos::prelude::*;

use crate::functions::settings::DELETE;
use crate::i18n::{Locale, td_string};

/// Deletes what is saved under `name`, a `board` or a `segment`; `first` is the summary that is pressed first.
pub fn deletion(locale: Locale, kind: &'static str, name: String, first: AnyView) -> AnyView {
    view! {
        <details class="confirm">
            {first}
            <form method="post" action=DELETE>
                <input type="hidden" name="kind" value=kind />
                <input type="hidden" name="name" value=name />
                <button class="button">{td_string!(locale, scope.confirm)}</button>
            </form>
        </details>
    }
    .into_any()
}
