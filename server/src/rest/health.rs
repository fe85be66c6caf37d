//! What monitors ask: does it live, is it ready, what has it counted.

use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HOST};
use serde_json::json;
use utm_dispatcher::model::Scope;
use utm_dispatcher::store::StoreError;

use crate::auth::Identity;
use crate::client::{X_FORWARDED_FOR, peer};
use crate::error::ApiError;
use crate::state::AppState;

/// A database that is slower than this is away.
const PATIENCE: Duration = Duration::from_secs(3);

/// `GET /healthz`: the process lives and the database answers.
pub async fn healthz(State(state): State<AppState>) -> Response {
    match answer(state.store.ping()).await {
        Some(()) => "ok".into_response(),
        None => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer").into_response(),
    }
}

/// `GET /readyz`: whether it can serve, and what is not as it should be.
pub async fn readyz(State(state): State<AppState>) -> Response {
    let migrations = answer(state.store.migrations()).await;
    let is_ready = migrations.is_some_and(|migrations| migrations.iter().all(|migration| migration.is_applied));
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "ready": is_ready, "warnings": state.warnings() }))).into_response()
}

/// What the database answers, if it does so in time.
async fn answer<T>(question: impl Future<Output = Result<T, StoreError>>) -> Option<T> {
    match tokio::time::timeout(PATIENCE, question).await {
        Ok(Ok(answer)) => return Some(answer),
        Ok(Err(error)) => tracing::error!(%error, "the database does not answer"),
        Err(_) => tracing::error!("the database does not answer within {} s", PATIENCE.as_secs()),
    }
    None
}

/// `GET /metrics`: the counters in Prometheus' text format, for this machine and for tokens of scope read.
///
/// “This machine” is a connection from a loopback address, to one, that no proxy passed on.
pub async fn metrics(State(state): State<AppState>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    // nginx forwards without saying so, but with the visitors' host or its upstream's name.
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, port)| if port.ends_with(']') { host } else { name });
    let is_asked_here = ["127.0.0.1", "localhost", "[::1]"].contains(&name);
    let forwarding = [X_FORWARDED_FOR, "forwarded"].into_iter().chain(state.config.tracking.address_header.as_deref());
    let is_forwarded = forwarding.into_iter().any(|name| parts.headers.contains_key(name));
    let is_local = peer(&parts).is_loopback() && is_asked_here && !is_forwarded;
    let identity = parts.extensions.get::<Identity>();
    match identity {
        Some(Identity::Token { scope: Scope::Read, .. }) => {}
        Some(Identity::Token { scope: Scope::Write, .. }) => {
            return ApiError::Forbidden("this token's scope is write; read is needed").into_response();
        }
        _ if is_local => {}
        _ => return ApiError::NoLogin.into_response(),
    }
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], state.counters.text()).into_response()
}
