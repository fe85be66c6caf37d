//! Which agents are programs and not people.
//!
//! Three lists, asked in this order: names of crawlers (data, found by one automaton), the shape of the agent
//! (browsers begin with `Mozilla/` and name their engine), and words that programs use (data, one set of patterns).
//! What people's devices and apps are called is taken out first: a CUBOT phone is no bot.

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::{LazyLock, Mutex, PoisonError};

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};
use lru::LruCache;
use regex::bytes::{RegexSet, RegexSetBuilder};

use super::text;

/// A program that visits the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bot {
    /// Its name, or what gave it away.
    pub name: &'static str,
    /// What it does: `search`, `ai`, `seo`, `monitoring`, `preview`, `library` …
    pub category: &'static str,
}

/// So many agents are remembered.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(4096).expect("not zero");
/// So much of an agent is looked at, in bytes.
const MAX_AGENT: usize = 1024;

/// Parts of people's agents that contain the name or the mark of a program.
const INNOCENT: [&str; 30] = [
    "cubot",                    // phones
    "camscanner",               // an app
    "libhttp",                  // PlayStation
    "via translate.google.com", // a translated page, read by a person
    "google wap proxy",         // feature phones
    "googleweblight",           // a proxy for slow connections
    "alphaserver",              // a computer
    "googlesearch",             // Google's app on iOS
    "google/google",            // Pixel phones
    "duckduckgo/",              // a browser
    "securityupdate",           // a mark of old Windows
    "norton safe search",       // an extension of people's browsers
    "user-agent: mozilla",      // an extension that doubles the header's name
    "; m bot ",
    "b bot ",          // phones
    "dapper-security", // a release of Ubuntu
    "metaiab",         // Meta's browser inside its apps
    "sogoumobilebrowser",
    "sogoumse",
    "sogousearch",    // browsers
    "botech",         // televisions
    "qqdownload",     // an extension of people's browsers
    "splashtop",      // a system that starts fast
    "java/semc-java", // Sony Ericsson's phones
    "afma-sdk",
    "admob-isdk", // advertisements in apps
    ".catcher",   // versions of Opera on televisions
    "(majestic;", // televisions
    "reeder tv",
    "om_sd_sogou", // where an app was got from
];

/// What browsers say that do not begin with `Mozilla/`: those of feature phones, televisions and terminals, and apps
/// that show pages.
const OTHER_BROWSERS: [&str; 34] = [
    "midp",
    "up.browser",
    "up.link",
    "ucweb",
    "ucbrowser",
    "obigo",
    "netfront",
    "mqqbrowser",
    "blackberry",
    "symbian",
    "series60",
    "openwave",
    "dolfin",
    "teleca",
    "maui",
    "nokia",
    "sonyericsson",
    "samsung-",
    "docomo/",
    "applewebkit",
    "msie ",
    "presto/",
    "profile/",
    "wap-browser",
    "wap browser",
    "brew",
    "hbbtv/",
    "ce-html/",
    "[fban",
    "instagram ",
    "lynx/",
    "w3m/",
    "links (",
    "dillo/",
];

/// What an agent that begins with `Mozilla/` says besides.
const ENGINES: [&str; 23] = [
    "webkit",
    "gecko",
    "trident",
    "msie",
    "presto",
    "khtml",
    "opera",
    "netfront",
    "blackberry",
    "symbian",
    "nokia",
    "playstation",
    "nintendo",
    "series60",
    "iemobile",
    "edge/",
    "netscape",
    "palm",
    "galaxy/",
    "konqueror",
    "obigo",
    "ucbrowser",
    "polaris",
];

/// What browsers of today say that they run on.
const SYSTEMS: [&str; 36] = [
    "windows",
    "win64",
    "macintosh",
    "mac os",
    "linux",
    "x11",
    "android",
    "iphone",
    "ipad",
    "ipod",
    "cros",
    "crkey",
    "tizen",
    "webos",
    "web0s",
    "hpwos",
    "playstation",
    "ps3",
    "nintendo",
    "tv",
    "viera",
    "astro;",
    "symbian",
    "series60",
    "nokia",
    "blackberry",
    "bb10",
    "playbook",
    "phone",
    "mobile",
    "openharmony",
    "haiku",
    "amiga",
    "syllable",
    "bada",
    "profile/",
];

/// Browsers that say `compatible;` of themselves.
const COMPATIBLE: [&str; 10] =
    ["msie", "konqueror", "opera", "netfront", "trident", "galeon", "links", "omniweb", "polaris", "netscape"];

/// The program that `user_agent` names. An empty one is a program. Costs some microseconds for an agent that was not
/// seen lately.
pub fn bot(user_agent: &str) -> Option<Bot> {
    let seen = || SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(verdict) = seen().get(user_agent) {
        return *verdict;
    }
    let verdict = judge(user_agent);
    seen().put(user_agent.to_owned(), verdict);
    verdict
}

fn judge(user_agent: &str) -> Option<Bot> {
    let agent = user_agent.trim();
    if agent.is_empty() {
        return Some(Bot { name: "no agent", category: "empty" });
    }
    let end = text::cut(agent, MAX_AGENT).len().min(MAX_AGENT);
    let mut agent = agent.as_bytes()[..end].to_ascii_lowercase();
    for found in LISTS.innocent.find_iter(&agent.clone()) {
        agent[found.range()].fill(b'~');
    }
    by_name(&agent).or_else(|| by_shape(&agent)).or_else(|| {
        if let Some(device) = device(&agent) {
            agent[device].fill(b'~');
        }
        by_word(&agent)
    })
}

/// Where an Android browser names its device: makers call them as they like, “GO 3” and “C Bot Tab 100”. A robot that
/// puts its own name there adds where it comes from.
fn device(agent: &[u8]) -> Option<Range<usize>> {
    let start = memchr::memchr(b'(', agent)?;
    let end = start + memchr::memchr(b')', &agent[start..])?;
    let comment = &agent[start..end];
    let android = start + memchr::memmem::find(comment, b"android ")?;
    let is_owned = ["compatible", "http", "www.", "@", "crawler"].iter().any(|mark| contains(comment, mark));
    (agent.starts_with(b"mozilla/") && !is_owned && contains(&agent[end..], "webkit")).then_some(android..end)
}

/// Builds the automata, which the first agent would wait for.
pub fn prepare() {
    LazyLock::force(&LISTS);
}

fn by_name(agent: &[u8]) -> Option<Bot> {
    let found = LISTS.names.find(agent)?;
    LISTS.bots.get(found.pattern().as_usize()).copied()
}

fn by_word(agent: &[u8]) -> Option<Bot> {
    // Most agents are people's: that none of the words is there is cheaper to learn than which.
    if !LISTS.words.is_match(agent) {
        return None;
    }
    let first = LISTS.words.matches(agent).iter().next()?;
    LISTS.marks.get(first).copied()
}

fn by_shape(agent: &[u8]) -> Option<Bot> {
    let says = |words: &[&str]| words.iter().any(|word| contains(agent, word));
    let library = |name| Some(Bot { name, category: "library" });
    if agent.starts_with(b"opera/") {
        return None;
    }
    if !agent.starts_with(b"mozilla/") && !agent.starts_with(b"~") {
        return if says(&OTHER_BROWSERS) && !says(&["bot"]) { None } else { library("no browser") };
    }
    if !says(&ENGINES) {
        return library("no engine");
    }
    if says(&["applewebkit"]) && !says(&SYSTEMS) {
        return library("no system");
    }
    if says(&["compatible;"]) && !says(&COMPATIBLE) {
        return Some(Bot { name: "compatible with a browser", category: "other" });
    }
    None
}

fn contains(agent: &[u8], word: &str) -> bool {
    memchr::memmem::find(agent, word.as_bytes()).is_some()
}

/// What was said of agents lately: most requests come by few of them.
static SEEN: LazyLock<Mutex<LruCache<String, Option<Bot>>>> = LazyLock::new(|| Mutex::new(LruCache::new(REMEMBERED)));

struct Lists {
    innocent: AhoCorasick,
    names: AhoCorasick,
    bots: Vec<Bot>,
    words: RegexSet,
    marks: Vec<Bot>,
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let (bots, names): (Vec<Bot>, Vec<String>) =
        lines(include_str!("data/bots.tsv")).map(|(bot, piece)| (bot, piece.to_ascii_lowercase())).unzip();
    let (marks, words): (Vec<Bot>, Vec<&str>) = lines(include_str!("data/bot_words.tsv")).unzip();
    let automaton = |pieces: &[String]| {
        AhoCorasickBuilder::new()
            .match_kind(MatchKind::LeftmostLongest)
            .build(pieces)
            .expect("the data is constant and tested")
    };
    Lists {
        innocent: automaton(&INNOCENT.map(str::to_owned)),
        names: automaton(&names),
        bots,
        words: RegexSetBuilder::new(words).unicode(false).build().expect("the data is constant and tested"),
        marks,
    }
});

fn lines(data: &'static str) -> impl Iterator<Item = (Bot, &'static str)> {
    data.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut fields = line.splitn(3, '\t');
        let bot = Bot { category: fields.next()?, name: fields.next()? };
        Some((bot, fields.next()?))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_data_is_read() {
        assert!(LISTS.bots.len() > 1400);
        assert_eq!(LISTS.bots.len(), LISTS.names.patterns_len());
        assert_eq!(LISTS.marks.len(), LISTS.words.len());
    }

    #[test]
    fn fault_c7_programs_are_dropped() {
        let cases = [
            ("", "empty"),
            ("  ", "empty"),
            ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "search"),
            ("Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)", "search"),
            ("Go-http-client/1.1", "library"),
            ("curl/8.5.0", "library"),
            ("python-requests/2.32.3", "library"),
            ("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "preview"),
            ("WhatsApp/2.23.20.0 A", "library"),
            ("TelegramBot (like TwitterBot)", "preview"),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0.0.0 Safari/537.36",
                "automation",
            ),
            (
                "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
                "ai",
            ),
            ("Mozilla/5.0", "library"),
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "library"),
        ];
        for (agent, category) in cases {
            assert_eq!(bot(agent).map(|bot| bot.category), Some(category), "{agent}");
        }
    }

    #[test]
    fn fault_c7_people_stay() {
        for agent in [
            "Mozilla/5.0 (Linux; Android 11; CUBOT X50) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (Linux; Android 9; CUBOT_X18_Plus Build/PPR1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0 Mobile Safari/537.36",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 \
             [FBAN/FBIOS;FBAV/465.0.0.41.74;FBBV/602060281;FBDV/iPhone14,7;FBMD/iPhone;FBSN/iOS;FBSV/17.5;FBSS/3;FBID/phone;FBLC/uk_UA;FBOP/5]",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/21E236 \
             Instagram 330.0.0.18.91 (iPhone14,5; iOS 17_4_1; uk_UA; uk; scale=3.00; 1170x2532; 595587530)",
            "Mozilla/5.0 (Linux; Android 13; SM-A536B Build/TP1A.220624.014; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 \
             Chrome/124.0.6367.82 Mobile Safari/537.36 musical_ly_2023304030 JsSdk/1.0 NetType/WIFI Channel/googleplay \
             AppName/musical_ly app_version/33.4.3 ByteLocale/uk Region/UA AppId/1233 BytedanceWebview/d8a21c6",
            "Mozilla/5.0 (Linux; Android 14; 23021RAA2Y) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/127.0.6533.103 Mobile Safari/537.36 \
             Telegram-Android/11.2.3 (Xiaomi 23021RAA2Y; Android 14; SDK 34; AVERAGE)",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/20G75 [LinkedInApp]/9.29.6421",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Twitter for iPhone/10.44",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) GSA/320.0.644 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Mobile Safari/537.36",
        ] {
            assert_eq!(bot(agent), None, "{agent}");
        }
    }

    /// Samples that the rules were not written from (see LICENSES.md): of each at least 98 of 100 programs are dropped,
    /// at most 1 of 200 people.
    #[test]
    fn fault_c7_agents_that_others_labelled_are_judged_as_they_were() {
        let samples = [
            (include_str!("data/labelled_bots.txt"), include_str!("data/labelled_people.txt")),
            (include_str!("data/second_bots.txt"), include_str!("data/second_people.txt")),
        ];
        for (bots, people) in samples {
            let missed: Vec<String> = agents(bots).filter(|agent| bot(agent).is_none()).collect();
            let lost: Vec<String> = agents(people).filter(|agent| bot(agent).is_some()).collect();
            assert!(agents(bots).count() >= 100 && agents(people).count() >= 200);
            assert!(missed.len() * 100 <= agents(bots).count() * 2, "{missed:#?}");
            assert!(lost.len() * 200 <= agents(people).count(), "{lost:#?}");
        }
    }

    /// The programs and the apps that matter most, each of them.
    #[test]
    fn fault_c7_those_that_every_shop_meets_are_known() {
        for agent in agents(include_str!("data/met_bots.txt")) {
            assert!(bot(&agent).is_some(), "{agent}");
        }
        for agent in agents(include_str!("data/met_people.txt")) {
            assert_eq!(bot(&agent), None, "{agent}");
        }
    }

    /// The agents of a sample. `[.]` is a dot: so are hosts written that a search could take for those of package registries.
    fn agents(text: &str) -> impl Iterator<Item = String> {
        text.lines().filter(|line| !line.starts_with('#')).map(|line| line.replace("[.]", "."))
    }

    proptest! {
        #[test]
        fn any_agent_is_judged(agent in "\\PC*|[\\s\\S]{0,400}") {
            bot(&agent);
        }
    }
}
