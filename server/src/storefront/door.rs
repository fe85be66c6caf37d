//! What every request passes on its way into the shop, and every answer on its way out.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use cookie::Cookie;
use cookie::SameSite;
use cookie::time::Duration;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderName, ORIGIN, REFERRER_POLICY, SET_COOKIE,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Uri};

use super::Options;
use super::view::{LANGUAGE_COOKIE, Language};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Scripts and connections of our own are allowed for the tracking's sake; the shop has none.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Turns away forms of other sites, remembers the language that was asked for, and sends answers off with
/// careful headers.
pub(super) async fn keep(State(options): State<Options>, request: Request, next: Next) -> Response {
    if !request.method().is_safe() && !is_from_here(request.headers(), request.uri()) {
        let text = "Цю форму надіслано не з нашої крамниці. / This form was not sent from our shop.";
        return (StatusCode::FORBIDDEN, text).into_response();
    }
    let language = Language::asked_for(request.uri().query());
    let mut answer = next.run(request).await;
    let headers = answer.headers_mut();
    if let Some(language) = language {
        headers.append(SET_COOKIE, keeping(options, LANGUAGE_COOKIE, language.code().to_owned(), Duration::days(365)));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-cache"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin"));
    answer
}

/// Was the request made by a page of this very origin? Browsers say where a form comes from; what says nothing is
/// no browser, and nobody's login can be abused through it.
fn is_from_here(headers: &HeaderMap, target: &Uri) -> bool {
    if let Some(site) = headers.get(SEC_FETCH_SITE) {
        return matches!(site.as_bytes(), b"same-origin" | b"none");
    }
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let host = headers.get(HOST).map(HeaderValue::as_bytes);
    let host = host.or(target.authority().map(|authority| authority.as_str().as_bytes()));
    let (Ok(origin), Some(host)) = (origin.to_str(), host) else { return false };
    let from = origin.split_once("://").map(|(_, host)| host.as_bytes());
    from.is_some_and(|from| from.eq_ignore_ascii_case(host))
}

/// A `Set-Cookie` line that scripts cannot read back. An age of zero forgets the cookie.
pub(super) fn keeping(options: Options, name: &'static str, value: String, age: Duration) -> HeaderValue {
    let cookie = Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(options.secure_cookies)
        .max_age(age)
        .build();
    HeaderValue::try_from(cookie.to_string()).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_forms_of_our_own_are_taken() {
        for (headers, expected) in [
            (vec![], true),
            (vec![("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")], true),
            (vec![("sec-fetch-site", "none")], true),
            (vec![("sec-fetch-site", "same-site")], false),
            (vec![("sec-fetch-site", "cross-site"), ("origin", "http://shop.example")], false),
            (vec![("origin", "http://shop.example")], true),
            (vec![("origin", "https://SHOP.example")], true),
            (vec![("origin", "http://shop.example:81")], false),
            (vec![("origin", "http://evil.example")], false),
            (vec![("origin", "null")], false),
            (vec![("origin", "")], false),
        ] {
            let mut all: HeaderMap = headers
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
                .collect();
            all.insert(HOST, HeaderValue::from_static("shop.example"));
            assert_eq!(is_from_here(&all, &Uri::from_static("/cart")), expected, "{headers:?}");
        }
    }
}
