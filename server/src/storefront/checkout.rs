//! The checkout: one form, and the order that comes of it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use chrono::Utc;
use cookie::time::Duration;
use http::HeaderMap;
use http::header::SET_COOKIE;
use maud::{Markup, html};
use utm_dispatcher::model::action::ActionKind;
use utm_dispatcher::model::{Money, NewAction};

use super::Shop;
use super::cart::{Cart, Line};
use super::cart_page::cookie_of;
use super::door::keeping;
use super::form::Form;
use super::layout::{notice, page};
use super::orders::Placed;
use super::view::{View, cookie, price};
use crate::track::visit::Visit;

use draft::{Draft, PAY_TYPES};

pub(super) use draft::is_email;

mod draft;

/// The cookie that shows which orders are this browser's.
pub(super) const ORDER_COOKIE: &str = "shop_order";

pub(super) async fn show(view: View, visit: Visit) -> Response {
    if view.cart.is_empty() {
        return nothing_to_order(&view, StatusCode::OK);
    }
    let value = Some(view.cart.total());
    visit.record(NewAction { page: Some(view.path.clone()), value, ..NewAction::new(ActionKind::InitiateCheckout) });
    form_page(&view, &Draft::blank(), None).into_response()
}

pub(super) async fn place(
    view: View,
    visit: Visit,
    State(shop): State<Shop>,
    headers: HeaderMap,
    form: Form,
) -> Response {
    let draft = Draft::read(&form);
    if view.cart.is_empty() {
        return nothing_to_order(&view, StatusCode::UNPROCESSABLE_ENTITY);
    }
    if !draft.faults.is_empty() {
        return (StatusCode::UNPROCESSABLE_ENTITY, form_page(&view, &draft, None)).into_response();
    }
    let today = Utc::now().with_timezone(&shop.options.zone);
    let kept = shop.orders.open(draft.attempt.clone(), cookie(&headers, ORDER_COOKIE), today);
    let mut placed = kept.placed.lock().await;
    let pay_type = if let Some(placed) = placed.as_ref() {
        placed.message.pay_type.clone()
    } else {
        let message = draft.order(kept.number.clone(), view.cart.total());
        if let Err(error) = visit.put_order(message.clone()).await {
            tracing::error!(%error, number = kept.number, "an order was not taken");
            let sorry = view.say(
                "Не вдалося прийняти замовлення. Спробуйте, будь ласка, ще раз за хвилину.",
                "The order could not be taken. Please try again in a minute.",
            );
            return (StatusCode::SERVICE_UNAVAILABLE, form_page(&view, &draft, Some(sorry))).into_response();
        }
        let pay_type = message.pay_type.clone();
        *placed = Some(Placed { message, lines: view.cart.lines().to_vec() });
        pay_type
    };
    let next = if pay_type == "cod" { "thanks" } else { "pay" };
    let cookies = [
        (SET_COOKIE, keeping(shop.options, ORDER_COOKIE, kept.token.clone(), Duration::days(30))),
        (SET_COOKIE, cookie_of(shop.options, &Cart::default())),
    ];
    (AppendHeaders(cookies), Redirect::to(&format!("/{next}/{}", kept.number))).into_response()
}

fn nothing_to_order(view: &View, status: StatusCode) -> Response {
    let title = view.say("Кошик порожній", "Your cart is empty");
    let text = view.say(
        "Додайте щось у кошик, і тоді оформимо замовлення.",
        "Put something into the cart first; then we can take an order.",
    );
    notice(view, status, title, text)
}

fn form_page(view: &View, draft: &Draft, sorry: Option<&str>) -> Markup {
    let title = view.say("Оформлення замовлення", "Checkout");
    let field = |name, label, value: &str, kind, autocomplete, required| {
        let fault = fault_of(view, draft, name);
        html! {
            label for=(name) { (label) }
            input id=(name) name=(name) type=(kind) value=(value) autocomplete=(autocomplete) maxlength="254" required[required]
                aria-invalid=[fault.map(|_| "true")] aria-describedby=[fault.map(|_| format!("{name}-fault"))];
            (fault_note(name, fault))
        }
    };
    let pay_fault = fault_of(view, draft, "pay_type");
    let main = html! {
        div.wide.checkout {
            h1 { (title) }
            form action="/checkout" method="post" {
                @if let Some(sorry) = sorry { p.fault role="alert" { (sorry) } }
                @if !draft.faults.is_empty() {
                    p.fault role="alert" { (view.say("Перевірте, будь ласка, позначені поля.", "Please check the marked fields.")) }
                }
                input type="hidden" name="attempt" value=(draft.attempt);
                (field("name", view.say("Ім’я та прізвище", "Name"), &draft.name, "text", "name", true))
                (field("phone", view.say("Телефон", "Phone"), &draft.phone, "tel", "tel", true))
                (field("email", view.say("Електронна пошта (необов’язково)", "E-mail (optional)"), &draft.email, "email", "email", false))
                (field("city", view.say("Місто і відділення", "City and branch"), &draft.city, "text", "address-level2", true))
                fieldset aria-describedby=[pay_fault.map(|_| "pay_type-fault")] {
                    legend { (view.say("Оплата", "Payment")) }
                    @for (key, name) in PAY_TYPES {
                        label { input type="radio" name="pay_type" value=(key) required checked[draft.pay_type == key]; (name.in_language(view.language)) }
                    }
                    (fault_note("pay_type", pay_fault))
                }
                button.button type="submit" { (view.say("Підтвердити замовлення", "Place the order")) }
            }
            aside aria-label=(view.say("Ваше замовлення", "Your order")) {
                h2 { (view.say("Ваше замовлення", "Your order")) }
                (summary(view, view.cart.lines(), view.cart.total()))
            }
        }
    };
    page(view, title, &main)
}

fn fault_of(view: &View, draft: &Draft, name: &str) -> Option<&'static str> {
    draft.faults.iter().find(|(field, _)| *field == name).map(|(_, fault)| fault.in_language(view.language))
}

fn fault_note(name: &str, fault: Option<&str>) -> Markup {
    html! { @if let Some(fault) = fault { p.fault id={ (name) "-fault" } { (fault) } } }
}

/// What is ordered and what it comes to.
pub(super) fn summary(view: &View, lines: &[Line], total: Money) -> Markup {
    html! {
        table.summary {
            @for line in lines {
                tr {
                    th scope="row" { (line.product.name.in_language(view.language)) " × " (line.quantity) }
                    td { (price(line.total())) }
                }
            }
            tr.sum { th scope="row" { (view.say("Разом", "Total")) } td { (price(total)) } }
        }
    }
}
