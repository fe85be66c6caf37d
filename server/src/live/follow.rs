//! Follows the log of changes, and makes a frame of what is new: at most one in a quarter of a second.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until};
use tracing::warn;
use utm_dispatcher::model::live::{FEED, LiveFrame, Moment, NEWS_LASTS};
use utm_dispatcher::model::{Id, Millis};
use utm_dispatcher::store::{About, CHANGES, Change, News, Reader, Store, StoreError};

use super::frames::{Live, Sent};
use super::on_site::OnSite;
use crate::state::now;

/// Between two frames, at least.
const PAUSE: Duration = Duration::from_millis(250);
/// The log is read so often even if nobody tells of a commit: the connection that listens may be lost, or a pooler in
/// between may pass nothing on.
const UNTOLD: Duration = Duration::from_millis(500);
/// A frame comes at least so often, so that a browser knows that its connection still holds.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Before listening is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// Follows the log until [`Live::end`].
pub async fn follow(store: Store, live: Arc<Live>) {
    let heard = Notify::new();
    let told = tell(&store, &heard);
    let made = make_frames(&store, &live, &heard);
    tokio::select! {
        () = live.stop.cancelled() => {}
        () = told => {}
        () = made => {}
    }
}

/// Tells `heard` of commits, on a connection that is made anew whenever it is lost.
async fn tell(store: &Store, heard: &Notify) {
    let mut is_said = false;
    loop {
        if let Err(error) = store.hear_commits(|| heard.notify_one()).await
            && !is_said
        {
            warn!(%error, "nobody tells of commits now; they are looked for every half second");
            is_said = true;
        }
        sleep(RETRY).await;
    }
}

async fn make_frames(store: &Store, live: &Live, heard: &Notify) {
    let mut followed = Followed::new();
    let mut is_said = false;
    loop {
        match followed.step(store, live).await {
            Ok(()) => is_said = false,
            Err(error) if !is_said => {
                warn!(%error, "the log of changes cannot be read; live dashboards stand still");
                is_said = true;
            }
            Err(_) => {}
        }
        let next = Instant::now() + PAUSE;
        tokio::select! {
            () = heard.notified() => {}
            () = live.arrived.notified() => followed.has_arrivals = true,
            () = sleep(UNTOLD) => {}
        }
        sleep_until(next).await;
    }
}

/// Sales, other actions and sessions (visitor, id), the newest last.
#[derive(Default)]
struct Unread {
    sales: Vec<(Id, Id)>,
    actions: Vec<(Id, Id)>,
    sessions: Vec<(Id, Id)>,
}

/// What is known of the log.
struct Followed {
    reader: Reader,
    on_site: OnSite,
    /// What may be shown and nobody has asked for yet.
    unread: Unread,
    /// The newest last.
    feed: VecDeque<Moment>,
    version: i64,
    number: u64,
    /// What the frame before said.
    said: (i64, usize),
    said_at: Instant,
    /// Does somebody wait for a first frame?
    has_arrivals: bool,
}

impl Followed {
    fn new() -> Self {
        Self {
            reader: Reader::default(),
            on_site: OnSite::default(),
            unread: Unread::default(),
            feed: VecDeque::new(),
            // Another number than the one that a browser has of a server before.
            version: now(),
            number: 0,
            said: (0, 0),
            said_at: Instant::now(),
            has_arrivals: false,
        }
    }

    /// Reads what is new and, if anybody listens, publishes what is to be said.
    async fn step(&mut self, store: &Store, live: &Live) -> Result<(), StoreError> {
        loop {
            let changes = store.changes(&mut self.reader).await?;
            let is_all = changes.len() < CHANGES;
            if changes.iter().any(|change| change.about == About::Access) {
                live.access_edited();
            }
            for change in changes {
                self.take(change);
            }
            if is_all {
                break;
            }
        }
        let now = now();
        let on_site = self.on_site.count(now);
        if !live.is_heard() {
            return Ok(());
        }
        let news = self.read(store, now).await?;
        let is_due = self.has_arrivals || self.said_at.elapsed() >= HEARTBEAT;
        if news.is_empty() && self.said == (self.version, on_site) && !is_due {
            return Ok(());
        }
        self.number += 1;
        self.said = (self.version, on_site);
        self.said_at = Instant::now();
        self.has_arrivals = false;
        let frame = |moments| LiveFrame { version: self.version, now_on_site: on_site, moments };
        let whole = frame(self.feed.iter().cloned().collect());
        live.publish(Sent::new(self.number, &frame(news), whole));
        Ok(())
    }

    fn take(&mut self, change: Change) {
        for (visitor, at) in change.news.visitors {
            self.on_site.seen(visitor, at);
        }
        let Unread { sales, actions, sessions } = &mut self.unread;
        let News { sales: sold, actions: done, sessions: opened, .. } = change.news;
        for (unread, names) in [(sales, sold), (actions, done), (sessions, opened)] {
            unread.extend(names);
            unread.drain(..unread.len().saturating_sub(FEED));
        }
        if change.about == About::Facts {
            self.version += 1;
        }
    }

    /// Reads what nobody has asked for yet, and returns what of it is news.
    async fn read(&mut self, store: &Store, now: Millis) -> Result<Vec<Moment>, StoreError> {
        let Unread { sales, actions, sessions } = &self.unread;
        let actions = [sales.as_slice(), actions.as_slice()].concat();
        if actions.is_empty() && sessions.is_empty() {
            return Ok(Vec::new());
        }
        let mut news = store.moments(&actions, sessions).await?;
        self.unread = Unread::default();
        news.retain(|moment| moment.at >= now - NEWS_LASTS);
        // What is told once more, as an action whose order came later, is told better.
        self.feed.retain(|moment| news.iter().all(|new| new.id != moment.id));
        self.feed.extend(news.iter().cloned());
        self.feed.drain(..self.feed.len().saturating_sub(FEED));
        Ok(news)
    }
}
