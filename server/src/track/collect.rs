//! The doors for browsers: what pages tell, at `/api/v1/collect` and, in the replaced system's form, `/api/track-event/`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use serde_json::json;
use tower_http::compression::CompressionLayer;
use url::Url;
use utm_dispatcher::message::{BadField, Context, original, told};
use utm_dispatcher::model::{Millis, NewAction};

use asker::Asker;
use page::Page;

use super::layer::Tracker;
use super::{code, script};
use crate::config::Config;
use crate::error::{ApiError, problem};
use crate::rest::body::whole;
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
    let track_event = || post(track_event).options(preflight).fallback(only_post);
    let events = TRACK_EVENT.iter().fold(Router::new(), |events, path| events.route(path, track_event()));
    events
        .route("/api/v1/collect", collect)
        .route("/t.js", get(script::show).fallback(only_get).layer(CompressionLayer::new()))
        .with_state(Doors { tracker: tracker.clone(), config })
        .merge(code::router(tracker))
}

async fn only_post() -> ApiError {
    ApiError::Method("POST, OPTIONS")
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
        let told = told(&body, &self.context(arrived_at)).map_err(ApiError::BadField)?;
        if !asker.is_at(&told.url) {
            let allowed = "an address of the site that the Origin header names";
            return Err(ApiError::BadField(BadField::new("url", told.url.as_str(), allowed)));
        }
        let page = Page { url: told.url, referrer: told.referrer, visitor: told.visitor, consent: told.consent };
        self.tell(asker, parts, &page, told.actions, arrived_at);
        Ok(())
    }

    /// Takes an event in the replaced system's form. Is it stored?
    async fn take_original(&self, asker: &Asker, parts: Parts, body: Body) -> Result<bool, ApiError> {
        let (body, arrived_at) = (whole(body, MAX_BODY).await?, now());
        let action = original(&body, &self.context(arrived_at)).map_err(ApiError::BadField)?;
        let url = page_of(&parts.headers).filter(|url| asker.is_at(url)).or_else(|| asker.root());
        let Some(url) = url else { return Ok(false) };
        let page = Page { url, referrer: None, visitor: None, consent: None };
        Ok(self.tell(asker, parts, &page, vec![action], arrived_at))
    }

    fn tell(&self, asker: &Asker, parts: Parts, page: &Page, told: Vec<NewAction>, arrived_at: Millis) -> bool {
        let Some(tracker) = &self.tracker else { return false };
        page.request(parts, asker).is_some_and(|request| tracker.tell(&request, told, arrived_at))
    }
}

/// The page that sends a request, as far as its browser tells.
fn page_of(headers: &HeaderMap) -> Option<Url> {
    Url::parse(headers.get(header::REFERER)?.to_str().ok()?).ok()
}
