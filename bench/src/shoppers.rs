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
        let (query, referrer) = self.way();
        let random = &mut self.random;
        let agent = self.agents.choose(random).copied().unwrap_or_default();
        let address = self.addresses.choose(random).map_or("", String::as_str);
        let referrer = if referrer.is_empty() { String::new() } else { format!("Referer: {referrer}\r\n") };
        format!(
            "GET /{query} HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: {agent}\r\n{}{referrer}\
             Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n\
             Accept-Language: uk-UA,uk;q=0.9,en-US;q=0.8,en;q=0.7\r\nSec-Fetch-Dest: document\r\n\
             Sec-Fetch-Mode: navigate\r\nSec-Fetch-Site: cross-site\r\nUpgrade-Insecure-Requests: 1\r\n\
             X-Forwarded-For: {address}\r\n",
            hints(agent),
        )
    }

    /// By which link: its query and its referrer. Four of ten come by the tagged link of a campaign, half of them with its click id;
    /// one by a click id alone; the others with nothing, three from another site.
    fn way(&mut self) -> (String, &'static str) {
        let random = &mut self.random;
        let kind = random.random_range(0..10);
        if kind > 4 {
            let referrer = if kind > 6 { REFERRERS.choose(random).copied().unwrap_or_default() } else { "" };
            return (String::new(), referrer);
        }
        // Few campaigns bring most of the visits, and each runs in one place.
        let (low, high) = (random.random_range(0..CAMPAIGNS), random.random_range(0..CAMPAIGNS));
        let campaign = low.min(high).min(random.random_range(0..CAMPAIGNS));
        let (source, medium, click_id, referrer) = LINKS[campaign % LINKS.len()];
        let content = random.random_range(0..8);
        let tagged = format!(
            "utm_source={source}&utm_medium={medium}&utm_campaign=autumn_{campaign}&utm_content=banner-{content}"
        );
        let clicked = format!("{click_id}=Cj0KCQ{:016x}{:016x}", random.random::<u64>(), random.random::<u64>());
        let query = match kind {
            _ if click_id.is_empty() => format!("?{tagged}"),
            0..2 => format!("?{tagged}&{clicked}"),
            2..4 => format!("?{tagged}"),
            _ => format!("?{clicked}"),
        };
        (query, if random.random_bool(0.6) { referrer } else { "" })
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

const CAMPAIGNS: usize = 60;

/// Source, medium, click id and referrer of the places where campaigns run.
const LINKS: [(&str, &str, &str, &str); 9] = [
    ("facebook", "cpc", "fbclid", "https://l.facebook.com/"),
    ("instagram", "paid_social", "fbclid", "https://l.instagram.com/"),
    ("google", "cpc", "gclid", "https://www.google.com/"),
    ("tiktok", "cpm", "ttclid", "https://www.tiktok.com/"),
    ("telegram", "post", "", ""),
    ("newsletter", "email", "", ""),
    ("rozetka", "marketplace", "", "https://rozetka.com.ua/"),
    ("fb", "cpc", "fbclid", "https://m.facebook.com/"),
    ("youtube", "video", "gbraid", "https://www.youtube.com/"),
];

/// Where the others come from.
const REFERRERS: [&str; 6] = [
    "https://www.google.com/",
    "https://l.facebook.com/",
    "https://www.instagram.com/",
    "https://chatgpt.com/",
    "https://blog.example.org/reviews/hoodies?page=2",
    "https://duckduckgo.com/",
];

/// Browsers of people, one on each line.
const AGENTS: &str = include_str!("agents.txt");
