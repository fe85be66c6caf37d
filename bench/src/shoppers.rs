//! Who visits: browsers' agents, the links they came by, and requests made of both, the same for the same seed.

use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A source of requests.
pub struct Shoppers {
    random: ChaCha8Rng,
    agents: Vec<&'static str>,
    /// Client addresses, as a proxy in front of the server names them.
    addresses: Vec<String>,
}

impl Shoppers {
    /// Shoppers at some thousand addresses.
    pub fn new(seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let addresses = (0..4_000)
            .map(|_| {
                let [first, second, third, fourth]: [u8; 4] = random.random();
                format!("{}.{second}.{third}.{fourth}", 11 + first % 88)
            })
            .collect();
        Self { random, agents: AGENTS.lines().collect(), addresses }
    }

    /// A page's request, up to the cookie: `Cookie: …` and the empty line are still to come.
    pub fn request(&mut self) -> String {
        let query = self.query();
        let random = &mut self.random;
        let agent = self.agents.choose(random).copied().unwrap_or_default();
        let address = self.addresses.choose(random).map_or("", String::as_str);
        let referrer = match random.random_range(0..10) {
            0..4 => "",
            place => REFERRERS[place % REFERRERS.len()],
        };
        format!(
            "GET /{query} HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: {agent}\r\n{}{referrer}\
             Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n\
             Accept-Language: uk-UA,uk;q=0.9,en-US;q=0.8,en;q=0.7\r\nSec-Fetch-Dest: document\r\n\
             Sec-Fetch-Mode: navigate\r\nSec-Fetch-Site: cross-site\r\nUpgrade-Insecure-Requests: 1\r\n\
             X-Forwarded-For: {address}\r\n",
            hints(agent),
        )
    }

    /// Four of ten come by a tagged link, two with a click id (some of them tagged too), the others with nothing.
    fn query(&mut self) -> String {
        let random = &mut self.random;
        let tagged = random.random_bool(0.4).then(|| {
            let (source, medium) = LINKS.choose(random).copied().unwrap_or_default();
            // Few campaigns bring most of the visits.
            let campaign = (random.random::<f64>().powi(3) * 60.0).floor();
            let content = random.random_range(0..8);
            format!(
                "utm_source={source}&utm_medium={medium}&utm_campaign=autumn_{campaign}&utm_content=banner-{content}"
            )
        });
        let clicked = random.random_bool(0.2).then(|| {
            let name = CLICK_IDS.choose(random).copied().unwrap_or_default();
            format!("{name}=Cj0KCQ{:016x}{:016x}", random.random::<u64>(), random.random::<u64>())
        });
        match (tagged, clicked) {
            (Some(tagged), Some(clicked)) => format!("?{tagged}&{clicked}"),
            (Some(one), None) | (None, Some(one)) => format!("?{one}"),
            (None, None) => String::new(),
        }
    }

    /// Is the next visitor one of the share that was here before?
    pub fn returns(&mut self, share: f64) -> bool {
        self.random.random_bool(share)
    }

    /// One of so many, by chance.
    pub fn one_of(&mut self, count: usize) -> usize {
        self.random.random_range(0..count.max(1))
    }
}

/// The hints that Chromium sends with every request.
fn hints(agent: &str) -> String {
    let Some((_, version)) = agent.split_once("Chrome/").filter(|_| !agent.contains("; wv)")) else {
        return String::new();
    };
    let version = version.split('.').next().unwrap_or_default();
    let has = |mark: &str| agent.contains(mark);
    let platforms = [("Android", "Android"), ("Windows", "Windows"), ("Macintosh", "macOS"), ("CrOS", "Chrome OS")];
    let platform = platforms.into_iter().find(|(mark, _)| has(mark)).map_or("Linux", |(_, name)| name);
    format!(
        "Sec-CH-UA: \"Chromium\";v=\"{version}\", \"Not=A?Brand\";v=\"24\", \"Google Chrome\";v=\"{version}\"\r\n\
         Sec-CH-UA-Mobile: ?{}\r\nSec-CH-UA-Platform: \"{platform}\"\r\n",
        u8::from(has("Mobile")),
    )
}

const LINKS: [(&str, &str); 9] = [
    ("facebook", "cpc"),
    ("instagram", "paid_social"),
    ("google", "cpc"),
    ("tiktok", "cpm"),
    ("telegram", "post"),
    ("newsletter", "email"),
    ("rozetka", "marketplace"),
    ("fb", "cpc"),
    ("youtube", "video"),
];

const CLICK_IDS: [&str; 4] = ["gclid", "fbclid", "ttclid", "gbraid"];

const REFERRERS: [&str; 6] = [
    "Referer: https://www.google.com/\r\n",
    "Referer: https://l.facebook.com/\r\n",
    "Referer: https://www.instagram.com/\r\n",
    "Referer: https://chatgpt.com/\r\n",
    "Referer: https://blog.example.org/reviews/hoodies?page=2\r\n",
    "Referer: https://duckduckgo.com/\r\n",
];

/// Browsers of people, one on each line.
const AGENTS: &str = include_str!("agents.txt");
