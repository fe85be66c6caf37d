//! May an answer end up in a cache that several visitors share? Then no visitor's cookie may ride on it.

use chrono::{DateTime, NaiveDateTime, Utc};
use http::header::{CACHE_CONTROL, DATE, EXPIRES, HeaderMap, HeaderName, HeaderValue};

/// What speaks to caches in front of a site instead of `Cache-Control`, and goes before it there.
const TARGETED: [&str; 2] = ["cdn-cache-control", "surrogate-control"];

const X_ACCEL_EXPIRES: HeaderName = HeaderName::from_static("x-accel-expires");

/// May a shared cache keep the answer with these headers (RFC 9111, RFC 9213)?
///
/// In doubt it may: a visitor then counts without a cookie, which is better than two who share one. Answers that
/// say nothing of their freshness are left alone by caches that see a cookie being set, so they are not meant.
pub fn may_be_cached_publicly(headers: &HeaderMap) -> bool {
    let by_target = headers
        .iter()
        .filter(|(name, _)| TARGETED.contains(&name.as_str()) || name.as_str().ends_with("-cdn-cache-control"))
        .any(|(_, line)| Directives::of([line]).allow_sharing() == Some(true));
    if by_target || stays_in_nginx(headers) {
        return true;
    }
    let directives = Directives::of(headers.get_all(CACHE_CONTROL));
    directives.allow_sharing().unwrap_or_else(|| expires_later(headers))
}

/// The directives of all lines of a header: their names, in whatever case, and what they were given.
struct Directives<'a>(Vec<(&'a [u8], Option<&'a [u8]>)>);

impl<'a> Directives<'a> {
    fn of(lines: impl IntoIterator<Item = &'a HeaderValue>) -> Self {
        let directives = lines.into_iter().flat_map(|line| split_unquoted(line.as_bytes()));
        let all = directives.map(|directive| match directive.iter().position(|byte| *byte == b'=') {
            Some(place) => (directive[..place].trim_ascii(), Some(unquoted(directive[place + 1..].trim_ascii()))),
            None => (directive.trim_ascii(), None),
        });
        Self(all.collect())
    }

    fn have(&self, wanted: &str) -> bool {
        self.0.iter().any(|(name, _)| is(name, wanted))
    }

    /// `private="x"` and `no-cache="x"` are about the field x alone.
    fn have_for_all_fields(&self, wanted: &str) -> bool {
        self.0.iter().any(|(name, value)| is(name, wanted) && value.is_none())
    }

    /// Does the lifetime `wanted` last longer than nothing? What cannot be read may mean anything, so yes.
    fn lasts(&self, wanted: &str) -> Option<bool> {
        let (_, value) = self.0.iter().rev().find(|(name, _)| is(name, wanted))?;
        let seconds = value.unwrap_or_default();
        Some(seconds.is_empty() || seconds.iter().any(|byte| *byte != b'0'))
    }

    /// `None` when they leave it open.
    fn allow_sharing(&self) -> Option<bool> {
        if self.have("no-store") || self.have_for_all_fields("private") {
            Some(false)
        } else if self.have("public") {
            Some(true)
        } else if let Some(lasts) = self.lasts("s-maxage") {
            Some(lasts)
        } else if self.have_for_all_fields("no-cache") {
            Some(false)
        } else {
            self.lasts("max-age")
        }
    }
}

fn is(name: &[u8], wanted: &str) -> bool {
    name.eq_ignore_ascii_case(wanted.as_bytes())
}

/// What stands between the quotes, if there are any.
fn unquoted(value: &[u8]) -> &[u8] {
    let value = value.strip_prefix(b"\"").unwrap_or(value);
    value.strip_suffix(b"\"").unwrap_or(value)
}

/// The members of a comma-separated list; a comma in quotes separates nothing.
fn split_unquoted(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    line.split(move |byte| {
        quoted ^= *byte == b'"';
        *byte == b',' && !quoted
    })
}

/// nginx in front of us keeps what carries this header, and takes the header off.
fn stays_in_nginx(headers: &HeaderMap) -> bool {
    headers.get(X_ACCEL_EXPIRES).is_some_and(|value| !matches!(value.as_bytes(), b"" | b"0" | b"off"))
}

/// Without other directives an answer is fresh until `Expires`. What is no date means "already expired".
fn expires_later(headers: &HeaderMap) -> bool {
    let Some(expires) = headers.get(EXPIRES).and_then(moment) else { return false };
    headers.get(DATE).and_then(moment).is_none_or(|now| expires > now)
}

/// A moment in any of the three forms of RFC 9110, section 5.6.7.
fn moment(value: &HeaderValue) -> Option<DateTime<Utc>> {
    let text = value.to_str().ok()?.trim();
    let obsolete = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    DateTime::parse_from_rfc2822(text).ok().map(|moment| moment.to_utc()).or_else(|| {
        obsolete.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()).map(|moment| moment.and_utc())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "Fri, 20 Nov 2026 09:15:00 GMT";
    const LATER: &str = "Fri, 20 Nov 2026 10:15:00 GMT";
    const EARLIER: &str = "Thu, 19 Nov 1981 08:52:00 GMT";

    #[test]
    fn who_may_keep_an_answer() {
        let control = |value: &'static str| vec![("cache-control", value)];
        for (lines, expected) in [
            (vec![], false),
            (vec![("last-modified", EARLIER), ("etag", "\"1\"")], false),
            (control("public"), true),
            (control("Public, Max-Age=60"), true),
            (control("public, no-cache"), true),
            (control("public, max-age=0"), true),
            (control("public, no-store"), false),
            (control("private"), false),
            (control("PRIVATE , max-age=600"), false),
            (control("private=\"set-cookie, x\", max-age=600"), true),
            (control("max-age=600"), true),
            (control("max-age=\"600\""), true),
            (control("max-age=000"), false),
            (control("max-age=soon"), true),
            (control("max-age=99999999999999999999"), true),
            (control("max-age=600, no-cache"), false),
            (control("max-age=600, no-cache=\"set-cookie\""), true),
            (control("no-cache, no-store, must-revalidate"), false),
            (control("s-maxage=600, private"), false),
            (control("s-maxage=600, max-age=0"), true),
            (control("s-maxage=0, max-age=600"), false),
            (control("must-revalidate"), false),
            (control("x=\"public, max-age=60\""), false),
            (vec![("cache-control", "max-age=600"), ("cache-control", "private")], false),
            (vec![("cache-control", "no-cache"), ("cache-control", "public")], true),
            (vec![("expires", LATER), ("date", NOW)], true),
            (vec![("expires", EARLIER), ("date", NOW)], false),
            (vec![("expires", NOW), ("date", NOW)], false),
            (vec![("expires", LATER)], true),
            (vec![("expires", "0"), ("date", NOW)], false),
            (vec![("expires", "-1")], false),
            (vec![("expires", "Friday, 20-Nov-26 10:15:00 GMT"), ("date", NOW)], true),
            (vec![("expires", "Fri Nov 20 10:15:00 2026"), ("date", NOW)], true),
            (vec![("expires", LATER), ("date", NOW), ("cache-control", "max-age=0")], false),
            (vec![("expires", LATER), ("date", NOW), ("cache-control", "no-cache")], false),
            (vec![("expires", LATER), ("date", NOW), ("cache-control", "immutable")], true),
            (vec![("cache-control", "private"), ("cdn-cache-control", "max-age=60")], true),
            (vec![("cache-control", "no-store"), ("surrogate-control", "max-age=60")], true),
            (vec![("cache-control", "private"), ("cloudflare-cdn-cache-control", "public")], true),
            (vec![("cache-control", "max-age=60"), ("cdn-cache-control", "no-store")], true),
            (vec![("cdn-cache-control", "no-store")], false),
            (vec![("surrogate-control", "content=\"ESI/1.0\"")], false),
            (vec![("x-accel-expires", "60"), ("cache-control", "private")], true),
            (vec![("x-accel-expires", "0")], false),
        ] {
            let headers: HeaderMap = lines
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
                .collect();
            assert_eq!(headers.len(), lines.len());
            assert_eq!(may_be_cached_publicly(&headers), expected, "{lines:?}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_hurt_nobody() {
        let line = HeaderValue::from_bytes(b"max-age=5, \xff=\"").unwrap();
        let headers: HeaderMap = [(CACHE_CONTROL, line.clone()), (EXPIRES, line)].into_iter().collect();
        assert!(may_be_cached_publicly(&headers));
    }
}
