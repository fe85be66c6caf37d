//! Referring addresses, and what they stand for.

use proptest::prelude::*;

use super::*;

#[test]
fn every_line_of_the_data_is_read() {
    let lines = include_str!("../data/sources.tsv").lines().filter(|line| !line.starts_with('#'));
    let mut names = std::collections::HashSet::new();
    let mut words = std::collections::HashSet::new();
    for line in lines {
        let fields: Vec<&str> = line.split('\t').collect();
        assert_eq!(fields.len(), 4, "{line}");
        assert!(Kind::read(fields[1]).is_some(), "{line}");
        assert!(names.insert(fields[0]), "twice: {}", fields[0]);
        for word in fields[2].split(' ').chain(fields[3].split(' ')).filter(|word| *word != "-") {
            assert!(words.insert(word), "twice: {word}");
        }
        for spelling in fields[3].split(' ') {
            assert_eq!(spelling, spelling.to_lowercase(), "{line}");
        }
    }
}

#[test]
fn hosts_are_read() {
    let cases = [
        ("https://www.Google.com/search?q=x", Some("google.com")),
        ("http://shop.example:8080/", Some("shop.example")),
        ("https://київ.укр/шлях", Some("xn--b1alf1j.xn--j1amh")),
        ("android-app://com.google.android.gm/", Some("com.google.android.gm")),
        ("android-app://com.amazon.mShop.android.shopping", Some("com.amazon.mshop.android.shopping")),
        ("https://user:pass@www.evil.example./", Some("evil.example")),
        ("https://[2001:db8::1]:8443/x", Some("[2001:db8::1]")),
        ("javascript:alert(1)", None),
        ("about:blank", None),
        ("data:text/html,x", None),
        ("not a url", None),
        ("https://", None),
        ("https://0../", None),
        ("https://shop..example/", None),
        ("", None),
    ];
    for (referrer, expected) in cases {
        assert_eq!(host_of(referrer).as_deref(), expected, "{referrer}");
    }
}

#[test]
fn sources_are_known() {
    use Kind::{Ai, Mail, Messenger, Payment, Search, Shopping, Social, Video};
    let cases = [
        ("google.com", "google", Search),
        ("google.com.ua", "google", Search),
        ("google.co.uk", "google", Search),
        ("google.de", "google", Search),
        ("images.google.com.ua", "google", Search),
        ("mail.google.com", "gmail", Mail),
        ("gemini.google.com", "gemini", Ai),
        ("shopping.google.com", "google_shopping", Shopping),
        ("bing.com", "bing", Search),
        ("duckduckgo.com", "duckduckgo", Search),
        ("uk.search.yahoo.com", "yahoo", Search),
        ("mail.yahoo.com", "yahoo_mail", Mail),
        ("l.facebook.com", "facebook", Social),
        ("lm.facebook.com", "facebook", Social),
        ("l.instagram.com", "instagram", Social),
        ("t.co", "twitter", Social),
        ("uk.pinterest.com", "pinterest", Social),
        ("pinterest.co.uk", "pinterest", Social),
        ("out.reddit.com", "reddit", Social),
        ("t.me", "telegram", Messenger),
        ("web.telegram.org", "telegram", Messenger),
        ("org.telegram.messenger", "telegram", Messenger),
        ("com.viber.voip", "viber", Messenger),
        ("l.messenger.com", "messenger", Messenger),
        ("m.youtube.com", "youtube", Video),
        ("youtu.be", "youtube", Video),
        ("rozetka.com.ua", "rozetka", Shopping),
        ("bt.rozetka.com.ua", "rozetka", Shopping),
        ("prom.ua", "prom", Shopping),
        ("olx.ua", "olx", Shopping),
        ("olx.pl", "olx", Shopping),
        ("hotline.ua", "hotline", Shopping),
        ("amazon.co.jp", "amazon", Shopping),
        ("ebay.de", "ebay", Shopping),
        ("pay.amazon.com", "amazon_pay", Payment),
        ("chatgpt.com", "chatgpt", Ai),
        ("chat.deepseek.com", "deepseek", Ai),
        ("copilot.microsoft.com", "copilot", Ai),
        ("com.google.android.googlequicksearchbox", "google", Search),
        ("com.google.android.gm", "gmail", Mail),
        ("com.amazon.mshop.android.shopping", "amazon", Shopping),
        ("liqpay.ua", "liqpay", Payment),
        ("secure.wayforpay.com", "wayforpay", Payment),
        ("pay.monobank.ua", "monobank", Payment),
        ("checkout.stripe.com", "stripe", Payment),
    ];
    for (host, name, kind) in cases {
        assert_eq!(known(host), Some(Known { name, kind }), "{host}");
    }
    let unknown = [
        "google.evil.com",
        "notgoogle.com",
        "google.com.evil.net",
        "accounts.google.com",
        "docs.google.com",
        "example.com",
        "facebook.com.evil.ua",
        "localhost",
        "com",
        "",
        "olx",
        "t.me.example.org",
        "play.google.com",
    ];
    for host in unknown {
        assert_eq!(known(host), None, "{host}");
    }
}

#[test]
fn shims_assistants_and_what_ukrainian_shops_meet_are_known() {
    use Kind::{Ai, Browser, Mail, Messenger, Payment, Search, Shopping, Social};
    let cases = [
        ("edgeservices.bing.com", "copilot", Ai),
        ("m365.cloud.microsoft", "copilot", Ai),
        ("chat.qwen.ai", "qwen", Ai),
        ("chat.mistral.ai", "mistral", Ai),
        ("chat.z.ai", "zai", Ai),
        ("yuanbao.tencent.com", "yuanbao", Ai),
        ("lmarena.ai", "lmarena", Ai),
        ("l.wl.co", "whatsapp", Messenger),
        ("telegra.ph", "telegram", Messenger),
        ("slack-redir.net", "slack", Messenger),
        ("syndicatedsearch.goog", "google", Search),
        ("share.google", "google", Search),
        ("maps.app.goo.gl", "google_business", Search),
        ("ukr.net", "ukr.net", Search),
        ("mail.ukr.net", "ukr.net_mail", Mail),
        ("mail.i.ua", "i.ua_mail", Mail),
        ("webmail.meta.ua", "meta.ua_mail", Mail),
        ("nam02.safelinks.protection.outlook.com", "outlook", Mail),
        ("com.google.android.gm.lite", "gmail", Mail),
        ("com.yahoo.mobile.client.android.mail", "yahoo_mail", Mail),
        ("deref-gmx.net", "gmx", Mail),
        ("l.threads.net", "threads", Social),
        ("away.vk.com", "vk", Social),
        ("lnkd.in", "linkedin", Social),
        ("com.twitter.android.lite", "twitter", Social),
        ("com.zhiliaoapp.musically.go", "tiktok", Social),
        ("ek.ua", "e-katalog", Shopping),
        ("price.ua", "price.ua", Shopping),
        ("allo.ua", "allo", Shopping),
        ("kasta.ua", "kasta", Shopping),
        ("epicentrk.ua", "epicentr", Shopping),
        ("makeup.com.ua", "makeup", Shopping),
        ("shafa.ua", "shafa", Shopping),
        ("bigl.ua", "bigl", Shopping),
        ("zakupka.com", "zakupka", Shopping),
        ("auto.ria.com", "ria", Shopping),
        ("telemart.ua", "telemart", Shopping),
        ("notino.ua", "notino", Shopping),
        ("pay.mono.bank", "monobank", Payment),
        ("easypay.ua", "easypay", Payment),
        ("ipay.ua", "ipay", Payment),
        ("platon.ua", "platon", Payment),
        ("pay.concord.ua", "concord", Payment),
        ("www.tas2u.com", "tascombank", Payment),
        ("online.pumb.ua", "pumb", Payment),
        ("ukrgasbank.com", "ukrgasbank", Payment),
        ("a-bank.com.ua", "abank", Payment),
        ("secure.platononline.com", "platon", Payment),
        ("wallet.google.com", "google_pay", Payment),
        ("id.bank.gov.ua", "bankid", Payment),
        ("l.workplace.com", "workplace", Social),
        ("com.instagram.threadsapp", "threads", Social),
        ("outlook.cloud.microsoft", "outlook", Mail),
        ("com.samsung.android.email.provider", "samsung_mail", Mail),
        ("chat.com", "chatgpt", Ai),
        ("avto.pro", "avto.pro", Shopping),
        ("com.android.chrome", "browser", Browser),
    ];
    for (host, name, kind) in cases {
        assert_eq!(known(host), Some(Known { name, kind }), "{host}");
    }
}

#[test]
fn own_hosts_and_payment_providers_are_no_origin() {
    let own = ["shop.example", "WWW.Second.Example:8080"];
    for referrer in [
        "https://shop.example/cart",
        "https://www.shop.example:444/",
        "https://pay.shop.example/",
        "http://second.example/",
        "https://www.liqpay.ua/checkout",
        "https://secure.wayforpay.com/pay",
        "https://acs.somebank.ua/pareq",
        "https://3ds2.bank.example.com/",
        "https://acs2.privatbank.ua/",
        "https://acs1.bank.com.ua/",
        "https://emv3ds.bank.ua/",
        "https://idcheck.acs.touchtechpayments.com/",
        "https://idcheck.acs.provider.example/",
        "https://vbv.bank.com/",
        "https://vbv2.bank.com/",
        "https://auth.3dsecure.bank.com/",
        "https://secure3d.bank.example.com/",
        "https://pay.mono.bank/invoice",
        "https://next.privat24.ua/",
        "https://www.oschadpay.ua/",
        "https://ecom.ideabank.ua/",
        "android-app://com.android.chrome/",
        "android-app://com.sec.android.app.sbrowser/",
        "android-app://org.mozilla.firefox/https/example.com",
        "android-app://com.microsoft.emmx/",
        "javascript:1",
    ] {
        assert_eq!(Origin::of(referrer, &own), None, "{referrer}");
    }
    for referrer in [
        "https://notshop.example/",
        "https://acs.org/",
        "https://pubs.acs.org/",
        "https://acs.com.ua/",
        "https://vbv.com/",
        "https://my3ds.com/",
        "https://nintendo3ds.fandom.com/",
        "https://acsend.blog.example/",
        "https://shop.example.evil.net/",
    ] {
        assert!(Origin::of(referrer, &own).is_some(), "{referrer}");
    }
    assert!(Origin::of("https://shop.example/", &["", ":80"]).is_some());
}

#[test]
fn kinds_of_tagged_sources_are_known() {
    let cases = [
        ("facebook", Some(Kind::Social)),
        ("facebook_story", Some(Kind::Social)),
        ("google_discovery", Some(Kind::Search)),
        ("chatgpt", Some(Kind::Ai)),
        ("paypal", None),
        ("newsletter", None),
        ("email", None),
        ("you_know_who", None),
    ];
    for (source, kind) in cases {
        assert_eq!(kind_of(source), kind, "{source}");
    }
}

#[test]
fn referrer_spam_is_known() {
    for host in ["semalt.com", "1.semalt.com", "trafficbot.life"] {
        assert!(is_spam(host), "{host}");
    }
    for host in ["com", "facebook.com", "notsemalt.com", "semalt.com.ua", ""] {
        assert!(!is_spam(host), "{host}");
    }
}

proptest! {
    #[test]
    fn any_referrer_is_read(referrer in "\\PC*|https?://[\\s\\S]{0,80}") {
        if let Some(origin) = Origin::of(&referrer, &["shop.example"]) {
            prop_assert!(origin.host.len() <= MAX_HOST);
            prop_assert!(origin.source().chars().all(|c| c.is_ascii_graphic() && !"<>\"'&".contains(c)));
            prop_assert_eq!(origin.host.to_lowercase(), origin.host);
        }
    }

    #[test]
    fn a_host_is_its_own_host(host in "(www\\.){0,2}[a-zA-Z0-9_.-]{1,40}|\\PC{1,20}") {
        if let Some(once) = host_of(&format!("https://{host}/path")) {
            prop_assert_eq!(host_of(&format!("https://{once}/")), Some(once));
        }
    }

    #[test]
    fn a_usual_host_is_what_any_reader_makes_of_it(host in "((xn--)?[a-z0-9-]{0,4}\\.){0,3}(0x|xn--)?[a-z0-9-]{0,4}", rest in "([/?#\\\\@:]\\PC{0,9})?") {
        let referrer = format!("https://{host}{rest}");
        if let Some(usual) = usual_host(&referrer) {
            prop_assert_eq!(any_host(&referrer), Some(usual.to_owned()));
        }
    }

    #[test]
    fn any_host_may_be_asked_for(host in "\\PC*|[a-z.]{0,40}") {
        known(&host);
        kind_of(&host);
        usual_name(&host);
    }
}
