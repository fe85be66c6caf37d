//! The newest frame, shared by every connection.

use std::sync::{Arc, OnceLock};

use axum::extract::ws::Utf8Bytes;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio_util::sync::CancellationToken;
use utm_dispatcher::model::live::LiveFrame;

/// So many connections are open at a time.
const CONNECTIONS: usize = 256;

/// What live dashboards share: the newest frame, and word of what concerns their connections.
#[derive(Debug)]
pub struct Live {
    frames: watch::Sender<Arc<Sent>>,
    /// Changes with each edit of users and logins.
    access: watch::Sender<u64>,
    places: Arc<Semaphore>,
    /// Somebody came, and has seen no frame yet.
    pub(super) arrived: Notify,
    /// The server ends, and with it every connection.
    pub(super) stop: CancellationToken,
}

/// A frame as it is sent.
#[derive(Debug, Default)]
pub struct Sent {
    /// Frames are numbered without a gap.
    pub number: u64,
    /// For who has seen the frame before.
    news: Utf8Bytes,
    /// For everybody else: the same with all that happened of late.
    whole: LiveFrame,
    whole_text: OnceLock<Utf8Bytes>,
}

impl Sent {
    /// The frame `number`; `whole` is the frame for those who have not seen the one before.
    pub(super) fn new(number: u64, news: &LiveFrame, whole: LiveFrame) -> Self {
        Self { number, news: text(news), whole, whole_text: OnceLock::new() }
    }

    /// The frame for who has seen the frame `seen`.
    pub fn after(&self, seen: Option<u64>) -> Utf8Bytes {
        if seen.is_some_and(|seen| seen + 1 == self.number) {
            return self.news.clone();
        }
        self.whole_text.get_or_init(|| text(&self.whole)).clone()
    }
}

/// Made of numbers and texts, a frame always has a JSON form.
fn text(frame: &LiveFrame) -> Utf8Bytes {
    serde_json::to_string(frame).unwrap_or_default().into()
}

impl Default for Live {
    fn default() -> Self {
        Self {
            frames: watch::Sender::default(),
            access: watch::Sender::default(),
            places: Arc::new(Semaphore::new(CONNECTIONS)),
            arrived: Notify::new(),
            stop: CancellationToken::new(),
        }
    }
}

impl Live {
    /// A place for one more connection; `None` when all are taken.
    pub(super) fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.places).try_acquire_owned().ok()
    }

    /// The frames from now on; the next one comes soon.
    pub(super) fn listen(&self) -> watch::Receiver<Arc<Sent>> {
        let frames = self.frames.subscribe();
        self.arrived.notify_one();
        frames
    }

    /// Word of each edit of users and logins.
    pub(super) fn edits_of_access(&self) -> watch::Receiver<u64> {
        self.access.subscribe()
    }

    /// Users or logins were edited.
    pub(super) fn access_edited(&self) {
        self.access.send_modify(|edits| *edits += 1);
    }

    /// Does anybody listen?
    pub(super) fn is_heard(&self) -> bool {
        self.frames.receiver_count() > 0
    }

    /// Gives everybody the next frame.
    pub(super) fn publish(&self, sent: Sent) {
        self.frames.send_replace(Arc::new(sent));
    }

    /// Ends every connection, and returns when they have ended.
    pub async fn end(&self) {
        self.stop.cancel();
        // The semaphore is never closed; all of its places are free again when nobody is connected.
        drop(self.places.acquire_many(u32::try_from(CONNECTIONS).unwrap_or(u32::MAX)).await);
    }
}
