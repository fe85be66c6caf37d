//! The demo shop: server-rendered pages that work without scripts and tell their visit what the visitor does.
//!
//! It is a shop like any other: it knows nothing of the tracking but [`Visit`](crate::track::visit::Visit), keeps its
//! cart in a cookie of its own and its orders in its own (bounded) memory.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::middleware;
use axum::routing::get;
use chrono_tz::Tz;

use orders::Orders;

mod account;
mod assets;
mod browse;
mod cart;
mod cart_page;
mod checkout;
mod door;
mod form;
mod layout;
mod orders;
mod pay;
pub mod products;
mod view;

/// The largest form that is read.
const FORM_BYTES: usize = 16 * 1024;

/// What the shop has to know of the place it runs at.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The zone whose day stands in an order's number.
    pub zone: Tz,
    /// Are the shop's pages visited by https, so that its cookies may insist on it?
    pub secure_cookies: bool,
}

#[derive(Clone)]
struct Shop {
    orders: Arc<Orders>,
    options: Options,
}

impl FromRef<Shop> for Options {
    fn from_ref(shop: &Shop) -> Self {
        shop.options
    }
}

/// Every page of the shop, and its own "not found" for all other paths.
pub fn router(options: Options) -> Router {
    Router::new()
        .route("/", get(browse::home))
        .route("/catalog", get(browse::catalog))
        .route("/product/{slug}", get(browse::product))
        .route("/search", get(browse::search))
        .route("/cart", get(cart_page::show).post(cart_page::change))
        .route("/checkout", get(checkout::show).post(checkout::place))
        .route("/pay/{number}", get(pay::show).post(pay::settle))
        .route("/thanks/{number}", get(pay::thanks))
        .route("/account", get(account::show).post(account::register))
        .route("/shop.css", get(assets::style))
        .route("/favicon.svg", get(assets::icon))
        .route("/pictures/{name}", get(assets::picture))
        .fallback(browse::not_found)
        .method_not_allowed_fallback(browse::not_allowed)
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .layer(middleware::from_fn_with_state(options, door::keep))
        .with_state(Shop { orders: Arc::default(), options })
}
