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
    let host = usual_host(referrer).map(str::to_owned).or_else(|| any_host(referrer.trim()))?;
    let host = host.strip_suffix('.').unwrap_or(&host);
    let host = host.trim_start_matches("www.");
    // A label may not be empty: without it the host would be another one.
    if host.split('.').any(str::is_empty) {
        return None;
    }
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    (!host.is_empty() && host.len() <= MAX_HOST && host.chars().all(safe)).then(|| host.to_owned())
}

/// The host of an address in which nothing has to be read before it: nearly every referrer is such, and to read what an
/// address may be takes longer than all else of a referrer.
fn usual_host(referrer: &str) -> Option<&str> {
    let host = referrer.strip_prefix("https://")?.split('/').next()?;
    let top = host.rsplit('.').next()?;
    // One that ends with a number is an address in disguise, and Punycode may be wrong.
    let is_name = host.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.'))
        && !top.is_empty()
        && top.bytes().all(|byte| byte.is_ascii_lowercase())
        && !host.contains("xn--");
    is_name.then_some(host)
}

/// The host of any address from which visitors come.
fn any_host(referrer: &str) -> Option<String> {
    let url = Url::parse(referrer).ok()?;
    let is_place = matches!(url.scheme(), "http" | "https" | "android-app" | "ios-app");
    url.host_str().filter(|_| is_place).map(str::to_ascii_lowercase)
}

/// Reads the data, which the first referrer would wait for.
pub fn prepare() {
    LazyLock::force(&SOURCES);
}

/// What is known of `host`, by the longest entry that fits.
pub fn known(host: &str) -> Option<Known> {
    let sources = &*SOURCES;
    let ends = std::iter::once(0).chain(host.match_indices('.').map(|(dot, _)| dot + 1)).map(|start| &host[start..]);
    ends.enumerate().find_map(|(place, end)| {
        let exact = if place == 0 { sources.exact.get(end) } else { None };
        let found = exact.or_else(|| sources.suffixes.get(end)).copied();
        found.or_else(|| {
            let brand = without_country(end)?;
            let exact = if place == 0 { sources.exact_brands.get(brand) } else { None };
            exact.or_else(|| sources.brands.get(brand)).copied()
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
    let registered = without_country(host).map_or(1, |brand| labels.len() - brand.split('.').count()) + 1;
    let below = &labels[..labels.len().saturating_sub(registered)];
    let Some(first) = below.first() else { return false };
    let is_numbered =
        |word: &str| first.strip_prefix(word).is_some_and(|end| end.bytes().all(|b| b.is_ascii_digit() || b == b'-'));
    ["acs", "vbv"].into_iter().any(is_numbered)
        || ["acs-", "tds-", "vbv-", "3-ds", "3d-secure", "secure3d"].iter().any(|start| first.starts_with(start))
        || ["3ds", "threeds"].iter().any(|mark| first.contains(mark))
        || below.iter().any(|label| matches!(*label, "acs" | "3ds" | "3dsecure"))
}

/// What stands before a country domain: `google` of `google.com.ua`, `google.pl`, `google.com`.
fn without_country(host: &str) -> Option<&str> {
    let (brand, last) = host.rsplit_once('.')?;
    if last.len() != 2 && !matches!(last, "com" | "net" | "org" | "cat") {
        return None;
    }
    match brand.rsplit_once('.') {
        Some((shorter, "com" | "co" | "org" | "net")) if last.len() == 2 => Some(shorter),
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
mod tests;
