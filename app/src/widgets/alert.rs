//! What went wrong, in words, and what to do about it.

use leptos::prelude::*;

use super::panel::Waiting;
use crate::error::AppError;
use crate::i18n::td_string;
use crate::language::use_locale;
use crate::ui::reload;

/// Says what went wrong. Where asking again may help there is a button that does `retry`.
#[component]
pub fn Alert(
    /// What went wrong.
    error: AppError,
    /// Asks again.
    #[prop(optional, into)]
    retry: Option<Callback<()>>,
) -> impl IntoView {
    let locale = use_locale();
    if error == AppError::Stale {
        reload::once();
    }
    if error == AppError::Unanswered {
        return view! { <Waiting /> }.into_any();
    }
    let action = match error {
        // The server decides what stands at this address now: the login or the new page.
        AppError::NotLoggedIn | AppError::Stale => view! {
            <a class="button" href="" rel="external">
                {td_string!(locale, error.reload)}
            </a>
        }
        .into_any(),
        AppError::Unavailable | AppError::Offline => retry
            .map(|retry| {
                view! {
                    <button class="button" type="button" on:click=move |_| retry.run(())>
                        {td_string!(locale, error.retry)}
                    </button>
                }
                .into_any()
            })
            .into_any(),
        AppError::Forbidden
        | AppError::BadInput { .. }
        | AppError::Missing
        | AppError::Duplicate
        | AppError::Unanswered => ().into_any(),
    };
    view! {
        <div class="alert" role="alert">
            <p>
                <strong>{td_string!(locale, error.title)}</strong>
            </p>
            <p>{error.words(locale)}</p>
            {action}
        </div>
    }
    .into_any()
}
