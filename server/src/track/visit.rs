//! The visit that a request belongs to, as a storefront sees it: something to tell what happens to.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;
use tokio::sync::{mpsc, oneshot};
use utm_dispatcher::model::order::BadOrder;
use utm_dispatcher::model::{NewAction, OrderMessage};

/// The tracked visit of the request in hand; the tracking layer puts it into the request's extensions.
///
/// As an extractor it is always there: for a request that is not tracked, what it is told goes nowhere.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    listener: Option<mpsc::Sender<Told>>,
}

/// What a storefront told.
#[derive(Debug)]
pub enum Told {
    /// Something that the visitor did.
    Action(NewAction),
    /// The state of an order.
    Order {
        /// The order.
        message: Box<OrderMessage>,
        /// Is answered when the order is stored, or when that failed.
        stored: oneshot::Sender<Result<(), TrackError>>,
    },
}

/// Why an order was not stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrackError {
    /// It breaks the rules that every order must satisfy.
    #[error(transparent)]
    Refused(#[from] BadOrder),
    /// What stores it is gone or failed.
    #[error("the order could not be stored")]
    NotStored,
}

impl Visit {
    /// A visit that passes on what it is told.
    pub fn telling(listener: mpsc::Sender<Told>) -> Self {
        Self { listener: Some(listener) }
    }

    /// Tells that the visitor did something. Never waits and never fails: when nobody can take it, it is lost.
    pub fn record(&self, action: NewAction) {
        if let Some(listener) = &self.listener {
            // A full queue is counted where it is emptied.
            let _lost = listener.try_send(Told::Action(action));
        }
    }

    /// Tells an order's state, linked to this visit; returns when it is stored.
    pub async fn put_order(&self, message: OrderMessage) -> Result<(), TrackError> {
        message.check()?;
        let Some(listener) = &self.listener else { return Ok(()) };
        let (stored, answer) = oneshot::channel();
        let told = Told::Order { message: Box::new(message), stored };
        listener.send(told).await.map_err(|_| TrackError::NotStored)?;
        answer.await.unwrap_or(Err(TrackError::NotStored))
    }
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}
