//! The steps that a request walks through, by name and in order, each a plain function.

use std::net::IpAddr;

use ipnet::IpNet;

use super::exclusion::LiveExclusions;
use super::referrer::{self, Origin};
use super::{address, bots, click_id, query::Params, text, touch, utm};
use crate::model::Millis;
use crate::model::touch::{ClickId, Touch};
use crate::model::visitor::{Agent, Hit, VisitorKey};

/// The longest path, referrer and agent that are kept, in characters.
const MAX_TEXT: usize = 512;
/// The longest client hint and cookie that are kept, in characters.
const MAX_HINT: usize = 255;

/// A request to the storefront as it was received, byte for byte.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// `GET`.
    pub method: &'a str,
    /// The path, still percent-encoded.
    pub path: &'a str,
    /// What stands behind the `?`.
    pub query: &'a [u8],
    /// `Referer`.
    pub referrer: Option<&'a [u8]>,
    /// `User-Agent`; `None` only where no agent was asked for (an imported session), which is no sign of a bot.
    pub user_agent: Option<&'a [u8]>,
    /// `Sec-CH-UA`.
    pub brands: Option<&'a [u8]>,
    /// `Sec-CH-UA-Mobile`.
    pub mobile: Option<&'a [u8]>,
    /// `Sec-CH-UA-Platform`.
    pub platform: Option<&'a [u8]>,
    /// `Sec-CH-UA-Platform-Version`.
    pub platform_version: Option<&'a [u8]>,
    /// `Sec-CH-UA-Model`.
    pub model: Option<&'a [u8]>,
    /// `Accept-Language`.
    pub accept_language: Option<&'a [u8]>,
    /// `Sec-Fetch-Mode`.
    pub fetch_mode: Option<&'a [u8]>,
    /// `Sec-Purpose`, `Purpose`, `X-Purpose` and `X-Moz`, whichever came.
    pub purposes: [Option<&'a [u8]>; 4],
    /// The cookie `_fbc`.
    pub fbc: Option<&'a [u8]>,
    /// The cookie `_fbp`.
    pub fbp: Option<&'a [u8]>,
    /// Who opened the connection; `None` if nobody did (an imported session without an address).
    pub peer: Option<IpAddr>,
    /// The values of the header in which proxies tell a client's address ([`Rules::address_header`]), in the order in
    /// which they came.
    pub forwarded_for: &'a [&'a [u8]],
    /// `Host`, as it came.
    pub host: Option<&'a [u8]>,
    /// The key of the visitor's cookie, if it has one; needed only where exclusions name visitors.
    pub visitor: Option<&'a VisitorKey>,
    /// The hash of the dashboard's login that came along; needed only where exclusions name logins.
    pub login: Option<&'a str>,
}

impl Default for Request<'_> {
    fn default() -> Self {
        Self {
            method: "GET",
            path: "/",
            query: b"",
            referrer: None,
            user_agent: None,
            brands: None,
            mobile: None,
            platform: None,
            platform_version: None,
            model: None,
            accept_language: None,
            fetch_mode: None,
            purposes: [None; 4],
            fbc: None,
            fbp: None,
            peer: None,
            forwarded_for: &[],
            host: None,
            visitor: None,
            login: None,
        }
    }
}

/// What the shop's owner configured.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Hosts of the shop besides the one that was asked: what comes from them came from nowhere.
    pub own_hosts: Vec<String>,
    /// Proxies whose word on a client's address is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The header in which they tell it, in lower case; `X-Forwarded-For` when `None`.
    pub address_header: Option<String>,
    /// What is left out, as it is edited while the server runs.
    pub exclusions: LiveExclusions,
}

/// Why a request is not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Drop {
    /// Not a `GET`.
    Method,
    /// Fetched by a page, not opened by a person.
    Fetch,
    /// Loaded ahead, perhaps never looked at.
    Prefetch,
    /// A file of a page: a picture, a script.
    Asset,
    /// A program of that category: `search`, `ai`, `library` …
    Bot(&'static str),
    /// Came from a site that visits shops only to be seen in their statistics.
    ReferrerSpam,
    /// Left out by an administrator.
    Excluded,
}

impl Drop {
    /// The key under which it is counted.
    pub fn key(self) -> &'static str {
        match self {
            Self::Method => "method",
            Self::Fetch => "fetch",
            Self::Prefetch => "prefetch",
            Self::Asset => "asset",
            Self::Bot(_) => "bot",
            Self::ReferrerSpam => "referrer_spam",
            Self::Excluded => "excluded",
        }
    }
}

/// All of a [`Hit`] but whose it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// When the request arrived.
    pub at: Millis,
    /// The parameters of the URL.
    pub params: Params,
    /// The five values and how they came.
    pub reading: utm::Reading,
    /// The click ids, the deciding one first.
    pub click_ids: Vec<ClickId>,
    /// Meta's cookies `_fbc` and `_fbp`.
    pub meta_cookies: (Option<String>, Option<String>),
    /// Where it came from, the shop itself and payment providers left out.
    pub origin: Option<Origin>,
    /// What the three above make together.
    pub touch: Touch,
    /// The path, decoded, without its query.
    pub path: String,
    /// The referring address, whole.
    pub referrer: Option<String>,
    /// The client's address.
    pub ip: Option<IpAddr>,
    /// What the browser says of itself.
    pub agent: Agent,
}

impl Draft {
    /// The hit, now that it is known whose it is, and nothing of what they were known by before.
    pub fn of(self, visitor: VisitorKey) -> Hit {
        Hit {
            at: self.at,
            visitor,
            before: Vec::new(),
            utm: self.touch.utm.clone(),
            click_ids: self.click_ids,
            meta_cookies: self.meta_cookies,
            touch: self.touch,
            path: self.path,
            referrer: self.referrer,
            ip: self.ip,
            agent: self.agent,
        }
    }
}

/// A step: it drops the request, or it puts something into the draft.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// Says why the request is not counted, if it is not.
    Drop(fn(&Request, &Rules, &Draft) -> Option<Drop>),
    /// Reads something of the request.
    Put(fn(&Request, &Rules, &mut Draft)),
}

/// What keeps a request from being the opening of a page, whatever the answer is.
pub const PAGE_STEPS: [(&str, PageStep); 4] = [
    ("drop_method", drop_method),
    // Before the next one: what a page loads ahead, it fetches.
    ("drop_prefetch", drop_prefetch),
    ("drop_fetch", drop_fetch),
    ("drop_asset", drop_asset),
];

/// Says why a request opens no page, if it does not.
pub type PageStep = fn(&Request) -> Option<Drop>;

/// The steps of every request whose visitor may do something, in their order.
pub const STEPS: [(&str, Step); 12] = [
    ("put_path", Step::Put(put_path)),
    ("put_agent", Step::Put(put_agent)),
    ("drop_bot", Step::Drop(drop_bot)),
    ("put_address", Step::Put(put_address)),
    ("drop_excluded", Step::Drop(drop_excluded)),
    ("put_referrer", Step::Put(put_referrer)),
    ("drop_referrer_spam", Step::Drop(drop_referrer_spam)),
    ("put_params", Step::Put(put_params)),
    ("put_utm", Step::Put(put_utm)),
    ("put_click_ids", Step::Put(put_click_ids)),
    ("put_meta_cookies", Step::Put(put_meta_cookies)),
    ("put_touch", Step::Put(put_touch)),
];

/// May the request open a page? Walks it through [`PAGE_STEPS`].
pub fn page(request: &Request) -> Result<(), Drop> {
    PAGE_STEPS.iter().find_map(|(_, step)| step(request)).map_or(Ok(()), Err)
}

/// Walks a request that arrived at `now` through [`STEPS`].
pub fn read(request: &Request, rules: &Rules, now: Millis) -> Result<Draft, Drop> {
    let mut draft = Draft { at: now, ..Draft::default() };
    for (_, step) in STEPS {
        match step {
            Step::Drop(drop) => drop(request, rules, &draft).map_or(Ok(()), Err)?,
            Step::Put(put) => put(request, rules, &mut draft),
        }
    }
    Ok(draft)
}

/// Was a page shown? Asked of the answer: its status, and its `Content-Type`.
pub fn is_page_view(status: u16, content_type: Option<&[u8]>) -> bool {
    let kind = content_type.unwrap_or_default().split(|byte| *byte == b';').next().unwrap_or_default();
    (200..300).contains(&status) && kind.trim_ascii().eq_ignore_ascii_case(b"text/html")
}

fn drop_method(request: &Request) -> Option<Drop> {
    (request.method != "GET").then_some(Drop::Method)
}

fn drop_fetch(request: &Request) -> Option<Drop> {
    (!is_navigation(request)?).then_some(Drop::Fetch)
}

/// Does the browser say that a person opens what it asks for? `None` when it says nothing.
fn is_navigation(request: &Request) -> Option<bool> {
    Some(request.fetch_mode?.trim_ascii().eq_ignore_ascii_case(b"navigate"))
}

fn drop_prefetch(request: &Request) -> Option<Drop> {
    let is_ahead = |purpose: &[u8]| {
        let lower = purpose.to_ascii_lowercase();
        ["prefetch", "prerender", "preview"].iter().any(|word| memchr::memmem::find(&lower, word.as_bytes()).is_some())
    };
    request.purposes.iter().flatten().any(|purpose| is_ahead(purpose)).then_some(Drop::Prefetch)
}

fn put_path(request: &Request, _: &Rules, draft: &mut Draft) {
    let path = text::plain(text::percent_decoded(request.path.as_bytes()).as_bytes(), MAX_TEXT);
    draft.path = if path.is_empty() { "/".to_owned() } else { path };
}

fn drop_asset(request: &Request) -> Option<Drop> {
    // A product may be called like a file: what is opened by a person is judged by its answer.
    if is_navigation(request) == Some(true) {
        return None;
    }
    let file = request.path.rsplit('/').next().unwrap_or_default();
    let extension = file.rsplit_once('.')?.1.to_ascii_lowercase();
    ASSETS.split(' ').any(|asset| asset == extension).then_some(Drop::Asset)
}

/// Extensions of a page's files.
const ASSETS: &str = "avif bmp css csv eot gif gz ico jpeg jpg js json map mjs mp3 mp4 otf pdf png rss svg ttf txt wasm \
    wav webm webmanifest webp woff woff2 xls xml zip";

fn put_agent(request: &Request, _: &Rules, draft: &mut Draft) {
    let hint = |value: Option<&[u8]>| text::some(value?, MAX_HINT);
    draft.agent = Agent {
        user_agent: text::some(request.user_agent.unwrap_or_default(), MAX_TEXT).unwrap_or_default(),
        brands: hint(request.brands),
        mobile: hint(request.mobile),
        platform: hint(request.platform),
        platform_version: hint(request.platform_version),
        model: hint(request.model),
        language: request.accept_language.and_then(language),
    };
}

fn drop_bot(request: &Request, _: &Rules, draft: &Draft) -> Option<Drop> {
    request.user_agent?;
    let is_headless =
        draft.agent.brands.as_deref().is_some_and(|brands| brands.to_ascii_lowercase().contains("headless"));
    let category = bots::bot(&draft.agent.user_agent).map(|bot| bot.category);
    category.or(is_headless.then_some("automation")).map(Drop::Bot)
}

fn put_address(request: &Request, rules: &Rules, draft: &mut Draft) {
    let client = |peer| address::client_address(peer, request.forwarded_for, &rules.trusted_proxies);
    draft.ip = request.peer.map(client);
}

fn drop_excluded(request: &Request, rules: &Rules, draft: &Draft) -> Option<Drop> {
    let exclusions = rules.exclusions.now();
    let is_excluded = draft.ip.is_some_and(|ip| exclusions.has_address(ip))
        || exclusions.has_path(&draft.path)
        || exclusions.has_agent(&draft.agent.user_agent)
        || request.visitor.is_some_and(|visitor| exclusions.visitors.contains(visitor))
        || request.login.is_some_and(|login| exclusions.logins.contains(login));
    is_excluded.then_some(Drop::Excluded)
}

fn put_referrer(request: &Request, rules: &Rules, draft: &mut Draft) {
    draft.referrer = request.referrer.and_then(|referrer| text::some(referrer, MAX_TEXT));
    let host = String::from_utf8_lossy(request.host.unwrap_or_default());
    let own: Vec<&str> = rules.own_hosts.iter().map(String::as_str).chain([host.as_ref()]).collect();
    draft.origin = draft.referrer.as_deref().and_then(|referrer| Origin::of(referrer, &own));
}

fn drop_referrer_spam(_: &Request, _: &Rules, draft: &Draft) -> Option<Drop> {
    referrer::is_spam(&draft.origin.as_ref()?.host).then_some(Drop::ReferrerSpam)
}

fn put_params(request: &Request, _: &Rules, draft: &mut Draft) {
    draft.params = Params::parse(request.query);
}

fn put_utm(_: &Request, _: &Rules, draft: &mut Draft) {
    draft.reading = utm::read(&draft.params);
}

fn put_click_ids(_: &Request, _: &Rules, draft: &mut Draft) {
    draft.click_ids = click_id::find(&draft.params);
}

fn put_meta_cookies(request: &Request, _: &Rules, draft: &mut Draft) {
    let cookie = |value: Option<&[u8]>| text::some(value?, MAX_HINT);
    draft.meta_cookies = (cookie(request.fbc), cookie(request.fbp));
}

fn put_touch(_: &Request, _: &Rules, draft: &mut Draft) {
    draft.touch = touch::touch(draft.reading.clone(), &draft.click_ids, draft.origin.as_ref());
}

/// The language of `Accept-Language` that is wanted most: `uk` of `uk-UA,uk;q=0.9,en;q=0.8`.
pub fn language(header: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(header.get(..header.len().min(512))?).ok()?;
    let mut best: Option<(f32, &str)> = None;
    for range in text.split(',') {
        // Nothing is wanted more, and the first of equals comes first.
        if best.is_some_and(|(most, _)| most >= 1.0) {
            break;
        }
        let (tag, weight) =
            range.split_once(";q=").map_or((range, 1.0), |(tag, q)| (tag, q.trim().parse().unwrap_or(0.0)));
        let primary = tag.trim().split(['-', '_', ';']).next().unwrap_or_default();
        let is_tag = (2..=3).contains(&primary.len()) && primary.bytes().all(|byte| byte.is_ascii_alphabetic());
        if is_tag && weight > 0.0 && best.is_none_or(|(most, _)| weight > most) {
            best = Some((weight, primary));
        }
    }
    best.map(|(_, primary)| primary.to_ascii_lowercase())
}

#[cfg(test)]
mod tests;
