//! Who is on the site now: every visitor with a page view or action of their own in the last five minutes.

use std::collections::HashMap;

use utm_dispatcher::model::live::ON_SITE;
use utm_dispatcher::model::{Id, Millis};

/// So many are told apart; a flood of more is not counted any further.
const MOST: usize = 500_000;

/// Visitors with their last deed.
#[derive(Debug, Default)]
pub struct OnSite(HashMap<Id, Millis>);

impl OnSite {
    /// Notes that a visitor did something.
    pub fn seen(&mut self, visitor: Id, at: Millis) {
        if self.0.len() < MOST || self.0.contains_key(&visitor) {
            let last = self.0.entry(visitor).or_insert(at);
            *last = at.max(*last);
        }
    }

    /// How many there are at `now`; whoever is gone is forgotten.
    pub fn count(&mut self, now: Millis) -> usize {
        self.0.retain(|_, last| *last >= now - ON_SITE);
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_minutes_after_the_last_deed_a_visitor_is_gone() {
        let mut on_site = OnSite::default();
        let now = 1_795_341_600_000;
        // As changes may come: in no order, and more than once.
        for (visitor, ago) in [(1, 0), (1, ON_SITE), (2, ON_SITE), (3, ON_SITE + 1), (4, 1_000), (4, 2_000)] {
            on_site.seen(Id(visitor), now - ago);
        }
        assert_eq!(on_site.count(now), 3);
        assert_eq!(on_site.count(now + 1), 2, "visitor 2 is gone");
        on_site.seen(Id(2), now + 1);
        assert_eq!(on_site.count(now + 1), 3, "and may come back");
        assert_eq!(on_site.count(now + 1 + ON_SITE), 1);
        assert_eq!(on_site.count(now + 2 + ON_SITE), 0);
    }

    #[test]
    fn a_flood_is_bounded() {
        let mut on_site = OnSite::default();
        for visitor in 0..=i64::try_from(MOST).unwrap() {
            on_site.seen(Id(visitor), visitor);
        }
        assert_eq!(on_site.0.len(), MOST);
        on_site.seen(Id(0), 7);
        assert_eq!(on_site.0[&Id(0)], 7, "whoever is known stays up to date");
    }
}
