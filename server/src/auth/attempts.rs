//! Failed logins, counted by address and by account, so that passwords cannot be guessed in bulk.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So many addresses and accounts are remembered; beyond that the oldest is forgotten.
const REMEMBERED: usize = 10_000;

/// Counts attempts within a window of time. An attempt counts from its beginning, so that many at once are as many;
/// one that succeeds is taken back.
#[derive(Debug)]
pub struct Attempts {
    per_address: u32,
    per_account: u32,
    window: Duration,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    addresses: HashMap<IpAddr, Count>,
    accounts: HashMap<String, Count>,
}

#[derive(Clone, Copy, Debug)]
struct Count {
    since: Instant,
    attempts: u32,
}

/// Too many attempts: another one may be made after this long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limited(pub Duration);

impl Attempts {
    /// At most so many failures per address and per account within `window`.
    pub fn new(per_address: u32, per_account: u32, window: Duration) -> Self {
        Self { per_address, per_account, window, counts: Mutex::default() }
    }

    /// Begins an attempt, if another one is allowed.
    pub fn begin(&self, address: IpAddr, account: &str, now: Instant) -> Result<(), Limited> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let (address, account) = (network(address), account.to_owned());
        let waits = [
            self.wait(counts.addresses.get(&address), self.per_address, now),
            self.wait(counts.accounts.get(&account), self.per_account, now),
        ];
        if let Some(wait) = waits.into_iter().flatten().max() {
            return Err(Limited(wait));
        }
        self.count(&mut counts.addresses, address, now);
        self.count(&mut counts.accounts, account, now);
        Ok(())
    }

    /// Takes back an attempt that succeeded, and forgets the account's failures.
    pub fn succeeded(&self, address: IpAddr, account: &str) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.accounts.remove(account);
        if let Some(count) = counts.addresses.get_mut(&network(address)) {
            count.attempts = count.attempts.saturating_sub(1);
        }
    }

    fn wait(&self, count: Option<&Count>, limit: u32, now: Instant) -> Option<Duration> {
        let count = count.filter(|count| count.attempts >= limit)?;
        let left = (count.since + self.window).saturating_duration_since(now);
        (!left.is_zero()).then_some(left)
    }

    fn count<K: Hash + Eq + Clone>(&self, counts: &mut HashMap<K, Count>, key: K, now: Instant) {
        if counts.len() >= REMEMBERED && !counts.contains_key(&key) {
            counts.retain(|_, count| count.since + self.window > now);
            let oldest = counts.iter().min_by_key(|(_, count)| count.since).map(|(key, _)| key.clone());
            if let Some(oldest) = oldest.filter(|_| counts.len() >= REMEMBERED) {
                counts.remove(&oldest);
            }
        }
        let count = counts.entry(key).or_insert(Count { since: now, attempts: 0 });
        if count.since + self.window <= now {
            *count = Count { since: now, attempts: 0 };
        }
        count.attempts += 1;
    }
}

/// An IPv6 customer has a whole /64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let bits = address.to_bits() & (u128::MAX << 64);
            IpAddr::V6(bits.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn address(last: u8) -> IpAddr {
        IpAddr::from([203, 0, 113, last])
    }

    #[test]
    fn an_address_waits_after_its_failures_and_others_do_not() {
        let (attempts, now) = (Attempts::new(3, 100, 15 * MINUTE), Instant::now());
        for failure in 0..3 {
            assert_eq!(attempts.begin(address(1), &format!("{failure}@x"), now), Ok(()));
        }
        assert_eq!(attempts.begin(address(1), "9@x", now + MINUTE), Err(Limited(14 * MINUTE)));
        assert_eq!(attempts.begin(address(2), "9@x", now + MINUTE), Ok(()));
        assert_eq!(attempts.begin(address(1), "9@x", now + 15 * MINUTE), Ok(()));
    }

    #[test]
    fn an_account_waits_whatever_the_addresses_are() {
        let (attempts, now) = (Attempts::new(100, 3, 15 * MINUTE), Instant::now());
        for last in 0..3 {
            assert_eq!(attempts.begin(address(last), "owner@x", now), Ok(()));
        }
        assert_eq!(attempts.begin(address(9), "owner@x", now), Err(Limited(15 * MINUTE)));
        assert_eq!(attempts.begin(address(9), "other@x", now), Ok(()));
    }

    #[test]
    fn a_success_is_no_failure() {
        let (attempts, now) = (Attempts::new(2, 2, 15 * MINUTE), Instant::now());
        for _ in 0..10 {
            assert_eq!(attempts.begin(address(1), "owner@x", now), Ok(()));
            attempts.succeeded(address(1), "owner@x");
        }
    }

    #[test]
    fn the_memory_is_bounded_and_a_64_is_one_address() {
        let (attempts, now) = (Attempts::new(2, 1_000_000, 15 * MINUTE), Instant::now());
        for number in 0..u32::try_from(REMEMBERED).unwrap() + 50 {
            let address = IpAddr::from((0x2001_0db8_u128 << 96 | u128::from(number) << 64).to_be_bytes());
            attempts.begin(address, "owner@x", now + Duration::from_millis(number.into())).unwrap();
        }
        assert_eq!(attempts.counts.lock().unwrap().addresses.len(), REMEMBERED);
        let neighbours = ["2001:db8:ffff::1", "2001:db8:ffff::2", "2001:db8:ffff::3"];
        let begun = neighbours.map(|text| attempts.begin(text.parse().unwrap(), "x", now + MINUTE).is_ok());
        assert_eq!(begun, [true, true, false]);
    }
}
