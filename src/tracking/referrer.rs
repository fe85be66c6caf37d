//! Which site a visitor came from, and what is known of it.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use url::Url;

/// A host name has at most so many characters.
const MAX_HOST: usize = 253;

/// Names with which longer sources begin: `facebook_story`, `tg-channel`. Few, because most names are words as well.
const BRANDS: [&str; 16] = [
    "facebook",
    "fb",
    "instagram",
    "ig",
    "google",
    "bing",
    "tiktok",
    "youtube",
    "telegram",
    "tg",
    "viber",
    "whatsapp",
    "twitter",
    "linkedin",
    "pinterest",
    "rozetka",
];

/// What is known of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The name by which it is reported: `facebook`.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
}

/// What a known source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A search engine.
    Search,
    /// A social network.
    Social,
    /// A messenger.
    Messenger,
    /// A video site.
    Video,
    /// A shop, a marketplace, a price comparison.
    Shopping,
    /// A mailbox on the web, or a sender of newsletters.
    Mail,
    /// An AI assistant.
    Ai,
    /// A payment provider or a bank: never a source.
    Payment,
    /// A browser's app, which shows what other links open: never a source.
    Browser,
}

impl Kind {
    /// The medium of a visit without a tag of its own that came from such a site.
    pub fn medium(self) -> &'static str {
        match self {
            Self::Search => "organic",
            Self::Social | Self::Messenger => "social",
            Self::Mail => "email",
            Self::Ai => "ai",
            Self::Video | Self::Shopping | Self::Payment | Self::Browser => "referral",
        }
    }

    /// May a visit come from it?
    fn is_source(self) -> bool {
        !matches!(self, Self::Payment | Self::Browser)
    }

    fn read(word: &str) -> Option<Self> {
        Some(match word {
            "search" => Self::Search,
            "social" => Self::Social,
            "messenger" => Self::Messenger,
            "video" => Self::Video,
            "shopping" => Self::Shopping,
            "mail" => Self::Mail,
            "ai" => Self::Ai,
            "payment" => Self::Payment,
            "browser" => Self::Browser,
            _ => return None,
        })
    }
}

/// Where a visit came from, once the shop's own hosts and payment providers are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The host: lower case, no `www.`, no port; of an app, its package.
    pub host: String,
    /// What is known of it.
    pub known: Option<Known>,
}

impl Origin {
    /// The origin that `referrer` names, unless it is a page of the shop itself (`own_hosts`, as in addresses) or
    /// of a payment provider, or only names the browser.
    pub fn of(referrer: &str, own_hosts: &[&str]) -> Option<Self> {
        let host = host_of(referrer)?;
        if own_hosts.iter().any(|own| is_own(&host, own)) {
            return None;
        }
        let known = known(&host);
        let is_source = known.map_or_else(|| !is_card_check(&host), |known| known.kind.is_source());
        is_source.then_some(Self { host, known })
    }

    /// The source that it stands for.
    pub fn source(&self) -> &str {
        self.known.map_or(&self.host, |known| known.name)
    }

    /// The medium that it stands for.
    pub fn medium(&self) -> &'static str {
        self.known.map_or("referral", |known| known.kind.medium())
    }
}

/// The host of a referring address: lower case, no `www.`, no port, no dot at its end, Punycode for names in other
/// scripts; of an app (`android-app://…`), its package. `None` for anything else.
pub fn host_of(referrer: &str) -> Option<String> {
    let url = Url::parse(referrer.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https" | "android-app" | "ios-app") {
        return None;
    }
    let host = url.host_str()?.to_ascii_lowercase();
    let host = host.strip_suffix('.').unwrap_or(&host);
    let host = host.trim_start_matches("www.");
    // A label may not be empty: without it the host would be another one.
    if host.split('.').any(str::is_empty) {
        return None;
    }
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    (!host.is_empty() && host.len() <= MAX_HOST && host.chars().all(safe)).then(|| host.to_owned())
}

/// Reads the data, which the first referrer would wait for.
pub fn prepare() {
    LazyLock::force(&SOURCES);
}

/// What is known of `host`, by the longest entry that fits.
pub fn known(host: &str) -> Option<Known> {
    let sources = &*SOURCES;
    let labels: Vec<&str> = host.split('.').collect();
    (0..labels.len()).find_map(|start| {
        let suffix = &labels[start..];
        let text = suffix.join(".");
        let exact = if start == 0 { sources.exact.get(text.as_str()) } else { None };
        let found = exact.or_else(|| sources.suffixes.get(text.as_str())).copied();
        found.or_else(|| {
            let brand = without_country(suffix)?.join(".");
            let exact = if start == 0 { sources.exact_brands.get(brand.as_str()) } else { None };
            exact.or_else(|| sources.brands.get(brand.as_str())).copied()
        })
    })
}

/// The name by which the source `cleaned` (a cleaned `utm_source` in lower case) is reported, if it has another.
pub fn usual_name(cleaned: &str) -> Option<&'static str> {
    if let Some(known) = SOURCES.names.get(cleaned) {
        return Some(known.name);
    }
    let host = cleaned.strip_prefix("www.").unwrap_or(cleaned);
    let known = host.contains('.').then(|| known(host)).flatten()?;
    known.kind.is_source().then_some(known.name)
}

/// What the source of a touch is: by its name, its host, or a brand that it begins with (`facebook_story`).
pub fn kind_of(source: &str) -> Option<Kind> {
    let names = &SOURCES.names;
    let by_name = names.get(source).copied();
    let by_host = || source.contains('.').then(|| known(source)).flatten();
    let by_first_word = || {
        let (word, _) = source.split_once(['_', '-'])?;
        BRANDS.contains(&word).then(|| names.get(word).copied()).flatten()
    };
    let kind = by_name.or_else(by_host).or_else(by_first_word)?.kind;
    kind.is_source().then_some(kind)
}

/// Does `host` visit shops only to be seen in their statistics?
pub fn is_spam(host: &str) -> bool {
    static SPAM: LazyLock<HashSet<&str>> =
        LazyLock::new(|| include_str!("data/spam.txt").lines().filter(|line| !line.starts_with('#')).collect());
    let tails = host.match_indices('.').map(|(dot, _)| &host[dot + 1..]);
    std::iter::once(host).chain(tails).any(|tail| SPAM.contains(tail))
}

/// Is `host` one of the shop's own, or below one?
fn is_own(host: &str, own: &str) -> bool {
    let own = own.trim().to_ascii_lowercase();
    let own = match own.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => own.as_str(),
    };
    let own = own.trim_end_matches('.');
    let own = own.strip_prefix("www.").unwrap_or(own);
    !own.is_empty() && host.strip_suffix(own).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// A bank's page that checks a card (3-D Secure): `acs.bank.example`, `emv3ds.bank.example`, `check.acs.provider.example`.
fn is_card_check(host: &str) -> bool {
    let labels: Vec<&str> = host.split('.').collect();
    // The name that was registered is anybody's.
    let registered = without_country(&labels).map_or(1, |brand| labels.len() - brand.len()) + 1;
    let below = &labels[..labels.len().saturating_sub(registered)];
    let Some(first) = below.first() else { return false };
    let is_numbered =
        |word: &str| first.strip_prefix(word).is_some_and(|end| end.bytes().all(|b| b.is_ascii_digit() || b == b'-'));
    ["acs", "vbv"].into_iter().any(is_numbered)
        || ["acs-", "tds-", "vbv-", "3-ds", "3d-secure", "secure3d"].iter().any(|start| first.starts_with(start))
        || ["3ds", "threeds"].iter().any(|mark| first.contains(mark))
        || below.iter().any(|label| matches!(*label, "acs" | "3ds" | "3dsecure"))
}

/// The labels before a country domain: `google` of `google.com.ua`, `google.pl`, `google.com`.
fn without_country<'a, 'b>(labels: &'b [&'a str]) -> Option<&'b [&'a str]> {
    let [brand @ .., last] = labels else { return None };
    let is_top = |label: &str| label.len() == 2 || matches!(label, "com" | "net" | "org" | "cat");
    if !is_top(last) || brand.is_empty() {
        return None;
    }
    match brand {
        [shorter @ .., second]
            if last.len() == 2 && !shorter.is_empty() && matches!(*second, "com" | "co" | "org" | "net") =>
        {
            Some(shorter)
        }
        _ => Some(brand),
    }
}

#[derive(Default)]
struct Sources {
    exact: HashMap<String, Known>,
    suffixes: HashMap<String, Known>,
    exact_brands: HashMap<String, Known>,
    brands: HashMap<String, Known>,
    names: HashMap<&'static str, Known>,
}

static SOURCES: LazyLock<Sources> = LazyLock::new(|| {
    let mut sources = Sources::default();
    for line in include_str!("data/sources.tsv").lines().filter(|line| !line.starts_with('#')) {
        let mut fields = line.split('\t');
        let (Some(name), Some(kind), Some(hosts), Some(spellings)) =
            (fields.next(), fields.next().and_then(Kind::read), fields.next(), fields.next())
        else {
            continue;
        };
        let known = Known { name, kind };
        for host in hosts.split(' ').filter(|host| *host != "-") {
            let (host, is_exact) = host.strip_prefix('=').map_or((host, false), |host| (host, true));
            let (host, is_brand) = host.strip_suffix(".*").map_or((host, false), |host| (host, true));
            let map = match (is_exact, is_brand) {
                (true, true) => &mut sources.exact_brands,
                (true, false) => &mut sources.exact,
                (false, true) => &mut sources.brands,
                (false, false) => &mut sources.suffixes,
            };
            map.insert(host.to_ascii_lowercase(), known);
        }
        sources.names.insert(name, known);
        sources.names.extend(spellings.split(' ').filter(|word| *word != "-").map(|word| (word, known)));
    }
    sources
});

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_line_of_the_data_is_read() {
        let lines = include_str!("data/sources.tsv").lines().filter(|line| !line.starts_with('#'));
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
        fn any_host_may_be_asked_for(host in "\\PC*|[a-z.]{0,40}") {
            known(&host);
            kind_of(&host);
            usual_name(&host);
        }
    }
}
