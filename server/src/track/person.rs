//! Who sends a request, as far as that may be known: by a cookie, or for a day without one.

use std::net::IpAddr;

use http::header::{DNT, HeaderMap, HeaderName};
use serde::Deserialize;
use utm_dispatcher::model::Millis;
use utm_dispatcher::model::visitor::VisitorKey;

use super::cookie::{VisitorCookie, value_of};
use super::salt::{DailySalt, Sort};

/// The cookie in which the shop's page says whether its visitor agreed to be known: `yes` or `no`.
pub const CONSENT: &str = "ud_consent";

const SEC_GPC: HeaderName = HeaderName::from_static("sec-gpc");

/// Who may be known by a cookie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ConsentMode {
    /// Everybody who does not ask otherwise.
    #[default]
    Full,
    /// Nobody.
    Cookieless,
    /// Whoever the shop says has agreed, by the cookie [`CONSENT`].
    Consent,
}

/// Who sends a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// What the visitor is known by.
    pub key: VisitorKey,
    /// What the same browser may have been known by until now, the latest first.
    pub before: Vec<VisitorKey>,
    /// What should become of its cookie.
    pub cookie: CookieChange,
    /// May it be known by a cookie, ours or another's?
    pub has_agreed: bool,
    /// Does the browser ask not to be followed? Then nothing that ties it to a click or a person is kept.
    pub is_private: bool,
}

/// What an answer should do with the visitor's cookie, if no shared cache may keep that answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CookieChange {
    /// Leave it alone.
    Keep,
    /// Give a browser that has none this one.
    Give(VisitorCookie),
    /// Take it away.
    Forget,
}

impl Person {
    /// The same one, now that the answer gives it `cookie`.
    #[must_use]
    pub fn with(self, cookie: &VisitorCookie) -> Self {
        let before = [self.key].into_iter().chain(self.before).collect();
        Self { key: cookie.key(), before, cookie: CookieChange::Keep, ..self }
    }
}

/// Finds out who sends a request.
pub fn person(
    mode: ConsentMode,
    salt: &DailySalt,
    headers: &HeaderMap,
    (at, ip, user_agent): (Millis, Option<IpAddr>, &str),
) -> Result<Person, getrandom::Error> {
    let is_private = [SEC_GPC, DNT].into_iter().any(|name| headers.get(name).is_some_and(|value| value == "1"));
    let sort = if is_private { Sort::Private } else { Sort::Cookieless };
    let (key, yesterday) = salt.keys(sort, at, ip, user_agent)?;
    let has_agreed = !is_private
        && match mode {
            ConsentMode::Full => true,
            ConsentMode::Cookieless => false,
            ConsentMode::Consent => value_of(headers, CONSENT) == Some("yes"),
        };
    let before = yesterday.into_iter().collect();
    let unnamed = Person { key, before, cookie: CookieChange::Keep, has_agreed, is_private };
    if is_private {
        return Ok(unnamed);
    }
    Ok(match (has_agreed, VisitorCookie::of(headers)) {
        (true, Some(cookie)) => unnamed.with(&cookie),
        (true, None) => Person { cookie: CookieChange::Give(VisitorCookie::new(at)?), ..unnamed },
        (false, _) if value_of(headers, super::cookie::NAME).is_some() => {
            Person { cookie: CookieChange::Forget, ..unnamed }
        }
        (false, _) => unnamed,
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::COOKIE;

    use super::*;

    const VALUE: &str = "0123456789abcdef0123456789abcdef";

    fn of(mode: ConsentMode, cookies: &str, private: Option<&'static str>) -> (char, usize, String) {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_str(cookies).unwrap());
        if let Some(name) = private {
            headers.insert(name, HeaderValue::from_static("1"));
        }
        let noon = 12 * 60 * 60 * 1000;
        let found = person(mode, &DailySalt::default(), &headers, (noon, None, "A")).unwrap();
        let change = match found.cookie {
            CookieChange::Keep => "keep",
            CookieChange::Give(_) => "give",
            CookieChange::Forget => "forget",
        };
        (found.key.0.chars().next().unwrap(), found.before.len(), change.to_owned())
    }

    #[test]
    fn the_mode_and_the_visitor_decide_who_is_known() {
        use ConsentMode::{Consent, Cookieless, Full};
        let known = format!("a=b; ud_vid={VALUE}");
        let agreed = format!("{known}; ud_consent=yes");
        let refused = format!("{known}; ud_consent=no");
        for (mode, cookies, private, expected) in [
            (Full, "", None, ('d', 0, "give")),
            (Full, known.as_str(), None, ('c', 1, "keep")),
            (Full, "ud_vid=x", None, ('d', 0, "give")),
            (Full, &known, Some("dnt"), ('p', 0, "keep")),
            (Full, &agreed, Some("sec-gpc"), ('p', 0, "keep")),
            (Cookieless, "", None, ('d', 0, "keep")),
            (Cookieless, &agreed, None, ('d', 0, "forget")),
            (Consent, "", None, ('d', 0, "keep")),
            (Consent, "ud_consent=yes", None, ('d', 0, "give")),
            (Consent, "ud_consent=Yes", None, ('d', 0, "keep")),
            (Consent, &agreed, None, ('c', 1, "keep")),
            (Consent, &known, None, ('d', 0, "forget")),
            (Consent, &refused, None, ('d', 0, "forget")),
        ] {
            let (sort, before, change) = of(mode, cookies, private);
            assert_eq!((sort, before, change.as_str()), expected, "{mode:?} {cookies} {private:?}");
        }
    }
}
