//! The code of a visitor's session, for the shop's pages to show: whoever orders by phone or messenger tells it.

use std::time::Duration;

use axum::Json;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use serde_json::json;
use tokio::time::timeout;
use tracing::warn;
use utm_dispatcher::model::visitor::VisitorKey;
use utm_dispatcher::model::{Millis, SessionCode};
use utm_dispatcher::store::Store;

use super::layer::Tracker;

/// Where a page of the shop asks for its visitor's code.
pub const PATH: &str = "/api/v1/collect/code";
/// So long a page waits for a code; then it goes without.
const PATIENCE: Duration = Duration::from_millis(50);

/// Where codes are kept. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Codes(pub Store);

impl Codes {
    /// The code of the session that the visitor `key` is in; `None` until the session is stored, and when the database
    /// does not answer at once.
    pub async fn of(&self, key: &VisitorKey, at: Millis) -> Option<SessionCode> {
        match timeout(PATIENCE, self.0.session_code(key, at)).await {
            Ok(Ok(code)) => code,
            Ok(Err(error)) => {
                warn!(%error, "a session's code could not be found");
                None
            }
            Err(_) => None,
        }
    }
}

/// The code of the session that who sends `request` is in; `None` for who is in none or not tracked.
pub async fn of(tracker: Option<&Tracker>, request: Request, at: Millis) -> Option<SessionCode> {
    let tracker = tracker?;
    let key = tracker.visitor(&request, at)?;
    tracker.code(&key, at).await
}

/// `{"code": "K7M2QX"}`, or null.
pub fn answer(code: Option<&SessionCode>) -> Response {
    ([(CACHE_CONTROL, "no-store")], Json(json!({ "code": code }))).into_response()
}
