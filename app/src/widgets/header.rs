//! The head of the page: its title and the period switch.

use leptos::prelude::*;
use utm_dispatcher::model::{Period, Role};

use super::PeriodPicker;
use crate::desk::use_desk;
use crate::frame::use_frame;
use crate::i18n::{td, td_string};
use crate::labels;
use crate::language::use_locale;
use crate::routes::TRACKING;

/// Title and period switch. The switch is made of links, so that it works before and without scripts.
#[component]
pub fn Header() -> impl IntoView {
    let locale = use_locale();
    let view = use_desk().view;
    let link = move |to: Period| {
        let current = move || (view.get().scope.period == to).then_some("page");
        view! {
            <a href=move || view.get().for_period(to).href() aria-current=current data-noscroll>
                {labels::period(locale, to)}
            </a>
        }
    };
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
                <PeriodPicker />
            </nav>
            {tracking}
        </header>
    }
    .into_any()
}
