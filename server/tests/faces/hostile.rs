//! Any bytes in address, headers and body, through the whole router: no failure, and nothing but plain text stored.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{HeaderName, HeaderValue, Request, Uri};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value, json};
use tower::ServiceExt;
use utm_dispatcher::model::{Role, Scope};
use utm_dispatcher::tracking::Rules;

use crate::track::site::{BROWSER, Site, rows, visitor_cookie};
use crate::world::World;

/// Where the bytes are sent: the shop, and our own doors.
const TARGETS: [&str; 13] = [
    "/",
    "/any/",
    "/admin-panel",
    "/admin-panel/tracking",
    "/admin-panel/login",
    "/admin-panel/fn/add_exclusion",
    "/admin-panel/fn/reports",
    "/api/utm/sources/",
    "/api/v1/collect",
    "/api/v1/collect/code",
    "/api/track-event/",
    "/api/v1/events",
    "/api/v1/orders/",
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
/// The text that visitors and the shop's server fill, by table and column.
const STORED: [(&str, &str); 29] = [
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
    ("action", "subject"),
    ("action", "product_name"),
    ("action", "query"),
    ("orders", "number"),
    ("orders", "email"),
    ("orders", "phone"),
    ("orders", "pay_type"),
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

/// What a door takes, with such bytes in its texts, and the method by which it does; `None` for other places.
fn told(base: &str, bytes: &[u8]) -> Option<(&'static str, Value)> {
    let (text, page, at) = (String::from_utf8_lossy(bytes), "http://shop.test/any/x", "2026-11-22T10:00:00Z");
    let note = json!({ "product_name": text, "note": text });
    let claim = json!({ "type": "search", "query": format!("x{text}"), "product_name": text, "metadata": note });
    let event = json!({ "id": "e", "visitor": "v", "at": at, "action": "click", "product_name": text, "page": text });
    Some(match base {
        "/api/v1/collect" => ("POST", json!({ "url": page, "referrer": text, "events": [claim] })),
        "/api/v1/collect/code" => ("POST", json!({ "url": page, "referrer": text })),
        "/api/track-event/" => ("POST", json!({ "event_type": "add_to_cart", "metadata": note })),
        "/api/v1/events" => ("POST", json!({ "events": [event] })),
        "/api/v1/orders/" => {
            let order = json!({ "created_at": at, "total": "1.00", "payment_status": "paid", "email": text,
                "phone": text, "pay_type": text });
            ("PUT", order)
        }
        _ => return None,
    })
}

fn sent() -> impl Strategy<Value = Sent> {
    let params = ["utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term", "gclid", "fbclid", "period"];
    let method = prop::sample::select(vec!["GET", "GET", "GET", "POST", "HEAD", "PUT"]);
    let header = (prop::sample::select(HEADERS.to_vec()), bytes());
    let query = vec((prop::sample::select(params.to_vec()), bytes()), 0..4);
    let place = (prop::sample::select(TARGETS.to_vec()), bytes());
    (method, place, query, vec(header, 0..6), bytes(), bytes(), any::<bool>()).prop_map(
        |(method, (base, path), query, headers, cookies, body, is_raw)| {
            let told = if is_raw { None } else { told(base, &body) };
            let (method, body) = told.map_or((method, body), |(method, told)| (method, told.to_string().into_bytes()));
            let encoded =
                |bytes: &[u8]| percent_encoding::percent_encode(bytes, percent_encoding::NON_ALPHANUMERIC).to_string();
            let path = match base {
                // With a body that is read, a number that is taken.
                "/api/v1/orders/" if !is_raw => "N1".to_owned(),
                "/any/" | "/api/v1/orders/" => encoded(&path),
                _ => String::new(),
            };
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
        let (reads, writes) = (world.token("reads", Scope::Read).await, world.token("writes", Scope::Write).await);
        let site = Site::with_doors(world, Rules::default());
        let app = site.app.clone();
        let mut runner = TestRunner::new(Config { cases: 650, failure_persistence: None, ..Config::default() });
        tokio::task::block_in_place(|| {
            let checked = runner.run(&(sent(), prop::sample::select(logins.to_vec())), |(sent, login)| {
                let mut request = Request::builder().method(sent.method).uri(sent.target.parse::<Uri>().unwrap());
                let lines = request.headers_mut().unwrap();
                lines.insert("user-agent", HeaderValue::from_static(BROWSER));
                lines.insert("host", HeaderValue::from_static("shop.test"));
                lines.insert("origin", HeaderValue::from_static("http://shop.test"));
                let is_shops = sent.target.starts_with("/api/v1/events") || sent.target.starts_with("/api/v1/orders/");
                let token = if is_shops { &writes } else { &reads };
                lines.insert("authorization", HeaderValue::try_from(format!("Bearer {token}")).unwrap());
                let cookies = [login.as_bytes(), b"; _fbc=", &sent.cookies, b"; _fbp=", &sent.cookies].concat();
                let all = sent.headers.iter().map(|(name, value)| (*name, value.clone())).chain([("cookie", cookies)]);
                for (name, value) in all {
                    // What no server takes off the wire is left out: a browser's agent is kept in front of the rest.
                    let value = if name == "user-agent" { [BROWSER.as_bytes(), b" ", &value].concat() } else { value };
                    let value: Vec<u8> = value.into_iter().filter(|byte| *byte >= 32 && *byte != 127).collect();
                    lines.insert(HeaderName::from_static(name), HeaderValue::from_bytes(&value).unwrap());
                }
                if !login.is_empty() && !is_shops {
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
        assert!(done.count("orders").await > 0 && done.count("action where product_name is not null").await > 0);
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
    });
}

/// What is sent wherever a visitor or the shop's server may put a text: each mark stands in another field.
fn marked(mark: &str) -> String {
    format!("=<script>alert('{mark}')</script>\"><img src=x onerror=alert(1)>")
}

/// As a page writes it.
fn escaped(mark: &str) -> String {
    format!("&lt;script&gt;alert('{mark}')&lt;/script&gt;")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_stored_is_shown_as_text_and_never_as_markup() {
    let world = World::sqlite("[site]\npublic_url = \"http://shop.test\"\n").await;
    let admin = world.log_in("admin@shop.test", Role::Admin).await;
    let (reads, writes) = (world.token("reads", Scope::Read).await, world.token("writes", Scope::Write).await);
    let site = Site::with_doors(world, Rules::default());
    let encoded = |mark: &str| {
        percent_encoding::percent_encode(marked(mark).as_bytes(), percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let referrer = format!("https://blog.example/{}", marked("referrer").replace(' ', "%20"));
    let target = format!("/any/{}?utm_source=a&utm_campaign={}", encoded("path"), encoded("campaign"));
    let page = site.get(&target, &[("referer", referrer.as_bytes())]).await;
    let visitor = visitor_cookie(&page).unwrap().split_once('=').unwrap().1.to_owned();
    site.settle().await;
    let at = chrono::Utc::now().to_rfc3339();
    let event = |id: &str, action: &str, fields: Value| {
        let mut event = json!({ "id": id, "visitor": visitor, "at": at, "action": action });
        event.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        event
    };
    let world = &site.world;
    let events = json!({ "events": [
        event("e1", "search", json!({ "query": marked("query") })),
        event("e2", "product_view", json!({ "product_id": "17", "product_name": marked("product") })),
    ] });
    let told = world.ask("POST", "/api/v1/events").bearer(&writes).json(events.to_string()).send().await;
    assert_eq!(told.status, 200, "{}", told.text());
    let order = json!({ "visitor": visitor, "created_at": at, "total": "5.00", "payment_status": "paid",
        "email": marked("email"), "phone": "1" });
    let told = world.ask("PUT", "/api/v1/orders/N1").bearer(&writes).json(order.to_string()).send().await;
    assert_eq!(told.status, 200, "{}", told.text());
    let done = site.finish().await;
    let world = &done.world;
    let session = &done.rows("select cast(id as text) from session").await[0];

    // Pages: what is shown is there, escaped.
    for (path, marks) in [
        ("/admin-panel?period=all_time".to_owned(), &["query", "product"][..]),
        (format!("/admin-panel?period=all_time&session={session}"), &["query", "product"]),
        ("/admin-panel/tracking".to_owned(), &[]),
    ] {
        let page = world.get(&path).cookie(&admin).send().await;
        assert_eq!(page.status, 200, "{path}");
        for mark in marks {
            assert!(page.text().contains(&escaped(mark)), "{path} shows no {mark}");
        }
        for markup in ["<script>alert", "<img src=x"] {
            assert!(!page.text().contains(markup), "{path} holds {markup}");
        }
    }
    // The API: JSON, whose type no browser guesses at.
    for (path, marks) in [
        ("/api/utm/sessions/?period=all_time".to_owned(), &[][..]),
        (format!("/api/utm/{session}/session_detail/"), &["path", "product"]),
        ("/api/v1/reports/searches?period=all_time".to_owned(), &["query"]),
        ("/api/v1/reports/products?period=all_time".to_owned(), &["product"]),
    ] {
        let answer = world.get(&path).bearer(&reads).send().await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        let text = answer.json().to_string();
        for mark in marks {
            let written = Value::from(marked(mark)).to_string();
            assert!(text.contains(written.trim_matches('"')), "{path} tells no {mark}: {text}");
        }
    }
    // Files: what begins as a formula does not in a spreadsheet.
    for (report, mark) in [("searches", "query"), ("products", "product")] {
        let file = world.get(&format!("/export/{report}.csv?period=all_time")).bearer(&reads).send().await;
        assert!(file.header("content-type").starts_with("text/csv"), "{report}");
        assert_eq!(file.header("x-content-type-options"), "nosniff", "{report}");
        let cell = format!("\"'{}\"", marked(mark).replace('"', "\"\""));
        assert!(file.text().contains(&cell), "{report} holds no {cell}: {}", file.text());
    }
}
