//! The tracking layer with its queue, its writer and a database, in front of pages that are made for it and of the
//! demo shop.

use std::sync::Arc;

use http::header::{CACHE_CONTROL, SET_COOKIE};
use server::storefront;
use server::track::layer::Tracker;
use server::track::queue::{NotTaken, queue};
use utm_dispatcher::message::{Message, Owner, Received};
use utm_dispatcher::tracking::Rules;

use self::site::{BROWSER, Finished, Header, Site, ask, pages, paid, rows, shopping, tracked, visitor_cookie};
use crate::world::{World, on_both};

mod identity;
pub mod site;

const CONFIG: &str = "";
const BOT: &str = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";

on_both!(
    only_pages_that_are_opened_count,
    fault_c8_what_nobody_looked_at_was_not_viewed,
    a_publicly_cacheable_page_counts_without_a_cookie,
    fault_s9_a_cookie_that_is_not_ours_is_replaced,
    fault_c1_cyrillic_values_and_paths_never_break_the_page,
    two_pages_are_one_session,
    who_asks_not_to_be_followed_is_only_counted,
    a_bot_is_dropped_and_its_order_kept,
    hostile_bytes_leave_clean_rows,
    actions_and_orders_belong_to_their_visitor,
    the_demo_shop_sells_to_a_visitor,
    the_end_comes_after_everything_before_it,
);

/// Lines of `X-Forwarded-For`, and the address that they leave.
type Lines<'a> = (&'a [&'a str], &'a str);

mod cases {
    use super::*;

    pub async fn only_pages_that_are_opened_count(world: World) {
        let site = Site::of_pages(world);
        let opened = site.get("/", &[("sec-fetch-mode", b"navigate")]).await;
        assert!(visitor_cookie(&opened).is_some());
        // Each of another browser, so that none hides behind the visitor above.
        let none: &[(&str, &str, &[Header], u16)] = &[
            ("GET", "/json", &[], 200),
            ("GET", "/gone", &[], 404),
            ("GET", "/broken", &[], 500),
            ("GET", "/moved", &[], 303),
            ("GET", "/nowhere", &[], 404),
            ("HEAD", "/", &[], 200),
            ("POST", "/", &[], 200),
            ("DELETE", "/", &[], 405),
            ("GET", "/any/style.css", &[], 200),
            ("GET", "/any/picture.PNG", &[], 200),
            ("GET", "/", &[("sec-purpose", b"prefetch")], 200),
            ("GET", "/", &[("sec-purpose", b"prefetch;prerender")], 200),
            ("GET", "/", &[("purpose", b"prefetch")], 200),
            ("GET", "/", &[("x-moz", b"prefetch")], 200),
            ("GET", "/", &[("sec-fetch-mode", b"cors")], 200),
            ("GET", "/", &[("sec-fetch-mode", b"no-cors")], 200),
        ];
        for (method, target, headers, status) in none {
            let answer = ask(&site.app, method, target, headers, "").await;
            assert_eq!(answer.status.as_u16(), *status, "{method} {target} {headers:?}");
            assert!(answer.headers.get(SET_COOKIE).is_none(), "{method} {target} {headers:?}");
            let expected: &[u8] = match (*method, *target) {
                ("GET", "/json") => b"\"page\"",
                (_, "/moved" | "/nowhere") | ("HEAD" | "DELETE", _) => b"",
                _ => b"<p>page",
            };
            assert_eq!(answer.body, expected, "{method} {target}: the body is the page's own");
        }
        let done = site.finish().await;
        assert_eq!((done.page_views().await, done.count("session").await, done.count("visitor").await), (1, 1, 1));
        assert_eq!(done.count("action").await, 1);
    }

    pub async fn fault_c8_what_nobody_looked_at_was_not_viewed(world: World) {
        let site = Site::of_pages(world);
        let unseen: [(&[Header], &str); 5] = [
            (&[("sec-purpose", b"prefetch")], "prefetch"),
            (&[("sec-purpose", b"prefetch;prerender"), ("sec-fetch-mode", b"navigate")], "prefetch"),
            (&[("sec-purpose", b"prefetch"), ("sec-fetch-mode", b"no-cors")], "prefetch"),
            (&[("purpose", b"prefetch")], "prefetch"),
            (&[("sec-fetch-mode", b"cors")], "fetch"),
        ];
        for (headers, reason) in unseen {
            let before = site.world.state.counters.dropped_for(reason);
            let answer = site.get("/product/tee", headers).await;
            assert_eq!((answer.status.as_u16(), answer.text()), (200, "<p>page"), "{headers:?}");
            assert!(visitor_cookie(&answer).is_none(), "{headers:?}");
            assert_eq!(site.world.state.counters.dropped_for(reason), before + 1, "{headers:?}");
        }
        // An order is an order.
        site.get("/order-on-sight/N1", &[("sec-purpose", b"prefetch")]).await;
        site.settle().await;
        assert_eq!(rows(&site.world, "select cast(count(*) as text) from session").await, ["0"]);
        // What a script puts into the cart is there, and what a person opens is viewed.
        assert_eq!(site.post("/add", &[("sec-fetch-mode", b"cors")], "").await.status, 303);
        site.get("/product/tee", &[("sec-fetch-mode", b"navigate")]).await;
        let done = site.finish().await;
        let kinds = done.rows("select kind from action order by kind").await;
        assert_eq!(kinds, ["add_to_cart", "page_view", "product_view"]);
        assert_eq!(done.count("orders where number = 'N1' and session_id is null").await, 1);
    }

    pub async fn a_publicly_cacheable_page_counts_without_a_cookie(world: World) {
        let site = Site::of_pages(world);
        for _ in 0..2 {
            let answer = site.get("/public?utm_source=google", &[]).await;
            assert!(answer.headers.get(SET_COOKIE).is_none());
            assert_eq!(answer.headers[CACHE_CONTROL], "public, max-age=60");
        }
        // Another browser at the same address.
        site.get("/public", &[("user-agent", BROWSER.replace("137", "136").as_bytes())]).await;
        let done = site.finish().await;
        assert_eq!((done.page_views().await, done.count("session").await), (3, 2));
        assert!(done.rows("select key from visitor_key").await.iter().all(|key| key.starts_with('d')));
    }

    pub async fn fault_s9_a_cookie_that_is_not_ours_is_replaced(world: World) {
        let site = Site::of_pages(world);
        let overlong = format!("ud_vid={}", "a".repeat(4096));
        let shouted = format!("ud_vid={}", "A".repeat(32));
        let wrong: [&[u8]; 7] = [
            b"ud_vid=",
            b"ud_vid",
            b"ud_vid=../../etc/passwd",
            b"ud_vid=\xff\xfe",
            b";;;=;ud_vid='; drop table visitor; --",
            overlong.as_bytes(),
            shouted.as_bytes(),
        ];
        let mut fresh = Vec::new();
        for line in wrong {
            let answer = site.get("/", &[("cookie", line)]).await;
            assert_eq!((answer.status.as_u16(), answer.text()), (200, "<p>page"));
            let pair = visitor_cookie(&answer).unwrap();
            let value = pair.strip_prefix("ud_vid=").unwrap();
            assert!(
                value.len() == 33 && value.starts_with('t') && value[1..].bytes().all(|byte| byte.is_ascii_hexdigit()),
                "{pair}"
            );
            fresh.push(pair);
        }
        let given = fresh.len();
        fresh.sort();
        fresh.dedup();
        assert_eq!(fresh.len(), given, "each has its own");
        let done = site.finish().await;
        assert_eq!(done.page_views().await, 7);
        let keys = done.rows("select key from visitor_key").await;
        assert_eq!(keys.len(), 7);
        for pair in fresh {
            assert!(!keys.iter().any(|key| key.contains(&pair["ud_vid=".len()..])), "no cookie is stored");
        }
    }

    pub async fn fault_c1_cyrillic_values_and_paths_never_break_the_page(world: World) {
        let site = Site::of_pages(world);
        let targets = [
            "/any/зимові-куртки?utm_source=фейсбук&utm_campaign=Зимовий%20розпродаж",
            "/any/%D0%B7%D0%B8%D0%BC%D0%B0?utm_source=%D1%84%D0%B5%D0%B9%D1%81&utm_content=%D1%97%D0%B6%D0%B0%D0%BA",
        ];
        for target in targets {
            let answer = site.get(target, &[("cookie", "кошик=їжак".as_bytes())]).await;
            assert_eq!((answer.status.as_u16(), answer.text()), (200, "<p>page"), "{target}");
            let line = answer.header(SET_COOKIE);
            assert!(line.is_ascii() && line.len() < 200, "{line}");
            let cookie = visitor_cookie(&answer).unwrap();
            let again = site.get(target, &[("cookie", format!("кошик=їжак; {cookie}").as_bytes())]).await;
            assert_eq!((again.status.as_u16(), again.text()), (200, "<p>page"), "{target}");
            assert!(again.headers.get(SET_COOKIE).is_none(), "the visitor is known by the cookie");
        }
        let done = site.finish().await;
        assert_eq!((done.page_views().await, done.count("visitor").await), (4, 2));
        let kept = done
            .rows(
                "select p.path || ' ' || t.source from session s join page p on p.id = s.landing_id \
                              join touch t on t.id = s.touch_id order by s.id",
            )
            .await;
        assert_eq!(kept, ["/any/зимові-куртки фейсбук", "/any/зима фейс"]);
    }

    pub async fn two_pages_are_one_session(world: World) {
        let site = Site::of_pages(world);
        let first = site.get("/?utm_source=ig&utm_medium=Social&utm_campaign=Зима", &[]).await;
        let cookie = visitor_cookie(&first).unwrap();
        let cookie = [("cookie", cookie.as_bytes())];
        let second = site.get("/any/other", &cookie).await;
        assert!(second.headers.get(SET_COOKIE).is_none(), "a good cookie is left alone");
        site.get("/any/other", &cookie).await;
        let done = site.finish().await;
        assert_eq!(done.page_views().await, 3);
        let sessions = done
            .rows(
                "select t.source || ' ' || t.medium || ' ' || t.campaign || ' ' || p.path || ' ' || \
                 cast(s.page_views as text) || ' ' || cast(s.points as text) || ' ' || cast(s.is_bounce as text) \
                 from session s join touch t on t.id = s.touch_id join page p on p.id = s.landing_id",
            )
            .await;
        assert_eq!(sessions, ["instagram social Зима / 3 2 0"]);
    }

    pub async fn who_asks_not_to_be_followed_is_only_counted(world: World) {
        let site = Site::of_pages(world);
        // A browser that once was given a cookie.
        let cookie = visitor_cookie(&site.get("/", &[]).await).unwrap();
        let target = "/?utm_source=facebook&gclid=Cj0secret&fbclid=IwARsecret";
        let cookies = format!("_fbc=fb.1.1.secret; _fbp=fb.1.2.secret; {cookie}");
        for signal in ["dnt", "sec-gpc"] {
            for _ in 0..2 {
                let referrer: Header = ("referer", b"https://l.facebook.com/l?fbclid=IwARsecret#secret");
                let answer = site.get(target, &[(signal, b"1"), ("cookie", cookies.as_bytes()), referrer]).await;
                assert_eq!(answer.status, 200);
                assert!(answer.headers.get(SET_COOKIE).is_none(), "{signal}");
            }
        }
        // What is bought is known to be theirs, for the day.
        assert_eq!(site.post("/order/N1", &[("sec-gpc", b"1")], "").await.text(), "Some(Stored(Created))");
        // Who says 0 does not ask.
        let answer = site.get(target, &[("dnt", b"0"), ("user-agent", BROWSER.replace("137", "99").as_bytes())]).await;
        assert!(visitor_cookie(&answer).is_some());
        let done = site.finish().await;
        assert_eq!(done.page_views().await, 6);
        let sessions = done
            .rows(
                "select substr(k.key, 1, 1) || ' ' || cast(s.page_views as text) || ' ' || coalesce(s.click_ids, '') || \
                 coalesce(s.fbc, '') || coalesce(s.fbp, '') || coalesce(s.referrer || ' ', '') || cast(s.has_purchase as text) from session s \
                 join visitor_key k on k.visitor_id = s.visitor_id order by s.page_views, s.id",
            )
            .await;
        assert_eq!(sessions.len(), 3, "{sessions:?}");
        assert_eq!(sessions[0], "c 1 0", "the cookie's visitor did nothing more");
        assert!(sessions[1].starts_with("c 1 ") && sessions[1].contains("Cj0secret"), "{sessions:?}");
        assert_eq!(sessions[2], "p 4 https://l.facebook.com/l 1", "no click id, no cookie of Meta's");
    }

    pub async fn a_bot_is_dropped_and_its_order_kept(world: World) {
        let site = Site::of_pages(world);
        // A person at the same address, whose order it must not become.
        site.get("/public", &[]).await;
        for agent in [BOT, "curl/8.14.1", ""] {
            let answer = site.get("/", &[("user-agent", agent.as_bytes())]).await;
            assert_eq!((answer.status.as_u16(), answer.text()), (200, "<p>page"), "{agent}");
            assert!(answer.headers.get(SET_COOKIE).is_none(), "{agent}");
        }
        // What a page loads and what forms send is not counted again.
        site.get("/any/style.css", &[("user-agent", BOT.as_bytes())]).await;
        site.post("/add", &[("user-agent", BOT.as_bytes())], "").await;
        let answer = site.post("/order/N1", &[("user-agent", BOT.as_bytes())], "").await;
        assert_eq!(answer.text(), "Some(Stored(Created))");
        let done = site.finish().await;
        assert_eq!((done.page_views().await, done.count("action").await, done.dropped("bot")), (1, 1, 3));
        let orders = done
            .rows("select number || ' ' || cast(visitor_id as text) || coalesce(cast(session_id as text), '') from orders")
            .await;
        assert_eq!(orders, ["N1 0"]);
        assert_eq!(done.count("session where is_converted = 1 or orders > 0").await, 0);
    }

    pub async fn hostile_bytes_leave_clean_rows(world: World) {
        let site = Site::of_pages(world);
        let long = "a".repeat(4096);
        let hostile = [
            format!("/?utm_source={long}&utm_medium={long}&utm_campaign={long}&utm_content={long}&utm_term={long}"),
            "/?utm_source=a%00b&utm_campaign=%00&utm_term=%00%00".to_owned(),
            "/?utm_source=%FF%FE%D0&utm_campaign=%C0%80&gclid=%FF".to_owned(),
            "/?utm_source=фейсбук&utm_campaign=Зимовий розпродаж".replace(' ', "+"),
            "/?utm_campaign=%D0%97%D0%B8%D0%BC%D0%B0%0D%0A%1B[31m&utm_content=%E2%80%AE%EF%BB%BF".to_owned(),
            "/?utm_source='%3Bdrop+table+session%3B--&utm_campaign=<script>alert(1)</script>"
                .replace(['<', '>'], "%3C"),
            "/?utm_source=%3D1%2B1&&&=&%&%zz&utm_source".to_owned(),
            format!("/?{}", "utm_campaign=x&".repeat(1000)),
            format!("/?gclid={long}&fbclid=%00{long}"),
            format!("/any/%00%FF/{long}"),
            "/any/%D1%84%D1%83%D1%82%D0%B1%D0%BE%D0%BB%D0%BA%D0%B0/%E2%80%AE%0A".to_owned(),
        ];
        let mut agent = BROWSER.as_bytes().to_vec();
        agent.extend(b" \xff\xfe");
        let headers: [Header; 7] = [
            ("user-agent", &agent),
            ("referer", b"https://\xff.example/\xd0?q=%00"),
            ("accept-language", b"\xff\xfe;q=9"),
            ("sec-ch-ua", b"\"\xff\";v=\"99\""),
            ("sec-ch-ua-model", long.as_bytes()),
            ("cookie", b"_fbc=\xff; _fbp=%00"),
            ("x-forwarded-for", b"\xff, 1.2.3.4"),
        ];
        for target in &hostile {
            let answer = site.get(target, &headers).await;
            assert_eq!((answer.status.as_u16(), answer.text()), (200, "<p>page"), "{target}");
        }
        let done = site.finish().await;
        assert_eq!((done.page_views().await, done.dropped("refused")), (hostile.len() as u64, 0));
        assert_eq!(done.count("session").await, hostile.len() as u64);
        for column in ["utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"] {
            for value in done.rows(&format!("select {column} from touch where {column} is not null")).await {
                assert!(!value.is_empty() && value.chars().count() <= 255, "{column}: {value}");
                let is_clean = |c: char| c.is_alphanumeric() || "_-.".contains(c);
                assert!(value.chars().all(is_clean), "{column}: {value:?}");
            }
        }
        let free = [
            ("path", "page"),
            ("source", "touch"),
            ("campaign", "touch"),
            ("raw_source", "touch"),
            ("raw_campaign", "touch"),
            ("raw_content", "touch"),
            ("referrer_host", "touch"),
            ("click_ids", "session"),
            ("fbc", "session"),
            ("fbp", "session"),
            ("referrer", "session"),
            ("user_agent", "session"),
            ("model", "client"),
            ("language", "client"),
        ];
        for (column, table) in free {
            for value in done.rows(&format!("select {column} from {table} where {column} is not null")).await {
                assert!(!value.contains(char::is_control) && !value.contains(['\u{202e}', '\u{feff}']), "{value:?}");
                assert!(value.chars().count() <= 4096, "{table}.{column} holds {} characters", value.chars().count());
            }
        }
        assert_eq!(done.count("touch where utm_source = 'фейсбук' and utm_campaign = 'Зимовий_розпродаж'").await, 1);
        assert_eq!(done.count("page where path like '/any/футболка/%'").await, 1);
        assert_eq!(done.count("session where ip = '203.0.113.7'").await, hostile.len() as u64);
    }

    pub async fn actions_and_orders_belong_to_their_visitor(world: World) {
        let site = Site::of_pages(world);
        let cookie = visitor_cookie(&site.get("/?utm_source=google", &[]).await).unwrap();
        let cookie = [("cookie", cookie.as_bytes())];
        assert_eq!(site.post("/add", &cookie, "").await.status, 303);
        // Whoever asks with HEAD is shown nothing, and does nothing.
        assert_eq!(ask(&site.app, "HEAD", "/add-on-sight", &cookie, "").await.status, 303);
        let answer = site.post("/order/N1", &cookie, "").await;
        assert_eq!(answer.text(), "Some(Stored(Created))");
        // The answer came after the order was written, and what was queued before it.
        let order = "select cast(count(*) as text) from orders o join session s on s.id = o.session_id \
                     where o.number = 'N1' and s.visitor_id = o.visitor_id and s.has_purchase = 1";
        assert_eq!(rows(&site.world, order).await, ["1"]);
        assert_eq!(site.post("/order/N1", &cookie, "").await.text(), "Some(Stored(Merged))");
        let done = site.finish().await;
        let actions = done
            .rows("select kind || ' ' || subject || ' ' || cast(points as text) from action order by points, kind")
            .await;
        assert_eq!(actions, ["page_view / 1", "add_to_cart 17 10", "purchase N1 114"]);
        let session =
            "select cast(points as text) || ' ' || cast(revenue as text) || ' ' || cast(orders as text) from session";
        assert_eq!(done.rows(session).await, ["125 149900 1"]);
        assert_eq!((done.count("visitor").await, done.count("orders").await), (1, 1));
    }

    pub async fn the_demo_shop_sells_to_a_visitor(world: World) {
        let shop = storefront::router(storefront::Options { zone: chrono_tz::Europe::Kyiv, secure_cookies: false });
        let site = Site::new(world, shop, Rules::default());
        let slug = storefront::products::PRODUCTS[0].slug;
        let mut jar = Vec::new();
        let steps = [
            ("GET", "/?utm_source=google&utm_medium=cpc&utm_campaign=winter&gclid=Cj0".to_owned(), String::new()),
            ("GET", format!("/product/{slug}"), String::new()),
            ("GET", "/shop.css".to_owned(), String::new()),
            ("HEAD", "/catalog".to_owned(), String::new()),
            ("GET", "/search?q=%D1%84%D1%83%D1%82%D0%B1%D0%BE%D0%BB%D0%BA%D0%B0".to_owned(), String::new()),
            ("POST", "/cart".to_owned(), format!("action=add&product={slug}&quantity=2")),
            ("GET", "/cart".to_owned(), String::new()),
            ("GET", "/checkout".to_owned(), String::new()),
        ];
        for (method, target, body) in steps {
            let answer = shopping(&site, &mut jar, method, &target, &body).await;
            assert!(answer.status.is_success() || answer.status.is_redirection(), "{method} {target}: {answer:?}");
        }
        let form = "name=Olena&phone=%2B380671234567&email=olena%40example.com&city=Lviv&pay_type=online_full";
        let pay = shopping(&site, &mut jar, "POST", "/checkout", form).await.location().to_owned();
        shopping(&site, &mut jar, "GET", &pay, "").await;
        let thanks = shopping(&site, &mut jar, "POST", &pay, "outcome=full").await.location().to_owned();
        assert_eq!(shopping(&site, &mut jar, "GET", &thanks, "").await.status, 200);
        assert_eq!(jar.iter().filter(|pair| pair.starts_with("ud_vid=")).count(), 1);
        let done = site.finish().await;
        assert_eq!((done.page_views().await, done.count("session").await), (7, 1));
        let session = "select t.campaign || ' ' || cast(page_views as text) || ' ' || cast(product_views as text) || ' ' || \
                       cast(add_to_cart as text) || ' ' || cast(searches as text) || ' ' || \
                       cast(initiate_checkout as text) || ' ' || cast(orders as text) || ' ' || \
                       cast(has_purchase as text) from session s join touch t on t.id = s.touch_id";
        assert_eq!(done.rows(session).await, ["winter 7 1 1 1 1 1 1"]);
        let sums = "select cast(s.revenue - o.total as text) || ' ' || o.number from orders o \
                    join session s on s.id = o.session_id";
        assert_eq!(done.rows(sums).await, [format!("0 {}", pay.strip_prefix("/pay/").unwrap())]);
    }

    pub async fn the_end_comes_after_everything_before_it(world: World) {
        let site = Site::of_pages(world);
        // More than one batch, of many visitors and of one.
        for number in 0..600 {
            let agent = format!("{BROWSER} {}", number % 300);
            site.get(&format!("/any/{number}"), &[("user-agent", agent.as_bytes())]).await;
        }
        let Site { world, app, recorder, writer } = site;
        recorder.end().await;
        writer.await.unwrap().unwrap();
        // A page that is opened later is shown all the same; an order is not said to be stored.
        assert_eq!(ask(&app, "GET", "/", &[], "").await.text(), "<p>page");
        assert_eq!(ask(&app, "POST", "/order/N1", &[], "").await.status, 503);
        let message = Message::Order { order: paid("N2", 0), owner: Owner::Nobody };
        assert!(matches!(recorder.message(Received { message, at: 0 }).await, Err(NotTaken::Away)));
        let done = Finished { world };
        assert_eq!((done.page_views().await, done.count("orders").await), (600, 0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forwarded_addresses_are_believed_from_the_right() {
    let forged: Vec<String> = (0..20).map(|number| format!("6.6.6.{number}")).collect();
    let mut twenty: Vec<&str> = forged.iter().map(String::as_str).collect();
    twenty.push("81.2.69.142");
    let mut far = twenty.clone();
    far.push("10.0.0.9");
    let strange: [Lines; 2] = [(&["1.2.3.4"], "203.0.113.7"), (&twenty, "203.0.113.7")];
    let through: [Lines; 7] = [
        (&["1.2.3.4"], "1.2.3.4"),
        (&["6.6.6.6, 1.2.3.4, 10.0.0.9"], "1.2.3.4"),
        (&["6.6.6.6", "1.2.3.4", "10.0.0.9"], "1.2.3.4"),
        (&twenty, "81.2.69.142"),
        (&far, "81.2.69.142"),
        (&["1.2.3.4", "no address"], "203.0.113.7"),
        (&[], "203.0.113.7"),
    ];
    let cases: [(&[&str], &[Lines]); 3] =
        [(&[], &strange), (&["10.0.0.0/8"], &strange), (&["203.0.113.0/24", "10.0.0.0/8"], &through)];
    for (trusted, cases) in cases {
        let rules =
            Rules { trusted_proxies: trusted.iter().map(|net| net.parse().unwrap()).collect(), ..Rules::default() };
        let site = Site::new(World::sqlite(CONFIG).await, pages(), rules);
        for (lines, _) in cases {
            let headers: Vec<Header> = lines.iter().map(|line| ("x-forwarded-for", line.as_bytes())).collect();
            site.get("/", &headers).await;
        }
        let found = site.finish().await.rows("select ip from session order by id").await;
        let expected: Vec<&str> = cases.iter().map(|(_, expected)| *expected).collect();
        assert_eq!(found, expected, "{trusted:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fault_s5_one_configured_header_tells_the_address_and_no_other() {
    let cases: [(&str, &[Header], &str); 2] = [
        ("203.0.113.0/24", &[("x-forwarded-for", b"6.6.6.6"), ("cf-connecting-ip", b"81.2.69.142")], "81.2.69.142"),
        // A peer that is no proxy of ours says what it likes.
        ("10.0.0.0/8", &[("x-forwarded-for", b"6.6.6.6"), ("cf-connecting-ip", b"81.2.69.142")], "203.0.113.7"),
    ];
    for (trusted, headers, expected) in cases {
        let rules = Rules {
            trusted_proxies: vec![trusted.parse().unwrap()],
            address_header: Some("cf-connecting-ip".into()),
            ..Rules::default()
        };
        let site = Site::new(World::sqlite(CONFIG).await, pages(), rules);
        site.get("/", headers).await;
        site.get("/", &headers[..1]).await;
        let found = site.finish().await.rows("select ip from session order by id").await;
        assert_eq!(found, [expected, "203.0.113.7"], "{trusted}");
    }
}

#[tokio::test]
async fn fault_f6_no_page_waits_for_what_is_recorded() {
    let counters = Arc::default();
    // Nobody takes anything out.
    let (recorder, _jobs) = queue(1, Arc::clone(&counters));
    let app = tracked(pages(), Tracker::new(recorder, Rules::default(), Arc::clone(&counters), true));
    for number in 0..4 {
        let answer = ask(&app, "GET", "/", &[], "").await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, "<p>page"));
        assert!(visitor_cookie(&answer).is_some());
        assert!(answer.header(SET_COOKIE).contains("; Secure"), "on https the cookie stays there");
        assert_eq!(counters.dropped_for("queue_full"), number);
    }
    assert_eq!(ask(&app, "POST", "/add", &[], "").await.status, 303);
    assert_eq!(counters.dropped_for("queue_full"), 4);
    assert_eq!(counters.recorded_of("page_view"), 0);
}
