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
use utoipa::openapi::schema::{SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

use super::openapi::schema::{list, object, of, text, time as time_shape};
use super::openapi::{self, Described, Who};
use super::time;
use crate::auth::Identity;
use crate::client::{X_FORWARDED_FOR, peer};
use crate::error::ApiError;
use crate::metrics::write_gauge;
use crate::state::{AppState, now};
use crate::track::spool::Spool;

/// A database that is slower than this is away.
const PATIENCE: Duration = Duration::from_secs(3);

/// `GET /healthz`: the process lives and the database answers.
pub async fn healthz(State(state): State<AppState>) -> Response {
    match answer(state.store.ping()).await {
        Some(()) => "ok".into_response(),
        None => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer").into_response(),
    }
}

/// `GET /readyz`: whether the database answers and takes what comes, what is not as it should be, and how many messages
/// wait in the spool since when (null: none).
pub async fn readyz(State(state): State<AppState>) -> Response {
    let migrations = answer(state.store.migrations()).await;
    let is_whole = migrations.is_some_and(|migrations| migrations.iter().all(|migration| migration.is_applied));
    let spool = state.recorder.spool().and_then(Spool::waiting);
    // SQLite answers readers while it takes nothing: then messages wait, as they do for a PostgreSQL that is away.
    let is_ready = is_whole && spool.is_none();
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let spool = spool.map(|waiting| json!({ "messages": waiting.messages, "since": time(waiting.since) }));
    (status, Json(json!({ "ready": is_ready, "warnings": state.warnings(), "spool": spool }))).into_response()
}

/// What they say of themselves.
pub fn operations() -> [Described; 3] {
    let plain = |about| openapi::other(about, "text/plain");
    let spool = || {
        object([("messages", of(Type::Integer)), ("since", time_shape())])
            .schema_type(SchemaType::from_iter([Type::Object, Type::Null]))
    };
    let state = || {
        object([
            ("ready", of(Type::Boolean).build().into()),
            ("warnings", list(text()).build().into()),
            ("spool", RefOr::<Schema>::from(spool().build())),
        ])
    };
    let live = openapi::get("/healthz", "healthz", "Does it live, and does its database answer?")
        .answers(200, plain("It does."))
        .answers(503, plain("The database does not answer."));
    let ready = openapi::get("/readyz", "readyz", "Can it serve, and what is not as it should be?")
        .gives(200, "It can.", state())
        .gives(503, "It cannot.", state());
    let counters =
        openapi::get("/metrics", "metrics", "The counters for Prometheus. For tokens, and for this machine.")
            .answers(200, plain("The counters."));
    [
        live.within("monitors", Who::Anyone),
        ready.within("monitors", Who::Anyone),
        counters.within("monitors", Who::Reader),
    ]
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
    let mut text = state.counters.text();
    let waiting = state.recorder.spool().and_then(Spool::waiting);
    let (messages, age) = waiting.map_or((0, 0), |waiting| (waiting.messages, (now() - waiting.since) / 1000));
    write_gauge(&mut text, "dispatcher_spool_messages", "Messages that wait in the spool.", messages);
    let age = age.try_into().unwrap_or(0);
    write_gauge(&mut text, "dispatcher_spool_age_seconds", "How long the first of them has waited.", age);
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
