//! Every route with the role that it needs, pinned; and which paths are ours at all.

use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HOST};
use utm_dispatcher::model::{Role, Scope};

use crate::world::World;

const CONFIG: &str = "[site]\npublic_url = \"http://shop.test\"\n";

/// What each asker gets: nobody, a viewer, an analyst, an administrator, a token to read, a token to write.
const ROUTES: &[(&str, &str, [u16; 6])] = &[
    ("GET", "/admin-panel", [303, 403, 403, 200, 303, 303]),
    ("GET", "/admin-panel?section=dispatcher", [303, 403, 403, 200, 303, 303]),
    ("GET", "/admin-panel/", [308, 308, 308, 308, 308, 308]),
    ("GET", "/admin-panel/login", [200, 200, 200, 200, 200, 200]),
    // No form was sent: who may send one gets as far as that.
    ("POST", "/admin-panel/login", [400, 400, 400, 400, 400, 400]),
    // A question of another form is the question of a page of another build: it is told to reload itself.
    ("POST", "/admin-panel/fn/reports", [401, 403, 403, 409, 401, 401]),
    ("POST", "/admin-panel/fn/sessions", [401, 403, 403, 409, 401, 401]),
    ("GET", "/admin-panel/tracking", [303, 403, 403, 200, 303, 303]),
    ("POST", "/admin-panel/fn/tracking", [401, 403, 403, 409, 401, 401]),
    ("POST", "/admin-panel/fn/add_exclusion", [401, 403, 403, 400, 401, 401]),
    ("POST", "/admin-panel/fn/switch_exclusion", [401, 403, 403, 400, 401, 401]),
    ("POST", "/admin-panel/fn/delete_exclusion", [401, 403, 403, 400, 401, 401]),
    ("GET", "/admin-panel/fn/reports", [401, 403, 403, 405, 401, 401]),
    ("GET", "/admin-panel/fn/nothing", [404, 404, 404, 404, 404, 404]),
    ("GET", "/admin-panel/pkg/BUILD/dispatcher.js", [200, 200, 200, 200, 200, 200]),
    ("GET", "/admin-panel/pkg/0000/dispatcher.js", [404, 404, 404, 404, 404, 404]),
    ("GET", "/admin-panel/pkg/BUILD/../../store.db", [404, 404, 404, 404, 404, 404]),
    ("GET", "/admin-panel/nothing", [404, 404, 404, 404, 404, 404]),
    ("GET", "/api/utm/general_stats/", [401, 200, 200, 200, 200, 403]),
    ("GET", "/api/utm/general-stats", [401, 200, 200, 200, 200, 403]),
    ("HEAD", "/api/utm/general_stats/", [401, 200, 200, 200, 200, 403]),
    ("GET", "/api/utm/sources/", [401, 200, 200, 200, 200, 403]),
    ("GET", "/api/utm/sessions/", [401, 200, 200, 200, 200, 403]),
    ("GET", "/api/utm/campaigns/", [401, 200, 200, 200, 200, 403]),
    ("GET", "/api/utm/content/", [401, 200, 200, 200, 200, 403]),
    ("GET", "/api/utm/funnel/", [401, 200, 200, 200, 200, 403]),
    ("GET", "/api/utm/geo/", [401, 200, 200, 200, 200, 403]),
    ("GET", "/api/utm/devices/", [401, 200, 200, 200, 200, 403]),
    ("GET", "/api/utm/browsers/", [401, 200, 200, 200, 200, 403]),
    ("GET", "/api/utm/operating_systems/", [401, 200, 200, 200, 200, 403]),
    ("GET", "/api/utm/operating-systems/", [401, 200, 200, 200, 200, 403]),
    ("GET", "/api/utm/returning_visitors/", [401, 200, 200, 200, 200, 403]),
    ("GET", "/api/utm/returning-visitors/", [401, 200, 200, 200, 200, 403]),
    ("GET", "/api/utm/compare/", [401, 200, 200, 200, 200, 403]),
    ("GET", "/api/utm/roi/", [401, 200, 200, 200, 200, 403]),
    ("GET", "/api/utm/1/session_detail/", [401, 404, 404, 404, 404, 403]),
    ("GET", "/api/utm/one/session-detail", [401, 400, 400, 400, 400, 403]),
    ("POST", "/api/utm/1/session_detail/", [405, 405, 405, 405, 405, 405]),
    ("GET", "/api/utm/1/nothing", [404, 404, 404, 404, 404, 404]),
    ("POST", "/api/utm/sessions/", [405, 405, 405, 405, 405, 405]),
    ("GET", "/api/utm/ab_test/", [404, 404, 404, 404, 404, 404]),
    ("GET", "/api/utm/", [404, 404, 404, 404, 404, 404]),
    ("GET", "/api/utm/export-csv/", [401, 403, 200, 200, 200, 403]),
    ("GET", "/api/utm/export_csv", [401, 403, 200, 200, 200, 403]),
    ("HEAD", "/api/utm/export-csv", [401, 403, 200, 200, 200, 403]),
    ("POST", "/api/utm/export-csv/", [405, 405, 405, 405, 405, 405]),
    ("GET", "/export/sources.csv", [401, 403, 200, 200, 200, 403]),
    ("GET", "/export/sessions.xlsx", [401, 403, 200, 200, 200, 403]),
    ("GET", "/export/funnel.json", [401, 403, 200, 200, 200, 403]),
    ("HEAD", "/export/explore.xlsx", [401, 403, 200, 200, 200, 403]),
    ("GET", "/export/dashboard.xlsx", [401, 403, 200, 200, 200, 403]),
    ("POST", "/export/sources.csv", [405, 405, 405, 405, 405, 405]),
    // Without a body and without an order there is nothing more to say to those who may write.
    ("POST", "/api/v1/events", [401, 403, 403, 403, 403, 422]),
    ("GET", "/api/v1/events", [405, 405, 405, 405, 405, 405]),
    ("PUT", "/api/v1/orders/N1", [401, 403, 403, 403, 403, 422]),
    ("GET", "/api/v1/orders/N1", [401, 403, 403, 403, 403, 404]),
    ("DELETE", "/api/v1/orders/N1", [405, 405, 405, 405, 405, 405]),
    ("GET", "/api/v1/reports", [401, 200, 200, 200, 200, 403]),
    ("HEAD", "/api/v1/reports", [401, 200, 200, 200, 200, 403]),
    ("POST", "/api/v1/reports", [405, 405, 405, 405, 405, 405]),
    ("GET", "/api/v1/reports/sources", [401, 200, 200, 200, 200, 403]),
    ("GET", "/api/v1/reports/nothing", [401, 404, 404, 404, 404, 403]),
    // A viewer may not ask whose an order is.
    ("GET", "/api/v1/reports/sessions?filter=order:is:N1", [401, 403, 200, 200, 200, 403]),
    ("DELETE", "/api/v1/reports/sources", [405, 405, 405, 405, 405, 405]),
    ("GET", "/api/v1/sessions/1", [401, 404, 404, 404, 404, 403]),
    ("GET", "/api/v1/sessions/one", [401, 400, 400, 400, 400, 403]),
    ("POST", "/api/v1/sessions/1", [405, 405, 405, 405, 405, 405]),
    ("GET", "/openapi.json", [200, 200, 200, 200, 200, 200]),
    ("POST", "/openapi.json", [405, 405, 405, 405, 405, 405]),
    ("GET", "/api/docs", [200, 200, 200, 200, 200, 200]),
    ("POST", "/api/docs", [405, 405, 405, 405, 405, 405]),
    ("GET", "/healthz", [200, 200, 200, 200, 200, 200]),
    ("GET", "/readyz", [200, 200, 200, 200, 200, 200]),
    ("GET", "/metrics", [401, 401, 401, 401, 200, 403]),
    ("GET", "/t.js", [200, 200, 200, 200, 200, 200]),
    ("POST", "/t.js", [405, 405, 405, 405, 405, 405]),
    // Nothing was told: who may tell something gets as far as that.
    ("POST", "/api/v1/collect", [422, 422, 422, 422, 422, 422]),
    ("GET", "/api/v1/collect", [405, 405, 405, 405, 405, 405]),
    // A call that names no other site is our own page's.
    ("OPTIONS", "/api/v1/collect", [204, 204, 204, 204, 204, 204]),
    ("GET", "/api/v1/collect/code", [200, 200, 200, 200, 200, 200]),
    ("POST", "/api/v1/collect/code", [422, 422, 422, 422, 422, 422]),
    ("DELETE", "/api/v1/collect/code", [405, 405, 405, 405, 405, 405]),
    ("POST", "/api/track-event/", [400, 400, 400, 400, 400, 400]),
    ("POST", "/api/track-event", [400, 400, 400, 400, 400, 400]),
    ("POST", "/api/track_event/", [400, 400, 400, 400, 400, 400]),
    ("POST", "/api/track_event", [400, 400, 400, 400, 400, 400]),
    ("PUT", "/api/track-event/", [405, 405, 405, 405, 405, 405]),
    // Last, as it ends the logins.
    ("POST", "/admin-panel/logout", [303, 303, 303, 303, 303, 303]),
];

#[tokio::test]
async fn every_route_needs_its_role() {
    let world = World::sqlite(CONFIG).await;
    let cookies = [
        world.log_in("viewer@shop.test", Role::Viewer).await,
        world.log_in("analyst@shop.test", Role::Analyst).await,
        world.log_in("admin@shop.test", Role::Admin).await,
    ];
    let tokens = [world.token("reads", Scope::Read).await, world.token("writes", Scope::Write).await];
    let mut wrong = Vec::new();
    for (method, path, expected) in ROUTES {
        let path = path.replace("BUILD", world.state.assets.build());
        let ask = || if *method == "POST" { world.post(&path) } else { world.ask(method, &path) };
        let mut found = vec![ask().send().await.status.as_u16()];
        for cookie in &cookies {
            found.push(ask().cookie(cookie).send().await.status.as_u16());
        }
        for token in &tokens {
            found.push(ask().bearer(token).send().await.status.as_u16());
        }
        if found != expected {
            wrong.push(format!("{method} {path}: {found:?} and not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn everything_else_is_the_storefronts() {
    let world = World::sqlite(CONFIG).await;
    for path in [
        "/",
        "/favicon.ico",
        "/robots.txt",
        "/pkg/dispatcher.js",
        "/api/cart",
        "/api/v1/cart",
        "/api/v1/reports/",
        "/api/v1/sessions",
        "/api/docs/",
        "/openapi.yaml",
        "/api/v1/collect/",
        "/api/track-events/",
        "/t.js/",
        "/T.js",
        "/api",
        "/admin-panels",
        "/Admin-Panel",
        "//admin-panel",
        "/admin-panel%2Flogin",
        "/healthz/",
        "/export/",
        "/export/feed.csv",
        "/export/dashboard.csv",
        "/export/sources.csv/",
        "/export/sources",
    ] {
        let answer = world.get(path).send().await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, "storefront"), "{path}");
        assert!(answer.headers.get("content-security-policy").is_none(), "{path}");
    }
    assert_eq!(world.ask("DELETE", "/cart/7").send().await.text(), "storefront");
}

#[tokio::test]
async fn with_an_admin_host_the_dashboard_is_there_and_nowhere_else() {
    let world = World::sqlite("[site]\npublic_url = \"https://shop.test\"\nadmin_host = \"admin.shop.test\"\n").await;
    let token = world.token("reads", Scope::Read).await;
    let status =
        async |host: &str, path: &str| world.get(path).bearer(&token).header(HOST, host).send().await.status.as_u16();
    for path in
        ["/admin-panel", "/admin-panel/login", "/api/utm/sources/", "/export/sources.csv", "/admin-panel/nothing"]
    {
        assert_eq!(status("shop.test", path).await, 404, "{path}");
    }
    assert_eq!(status("ADMIN.shop.test", "/admin-panel/login").await, 200);
    assert_eq!(status("admin.shop.test", "/api/utm/sources/").await, 200);
    // The shop's scripts must not run where the administrator's login is.
    assert_eq!(status("admin.shop.test", "/cart").await, 404);
    assert_eq!((status("admin.shop.test", "/t.js").await, status("shop.test", "/t.js").await), (404, 200));
    assert_eq!(world.get("/").header(HOST, "admin.shop.test").send().await.location(), "/admin-panel");
    for host in ["shop.test", "admin.shop.test"] {
        assert_eq!(status(host, "/healthz").await, 200);
    }
    assert_eq!(world.get("/cart").send().await.text(), "storefront");

    world.add_user("owner@shop.test", Role::Admin).await;
    let fields = [("email", "owner@shop.test"), ("password", crate::world::PASSWORD)];
    let login = |origin: &str| {
        world
            .post("/admin-panel/login")
            .header(HOST, "admin.shop.test")
            .header(http::header::ORIGIN, origin)
            .form(&fields)
    };
    assert!(login("https://shop.test").send().await.cookie().is_none());
    assert!(login("https://admin.shop.test").send().await.cookie().is_some());
}

#[tokio::test]
async fn files_are_kept_for_a_year_and_come_compressed() {
    let world = World::sqlite(CONFIG).await;
    let build = world.state.assets.build().to_owned();
    let file = |name: &str| world.get(&format!("/admin-panel/pkg/{build}/{name}"));
    let plain = file("dispatcher.js").send().await;
    assert_eq!((plain.text(), plain.header(CONTENT_TYPE)), ("js", "text/javascript"));
    assert_eq!(plain.header(CACHE_CONTROL), "public, max-age=31536000, immutable");
    let brotli = file("dispatcher.js").header(http::header::ACCEPT_ENCODING, "gzip, br").send().await;
    assert_eq!((brotli.text(), brotli.header("content-encoding")), ("br", "br"));
    assert_eq!(file("dispatcher.wasm").send().await.header(CONTENT_TYPE), "application/wasm");
    for name in ["nothing.js", "", "../store.db", "%2e%2e/store.db", "..%2fstore.db", "%00"] {
        let answer = file(name).send().await;
        assert_eq!(answer.status.as_u16(), 404, "{name}");
        assert!(!answer.header(CACHE_CONTROL).contains("immutable"), "{name}");
    }
}

#[tokio::test]
async fn monitors_get_what_they_ask_for() {
    let world = World::sqlite(CONFIG).await;
    let health = world.get("/healthz").send().await;
    assert_eq!((health.status.as_u16(), health.text()), (200, "ok"));
    let ready = world.get("/readyz").send().await.json();
    assert_eq!(ready["ready"], true);
    assert!(
        ready["warnings"].as_array().unwrap().iter().any(|warning| warning.as_str().unwrap().contains("geo database"))
    );
    world.state.counters.dropped("bot");
    let here = || world.get("/metrics").from([127, 0, 0, 1]).header(http::header::HOST, "127.0.0.1:3000");
    let metrics = here().send().await;
    assert!(metrics.text().contains("dispatcher_dropped_total{reason=\"bot\"} 1\n"));
    let forwarded = http::HeaderName::from_static("x-forwarded-for");
    let through_a_proxy = here().header(forwarded, "203.0.113.7").send().await;
    assert_eq!(through_a_proxy.status.as_u16(), 401);
    let through_a_silent_proxy = world.get("/metrics").from([127, 0, 0, 1]).send().await;
    assert_eq!(through_a_silent_proxy.status.as_u16(), 401);
    world.state.store.close().await;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(world.get(path).send().await.status.as_u16(), 503, "{path}");
    }
}

#[tokio::test]
async fn what_only_reads_says_so() {
    let world = World::sqlite(CONFIG).await;
    let answer = world.post("/api/utm/sessions/").send().await;
    assert_eq!((answer.header(ALLOW), answer.header(CONTENT_TYPE)), ("GET, HEAD", "application/problem+json"));
}
