//! The bounded queue between the requests and the writer. Whoever puts a visitor's doings in never waits for a
//! database; a message of the shop waits for it a little, and then goes to the spool.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tracing::error;
use utm_dispatcher::message::{BadField, Message, Owner, Received};
use utm_dispatcher::model::visitor::{Hit, VisitorKey};
use utm_dispatcher::model::{Millis, NewAction, OrderMessage};
use utm_dispatcher::store::{Applied, StoreError};

use super::spool::Spool;
use crate::metrics::Counters;

/// How long a message waits for the database before it goes to the spool.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// What waits for the writer.
#[derive(Debug)]
pub enum Job {
    /// Something that a visitor did.
    Action {
        /// The request in which it was done.
        hit: Arc<Hit>,
        /// When.
        at: Millis,
        /// What.
        action: NewAction,
    },
    /// What the shop says; answered when it is on the disk.
    Message(MessageJob),
    /// What waits in the spool may be stored: all that was queued before it is.
    Replay(ReplayJob),
    /// Nothing comes after this: the server stops.
    End,
}

/// A message, and who waits for it.
#[derive(Debug)]
pub struct MessageJob {
    /// The message.
    pub message: Box<Received>,
    /// Takes the answer. When it is closed the message has gone to the spool.
    pub reply: oneshot::Sender<Result<Applied, NotTaken>>,
}

/// Stores what waits in the spool.
#[derive(Debug)]
pub struct ReplayJob {
    /// The spool.
    pub spool: Spool,
    /// Only messages with lower numbers.
    pub upto: u64,
    /// Takes why not all of it is stored, if so. When it is closed, nobody wants it any more.
    pub reply: oneshot::Sender<Result<(), String>>,
}

/// What became of a message. Either way it is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is in the database.
    Stored(Applied),
    /// It waits in the spool, and will be.
    Spooled,
}

/// Why a message was not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// It says something that cannot be.
    #[error(transparent)]
    Refused(BadField),
    /// The database refused it for what it is, though it passed every check.
    #[error(transparent)]
    Failed(StoreError),
    /// Neither the database nor the spool takes anything now; trying again later helps.
    #[error("neither the database nor the spool takes it now")]
    Away,
}

/// The end of the queue that takes jobs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Recorder {
    jobs: mpsc::Sender<Job>,
    counters: Arc<Counters>,
    spool: Option<Spool>,
}

/// A queue of `capacity` jobs, whose messages find no spool.
pub fn queue(capacity: usize, counters: Arc<Counters>) -> (Recorder, mpsc::Receiver<Job>) {
    let (jobs, writer) = mpsc::channel(capacity);
    (Recorder { jobs, counters, spool: None }, writer)
}

impl Recorder {
    /// The same queue, whose messages go to `spool` while the database takes none.
    #[must_use]
    pub fn with_spool(self, spool: Spool) -> Self {
        Self { spool: Some(spool), ..self }
    }

    /// What the process counts.
    pub fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    /// Where messages wait while the database takes none.
    pub fn spool(&self) -> Option<&Spool> {
        self.spool.as_ref()
    }

    /// Puts an action in. When the queue is full, or the server stops, the action is dropped and counted. Is it in?
    pub fn action(&self, hit: Arc<Hit>, at: Millis, action: NewAction) -> bool {
        let put = self.jobs.try_send(Job::Action { hit, at, action });
        match put {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => self.counters.dropped("queue_full"),
            Err(TrySendError::Closed(_)) => self.counters.dropped("stopping"),
        }
        put.is_ok()
    }

    /// Puts a message in and waits until it is on the disk: in the database or, when that takes nothing for
    /// [`PATIENCE`], in the spool. It is seen through even if who asked goes away.
    pub async fn message(&self, message: Received) -> Result<Taken, NotTaken> {
        let recorder = self.clone();
        // It fails only by a panic, of which the process's hook has told.
        tokio::spawn(async move { recorder.take(message).await }).await.unwrap_or(Err(NotTaken::Away))
    }

    async fn take(self, message: Received) -> Result<Taken, NotTaken> {
        let written = || serde_json::to_vec(&message).map_err(|error| error.to_string());
        if let Some(spool) = self.spool.as_ref().filter(|spool| spool.is_filled()) {
            let open = spool.enter().await;
            if spool.is_filled() {
                return self.put(spool, message.at, written()).await;
            }
            drop(open);
        }
        let (reply, answer) = oneshot::channel();
        let job = Job::Message(MessageJob { message: Box::new(message.clone()), reply });
        let asked = async {
            self.jobs.send(job).await.ok()?;
            answer.await.ok()
        };
        match (timeout(PATIENCE, asked).await, &self.spool) {
            (Ok(Some(Ok(applied))), _) => Ok(Taken::Stored(applied)),
            (Ok(Some(Err(refusal @ (NotTaken::Refused(_) | NotTaken::Failed(_))))), _) => Err(refusal),
            // Whatever became of it there: to store it twice is to store it once.
            (_, Some(spool)) => {
                let _open = spool.enter().await;
                self.put(spool, message.at, written()).await
            }
            (_, None) => Err(NotTaken::Away),
        }
    }

    async fn put(&self, spool: &Spool, at: Millis, message: Result<Vec<u8>, String>) -> Result<Taken, NotTaken> {
        let put = match message {
            Ok(bytes) => spool.put(at, bytes).await.map_err(|error| error.to_string()),
            Err(error) => Err(error),
        };
        match put {
            Ok(()) => {
                self.counters.recorded("spooled", 1);
                Ok(Taken::Spooled)
            }
            Err(error) => {
                error!(error, "a message finds neither the database nor the spool");
                self.counters.dropped("spool_full");
                Err(NotTaken::Away)
            }
        }
    }

    /// Puts a replay in and waits for its end; an error says why something is left.
    pub(super) async fn replay(&self, spool: Spool, upto: u64) -> Result<(), String> {
        let (reply, answer) = oneshot::channel();
        let sent = self.jobs.send(Job::Replay(ReplayJob { spool, upto, reply })).await;
        let stopping = || "the server is stopping".to_owned();
        sent.map_err(|_| stopping())?;
        answer.await.map_err(|_| stopping())?
    }

    /// Has the writer ended?
    pub(super) fn is_ended(&self) -> bool {
        self.jobs.is_closed()
    }

    /// Says once more of a stored order whose it is, behind the actions that give its buyer a session. An order that
    /// belongs to somebody keeps its buyer. Nobody waits for it.
    pub fn attribute(&self, order: OrderMessage, buyer: VisitorKey, at: Millis) {
        let recorder = self.clone();
        let received = Received { message: Message::Order { order, owner: Owner::Key(buyer) }, at };
        tokio::spawn(async move {
            if let Err(error) = recorder.message(received).await {
                error!(%error, "an order stays without its buyer");
            }
        });
    }

    /// Ends the queue behind all that is in it.
    pub async fn end(&self) {
        if let Some(spool) = &self.spool {
            spool.stop();
        }
        // A writer that is gone already has nothing left to end.
        let _ = self.jobs.send(Job::End).await;
    }
}
