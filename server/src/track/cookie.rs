//! The visitor's cookie.

use std::cell::RefCell;

use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use http::{HeaderMap, header};
use utm_dispatcher::model::Millis;
use utm_dispatcher::model::visitor::VisitorKey;
use utm_dispatcher::tracking::key;

/// The visitor's cookie.
pub const NAME: &str = "ud_vid";
/// A browser keeps it for a year.
const MAX_AGE: Duration = Duration::days(365);

/// The value of a visitor's cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitorCookie(String);

impl VisitorCookie {
    /// A new one, not to be guessed.
    pub fn new(now: Millis) -> Result<Self, getrandom::Error> {
        Ok(Self(key::new_cookie(now, random_of_many()?)))
    }

    /// The request's cookie; `None` when there is none, or one that we never set.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let value = value_of(headers, NAME)?;
        key::is_cookie(value).then(|| Self(value.to_owned()))
    }

    /// What the store knows the visitor by: a hash, from which the cookie cannot be found.
    pub fn key(&self) -> VisitorKey {
        key::of_cookie(&self.0)
    }

    /// The `Set-Cookie` header's value. `is_secure` on https.
    pub fn set(&self, is_secure: bool) -> String {
        line(&self.0, MAX_AGE, is_secure)
    }
}

/// The `Set-Cookie` header's value that makes a browser forget the cookie.
pub fn forget(is_secure: bool) -> String {
    line("", Duration::ZERO, is_secure)
}

fn line(value: &str, max_age: Duration, is_secure: bool) -> String {
    Cookie::build((NAME, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(is_secure)
        .max_age(max_age)
        .to_string()
}

/// The value of the first cookie of that name, whatever bytes the other cookies hold.
pub fn value_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get_all(header::COOKIE).iter().find_map(|line| {
        line.as_bytes().split(|byte| *byte == b';').find_map(|pair| {
            let pair = std::str::from_utf8(pair).ok()?;
            let (key, value) = pair.trim().split_once('=')?;
            (key == name).then_some(value)
        })
    })
}

/// Bytes that nobody can guess.
pub fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// Bytes that nobody can guess, for a cookie. The system is asked for those of many: to ask takes longer than all else
/// that a cookie needs.
fn random_of_many() -> Result<[u8; 10], getrandom::Error> {
    thread_local! {
        static LEFT: RefCell<Vec<[u8; 10]>> = const { RefCell::new(Vec::new()) };
    }
    LEFT.with_borrow_mut(|left| {
        if let Some(bytes) = left.pop() {
            return Ok(bytes);
        }
        let (bytes, more) = (random()?, random::<1000>()?);
        left.extend(more.as_chunks().0);
        Ok(bytes)
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(line: &[u8]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_bytes(line).unwrap());
        headers
    }

    #[test]
    fn only_what_we_set_is_taken() {
        let cookie = VisitorCookie::new(1_795_341_600_000).unwrap();
        let set = cookie.set(true);
        assert!(set.starts_with("ud_vid="), "{set}");
        for part in ["; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/", "; Max-Age=31536000"] {
            assert!(set.contains(part), "{part} in {set}");
        }
        let pair = set.split(';').next().unwrap();
        let line = format!("a=\u{fe}; {pair}; b=2");
        assert_eq!(VisitorCookie::of(&headers(line.as_bytes())), Some(cookie.clone()));
        assert!(!cookie.key().0.contains(&cookie.0));
        assert!(forget(false).starts_with("ud_vid=;") && forget(false).contains("; Max-Age=0"), "{}", forget(false));
        for wrong in ["ud_vid=", "ud_vid=ABCDEF0123456789abcdef0123456789", "ud_vid=../../etc/passwd", "xud_vid=0"] {
            assert_eq!(VisitorCookie::of(&headers(wrong.as_bytes())), None, "{wrong}");
        }
        let overlong = format!("ud_vid={}", "a".repeat(4096));
        assert_eq!(VisitorCookie::of(&headers(overlong.as_bytes())), None);
    }

    #[test]
    fn each_is_another_one() {
        let made: std::collections::HashSet<String> = (0..300).map(|_| VisitorCookie::new(7).unwrap().0).collect();
        assert_eq!(made.len(), 300);
    }
}
