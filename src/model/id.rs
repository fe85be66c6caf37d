//! Identifiers: 53-bit integers ordered by time, safe in JavaScript.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;
use std::sync::atomic::{AtomicI64, Ordering};

use serde::{Deserialize, Serialize};

use super::Millis;

/// 2020-01-01T00:00:00Z, from which the 41 bits of milliseconds are counted (they last until 2089).
const EPOCH: i64 = 1_577_836_800_000;
const SEQUENCE_BITS: u32 = 12;
/// The largest id: 2^53 − 1, JavaScript's `Number.MAX_SAFE_INTEGER`.
const MAX: i64 = (1 << 53) - 1;

/// Names one stored row. 41 bits of milliseconds since 2020, then 12 bits of sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id(pub i64);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Id {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// Mints ids that never repeat within one source. Two processes may mint the same id: whoever's insert conflicts
/// tries again with another one.
#[derive(Debug, Default)]
pub struct IdSource {
    last: AtomicI64,
    /// Where each millisecond's sequence begins.
    offset: i64,
}

impl IdSource {
    /// A source whose sequences begin at `offset` (of 4096), so that processes with different ones seldom meet.
    pub fn starting_at(offset: u16) -> Self {
        Self { last: AtomicI64::new(0), offset: i64::from(offset) % (1 << SEQUENCE_BITS) }
    }

    /// The next id at `now`; later than every id before it, even when the clock stood still or went back.
    pub fn mint(&self, now: Millis) -> Id {
        let floor = (((now - EPOCH).max(0) << SEQUENCE_BITS) + self.offset).min(MAX - (1 << SEQUENCE_BITS));
        let next = |last: i64| (last + 1).max(floor);
        let previous =
            self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(next(last))).unwrap_or_default();
        Id(next(previous))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_rise_and_stay_below_two_to_the_53() {
        let source = IdSource::default();
        let first = source.mint(EPOCH + 5);
        let second = source.mint(EPOCH + 5);
        let after_clock_went_back = source.mint(EPOCH);
        assert_eq!(first.0, 5 << 12);
        assert!(first < second && second < after_clock_went_back);
        assert!(IdSource::default().mint(i64::MAX / 8192).0 < 1 << 53);
        assert_eq!(IdSource::default().mint(0).0, 1);
        assert_eq!(IdSource::starting_at(4097).mint(EPOCH + 5).0, (5 << 12) + 1);
    }
}
