//! The visitor's cookie, and the key that stands for a visitor without one.

use std::net::IpAddr;
use std::sync::Mutex;

use cookie::{Cookie, SameSite};
use http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use utm_dispatcher::model::Millis;
use utm_dispatcher::model::visitor::VisitorKey;
use utm_dispatcher::tracking::key::{self, hex};

/// The visitor's cookie.
pub const NAME: &str = "ud_vid";
/// A browser keeps it for a year.
const MAX_AGE: cookie::time::Duration = cookie::time::Duration::days(365);
const DAY: Millis = 24 * 60 * 60 * 1000;

/// The value of a visitor's cookie: 32 lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitorCookie(String);

impl VisitorCookie {
    /// A new one, not to be guessed.
    pub fn new() -> Result<Self, getrandom::Error> {
        Ok(Self(hex(&random::<16>()?)))
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
        Cookie::build((NAME, self.0.as_str()))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(is_secure)
            .max_age(MAX_AGE)
            .to_string()
    }
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

/// The secret of a day, from which keys of visitors without a cookie are made. It never leaves the memory, and
/// with it goes, at the end of the (UTC) day, every way from a key back to an address.
#[derive(Debug, Default)]
pub struct DailySalt {
    today: Mutex<Option<(i64, [u8; 32])>>,
}

impl DailySalt {
    /// The key of the visitor without a cookie who comes at `now` from `ip` with that browser.
    pub fn key(&self, now: Millis, ip: Option<IpAddr>, user_agent: &str) -> Result<VisitorKey, getrandom::Error> {
        let salt = self.salt(now.div_euclid(DAY))?;
        let mut digest = Sha256::new();
        digest.update(salt);
        digest.update(ip.map(|ip| ip.to_string()).unwrap_or_default().as_bytes());
        digest.update([0]);
        digest.update(user_agent.as_bytes());
        Ok(VisitorKey(format!("d{}", hex(&digest.finalize()[..16]))))
    }

    fn salt(&self, day: i64) -> Result<[u8; 32], getrandom::Error> {
        let mut today = self.today.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match *today {
            Some((of, salt)) if of == day => Ok(salt),
            _ => {
                let salt = random::<32>()?;
                *today = Some((day, salt));
                Ok(salt)
            }
        }
    }
}

fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
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
        let cookie = VisitorCookie::new().unwrap();
        let set = cookie.set(true);
        assert!(set.starts_with("ud_vid="), "{set}");
        for part in ["; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/", "; Max-Age=31536000"] {
            assert!(set.contains(part), "{part} in {set}");
        }
        let pair = set.split(';').next().unwrap();
        let line = format!("a=\u{fe}; {pair}; b=2");
        assert_eq!(VisitorCookie::of(&headers(line.as_bytes())), Some(cookie.clone()));
        assert!(!cookie.key().0.contains(&cookie.0));
        for wrong in ["ud_vid=", "ud_vid=ABCDEF0123456789abcdef0123456789", "ud_vid=../../etc/passwd", "xud_vid=0"] {
            assert_eq!(VisitorCookie::of(&headers(wrong.as_bytes())), None, "{wrong}");
        }
        let overlong = format!("ud_vid={}", "a".repeat(4096));
        assert_eq!(VisitorCookie::of(&headers(overlong.as_bytes())), None);
    }

    #[test]
    fn without_a_cookie_the_key_holds_for_a_day_and_one_salt() {
        let salt = DailySalt::default();
        let ip = Some(IpAddr::from([203, 0, 113, 9]));
        let key = |salt: &DailySalt, now, ip, agent| salt.key(now, ip, agent).unwrap();
        assert_eq!(key(&salt, 0, ip, "A"), key(&salt, DAY - 1, ip, "A"));
        assert_ne!(key(&salt, 0, ip, "A"), key(&salt, 0, ip, "B"));
        assert_ne!(key(&salt, 0, ip, "A"), key(&salt, 0, None, "A"));
        assert_ne!(key(&salt, 0, ip, "A"), key(&DailySalt::default(), 0, ip, "A"));
        let today = key(&salt, DAY, ip, "A");
        assert_ne!(key(&salt, 2 * DAY, ip, "A"), today);
        assert_ne!(key(&salt, DAY, ip, "A"), today, "yesterday's salt is gone");
    }
}
