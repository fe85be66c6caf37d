//! The bounded queue between the requests and the writer. Nobody who puts something in ever waits for a database.

use std::sync::Arc;

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use utm_dispatcher::model::visitor::{Hit, VisitorKey};
use utm_dispatcher::model::{Millis, NewAction, OrderMessage};
use utm_dispatcher::store::{Applied, StoreError};

use crate::metrics::Counters;

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
    /// What the shop says of an order; answered when it is on the disk.
    Order(OrderJob),
    /// Nothing comes after this: the server stops.
    End,
}

/// An order's message, and who waits for it.
#[derive(Debug)]
pub struct OrderJob {
    /// The order.
    pub message: Box<OrderMessage>,
    /// Whose it is, if anybody's.
    pub buyer: Option<VisitorKey>,
    /// When the message arrived.
    pub at: Millis,
    /// Takes the answer.
    pub reply: oneshot::Sender<Result<Applied, StoreError>>,
}

/// The end of the queue that takes jobs. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Recorder {
    jobs: mpsc::Sender<Job>,
    counters: Arc<Counters>,
}

/// Why an order was not stored.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// The store refused it or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The writer is gone: the server is stopping.
    #[error("the server is stopping")]
    Stopping,
}

/// A queue of `capacity` jobs.
pub fn queue(capacity: usize, counters: Arc<Counters>) -> (Recorder, mpsc::Receiver<Job>) {
    let (jobs, writer) = mpsc::channel(capacity);
    (Recorder { jobs, counters }, writer)
}

impl Recorder {
    /// Puts an action in. When the queue is full, or the server stops, the action is dropped and counted.
    pub fn action(&self, hit: Arc<Hit>, at: Millis, action: NewAction) {
        match self.jobs.try_send(Job::Action { hit, at, action }) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => self.counters.dropped("queue_full"),
            Err(TrySendError::Closed(_)) => self.counters.dropped("stopping"),
        }
    }

    /// Puts an order in and waits until it is on the disk.
    pub async fn order(
        &self,
        message: OrderMessage,
        buyer: Option<VisitorKey>,
        at: Millis,
    ) -> Result<Applied, OrderError> {
        let (reply, answer) = oneshot::channel();
        let job = Job::Order(OrderJob { message: Box::new(message), buyer, at, reply });
        self.jobs.send(job).await.map_err(|_| OrderError::Stopping)?;
        Ok(answer.await.map_err(|_| OrderError::Stopping)??)
    }

    /// Says once more of a stored order whose it is, behind the actions that give its buyer a session. An order that
    /// belongs to somebody keeps its buyer. Waits for nothing: when the queue is full it is dropped and counted.
    pub fn attribute(&self, message: OrderMessage, buyer: VisitorKey, at: Millis) {
        let (reply, _) = oneshot::channel();
        let job = Job::Order(OrderJob { message: Box::new(message), buyer: Some(buyer), at, reply });
        match self.jobs.try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => self.counters.dropped("queue_full"),
            Err(TrySendError::Closed(_)) => self.counters.dropped("stopping"),
        }
    }

    /// Ends the queue behind all that is in it.
    pub async fn end(&self) {
        // A writer that is gone already has nothing left to end.
        let _ = self.jobs.send(Job::End).await;
    }
}
