//! The doors for browsers: what pages tell, at `/api/v1/collect` and, in the replaced system's form, `/api/track-event/`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::json;
use tower_http::compression::CompressionLayer;
use url::Url;
use utm_dispatcher::message::{self, BadField, Context, Page, Told};
use utm_dispatcher::model::{Millis, NewAction, SessionCode};
use utoipa::openapi::Type;

use asker::Asker;

use super::layer::Tracker;
use super::{code, script};
use crate::config::Config;
use crate::error::{ApiError, problem};
use crate::rest::body::whole;
use crate::rest::messages::told;
use crate::rest::openapi::schema::{object, of, text_or_null, word};
use crate::rest::openapi::{self, Described, Who};
use crate::state::now;

mod asker;
mod page;

/// The longest body, in bytes: what browsers let a page send as it is left.
const MAX_BODY: usize = 64 * 1024;
/// The door of the replaced system, as its pages spell it.
const TRACK_EVENT: [&str; 4] = ["/api/track-event/", "/api/track-event", "/api/track_event/", "/api/track_event"];

#[derive(Clone)]
struct Doors {
    /// The pipeline behind the doors; `None` when nothing is recorded.
    tracker: Option<Arc<Tracker>>,
    config: Arc<Config>,
}

/// `/t.js` and the doors that it knocks at. Without a tracker they answer as ever, and nothing is kept.
pub fn router(tracker: Option<Arc<Tracker>>, config: Arc<Config>) -> Router {
    let collect = post(collect).options(preflight).fallback(only_post);
    let track_event = || post(track_event).options(preflight).fallback(only_post_original);
    let events = TRACK_EVENT.iter().fold(Router::new(), |events, path| events.route(path, track_event()));
    events
        .route("/api/v1/collect", collect)
        .route(code::PATH, get(code_here).post(code_elsewhere).options(preflight).fallback(no_delete))
        .route("/t.js", get(script::show).fallback(only_get).layer(CompressionLayer::new()))
        .with_state(Doors { tracker, config })
}

/// What the doors say of themselves.
pub fn operations(config: &Config) -> Vec<Described> {
    let none = utoipa::openapi::ResponseBuilder::new().description("It was taken; it is stored in a moment.");
    let example = json!({ "url": "/", "events": [{ "type": "click" }] });
    let about = "Tells what was done on a page. The page lies on the site that the `Origin` header names.";
    let collect = openapi::post("/api/v1/collect", "collect", about)
        .body(told::page([told::claims(config)]), example)
        .answers(204, none)
        .refuses([400, 413, 422]);
    let code = || object([("code", text_or_null())]);
    let about = "The code of the session that the asker is in. Null for who is in none or not tracked.";
    let here = openapi::get(code::PATH, "get_code", about).gives(200, "The code.", code());
    let about = "The same for the page that the body names, which may be on an allowed site elsewhere.";
    let elsewhere = openapi::post(code::PATH, "post_code", about)
        .body(told::page([]), json!({ "url": "/" }))
        .gives(200, "The code.", code())
        .refuses([400, 413, 422]);
    let taken = object([
        ("success", of(Type::Boolean)),
        ("message", word(["Event tracked"])),
        ("stored", of(Type::Boolean).description(Some("False for who is not counted."))),
    ]);
    let original = openapi::post("/api/track-event/", "track_event", "One event in the form of the replaced system.")
        .body(told::original(config), json!({ "event_type": "click" }))
        .gives(200, "It was taken.", taken)
        .refuses([400, 413]);
    let here = here.within("pages", Who::Anyone);
    [collect, elsewhere, original].map(|door| door.within("pages", Who::Page)).into_iter().chain([here]).collect()
}

async fn only_post() -> ApiError {
    ApiError::Method("POST, OPTIONS")
}

async fn only_post_original() -> Response {
    let allowed = "POST, OPTIONS";
    let mut answer = unsuccessful(&ApiError::Method(allowed));
    answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    answer
}

async fn no_delete() -> ApiError {
    ApiError::Method("GET, HEAD, POST, OPTIONS")
}

async fn only_get() -> ApiError {
    ApiError::Method("GET, HEAD")
}

/// What a browser asks before it lets a page elsewhere send JSON.
async fn preflight(State(doors): State<Doors>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    match Asker::of(&parts, &doors.config) {
        Ok(asker) => asker.invite(),
        Err(refusal) => refusal.into_response(),
    }
}

async fn collect(State(doors): State<Doors>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match Asker::of(&parts, &doors.config) {
        Ok(asker) => {
            let answer = doors.take(&asker, parts, body).await;
            asker.answer(answer.map_or_else(IntoResponse::into_response, |()| StatusCode::NO_CONTENT.into_response()))
        }
        Err(refusal) => refusal.into_response(),
    }
}

/// `{"code": "K7M2QX"}` for a page of our own host; null for who is in no session or not tracked.
async fn code_here(State(doors): State<Doors>, request: Request) -> Response {
    code::answer(code::of(doors.tracker.as_deref(), request, now()).await.as_ref())
}

/// The same for the page that the body names, which may be on an allowed site elsewhere.
async fn code_elsewhere(State(doors): State<Doors>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match Asker::of(&parts, &doors.config) {
        Ok(asker) => {
            let code = doors.code(&asker, parts, body).await;
            asker.answer(code.map_or_else(IntoResponse::into_response, |code| code::answer(code.as_ref())))
        }
        Err(refusal) => refusal.into_response(),
    }
}

async fn track_event(State(doors): State<Doors>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match Asker::of(&parts, &doors.config) {
        Ok(asker) => {
            let answer = doors.take_original(&asker, parts, body).await;
            let stored =
                |stored| Json(json!({ "success": true, "message": "Event tracked", "stored": stored })).into_response();
            asker.answer(answer.map_or_else(|refusal| unsuccessful(&refusal), stored))
        }
        Err(refusal) => unsuccessful(&refusal),
    }
}

/// A refusal as the replaced system's pages know it: bad input is 400, and `success` is false.
fn unsuccessful(refusal: &ApiError) -> Response {
    let status = match refusal {
        ApiError::BadField(_) => StatusCode::BAD_REQUEST,
        other => other.status(),
    };
    let mut body = refusal.body(status);
    body.insert("success".into(), false.into());
    problem(status, body)
}

impl Doors {
    fn context(&self, now: Millis) -> Context<'_> {
        Context { now, currency: &self.config.store.currency, extra_actions: &self.config.tracking.extra_actions }
    }

    /// Takes what the script of a page tells.
    async fn take(&self, asker: &Asker, parts: Parts, body: Body) -> Result<(), ApiError> {
        let (body, arrived_at) = (whole(body, MAX_BODY).await?, now());
        let Told { page, actions } = message::told(&body, &self.context(arrived_at)).map_err(ApiError::BadField)?;
        check(&page, asker)?;
        self.tell(asker, parts, &page, actions, arrived_at);
        Ok(())
    }

    /// The code of the visit that a page belongs to.
    async fn code(&self, asker: &Asker, parts: Parts, body: Body) -> Result<Option<SessionCode>, ApiError> {
        let (body, arrived_at) = (whole(body, MAX_BODY).await?, now());
        let page = message::page(&body).map_err(ApiError::BadField)?;
        check(&page, asker)?;
        let Some(request) = page::request(&page, parts, asker) else { return Ok(None) };
        Ok(code::of(self.tracker.as_deref(), request, arrived_at).await)
    }

    /// Takes an event in the replaced system's form. Is it stored?
    async fn take_original(&self, asker: &Asker, parts: Parts, body: Body) -> Result<bool, ApiError> {
        let (body, arrived_at) = (whole(body, MAX_BODY).await?, now());
        let action = message::original(&body, &self.context(arrived_at)).map_err(ApiError::BadField)?;
        let url = page_of(&parts.headers).filter(|url| asker.is_at(url)).or_else(|| asker.root());
        let Some(url) = url else { return Ok(false) };
        let page = Page { url, referrer: None, visitor: None, consent: None };
        Ok(self.tell(asker, parts, &page, vec![action], arrived_at))
    }

    fn tell(&self, asker: &Asker, parts: Parts, page: &Page, told: Vec<NewAction>, arrived_at: Millis) -> bool {
        let Some(tracker) = &self.tracker else { return false };
        page::request(page, parts, asker).is_some_and(|request| tracker.tell(&request, told, arrived_at))
    }
}

/// A page speaks for its own site alone.
fn check(page: &Page, asker: &Asker) -> Result<(), ApiError> {
    let allowed = "an address of the site that the Origin header names";
    let bad = || ApiError::BadField(BadField::new("url", page.url.as_str(), allowed));
    asker.is_at(&page.url).then_some(()).ok_or_else(bad)
}

/// The page that sends a request, as far as its browser tells.
fn page_of(headers: &HeaderMap) -> Option<Url> {
    Url::parse(headers.get(header::REFERER)?.to_str().ok()?).ok()
}
