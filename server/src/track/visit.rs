//! The visit that a request belongs to, as a storefront sees it: something to tell what happens to.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::FromRequestParts;
use http::Method;
use http::request::Parts;
use utm_dispatcher::message::{Message, Owner, Received};
use utm_dispatcher::model::visitor::VisitorKey;
use utm_dispatcher::model::{Millis, NewAction, OrderMessage, SessionCode};

use super::code::Codes;
use super::queue::{NotTaken, Recorder, Taken};

/// The tracked visit of the request in hand; the tracking layer puts it into the request's extensions.
///
/// As an extractor it is always there: for a request that is not tracked, what it is told goes nowhere, except
/// orders, which are stored all the same and attributed to nobody.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    tracked: Option<Arc<Tracked>>,
}

#[derive(Debug)]
struct Tracked {
    recorder: Recorder,
    codes: Option<Codes>,
    /// Whose orders these are; `None` for a request that is not tracked.
    buyer: Option<VisitorKey>,
    arrived_at: Millis,
    /// What was done, until the answer is there and with it the visitor's final key.
    told: Mutex<Vec<NewAction>>,
    /// The orders that were stored meanwhile.
    orders: Mutex<Vec<OrderMessage>>,
}

impl Visit {
    /// The visit of a request that arrived at `arrived_at`. `buyer` is `None` when it is not tracked.
    pub fn new(recorder: Recorder, codes: Option<Codes>, buyer: Option<VisitorKey>, arrived_at: Millis) -> Self {
        let (told, orders) = <(Mutex<_>, Mutex<_>)>::default();
        Self { tracked: Some(Arc::new(Tracked { recorder, codes, buyer, arrived_at, told, orders })) }
    }

    /// Tells that the visitor did something. Never waits and never fails.
    pub fn record(&self, action: NewAction) {
        if let Some(tracked) = self.tracked.as_deref().filter(|tracked| tracked.buyer.is_some()) {
            lock(&tracked.told).push(action);
        }
    }

    /// Tells an order's state; returns when it is on the disk. Without a tracking layer nothing is.
    pub async fn put_order(&self, order: OrderMessage) -> Result<Option<Taken>, NotTaken> {
        let Some(tracked) = self.tracked.as_deref() else { return Ok(None) };
        let owner = tracked.buyer.clone().map_or(Owner::Nobody, Owner::Key);
        let received = Received { message: Message::Order { order: order.clone(), owner }, at: tracked.arrived_at };
        let taken = tracked.recorder.message(received).await?;
        if tracked.buyer.is_some() {
            lock(&tracked.orders).push(order);
        }
        Ok(Some(taken))
    }

    /// The code that names the visit to people who order by phone or messenger. Soon there, or `None`: the first page of
    /// a visit has none, as the visit is not stored yet.
    pub async fn code(&self) -> Option<SessionCode> {
        let tracked = self.tracked.as_deref()?;
        tracked.codes.as_ref()?.of(tracked.buyer.as_ref()?, tracked.arrived_at).await
    }

    /// Takes what was told so far.
    pub fn take(&self) -> Vec<NewAction> {
        self.tracked.as_deref().map_or_else(Vec::new, |tracked| std::mem::take(&mut *lock(&tracked.told)))
    }

    /// Takes the orders that were stored so far.
    pub fn take_orders(&self) -> Vec<OrderMessage> {
        self.tracked.as_deref().map_or_else(Vec::new, |tracked| std::mem::take(&mut *lock(&tracked.orders)))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        // Whoever asks with HEAD is shown nothing.
        let is_shown = parts.method != Method::HEAD;
        Ok(parts.extensions.get::<Self>().filter(|_| is_shown).cloned().unwrap_or_default())
    }
}
