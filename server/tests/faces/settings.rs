//! Boards and segments over HTTP: saved by forms, on the next page at once, each user's own; and what a reader chose of
//! language and colours.

use http::header::{ACCEPT, ORIGIN, REFERER, SET_COOKIE};
use utm_dispatcher::model::Role;

use crate::world::{Answer, World, on_both};

const CONFIG: &str = "[site]\npublic_url = \"http://shop.test\"\n";

on_both!(a_board_is_on_the_next_page_at_once, segments_work_by_plain_forms, what_is_saved_is_each_users_own);

/// Sends a form of the page as a browser without scripts does.
async fn send(world: &World, cookie: &str, function: &str, fields: &[(&str, &str)]) -> Answer {
    let ask = world.post(&format!("/admin-panel/fn/{function}")).cookie(cookie).form(fields);
    ask.header(ACCEPT, "text/html").header(REFERER, "http://shop.test/admin-panel").send().await
}

/// Where the tiles of a page stand.
fn place(page: &Answer, tile: &str) -> Option<usize> {
    page.text().find(&format!("id=\"{tile}\""))
}

mod cases {
    use super::*;

    pub async fn a_board_is_on_the_next_page_at_once(world: World) {
        let cookie = world.log_in("viewer@shop.test", Role::Viewer).await;
        let page = async |query: &str| world.get(&format!("/admin-panel{query}")).cookie(&cookie).send().await;
        let standard = page("").await;
        assert!(place(&standard, "cards") < place(&standard, "funnel") && place(&standard, "browsers").is_some());

        let tiles = r#"[{"widget":"funnel","width":"half"},{"widget":"cards","width":"third"},
            {"widget":"browsers","width":"full","hidden":true},{"widget":"<script>","width":"full"}]"#;
        for (name, at) in [("", ""), ("Ранок <b>", "?board=%D0%A0%D0%B0%D0%BD%D0%BE%D0%BA%20%3Cb%3E")] {
            let fields = [("kind", "board"), ("name", name), ("value", tiles)];
            assert_eq!(send(&world, &cookie, "save_setting", &fields).await.status, 302);
            let arranged = page(at).await;
            assert!(place(&arranged, "funnel") < place(&arranged, "cards"), "{name}");
            assert!(arranged.text().contains("tile half") && arranged.text().contains("tile third"));
            // What is hidden or was not there is neither drawn nor asked.
            assert_eq!((place(&arranged, "browsers"), place(&arranged, "sources")), (None, None));
            assert!(!arranged.text().contains("<script>\""));
        }
        let named = page("").await;
        assert!(named.text().contains("Ранок &lt;b&gt;"), "the menu has the board's name");

        let fields = [("kind", "board"), ("name", "Ранок <b>"), ("to", "Вечір")];
        let answer = send(&world, &cookie, "rename_setting", &fields).await;
        // The form leads to the board, on the dashboard as it was.
        let evening = "board=%D0%92%D0%B5%D1%87%D1%96%D1%80";
        assert_eq!((answer.status.as_u16(), answer.location()), (302, &*format!("/admin-panel?{evening}")));
        let taken = send(&world, &cookie, "rename_setting", &[("kind", "board"), ("name", "none"), ("to", "x")]).await;
        let refused = world.get(taken.location().trim_start_matches("http://shop.test")).cookie(&cookie).send().await;
        assert!(refused.text().contains("role=\"alert\""), "{}", taken.location());
        let renamed = page("").await;
        assert!(renamed.text().contains("Вечір") && !renamed.text().contains("Ранок"));
        for name in ["", "Вечір"] {
            send(&world, &cookie, "delete_setting", &[("kind", "board"), ("name", name)]).await;
        }
        let again = page("?board=%D0%92%D0%B5%D1%87%D1%96%D1%80").await;
        assert_eq!(again.status, 200);
        assert!(place(&again, "cards") < place(&again, "funnel") && place(&again, "browsers").is_some());
    }

    pub async fn segments_work_by_plain_forms(world: World) {
        let cookie = world.log_in("analyst@shop.test", Role::Analyst).await;
        let page = async |query: &str| world.get(&format!("/admin-panel{query}")).cookie(&cookie).send().await;
        let narrowed = page("?period=month&filter=source:is:facebook").await;
        let form = narrowed.text().split("value=\"segment\"").nth(1).unwrap();
        let value = form.split("name=\"value\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let value = value.replace("&amp;", "&");
        let fields = [("kind", "segment"), ("name", "Мета"), ("value", value.as_str())];
        assert_eq!(send(&world, &cookie, "save_setting", &fields).await.status, 302);
        let plain = page("?period=week").await;
        assert!(
            plain.text().contains("href=\"/admin-panel?period=week&amp;filter=source:is:facebook\""),
            "{}",
            plain.text()
        );
        let active = page("?filter=source:is:facebook").await;
        let link = active.text().split(">Мета<").next().unwrap().rsplit("<a").next().unwrap();
        assert!(link.contains("aria-current=\"true\"") || active.text().contains("aria-current=\"true\""), "{link}");
        send(&world, &cookie, "delete_setting", &[("kind", "segment"), ("name", "Мета")]).await;
        assert!(!page("?period=week").await.text().contains("Мета"));
    }

    pub async fn what_is_saved_is_each_users_own(world: World) {
        let one = world.log_in("one@shop.test", Role::Admin).await;
        let two = world.log_in("two@shop.test", Role::Admin).await;
        let fields = [("kind", "board"), ("name", "Моя дошка"), ("value", "[]")];
        assert_eq!(send(&world, &one, "save_setting", &fields).await.status, 302);
        assert!(world.get("/admin-panel").cookie(&one).send().await.text().contains("Моя дошка"));
        assert!(!world.get("/admin-panel").cookie(&two).send().await.text().contains("Моя дошка"));
        send(&world, &two, "delete_setting", &[("kind", "board"), ("name", "Моя дошка")]).await;
        assert!(world.get("/admin-panel").cookie(&one).send().await.text().contains("Моя дошка"));
    }
}

/// What a form sends.
type Fields<'a> = &'a [(&'a str, &'a str)];

#[tokio::test]
async fn what_cannot_be_saved_is_refused_and_named() {
    let world = World::sqlite(CONFIG).await;
    let cookie = world.log_in("viewer@shop.test", Role::Viewer).await;
    let long = "я".repeat(61);
    let big = format!("[{}0]", "0,".repeat(5000));
    let cases: [(&str, Fields<'_>, u16, &str); 9] = [
        ("save_setting", &[("kind", "board"), ("name", &long), ("value", "[]")], 400, "name"),
        ("save_setting", &[("kind", "board"), ("name", "a"), ("value", "nonsense")], 400, "value"),
        ("save_setting", &[("kind", "board"), ("name", "a"), ("value", &big)], 400, "value"),
        ("save_setting", &[("kind", "segment"), ("name", "a"), ("value", "filter=colour:is:red")], 400, "filter"),
        ("save_setting", &[("kind", "segment"), ("name", ""), ("value", "filter=source:is:x")], 400, "name"),
        ("save_setting", &[("kind", "shelf"), ("name", "a"), ("value", "[]")], 400, "shelf"),
        ("rename_setting", &[("kind", "board"), ("name", "none"), ("to", "b")], 400, "none"),
        ("rename_setting", &[("kind", "board"), ("name", "none"), ("to", " ")], 400, "name"),
        ("delete_setting", &[("kind", "shelf")], 400, "shelf"),
    ];
    for (function, fields, status, named) in cases {
        let answer = world.post(&format!("/admin-panel/fn/{function}")).cookie(&cookie).form(fields).send().await;
        assert_eq!(answer.status.as_u16(), status, "{function} {fields:?}: {}", answer.text());
        assert!(answer.text().contains(named), "{function} {fields:?}: {}", answer.text());
    }
    let fields = [("kind", "board"), ("name", "a"), ("value", "[]")];
    let forged = world.post("/admin-panel/fn/save_setting").cookie(&cookie).header(ORIGIN, "https://evil.test");
    assert_eq!(forged.form(&fields).send().await.status, 403);
    assert!(world.state.store.settings("viewer@shop.test").await.unwrap().is_empty());
}

#[tokio::test]
async fn the_theme_is_a_cookie_and_the_server_renders_it() {
    let world = World::sqlite(CONFIG).await;
    let cookie = world.log_in("viewer@shop.test", Role::Viewer).await;
    let page = async |cookies: &str| world.get("/admin-panel").cookie(cookies).send().await;
    assert!(page(&cookie).await.text().contains("data-theme=\"dark\""));
    let chosen = world.get("/admin-panel?period=week&theme=light").cookie(&cookie).send().await;
    // A redirect for browsers; who does not ask for HTML is told where to go.
    assert_eq!(chosen.location(), "/admin-panel?period=week");
    assert!(
        chosen.header(SET_COOKIE).starts_with("ud_theme=light; Path=/admin-panel"),
        "{}",
        chosen.header(SET_COOKIE)
    );
    for (theme, rendered) in [("light", "light"), ("system", "system"), ("pink\"><b>", "dark")] {
        let cookies = format!("{cookie}; ud_theme={theme}");
        assert!(page(&cookies).await.text().contains(&format!("data-theme=\"{rendered}\"")), "{theme}");
        let help = world.get("/admin-panel/help").cookie(&cookies).send().await;
        assert!(help.text().contains(&format!("data-theme=\"{rendered}\"")), "{theme}");
    }
}

#[tokio::test]
async fn the_help_speaks_the_readers_language_and_needs_no_script() {
    let world = World::sqlite(CONFIG).await;
    let cookie = world.log_in("viewer@shop.test", Role::Viewer).await;
    for (cookies, word) in [(cookie.clone(), "Воронка"), (format!("{cookie}; ud_lang=en"), "The funnel")] {
        let help = world.get("/admin-panel/help").cookie(&cookies).send().await;
        assert_eq!(help.status, 200);
        assert!(help.text().contains(word) && !help.text().contains("<script"), "{}", help.text());
        assert!(help.header("content-security-policy").contains("default-src 'none'"));
    }
    let other = world.get("/admin-panel/help?lang=en").cookie(&cookie).send().await;
    assert!(other.text().contains("The funnel"));
}
