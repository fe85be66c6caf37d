//! Time: epoch milliseconds in UTC, and half-open intervals of them.

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Millis = i64;

/// From `start` (included) to `end` (excluded).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Interval {
    /// The first instant inside.
    pub start: Millis,
    /// The first instant after it.
    pub end: Millis,
}

impl Interval {
    /// Every instant that can be stored.
    pub const ALL: Self = Self { start: i64::MIN, end: i64::MAX };

    /// Is `at` inside?
    pub fn contains(self, at: Millis) -> bool {
        self.start <= at && at < self.end
    }
}
