//! Where a form or call was sent from: another site's page must not act with our user's login.

use http::header::{HOST, ORIGIN};
use http::{HeaderMap, HeaderName, Method, Uri};

use crate::config::Origin;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The host that a request names.
pub fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> &'a str {
    let named = headers.get(HOST).and_then(|host| host.to_str().ok());
    uri.authority().map(http::uri::Authority::as_str).or(named).unwrap_or_default()
}

/// May a request change something, judged by where its browser says that it comes from?
///
/// Browsers send `Origin` with every POST; `Sec-Fetch-Site` stands in where a proxy ate it. A request with neither
/// is not a browser's: nobody's cookies ride along unless who sends it put them there. `expected` comes from the
/// configuration; without it the Host header stands in, which is as good in a browser: a page elsewhere can choose
/// neither of the two headers, and a host that was bent to point here has no login cookie.
pub fn is_own(method: &Method, uri: &Uri, headers: &HeaderMap, expected: Option<&Origin>) -> bool {
    if method.is_safe() {
        return true;
    }
    if let Some(origin) = headers.get(ORIGIN) {
        let Ok(origin) = origin.to_str() else { return false };
        return match expected {
            Some(expected) => origin.eq_ignore_ascii_case(expected.as_str()),
            None => origin.split_once("://").is_some_and(|(_, named)| named.eq_ignore_ascii_case(host(uri, headers))),
        };
    }
    headers.get(SEC_FETCH_SITE).is_none_or(|site| site == "same-origin")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Headers, the configured origin, and whether the request may act.
    type Case = (&'static [(&'static str, &'static str)], Option<&'static str>, bool);

    fn is_own(headers: &[(&str, &str)], expected: Option<&str>) -> bool {
        let headers =
            headers.iter().map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap())).collect();
        let expected = expected.map(|text| text.parse().unwrap());
        super::is_own(&Method::POST, &Uri::from_static("/admin-panel/login"), &headers, expected.as_ref())
    }

    #[test]
    fn only_our_own_pages_may_act() {
        let shop = Some("https://shop.example");
        let cases: &[Case] = &[
            (&[("origin", "https://shop.example")], shop, true),
            (&[("origin", "https://evil.example")], shop, false),
            (&[("origin", "http://shop.example")], shop, false),
            (&[("origin", "https://shop.example:8443")], shop, false),
            (&[("origin", "null")], shop, false),
            // The Host header has no say when the address is configured.
            (&[("origin", "https://evil.example"), ("host", "evil.example")], shop, false),
            (&[("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")], shop, false),
            (&[("origin", "http://127.0.0.1:3000"), ("host", "127.0.0.1:3000")], None, true),
            (&[("origin", "http://127.0.0.1:9"), ("host", "127.0.0.1:3000")], None, false),
            (&[("origin", "null"), ("host", "127.0.0.1:3000")], None, false),
            (&[("sec-fetch-site", "same-origin")], shop, true),
            (&[("sec-fetch-site", "same-site")], shop, false),
            (&[("sec-fetch-site", "cross-site")], None, false),
            (&[], shop, true),
        ];
        for (headers, expected, own) in cases {
            assert_eq!(is_own(headers, *expected), *own, "{headers:?} at {expected:?}");
        }
    }

    #[test]
    fn looking_is_free() {
        let headers = HeaderMap::from_iter([(ORIGIN, "https://evil.example".parse().unwrap())]);
        assert!(super::is_own(&Method::GET, &Uri::from_static("/"), &headers, None));
    }
}
