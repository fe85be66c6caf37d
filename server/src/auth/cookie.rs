//! The login cookie.

use std::time::Duration;

use cookie::{Cookie, SameSite};
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

/// The cookie's name: on https with the prefix that binds it to the host and to https.
pub fn name(is_https: bool) -> &'static str {
    if is_https { "__Host-ud_login" } else { "ud_login" }
}

/// The secret that a request shows.
pub fn read(headers: &HeaderMap, is_https: bool) -> Option<String> {
    let name = name(is_https);
    let texts = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    // A secret of ours is 64 hexadecimal digits; nothing else is worth a look-up.
    pairs
        .find(|(key, value)| *key == name && value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .map(|(_, value)| value.to_owned())
}

/// `Set-Cookie` for a login that lasts so long.
pub fn write(secret: &str, is_https: bool, lasts: Duration) -> Option<HeaderValue> {
    let seconds = i64::try_from(lasts.as_secs()).unwrap_or(i64::MAX);
    header(secret, is_https, cookie::time::Duration::seconds(seconds))
}

/// `Set-Cookie` that ends it.
pub fn erase(is_https: bool) -> Option<HeaderValue> {
    header("", is_https, cookie::time::Duration::ZERO)
}

fn header(value: &str, is_https: bool, lasts: cookie::time::Duration) -> Option<HeaderValue> {
    let cookie = Cookie::build((name(is_https), value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(is_https)
        .max_age(lasts);
    HeaderValue::try_from(cookie.to_string()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_as_strictly_as_the_scheme_allows() {
        let day = Duration::from_hours(24);
        let text = |header: Option<HeaderValue>| header.unwrap().to_str().unwrap().to_owned();
        assert_eq!(
            text(write("5e", true, day)),
            "__Host-ud_login=5e; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=86400"
        );
        assert_eq!(text(write("5e", false, day)), "ud_login=5e; HttpOnly; SameSite=Lax; Path=/; Max-Age=86400");
        assert!(text(erase(false)).contains("Max-Age=0"));
    }

    #[test]
    fn read_among_others_and_never_by_the_other_name() {
        let secret = "5e".repeat(32);
        let read = |text: &str, is_https| {
            let mut headers = HeaderMap::new();
            headers.append(COOKIE, HeaderValue::from_bytes(text.as_bytes()).unwrap());
            super::read(&headers, is_https)
        };
        assert_eq!(read(&format!("a=b; ud_login={secret};c=d"), false).as_deref(), Some(secret.as_str()));
        assert_eq!(read(&format!("ud_login={secret}"), true), None);
        assert_eq!(read(&format!("__Host-ud_login={secret}"), true).as_deref(), Some(secret.as_str()));
        for wrong in ["ud_login=", "ud_login", "ud_login=\u{fc}", "ud_login=zz", "=", ";;"] {
            assert_eq!(read(wrong, false), None, "{wrong}");
        }
    }
}
