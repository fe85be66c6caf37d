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
use utm_dispatcher::model::{Millis, NewAction, OrderMessage, SessionCode};
use utm_dispatcher::tracking::{self, Draft, Drop, Rules};

use super::cacheable::may_be_cached_publicly;
use super::code::Codes;
use super::cookie::{self, VisitorCookie};
use super::person::{ConsentMode, CookieChange, Person, person};
use super::queue::Recorder;
use super::salt::DailySalt;
use super::visit::Visit;
use crate::auth;
use crate::client::address_lines;
use crate::metrics::Counters;
use crate::state::now;

const ACCEPT_CH: HeaderName = HeaderName::from_static("accept-ch");
const SEC_CH_UA: HeaderName = HeaderName::from_static("sec-ch-ua");
const SEC_CH_UA_MOBILE: HeaderName = HeaderName::from_static("sec-ch-ua-mobile");
const SEC_CH_UA_PLATFORM: HeaderName = HeaderName::from_static("sec-ch-ua-platform");
const SEC_CH_UA_PLATFORM_VERSION: HeaderName = HeaderName::from_static("sec-ch-ua-platform-version");
const SEC_CH_UA_MODEL: HeaderName = HeaderName::from_static("sec-ch-ua-model");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_PURPOSE: HeaderName = HeaderName::from_static("sec-purpose");
const PURPOSE: HeaderName = HeaderName::from_static("purpose");
const X_PURPOSE: HeaderName = HeaderName::from_static("x-purpose");
const X_MOZ: HeaderName = HeaderName::from_static("x-moz");
/// What browsers tell of themselves only to who asks, and what tells Windows 11 from 10, and one phone from another.
const HINTS: &str = "Sec-CH-UA-Platform-Version, Sec-CH-UA-Model";

/// What the layer needs for each request.
#[derive(Debug)]
pub struct Tracker {
    recorder: Recorder,
    rules: Rules,
    counters: Arc<Counters>,
    salt: DailySalt,
    consent: ConsentMode,
    codes: Option<Codes>,
    /// Is the site on https, so that its cookies are too?
    is_secure: bool,
}

impl Tracker {
    /// A tracker that puts what happens into `recorder`, and may know everybody who does not ask otherwise.
    pub fn new(recorder: Recorder, rules: Rules, counters: Arc<Counters>, is_secure: bool) -> Self {
        Self {
            recorder,
            rules,
            counters,
            salt: DailySalt::default(),
            consent: ConsentMode::Full,
            codes: None,
            is_secure,
        }
    }

    /// The same one, which may know whom `consent` says.
    #[must_use]
    pub fn asking(self, consent: ConsentMode) -> Self {
        Self { consent, ..self }
    }

    /// The same one, which can tell codes of sessions.
    #[must_use]
    pub fn telling(self, codes: Codes) -> Self {
        Self { codes: Some(codes), ..self }
    }
}

/// A request whose visitor may do something, as far as it is known before the answer.
struct Reading {
    draft: Draft,
    /// Whose it is, before the answer may give a cookie.
    person: Person,
    /// Why the request opens no page, if it does not.
    page: Result<(), Drop>,
    /// Does the browser tell more of itself, once it is asked?
    may_be_asked: bool,
}

/// The layer, for [`axum::middleware::from_fn_with_state`].
pub async fn track(State(tracker): State<Arc<Tracker>>, mut request: Request, next: Next) -> Response {
    let arrived_at = now();
    let reading = tracker.read(&request, arrived_at);
    let buyer = reading.as_ref().map(|reading| reading.person.key.clone());
    // Of who is given a cookie only now, little or nothing is stored: their next page tells the code.
    let is_new = |reading: &Reading| matches!(reading.person.cookie, CookieChange::Give(_));
    let codes = if reading.as_ref().is_some_and(is_new) { None } else { tracker.codes.clone() };
    let visit = Visit::new(tracker.recorder.clone(), codes, buyer, arrived_at);
    request.extensions_mut().insert(visit.clone());
    let mut response = next.run(request).await;
    if let Some(reading) = reading {
        tracker.record(reading, visit.take(), visit.take_orders(), &mut response, arrived_at);
    }
    response
}

impl Tracker {
    /// Puts into the queue what was done on the page that `request` asked for. Is all of it in?
    pub fn tell(&self, request: &Request, told: Vec<NewAction>, arrived_at: Millis) -> bool {
        // An answer that is no page: whatever was viewed stands among what is told.
        let mut no_page = Response::default();
        self.read(request, arrived_at)
            .is_some_and(|reading| self.record(reading, told, Vec::new(), &mut no_page, arrived_at))
    }

    /// Reads a request; `None` when nothing that happens in it is tracked.
    fn read(&self, request: &Request, arrived_at: Millis) -> Option<Reading> {
        let headers = request.headers();
        let bytes = |name: HeaderName| headers.get(name).map(HeaderValue::as_bytes);
        let forwarded = address_lines(headers, self.rules.address_header.as_deref());
        // Hashing costs more than all the rest: only where somebody is named.
        let exclusions = self.rules.exclusions.now();
        let visitor = if exclusions.visitors.is_empty() { None } else { VisitorCookie::of(headers) };
        let visitor = visitor.map(|cookie| cookie.key());
        let login = if exclusions.logins.is_empty() { None } else { auth::login_hash(headers, self.is_secure) };
        let facts = tracking::Request {
            method: request.method().as_str(),
            path: request.uri().path(),
            query: request.uri().query().unwrap_or_default().as_bytes(),
            referrer: bytes(header::REFERER),
            user_agent: Some(bytes(header::USER_AGENT).unwrap_or_default()),
            brands: bytes(SEC_CH_UA),
            mobile: bytes(SEC_CH_UA_MOBILE),
            platform: bytes(SEC_CH_UA_PLATFORM),
            platform_version: bytes(SEC_CH_UA_PLATFORM_VERSION),
            model: bytes(SEC_CH_UA_MODEL),
            accept_language: bytes(header::ACCEPT_LANGUAGE),
            fetch_mode: bytes(SEC_FETCH_MODE),
            purposes: [bytes(SEC_PURPOSE), bytes(PURPOSE), bytes(X_PURPOSE), bytes(X_MOZ)],
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
            Ok(mut draft) => {
                let person = self.identify(headers, &mut draft)?;
                // By whatever key: whoever has no cookie, or one that is not used, is known by another.
                if [&person.key].into_iter().chain(&person.before).any(|key| exclusions.visitors.contains(key)) {
                    self.leave_out(Drop::Excluded, page);
                    return None;
                }
                Some(Reading { draft, person, page, may_be_asked: self.is_secure || is_this_machine(facts.host) })
            }
            Err(reason) => {
                self.leave_out(reason, page);
                None
            }
        }
    }

    /// Counts a request that is not tracked: once for each page, not for everything that the page loads.
    fn leave_out(&self, reason: Drop, page: Result<(), Drop>) {
        if page.is_ok() {
            self.counters.left_out(reason);
        }
    }

    /// Finds out whose request it is, and takes out of the draft what may not be kept of them. `None` when the system
    /// gives no random numbers.
    fn identify(&self, headers: &HeaderMap, draft: &mut Draft) -> Option<Person> {
        let browser = (draft.at, draft.ip, draft.agent.user_agent.as_str());
        match person(self.consent, &self.salt, headers, browser) {
            Ok(person) => {
                if !person.has_agreed {
                    // They name the browser as well as a cookie of ours would.
                    draft.meta_cookies = (None, None);
                }
                if person.is_private {
                    leave_clicks_out(draft);
                }
                Some(person)
            }
            Err(error) => {
                error!(%error, "the system gives no random numbers; a visit is not tracked");
                self.counters.dropped("no_random");
                None
            }
        }
    }

    /// Whose request it is; `None` for who is not tracked.
    pub fn visitor(&self, request: &Request, at: Millis) -> Option<VisitorKey> {
        self.read(request, at).map(|reading| reading.person.key)
    }

    /// The code of the session that the visitor `key` is in.
    pub async fn code(&self, key: &VisitorKey, at: Millis) -> Option<SessionCode> {
        self.codes.as_ref()?.of(key, at).await
    }

    /// Puts what happened into the queue, now that the answer is known, and gives a new visitor its cookie. Is all of it
    /// in?
    fn record(
        &self,
        reading: Reading,
        told: Vec<NewAction>,
        orders: Vec<OrderMessage>,
        response: &mut Response,
        arrived_at: Millis,
    ) -> bool {
        let Reading { draft, mut person, page, may_be_asked } = reading;
        let kind = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
        let is_page = tracking::is_page_view(response.status().as_u16(), kind);
        let is_page_view = page.is_ok() && is_page;
        if is_page_view && !may_be_cached_publicly(response.headers()) {
            person = self.change_cookie(person, response);
        }
        if is_page_view && may_be_asked && !person.is_private {
            // The page may ask for more: each line counts.
            response.headers_mut().append(ACCEPT_CH, HeaderValue::from_static(HINTS));
        }
        // A page that was loaded ahead or by a script was not looked at, whatever it says that was viewed.
        let is_unseen = page == Err(Drop::Prefetch) || (page == Err(Drop::Fetch) && is_page);
        if is_unseen || (!is_page_view && told.is_empty()) {
            self.counters.dropped(page.err().map_or("no_page", Drop::key));
            return told.is_empty();
        }
        let path = draft.path.clone();
        let Person { key, before, .. } = person;
        let hit: Arc<Hit> = Arc::new(Hit { before, ..draft.of(key) });
        let view = is_page_view.then(|| NewAction::new(ActionKind::PageView));
        let mut is_in = true;
        for action in view.into_iter().chain(told) {
            let page = action.page.or_else(|| Some(path.clone()));
            is_in &= self.recorder.action(Arc::clone(&hit), arrived_at, NewAction { page, ..action });
        }
        // Whoever orders with their first request has a session only now.
        for order in orders {
            self.recorder.attribute(order, hit.visitor.clone(), arrived_at);
        }
        is_in
    }

    /// Lets the answer give or take away the visitor's cookie, if it should, and returns who they are from now on.
    fn change_cookie(&self, person: Person, response: &mut Response) -> Person {
        let (line, person) = match person.cookie.clone() {
            CookieChange::Keep => return person,
            CookieChange::Give(cookie) => (cookie.set(self.is_secure), person.with(&cookie)),
            CookieChange::Forget => (cookie::forget(self.is_secure), person),
        };
        if let Ok(line) = HeaderValue::from_str(&line) {
            response.headers_mut().append(header::SET_COOKIE, line);
        }
        person
    }
}

/// Is this host the machine on which the browser runs, which browsers trust without https?
fn is_this_machine(host: Option<&[u8]>) -> bool {
    let host = host.unwrap_or_default().to_ascii_lowercase();
    let name = host.strip_prefix(b"[").and_then(|rest| rest.split(|byte| *byte == b']').next());
    let name = name.unwrap_or_else(|| host.split(|byte| *byte == b':').next().unwrap_or_default());
    matches!(name, b"localhost" | b"127.0.0.1" | b"::1")
}

/// Who asks not to be followed is counted, but not tied to an advertisement's click.
fn leave_clicks_out(draft: &mut Draft) {
    draft.click_ids.clear();
    // The referring address may name a click too, and more.
    if let Some(referrer) = &mut draft.referrer {
        referrer.truncate(referrer.find(['?', '#']).unwrap_or(referrer.len()));
    }
}
