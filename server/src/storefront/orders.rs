//! The orders that the shop remembers: the last few, in memory.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use utm_dispatcher::model::{Millis, OrderMessage};

use super::cart::Line;

/// How many orders are remembered; the oldest is forgotten first.
const REMEMBERED: usize = 1000;

/// The shop's orders.
#[derive(Default)]
pub(super) struct Orders {
    kept: Mutex<VecDeque<Arc<Kept>>>,
    last_counter: AtomicI64,
}

/// An order and whom it may be shown to.
pub(super) struct Kept {
    /// Its number.
    pub number: String,
    /// What the buyer's browser must show to see it.
    pub token: String,
    /// Names the checkout form that it came by: the same form sent twice is one order.
    pub attempt: String,
    /// What was ordered; `None` until it is stored. Held locked while it changes, so that changes come one by one.
    pub placed: tokio::sync::Mutex<Option<Placed>>,
}

/// What was ordered.
pub(super) struct Placed {
    /// Its state, as it was told last.
    pub message: OrderMessage,
    /// Its lines.
    pub lines: Vec<Line>,
}

impl Orders {
    /// The order that the form `attempt` makes, with a new number unless the form was sent before. `token` is what
    /// the browser showed: one that saw orders before keeps its token.
    pub fn open(&self, attempt: String, token: Option<String>, now: DateTime<Tz>) -> Arc<Kept> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(order) = kept.iter().find(|order| order.attempt == attempt) {
            return Arc::clone(order);
        }
        let token = token.filter(|token| kept.iter().any(|order| order.token == *token)).unwrap_or_else(secret);
        let number = self.number(now);
        let order = Arc::new(Kept { number, token, attempt, placed: tokio::sync::Mutex::default() });
        if kept.len() >= REMEMBERED {
            kept.pop_front();
        }
        kept.push_back(Arc::clone(&order));
        order
    }

    /// The order with this number, if the browser that shows `token` may see it.
    pub fn find(&self, number: &str, token: &str) -> Option<Arc<Kept>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|order| order.number == number && order.token == token).map(Arc::clone)
    }

    /// A number that no other order has, not even one of an earlier run: the local date, and the milliseconds of the day
    /// as a counter that never stands still. Twenty characters.
    fn number(&self, now: DateTime<Tz>) -> String {
        let time = now.timestamp_millis();
        let next = |last: i64| Some(time.max(last + 1));
        // The closure never declines, so both arms hold the value before.
        let (Ok(last) | Err(last)) = self.last_counter.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
        let counter = time.max(last + 1).rem_euclid(24 * 60 * 60 * 1000);
        format!("TWC{}N{counter:08}", now.format("%d%m%Y"))
    }
}

/// 32 characters that nobody can guess.
pub(super) fn secret() -> String {
    rand::random::<[u8; 16]>().iter().fold(String::new(), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Does the text look like one of [`secret`]?
pub(super) fn is_secret(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The present moment.
pub(super) fn now() -> Millis {
    Utc::now().timestamp_millis()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chrono::TimeZone;

    use super::*;

    fn at(hour: u32) -> DateTime<Tz> {
        chrono_tz::Europe::Kyiv.with_ymd_and_hms(2026, 11, 20, hour, 0, 0).unwrap()
    }

    #[test]
    fn numbers_are_unique_even_at_the_same_moment() {
        let orders = Orders::default();
        let numbers: BTreeSet<_> = std::thread::scope(|scope| {
            let placing = || (0..100).map(|_| orders.open(secret(), None, at(1)).number.clone()).collect::<Vec<_>>();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(placing)).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(numbers.len(), 400);
        assert_eq!(numbers.first().map(String::as_str), Some("TWC20112026N82800000"));
        assert!(numbers.iter().all(|number| number.len() == 20));
    }

    #[test]
    fn an_order_is_shown_to_its_buyer_alone() {
        let orders = Orders::default();
        let mine = orders.open(secret(), None, at(1));
        let theirs = orders.open(secret(), Some("ff".repeat(16)), at(1));
        assert_ne!(theirs.token, "ff".repeat(16), "a token that was never given out is not taken up");
        let again = orders.open(secret(), Some(mine.token.clone()), at(2));
        assert_eq!(again.token, mine.token);
        assert!(orders.find(&mine.number, &mine.token).is_some());
        assert!(orders.find(&again.number, &mine.token).is_some());
        assert!(orders.find(&mine.number, &theirs.token).is_none());
        assert!(orders.find(&mine.number, "").is_none());
    }

    #[test]
    fn the_same_form_makes_one_order() {
        let orders = Orders::default();
        let attempt = secret();
        let first = orders.open(attempt.clone(), None, at(1));
        assert!(Arc::ptr_eq(&first, &orders.open(attempt, None, at(2))));
    }

    #[test]
    fn old_orders_are_forgotten() {
        let orders = Orders::default();
        let first = orders.open(secret(), None, at(1));
        for _ in 0..REMEMBERED {
            orders.open(secret(), None, at(1));
        }
        assert!(orders.find(&first.number, &first.token).is_none());
        assert_eq!(orders.kept.lock().unwrap().len(), REMEMBERED);
    }
}
