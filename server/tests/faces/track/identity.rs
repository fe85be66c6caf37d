//! Who a visitor is: keys that go on from one another, modes of consent, codes.

use std::sync::Arc;

use axum::Router;
use server::config::Privacy;
use server::track::code::{self, Codes};
use server::track::collect;
use server::track::layer::Tracker;
use server::track::person::ConsentMode;
use server::track::proxy::{self, Upstream};
use server::{jobs, storefront};
use tokio_util::sync::CancellationToken;
use utm_dispatcher::model::{AddressPolicy, SessionCode};
use utm_dispatcher::tracking::Rules;

use super::site::{BROWSER, Finished, Site, ask, pages, rows, shopping, tracked, visitor_cookie};
use crate::world::{World, on_both};

const CONFIG: &str = "";
/// Another person's browser at the same address.
const OTHER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

on_both!(
    fault_c12_an_order_finds_the_campaign_of_a_landing_that_caches_keep,
    fault_c12_an_order_of_the_first_request_is_attributed,
    two_browsers_of_one_address_do_not_share_a_visit,
    nobody_claims_who_asks_not_to_be_followed,
    without_cookies_a_day_key_counts,
    whoever_agrees_is_known_from_then_on,
    metas_cookies_are_kept_of_whoever_agreed,
    a_session_has_a_code_that_people_can_say,
    the_shop_behind_the_layer_is_told_the_code,
    fault_c5_who_registers_stays_one_visitor_and_is_marked,
    fault_p1_what_is_old_is_forgotten_by_the_clock,
    hints_are_asked_for_where_browsers_give_them,
);

/// Each session: its source, page views, whether it has a purchase, and the first letters of its visitor's keys.
async fn sessions(done: &Finished) -> Vec<String> {
    done.rows(
        "select t.source || ' ' || cast(s.page_views as text) || ' ' || cast(s.has_purchase as text) || ' ' || \
         coalesce((select min(substr(k.key, 1, 1)) || cast(count(*) as text) from visitor_key k \
         where k.visitor_id = s.visitor_id), '-') from session s join touch t on t.id = s.touch_id order by s.id",
    )
    .await
}

mod cases {
    use super::*;

    pub async fn fault_c12_an_order_finds_the_campaign_of_a_landing_that_caches_keep(world: World) {
        let site = Site::of_pages(world);
        assert!(visitor_cookie(&site.get("/public?utm_source=facebook&utm_campaign=winter", &[]).await).is_none());
        let cookie = visitor_cookie(&site.get("/any/product", &[]).await).unwrap();
        let cookie = [("cookie", cookie.as_bytes())];
        site.get("/any/cart", &cookie).await;
        assert_eq!(site.post("/order/N1", &cookie, "").await.text(), "Some(Stored(Created))");
        let done = site.finish().await;
        assert_eq!(sessions(&done).await, ["facebook 3 1 c1"]);
        assert_eq!(done.count("visitor").await, 1);
    }

    pub async fn fault_c12_an_order_of_the_first_request_is_attributed(world: World) {
        let site = Site::of_pages(world);
        assert!(visitor_cookie(&site.get("/order-on-sight/N1?utm_source=google", &[]).await).is_some());
        // Without a cookie, too.
        let other = [("user-agent", OTHER.as_bytes()), ("dnt", b"1".as_slice())];
        site.get("/order-on-sight/N2?utm_source=bing", &other).await;
        // It is said again behind the page view, and nobody waits for that.
        let began = std::time::Instant::now();
        while rows(&site.world, "select number from orders where visitor_id <> 0").await.len() < 2 {
            assert!(began.elapsed().as_secs() < 20, "both orders find their visits");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let done = site.finish().await;
        assert_eq!(sessions(&done).await, ["google 1 1 c1", "bing 1 1 p1"]);
        assert_eq!(done.count("action where kind = 'purchase'").await, 2);
        assert_eq!(done.count("orders where visitor_id = 0").await, 0);
    }

    pub async fn two_browsers_of_one_address_do_not_share_a_visit(world: World) {
        let site = Site::of_pages(world);
        // The same model of phone behind one address of an operator: one lands, goes on; then the other one.
        for source in ["facebook", "tiktok"] {
            site.get(&format!("/public?utm_source={source}"), &[]).await;
            let cookie = visitor_cookie(&site.get("/", &[]).await).unwrap();
            site.get("/any/more", &[("cookie", cookie.as_bytes())]).await;
            site.settle().await;
        }
        let done = site.finish().await;
        assert_eq!(sessions(&done).await, ["facebook 3 0 c1", "tiktok 3 0 c1"]);
        assert_eq!(done.count("visitor").await, 2);
    }

    pub async fn nobody_claims_who_asks_not_to_be_followed(world: World) {
        let site = Site::of_pages(world);
        site.get("/?utm_source=facebook", &[("sec-gpc", b"1")]).await;
        site.settle().await;
        assert!(visitor_cookie(&site.get("/any/other", &[]).await).is_some());
        let done = site.finish().await;
        assert_eq!(sessions(&done).await, ["facebook 1 0 p1", "direct 1 0 c1"]);
    }

    pub async fn without_cookies_a_day_key_counts(world: World) {
        let site = Site::asking(world, pages(), Rules::default(), ConsentMode::Cookieless);
        assert!(visitor_cookie(&site.get("/?utm_source=facebook&fbclid=x1", &[]).await).is_none());
        let old = format!("ud_vid={}; ud_consent=yes", "ab".repeat(16));
        let answer = site.get("/any/other", &[("cookie", old.as_bytes())]).await;
        assert_eq!(visitor_cookie(&answer).as_deref(), Some("ud_vid="), "an old cookie is taken away");
        site.post("/order/N1", &[], "").await;
        site.get("/", &[("user-agent", OTHER.as_bytes())]).await;
        let done = site.finish().await;
        assert_eq!(sessions(&done).await, ["facebook 2 1 d1", "direct 1 0 d1"]);
        assert_eq!(done.count("session where click_ids like '%x1%'").await, 1, "a click is no person");
    }

    pub async fn whoever_agrees_is_known_from_then_on(world: World) {
        let site = Site::asking(world, pages(), Rules::default(), ConsentMode::Consent);
        assert!(visitor_cookie(&site.get("/?utm_source=facebook", &[]).await).is_none());
        assert!(visitor_cookie(&site.get("/any/1", &[("cookie", b"ud_consent=no")]).await).is_none());
        let cookie = visitor_cookie(&site.get("/any/2", &[("cookie", b"ud_consent=yes")]).await).unwrap();
        let agreed = format!("{cookie}; ud_consent=yes");
        assert!(visitor_cookie(&site.get("/any/3", &[("cookie", agreed.as_bytes())]).await).is_none());
        site.settle().await;
        // A page that caches keep is no place to give or take a cookie.
        let refused = format!("ud_consent=no; {cookie}");
        assert!(visitor_cookie(&site.get("/public", &[("cookie", refused.as_bytes())]).await).is_none());
        let answer = site.get("/any/4", &[("cookie", refused.as_bytes())]).await;
        assert_eq!(visitor_cookie(&answer).as_deref(), Some("ud_vid="));
        // The agreement is gone with all cookies of the shop's banner.
        let answer = site.get("/any/5", &[("cookie", cookie.as_bytes())]).await;
        assert_eq!(visitor_cookie(&answer).as_deref(), Some("ud_vid="));
        let done = site.finish().await;
        assert_eq!(sessions(&done).await, ["facebook 4 0 c1", "direct 3 0 d1"], "what was known is joined no more");
    }

    pub async fn metas_cookies_are_kept_of_whoever_agreed(world: World) {
        let site = Site::asking(world, pages(), Rules::default(), ConsentMode::Consent);
        for (agent, consent) in [(BROWSER, ""), (OTHER, "ud_consent=yes; ")] {
            let cookies = format!("{consent}_fbp=fb.1.1.{0}; _fbc=fb.1.1.c{0}", consent.len());
            let sent: [(&str, &[u8]); 2] = [("user-agent", agent.as_bytes()), ("cookie", cookies.as_bytes())];
            site.get("/?fbclid=x1", &sent).await;
        }
        let done = site.finish().await;
        let kept = done.rows("select coalesce(fbp, '-') || coalesce(fbc, '-') from session order by 1").await;
        assert_eq!(kept, ["--", "fb.1.1.16fb.1.1.c16"]);
        assert_eq!(done.count("session where click_ids like '%x1%'").await, 2, "a click is no person");
    }

    pub async fn a_session_has_a_code_that_people_can_say(world: World) {
        let shop = storefront::router(storefront::Options { zone: chrono_tz::Europe::Kyiv, secure_cookies: false });
        let site = Site::new(world, shop, Rules::default());
        let mut jar = Vec::new();
        let path = code::PATH;
        let state = &site.world.state;
        let recorder = site.recorder.clone();
        let tracker = Tracker::new(recorder, Rules::default(), Arc::clone(&state.counters), false);
        let tracker = Arc::new(tracker.telling(Codes(state.store.clone())));
        let doors = collect::router(Some(tracker), Arc::clone(&state.config));
        assert_eq!(ask(&doors, "GET", path, &[], "").await.json()["code"], serde_json::Value::Null);
        let first = shopping(&site, &mut jar, "GET", "/", "").await;
        assert!(!first.text().contains("Назвіть код"));
        site.settle().await;
        let answer = ask(&doors, "GET", path, &[("cookie", jar.join("; ").as_bytes())], "").await;
        assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-store"));
        let code = answer.json()["code"].as_str().unwrap().to_owned();
        assert_eq!(code.parse::<SessionCode>().unwrap().as_str(), code);
        let second = shopping(&site, &mut jar, "GET", "/catalog", "").await;
        assert!(second.text().contains(&format!("Назвіть код <strong>{code}</strong>")), "{}", second.text());
        // Somebody else has none, and a program is not told any.
        for agent in [OTHER, "curl/8.14.1"] {
            let answer = ask(&doors, "GET", path, &[("user-agent", agent.as_bytes())], "").await;
            assert_eq!(answer.json()["code"], serde_json::Value::Null, "{agent}");
        }
        assert_ne!(BROWSER, OTHER);
        let done = site.finish().await;
        let whose =
            "select c.code from session_code c join session s on s.id = c.session_id and s.visitor_id = c.visitor_id";
        assert_eq!(done.rows(whose).await, [code]);
        assert_eq!((done.page_views().await, done.count("session").await), (2, 1));
    }

    pub async fn the_shop_behind_the_layer_is_told_the_code(world: World) {
        // A shop that shows what it is told.
        let shop = Router::new().fallback(async |headers: http::HeaderMap| {
            let told = headers.get_all("x-ud-code").iter().map(|code| code.to_str().unwrap().to_owned());
            axum::response::Html(told.collect::<Vec<_>>().join(","))
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let upstream: Upstream = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move { axum::serve(listener, shop).await });
        let behind = |code_header: Option<&str>| {
            let code_header = code_header.map(str::to_owned);
            let options = proxy::Options { code_header, ..proxy::Options::default() };
            Router::new().fallback_service(proxy::service(upstream.clone(), options))
        };
        let plain = Site::new(world, behind(None), Rules::default());
        let world = &plain.world;
        let tracker = Tracker::new(plain.recorder.clone(), Rules::default(), Arc::clone(&world.state.counters), false);
        let told = tracked(behind(Some("x-ud-code")), tracker.telling(Codes(world.state.store.clone())));
        let first = ask(&told, "GET", "/", &[("x-ud-code", b"FORGED")], "").await;
        assert_eq!(first.text(), "", "a visit that is not stored yet has no code, and nobody claims one");
        plain.settle().await;
        let cookie = visitor_cookie(&first).unwrap();
        let headers: [(&str, &[u8]); 2] = [("cookie", cookie.as_bytes()), ("x-ud-code", b"FORGED")];
        let code = ask(&told, "GET", "/", &headers, "").await.text().to_owned();
        assert_eq!(code.parse::<SessionCode>().unwrap().as_str(), code);
        assert_eq!(plain.get("/", &headers[..1]).await.text(), "", "nobody wants to know it");
        let done = plain.finish().await;
        assert_eq!(done.rows("select code from session_code").await, [code]);
    }

    pub async fn fault_c5_who_registers_stays_one_visitor_and_is_marked(world: World) {
        let shop = storefront::router(storefront::Options { zone: chrono_tz::Europe::Kyiv, secure_cookies: false });
        let site = Site::new(world, shop, Rules::default());
        let mut jar = Vec::new();
        shopping(&site, &mut jar, "GET", "/account?utm_source=facebook", "").await;
        let answer = shopping(&site, &mut jar, "POST", "/account", "email=olena").await;
        assert!(answer.status == 422 && answer.text().contains("помилка"), "{}", answer.text());
        let answer = shopping(&site, &mut jar, "POST", "/account", "email=olena%40example.com").await;
        let answer = shopping(&site, &mut jar, "GET", answer.location(), "").await;
        assert!(answer.text().contains("Дякуємо"), "{}", answer.text());
        let done = site.finish().await;
        assert_eq!(sessions(&done).await, ["facebook 2 0 c1"]);
        let marked = "session s join visitor v on v.id = s.visitor_id where s.registered_at = v.registered_at";
        assert_eq!((done.count(marked).await, done.count("action where kind = 'registration'").await), (1, 1));
        assert_eq!(done.count("session where registered_at >= started_at").await, 1);
    }

    pub async fn fault_p1_what_is_old_is_forgotten_by_the_clock(world: World) {
        let site = Site::of_pages(world);
        for place in ["/", "/any/old"] {
            site.get(place, &[("user-agent", format!("{BROWSER} {place}").as_bytes())]).await;
        }
        let done = site.finish().await;
        done.rows(
            "update session set started_at = started_at - cast(40 as bigint) * 86400000 where user_agent like '%old' returning ip",
        )
        .await;
        let held = "select coalesce(ip, '-') || ' ' || case when user_agent = '' then '-' else 'agent' end from session order by started_at";
        assert_eq!(done.rows(held).await, ["203.0.113.7 agent", "203.0.113.7 agent"]);
        for (privacy, expected) in [
            (Privacy::default(), ["203.0.113.0/24 agent", "203.0.113.7 agent"]),
            (Privacy { retention_days: 39, ..Privacy::default() }, ["- -", "203.0.113.7 agent"]),
            (Privacy { address: AddressPolicy::None, ..Privacy::default() }, ["- -", "- agent"]),
        ] {
            let stop = CancellationToken::new();
            let job = jobs::start(done.world.state.store.clone(), privacy, stop.clone());
            let began = std::time::Instant::now();
            while done.rows(held).await != expected {
                assert!(began.elapsed().as_secs() < 20, "{:?} and not {expected:?}", done.rows(held).await);
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
            stop.cancel();
            job.await.unwrap();
        }
    }

    pub async fn hints_are_asked_for_where_browsers_give_them(world: World) {
        let site = Site::of_pages(world);
        let asked = async |target: &str, headers: &[(&str, &[u8])]| {
            let answer = site.get(target, headers).await;
            let lines = answer.headers.get_all("accept-ch").iter().map(|line| line.to_str().unwrap().to_owned());
            lines.collect::<Vec<_>>().join(" & ")
        };
        let ours = "Sec-CH-UA-Platform-Version, Sec-CH-UA-Model";
        assert_eq!(asked("/", &[]).await, "", "by http, browsers give them to this machine alone");
        for host in ["localhost", "LOCALHOST:3000", "127.0.0.1:3000", "[::1]:3000"] {
            assert_eq!(asked("/", &[("host", host.as_bytes())]).await, ours, "{host}");
        }
        let local = ("host", b"localhost".as_slice());
        assert_eq!(asked("/hints", &[local]).await, format!("DPR & {ours}"), "the shop's own stay");
        assert_eq!(asked("/json", &[local]).await, "");
        assert_eq!(asked("/", &[local, ("dnt", b"1")]).await, "", "who asks not to be followed is not asked more");
    }
}
