//! The cart: what is in it, and the forms that change it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use cookie::time::Duration;
use http::header::SET_COOKIE;
use maud::{Markup, html};
use utm_dispatcher::model::NewAction;
use utm_dispatcher::model::action::ActionKind;

use super::Options;
use super::browse::{about, not_found};
use super::cart::{Cart, Line};
use super::door::keeping;
use super::form::Form;
use super::layout::{notice, page, picture};
use super::products;
use super::view::{View, price};
use crate::track::visit::Visit;

pub(super) async fn show(view: View) -> Markup {
    let title = view.say("Кошик", "Cart");
    let main = html! {
        div.wide {
            h1 { (title) }
            @if view.cart.is_empty() {
                p { (view.say("У кошику поки порожньо.", "Your cart is still empty.")) }
                p { a.button href="/catalog" { (view.say("Обрати щось", "Find something")) } }
            } @else {
                ul.lines { @for line in view.cart.lines() { li { (line_of(&view, *line)) } } }
                div.sum {
                    p { (view.say("Разом", "Total")) " " strong { (price(view.cart.total())) } }
                    a.button href="/checkout" { (view.say("Оформити замовлення", "Check out")) }
                }
            }
        }
    };
    page(&view, title, &main)
}

fn line_of(view: &View, line: Line) -> Markup {
    let name = line.product.name.in_language(view.language);
    let hidden = |action| {
        html! {
            input type="hidden" name="action" value=(action);
            input type="hidden" name="product" value=(line.product.slug);
        }
    };
    html! {
        a href={ "/product/" (line.product.slug) } tabindex="-1" aria-hidden="true" { (picture(line.product, "")) }
        div {
            a.name href={ "/product/" (line.product.slug) } { (name) }
            p.quiet { (price(line.product.price)) }
        }
        form.amount action="/cart" method="post" {
            (hidden("set"))
            input type="number" name="quantity" value=(line.quantity) min="1" max=(Cart::MOST) required inputmode="numeric"
                aria-label={ (view.say("Кількість: ", "Quantity: ")) (name) };
            button type="submit" { (view.say("Змінити", "Change")) }
        }
        strong.price { (price(line.total())) }
        form action="/cart" method="post" {
            (hidden("remove"))
            button.link type="submit" aria-label={ (view.say("Прибрати: ", "Remove: ")) (name) } { (view.say("Прибрати", "Remove")) }
        }
    }
}

/// Takes a form with `action` (`add`, `set` or `remove`), `product` and `quantity`. Without a quantity one is added
/// and the whole line is removed.
pub(super) async fn change(view: View, visit: Visit, State(options): State<Options>, form: Form) -> Response {
    let Some(product) = products::find(&form.text("product")) else { return not_found(view).await };
    let before = view.cart.quantity_of(product);
    let Ok(quantity) = quantity_of(&form) else {
        let title = view.say("Стільки не вийде", "That is not a quantity");
        let text = view.say("Кількість — це число від 1 до 20.", "A quantity is a number from 1 to 20.");
        return notice(&view, StatusCode::UNPROCESSABLE_ENTITY, title, text);
    };
    let wanted = match form.text("action").as_str() {
        "add" => before + quantity.unwrap_or(1),
        "set" => quantity.unwrap_or(before),
        "remove" => before.saturating_sub(quantity.unwrap_or(before)),
        _ => {
            let title = view.say("Форму не зрозуміло", "The form makes no sense");
            let text = view.say("Відкрийте кошик і спробуйте ще раз.", "Open the cart and try again.");
            return notice(&view, StatusCode::UNPROCESSABLE_ENTITY, title, text);
        }
    };
    let mut cart = view.cart;
    cart.put(product, wanted);

    let after = cart.quantity_of(product);
    if after != before {
        let kind = if after > before { ActionKind::AddToCart } else { ActionKind::RemoveFromCart };
        visit.record(NewAction { page: Some(view.path), value: Some(cart.total()), ..about(kind, product) });
    }
    ([(SET_COOKIE, cookie_of(options, &cart))], Redirect::to("/cart")).into_response()
}

/// The quantity of a form; `None` when it is left out.
fn quantity_of(form: &Form) -> Result<Option<u32>, ()> {
    match form.text("quantity").as_str() {
        "" => Ok(None),
        text => text.parse().ok().filter(|quantity| (1..=Cart::MOST).contains(quantity)).map(Some).ok_or(()),
    }
}

/// The line that remembers a cart for a month, or forgets an empty one.
pub(super) fn cookie_of(options: Options, cart: &Cart) -> http::HeaderValue {
    let age = if cart.is_empty() { Duration::ZERO } else { Duration::days(30) };
    keeping(options, Cart::COOKIE, cart.to_string(), age)
}
