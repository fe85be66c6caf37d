//! The foot of the page: who is logged in, where places come from.

use leptos::prelude::*;

use crate::frame::use_frame;
use crate::i18n::{td, td_string};
use crate::language::use_locale;
use crate::routes::LOGOUT;

/// Who is logged in and the way out, the credit that the place database asks for.
#[component]
pub fn Footer() -> impl IntoView {
    let locale = use_locale();
    let viewer = use_frame().viewer.map(|viewer| {
        let name = viewer.name;
        view! {
            <form class="logout" method="post" action=LOGOUT>
                <span>{td!(locale, footer.user, name = name.clone())}</span>
                <button class="button" type="submit">
                    {td_string!(locale, footer.logout)}
                </button>
            </form>
        }
        .into_any()
    });
    view! {
        <footer class="foot">
            <a href="https://db-ip.com" rel="external noopener">
                "IP Geolocation by DB-IP"
            </a>
            {viewer}
        </footer>
    }
    .into_any()
}
