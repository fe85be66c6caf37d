//! The page that tells something, as the request with which it was opened: so that it passes the tracking layer's own steps.

use axum::body::Body;
use axum::extract::Request;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, ORIGIN, REFERER};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use url::Position;
use utm_dispatcher::message::Page;
use utm_dispatcher::tracking::text;

use super::Asker;
use crate::track::cookie;
use crate::track::person::CONSENT;

/// The longest referring address that is passed on, in characters.
const MAX_REFERRER: usize = 2048;
/// What a browser says of the call, and not of the page.
const OF_THE_CALL: [HeaderName; 7] = [
    CONTENT_LENGTH,
    CONTENT_TYPE,
    ORIGIN,
    REFERER,
    HeaderName::from_static("sec-fetch-dest"),
    HeaderName::from_static("sec-fetch-mode"),
    HeaderName::from_static("sec-fetch-site"),
];

/// The request that opened `page`, as its browser would have sent it to us. `parts` are those of the call; `None` for
/// an address that no request can have.
pub fn request(page: &Page, mut parts: Parts, asker: &Asker) -> Option<Request> {
    let target = &page.url[Position::BeforePath..Position::AfterQuery];
    parts.method = Method::GET;
    parts.uri = Uri::from(PathAndQuery::try_from(target).ok()?);
    let headers = &mut parts.headers;
    for name in OF_THE_CALL {
        headers.remove(name);
    }
    headers.insert(HOST, HeaderValue::try_from(asker.host()).ok()?);
    let referrer = text::plain(page.referrer.as_deref().unwrap_or_default().as_bytes(), MAX_REFERRER);
    if let Ok(referrer) = HeaderValue::from_bytes(referrer.as_bytes()) {
        headers.insert(REFERER, referrer);
    }
    let cookies = cookies(page, headers, asker);
    headers.remove(COOKIE);
    for cookie in cookies {
        headers.append(COOKIE, cookie);
    }
    Some(Request::from_parts(parts, Body::empty()))
}

/// The cookies of that request. Those of another site do not travel: what its page says stands in their place.
fn cookies(page: &Page, headers: &HeaderMap, asker: &Asker) -> Vec<HeaderValue> {
    let pair = |name: &str, value: &str| HeaderValue::try_from(format!("{name}={value}")).ok();
    let consent = page.consent.and_then(|yes| pair(CONSENT, if yes { "yes" } else { "no" }));
    let others: Vec<HeaderValue> = if asker.is_own() {
        headers.get_all(COOKIE).iter().cloned().collect()
    } else {
        page.visitor.iter().filter_map(|visitor| pair(cookie::NAME, visitor)).collect()
    };
    // The first of two cookies of one name counts.
    consent.into_iter().chain(others).collect()
}
