//! The doors for browsers: `/t.js`, `/api/v1/collect` and `/api/track-event/`, with the pipeline behind them.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;

use axum::Router;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, SET_COOKIE, VARY,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use server::track::layer::Tracker;
use server::track::queue::queue;
use server::track::{code, collect};
use utm_dispatcher::message::{Message, Owner, Received};
use utm_dispatcher::tracking::exclusion::LiveExclusions;
use utm_dispatcher::tracking::{Exclusions, Rules};

use crate::track::site::{BROWSER, Header, Site, ask, paid, visitor_cookie};
use crate::world::{Answer, World, on_both};

const CONFIG: &str = "[site]\npublic_url = \"http://shop.test\"\n[tracking]\n\
                      allowed_origins = [\"https://www.shop.test\"]\nextra_actions = [\"quick_view\"]\n";
const BOT: &str = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
const HERE: Header = ("origin", b"http://shop.test");
const ELSEWHERE: Header = ("origin", b"https://www.shop.test");
const COLLECT: &str = "/api/v1/collect";
const TRACK_EVENT: &str = "/api/track-event/";
const VISITOR: &str = "0123456789abcdef0123456789abcdef";

on_both!(
    pages_elsewhere_are_counted,
    pages_elsewhere_show_the_code_of_their_visit,
    what_our_own_page_tells_belongs_to_its_visitor,
    who_asks_not_to_be_followed_is_only_counted,
    what_a_page_measures_makes_no_visit,
    the_originals_door_answers_as_it_did,
    fault_s1_texts_are_only_texts,
    fault_s2_a_browser_forges_nothing,
    fault_e6_a_checkout_counts_once,
    fault_e8_repeats_earn_nothing,
    fault_c13_one_rule_for_bots_and_exclusions,
);

/// What a page at `url` tells.
fn body(url: &str, events: &Value) -> String {
    json!({ "url": url, "events": events }).to_string()
}

impl Site {
    async fn tell(&self, headers: &[Header<'_>], url: &str, events: Value) -> Answer {
        let answer = self.post(COLLECT, headers, &body(url, &events)).await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0), "{}", answer.text());
        assert!(answer.headers.get(SET_COOKIE).is_none());
        answer
    }
}

mod cases {
    use super::*;

    pub async fn pages_elsewhere_are_counted(world: World) {
        let site = Site::with_doors(world, Rules::default());
        let landing = "https://www.shop.test/catalog?utm_source=ig&utm_campaign=Зима&gclid=Cj0";
        let view = json!([{"type": "page_view"}]);
        let told = |url: &str, visitor: Option<&str>, consent: Option<bool>| json!({"url": url, "referrer": "https://l.instagram.com/", "visitor": visitor, "consent": consent, "events": view});
        // Nobody agreed to anything: known for the day. A cookie of our own site has no say.
        let cookie: Header = ("cookie", b"ud_vid=ffffffffffffffffffffffffffffffff");
        for url in [landing, "https://www.shop.test/product/tee#x"] {
            let answer = site.post(COLLECT, &[ELSEWHERE, cookie], &told(url, None, None).to_string()).await;
            assert_eq!((answer.status.as_u16(), answer.header(VARY)), (204, "Origin"));
            assert_eq!(answer.header(ACCESS_CONTROL_ALLOW_ORIGIN), "https://www.shop.test");
        }
        // Somebody else agreed.
        let other = BROWSER.replace("137", "136");
        let other: Header = ("user-agent", other.as_bytes());
        let url = "https://www.shop.test/?utm_source=google";
        let answer = site.post(COLLECT, &[ELSEWHERE, other], &told(url, Some(VISITOR), Some(true)).to_string()).await;
        assert_eq!(answer.status, 204);
        let done = site.finish().await;
        assert_eq!(done.page_views().await, 3);
        let sessions = done
            .rows(
                "select t.source || ' ' || t.channel || ' ' || t.campaign || ' ' || p.path || ' ' || \
                 cast(s.page_views as text) || ' ' || substr(s.click_ids, 1, 5) || ' ' || coalesce(s.referrer, '') from session s \
                 join touch t on t.id = s.touch_id join page p on p.id = s.landing_id where t.source = 'instagram'",
            )
            .await;
        assert_eq!(sessions.len(), 1, "{sessions:?}");
        assert!(sessions[0].starts_with("instagram ") && sessions[0].contains(" Зима /catalog 2 "), "{sessions:?}");
        assert!(sessions[0].ends_with("https://l.instagram.com/"), "{sessions:?}");
        let keys = done
            .rows(
                "select substr(k.key, 1, 1) from visitor_key k join session s on s.visitor_id = k.visitor_id \
                 join touch t on t.id = s.touch_id where t.source = 'google'",
            )
            .await;
        assert!(keys.contains(&"c".to_owned()), "{keys:?}");
        assert_eq!(done.count(&format!("visitor_key where key like '%{VISITOR}%'")).await, 0, "no cookie is stored");
    }

    pub async fn pages_elsewhere_show_the_code_of_their_visit(world: World) {
        let site = Site::with_doors(world, Rules::default());
        let page = |visitor: &str| json!({"url": "https://www.shop.test/", "visitor": visitor, "consent": true});
        let view = |visitor: &str| {
            let mut told = page(visitor);
            told["events"] = json!([{"type": "page_view"}]);
            told.to_string()
        };
        let ask = async |visitor: &str| site.post(code::PATH, &[ELSEWHERE], &page(visitor).to_string()).await;
        assert_eq!(ask(VISITOR).await.json()["code"], Value::Null, "nothing is stored of the visit yet");
        assert_eq!(site.post(COLLECT, &[ELSEWHERE], &view(VISITOR)).await.status, 204);
        site.settle().await;
        let answer = ask(VISITOR).await;
        assert_eq!(answer.header(ACCESS_CONTROL_ALLOW_ORIGIN), "https://www.shop.test");
        assert_eq!(answer.header(CACHE_CONTROL), "no-store");
        let code = answer.json()["code"].as_str().unwrap().to_owned();
        assert_eq!(ask(VISITOR).await.json()["code"], code, "it stays");
        assert_eq!(ask(&VISITOR.replace('0', "9")).await.json()["code"], Value::Null, "somebody else has none");
        let stranger: Header = ("origin", b"https://evil.test");
        assert_eq!(site.post(code::PATH, &[stranger], &page(VISITOR).to_string()).await.status, 403);
        let wrong = site.post(code::PATH, &[ELSEWHERE], "{\"url\": 1}").await;
        assert!(wrong.status == 422 && wrong.text().contains("url"), "{}", wrong.text());
        let done = site.finish().await;
        assert_eq!(done.rows("select code from session_code").await, [code]);
    }

    pub async fn what_our_own_page_tells_belongs_to_its_visitor(world: World) {
        let site = Site::with_doors(world, Rules::default());
        let cookie = visitor_cookie(&site.get("/?utm_source=google", &[]).await).unwrap();
        let cookie: Header = ("cookie", cookie.as_bytes());
        // What a page of our own says of its visitor is not asked for: the cookie tells.
        let events = json!([
            {"type": "product_view", "product_id": 17, "product_name": "Футболка"},
            {"type": "add_to_cart", "product_id": "17", "value": "499.00"},
            {"type": "search", "query": "чашка"},
            {"type": "quick_view", "metadata": {"from": "list"}},
            {"type": "survey_start"},
        ]);
        let told = json!({"url": "http://shop.test/any/tee?x=1", "visitor": VISITOR, "events": events}).to_string();
        assert_eq!(site.post(COLLECT, &[HERE, cookie], &told).await.status, 204);
        // Without Origin the browser's other word is good enough; as text too, as a beacon is sent.
        let headers: [Header; 3] =
            [("sec-fetch-site", b"same-origin"), ("content-type", b"text/plain;charset=UTF-8"), cookie];
        site.tell(&headers, "http://shop.test/next", json!([{"type": "page_view"}])).await;
        let done = site.finish().await;
        assert_eq!((done.count("session").await, done.count("visitor").await, done.page_views().await), (1, 1, 2));
        let session = "select cast(points as text) || ' ' || cast(product_views as text) || ' ' || cast(add_to_cart as text) || ' ' || \
                       cast(searches as text) || ' ' || cast(other_actions as text) from session";
        assert_eq!(done.rows(session).await, ["17 1 1 1 2"]);
        let added = "select a.product_id || ' ' || cast(a.value as text) || ' ' || p.path from action a \
                     join page p on p.id = a.page_id where a.kind = 'add_to_cart'";
        assert_eq!(done.rows(added).await, ["17 49900 /any/tee"]);
    }

    pub async fn who_asks_not_to_be_followed_is_only_counted(world: World) {
        let site = Site::with_doors(world, Rules::default());
        let told = json!({
            "url": "https://www.shop.test/?utm_source=facebook&gclid=Cj0secret", "visitor": VISITOR, "consent": true,
            "referrer": "https://l.facebook.com/l?fbclid=IwARsecret", "events": [{"type": "page_view"}],
        });
        for signal in ["dnt", "sec-gpc"] {
            assert_eq!(site.post(COLLECT, &[ELSEWHERE, (signal, b"1")], &told.to_string()).await.status, 204);
        }
        let done = site.finish().await;
        assert_eq!(done.page_views().await, 2);
        assert_eq!(done.count("visitor_key where key like 'c%'").await, 0);
        assert_eq!(done.count("session where click_ids is not null or referrer like '%secret%'").await, 0);
    }

    pub async fn what_a_page_measures_makes_no_visit(world: World) {
        let site = Site::with_doors(world, Rules::default());
        let measured = json!([
            {"type": "time_on_page", "metadata": {"seconds": 12.5}}, {"type": "scroll", "metadata": {"percent": 80}},
        ]);
        // Of somebody whom nobody saw.
        site.tell(&[ELSEWHERE], "https://www.shop.test/", measured.clone()).await;
        let other = BROWSER.replace("137", "136");
        let other: Header = ("user-agent", other.as_bytes());
        site.tell(&[ELSEWHERE, other], "https://www.shop.test/", json!([{"type": "page_view"}])).await;
        site.tell(&[ELSEWHERE, other], "https://www.shop.test/", measured).await;
        let done = site.finish().await;
        assert_eq!((done.count("session").await, done.count("action").await, done.dropped("late")), (1, 3, 2));
        assert_eq!(done.count("session where is_bounce = 1 and other_actions = 0 and points = 1").await, 1);
    }

    pub async fn the_originals_door_answers_as_it_did(world: World) {
        let site = Site::with_doors(world, Rules::default());
        let cookie = visitor_cookie(&site.get("/?utm_source=google", &[]).await).unwrap();
        let headers: [Header; 3] = [HERE, ("cookie", cookie.as_bytes()), ("referer", b"http://shop.test/any/tee?x=1")];
        let events = [
            json!({"event_type": "product_view", "product_id": 17, "metadata": {"product_name": "Tee"}}),
            json!({"event_type": "add_to_cart", "product_id": "17", "cart_value": 499.5, "category_id": 3}),
            json!({"event_type": "custom_print_step_enter", "lead_id": 5, "unknown": "is left alone"}),
            json!({"event_type": "search", "query": "чашка"}),
        ];
        for (path, event) in
            ["/api/track-event/", "/api/track-event", "/api/track_event/", "/api/track_event"].iter().zip(events)
        {
            let answer = site.post(path, &headers, &event.to_string()).await;
            assert_eq!(answer.status, 200, "{path}");
            assert_eq!(answer.json(), json!({"success": true, "message": "Event tracked", "stored": true}), "{path}");
        }
        let bot = site.post(TRACK_EVENT, &[HERE, ("user-agent", BOT.as_bytes())], r#"{"event_type": "click"}"#).await;
        assert_eq!((bot.status.as_u16(), &bot.json()["stored"]), (200, &json!(false)));
        for (field, event) in [
            ("event_type", json!({})),
            ("event_type", json!({"event_type": "buy"})),
            ("query", json!({"event_type": "search"})),
            ("product_id", json!({"event_type": "click", "product_id": 1.5})),
            ("cart_value", json!({"event_type": "add_to_cart", "cart_value": -1})),
            ("body", json!("x")),
        ] {
            let answer = site.post(TRACK_EVENT, &headers, &event.to_string()).await;
            let said = answer.json();
            assert_eq!(
                (answer.status.as_u16(), &said["success"], &said["status"]),
                (400, &json!(false), &json!(400)),
                "{event}"
            );
            assert_eq!(said["field"], field, "{event}");
            assert!(said["error"].as_str().unwrap().starts_with(field) && !said["allowed"].is_null(), "{said}");
        }
        let refused = site.post(TRACK_EVENT, &[("origin", b"https://evil.test")], r#"{"event_type": "click"}"#).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["success"]), (403, &json!(false)));
        let done = site.finish().await;
        assert_eq!((done.count("session").await, done.count("action").await), (1, 5));
        let names = "select a.kind || ' ' || coalesce(a.product_name, '') || ' ' || p.path from action a \
                     join page p on p.id = a.page_id where a.kind <> 'page_view' order by a.id";
        let expected = ["product_view Tee", "add_to_cart ", "custom_print_step_enter ", "search "];
        assert_eq!(done.rows(names).await, expected.map(|action| format!("{action} /any/tee")));
    }

    pub async fn fault_s1_texts_are_only_texts(world: World) {
        let site = Site::with_doors(world, Rules::default());
        let markup = "<img src=x onerror=\"alert(1)\">'; drop table action; --";
        let event = json!({"type": "add_to_cart", "product_id": markup, "product_name": format!("\u{0}\u{202e}{markup}\r\n"),
            "metadata": {"note": format!("{markup}\u{0}")}});
        site.tell(&[ELSEWHERE], "https://www.shop.test/", json!([event])).await;
        // What is refused is said again as text.
        let refused =
            site.post(COLLECT, &[ELSEWHERE], &body("https://www.shop.test/", &json!([{"type": markup}]))).await;
        assert_eq!((refused.status.as_u16(), refused.header(CONTENT_TYPE)), (422, "application/problem+json"));
        assert_eq!(refused.header("x-content-type-options"), "nosniff");
        let done = site.finish().await;
        let stored = done.rows("select product_id || '|' || product_name from action").await;
        assert_eq!(stored, [format!("{markup}|{markup}")]);
    }

    pub async fn fault_s2_a_browser_forges_nothing(world: World) {
        let site = Site::with_doors(world, Rules::default());
        let cookie = visitor_cookie(&site.get("/", &[]).await).unwrap();
        let cookie: Header = ("cookie", cookie.as_bytes());
        let forged = json!([
            {"type": "lead", "order": "N1", "value": "100000.00"}, {"type": "purchase", "order": "N1", "value": 100_000},
            {"type": "purchase", "order": "N2"}, {"type": "lead"},
        ]);
        site.tell(&[HERE, cookie], "http://shop.test/", forged).await;
        for kind in ["lead", "purchase"] {
            let event = json!({"event_type": kind, "order_number": "N1", "order_id": 1, "cart_value": 100_000});
            assert_eq!(site.post(TRACK_EVENT, &[HERE, cookie], &event.to_string()).await.status, 200);
        }
        for huge in [json!("99999999999.00"), json!(1e300), json!(i64::MAX), json!("-5")] {
            let event = body("http://shop.test/", &json!([{"type": "add_to_cart", "value": huge}]));
            let answer = site.post(COLLECT, &[HERE, cookie], &event).await;
            assert_eq!((answer.status.as_u16(), &answer.json()["field"]), (422, &json!("events[0].value")), "{huge}");
        }
        let state = "select cast(points as text) || ' ' || cast(is_converted as text) || ' ' || cast(has_lead as text) || ' ' || \
                     cast(orders as text) || ' ' || cast(revenue as text) from session";
        // The order's answer comes after everything before it.
        assert_eq!(site.post("/order/N0", &[], "").await.status, 200);
        assert_eq!(crate::track::site::rows(&site.world, state).await, ["1 0 0 0 0"]);
        // What the shop itself says counts in full, whatever was claimed before.
        let buyer = cookie_key(&cookie);
        let (at, owner) = (server::state::now(), Owner::Key(buyer));
        let message = Message::Order { order: paid("N1", at), owner };
        site.recorder.message(Received { message, at }).await.unwrap();
        let done = site.finish().await;
        assert_eq!(done.rows(state).await, ["115 1 0 1 149900"]);
        assert_eq!(
            done.count(
                "action where points = 0 and order_number is null and value is null and kind in ('lead', 'purchase')"
            )
            .await,
            6
        );
    }

    fn cookie_key((_, line): &Header) -> utm_dispatcher::model::visitor::VisitorKey {
        let mut headers = http::HeaderMap::new();
        headers.insert(http::header::COOKIE, http::HeaderValue::from_bytes(line).unwrap());
        server::track::cookie::VisitorCookie::of(&headers).unwrap().key()
    }

    pub async fn fault_e6_a_checkout_counts_once(world: World) {
        let site = Site::with_doors(world, Rules::default());
        for _ in 0..3 {
            let opened = json!([{"type": "initiate_checkout", "value": "499.00"}]);
            site.tell(&[ELSEWHERE], "https://www.shop.test/checkout", opened).await;
        }
        let done = site.finish().await;
        assert_eq!(done.rows("select cast(points as text) from action order by points desc").await, ["20", "0", "0"]);
        assert_eq!(done.count("orders").await, 0);
    }

    pub async fn fault_e8_repeats_earn_nothing(world: World) {
        let site = Site::with_doors(world, Rules::default());
        let view = json!({"type": "product_view", "product_id": 17});
        let add = json!({"type": "add_to_cart", "product_id": 17});
        let remove = json!({"type": "remove_from_cart", "product_id": 17});
        let search = json!({"type": "search", "query": "tee"});
        let events = [view, add, remove, search, json!({"type": "page_view"})].map(|event| vec![event; 5]).concat();
        for url in ["https://www.shop.test/a", "https://www.shop.test/a?x=1"] {
            site.tell(&[ELSEWHERE], url, json!(events)).await;
        }
        let done = site.finish().await;
        assert_eq!((done.count("action").await, done.page_views().await), (50, 10));
        assert_eq!(done.rows("select cast(points as text) from session").await, ["11"], "3 + 10 - 5 + 2 + 1");
    }

    pub async fn fault_c13_one_rule_for_bots_and_exclusions(world: World) {
        let cookie = format!("ud_vid={VISITOR}");
        let cookie: Header = ("cookie", cookie.as_bytes());
        let exclusions = LiveExclusions::default();
        let left_out = Exclusions {
            agents: vec!["shopcheck".into()],
            paths: vec!["/any/test".into()],
            visitors: [cookie_key(&cookie)].into(),
            ..Exclusions::default()
        };
        exclusions.put(exclusions.ticket(), left_out);
        let site = Site::with_doors(world, Rules { exclusions, ..Rules::default() });
        let event = json!([{"type": "page_view"}, {"type": "add_to_cart", "product_id": 17}]);
        let original = r#"{"event_type": "add_to_cart", "product_id": 17}"#;
        let check = format!("{BROWSER} ShopCheck/1");
        let agents: [(&str, &str); 4] = [(BOT, "bot"), ("curl/8.14.1", "bot"), ("", "bot"), (&check, "excluded")];
        for (agent, _) in agents {
            let agent: Header = ("user-agent", agent.as_bytes());
            site.get("/", &[agent]).await;
            site.tell(&[HERE, agent], "http://shop.test/", event.clone()).await;
            assert_eq!(site.post(TRACK_EVENT, &[HERE, agent], original).await.json()["stored"], false);
        }
        site.get("/any/test/1", &[]).await;
        site.tell(&[HERE], "http://shop.test/any/test/1", event.clone()).await;
        let referer: Header = ("referer", b"http://shop.test/any/test/1");
        assert_eq!(site.post(TRACK_EVENT, &[HERE, referer], original).await.json()["stored"], false);
        site.get("/", &[cookie]).await;
        site.tell(&[HERE, cookie], "http://shop.test/", event.clone()).await;
        assert_eq!(site.post(TRACK_EVENT, &[HERE, cookie], original).await.json()["stored"], false);
        let elsewhere = json!({"url": "https://www.shop.test/", "visitor": VISITOR, "consent": true, "events": event});
        assert_eq!(site.post(COLLECT, &[ELSEWHERE], &elsewhere.to_string()).await.status, 204);
        let done = site.finish().await;
        assert_eq!((done.dropped("bot"), done.dropped("excluded")), (9, 10));
        assert_eq!(done.count("action").await, 0);
    }
}

#[tokio::test]
async fn only_our_own_pages_and_allowed_ones_tell_anything() {
    let site = Site::with_doors(World::sqlite(CONFIG).await, Rules::default());
    let view = |url: &str| body(url, &json!([{"type": "page_view"}]));
    let refused: [&[Header]; 6] = [
        &[],
        &[("origin", b"https://evil.test")],
        &[("origin", b"null")],
        &[("origin", b"\xff")],
        &[("sec-fetch-site", b"cross-site")],
        &[("origin", b"https://evil.test"), ("host", b"evil.test")],
    ];
    for headers in refused {
        for (method, path) in [("POST", COLLECT), ("OPTIONS", COLLECT), ("POST", TRACK_EVENT), ("OPTIONS", TRACK_EVENT)]
        {
            let answer = ask(&site.app, method, path, headers, &view("http://shop.test/")).await;
            assert_eq!(answer.status, 403, "{method} {path} {headers:?}");
            assert!(answer.headers.get(ACCESS_CONTROL_ALLOW_ORIGIN).is_none(), "{method} {path} {headers:?}");
        }
    }
    for path in [COLLECT, TRACK_EVENT] {
        let answer = ask(&site.app, "OPTIONS", path, &[ELSEWHERE], "").await;
        assert_eq!(
            (answer.status.as_u16(), answer.header(ACCESS_CONTROL_ALLOW_ORIGIN)),
            (204, "https://www.shop.test")
        );
        assert_eq!(answer.header(ACCESS_CONTROL_ALLOW_HEADERS), "Content-Type");
    }
    // A page speaks for its own site alone, and hears what it did wrong.
    for url in
        ["https://evil.test/", "https://www.shop.test.evil.test/", "https://www.shop.test:81/", "http://shop.test/"]
    {
        let answer = site.post(COLLECT, &[ELSEWHERE], &view(url)).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["field"]), (422, &json!("url")), "{url}");
        assert_eq!(answer.header(ACCESS_CONTROL_ALLOW_ORIGIN), "https://www.shop.test");
    }
    let unknown = site
        .post(COLLECT, &[ELSEWHERE], &body("https://www.shop.test/", &json!([{"type": "click"}, {"type": "buy"}])))
        .await;
    assert_eq!((unknown.status.as_u16(), &unknown.json()["field"]), (422, &json!("events[1].type")));
    let allowed = unknown.json()["allowed"].to_string();
    assert!(allowed.contains("add_to_cart") && allowed.contains("quick_view"), "{allowed}");
    let large = body("https://www.shop.test/", &json!([{"type": "click", "metadata": {"x": "x".repeat(64 * 1024)}}]));
    assert_eq!(site.post(COLLECT, &[ELSEWHERE], &large).await.status, 413);
    let many = body("https://www.shop.test/", &json!(vec![json!({"type": "click"}); 51]));
    assert_eq!(site.post(COLLECT, &[ELSEWHERE], &many).await.json()["field"], "events");
    assert_eq!(site.finish().await.count("action").await, 0);
}

#[tokio::test]
async fn a_full_queue_is_counted_and_a_tracker_that_is_off_keeps_nothing() {
    let world = World::sqlite(CONFIG).await;
    let doors = |tracker| {
        server::router(world.state.clone(), collect::router(tracker, Arc::clone(&world.state.config)), Router::new())
    };
    let counters = Arc::default();
    // Nobody takes anything out.
    let (recorder, _jobs) = queue(1, Arc::clone(&counters));
    let full = doors(Some(Arc::new(Tracker::new(recorder, Rules::default(), Arc::clone(&counters), false))));
    let view = body("http://shop.test/", &json!([{"type": "page_view"}]));
    for dropped in 0..3 {
        assert_eq!(ask(&full, "POST", COLLECT, &[HERE], &view).await.status, 204);
        assert_eq!(counters.dropped_for("queue_full"), dropped);
    }
    for app in [full, doors(None)] {
        let answer = ask(&app, "POST", TRACK_EVENT, &[HERE], r#"{"event_type": "click"}"#).await;
        assert_eq!(answer.json(), json!({"success": true, "message": "Event tracked", "stored": false}));
    }
    assert_eq!(ask(&doors(None), "POST", COLLECT, &[HERE], &view).await.status, 204);
}

#[tokio::test]
async fn the_script_is_small_and_for_everyone() {
    let world = World::sqlite(CONFIG).await;
    let answer = world.get("/t.js").send().await;
    assert_eq!((answer.status.as_u16(), answer.header(CONTENT_TYPE)), (200, "text/javascript; charset=utf-8"));
    assert_eq!(answer.header(CACHE_CONTROL), "public, max-age=3600");
    assert_eq!(answer.header("cross-origin-resource-policy"), "cross-origin");
    let mut gzip =
        Command::new("gzip").args(["-9", "--stdout"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    gzip.stdin.take().unwrap().write_all(&answer.body).unwrap();
    let compressed = gzip.wait_with_output().unwrap().stdout.len();
    assert!((500..1500).contains(&compressed), "/t.js has {compressed} bytes, compressed; under 1500 is promised");
    assert!(!answer.text().contains("// ") && answer.text().contains("sendBeacon"));
    let packed = world.get("/t.js").header(http::header::ACCEPT_ENCODING, "gzip").send().await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(packed.body.len() < 1600, "{}", packed.body.len());
}

/// JSON of the right shape with anything in it.
fn told() -> impl Strategy<Value = String> {
    let text =
        prop_oneof![any::<String>(), Just("click".to_owned()), Just("https://www.shop.test/\u{0}?%ff".to_owned())];
    let value = prop_oneof![
        text.clone().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(Value::Null),
        Just(json!([{"a": {"b": []}}])),
    ];
    let event = prop::collection::hash_map(
        prop::sample::select(vec!["type", "product_id", "product_name", "value", "query", "metadata", "order", "x"]),
        value.clone(),
        0..5,
    );
    (text, prop::collection::vec(event, 0..3), value).prop_map(|(url, events, other)| {
        let events: Vec<Value> = events.into_iter().map(|event| json!(event)).collect();
        json!({"url": url, "events": events, "event_type": other, "referrer": other, "metadata": other}).to_string()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whatever_comes_is_answered(
        raw in prop_oneof![any::<Vec<u8>>().prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()), told()],
        cookie in prop::collection::vec(0x20u8..=0x7e, 0..80),
        junk in prop::collection::vec(0x80u8..=0xff, 0..40),
    ) {
        thread_local! {
            static RUNTIME: tokio::runtime::Runtime = tokio::runtime::Runtime::new().unwrap();
            static APP: Router = RUNTIME.with(|runtime| runtime.block_on(async {
                let world = World::sqlite(CONFIG).await;
                let (recorder, jobs) = queue(1, Arc::default());
                // Kept for the life of the test, as a full queue that nobody empties.
                std::mem::forget(jobs);
                let tracker = Tracker::new(recorder, Rules::default(), Arc::default(), false);
                let doors = collect::router(Some(Arc::new(tracker)), Arc::clone(&world.state.config));
                server::router(world.state.clone(), doors, Router::new())
            }));
        }
        let headers: [Header; 5] =
            [ELSEWHERE, ("cookie", &cookie), ("referer", &junk), ("x-forwarded-for", &junk), ("sec-ch-ua", &junk)];
        for path in [COLLECT, TRACK_EVENT] {
            let app = APP.with(Router::clone);
            let answer = RUNTIME.with(|runtime| runtime.block_on(ask(&app, "POST", path, &headers, &raw)));
            let status = answer.status.as_u16();
            prop_assert!([200, 204, 400, 422].contains(&status), "{} {}", status, path);
            let is_plain = answer.text().chars().all(utm_dispatcher::tracking::text::is_plain);
            prop_assert!(is_plain, "{}", path);
        }
    }
}
