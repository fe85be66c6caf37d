//! The layer in front of the storefront: reads each request, lets the answer go on at once, and puts what happened
//! into the queue.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use tracing::error;
use utm_dispatcher::model::action::ActionKind;
use utm_dispatcher::model::visitor::{Hit, VisitorKey};
use utm_dispatcher::model::{Millis, NewAction};
use utm_dispatcher::tracking::{self, Draft, Drop, Rules};

use super::cacheable::may_be_cached_publicly;
use super::cookie::{self, DailySalt, VisitorCookie};
use super::queue::Recorder;
use super::visit::Visit;
use crate::auth;
use crate::client::address_lines;
use crate::metrics::Counters;
use crate::state::now;

/// What the layer needs for each request.
#[derive(Debug)]
pub struct Tracker {
    recorder: Recorder,
    rules: Rules,
    counters: Arc<Counters>,
    salt: DailySalt,
    /// Is the site on https, so that its cookies are too?
    is_secure: bool,
}

impl Tracker {
    /// A tracker that puts what happens into `recorder`.
    pub fn new(recorder: Recorder, rules: Rules, counters: Arc<Counters>, is_secure: bool) -> Self {
        Self { recorder, rules, counters, salt: DailySalt::default(), is_secure }
    }
}

/// A request whose visitor may do something, as far as it is known before the answer.
struct Reading {
    draft: Draft,
    /// What the visitor is known by now: the cookie's key, or the one of the day.
    key: VisitorKey,
    /// A new cookie for a browser that has none and may be given one.
    new_cookie: Option<VisitorCookie>,
    /// Why the request opens no page, if it does not.
    page: Result<(), Drop>,
}

/// The layer, for [`axum::middleware::from_fn_with_state`].
pub async fn track(State(tracker): State<Arc<Tracker>>, mut request: Request, next: Next) -> Response {
    let arrived_at = now();
    let reading = tracker.read(&request, arrived_at);
    let buyer = reading.as_ref().map(|reading| reading.key.clone());
    let visit = Visit::new(tracker.recorder.clone(), buyer, arrived_at);
    request.extensions_mut().insert(visit.clone());
    let mut response = next.run(request).await;
    if let Some(reading) = reading {
        tracker.record(reading, visit.take(), &mut response, arrived_at);
    }
    response
}

impl Tracker {
    /// Puts into the queue what was done on the page that `request` asked for. Is all of it in?
    pub fn tell(&self, request: &Request, told: Vec<NewAction>, arrived_at: Millis) -> bool {
        // An answer that is no page: whatever was viewed stands among what is told.
        let mut no_page = Response::default();
        self.read(request, arrived_at).is_some_and(|reading| self.record(reading, told, &mut no_page, arrived_at))
    }

    /// Reads a request; `None` when nothing that happens in it is tracked.
    fn read(&self, request: &Request, arrived_at: Millis) -> Option<Reading> {
        let headers = request.headers();
        let bytes = |name: HeaderName| headers.get(name).map(HeaderValue::as_bytes);
        let named = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
        let forwarded = address_lines(headers, self.rules.address_header.as_deref());
        // Hashing costs more than all the rest: only where somebody is named.
        let exclusions = self.rules.exclusions.now();
        let visitor = if exclusions.visitors.is_empty() { None } else { VisitorCookie::of(headers) };
        let visitor = visitor.map(|cookie| cookie.key());
        let login = if exclusions.logins.is_empty() { None } else { auth::login_hash(headers, self.is_secure) };
        let is_private = [named("sec-gpc"), named("dnt")].contains(&Some(b"1"));
        let facts = tracking::Request {
            method: request.method().as_str(),
            path: request.uri().path(),
            query: request.uri().query().unwrap_or_default().as_bytes(),
            referrer: bytes(header::REFERER),
            user_agent: Some(bytes(header::USER_AGENT).unwrap_or_default()),
            brands: named("sec-ch-ua"),
            mobile: named("sec-ch-ua-mobile"),
            platform: named("sec-ch-ua-platform"),
            platform_version: named("sec-ch-ua-platform-version"),
            model: named("sec-ch-ua-model"),
            accept_language: bytes(header::ACCEPT_LANGUAGE),
            fetch_mode: named("sec-fetch-mode"),
            purposes: [named("sec-purpose"), named("purpose"), named("x-purpose"), named("x-moz")],
            fbc: cookie::value_of(headers, "_fbc").map(str::as_bytes),
            fbp: cookie::value_of(headers, "_fbp").map(str::as_bytes),
            peer: request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip()),
            forwarded_for: &forwarded,
            host: bytes(header::HOST),
            visitor: visitor.as_ref(),
            login: login.as_deref(),
        };
        let page = tracking::page(&facts);
        // Files of a page: nothing happens in them, and they are most of all requests.
        if page == Err(Drop::Asset) {
            self.counters.dropped(Drop::Asset.key());
            return None;
        }
        match tracking::read(&facts, &self.rules, arrived_at) {
            Ok(draft) => self.identify(headers, draft, page, is_private),
            Err(reason) => {
                // Counted once for each page, not for everything that the page loads.
                if page.is_ok() {
                    self.counters.left_out(reason);
                }
                None
            }
        }
    }

    /// Finds out whose request it is.
    fn identify(
        &self,
        headers: &HeaderMap,
        mut draft: Draft,
        page: Result<(), Drop>,
        is_private: bool,
    ) -> Option<Reading> {
        let cookie = if is_private { None } else { VisitorCookie::of(headers) };
        if is_private {
            // Who asks not to be followed is counted, but neither named nor tied to an advertisement's click.
            draft.click_ids.clear();
            draft.meta_cookies = (None, None);
            // The referring address may name a click too, and more.
            if let Some(referrer) = &mut draft.referrer {
                referrer.truncate(referrer.find(['?', '#']).unwrap_or(referrer.len()));
            }
        }
        let identified = match &cookie {
            Some(cookie) => Ok((cookie.key(), None)),
            None => self.salt.key(draft.at, draft.ip, &draft.agent.user_agent).and_then(|key| {
                let may_have_one = page.is_ok() && !is_private;
                Ok((key, if may_have_one { Some(VisitorCookie::new()?) } else { None }))
            }),
        };
        match identified {
            Ok((key, new_cookie)) => Some(Reading { draft, key, new_cookie, page }),
            Err(error) => {
                error!(%error, "the system gives no random numbers; a visit is not tracked");
                self.counters.dropped("no_random");
                None
            }
        }
    }

    /// Puts what happened into the queue, now that the answer is known, and gives a new visitor its cookie. Is all of it
    /// in?
    fn record(&self, reading: Reading, told: Vec<NewAction>, response: &mut Response, arrived_at: Millis) -> bool {
        let Reading { draft, mut key, new_cookie, page } = reading;
        let kind = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
        let is_page_view = page.is_ok() && tracking::is_page_view(response.status().as_u16(), kind);
        if let Some(cookie) = new_cookie.filter(|_| is_page_view && !may_be_cached_publicly(response.headers()))
            && let Ok(line) = HeaderValue::from_str(&cookie.set(self.is_secure))
        {
            response.headers_mut().append(header::SET_COOKIE, line);
            key = cookie.key();
        }
        if !is_page_view && told.is_empty() {
            self.counters.dropped(page.err().map_or("no_page", Drop::key));
            return true;
        }
        let path = draft.path.clone();
        let hit: Arc<Hit> = Arc::new(draft.of(key));
        let view = is_page_view.then(|| NewAction::new(ActionKind::PageView));
        let mut is_in = true;
        for action in view.into_iter().chain(told) {
            let page = action.page.or_else(|| Some(path.clone()));
            is_in &= self.recorder.action(Arc::clone(&hit), arrived_at, NewAction { page, ..action });
        }
        is_in
    }
}
