//! The dashboard: pages, widgets and the server functions behind them.
//!
//! Two builds of one crate: with `ssr` the server renders it, with `hydrate` the browser takes over what was rendered.

pub mod arrange;
pub mod board;
#[cfg(feature = "ssr")]
pub mod choice;
#[cfg(feature = "ssr")]
pub mod context;
pub mod desk;
pub mod error;
pub mod format;
pub mod frame;
pub mod functions;
#[cfg(feature = "ssr")]
pub mod headings;
pub mod labels;
pub mod language;
pub mod live;
pub mod pages;
pub mod query;
pub mod routes;
pub mod settings;
pub mod theme;
pub mod ui;
pub mod unfold;
pub mod widgets;
pub mod wire;

#[expect(missing_docs, reason = "generated from locales/*.json")]
#[expect(deprecated, reason = "its successor, a build script, compiles 200 crates more for data that we do not use")]
mod translations {
    leptos_i18n::load_locales!();
}
pub use translations::i18n;

use leptos::prelude::*;
use leptos_meta::provide_meta_context;

use crate::frame::Frame;
use crate::i18n::I18nContextProvider;
use crate::routes::Pages;

/// The dashboard's icon. It stands in the page itself: `/favicon.ico` belongs to the storefront.
#[cfg(feature = "ssr")]
pub const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E\
    %3Crect width='32' height='32' rx='8' fill='%237c3aed'/%3E%3Cpath d='M7 22l6.5-6.5 4 4L25 11m0 0h-5.5M25 11v5.5' \
    fill='none' stroke='%23fff' stroke-width='2.6' stroke-linecap='round' stroke-linejoin='round'/%3E%3C/svg%3E";

/// The document around the application, as the server sends it. `options.site_pkg_dir` is `pkg/{build}`.
#[cfg(feature = "ssr")]
pub fn shell(options: LeptosOptions) -> impl IntoView {
    use leptos_meta::MetaTags;

    let assets = format!("{}/{}", routes::HOME, options.site_pkg_dir);
    view! {
        <!DOCTYPE html>
        <html data-theme=theme::of_request().name()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content=theme::of_request().schemes() />
                <meta name="robots" content="noindex" />
                <link rel="icon" type="image/svg+xml" href=ICON />
                <link rel="stylesheet" href=format!("{assets}/dispatcher.css") />
                {["inter-latin", "inter-cyrillic"]
                    .map(|font| {
                        view! {
                            <link
                                rel="preload"
                                r#as="font"
                                r#type="font/woff2"
                                crossorigin=""
                                href=format!("{assets}/{font}.woff2")
                            />
                        }
                    })}
                <AutoReload options=options.clone() />
                {routes::is_taken_over().then(|| view! { <HydrationScripts options root=routes::HOME /> })}
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// The application: the same on the server and in the browser.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_context(Frame::shared());
    #[cfg(feature = "ssr")]
    choice::remember();
    view! {
        <I18nContextProvider enable_cookie=false ssr_lang_header_getter=language::of_request()>
            <Pages />
        </I18nContextProvider>
    }
}
