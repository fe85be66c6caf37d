//! What monitors ask: does it live, is it ready, what has it counted.

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::json;
use utm_dispatcher::model::Scope;

use crate::auth::Identity;
use crate::client::peer;
use crate::error::ApiError;
use crate::state::AppState;

/// `GET /healthz`: the process lives and the database answers.
pub async fn healthz(State(state): State<AppState>) -> Response {
    match state.store.ping().await {
        Ok(()) => "ok".into_response(),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer").into_response()
        }
    }
}

/// `GET /readyz`: whether it can serve, and what is not as it should be.
pub async fn readyz(State(state): State<AppState>) -> Response {
    let is_ready = match state.store.migrations().await {
        Ok(migrations) => migrations.iter().all(|migration| migration.is_applied),
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            false
        }
    };
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "ready": is_ready, "warnings": state.warnings() }))).into_response()
}

/// `GET /metrics`: the counters in Prometheus' text format, for this machine and for tokens of scope read.
///
/// “This machine” is a connection from a loopback address that no proxy passed on.
pub async fn metrics(State(state): State<AppState>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let is_forwarded = parts.headers.contains_key("x-forwarded-for") || parts.headers.contains_key("forwarded");
    let is_local = peer(&parts).is_loopback() && !is_forwarded;
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
