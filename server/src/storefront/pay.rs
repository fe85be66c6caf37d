//! The stand-in for a bank's payment page, and the page that says thanks.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;
use maud::{Markup, html};
use std::sync::Arc;
use utm_dispatcher::model::{Money, OrderMessage, PaymentStatus};

use super::Shop;
use super::checkout::{ORDER_COOKIE, summary};
use super::form::Form;
use super::layout::{notice, page};
use super::orders::{Kept, Placed, now};
use super::view::{View, Word, cookie, price, value_of};
use crate::track::visit::Visit;

/// What a prepayment comes to.
const PREPAYMENT: Money = Money(20_000);

/// How the visit to the bank ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Full,
    Prepay,
    Fail,
}

impl Outcome {
    fn of(word: &str) -> Option<Self> {
        match word {
            "full" => Some(Self::Full),
            "prepay" => Some(Self::Prepay),
            "fail" => Some(Self::Fail),
            _ => None,
        }
    }

    /// The order after it; `None` when it changes nothing: what was received is never taken back.
    fn change(self, order: &OrderMessage) -> Option<OrderMessage> {
        use PaymentStatus::{Paid, Prepaid};
        let at = order.updated_at.map_or(now(), |before| now().max(before + 1));
        let moved = OrderMessage { updated_at: Some(at), ..order.clone() };
        match (self, order.payment_status) {
            (_, Paid) | (Self::Prepay | Self::Fail, Prepaid) => None,
            (Self::Full, _) => Some(OrderMessage { payment_status: Paid, paid_at: Some(at), ..moved }),
            (Self::Prepay, _) => {
                Some(OrderMessage { payment_status: Prepaid, pay_type: "prepay_200".to_owned(), ..moved })
            }
            (Self::Fail, _) => Some(moved),
        }
    }
}

pub(super) async fn show(
    view: View,
    State(shop): State<Shop>,
    Word(number): Word,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let Some(kept) = order_of(&shop, &number, &headers) else { return unknown(&view) };
    let placed = kept.placed.lock().await;
    let Some(placed) = placed.as_ref() else { return unknown(&view) };
    if placed.message.payment_status == PaymentStatus::Paid {
        return Redirect::to(&format!("/thanks/{number}")).into_response();
    }
    let failed = value_of(query.as_deref(), "failed").is_some();
    payment_page(&view, placed, failed).into_response()
}

fn payment_page(view: &View, placed: &Placed, failed: bool) -> Markup {
    let title = view.say("Оплата замовлення", "Payment");
    let order = &placed.message;
    let rest = if order.payment_status == PaymentStatus::Prepaid { order.total - PREPAYMENT } else { order.total };
    let main = html! {
        div.wide.checkout {
            h1 { (title) }
            form action={ "/pay/" (order.number) } method="post" {
                @if failed { p.fault role="alert" { (view.say("Банк відхилив оплату. Спробуйте ще раз або оберіть інший спосіб.", "The bank declined the payment. Try again or pay another way.")) } }
                p { (view.say(
                    "Тут була б сторінка банку. Оберіть, чим закінчиться оплата; гроші не списуються.",
                    "A bank's page would be here. Choose how the payment ends; no money is taken.",
                )) }
                button.button type="submit" name="outcome" value="full" { (view.say("Сплатити ", "Pay ")) (price(rest)) }
                @if order.payment_status != PaymentStatus::Prepaid {
                    button.button.plain type="submit" name="outcome" value="prepay" { (view.say("Внести передоплату ", "Prepay ")) (price(PREPAYMENT)) }
                }
                button.link type="submit" name="outcome" value="fail" { (view.say("Банк відхиляє оплату", "The bank declines")) }
            }
            aside aria-label=(view.say("Замовлення", "Order")) {
                h2 { (view.say("Замовлення ", "Order ")) (order.number) }
                (summary(view, &placed.lines, order.total))
            }
        }
    };
    page(view, title, &main)
}

pub(super) async fn settle(
    view: View,
    visit: Visit,
    State(shop): State<Shop>,
    Word(number): Word,
    headers: HeaderMap,
    form: Form,
) -> Response {
    let Some(kept) = order_of(&shop, &number, &headers) else { return unknown(&view) };
    let Some(outcome) = Outcome::of(&form.text("outcome")) else {
        let title = view.say("Такої оплати немає", "There is no such payment");
        let text = view.say(
            "Поверніться на сторінку оплати й оберіть одну з кнопок.",
            "Go back to the payment page and use one of its buttons.",
        );
        return notice(&view, StatusCode::UNPROCESSABLE_ENTITY, title, text);
    };
    let mut placed = kept.placed.lock().await;
    let Some(placed) = placed.as_mut() else { return unknown(&view) };
    if let Some(message) = outcome.change(&placed.message) {
        if let Err(error) = visit.put_order(message.clone()).await {
            tracing::error!(%error, number, "a payment was not taken");
            let title = view.say("Оплату не записано", "The payment was not recorded");
            let text = view.say("Спробуйте, будь ласка, ще раз за хвилину.", "Please try again in a minute.");
            return notice(&view, StatusCode::SERVICE_UNAVAILABLE, title, text);
        }
        placed.message = message;
    }
    let failed = placed.message.payment_status == PaymentStatus::Unpaid;
    let next = if failed { format!("/pay/{number}?failed") } else { format!("/thanks/{number}") };
    Redirect::to(&next).into_response()
}

pub(super) async fn thanks(view: View, State(shop): State<Shop>, Word(number): Word, headers: HeaderMap) -> Response {
    let Some(kept) = order_of(&shop, &number, &headers) else { return unknown(&view) };
    let placed = kept.placed.lock().await;
    let Some(placed) = placed.as_ref() else { return unknown(&view) };
    let title = view.say("Дякуємо за замовлення!", "Thank you for your order!");
    let order = &placed.message;
    let state = match order.payment_status {
        PaymentStatus::Paid => view.say("Оплачено повністю.", "Paid in full."),
        PaymentStatus::Prepaid => view.say(
            "Передоплату отримано, решта — при отриманні.",
            "The prepayment has arrived; the rest is due on delivery.",
        ),
        _ if order.pay_type == "cod" => view.say("Оплата при отриманні.", "You pay on delivery."),
        _ => view.say("Ще не оплачено.", "Not paid yet."),
    };
    let main = html! {
        div.wide.narrow {
            h1 { (title) }
            p.lead { (view.say("Номер замовлення: ", "Your order: ")) strong { (order.number) } }
            p { (state) " " (view.say("Зателефонуємо, щойно зберемо посилку.", "We will call you as soon as it is packed.")) }
            (summary(&view, &placed.lines, order.total))
            p { a.button href="/catalog" { (view.say("Повернутися до каталогу", "Back to the catalogue")) } }
        }
    };
    page(&view, title, &main).into_response()
}

/// The order with this number if it is this browser's.
fn order_of(shop: &Shop, number: &str, headers: &HeaderMap) -> Option<Arc<Kept>> {
    shop.orders.find(number, &cookie(headers, ORDER_COOKIE)?)
}

/// The same page for an order that there is not and for one of somebody else.
fn unknown(view: &View) -> Response {
    let title = view.say("Замовлення не знайдено", "Order not found");
    let text = view.say(
        "Його видно лише у браузері, в якому його оформили, і не довше ніж крамниця його пам’ятає.",
        "It can be seen only in the browser that placed it, and only while the shop remembers it.",
    );
    notice(view, StatusCode::NOT_FOUND, title, text)
}
