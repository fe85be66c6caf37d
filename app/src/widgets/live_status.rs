//! The state of the live connection and how many visitors there are, small enough for the head of a page.

use leptos::prelude::*;

use crate::format;
use crate::i18n::{Locale, td_string};
use crate::language::use_locale;
use crate::live::{LiveStatus as Status, use_live};
use crate::routes::LOGIN;

/// «Наживо · Зараз на сайті: 12». Not shown before the page has come alive.
#[component]
pub fn LiveStatus() -> impl IntoView {
    let locale = use_locale();
    let live = use_live();
    let status = move || live.map_or(Status::Off, |live| live.status.get());
    let count = move || live.and_then(|live| live.now_on_site.get()).filter(|_| status() == Status::On);
    let login = move || {
        (status() == Status::Ended).then(|| {
            view! {
                <a href=LOGIN rel="external">
                    {td_string!(locale, live.login)}
                </a>
            }
            .into_any()
        })
    };
    view! {
        <p class="live-status" data-status=move || key(status()) hidden=move || status() == Status::Off>
            <span role="status">{move || words(locale, status())}</span>
            {move || {
                count().map(|count| {
                    let number = format::count(locale, i64::try_from(count).unwrap_or(i64::MAX));
                    view! {
                        <span class="live-now" title=td_string!(locale, live.now_hint)>
                            {td_string!(locale, live.now)}
                            ": "
                            <strong>{number}</strong>
                        </span>
                    }.into_any()
                })
            }}
            {login}
        </p>
    }
    .into_any()
}

fn key(status: Status) -> &'static str {
    match status {
        Status::Off => "off",
        Status::Connecting => "connecting",
        Status::On => "on",
        Status::Offline => "offline",
        Status::Paused => "paused",
        Status::Ended => "ended",
    }
}

fn words(locale: Locale, status: Status) -> &'static str {
    match status {
        Status::Off => "",
        Status::Connecting => td_string!(locale, live.connecting),
        Status::On => td_string!(locale, live.on),
        Status::Offline => td_string!(locale, live.offline),
        Status::Paused => td_string!(locale, live.paused),
        Status::Ended => td_string!(locale, live.ended),
    }
}
