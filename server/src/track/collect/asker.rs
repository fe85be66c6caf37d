//! Whose page asks: our own, or one of a site that is allowed to; and what its browser has to hear to let it.

use axum::response::{IntoResponse, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE,
    ORIGIN, REFERER, VARY,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use url::{Position, Url};

use crate::auth::origin;
use crate::config::{Config, Origin};
use crate::error::ApiError;

/// The page that a request was sent by.
pub struct Asker {
    /// Its site's host, with the port unless that is the scheme's own, in lower case.
    host: String,
    /// The allowed site that it belongs to; `None` for our own.
    elsewhere: Option<HeaderValue>,
}

impl Asker {
    /// Who sent a request by its `Origin`; `Sec-Fetch-Site` stands in where a proxy ate it, and where it ate both, the
    /// `Referer`: a call that names no other site is our own page's. A claim earns nothing that is worth a forgery.
    pub fn of(parts: &Parts, config: &Config) -> Result<Self, ApiError> {
        let Parts { uri, headers, .. } = parts;
        let named = headers.get(ORIGIN);
        let is_judged = named.is_some() || headers.contains_key("sec-fetch-site");
        let is_ours = is_judged || is_referrer_at(headers, origin::host(uri, headers));
        if is_ours && origin::is_own(&Method::POST, uri, headers, config.site.public_url.as_ref()) {
            let named = named.and_then(|origin| origin.to_str().ok()?.split_once("://"));
            let host = named.map_or_else(|| origin::host(uri, headers), |(_, host)| host).to_ascii_lowercase();
            return Ok(Self { host, elsewhere: None });
        }
        let is_named = |allowed: &&Origin| named.is_some_and(|named| named.as_bytes() == allowed.as_str().as_bytes());
        match config.tracking.allowed_origins.iter().find(is_named) {
            Some(allowed) => {
                // An allowed site may be another name of ours: then our cookies are there.
                let is_here = origin::host(uri, headers).eq_ignore_ascii_case(allowed.host());
                Ok(Self { host: allowed.host().to_owned(), elsewhere: named.filter(|_| !is_here).cloned() })
            }
            None => {
                Err(ApiError::Forbidden("only pages of this site and of [tracking] allowed_origins may tell events"))
            }
        }
    }

    /// Is it a page of our own, whose cookies are ours?
    pub fn is_own(&self) -> bool {
        self.elsewhere.is_none()
    }

    /// Its site's host.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Does `url` lie on its site?
    pub fn is_at(&self, url: &Url) -> bool {
        self.host.eq_ignore_ascii_case(&url[Position::BeforeHost..Position::AfterPort])
    }

    /// The first page of its site.
    pub fn root(&self) -> Option<Url> {
        Url::parse(&format!("http://{}/", self.host)).ok()
    }

    /// `answer`, which its page may read.
    pub fn answer(&self, mut answer: Response) -> Response {
        let headers = answer.headers_mut();
        headers.insert(VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = &self.elsewhere {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        }
        answer
    }

    /// The answer to a browser that asks whether its page may send something.
    pub fn invite(&self) -> Response {
        let mut answer = self.answer(StatusCode::NO_CONTENT.into_response());
        let headers = answer.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Content-Type"));
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
        answer
    }
}

/// Does the page that a request names lie on `host`? One that names none is taken for it.
fn is_referrer_at(headers: &HeaderMap, host: &str) -> bool {
    let Some(referrer) = headers.get(REFERER) else { return true };
    let url = referrer.to_str().ok().and_then(|referrer| Url::parse(referrer).ok());
    url.is_some_and(|url| host.eq_ignore_ascii_case(&url[Position::BeforeHost..Position::AfterPort]))
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, Request};

    use super::*;

    /// The host of the page that may go on, and whether it is our own.
    fn asker(headers: &[(&str, &str)], public_url: &str) -> Option<(String, bool)> {
        let mut config = Config::default();
        config.site.public_url = public_url.parse().ok();
        config.tracking.allowed_origins = vec!["https://www.shop.example".parse().unwrap()];
        let mut parts = Request::post("/api/v1/collect").body(()).unwrap().into_parts().0;
        for (name, value) in headers {
            parts.headers.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        Asker::of(&parts, &config).ok().map(|asker| (asker.host().to_owned(), asker.is_own()))
    }

    #[test]
    fn only_our_own_pages_and_allowed_ones_tell_anything() {
        let own = |host: &str| Some((host.to_owned(), true));
        let elsewhere = Some(("www.shop.example".to_owned(), false));
        let shop = "https://shop.example";
        for (headers, public_url, expected) in [
            (&[("origin", "https://shop.example")][..], shop, own("shop.example")),
            (&[("origin", "https://www.shop.example")], shop, elsewhere.clone()),
            (&[("origin", "https://www.shop.example")], "", elsewhere),
            (&[("origin", "https://www.shop.example"), ("host", "www.shop.example")], shop, own("www.shop.example")),
            (&[("origin", "http://www.shop.example")], shop, None),
            (&[("origin", "https://www.shop.example:8443")], shop, None),
            (&[("origin", "https://www.shop.example.evil.example")], shop, None),
            (&[("origin", "https://evil.example")], shop, None),
            (&[("origin", "null")], shop, None),
            (&[("origin", "")], shop, None),
            (&[("origin", "https://evil.example"), ("origin", "https://www.shop.example")], shop, None),
            (&[("origin", "https://evil.example"), ("host", "evil.example")], shop, None),
            (&[("origin", "http://127.0.0.1:3000"), ("host", "127.0.0.1:3000")], "", own("127.0.0.1:3000")),
            (&[("origin", "http://127.0.0.1:9"), ("host", "127.0.0.1:3000")], "", None),
            (&[("sec-fetch-site", "same-origin"), ("host", "Shop.Example")], shop, own("shop.example")),
            (&[("sec-fetch-site", "same-site"), ("host", "shop.example")], shop, None),
            (&[("sec-fetch-site", "none"), ("host", "shop.example")], shop, None),
            (&[("host", "Shop.Example")], shop, own("shop.example")),
            (&[("host", "shop.example"), ("referer", "https://Shop.Example/product/tee")], shop, own("shop.example")),
            (&[("host", "shop.example"), ("referer", "https://shop.example:8443/")], shop, None),
            (&[("host", "shop.example"), ("referer", "https://evil.example/")], shop, None),
            (&[("host", "shop.example"), ("referer", "shop.example")], shop, None),
            (&[("sec-fetch-site", "cross-site"), ("referer", "https://shop.example/")], shop, None),
            (&[("origin", "https://evil.example"), ("referer", "https://shop.example/")], shop, None),
        ] {
            assert_eq!(asker(headers, public_url), expected, "{headers:?} at {public_url:?}");
        }
    }
}
