//! What was ordered in a session, the newest first.

use leptos::prelude::*;
use utm_dispatcher::model::Money;
use utm_dispatcher::report::session_detail::OrderRow;
use utm_dispatcher::report::{SessionDetail, Unit, Value};

use super::actions::local;
use crate::format::{self, NONE};
use crate::i18n::{Locale, td_string};
use crate::labels;

/// The orders as a table.
pub fn list(locale: Locale, detail: &SessionDetail, currency: &str) -> AnyView {
    let title = td_string!(locale, session.orders);
    let body = if detail.orders.is_empty() {
        view! { <p class="muted">{td_string!(locale, session.no_orders)}</p> }.into_any()
    } else {
        let rows = detail.orders.iter().map(|order| one(locale, order, currency)).collect_view();
        view! {
            <div class="table-scroll" role="region" tabindex="0" aria-label=title>
                <table class="data-table">
                    <caption class="sr-only">{title}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{td_string!(locale, session.number)}</th>
                            <th scope="col">{td_string!(locale, session.payment)}</th>
                            <th scope="col">{td_string!(locale, session.status)}</th>
                            <th scope="col" class="number">
                                {td_string!(locale, session.total)}
                            </th>
                            <th scope="col">{td_string!(locale, session.created)}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        <section class="session-part">
            <h3>{title} " (" {detail.orders.len()} ")"</h3>
            {body}
        </section>
    }
    .into_any()
}

fn one(locale: Locale, order: &OrderRow, currency: &str) -> AnyView {
    let money = |amount: Money| format::value(locale, &Value::Whole(amount.0), Unit::Money, currency);
    let refunded = (order.refunded > Money::ZERO)
        .then(|| view! { <span class="change down bad">{td_string!(locale, session.refunded)} " " {money(order.refunded)}</span> }.into_any());
    view! {
        <tr>
            <th scope="row">
                <bdi>{order.number.clone().unwrap_or_else(|| NONE.to_owned())}</bdi>
            </th>
            <td>{labels::payment(locale, order.payment_status)}</td>
            <td>{labels::order(locale, order.status)}</td>
            <td class="number">{money(order.total)} {refunded}</td>
            <td>{local(&order.created_local)}</td>
        </tr>
    }
    .into_any()
}
