//! The frame around every page, and the pieces that several pages show.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use super::products::Product;
use super::view::{Language, QUERY_CHARACTERS, View, price};

/// A whole page around `main`.
pub(super) fn page(view: &View, title: &str, main: &Markup) -> Markup {
    let other = match view.language {
        Language::Uk => Language::En,
        Language::En => Language::Uk,
    };
    html! {
        (DOCTYPE)
        html lang=(view.language.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " — " (view.say("Мальва", "Malva")) }
                link rel="icon" href="/favicon.svg" type="image/svg+xml";
                link rel="stylesheet" href={ "/shop.css?v=" (env!("CARGO_PKG_VERSION")) };
                // How long and how far a page is read; the page itself the layer has counted.
                script src="/t.js" defer {}
            }
            body {
                a.skip href="#main" { (view.say("До вмісту", "Skip to content")) }
                header.top {
                    div.wide {
                        a.brand href="/" { img src="/favicon.svg" alt="" width="34" height="34"; (view.say("Мальва", "Malva")) }
                        (search_box(view))
                        nav aria-label=(view.say("Головна навігація", "Main")) {
                            (link(view, "/catalog", &html! { (view.say("Каталог", "Catalogue")) }))
                            (link(view, "/cart", &html! {
                                (view.say("Кошик", "Cart"))
                                @if !view.cart.is_empty() { " " span.badge { (view.cart.count()) } }
                            }))
                            (link(view, "/account", &html! { (view.say("Реєстрація", "Register")) }))
                            a.language href=(language_link(view, other)) hreflang=(other.code()) lang=(other.code()) {
                                @match other { Language::En => "English", Language::Uk => "Українська" }
                            }
                        }
                    }
                }
                main #main tabindex="-1" { (main) }
                footer { div.wide {
                    p { (view.say("Мальва — речі, до яких звикають.", "Malva — things that grow on you.")) }
                    @if let Some(code) = &view.code {
                        p { (view.say(
                            "Замовляєте телефоном або в месенджері? Назвіть код ",
                            "Ordering by phone or in a messenger? Tell us the code ",
                        )) strong { (code) } "." }
                    }
                    p.quiet { (view.say(
                        "Це демонстраційна крамниця: тут нічого не продається, і гроші не списуються.",
                        "This is a demo shop: nothing is sold here and no money is taken.",
                    )) }
                } }
            }
        }
    }
}

fn link(view: &View, path: &str, inside: &Markup) -> Markup {
    html! { a href=(path) aria-current=[(view.path == path).then_some("page")] { (inside) } }
}

fn search_box(view: &View) -> Markup {
    html! {
        form.search action="/search" role="search" {
            input type="search" name="q" value=(view.query) maxlength=(QUERY_CHARACTERS)
                aria-label=(view.say("Що шукаємо?", "Search the shop")) placeholder=(view.say("Що шукаємо?", "Search"));
            button type="submit" { (view.say("Знайти", "Find")) }
        }
    }
}

/// This page in the other language.
fn language_link(view: &View, other: Language) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if !view.query.is_empty() {
        query.append_pair("q", &view.query);
    }
    query.append_pair("lang", other.code());
    format!("{}?{}", view.path, query.finish())
}

/// Products as a grid of cards.
pub(super) fn cards<'a>(view: &View, products: impl IntoIterator<Item = &'a Product>) -> Markup {
    html! {
        ul.cards {
            @for product in products {
                li { a.card href={ "/product/" (product.slug) } {
                    (picture(product, ""))
                    span.name { (product.name.in_language(view.language)) }
                    span.price { (price(product.price)) }
                } }
            }
        }
    }
}

/// The product's picture; an empty `alt` where its name stands beside it.
pub(super) fn picture(product: &Product, alt: &str) -> Markup {
    html! { img.picture src={ "/pictures/" (product.slug) ".svg" } alt=(alt) width="400" height="400"; }
}

/// A page that says why there is not the one that was asked for, and where to go on.
pub(super) fn notice(view: &View, status: StatusCode, title: &str, text: &str) -> Response {
    let main = html! {
        section.notice.wide {
            h1 { (title) }
            p { (text) }
            p { a.button href="/catalog" { (view.say("До каталогу", "To the catalogue")) } }
        }
    };
    (status, page(view, title, &main)).into_response()
}
