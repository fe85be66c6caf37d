//! What an API answers when it cannot: problem JSON (RFC 9457).

use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value, json};
use utm_dispatcher::report::BadQuery;
use utm_dispatcher::store::StoreError;

use crate::export::Broken;

/// A refusal or failure of one request to an API.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// A parameter holds what is not allowed: 400.
    #[error("{parameter}: {came:?} came, allowed is {allowed}")]
    BadParameter {
        /// The parameter's name.
        parameter: &'static str,
        /// What came.
        came: String,
        /// What is allowed.
        allowed: String,
    },
    /// Neither a login nor a token that is valid: 401.
    #[error("a login or a token is needed: Authorization: Bearer TOKEN")]
    NoLogin,
    /// The login or token may not do this: 403.
    #[error("{0}")]
    Forbidden(&'static str),
    /// There is nothing at this address: 404.
    #[error("there is nothing at this address")]
    NotFound,
    /// The address does not take this method: 405.
    #[error("this address takes only {0}")]
    Method(&'static str),
    /// The query took too long: 503.
    #[error("the query took longer than 15 seconds; ask about fewer days")]
    Deadline,
    /// As many exports as may run at a time are running: 503.
    #[error("other exports are running; try again in a minute")]
    Busy,
    /// A file could not be made: 500. Nothing of it is told.
    #[error("the file could not be made; the server's log says why")]
    Export(#[source] Broken),
    /// The store failed: 500. Nothing of it is told.
    #[error("the answer could not be made; the server's log says why")]
    Store(#[source] StoreError),
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::BadQuery(bad) => bad.into(),
            error if error.is_deadline() => Self::Deadline,
            error => Self::Store(error),
        }
    }
}

impl From<BadQuery> for ApiError {
    fn from(BadQuery { parameter, came, allowed }: BadQuery) -> Self {
        Self::BadParameter { parameter, came, allowed }
    }
}

impl From<Broken> for ApiError {
    fn from(error: Broken) -> Self {
        if let Broken::Store(error) = error { error.into() } else { Self::Export(error) }
    }
}

impl ApiError {
    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::BadParameter { .. } => StatusCode::BAD_REQUEST,
            Self::NoLogin => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Deadline | Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(error) if error.is_unavailable() => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(_) | Self::Export(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn body(&self) -> Value {
        let (status, detail) = (self.status(), self.to_string());
        let mut body = Map::new();
        body.insert("type".into(), "about:blank".into());
        body.insert("title".into(), status.canonical_reason().into());
        body.insert("status".into(), status.as_u16().into());
        body.insert("detail".into(), detail.clone().into());
        if let Self::BadParameter { parameter, came, allowed } = self {
            body.insert("parameter".into(), (*parameter).into());
            body.insert("came".into(), came.clone().into());
            body.insert("allowed".into(), allowed.clone().into());
        }
        // The key under which the clients of the original look.
        body.insert("error".into(), detail.into());
        json!(body)
    }
}

/// An error is logged here and nowhere else, and only if it is ours.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match &self {
            Self::Store(error) => tracing::error!(%error, "the store failed"),
            Self::Export(error) => tracing::error!(%error, "an export failed"),
            Self::Deadline => tracing::warn!("a query ran into its deadline"),
            _ => {}
        }
        let mut answer = (self.status(), self.body().to_string()).into_response();
        let headers = answer.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        match self {
            Self::NoLogin => drop(headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
            Self::Method(allowed) => drop(headers.insert(ALLOW, HeaderValue::from_static(allowed))),
            Self::Deadline | Self::Busy => drop(headers.insert(RETRY_AFTER, HeaderValue::from_static("30"))),
            _ => {}
        }
        answer
    }
}
