//! What an API answers when it cannot: problem JSON (RFC 9457).

use axum::response::{IntoResponse, Response};
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value};
use utm_dispatcher::message::BadField;
use utm_dispatcher::report::BadQuery;
use utm_dispatcher::store::StoreError;
use utoipa::openapi::Type;
use utoipa::openapi::schema::ObjectBuilder;

use crate::export::Broken;
use crate::rest::openapi::schema::{object, of, text, text_or_null, whole};

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
    /// A field of the body breaks a rule: 422.
    #[error(transparent)]
    BadField(BadField),
    /// The body is larger than what is allowed: 413.
    #[error("the body is larger than {0} bytes")]
    TooLarge(usize),
    /// The body is no JSON by what the request says of it: 415.
    #[error("Content-Type: application/json is needed")]
    NotJson,
    /// The body did not come whole: 400.
    #[error("the body did not come whole")]
    BrokenBody,
    /// What was sent can be kept nowhere now: 503.
    #[error("it cannot be stored now; please send it again later")]
    Away,
    /// Neither a login nor a token that is valid: 401.
    #[error("a login or a token is needed: Authorization: Bearer TOKEN")]
    NoLogin,
    /// The login or token may not do this: 403.
    #[error("{0}")]
    Forbidden(&'static str),
    /// There is nothing at this address: 404.
    #[error("there is nothing at this address")]
    NotFound,
    /// There is no session of this id: 404, in the words of the original.
    #[error("Session not found")]
    NoSession,
    /// There is no report of this name: 404.
    #[error("there is no such report; /api/v1/reports lists them")]
    NoReport,
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
            Self::BadParameter { .. } | Self::BrokenBody => StatusCode::BAD_REQUEST,
            Self::BadField(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NoLogin => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound | Self::NoSession | Self::NoReport => StatusCode::NOT_FOUND,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Away | Self::Busy | Self::Deadline => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(error) if error.is_unavailable() => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(_) | Self::Export(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The answer's members, for an answer with that status.
    pub fn body(&self, status: StatusCode) -> Map<String, Value> {
        let detail = self.to_string();
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
        if let Self::BadField(BadField { field, came, allowed }) = self {
            body.insert("field".into(), field.as_str().into());
            body.insert("came".into(), came.clone().into());
            body.insert("allowed".into(), allowed.as_str().into());
        }
        // The key under which the clients of the original look.
        body.insert("error".into(), detail.into());
        body
    }
}

/// The shape of the answer's members.
pub fn problem_shape() -> ObjectBuilder {
    let error = || text().description(Some("The same as `detail`, under the key of the replaced system."));
    object([("type", text()), ("title", text()), ("status", whole(400, 599)), ("detail", text()), ("error", error())])
        .description(Some("A refusal or failure (RFC 9457)."))
        .property("parameter", text().description(Some("The parameter that is wrong.")))
        .property("field", text().description(Some("The field of the body that is wrong: `events[3].value`.")))
        .property("came", text_or_null().description(Some("What came, cut.")))
        .property("allowed", text().description(Some("What is allowed.")))
        .property("success", of(Type::Boolean).description(Some("False, from `/api/track-event/` alone.")))
}

/// Problem JSON of these members.
pub fn problem(status: StatusCode, body: Map<String, Value>) -> Response {
    let mut answer = (status, Value::Object(body).to_string()).into_response();
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    answer
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
        let status = self.status();
        let mut answer = problem(status, self.body(status));
        let headers = answer.headers_mut();
        match self {
            Self::NoLogin => drop(headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
            Self::Method(allowed) => drop(headers.insert(ALLOW, HeaderValue::from_static(allowed))),
            Self::Busy | Self::Deadline => drop(headers.insert(RETRY_AFTER, HeaderValue::from_static("30"))),
            Self::Away => drop(headers.insert(RETRY_AFTER, HeaderValue::from_static("10"))),
            Self::Store(error) if error.is_unavailable() => {
                drop(headers.insert(RETRY_AFTER, HeaderValue::from_static("10")));
            }
            _ => {}
        }
        answer
    }
}
