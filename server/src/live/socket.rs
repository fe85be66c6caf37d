//! `/admin-panel/live`: one connection.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Response};
use http::header::{ORIGIN, RETRY_AFTER, UPGRADE};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use tokio::time::{MissedTickBehavior, interval, timeout};
use utm_dispatcher::store::StoreError;

use crate::auth::{Identity, login_hash, origin};
use crate::error::ApiError;
use crate::state::{AppState, now};

/// The login is looked at again so often, and at once when logins or users were edited.
const LOGIN_CHECK: Duration = Duration::from_mins(1);
/// A ping goes out so often; a connection that has answered none since the last one is lost.
const PING: Duration = Duration::from_secs(20);
/// A client that takes nothing for so long is gone.
const STUCK: Duration = Duration::from_secs(30);
/// How long the last word may take.
const LAST_WORD: Duration = Duration::from_secs(1);
/// Browsers send us nothing but pongs.
const MOST: usize = 256;

/// Why a connection ends, as the browser learns it: a code of RFC 6455, or one of our own from 4000 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Nobody is there any more.
    Gone,
    /// The server stops, or is asked too much.
    GoingAway,
    /// It said something, and there is nothing to say.
    Policy,
    /// The login has ended, or its role is too small by now.
    LoggedOut,
}

impl End {
    fn code(self) -> Option<u16> {
        match self {
            Self::Gone => None,
            Self::GoingAway => Some(1001),
            Self::Policy => Some(1008),
            Self::LoggedOut => Some(4401),
        }
    }
}

/// `GET /admin-panel/live`: a WebSocket for whoever may see the dashboard, from our own pages alone.
pub async fn live(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
    uri: Uri,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    // Every role sees the dashboard, and frames hold nothing that is not for all of them.
    if identity.user().is_none() {
        return ApiError::NoLogin.into_response();
    }
    let Ok(upgrade) = upgrade else {
        return (StatusCode::UPGRADE_REQUIRED, [(UPGRADE, HeaderValue::from_static("websocket"))]).into_response();
    };
    // Browsers name the page's origin with every WebSocket, and let pages of any origin open one: it is judged as a
    // request that acts.
    let expected = state.config.admin_origin();
    if !headers.contains_key(ORIGIN) || !origin::is_own(&Method::POST, &uri, &headers, expected.as_ref()) {
        return ApiError::Forbidden("this origin is not the dashboard's").into_response();
    }
    let (Some(login), Some(place)) = (login_hash(&headers, state.config.is_https()), state.live.place()) else {
        return (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, HeaderValue::from_static("30"))]).into_response();
    };
    upgrade.max_message_size(MOST).max_frame_size(MOST).write_buffer_size(0).on_upgrade(async move |mut socket| {
        let stop = state.live.stop.clone();
        let end = tokio::select! {
            () = stop.cancelled() => End::GoingAway,
            end = talk(&mut socket, &state) => end,
            () = logged_out(&state, &login) => End::LoggedOut,
        };
        if let Some(code) = end.code() {
            // Who does not listen any more need not hear it.
            drop(timeout(LAST_WORD, close(&mut socket, code)).await);
        }
        drop(place);
    })
}

/// Says the last word, and waits until the other end has said its own: what is cut off before may be lost with the word.
async fn close(socket: &mut WebSocket, code: u16) {
    let word = Message::Close(Some(CloseFrame { code, reason: "".into() }));
    if socket.send(word).await.is_ok() {
        while let Some(Ok(_)) = socket.recv().await {}
    }
}

/// Sends each frame that the other end is quick enough for, until it goes away.
async fn talk(socket: &mut WebSocket, state: &AppState) -> End {
    let mut frames = state.live.listen();
    let mut pings = interval(PING);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut seen, mut is_there) = (None, true);
    loop {
        let message = tokio::select! {
            changed = frames.changed() => {
                if changed.is_err() {
                    return End::GoingAway;
                }
                let sent = Arc::clone(&frames.borrow_and_update());
                let text = sent.after(seen.replace(sent.number));
                Message::Text(text)
            }
            _ = pings.tick() => {
                if !std::mem::replace(&mut is_there, false) {
                    return End::Gone;
                }
                Message::Ping("".into())
            }
            received = socket.recv() => match received {
                Some(Ok(Message::Pong(_) | Message::Ping(_))) => {
                    is_there = true;
                    continue;
                }
                Some(Ok(Message::Text(_) | Message::Binary(_))) => return End::Policy,
                Some(Ok(Message::Close(_)) | Err(_)) | None => return End::Gone,
            },
        };
        if !matches!(timeout(STUCK, socket.send(message)).await, Ok(Ok(()))) {
            return End::Gone;
        }
    }
}

/// Returns when the login has ended, or its role does not suffice any more.
async fn logged_out(state: &AppState, login: &str) {
    let mut edits = state.live.edits_of_access();
    let mut minutes = interval(LOGIN_CHECK);
    minutes.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = minutes.tick() => {}
            changed = edits.changed() => if changed.is_err() {
                return;
            },
        }
        // While the database does not answer nobody is sent away: nor is there anything to tell.
        if let Ok(false) = may_look(state, login).await {
            return;
        }
    }
}

async fn may_look(state: &AppState, login: &str) -> Result<bool, StoreError> {
    Ok(state.store.login(login, now()).await?.is_some())
}
