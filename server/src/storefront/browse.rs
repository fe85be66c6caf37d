//! The pages on which one looks around: home, catalogue, product, search.

use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use utm_dispatcher::model::NewAction;
use utm_dispatcher::model::action::ActionKind;

use super::cart::Cart;
use super::layout::{cards, notice, page, picture};
use super::products::{self, PRODUCTS, Product, Shelf};
use super::view::{View, Word, price, value_of};
use crate::track::visit::Visit;

pub(super) async fn home(view: View) -> Markup {
    let title = view.say("Речі, до яких звикають", "Things that grow on you");
    let favourites = ["tee", "mug", "backpack", "candle", "hoodie", "tote", "scarf", "poster"];
    let main = html! {
        section.hero { div.wide {
            div {
                h1 { (title) }
                p.lead { (view.say(
                    "Одяг, кераміка і дрібниці для дому від невеликих українських майстерень.",
                    "Clothes, ceramics and small things for the home from small Ukrainian workshops.",
                )) }
                p {
                    a.button href="/catalog" { (view.say("Дивитися все", "See everything")) }
                    " "
                    a.button.plain href="/product/tee" { (view.say("Футболка сезону", "T-shirt of the season")) }
                }
            }
            div.collage aria-hidden="true" {
                @for slug in ["hoodie", "mug", "backpack", "poster"] {
                    img src={ "/pictures/" (slug) ".svg" } alt="" width="400" height="400";
                }
            }
        } }
        section.wide {
            h2 { (view.say("Найчастіше обирають", "Chosen most often")) }
            (cards(&view, favourites.iter().filter_map(|slug| products::find(slug))))
        }
        section.wide {
            h2.hidden { (view.say("Чому в нас зручно", "Why it is easy here")) }
            ul.promises {
                li { strong { (view.say("Доставка за два дні", "Two-day delivery")) } (view.say("Новою поштою у відділення або до дверей.", "By Nova Poshta, to a branch or to your door.")) }
                li { strong { (view.say("Оплата як зручно", "Pay your way")) } (view.say("Одразу, з передоплатою 200 ₴ або при отриманні.", "At once, with a 200 ₴ prepayment, or on delivery.")) }
                li { strong { (view.say("Чотирнадцять днів", "Fourteen days")) } (view.say("На роздуми й повернення без запитань.", "To think it over and send it back, no questions asked.")) }
            }
        }
    };
    page(&view, title, &main)
}

pub(super) async fn catalog(view: View, RawQuery(query): RawQuery) -> Markup {
    let asked = value_of(query.as_deref(), "shelf");
    let shelf = asked.and_then(|key| Shelf::ALL.into_iter().find(|shelf| shelf.key() == key));
    let title = shelf.map_or(view.say("Каталог", "Catalogue"), |shelf| shelf.name().in_language(view.language));
    let main = html! {
        div.wide {
            h1 { (title) }
            nav.shelves aria-label=(view.say("Полиці", "Shelves")) {
                a href="/catalog" aria-current=[shelf.is_none().then_some("page")] { (view.say("Усе", "Everything")) }
                @for other in Shelf::ALL {
                    a href={ "/catalog?shelf=" (other.key()) } aria-current=[(shelf == Some(other)).then_some("page")] {
                        (other.name().in_language(view.language))
                    }
                }
            }
            (cards(&view, PRODUCTS.iter().filter(|product| shelf.is_none_or(|shelf| product.shelf == shelf))))
        }
    };
    page(&view, title, &main)
}

pub(super) async fn product(view: View, visit: Visit, Word(slug): Word) -> Response {
    let Some(product) = products::find(&slug) else { return not_found(view).await };
    visit.record(NewAction { page: Some(view.path.clone()), ..about(ActionKind::ProductView, product) });

    let name = product.name.in_language(view.language);
    let others = PRODUCTS.iter().filter(|other| other.id != product.id);
    let (near, far): (Vec<_>, Vec<_>) = others.partition(|other| other.shelf == product.shelf);
    let main = html! {
        div.wide {
            nav.crumbs aria-label=(view.say("Ви тут", "You are here")) {
                a href="/catalog" { (view.say("Каталог", "Catalogue")) }
                " / "
                a href={ "/catalog?shelf=" (product.shelf.key()) } { (product.shelf.name().in_language(view.language)) }
            }
            article.product {
                (picture(product, name))
                div {
                    h1 { (name) }
                    p.price { (price(product.price)) }
                    p.lead { (product.about.in_language(view.language)) }
                    dl {
                        dt { (view.say("Склад", "Made of")) } dd { (product.made_of.in_language(view.language)) }
                        dt { (view.say("Код", "Code")) } dd { (product.id) }
                        dt { (view.say("Наявність", "Stock")) } dd { (view.say("Є, відправимо завтра", "In stock, leaves tomorrow")) }
                    }
                    form.buy action="/cart" method="post" {
                        input type="hidden" name="action" value="add";
                        input type="hidden" name="product" value=(product.slug);
                        label { (view.say("Кількість", "Quantity"))
                            input type="number" name="quantity" value="1" min="1" max=(Cart::MOST) required inputmode="numeric";
                        }
                        button.button type="submit" { (view.say("Додати в кошик", "Add to cart")) }
                    }
                }
            }
            section {
                h2 { (view.say("Пасує до цього", "Goes well with it")) }
                (cards(&view, near.into_iter().chain(far).take(4)))
            }
        }
    };
    page(&view, name, &main).into_response()
}

pub(super) async fn search(view: View, visit: Visit) -> Markup {
    let found = products::search(&view.query);
    if !view.query.is_empty() {
        let query = Some(view.query.clone());
        visit.record(NewAction { page: Some(view.path.clone()), query, ..NewAction::new(ActionKind::Search) });
    }
    let title = view.say("Пошук", "Search");
    let main = html! {
        div.wide {
            h1 { (title) @if !view.query.is_empty() { ": " q { (view.query) } } }
            @if view.query.is_empty() {
                p { (view.say("Напишіть, що шукаєте: наприклад, «чашка».", "Type what you are looking for: “mug”, for example.")) }
            } @else if found.is_empty() {
                p { (view.say("Нічого не знайшлося. Можливо, сподобається щось із цього:", "Nothing was found. Perhaps you like one of these:")) }
                (cards(&view, PRODUCTS.iter().take(4)))
            } @else {
                p { (view.say("Знайдено товарів: ", "Products found: ")) (found.len()) }
                (cards(&view, found))
            }
        }
    };
    page(&view, title, &main)
}

pub(super) async fn not_found(view: View) -> Response {
    let title = view.say("Такої сторінки немає", "There is no such page");
    let text = view.say(
        "Можливо, її перенесли, або в адресі загубилася літера.",
        "It may have moved, or the address lost a letter.",
    );
    notice(&view, StatusCode::NOT_FOUND, title, text)
}

pub(super) async fn not_allowed(view: View) -> Response {
    let title = view.say("Так цю сторінку не відкрити", "This page does not open that way");
    notice(&view, StatusCode::METHOD_NOT_ALLOWED, title, view.say("Почніть з каталогу.", "Start from the catalogue."))
}

/// An action with a product. Reports know a product by one name, whatever language it was shown in.
pub(super) fn about(kind: ActionKind, product: &Product) -> NewAction {
    NewAction {
        product_id: Some(product.id.to_owned()),
        product_name: Some(product.name.uk.to_owned()),
        ..NewAction::new(kind)
    }
}
