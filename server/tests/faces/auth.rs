//! Logging in, staying so, and what stands in the way.

use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, ORIGIN, SET_COOKIE, STRICT_TRANSPORT_SECURITY};
use utm_dispatcher::model::{Role, Scope};

use crate::world::{PASSWORD, World, on_both};

const CONFIG: &str = "[site]\npublic_url = \"http://shop.test\"\n";

on_both!(
    a_login_opens_the_dashboard_until_it_is_ended,
    disabling_and_a_new_password_end_logins,
    a_token_reads_until_it_is_revoked,
);

mod cases {
    use super::*;

    pub async fn a_login_opens_the_dashboard_until_it_is_ended(world: World) {
        let turned_away = world.get("/admin-panel?period=month").send().await;
        assert_eq!(turned_away.status, StatusCode::SEE_OTHER);
        assert_eq!(turned_away.location(), "/admin-panel/login?next=%2Fadmin-panel%3Fperiod%3Dmonth");

        let form = world.get("/admin-panel/login").send().await;
        assert_eq!((form.status, form.header(CACHE_CONTROL)), (StatusCode::OK, "private, no-store"));
        assert!(form.text().contains("name=\"password\""));

        world.add_user("owner@shop.test", Role::Admin).await;
        let login = [("email", " Owner@Shop.Test"), ("password", PASSWORD), ("next", "/admin-panel?period=month")];
        let welcome = world.post("/admin-panel/login").form(&login).send().await;
        assert_eq!((welcome.status, welcome.location()), (StatusCode::SEE_OTHER, "/admin-panel?period=month"));
        let set = welcome.header(SET_COOKIE);
        assert!(set.ends_with("; HttpOnly; SameSite=Lax; Path=/; Max-Age=2592000"), "{set}");

        let cookie = welcome.cookie().unwrap();
        let page = world.get("/admin-panel").cookie(&cookie).send().await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text().contains("owner@shop.test"));

        let bye = world.post("/admin-panel/logout").cookie(&cookie).send().await;
        assert_eq!((bye.status, bye.location()), (StatusCode::SEE_OTHER, "/admin-panel/login"));
        assert!(bye.header(SET_COOKIE).contains("Max-Age=0"));
        let again = world.get("/admin-panel").cookie(&cookie).send().await;
        assert_eq!(again.status, StatusCode::SEE_OTHER);
    }

    pub async fn disabling_and_a_new_password_end_logins(world: World) {
        let cookie = world.log_in("one@shop.test", Role::Admin).await;
        let other = world.log_in("two@shop.test", Role::Admin).await;
        let hash = server::auth::password::hash("інший пароль").unwrap();
        assert!(world.state.store.set_password("one@shop.test", &hash).await.unwrap());
        assert!(world.state.store.disable_user("two@shop.test").await.unwrap());
        for cookie in [cookie, other] {
            let answer = world.get("/api/utm/sources/").cookie(&cookie).send().await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        }
        let tries = [("one@shop.test", PASSWORD, false), ("one@shop.test", "інший пароль", true)];
        for (email, password, passes) in [tries[0], tries[1], ("two@shop.test", PASSWORD, false)] {
            let answer = world.try_login(email, password).await;
            assert_eq!(answer.cookie().is_some(), passes, "{email} {password}");
        }
    }

    pub async fn a_token_reads_until_it_is_revoked(world: World) {
        let (read, write) = (world.token("shop", Scope::Read).await, world.token("till", Scope::Write).await);
        let status = async |token: &str| world.get("/api/utm/sources").bearer(token).send().await.status;
        assert_eq!(status(&read).await, StatusCode::OK);
        assert_eq!(status(&write).await, StatusCode::FORBIDDEN);
        assert_eq!(status("ud_0000").await, StatusCode::UNAUTHORIZED);
        assert!(world.state.store.revoke_token("shop", 1).await.unwrap());
        assert_eq!(status(&read).await, StatusCode::UNAUTHORIZED);
        assert!(!world.state.store.revoke_token("shop", 1).await.unwrap());
        // The name is free again, the old secret stays worth nothing.
        let renewed = world.token("shop", Scope::Read).await;
        assert_eq!((status(&renewed).await, status(&read).await), (StatusCode::OK, StatusCode::UNAUTHORIZED));
        // A token is no login for pages, and a bad one is not made good by a cookie.
        let page = world.get("/admin-panel").bearer(&renewed).send().await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
        let cookie = world.log_in("owner@shop.test", Role::Admin).await;
        let answer = world.get("/api/utm/sources").cookie(&cookie).bearer("ud_1").send().await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn a_refused_login_says_why_and_keeps_the_way() {
    let world = World::sqlite(CONFIG).await;
    world.add_user("owner@shop.test", Role::Admin).await;
    for email in ["owner@shop.test", "nobody@shop.test", "", "no e-mail"] {
        let answer = world.try_login(email, "wrong").await;
        let expected = (StatusCode::SEE_OTHER, "/admin-panel/login?error=credentials");
        assert_eq!((answer.status, answer.location()), expected, "{email}");
        assert!(answer.cookie().is_none());
    }
    let fields = [("email", "x@y"), ("password", "wrong"), ("next", "/admin-panel?period=week")];
    let answer = world.post("/admin-panel/login").form(&fields).send().await;
    assert_eq!(answer.location(), "/admin-panel/login?error=credentials&next=%2Fadmin-panel%3Fperiod%3Dweek");
    let page = world.get(answer.location()).send().await;
    assert!(page.text().contains("role=\"alert\""), "{}", page.text());
    let fields = [("email", "owner@shop.test"), ("password", PASSWORD), ("next", "//evil.test/admin-panel")];
    assert_eq!(world.post("/admin-panel/login").form(&fields).send().await.location(), "/admin-panel");
    for fields in [&[("email", "x@y")][..], &[]] {
        assert_eq!(world.post("/admin-panel/login").form(fields).send().await.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn guessing_is_limited_by_address_and_by_account() {
    let world = World::sqlite("[auth]\nattempts = 2\naccount_attempts = 4\n").await;
    world.add_user("owner@shop.test", Role::Admin).await;
    let guess = async |password: &str, last: u8| {
        let fields = [("email", "owner@shop.test"), ("password", password)];
        world.post("/admin-panel/login").form(&fields).from([198, 51, 100, last]).send().await
    };
    for last in [1, 1, 2, 2] {
        assert_eq!(guess("wrong", last).await.status, StatusCode::SEE_OTHER);
    }
    for last in [1, 2, 3] {
        let answer = guess(PASSWORD, last).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(answer.header("retry-after").parse::<u64>().unwrap() > 800);
        assert!(answer.text().contains("Забагато спроб входу") && answer.cookie().is_none());
    }
    // Someone else from another address is not concerned.
    world.log_in("other@shop.test", Role::Admin).await;
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_client_is_counted_and_not_the_proxy() {
    let world = World::sqlite("[auth]\nattempts = 1\n[tracking]\ntrusted_proxies = [\"10.0.0.1\"]\n").await;
    let guess = async |client: &str, peer| {
        let fields = [("email", client), ("password", "wrong")];
        let forwarded = http::HeaderName::from_static("x-forwarded-for");
        world.post("/admin-panel/login").form(&fields).header(forwarded, client).from(peer).send().await.status
    };
    assert_eq!(guess("198.51.100.1", [10, 0, 0, 1]).await, StatusCode::SEE_OTHER);
    assert_eq!(guess("198.51.100.1", [10, 0, 0, 1]).await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(guess("198.51.100.2", [10, 0, 0, 1]).await, StatusCode::SEE_OTHER);
    // A forged header of a stranger changes nothing.
    assert_eq!(guess("198.51.100.3", [10, 0, 0, 2]).await, StatusCode::SEE_OTHER);
    assert_eq!(guess("198.51.100.4", [10, 0, 0, 2]).await, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_configured_header_tells_whose_login_it_is() {
    let toml =
        "[auth]\nattempts = 1\n[tracking]\ntrusted_proxies = [\"10.0.0.1\"]\naddress_header = \"CF-Connecting-IP\"\n";
    let world = World::sqlite(toml).await;
    let guess = async |name: &'static str, client: &str| {
        let fields = [("email", client), ("password", "wrong")];
        let header = http::HeaderName::from_static(name);
        world.post("/admin-panel/login").form(&fields).header(header, client).from([10, 0, 0, 1]).send().await.status
    };
    assert_eq!(guess("cf-connecting-ip", "198.51.100.1").await, StatusCode::SEE_OTHER);
    assert_eq!(guess("cf-connecting-ip", "198.51.100.1").await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(guess("cf-connecting-ip", "198.51.100.2").await, StatusCode::SEE_OTHER);
    // The other header means nothing now: both are the proxy's own.
    assert_eq!(guess("x-forwarded-for", "198.51.100.3").await, StatusCode::SEE_OTHER);
    assert_eq!(guess("x-forwarded-for", "198.51.100.4").await, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn another_sites_page_cannot_act() {
    let world = World::sqlite(CONFIG).await;
    let cookie = world.log_in("owner@shop.test", Role::Admin).await;
    for path in ["/admin-panel/login", "/admin-panel/logout", "/admin-panel/fn/reports"] {
        let answer = world.post(path).cookie(&cookie).header(ORIGIN, "https://evil.test").send().await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
        // The Host header has no say.
        let forged = world.post(path).cookie(&cookie).header(ORIGIN, "http://evil.test").header(HOST, "evil.test");
        assert_eq!(forged.send().await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(world.get("/admin-panel").cookie(&cookie).send().await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_second_login_ends_the_first_of_the_same_browser() {
    let world = World::sqlite(CONFIG).await;
    let first = world.log_in("owner@shop.test", Role::Admin).await;
    let fields = [("email", "owner@shop.test"), ("password", PASSWORD)];
    let second = world.post("/admin-panel/login").cookie(&first).form(&fields).send().await.cookie().unwrap();
    assert_ne!(first, second);
    let status = async |cookie: &str| world.get("/admin-panel").cookie(cookie).send().await.status;
    assert_eq!((status(&first).await, status(&second).await), (StatusCode::SEE_OTHER, StatusCode::OK));
}

#[tokio::test]
async fn on_https_the_cookie_is_bound_to_it() {
    let world = World::sqlite("[site]\npublic_url = \"https://shop.test\"\n").await;
    world.add_user("owner@shop.test", Role::Admin).await;
    let fields = [("email", "owner@shop.test"), ("password", PASSWORD)];
    let login = world.post("/admin-panel/login").header(ORIGIN, "https://shop.test").form(&fields).send().await;
    let set = login.header(SET_COOKIE);
    assert!(set.starts_with("__Host-ud_login=") && set.contains("; Secure; Path=/;"), "{set}");
    assert_eq!(login.header(STRICT_TRANSPORT_SECURITY), "max-age=31536000");
    let cookie = login.cookie().unwrap();
    assert_eq!(world.get("/admin-panel").cookie(&cookie).send().await.status, StatusCode::OK);
    let bare = cookie.trim_start_matches("__Host-");
    assert_eq!(world.get("/admin-panel").cookie(bare).send().await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn pages_are_sealed_but_for_their_own_scripts() {
    let world = World::sqlite(CONFIG).await;
    let page = world.get("/admin-panel/login").send().await;
    let policy = page.header(CONTENT_SECURITY_POLICY);
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
    assert!(nonce.len() >= 20 && page.text().contains(&format!("nonce=\"{nonce}\"")), "{policy}");
    assert!(policy.contains("http://shop.test/admin-panel/pkg/;") && !policy.contains("script-src 'self'"), "{policy}");
    // An empty element runs nothing and needs no nonce.
    let scripts = page.text().matches("<script").count() - page.text().matches("<script></script>").count();
    assert_eq!(page.text().matches(&format!("nonce=\"{nonce}\"")).count(), scripts, "{}", page.text());
    let another = world.get("/admin-panel/login").send().await;
    assert!(!another.header(CONTENT_SECURITY_POLICY).contains(nonce));
    for path in ["/admin-panel/login", "/admin-panel/nothing", "/api/utm/sources", "/healthz"] {
        let answer = world.get(path).send().await;
        assert!(answer.header(CONTENT_SECURITY_POLICY).contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(!answer.header("referrer-policy").is_empty(), "{path}");
    }
}

#[tokio::test]
async fn a_login_seen_again_lasts_longer() {
    let world = World::sqlite(CONFIG).await;
    let cookie = world.log_in("owner@shop.test", Role::Admin).await;
    let secret = server::auth::secret::hash(cookie.split_once('=').unwrap().1);
    assert_eq!(world.get("/admin-panel").cookie(&cookie).send().await.header(SET_COOKIE), "");
    let now = server::state::now();
    world.state.store.extend_login(&secret, now - 7_200_000, now + 60_000).await.unwrap();
    let seen = world.get("/admin-panel").cookie(&cookie).send().await;
    assert_eq!(seen.cookie().as_deref(), Some(cookie.as_str()));
    let login = world.state.store.login(&secret, now).await.unwrap().unwrap();
    assert!(login.last_seen >= now && login.expires_at > now + 29 * 86_400_000);
    world.state.store.extend_login(&secret, now, now + 1).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    assert_eq!(world.get("/admin-panel").cookie(&cookie).send().await.status, StatusCode::SEE_OTHER);
}
