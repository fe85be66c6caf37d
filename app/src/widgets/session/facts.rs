//! What is known of a session: where it came from, and with what.

use leptos::prelude::*;
use utm_dispatcher::model::Role;
use utm_dispatcher::model::touch::NOT_AVAILABLE;
use utm_dispatcher::report::session_detail::TouchLabels;
use utm_dispatcher::report::{Dimension, SessionDetail, Unit, Value};

use crate::desk::use_desk;
use crate::format::{self, NONE};
use crate::frame::use_frame;
use crate::i18n::{Locale, td_string};
use crate::labels;
use crate::widgets::narrow::{narrow, place};

/// The two columns: advertising, and the device.
pub fn columns(locale: Locale, detail: &SessionDetail) -> AnyView {
    view! {
        <div class="session-columns">{advertising(locale, detail)} {device(locale, detail)}</div>
    }
    .into_any()
}

type Fact = (&'static str, Option<AnyView>);

/// A text as a fact; nothing when there is none.
fn text(text: Option<String>) -> Option<AnyView> {
    text.filter(|text| !text.is_empty()).map(|text| view! { <bdi>{text}</bdi> }.into_any())
}

fn list(title: AnyView, facts: Vec<Fact>) -> AnyView {
    let fact = |(name, value): Fact| {
        view! {
            <div>
                <dt>{name}</dt>
                <dd>{value.unwrap_or_else(|| NONE.into_any())}</dd>
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
    let (row, view) = (&detail.session, use_desk().view);
    let link = |dimension, key: &str| Some(narrow(locale, view, dimension, key));
    let own = |dimension, key: &Option<String>| key.as_deref().and_then(|key| link(dimension, key));
    let clicks = detail.click_ids.iter().map(|click| format!("{} = {}", click.name, click.value));
    let clicks = clicks.collect::<Vec<_>>().join("\n");
    let facts = vec![
        (td_string!(locale, session.source), link(Dimension::Source, &row.source)),
        (td_string!(locale, session.medium), link(Dimension::Medium, &row.medium)),
        (td_string!(locale, session.campaign), own(Dimension::Campaign, &row.utm.campaign)),
        (td_string!(locale, session.content), own(Dimension::Content, &row.utm.content)),
        (td_string!(locale, session.term), own(Dimension::Term, &row.utm.term)),
        (td_string!(locale, session.channel), link(Dimension::Channel, &row.channel)),
        (td_string!(locale, session.click_ids), text(Some(clicks))),
        (td_string!(locale, session.referrer), text(detail.referrer.clone())),
        (td_string!(locale, session.first_touch), text(detail.first_touch.as_ref().map(touch))),
        (td_string!(locale, session.last_touch), text(detail.last_touch.as_ref().map(touch))),
    ];
    list(td_string!(locale, session.utm).into_any(), facts)
}

fn device(locale: Locale, detail: &SessionDetail) -> AnyView {
    let (row, client, view) = (&detail.session, &detail.client, use_desk().view);
    let model = joined([client.brand.as_deref(), client.model.as_deref()]);
    let kind = narrow(locale, view, Dimension::DeviceType, row.device.key());
    let device = view! { {kind} {model.map(|model| view! { " · " <bdi>{model}</bdi> }.into_any())} }.into_any();
    let mut facts: Vec<Fact> = vec![
        (td_string!(locale, session.device), Some(device)),
        (td_string!(locale, session.os), text(joined([client.os.as_deref(), client.os_version.as_deref()]))),
        (
            td_string!(locale, session.browser),
            text(joined([client.browser.as_deref(), client.browser_version.as_deref()])),
        ),
    ];
    if use_frame().viewer.is_some_and(|viewer| viewer.role >= Role::Analyst) {
        facts.push((td_string!(locale, session.ip), text(row.ip.clone())));
    }
    let whole = |number: i64| text(Some(format::count(locale, number)));
    let conversion = row.conversion.map(|kind| format!("✓ {}", labels::conversion(locale, kind)));
    let duration = format::value(locale, &Value::Whole(detail.duration), Unit::Count, "");
    facts.extend([
        (td_string!(locale, session.place), Some(place(locale, view, &row.place))),
        (td_string!(locale, session.landing_page), text(Some(detail.landing_page.clone()))),
        (td_string!(locale, session.started), text(Some(row.started_local.clone()))),
        (td_string!(locale, session.duration), text(Some(duration))),
        (td_string!(locale, session.visit), whole(row.visit_count)),
        (td_string!(locale, session.points), whole(row.points)),
        (td_string!(locale, session.conversion), text(conversion)),
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
