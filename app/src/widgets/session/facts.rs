//! What is known of a session: where it came from, and with what.

use leptos::prelude::*;
use utm_dispatcher::model::Role;
use utm_dispatcher::model::touch::NOT_AVAILABLE;
use utm_dispatcher::report::session_detail::TouchLabels;
use utm_dispatcher::report::{Dimension, SessionDetail, Unit, Value};

use crate::format::{self, NONE};
use crate::frame::use_frame;
use crate::i18n::{Locale, td_string};
use crate::labels;
use crate::widgets::sessions::place;

/// The two columns: advertising, and the device.
pub fn columns(locale: Locale, detail: &SessionDetail) -> AnyView {
    view! {
        <div class="session-columns">{advertising(locale, detail)} {device(locale, detail)}</div>
    }
    .into_any()
}

type Fact = (&'static str, Option<String>);

fn list(title: AnyView, facts: Vec<Fact>) -> AnyView {
    let fact = |(name, value): Fact| {
        view! {
            <div>
                <dt>{name}</dt>
                <dd>
                    <bdi>{value.filter(|value| !value.is_empty()).unwrap_or_else(|| NONE.to_owned())}</bdi>
                </dd>
            </div>
        }
        .into_any()
    };
    view! {
        <section class="session-part">
            <h3>{title}</h3>
            <dl class="session-facts">{facts.into_iter().map(fact).collect_view()}</dl>
        </section>
    }
    .into_any()
}

fn advertising(locale: Locale, detail: &SessionDetail) -> AnyView {
    let row = &detail.session;
    let mut facts: Vec<Fact> = vec![
        (td_string!(locale, session.source), Some(row.source.clone())),
        (td_string!(locale, session.medium), Some(row.medium.clone())),
        (td_string!(locale, session.campaign), row.utm.campaign.clone()),
        (td_string!(locale, session.content), row.utm.content.clone()),
        (td_string!(locale, session.term), row.utm.term.clone()),
        (td_string!(locale, session.channel), Some(labels::text(locale, Dimension::Channel, &row.channel))),
    ];
    let clicks = detail.click_ids.iter().map(|click| format!("{} = {}", click.name, click.value));
    let clicks = clicks.collect::<Vec<_>>().join("\n");
    facts.push((td_string!(locale, session.click_ids), Some(clicks)));
    facts.push((td_string!(locale, session.referrer), detail.referrer.clone()));
    facts.push((td_string!(locale, session.first_touch), detail.first_touch.as_ref().map(touch)));
    facts.push((td_string!(locale, session.last_touch), detail.last_touch.as_ref().map(touch)));
    list(td_string!(locale, session.utm).into_any(), facts)
}

fn device(locale: Locale, detail: &SessionDetail) -> AnyView {
    let (row, client) = (&detail.session, &detail.client);
    let model = joined([client.brand.as_deref(), client.model.as_deref()]);
    let kind = labels::device(locale, row.device);
    let device = model.map_or_else(|| kind.to_owned(), |model| format!("{kind} · {model}"));
    let mut facts: Vec<Fact> = vec![
        (td_string!(locale, session.device), Some(device)),
        (td_string!(locale, session.os), joined([client.os.as_deref(), client.os_version.as_deref()])),
        (td_string!(locale, session.browser), joined([client.browser.as_deref(), client.browser_version.as_deref()])),
    ];
    if use_frame().viewer.is_some_and(|viewer| viewer.role >= Role::Analyst) {
        facts.push((td_string!(locale, session.ip), row.ip.clone()));
    }
    let whole = |number: i64| Some(format::count(locale, number));
    let conversion = row.conversion.map(|kind| format!("✓ {}", labels::conversion(locale, kind)));
    facts.extend([
        (td_string!(locale, session.place), Some(place(&row.place))),
        (td_string!(locale, session.landing_page), Some(detail.landing_page.clone())),
        (td_string!(locale, session.started), Some(row.started_local.clone())),
        (
            td_string!(locale, session.duration),
            Some(format::value(locale, &Value::Whole(detail.duration), Unit::Count, "")),
        ),
        (td_string!(locale, session.visit), whole(row.visit_count)),
        (td_string!(locale, session.points), whole(row.points)),
        (td_string!(locale, session.conversion), conversion),
    ]);
    list(td_string!(locale, session.client).into_any(), facts)
}

/// The words that are there, one after the other.
fn joined(words: [Option<&str>; 2]) -> Option<String> {
    let words: Vec<_> = words.into_iter().flatten().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// A touch in one line: `facebook / cpc · winter`.
fn touch(touch: &TouchLabels) -> String {
    let campaign = if touch.campaign == NOT_AVAILABLE { String::new() } else { format!(" · {}", touch.campaign) };
    format!("{} / {}{campaign}", touch.source, touch.medium)
}
