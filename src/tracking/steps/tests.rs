//! Requests as they come, and what the steps make of them.

use proptest::prelude::*;

use super::*;
use crate::tracking::Exclusions;

const CHROME: &[u8] =
    b"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36";

fn browser() -> Request<'static> {
    Request {
        user_agent: Some(CHROME),
        host: Some(b"shop.example"),
        peer: "127.0.0.1".parse().ok(),
        ..Request::default()
    }
}

fn dropped(request: &Request) -> Option<&'static str> {
    page(request).and_then(|()| read(request, &Rules::default(), 0).map(|_| ())).err().map(Drop::key)
}

#[test]
fn a_tagged_visit_becomes_a_draft() {
    let forwarded: [&[u8]; 1] = [b"6.6.6.6, 81.2.69.142"];
    let request = Request {
        path: "/product/%D1%84%D1%83%D1%82%D0%B1%D0%BE%D0%BB%D0%BA%D0%B0",
        query: "utm_source=ig&utm_medium=Paid_Social&utm_campaign=Зимовий розпродаж&fbclid=IwAR0".as_bytes(),
        referrer: Some(b"https://l.instagram.com/?u=x"),
        accept_language: Some(b"uk-UA,uk;q=0.9,en;q=0.8"),
        forwarded_for: &forwarded,
        fbc: Some(b"fb.1.1.IwAR0"),
        ..browser()
    };
    let rules = Rules { trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()], ..Rules::default() };
    let hit = read(&request, &rules, 7).unwrap().of(VisitorKey("v".into()));
    assert_eq!(hit.at, 7);
    assert_eq!(hit.path, "/product/футболка");
    assert_eq!(hit.utm.campaign.as_deref(), Some("Зимовий_розпродаж"));
    assert_eq!((hit.touch.source.as_str(), hit.touch.medium.as_str()), ("instagram", "paid_social"));
    assert_eq!(hit.touch.channel, "paid_social");
    assert_eq!(hit.touch.click_platform.as_deref(), Some("meta"));
    assert_eq!(hit.touch.referrer_host.as_deref(), Some("l.instagram.com"));
    assert_eq!(hit.click_ids, [ClickId { name: "fbclid".into(), value: "IwAR0".into() }]);
    assert_eq!(hit.meta_cookies, (Some("fb.1.1.IwAR0".into()), None));
    assert_eq!(hit.ip, "81.2.69.142".parse().ok());
    assert_eq!(hit.agent.language.as_deref(), Some("uk"));
}

#[test]
fn fault_c8_only_pages_that_a_person_opened_count() {
    let b = browser;
    let cases = [
        (b(), None),
        (Request { fetch_mode: Some(b"navigate"), ..b() }, None),
        (Request { method: "POST", ..b() }, Some("method")),
        (Request { method: "HEAD", ..b() }, Some("method")),
        (Request { fetch_mode: Some(b"no-cors"), ..b() }, Some("fetch")),
        (Request { fetch_mode: Some(b"cors"), ..b() }, Some("fetch")),
        (Request { purposes: [Some(b"prefetch;prerender"), None, None, None], ..b() }, Some("prefetch")),
        (Request { purposes: [None, Some(b"Prefetch"), None, None], ..b() }, Some("prefetch")),
        (Request { purposes: [None, None, None, Some(b"prefetch")], ..b() }, Some("prefetch")),
        (
            Request { purposes: [Some(b"prefetch"), None, None, None], fetch_mode: Some(b"no-cors"), ..b() },
            Some("prefetch"),
        ),
        (Request { path: "/product/node.js", fetch_mode: Some(b"navigate"), ..b() }, None),
        (Request { path: "/product/node.js", fetch_mode: Some(b"no-cors"), ..b() }, Some("fetch")),
        (Request { path: "/favicon.ico", ..b() }, Some("asset")),
        (Request { path: "/robots.txt", ..b() }, Some("asset")),
        (Request { path: "/img/A.JPG", ..b() }, Some("asset")),
        (Request { path: "/product/tee-1.5", ..b() }, None),
        (Request { path: "/index.html", ..b() }, None),
        (Request { referrer: Some(b"http://semalt.com/x"), ..b() }, Some("referrer_spam")),
        (Request { user_agent: Some(b"Googlebot/2.1 (+http://www.google.com/bot.html)"), ..b() }, Some("bot")),
        (Request { user_agent: Some(b""), ..b() }, Some("bot")),
        (Request { user_agent: None, ..b() }, None),
        (Request { brands: Some(b"\"HeadlessChrome\";v=\"137\""), ..b() }, Some("bot")),
    ];
    for (request, reason) in cases {
        assert_eq!(dropped(&request), reason, "{request:?}");
    }
    for (status, kind, expected) in [
        (200, Some("text/html"), true),
        (200, Some("Text/HTML; charset=utf-8"), true),
        (206, Some("text/html"), true),
        (404, Some("text/html"), false),
        (302, Some("text/html"), false),
        (500, Some("text/html"), false),
        (200, Some("application/json"), false),
        (200, Some("text/html-x"), false),
        (200, None, false),
    ] {
        assert_eq!(is_page_view(status, kind.map(str::as_bytes)), expected, "{status} {kind:?}");
    }
}

type Case = (&'static str, Option<&'static [u8]>, [&'static str; 3]);

#[test]
fn fault_c2_a_click_id_alone_is_a_touch() {
    let of = |query: &'static str, referrer: Option<&'static [u8]>| {
        let request = Request { query: query.as_bytes(), referrer, ..browser() };
        let touch = read(&request, &Rules::default(), 0).unwrap().touch;
        (touch.source, touch.medium, touch.channel)
    };
    let cases: &[Case] = &[
        ("gclid=1", None, ["google", "cpc", "paid_search"]),
        ("wbraid=1", Some(b"https://www.google.com/"), ["google", "cpc", "paid_search"]),
        ("dclid=1", None, ["doubleclick", "cpm", "display"]),
        ("srsltid=1", Some(b"https://www.google.com/"), ["google", "organic", "organic_shopping"]),
        ("fbclid=1", None, ["facebook", "social", "organic_social"]),
        ("fbclid=1", Some(b"https://l.instagram.com/"), ["instagram", "social", "organic_social"]),
        ("fbclid=1", Some(b"https://blog.example/"), ["facebook", "social", "organic_social"]),
        ("ttclid=1", None, ["tiktok", "cpc", "paid_social"]),
        ("yclid=1", None, ["yandex", "cpc", "paid_search"]),
        ("ysclid=1", None, ["yandex", "organic", "organic_search"]),
        ("tblci=1", None, ["taboola", "cpc", "paid_other"]),
        ("irclickid=1", None, ["impact", "affiliate", "affiliates"]),
        ("mc_eid=1", None, ["mailchimp", "email", "email"]),
        ("GCLID=1&utm_source=newsletter", None, ["newsletter", "cpc", "paid_other"]),
        ("gclid=1&utm_source=google&utm_medium=organic", None, ["google", "organic", "organic_search"]),
    ];
    for (query, referrer, [source, medium, channel]) in cases {
        assert_eq!(
            of(query, *referrer),
            ((*source).into(), (*medium).into(), (*channel).into()),
            "{query} {referrer:?}"
        );
    }
}

#[test]
fn without_tags_the_referrer_decides() {
    let cases: &[(Option<&[u8]>, [&str; 3])] = &[
        (None, ["direct", "none", "direct"]),
        (Some(b"https://www.google.com.ua/"), ["google", "organic", "organic_search"]),
        (Some(b"https://www.facebook.com/"), ["facebook", "social", "organic_social"]),
        (Some(b"https://t.me/channel"), ["telegram", "social", "messengers"]),
        (Some(b"android-app://com.viber.voip/"), ["viber", "social", "messengers"]),
        (Some(b"https://www.youtube.com/watch"), ["youtube", "referral", "organic_video"]),
        (Some(b"https://rozetka.com.ua/ua/x"), ["rozetka", "referral", "organic_shopping"]),
        (Some(b"https://chatgpt.com/"), ["chatgpt", "ai", "ai_assistant"]),
        (Some(b"https://mail.google.com/"), ["gmail", "email", "email"]),
        (Some(b"https://www.Blog.example:8080/post"), ["blog.example", "referral", "referral"]),
        (Some(b"https://shop.example/cart"), ["direct", "none", "direct"]),
        (Some(b"https://www.liqpay.ua/"), ["direct", "none", "direct"]),
        (Some(b"https://acs2.bank.example.ua/"), ["direct", "none", "direct"]),
        (Some(b"\xff\xfe"), ["direct", "none", "direct"]),
    ];
    for (referrer, [source, medium, channel]) in cases {
        let touch = read(&Request { referrer: *referrer, ..browser() }, &Rules::default(), 0).unwrap().touch;
        assert_eq!([&*touch.source, &*touch.medium, &*touch.channel], [*source, *medium, *channel], "{referrer:?}");
    }
}

#[test]
fn what_an_administrator_excluded_is_dropped() {
    let (key, other) = (VisitorKey("c1".into()), VisitorKey("c2".into()));
    let request = Request {
        path: "/%D1%82%D0%B5%D1%81%D1%82/1",
        user_agent: Some(CHROME),
        visitor: Some(&key),
        login: Some("5e"),
        ..browser()
    };
    let some = |text: &str| vec![text.to_owned()];
    let none = Exclusions::default;
    let cases = [
        (none(), false),
        (Exclusions { addresses: vec!["127.0.0.0/8".parse().unwrap()], ..none() }, true),
        (Exclusions { addresses: vec!["10.0.0.0/8".parse().unwrap()], ..none() }, false),
        (Exclusions { agents: some("chrome/137"), ..none() }, true),
        (Exclusions { paths: some("/тест"), ..none() }, true),
        (Exclusions { paths: some("/%D1%82"), ..none() }, false),
        (Exclusions { visitors: [key.clone()].into(), ..none() }, true),
        (Exclusions { visitors: [other].into(), ..none() }, false),
        (Exclusions { logins: ["5e".to_owned()].into(), ..none() }, true),
        (Exclusions { logins: ["5f".to_owned()].into(), ..none() }, false),
    ];
    let rules = Rules::default();
    for (exclusions, is_dropped) in cases {
        // The same rules all the time: an edit holds for the next request.
        rules.exclusions.put(rules.exclusions.ticket(), exclusions.clone());
        let reason = read(&request, &rules, 0).err();
        assert_eq!(reason, is_dropped.then_some(Drop::Excluded), "{exclusions:?}");
    }
}

#[test]
fn the_language_most_wanted_is_read() {
    let cases = [
        ("uk-UA,uk;q=0.9,en;q=0.8", Some("uk")),
        ("en;q=0.5, uk", Some("uk")),
        ("EN-us", Some("en")),
        ("*", None),
        ("*;q=0.5,pl;q=0.1", Some("pl")),
        ("uk;q=0", None),
        ("<script>", None),
        ("", None),
    ];
    for (header, expected) in cases {
        assert_eq!(language(header.as_bytes()).as_deref(), expected, "{header}");
    }
}

fn text_of(draft: &Draft) -> Vec<&str> {
    let agent = &draft.agent;
    let touch = &draft.touch;
    let mut all = vec![draft.path.as_str(), &agent.user_agent, &touch.source, &touch.medium, &touch.channel];
    let some = [&agent.brands, &agent.mobile, &agent.platform, &agent.platform_version, &agent.model, &agent.language];
    all.extend(some.into_iter().flatten().map(String::as_str));
    all.extend(
        [&draft.referrer, &draft.meta_cookies.0, &draft.meta_cookies.1, &touch.referrer_host]
            .into_iter()
            .flatten()
            .map(String::as_str),
    );
    all.extend(touch.utm.values().into_iter().chain(touch.raw.values()).flatten());
    all.extend(draft.click_ids.iter().map(|id| id.value.as_str()));
    all
}

proptest! {
    #[test]
    fn any_bytes_anywhere_are_read_and_stored_plain(
        path in "\\PC{0,60}",
        bytes in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..80), 8),
        name in prop_oneof![Just("utm_source"), Just("utm_campaign"), Just("gclid"), Just("fbclid")],
    ) {
        let query = [name.as_bytes(), b"=", &bytes[0]].concat();
        let agent = [CHROME, &bytes[1]].concat();
        let referrer = [b"https://".as_slice(), &bytes[2]].concat();
        let forwarded: [&[u8]; 1] = [&bytes[3]];
        let request = Request {
            path: &path, query: &query, referrer: Some(&referrer), user_agent: None, brands: Some(&agent), platform: Some(&bytes[4]),
            model: Some(&bytes[5]), accept_language: Some(&bytes[6]), fbc: Some(&bytes[7]), fbp: Some(&bytes[0]),
            forwarded_for: &forwarded, host: Some(&bytes[1]), ..browser()
        };
        let rules = Rules { trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()], ..Rules::default() };
        if let Ok(draft) = read(&request, &rules, 0) {
            for value in text_of(&draft) {
                prop_assert!(value.chars().all(text::is_plain), "{:?}", value);
                prop_assert!(value.chars().count() <= MAX_TEXT);
            }
        }
        let _ = read(&Request { user_agent: Some(&agent), ..request }, &rules, 0);
    }

    #[test]
    fn what_was_read_is_read_again_as_it_is(
        path in "/\\PC{0,40}|/[\\s\\S]{0,40}",
        values in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 8),
        referrer in "https?://[a-z]{1,9}\\.[a-z]{2,3}/\\PC{0,40}",
    ) {
        let encoded = |bytes: &[u8]| percent_encoding::percent_encode(bytes, percent_encoding::NON_ALPHANUMERIC).to_string();
        let names = ["utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term", "gclid", "FBCLID", "mc_eid"];
        let query_of = |values: Vec<(&str, &[u8])>| {
            values.into_iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect::<Vec<_>>().join("&")
        };
        let query = query_of(names.into_iter().zip(values.iter().map(Vec::as_slice)).collect());
        let path = encoded(path.as_bytes());
        let first = Request { path: &path, query: query.as_bytes(), referrer: Some(referrer.as_bytes()), ..browser() };
        let once = read(&first, &Rules::default(), 0).unwrap();

        let utm = once.reading.utm.values();
        let mut values: Vec<(&str, &[u8])> = names.into_iter().zip(utm).filter_map(|(name, value)| Some((name, value?.as_bytes()))).collect();
        values.extend(once.click_ids.iter().map(|id| (id.name.as_str(), id.value.as_bytes())));
        let (path, query) = (encoded(once.path.as_bytes()), query_of(values));
        let second = Request {
            path: &path,
            query: query.as_bytes(),
            referrer: once.referrer.as_deref().map(str::as_bytes),
            user_agent: Some(once.agent.user_agent.as_bytes()),
            ..browser()
        };
        let twice = read(&second, &Rules::default(), 0).unwrap();
        prop_assert_eq!(&twice.reading.utm, &once.reading.utm);
        prop_assert_eq!(&twice.click_ids, &once.click_ids);
        prop_assert_eq!(&twice.path, &once.path);
        prop_assert_eq!(&twice.referrer, &once.referrer);
        prop_assert_eq!(&twice.agent, &once.agent);
        prop_assert_eq!((&twice.touch.source, &twice.touch.medium, &twice.touch.channel), (&once.touch.source, &once.touch.medium, &once.touch.channel));
    }
}
