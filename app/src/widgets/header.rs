//! The head of the page: its title and the period switch.

use leptos::prelude::*;
use utm_dispatcher::model::{Period, Role};

use crate::error::AppError;
use crate::frame::use_frame;
use crate::i18n::{td, td_string};
use crate::language::use_locale;
use crate::routes::TRACKING;
use crate::{labels, query};

/// Title and period switch. The switch is made of links, so that it works before and without scripts.
#[component]
pub fn Header(
    /// What the address bar asks for.
    period: Memo<Result<Period, AppError>>,
) -> impl IntoView {
    let locale = use_locale();
    let link = move |to: Period| {
        let current = move || (period.get() == Ok(to)).then_some("page");
        view! {
            <a href=query::period_href(to) aria-current=current data-noscroll>
                {labels::period(locale, to)}
            </a>
        }
    };
    // A range has no button: it is named instead.
    let range = move || period.get().ok().filter(|period| period.name().is_none());
    let is_admin = use_frame().viewer.is_some_and(|viewer| viewer.role >= Role::Admin);
    let tracking = is_admin.then(|| {
        view! {
            <a class="button" href=TRACKING>
                {td!(locale, tracking.link)}
            </a>
        }
    });
    view! {
        <a class="skip" href="#content" rel="external">
            {td!(locale, skip)}
        </a>
        <header class="top">
            <h1>{td!(locale, title)}</h1>
            <nav class="periods" aria-label=td_string!(locale, period.label)>
                {Period::NAMED.map(link)}
                {move || range().map(|range| view! { <span aria-current="page">{labels::period(locale, range)}</span> })}
            </nav>
            {tracking}
        </header>
    }
    .into_any()
}
