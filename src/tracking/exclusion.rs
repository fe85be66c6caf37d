//! Whose requests are not counted because an administrator said so.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use ipnet::IpNet;

use super::{key, text};
use crate::model::exclusion::{ExclusionKind, MAX_NOTE, MAX_VALUE, NewExclusion};
use crate::model::visitor::VisitorKey;

/// What is left out: the shop's own people, its monitoring, its test pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exclusions {
    /// Networks of clients.
    pub addresses: Vec<IpNet>,
    /// Visitors, by every key that they are known by.
    pub visitors: HashSet<VisitorKey>,
    /// Pieces of `User-Agent`, in lower case.
    pub agents: Vec<String>,
    /// Beginnings of paths, decoded.
    pub paths: Vec<String>,
    /// Open logins, by the hashes of their secrets.
    pub logins: HashSet<String>,
}

impl Exclusions {
    /// Is a request from `address` left out?
    pub fn has_address(&self, address: IpAddr) -> bool {
        self.addresses.iter().any(|net| net.contains(&address.to_canonical()))
    }

    /// Is a request of `user_agent` left out?
    pub fn has_agent(&self, user_agent: &str) -> bool {
        if self.agents.is_empty() {
            return false;
        }
        let lower = user_agent.to_lowercase();
        self.agents.iter().any(|piece| !piece.is_empty() && lower.contains(piece.as_str()))
    }

    /// Is a request for `path` left out?
    pub fn has_path(&self, path: &str) -> bool {
        self.paths.iter().any(|start| !start.is_empty() && path.starts_with(start.as_str()))
    }
}

/// The exclusions that hold now, shared by all that reads requests: an edit holds from the next request on.
#[derive(Clone, Debug, Default)]
pub struct LiveExclusions(Arc<Live>);

#[derive(Debug, Default)]
struct Live {
    now: RwLock<(u64, Arc<Exclusions>)>,
    tickets: AtomicU64,
}

impl LiveExclusions {
    /// The exclusions that hold now.
    pub fn now(&self) -> Arc<Exclusions> {
        Arc::clone(&self.0.now.read().unwrap_or_else(PoisonError::into_inner).1)
    }

    /// A ticket, to be taken before the exclusions are read from where they are stored.
    pub fn ticket(&self) -> u64 {
        self.0.tickets.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// From now on `exclusions` hold, unless those of a later ticket do already: they know everything that these do.
    pub fn put(&self, ticket: u64, exclusions: Exclusions) {
        let mut now = self.0.now.write().unwrap_or_else(PoisonError::into_inner);
        if ticket > now.0 {
            *now = (ticket, Arc::new(exclusions));
        }
    }
}

/// Why an exclusion cannot be stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} is “{given}”; allowed: {allowed}")]
pub struct BadExclusion {
    /// Which field.
    pub field: &'static str,
    /// What came.
    pub given: String,
    /// What may come.
    pub allowed: String,
}

/// An exclusion as it is stored: the value of its kind in its usual form (a network without the bits of a host, an agent and
/// an e-mail in lower case), the note without control characters.
pub fn checked(kind: &str, value: &str, note: &str) -> Result<NewExclusion, BadExclusion> {
    let names = || ExclusionKind::ALL.map(ExclusionKind::name).join(", ");
    let bad = |field, given: &str, allowed: String| BadExclusion {
        field,
        given: text::plain(given.as_bytes(), MAX_VALUE),
        allowed,
    };
    let kind: ExclusionKind = kind.parse().map_err(|_| bad("kind", kind, names()))?;
    let trimmed = value.trim();
    let fits = trimmed.chars().count() <= MAX_VALUE && trimmed.chars().all(text::is_plain) && !trimmed.is_empty();
    let usual = if fits { usual(kind, trimmed) } else { None };
    let value = usual.ok_or_else(|| bad("value", value, kind.examples().to_owned()))?;
    if note.chars().count() > MAX_NOTE {
        return Err(bad("note", note, format!("≤ {MAX_NOTE}")));
    }
    Ok(NewExclusion { kind, value, note: text::plain(note.trim().as_bytes(), MAX_NOTE) })
}

/// The network of `text`: an address is the smallest of networks.
pub fn network(text: &str) -> Option<IpNet> {
    let address = || text.parse::<IpAddr>().ok().map(|address| address.to_canonical().into());
    text.parse::<IpNet>().ok().or_else(address).map(|network| network.trunc())
}

fn usual(kind: ExclusionKind, value: &str) -> Option<String> {
    match kind {
        ExclusionKind::Address => network(value).map(|network| {
            let is_single = network.prefix_len() == network.max_prefix_len();
            if is_single { network.addr().to_string() } else { network.to_string() }
        }),
        ExclusionKind::Visitor => {
            let is_id = (1..=16).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit());
            // By a cookie, for a day, for a day in private, by a name of the shop's.
            let is_key = value.strip_prefix(['d', 'p', 'x']).is_some_and(key::is_hash);
            let is_of_cookie = value.strip_prefix('c').is_some_and(key::is_cookie);
            (is_id || is_key || is_of_cookie).then(|| value.to_owned())
        }
        ExclusionKind::UserAgent => Some(value.to_lowercase()),
        // As paths are compared: decoded.
        ExclusionKind::Path if value.starts_with('/') => {
            Some(text::plain(text::percent_decoded(value.as_bytes()).as_bytes(), MAX_VALUE))
        }
        ExclusionKind::Path => None,
        ExclusionKind::Login => {
            let (name, host) = value.split_once('@')?;
            let is_email = !name.is_empty() && !host.is_empty() && !host.contains('@') && !value.contains(' ');
            is_email.then(|| value.to_lowercase())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_named_is_left_out() {
        let exclusions = Exclusions {
            addresses: vec!["203.0.113.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()],
            agents: vec!["shopcheck".into(), String::new()],
            paths: vec!["/test".into(), String::new()],
            ..Exclusions::default()
        };
        assert!(exclusions.has_address("203.0.113.9".parse().unwrap()));
        assert!(exclusions.has_address("::ffff:203.0.113.9".parse().unwrap()));
        assert!(exclusions.has_address("2001:db8::5".parse().unwrap()));
        assert!(!exclusions.has_address("203.0.114.9".parse().unwrap()));
        assert!(exclusions.has_agent("Mozilla/5.0 ShopCheck/1"));
        assert!(!exclusions.has_agent("Mozilla/5.0"));
        assert!(exclusions.has_path("/test/1"));
        assert!(!exclusions.has_path("/catalog"));
        assert!(!Exclusions::default().has_path("/"));
    }

    #[test]
    fn values_are_stored_in_their_usual_form() {
        let key = "c0123456789abcdef0123456789abcdef";
        let cases = [
            ("address", " 203.0.113.7 ", "203.0.113.7"),
            ("address", "203.0.113.7/32", "203.0.113.7"),
            ("address", "203.0.113.7/24", "203.0.113.0/24"),
            ("address", "2001:DB8::1/32", "2001:db8::/32"),
            ("address", "::ffff:203.0.113.7", "203.0.113.7"),
            ("visitor", "1234567890123", "1234567890123"),
            ("visitor", key, key),
            ("visitor", "d0123456789abcdef0123456789abcdef", "d0123456789abcdef0123456789abcdef"),
            ("visitor", "p0123456789abcdef0123456789abcdef", "p0123456789abcdef0123456789abcdef"),
            ("visitor", "x0123456789abcdef0123456789abcdef", "x0123456789abcdef0123456789abcdef"),
            ("user_agent", " MyShop App/2", "myshop app/2"),
            ("path", "/Тест", "/Тест"),
            ("path", "/%D1%82%D0%B5%D1%81%D1%82", "/тест"),
            ("login", "Owner@Shop.Example", "owner@shop.example"),
        ];
        for (kind, value, stored) in cases {
            assert_eq!(checked(kind, value, "").map(|new| new.value).as_deref(), Ok(stored), "{kind} {value}");
        }
        assert_eq!(checked("path", "/x", " office\u{202e}\n ").map(|new| new.note).as_deref(), Ok("office"));
    }

    #[test]
    fn what_cannot_be_excluded_is_named() {
        let long = "x".repeat(MAX_VALUE + 1);
        let path = format!("/{long}");
        let cases = [
            ("ip", "203.0.113.7", "kind"),
            ("address", "", "value"),
            ("address", "203.0.113.300", "value"),
            ("address", "203.0.113.7/33", "value"),
            ("address", "=1+1:x", "value"),
            ("visitor", "0123456789abcdef0123456789abcdef", "value"),
            ("visitor", "12345678901234567", "value"),
            ("visitor", "a0123456789abcdef0123456789abcdef", "value"),
            ("visitor", "d0123456789abcdef", "value"),
            ("user_agent", "  ", "value"),
            ("user_agent", &long, "value"),
            ("user_agent", "a\0b", "value"),
            ("path", "test", "value"),
            ("path", &path, "value"),
            ("login", "owner", "value"),
            ("login", "a@b@c", "value"),
        ];
        for (kind, value, field) in cases {
            assert_eq!(checked(kind, value, "").map_err(|bad| bad.field), Err(field), "{kind} {value}");
        }
        assert_eq!(checked("path", "/x", &long).map_err(|bad| bad.field), Err("note"));
        let said = checked("address", "x", "").unwrap_err().to_string();
        assert_eq!(said, "value is “x”; allowed: 203.0.113.7, 203.0.113.0/24, 2001:db8::/32");
    }

    #[test]
    fn the_later_reading_holds() {
        let live = LiveExclusions::default();
        let with = |path: &str| Exclusions { paths: vec![path.into()], ..Exclusions::default() };
        let (first, second) = (live.ticket(), live.ticket());
        live.put(second, with("/second"));
        live.put(first, with("/first"));
        assert_eq!(*live.now(), with("/second"));
        live.clone().put(live.ticket(), Exclusions::default());
        assert_eq!(*live.now(), Exclusions::default());
    }
}
