//! Exclusions as an administrator edits them, and the shop's very next request.

use http::header::{ACCEPT, COOKIE, REFERER};
use server::state::now;
use server::storefront;
use server::track::exclusions::follow;
use utm_dispatcher::model::Role;
use utm_dispatcher::tracking::Rules;
use utm_dispatcher::tracking::exclusion::checked;

use crate::track::site::{Header, Site, rows, visitor_cookie};
use crate::world::{Answer, PASSWORD, World, on_both};

const CONFIG: &str = "[site]\npublic_url = \"http://shop.test\"\n";
const PAGE: &str = "/admin-panel/tracking";

on_both!(an_edit_holds_for_the_next_request, visitors_without_a_cookie_are_excluded_too, another_process_is_followed);

/// A shop whose tracking reads the exclusions of `world`.
fn shop(world: World) -> Site {
    let pages = storefront::router(storefront::Options { zone: chrono_tz::Europe::Kyiv, secure_cookies: false });
    let rules = Rules { exclusions: world.state.exclusions.clone(), ..Rules::default() };
    Site::new(world, pages, rules)
}

/// Sends a form of the page as a browser without scripts does.
async fn send(site: &Site, cookie: &str, function: &str, fields: &[(&str, &str)]) -> Answer {
    let path = format!("/admin-panel/fn/{function}");
    let ask = site.world.post(&path).cookie(cookie).form(fields);
    ask.header(ACCEPT, "text/html").header(REFERER, format!("http://shop.test{PAGE}")).send().await
}

mod cases {
    use super::*;

    pub async fn an_edit_holds_for_the_next_request(world: World) {
        let admin = world.log_in("admin@shop.test", Role::Admin).await;
        let site = shop(world);
        let excluded = || site.world.state.counters.dropped_for("excluded");
        let first = site.get("/", &[]).await;
        let visitor = visitor_cookie(&first).unwrap();
        assert_eq!(excluded(), 0);

        let back = send(&site, &admin, "add_exclusion", &[("kind", "address"), ("value", "203.0.113.0/24")]).await;
        assert_eq!(
            (back.status.as_u16(), back.location().trim_end_matches('?')),
            (302, "http://shop.test/admin-panel/tracking")
        );
        assert!(visitor_cookie(&site.get("/", &[]).await).is_none());
        assert_eq!(excluded(), 1);
        let page = site.world.get(PAGE).cookie(&admin).send().await;
        assert_eq!(page.status, 200);
        for text in ["203.0.113.0/24", "admin@shop.test", "Виключення", "Не враховано"] {
            assert!(page.text().contains(text), "{text} in {}", page.text());
        }

        let id = site.world.state.store.exclusions().await.unwrap()[0].id.to_string();
        let edit = async |function: &str, more: &[(&str, &str)]| {
            let fields = [&[("id", id.as_str())], more].concat();
            assert_eq!(send(&site, &admin, function, &fields).await.status, 302);
        };
        edit("switch_exclusion", &[("is_active", "false")]).await;
        site.get("/", &[]).await;
        assert_eq!(excluded(), 1);
        edit("switch_exclusion", &[("is_active", "true")]).await;
        site.get("/", &[]).await;
        assert_eq!(excluded(), 2);
        edit("delete_exclusion", &[]).await;
        site.get("/", &[]).await;
        assert_eq!(excluded(), 2);

        // Each other kind, for a request that no other exclusion fits.
        let mine: [Header; 1] = [("cookie", visitor.as_bytes())];
        let logged_in: [Header; 1] = [("cookie", admin.as_bytes())];
        let listed = site.world.get(PAGE).header(COOKIE, format!("{admin}; {visitor}")).send().await;
        let key = listed.text().split("value=\"c").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let key = format!("c{key}");
        let kinds: [(&str, &str, &str, &[Header]); 4] = [
            ("path", "/catal", "/catalog", &[]),
            (
                "user_agent",
                "ShopCheck",
                "/",
                &[("user-agent", b"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/1 SHOPCHECK")],
            ),
            ("login", "Admin@shop.test", "/", &logged_in),
            ("visitor", &key, "/", &mine),
        ];
        for (number, (kind, value, target, headers)) in (3..).zip(kinds) {
            site.get(target, headers).await;
            assert_eq!(excluded(), number - 1, "{kind} does not hold yet");
            send(&site, &admin, "add_exclusion", &[("kind", kind), ("value", value), ("note", "ми")]).await;
            site.get(target, headers).await;
            assert_eq!(excluded(), number, "{kind}");
            site.get("/", &[]).await;
            assert_eq!(excluded(), number, "{kind} leaves the others alone");
        }
        site.finish().await;
    }

    pub async fn visitors_without_a_cookie_are_excluded_too(world: World) {
        let rules = Rules { exclusions: world.state.exclusions.clone(), ..Rules::default() };
        let site = Site::with_doors(world, rules);
        let state = site.world.state.clone();
        let own: Header = ("origin", b"http://shop.test");
        // Known for a day, as shared caches keep the page; and in private.
        let visitors: [(&str, &[Header]); 2] = [("d", &[]), ("p", &[("dnt", b"1")])];
        for (sort, headers) in visitors {
            site.get("/public", headers).await;
            site.settle().await;
            let keys = rows(&site.world, &format!("select key from visitor_key where key like '{sort}%'")).await;
            assert_eq!(keys.len(), 1, "{keys:?}");
            let new = checked("visitor", &keys[0], "").unwrap();
            assert!(state.store.add_exclusion(&new, "cli", now()).await.unwrap());
            state.store.load_exclusions(&state.exclusions, now()).await.unwrap();
            let before = state.counters.dropped_for("excluded");
            site.get("/public", headers).await;
            let sent = [&[own][..], headers].concat();
            let event = site.post("/api/track-event/", &sent, r#"{"event_type": "add_to_cart"}"#).await;
            assert!(event.status == 200 && event.json()["stored"] == false, "{sort}: {}", event.text());
            assert_eq!(state.counters.dropped_for("excluded"), before + 2, "{sort}");
        }
        let done = site.finish().await;
        assert_eq!((done.page_views().await, done.count("action").await), (2, 2));
    }

    pub async fn another_process_is_followed(world: World) {
        let (state, stop) = (world.state.clone(), tokio_util::sync::CancellationToken::new());
        let following = tokio::spawn(follow(state.store.clone(), state.exclusions.clone(), stop.clone()));
        let elsewhere = server::state::open_store(&state.config).await.unwrap();
        let new = checked("path", "/test", "").unwrap();
        assert!(elsewhere.add_exclusion(&new, "cli", now()).await.unwrap());
        let started = std::time::Instant::now();
        while !state.exclusions.now().has_path("/test") {
            assert!(started.elapsed().as_secs() < 10, "it was never read");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        stop.cancel();
        following.await.unwrap();
    }
}

#[tokio::test]
async fn only_administrators_see_and_edit() {
    let world = World::sqlite(CONFIG).await;
    let fields = [("kind", "path"), ("value", "/x")];
    for (role, status) in [(Role::Viewer, 403), (Role::Analyst, 403), (Role::Admin, 200)] {
        let cookie = world.log_in(&format!("{role}@shop.test"), role).await;
        assert_eq!(world.get(PAGE).cookie(&cookie).send().await.status.as_u16(), status, "{role}");
        let edit = world.post("/admin-panel/fn/add_exclusion").cookie(&cookie).form(&fields).send().await;
        assert_eq!(edit.status.as_u16(), status, "{role}: {}", edit.text());
    }
    assert_eq!(world.state.store.exclusions().await.unwrap().len(), 1);
    let admin = world.try_login("admin@shop.test", PASSWORD).await.cookie().unwrap();
    let strange = world.post("/admin-panel/fn/add_exclusion").cookie(&admin).form(&fields);
    let strange = strange.header(http::header::ORIGIN, "https://evil.example").send().await;
    assert_eq!(strange.status, 403, "another site's form");
}

#[tokio::test]
async fn what_cannot_be_excluded_is_said() {
    let world = World::sqlite(CONFIG).await;
    let admin = world.log_in("admin@shop.test", Role::Admin).await;
    let ask = |kind: &str, value: &str| {
        world.post("/admin-panel/fn/add_exclusion").cookie(&admin).form(&[("kind", kind), ("value", value)])
    };
    let cases = [
        ("address", "203.0.113.300", 400, "203.0.113.7"),
        ("ip", "203.0.113.3", 400, "user_agent"),
        ("path", "x", 400, "/test"),
        ("path", "/<script>alert(1)</script>", 200, ""),
        ("path", "/<script>alert(1)</script>", 409, "Duplicate"),
    ];
    for (kind, value, status, said) in cases {
        let answer = ask(kind, value).send().await;
        assert_eq!(answer.status.as_u16(), status, "{kind} {value}");
        assert!(answer.text().contains(said), "{}", answer.text());
    }
    // A form without scripts leads back to the page, which says what was wrong.
    let answer = ask("address", "<b>x").header(ACCEPT, "text/html").header(REFERER, format!("http://shop.test{PAGE}"));
    let answer = answer.send().await;
    assert_eq!(answer.status, 302);
    let back = answer.location().strip_prefix("http://shop.test").unwrap();
    let page = world.get(back).cookie(&admin).send().await;
    assert!(page.text().contains("role=\"alert\"") && page.text().contains("&lt;b&gt;x"), "{}", page.text());
    assert!(!page.text().contains("<script>alert(1)"), "{}", page.text());
}
