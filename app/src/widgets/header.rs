//! The head of the page: its title, the period switch, and what changes the page itself.

use leptos::prelude::*;
use utm_dispatcher::model::{Period, Role};

use super::{ArrangeButton, BoardMenu, Keys, LanguageSwitch, LiveStatus, PeriodPicker, ThemeSwitch};
use crate::desk::use_desk;
use crate::frame::use_frame;
use crate::i18n::{td, td_string};
use crate::labels;
use crate::language::use_locale;
use crate::routes::{HELP, TRACKING};

/// Title, tools and period switch. The switch is made of links, so that it works before and without scripts.
#[component]
pub fn Header() -> impl IntoView {
    let locale = use_locale();
    let view = use_desk().view;
    let link = move |(place, to): (usize, Period)| {
        let current = move || (view.get().scope.period == to).then_some("page");
        view! {
            <a
                href=move || view.get().for_period(to).href()
                aria-current=current
                aria-keyshortcuts=(place + 1).to_string()
                data-noscroll
            >
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
        <a class="skip" href="#main" rel="external">
            {td!(locale, skip)}
        </a>
        <header class="top">
            <h1 tabindex="-1">{td!(locale, title)}</h1>
            <LiveStatus />
            <div class="looks">
                <LanguageSwitch />
                <ThemeSwitch />
            </div>
            <nav class="periods" aria-label=td_string!(locale, period.label)>
                {Period::NAMED.into_iter().enumerate().map(link).collect_view()}
                <PeriodPicker />
            </nav>
            <div class="tools">
                <BoardMenu />
                <ArrangeButton />
                {tracking}
                <a class="button" href=HELP rel="external" aria-keyshortcuts="h">
                    {td!(locale, help)}
                </a>
                <Keys />
            </div>
        </header>
    }
    .into_any()
}
