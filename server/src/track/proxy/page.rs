//! The page that a visitor sees when the storefront does not answer.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use maud::{DOCTYPE, html};

/// A small page without details: whoever shops here can do nothing about them.
pub(super) fn apology(status: StatusCode) -> Response {
    let (title, text, english) = match status {
        StatusCode::GATEWAY_TIMEOUT => (
            "Магазин відповідає надто довго",
            "Спробуйте ще раз за хвилину.",
            "The shop is taking too long to answer. Please try again in a minute.",
        ),
        StatusCode::BAD_GATEWAY => (
            "Магазин тимчасово недоступний",
            "Спробуйте ще раз за хвилину.",
            "The shop is not available at the moment. Please try again in a minute.",
        ),
        _ => (
            "Запит не вдалося передати магазину",
            "Поверніться на попередню сторінку і спробуйте ще раз.",
            "The request could not be passed on to the shop. Please go back and try again.",
        ),
    };
    let page = html! {
        (DOCTYPE)
        html lang="uk" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (title) }
                style { "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:18vh auto;padding:0 1.5rem;color:#2b2430;background:#fbf8f4}h1{font-size:1.6rem;line-height:1.25}small{color:#6b6470}" }
            }
            body {
                h1 { (title) }
                p { (text) }
                p lang="en" { small { (english) } }
                p { small { (status.as_u16()) } }
            }
        }
    };
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, page.into_string()).into_response()
}
