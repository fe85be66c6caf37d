//! The login form: plain HTML, sent to the server as any form.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::i18n::td_string;
use crate::language::use_locale;
use crate::routes::{HOME, LOGIN};
use crate::widgets::{LanguageSwitch, ThemeSwitch};

/// The page with the login form. `?next=` is where a login leads, `?error=` why the last attempt failed.
#[component]
pub fn Login() -> impl IntoView {
    let locale = use_locale();
    let params = use_query_map();
    let next = move || params.with(|params| params.get(NEXT)).unwrap_or_else(|| HOME.to_owned());
    let failure = move || match params.with(|params| params.get(ERROR)).as_deref() {
        Some("credentials") => Some(td_string!(locale, login.credentials)),
        Some("limited") => Some(td_string!(locale, login.limited)),
        _ => None,
    };
    view! {
        <Title text=td_string!(locale, login.title) />
        <main class="narrow">
            <form class="login panel" method="post" action=LOGIN>
                <h1>{td_string!(locale, title)}</h1>
                <p class="muted">{td_string!(locale, login.lead)}</p>
                {move || failure().map(|text| view! { <p class="alert" role="alert">{text}</p> })}
                <label>
                    {td_string!(locale, login.email)}
                    <input type="email" name="email" autocomplete="username" required autofocus />
                </label>
                <label>
                    {td_string!(locale, login.password)}
                    <input type="password" name="password" autocomplete="current-password" required />
                </label>
                <input type="hidden" name="next" value=next />
                <button class="button primary" type="submit">
                    {td_string!(locale, login.submit)}
                </button>
            </form>
            <LanguageSwitch />
            <ThemeSwitch />
        </main>
    }
    .into_any()
}

/// The parameter with the address that a login leads to.
const NEXT: &str = "next";
/// The parameter with the reason why a login failed.
const ERROR: &str = "error";
