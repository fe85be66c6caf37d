//! What has happened of late, a line each, and how many visitors there are now.

use leptos::prelude::*;
use utm_dispatcher::model::action::ActionKind;
use utm_dispatcher::model::live::{Happening, Moment};
use utm_dispatcher::model::order::Conversion;
use utm_dispatcher::model::touch::NOT_AVAILABLE;
use utm_dispatcher::report::{Dimension, Unit, Value};

use super::narrow::{narrow, place};
use crate::desk::use_desk;
use crate::format::{self, NONE};
use crate::frame::use_frame;
use crate::i18n::{Locale, td_string};
use crate::labels;
use crate::language::use_locale;
use crate::live::use_live;
use crate::query::View;

/// «Наживо»: the counter and the feed.
#[component]
pub fn LiveFeed() -> impl IntoView {
    let locale = use_locale();
    let currency = StoredValue::new(use_frame().currency);
    let Some(live) = use_live() else { return ().into_any() };
    let view = use_desk().view;
    let title = td_string!(locale, live.title);
    let count = move || {
        let count = live.now_on_site.get().map(|count| i64::try_from(count).unwrap_or(i64::MAX));
        count.map_or_else(|| NONE.to_owned(), |count| format::count(locale, count))
    };
    let is_empty = Memo::new(move |_| live.feed.with(Vec::is_empty));
    view! {
        <section class="panel live-panel">
            <h2 class="panel-title">{title}</h2>
            <p class="live-counter" title=td_string!(locale, live.now_hint)>
                {td_string!(locale, live.now)}
                ": "
                <strong>{count}</strong>
            </p>
            <label class="live-sound">
                <input type="checkbox" prop:checked=live.has_sound on:change=move |event| live.has_sound.set(event_target_checked(&event)) />
                {td_string!(locale, live.sound)}
            </label>
            <Show when=move || is_empty.get()>
                <p class="empty">{td_string!(locale, live.empty)}</p>
            </Show>
            <div class="live-feed" tabindex="0" role="region" aria-label=title hidden=is_empty>
                <ol>
                    <For
                        each=move || live.feed.get()
                        key=|moment| (moment.id, moment.what.clone())
                        children=move |moment| line(locale, &currency.get_value(), view, moment)
                    />
                </ol>
            </div>
        </section>
    }
    .into_any()
}

fn line(locale: Locale, currency: &str, view: Signal<View>, moment: Moment) -> AnyView {
    let details = move || view.with(|view| view.with_session(Some(moment.session)).href());
    let source = narrow(locale, view, Dimension::Source, &moment.source);
    let campaign = (moment.campaign != NOT_AVAILABLE)
        .then(|| view! { " / " {narrow(locale, view, Dimension::Campaign, &moment.campaign)} }.into_any());
    let place = (moment.place.city.is_some() || moment.place.country.is_some())
        .then(|| view! { {place(locale, view, &moment.place)} " · " }.into_any());
    let about = moment.product.or(moment.page);
    let device = labels::device(locale, moment.device);
    view! {
        <li class="live-line" data-what=tone(&moment.what) data-session=moment.session.0>
            <a href=details data-noscroll>
                <time>{moment.at_local}</time>
                " "
                <span class="live-what">{what(locale, &moment.what)}</span>
            </a>
            {moment.amount.map(|amount| view! { <strong>{money(locale, amount.0, currency)}</strong> }.into_any())}
            <span class="live-source">{source} {campaign}</span>
            <span class="live-about">
                <bdi>{about}</bdi>
            </span>
            <span class="live-place">{place} {device}</span>
        </li>
    }
    .into_any()
}

/// What happened, in words.
pub fn what(locale: Locale, happening: &Happening) -> String {
    match happening {
        Happening::Session => td_string!(locale, live.session).to_owned(),
        Happening::Action(kind) => labels::action(locale, kind),
        Happening::Conversion(Conversion::Lead) => labels::action(locale, &ActionKind::Lead),
        Happening::Conversion(Conversion::Purchase) => labels::action(locale, &ActionKind::Purchase),
    }
}

/// An amount in the shop's currency.
pub fn money(locale: Locale, amount: i64, currency: &str) -> String {
    format::value(locale, &Value::Whole(amount), Unit::Money, currency)
}

/// By what a line is coloured.
fn tone(happening: &Happening) -> &'static str {
    match happening {
        Happening::Session => "session",
        Happening::Action(_) => "action",
        Happening::Conversion(Conversion::Lead) => "lead",
        Happening::Conversion(Conversion::Purchase) => "purchase",
    }
}
