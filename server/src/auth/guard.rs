//! Who may go on: layers in front of our own routes.

use app::error::AppError;
use app::routes::{HOME, LOGIN, TRACKING};
use axum::Json;
use axum::extract::{Extension, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{AUTHORIZATION, SET_COOKIE};
use http::{HeaderMap, StatusCode};
use utm_dispatcher::model::{Millis, Role, Scope};
use utm_dispatcher::store::StoreError;

use super::{Identity, cookie, origin, secret};
use crate::error::ApiError;
use crate::page::apology;
use crate::state::{AppState, now};

/// What the addresses of server functions begin with.
const FUNCTIONS: &str = "/admin-panel/fn/";
/// What only administrators see and do: pages by their path, server functions by their name.
const ADMINISTRATION: [&str; 5] = [TRACKING, "tracking", "add_exclusion", "switch_exclusion", "delete_exclusion"];
/// A login's end is moved at most this often: each time is a write.
const EXTENDED_AFTER: Millis = 60 * 60 * 1000;

/// Finds out who asks, and says so in the request's extensions as [`Identity`] and `Option<Viewer>`.
pub async fn identify(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let (identity, renewed) = match who(&state, request.headers()).await {
        Ok(found) => found,
        Err(error) => return ApiError::from(error).into_response(),
    };
    request.extensions_mut().insert(identity.reader());
    request.extensions_mut().insert(identity);
    let mut answer = next.run(request).await;
    if let Some(cookie) = renewed {
        // Not when the answer has a login cookie of its own: a new login, or its end.
        answer.headers_mut().entry(SET_COOKIE).or_insert(cookie);
    }
    answer
}

/// A token, when the request shows one, else the login; with it a cookie when its end has moved.
async fn who(state: &AppState, headers: &HeaderMap) -> Result<(Identity, Option<http::HeaderValue>), StoreError> {
    if let Some(shown) = bearer(headers) {
        let token =
            if shown.len() < 128 { state.auth.tokens.find(&state.store, &secret::hash(shown)).await? } else { None };
        let identity = token.map_or(Identity::Nobody, |token| Identity::Token { name: token.name, scope: token.scope });
        return Ok((identity, None));
    }
    let is_https = state.config.is_https();
    let Some(shown) = cookie::read(headers, is_https) else { return Ok((Identity::Nobody, None)) };
    let (hash, now) = (secret::hash(&shown), now());
    let Some(login) = state.store.login(&hash, now).await? else { return Ok((Identity::Nobody, None)) };
    let mut renewed = None;
    if now - login.last_seen >= EXTENDED_AFTER {
        let lasts = i64::try_from(state.auth.lasts.as_millis()).unwrap_or(i64::MAX / 2);
        match state.store.extend_login(&hash, now, now + lasts).await {
            Ok(()) => renewed = cookie::write(&shown, is_https, state.auth.lasts),
            // The page does not need it: the next request tries again.
            Err(error) => tracing::warn!(%error, "a login could not be extended"),
        }
    }
    Ok((Identity::User(login.viewer), renewed))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// What the dashboard may show, and to whom: everyone sees the login form; without a login its pages lead there and its
/// server functions refuse; a role that is too small goes no further.
pub async fn dashboard(Extension(identity): Extension<Identity>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_function = path.starts_with(FUNCTIONS);
    match identity.user() {
        _ if path == LOGIN => next.run(request).await,
        Some(viewer) if viewer.role >= needed(path) => next.run(request).await,
        Some(_) if is_function => refuse(StatusCode::FORBIDDEN, &AppError::Forbidden),
        Some(_) => apology(StatusCode::FORBIDDEN),
        None if is_function => refuse(StatusCode::UNAUTHORIZED, &AppError::NotLoggedIn),
        None => {
            let wanted = request.uri().path_and_query().map_or(HOME, http::uri::PathAndQuery::as_str);
            let wanted: String = url::form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
            Redirect::to(&format!("{LOGIN}?next={wanted}")).into_response()
        }
    }
}

/// The role that a page or server function needs.
fn needed(path: &str) -> Role {
    let place = path.strip_prefix(FUNCTIONS).unwrap_or(path);
    if ADMINISTRATION.contains(&place) { Role::Admin } else { Role::Viewer }
}

/// A refusal as the dashboard's own code reads it.
fn refuse(status: StatusCode, error: &AppError) -> Response {
    (status, Json(error)).into_response()
}

/// APIs that read: a login of any role, or a token of scope read.
pub async fn read_api(Extension(identity): Extension<Identity>, request: Request, next: Next) -> Response {
    match (identity.reader(), identity) {
        (Some(viewer), _) => {
            let mut request = request;
            request.extensions_mut().insert(viewer);
            next.run(request).await
        }
        (None, Identity::Token { .. }) => {
            ApiError::Forbidden("this token's scope is write; read is needed").into_response()
        }
        (None, _) => ApiError::NoLogin.into_response(),
    }
}

/// Files: who may read APIs, from the role of an analyst on.
pub async fn export_api(Extension(identity): Extension<Identity>, request: Request, next: Next) -> Response {
    if identity.reader().is_some_and(|viewer| viewer.role < Role::Analyst) {
        return ApiError::Forbidden("viewers may not export: the role analyst or admin is needed").into_response();
    }
    read_api(Extension(identity), request, next).await
}

/// APIs that write: a token of scope write.
pub async fn write_api(Extension(identity): Extension<Identity>, request: Request, next: Next) -> Response {
    match identity {
        Identity::Token { scope: Scope::Write, .. } => next.run(request).await,
        Identity::Nobody => ApiError::NoLogin.into_response(),
        Identity::Token { .. } => ApiError::Forbidden("this token's scope is read; write is needed").into_response(),
        Identity::User(_) => ApiError::Forbidden("a token of scope write is needed").into_response(),
    }
}

/// Refuses what another site's page sent in the name of our user.
pub async fn own_origin(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let expected = state.config.admin_origin();
    if origin::is_own(request.method(), request.uri(), request.headers(), expected.as_ref()) {
        return next.run(request).await;
    }
    apology(StatusCode::FORBIDDEN)
}

/// With `[site] admin_host` set, what stands behind this layer is nowhere else.
pub async fn admin_host(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if is_admin_host(&state, &request).unwrap_or(true) {
        next.run(request).await
    } else {
        apology(StatusCode::NOT_FOUND)
    }
}

/// With `[site] admin_host` set, what stands behind this layer (the storefront) is not there.
pub async fn other_hosts(State(state): State<AppState>, request: Request, next: Next) -> Response {
    match is_admin_host(&state, &request) {
        Some(true) if request.uri().path() == "/" => Redirect::to(HOME).into_response(),
        Some(true) => apology(StatusCode::NOT_FOUND),
        _ => next.run(request).await,
    }
}

/// Was the request sent to the administrator's host? `None` when there is no such host.
fn is_admin_host(state: &AppState, request: &Request) -> Option<bool> {
    let admin = state.config.site.admin_host.as_ref()?;
    Some(admin.is(origin::host(request.uri(), request.headers())))
}
