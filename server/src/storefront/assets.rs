//! The shop's own files: its style sheet and the pictures of its products.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use super::browse::not_found;
use super::products;
use super::view::{View, Word};

pub(super) async fn style() -> Response {
    file("text/css; charset=utf-8", include_str!("shop.css"))
}

pub(super) async fn icon() -> Response {
    file("image/svg+xml", include_str!("pictures/mallow.svg"))
}

pub(super) async fn picture(view: View, Word(name): Word) -> Response {
    match name.strip_suffix(".svg").and_then(products::find) {
        Some(product) => file("image/svg+xml", product.picture),
        None => not_found(view).await,
    }
}

fn file(kind: &'static str, content: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600")),
    ];
    (StatusCode::OK, headers, content).into_response()
}
