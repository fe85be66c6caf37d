//! Keys of visitors without a cookie: a hash of address and browser with the secret of the day.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};
use utm_dispatcher::model::Millis;
use utm_dispatcher::model::session::TIMEOUT;
use utm_dispatcher::model::visitor::VisitorKey;
use utm_dispatcher::tracking::key::hex;

use super::cookie::random;

const DAY: Millis = 24 * 60 * 60 * 1000;

/// The secret of a (UTC) day. It never leaves the memory, and with it goes every way from a key back to an address:
/// at the end of the day, or so much later that a visit over midnight is not cut in two.
#[derive(Debug, Default)]
pub struct DailySalt {
    salts: Mutex<Option<Salts>>,
}

#[derive(Clone, Copy, Debug)]
struct Salts {
    day: i64,
    today: [u8; 32],
    yesterday: Option<[u8; 32]>,
}

/// Which visitors a key may stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Those who have no cookie, perhaps only not yet.
    Cookieless,
    /// Those who asked not to be followed: no cookie is ever joined with them.
    Private,
}

impl Sort {
    fn prefix(self) -> char {
        match self {
            Self::Cookieless => 'd',
            Self::Private => 'p',
        }
    }
}

impl DailySalt {
    /// The key of who comes at `now` from `ip` with that browser; soon after midnight yesterday's behind it.
    pub fn keys(
        &self,
        sort: Sort,
        now: Millis,
        ip: Option<IpAddr>,
        user_agent: &str,
    ) -> Result<(VisitorKey, Option<VisitorKey>), getrandom::Error> {
        let Salts { today, yesterday, .. } = self.salts(now)?;
        let key = |salt| key(salt, sort, ip, user_agent);
        Ok((key(today), yesterday.map(key)))
    }

    fn salts(&self, now: Millis) -> Result<Salts, getrandom::Error> {
        let day = now.div_euclid(DAY);
        let mut kept = self.salts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut salts = match *kept {
            Some(salts) if salts.day == day => salts,
            Some(salts) if salts.day == day - 1 => Salts { day, today: random()?, yesterday: Some(salts.today) },
            _ => Salts { day, today: random()?, yesterday: None },
        };
        if now.rem_euclid(DAY) > TIMEOUT {
            salts.yesterday = None;
        }
        *kept = Some(salts);
        Ok(salts)
    }
}

fn key(salt: [u8; 32], sort: Sort, ip: Option<IpAddr>, user_agent: &str) -> VisitorKey {
    let mut digest = Sha256::new();
    digest.update(salt);
    digest.update([sort as u8]);
    digest.update(match ip {
        Some(IpAddr::V4(ip)) => ip.to_ipv6_mapped().octets(),
        Some(IpAddr::V6(ip)) => ip.octets(),
        // Nobody's.
        None => [0; 16],
    });
    digest.update(user_agent.as_bytes());
    VisitorKey(format!("{}{}", sort.prefix(), hex(&digest.finalize()[..16])))
}

#[cfg(test)]
mod tests {
    use super::*;

    const IP: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 9)));

    fn keys(salt: &DailySalt, now: Millis) -> (VisitorKey, Option<VisitorKey>) {
        salt.keys(Sort::Cookieless, now, IP, "A").unwrap()
    }

    #[test]
    fn a_key_holds_for_a_day_an_address_a_browser_and_one_salt() {
        let salt = DailySalt::default();
        let (first, before) = keys(&salt, TIMEOUT + 1);
        assert_eq!((keys(&salt, DAY - 1).0, before), (first.clone(), None));
        let other = |sort, ip, agent| salt.keys(sort, DAY - 1, ip, agent).unwrap().0;
        assert_ne!(other(Sort::Cookieless, IP, "B"), first);
        assert_ne!(other(Sort::Cookieless, None, "A"), first);
        assert_ne!(keys(&DailySalt::default(), DAY - 1).0, first);
        let at = |ip: &str| other(Sort::Cookieless, Some(ip.parse().unwrap()), "A");
        assert_ne!(at("2001:db8::1"), at("2001:db8::2"));
        assert_ne!(at("2001:db8::1"), first);
        let private = other(Sort::Private, IP, "A");
        assert!(private.0.starts_with('p') && private.0[1..] != first.0[1..], "{private:?}");
    }

    #[test]
    fn yesterdays_salt_lasts_until_a_visit_over_midnight_would_be_over() {
        let salt = DailySalt::default();
        let (first, _) = keys(&salt, DAY - 1);
        let (next, before) = keys(&salt, DAY);
        assert_eq!(before, Some(first.clone()));
        assert_ne!(next, first);
        assert_eq!(keys(&salt, DAY + TIMEOUT), (next.clone(), Some(first.clone())));
        assert_eq!(keys(&salt, DAY + TIMEOUT + 1), (next.clone(), None));
        assert_eq!(keys(&salt, DAY), (next.clone(), None), "what is forgotten does not come back");
        assert_eq!(keys(&salt, 3 * DAY).1, None, "nobody was here the day before");
        assert_ne!(keys(&salt, DAY).0, next);
    }
}
