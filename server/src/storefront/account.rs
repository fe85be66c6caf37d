//! The account: a stand-in for registering, which keeps nothing and only tells the visit that somebody did.

use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use utm_dispatcher::model::NewAction;
use utm_dispatcher::model::action::ActionKind;

use super::checkout::is_email;
use super::form::Form;
use super::layout::page;
use super::view::{View, value_of};
use crate::track::visit::Visit;

pub(super) async fn show(view: View, RawQuery(query): RawQuery) -> Markup {
    if value_of(query.as_deref(), "welcome").is_some() {
        let title = view.say("Дякуємо за реєстрацію", "Thank you for registering");
        let text = view.say(
            "Це демонстрація: адресу ніде не збережено.",
            "This is a demonstration: your address is kept nowhere.",
        );
        return page(&view, title, &html! { section.notice.wide { h1 { (title) } p { (text) } } });
    }
    form_page(&view, "", None)
}

/// Takes the form; whoever gives an e-mail address has registered.
pub(super) async fn register(view: View, visit: Visit, form: Form) -> Response {
    let email = form.text("email");
    if !is_email(&email) {
        let fault = view.say("Схоже, в адресі помилка.", "This does not look like an e-mail address.");
        return (StatusCode::UNPROCESSABLE_ENTITY, form_page(&view, &email, Some(fault))).into_response();
    }
    visit.record(NewAction { page: Some(view.path), ..NewAction::new(ActionKind::Registration) });
    Redirect::to("/account?welcome=1").into_response()
}

fn form_page(view: &View, email: &str, fault: Option<&str>) -> Markup {
    let title = view.say("Реєстрація", "Register");
    let main = html! {
        div.wide.checkout {
            h1 { (title) }
            form action="/account" method="post" {
                label for="email" { (view.say("Електронна пошта", "E-mail")) }
                input id="email" name="email" type="email" value=(email) autocomplete="email" maxlength="254" required
                    aria-invalid=[fault.map(|_| "true")] aria-describedby=[fault.map(|_| "email-fault")];
                @if let Some(fault) = fault { p.fault id="email-fault" role="alert" { (fault) } }
                button.button type="submit" { (view.say("Зареєструватися", "Register")) }
            }
        }
    };
    page(view, title, &main)
}
