//! What a frame makes of what is shown already.

use std::collections::VecDeque;

use utm_dispatcher::model::Id;
use utm_dispatcher::model::live::{FEED, Happening, LiveFrame, Moment};

/// What is known of the frames before.
#[derive(Debug, Default)]
pub struct Known {
    version: Option<i64>,
    /// Sales that were told already, so that none is told twice.
    sales: VecDeque<Id>,
}

/// What a frame says that was not known.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct News {
    /// May reports have changed?
    pub has_changed: bool,
    /// Sales that nobody was told of.
    pub sales: Vec<Moment>,
}

impl Known {
    /// Learns what `frame` says. What the first one holds has happened before the page was there.
    pub fn learn(&mut self, frame: &LiveFrame) -> News {
        let before = self.version.replace(frame.version);
        let mut sales = Vec::new();
        for moment in &frame.moments {
            if matches!(moment.what, Happening::Conversion(_)) && !self.sales.contains(&moment.id) {
                self.sales.push_back(moment.id);
                self.sales.drain(..self.sales.len().saturating_sub(2 * FEED));
                sales.push(moment.clone());
            }
        }
        match before {
            None => News::default(),
            Some(before) => News { has_changed: before != frame.version, sales },
        }
    }
}

/// The feed with what is new; the newest first. What is told once more takes the place of what was told.
pub fn merged(mut feed: Vec<Moment>, news: &[Moment]) -> Vec<Moment> {
    feed.retain(|moment| news.iter().all(|new| new.id != moment.id));
    feed.extend_from_slice(news);
    feed.sort_by_key(|moment| std::cmp::Reverse((moment.at, moment.id)));
    feed.truncate(FEED);
    feed
}

#[cfg(test)]
mod tests {
    use utm_dispatcher::model::order::Conversion;
    use utm_dispatcher::model::visitor::{Device, Place};

    use super::*;

    fn moment(id: i64, at: i64, what: Happening) -> Moment {
        Moment {
            id: Id(id),
            at,
            at_local: String::new(),
            what,
            session: Id(1),
            source: "direct".into(),
            campaign: "N/A".into(),
            page: None,
            product: None,
            amount: None,
            place: Place::default(),
            device: Device::Unknown,
        }
    }

    fn sale(id: i64) -> Moment {
        moment(id, id, Happening::Conversion(Conversion::Purchase))
    }

    fn frame(version: i64, moments: Vec<Moment>) -> LiveFrame {
        LiveFrame { version, now_on_site: 1, moments }
    }

    #[test]
    fn each_sale_is_told_once_and_none_from_before_the_page() {
        let mut known = Known::default();
        assert_eq!(known.learn(&frame(7, vec![sale(1)])), News::default());
        let cases = [
            (frame(7, vec![]), false, vec![]),
            (frame(8, vec![moment(9, 9, Happening::Session)]), true, vec![]),
            (frame(9, vec![sale(2)]), true, vec![2]),
            // After the connection was lost: all of late once more, and what was missed.
            (frame(12, vec![sale(1), sale(2), sale(3)]), true, vec![3]),
            // Another server's numbers are others.
            (frame(3, vec![sale(3)]), true, vec![]),
        ];
        for (frame, has_changed, sales) in cases {
            let news = known.learn(&frame);
            let told: Vec<i64> = news.sales.iter().map(|sale| sale.id.0).collect();
            assert_eq!((news.has_changed, told), (has_changed, sales), "{frame:?}");
        }
    }

    #[test]
    fn the_feed_is_bounded_sorted_and_holds_each_once() {
        let feed = merged(Vec::new(), &[moment(1, 10, Happening::Session), moment(2, 30, Happening::Session)]);
        let feed = merged(feed, &[moment(3, 20, Happening::Session), sale(1)]);
        let told: Vec<_> = feed.iter().map(|moment| (moment.id.0, moment.at)).collect();
        assert_eq!(told, [(2, 30), (3, 20), (1, 1)]);
        let many: Vec<Moment> = (0..200).map(|id| moment(id, id, Happening::Session)).collect();
        let feed = merged(feed, &many);
        assert_eq!((feed.len(), feed[0].id), (FEED, Id(199)));
    }
}
