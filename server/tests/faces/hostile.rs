//! Any bytes in address, headers and body, through the whole router: no failure, and nothing but plain text stored.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{HeaderName, HeaderValue, Request, Uri};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use tower::ServiceExt;
use utm_dispatcher::model::{Role, Scope};
use utm_dispatcher::tracking::Rules;

use crate::track::site::{BROWSER, Site, rows};
use crate::world::World;

/// Where the bytes are sent: the shop, and our own doors.
const TARGETS: [&str; 8] = [
    "/",
    "/any/",
    "/admin-panel",
    "/admin-panel/tracking",
    "/admin-panel/login",
    "/admin-panel/fn/add_exclusion",
    "/admin-panel/fn/reports",
    "/api/utm/sources/",
];
const HEADERS: [&str; 16] = [
    "referer",
    "accept-language",
    "accept",
    "sec-ch-ua",
    "sec-ch-ua-platform",
    "sec-ch-ua-platform-version",
    "sec-ch-ua-model",
    "sec-ch-ua-mobile",
    "sec-fetch-mode",
    "sec-purpose",
    "x-forwarded-for",
    "x-forwarded-proto",
    "content-type",
    "dnt",
    "user-agent",
    "host",
];
/// The text that visitors fill, by table and column.
const STORED: [(&str, &str); 22] = [
    ("touch", "source"),
    ("touch", "medium"),
    ("touch", "campaign"),
    ("touch", "content"),
    ("touch", "term"),
    ("touch", "raw_source"),
    ("touch", "raw_medium"),
    ("touch", "raw_campaign"),
    ("touch", "raw_content"),
    ("touch", "raw_term"),
    ("touch", "referrer_host"),
    ("page", "path"),
    ("session", "referrer"),
    ("session", "user_agent"),
    ("session", "click_ids"),
    ("session", "fbc"),
    ("session", "fbp"),
    ("client", "brand"),
    ("client", "model"),
    ("client", "os_version"),
    ("client", "browser_version"),
    ("client", "language"),
];

#[derive(Debug)]
struct Sent {
    method: &'static str,
    target: String,
    headers: Vec<(&'static str, Vec<u8>)>,
    cookies: Vec<u8>,
    body: Vec<u8>,
}

/// Markup, controls and half characters are more likely than among random bytes.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop_oneof![
        4 => vec(any::<u8>(), 0..30),
        1 => Just(b"<script>alert(1)</script>".to_vec()),
        1 => Just(b"\"'><img src=x onerror=alert(1)>".to_vec()),
        1 => Just("\u{202e}\u{feff}їжак\u{1f525}".as_bytes().to_vec()),
        1 => Just(b"\0\r\n\x1b[31m\xd0".to_vec()),
        1 => Just(b"';drop table session;--".to_vec()),
    ];
    vec(pieces, 0..3).prop_map(|pieces| pieces.concat())
}

fn sent() -> impl Strategy<Value = Sent> {
    let params = ["utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term", "gclid", "fbclid", "period"];
    let method = prop::sample::select(vec!["GET", "GET", "GET", "POST", "HEAD", "PUT"]);
    let header = (prop::sample::select(HEADERS.to_vec()), bytes());
    let query = vec((prop::sample::select(params.to_vec()), bytes()), 0..4);
    let place = (prop::sample::select(TARGETS.to_vec()), bytes());
    (method, place, query, vec(header, 0..6), bytes(), bytes()).prop_map(
        |(method, (base, path), query, headers, cookies, body)| {
            let encoded =
                |bytes: &[u8]| percent_encoding::percent_encode(bytes, percent_encoding::NON_ALPHANUMERIC).to_string();
            let path = if base == "/any/" { encoded(&path) } else { String::new() };
            let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
            Sent { method, target: format!("{base}{path}?{}", query.join("&")), headers, cookies, body }
        },
    )
}

#[test]
fn any_bytes_are_answered_and_stored_as_plain_text() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let world = World::sqlite("[site]\npublic_url = \"http://shop.test\"\n").await;
        let logins = [world.log_in("admin@shop.test", Role::Admin).await, String::new()];
        let token = world.token("reads", Scope::Read).await;
        let site = Site::with_doors(world, Rules::default());
        let app = site.app.clone();
        let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
        tokio::task::block_in_place(|| {
            let checked = runner.run(&(sent(), prop::sample::select(logins.to_vec())), |(sent, login)| {
                let mut request = Request::builder().method(sent.method).uri(sent.target.parse::<Uri>().unwrap());
                let lines = request.headers_mut().unwrap();
                lines.insert("user-agent", HeaderValue::from_static(BROWSER));
                lines.insert("host", HeaderValue::from_static("shop.test"));
                lines.insert("origin", HeaderValue::from_static("http://shop.test"));
                lines.insert("authorization", HeaderValue::try_from(format!("Bearer {token}")).unwrap());
                let cookies = [login.as_bytes(), b"; _fbc=", &sent.cookies, b"; _fbp=", &sent.cookies].concat();
                let all = sent.headers.iter().map(|(name, value)| (*name, value.clone())).chain([("cookie", cookies)]);
                for (name, value) in all {
                    // What no server takes off the wire is left out: a browser's agent is kept in front of the rest.
                    let value = if name == "user-agent" { [BROWSER.as_bytes(), b" ", &value].concat() } else { value };
                    let value: Vec<u8> = value.into_iter().filter(|byte| *byte >= 32 && *byte != 127).collect();
                    lines.insert(HeaderName::from_static(name), HeaderValue::from_bytes(&value).unwrap());
                }
                if !login.is_empty() {
                    lines.remove("authorization");
                }
                let mut request = request.body(Body::from(sent.body.clone())).unwrap();
                request.extensions_mut().insert(ConnectInfo(std::net::SocketAddr::from(([203, 0, 113, 7], 40_000))));
                let handle = tokio::runtime::Handle::current();
                let status = handle.block_on(app.clone().oneshot(request)).unwrap().status();
                if status.is_server_error() {
                    return Err(TestCaseError::fail(format!("{status}")));
                }
                Ok(())
            });
            checked.unwrap();
        });
        let done = site.finish().await;
        assert!(done.page_views().await > 20);
        assert_eq!(done.dropped("refused"), 0);
        let mut wrong = BTreeSet::new();
        for (table, column) in STORED {
            let query = format!("select {column} from {table} where {column} is not null");
            for value in rows(&done.world, &query).await {
                let is_odd = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{feff}');
                if value.contains(is_odd) || value.chars().count() > 2048 {
                    wrong.insert(format!("{table}.{column}: {value:?}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
        // What was stored is shown as text.
        let world = &done.world;
        let admin = world.try_login("admin@shop.test", crate::world::PASSWORD).await.cookie().unwrap();
        for path in ["/admin-panel?period=all_time", "/admin-panel/tracking"] {
            let page = world.get(path).cookie(&admin).send().await;
            assert_eq!(page.status, 200);
            for markup in ["<script>alert", "<img src=x"] {
                assert!(!page.text().contains(markup), "{path} holds {markup}");
            }
        }
    });
}
