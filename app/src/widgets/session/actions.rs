//! What a visitor did in a session, the newest first.

use leptos::prelude::*;
use utm_dispatcher::model::action::ActionKind;
use utm_dispatcher::report::session_detail::ActionRow;
use utm_dispatcher::report::{SessionDetail, Unit, Value};

use crate::format;
use crate::i18n::{Locale, td_string};
use crate::labels;

/// The list, which scrolls by itself.
pub fn list(locale: Locale, detail: &SessionDetail, currency: &str) -> AnyView {
    let title = td_string!(locale, session.actions);
    let count = format::count(locale, i64::try_from(detail.total_actions).unwrap_or(i64::MAX));
    let cut = (detail.total_actions > detail.actions.len()).then(|| {
        let shown = detail.actions.len();
        view! { <p class="muted">{td_string!(locale, session.newest)} " " {shown}</p> }.into_any()
    });
    let body = if detail.actions.is_empty() {
        view! { <p class="muted">{td_string!(locale, session.no_actions)}</p> }.into_any()
    } else {
        let rows = detail.actions.iter().map(|action| one(locale, action, currency)).collect_view();
        view! {
            <ol class="actions" tabindex="0" aria-label=title>
                {rows}
            </ol>
        }
        .into_any()
    };
    view! {
        <section class="session-part">
            <h3>{title} " (" {count} ")"</h3>
            {cut}
            {body}
        </section>
    }
    .into_any()
}

fn one(locale: Locale, action: &ActionRow, currency: &str) -> AnyView {
    let money = action.value.map(|value| format::value(locale, &Value::Whole(value.0), Unit::Money, currency));
    let order = action.order.as_ref().map(|order| format!("{}: {order}", td_string!(locale, session.order)));
    let subject = action.product_name.as_ref().or(action.product_id.as_ref()).or(action.query.as_ref()).cloned();
    let points = if action.points > 0 { format!("+{}", action.points) } else { action.points.to_string() };
    view! {
        <li class=format!("action {}", tone(&action.kind))>
            <span class="action-name">{labels::action(locale, &action.kind)}</span>
            <span class="action-what">
                {subject.map(|subject| view! { <bdi>{subject}</bdi> }.into_any())}
                {action.page.clone().map(|page| view! { <bdi class="muted">{page}</bdi> }.into_any())}
                {order.map(|order| view! { <bdi>{order}</bdi> }.into_any())}
            </span>
            <span class="action-money">{money}</span>
            <span class="action-points">{points} " " {td_string!(locale, session.earned)}</span>
            <time class="action-time">{local(&action.at_local)}</time>
        </li>
    }
    .into_any()
}

/// The colour of a kind: how far along the way to an order it is.
fn tone(kind: &ActionKind) -> &'static str {
    match kind {
        ActionKind::Purchase | ActionKind::Lead => "green",
        ActionKind::AddToCart | ActionKind::InitiateCheckout => "amber",
        ActionKind::ProductView => "violet",
        ActionKind::RemoveFromCart => "red",
        ActionKind::Search | ActionKind::Registration | ActionKind::Click => "pink",
        ActionKind::PageView | ActionKind::Other(_) => "blue",
    }
}

/// `2026-11-22 14:05:09` as it is read: `22.11.2026 14:05:09`.
pub fn local(time: &str) -> String {
    match (time.get(..4), time.get(5..7), time.get(8..10), time.get(10..)) {
        (Some(year), Some(month), Some(day), Some(clock)) => format!("{day}.{month}.{year}{clock}"),
        _ => time.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_they_are_read() {
        assert_eq!(local("2026-11-22 14:05:09"), "22.11.2026 14:05:09");
        assert_eq!(local(""), "");
    }
}
