//! Configuration: options before environment before `Leptos.toml` before defaults.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use chrono_tz::Tz;
use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de};
use utm_dispatcher::model::AddressPolicy;

use crate::track::person::ConsentMode;
use crate::track::proxy::Upstream;

mod file;
mod origin;

pub use file::BadConfig;
pub use origin::{Origin, SiteHost};

/// Everything that the server can be told, as `Leptos.toml` spells it. Relative paths start at the working directory.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// `[site]`
    pub site: Site,
    /// `[database]`
    pub database: Database,
    /// `[store]`
    pub store: Shop,
    /// `[storefront]`
    pub storefront: Storefront,
    /// `[tracking]`
    pub tracking: Tracking,
    /// `[privacy]`
    pub privacy: Privacy,
    /// `[geo]`
    pub geo: Geo,
    /// `[auth]`
    pub auth: Auth,
    /// `[limits]`
    pub limits: Limits,
    /// `[spool]`
    pub spool: Spool,
}

/// Where the server answers.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Site {
    /// The address to listen on.
    #[serde(deserialize_with = "address")]
    pub addr: SocketAddr,
    /// How people reach it: the basis of links, Origin checks, `Secure` and HSTS; never the Host header.
    #[serde(deserialize_with = "optional")]
    pub public_url: Option<Origin>,
    /// The only host on which login, dashboard and read APIs answer; on it nothing else does.
    #[serde(deserialize_with = "optional")]
    pub admin_host: Option<SiteHost>,
    /// What the build left for the browser; its `pkg` is served.
    pub site_root: PathBuf,
}

/// Where the facts are.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// The database's address.
    pub url: DatabaseUrl,
}

/// The shop's zone and money.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Shop {
    /// Whose days are days.
    #[serde(deserialize_with = "zone")]
    pub timezone: Tz,
    /// Three letters by ISO 4217; a currency of hundredths.
    #[serde(deserialize_with = "currency")]
    pub currency: String,
}

/// What stands behind the tracking layer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Storefront {
    /// The shop's own server; the demo shop when `None`.
    #[serde(deserialize_with = "optional")]
    pub upstream: Option<Upstream>,
    /// The header in which it is told the code of the visitor's session, in lower case; in none when `None`.
    #[serde(deserialize_with = "header_name")]
    pub code_header: Option<String>,
}

/// The tracking layer and its writer.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tracking {
    /// Is anything recorded?
    pub enabled: bool,
    /// Who may be known by a cookie.
    pub consent: ConsentMode,
    /// Peers whose word on a client's address is believed.
    #[serde(deserialize_with = "networks")]
    pub trusted_proxies: Vec<IpNet>,
    /// The header in which they tell it, in lower case; `X-Forwarded-For` when `None`.
    #[serde(deserialize_with = "header_name")]
    pub address_header: Option<String>,
    /// Hosts of the shop beside `public_url`: as referrers they count as none.
    pub own_hosts: Vec<String>,
    /// Origins of other sites whose pages may tell what happens on them.
    #[serde(deserialize_with = "origins")]
    pub allowed_origins: Vec<Origin>,
    /// Kinds of actions that the shop uses beside the known ones.
    #[serde(deserialize_with = "action_kinds")]
    pub extra_actions: Vec<String>,
    /// New campaign names, pages and the like that a day may add; the rest becomes `(other)`.
    pub max_new_values: u64,
    /// Requests that may wait for the writer.
    #[serde(deserialize_with = "at_least_one")]
    pub queue: usize,
}

/// What is kept of visitors, and for how long.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Privacy {
    /// How much is kept of addresses.
    pub address: AddressPolicy,
    /// Days after which whole addresses are cut; 0: never.
    pub address_days: u32,
    /// Days after which what identifies is removed from visits and orders; 0: never.
    pub retention_days: u32,
}

/// Where messages of the shop wait while the database takes none.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Spool {
    /// The file; a second server beside this one takes the same name with `.2` behind.
    pub file: PathBuf,
    /// Its bytes, taken from the disk at the first start.
    #[serde(deserialize_with = "at_least_one")]
    pub size: u64,
}

/// Places of addresses.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Geo {
    /// MaxMind databases, the best first; a missing one is a warning.
    pub databases: Vec<PathBuf>,
}

/// Logins.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    /// Days without a visit after which a login ends.
    #[serde(deserialize_with = "at_least_one")]
    pub login_days: u32,
    /// Failed logins that an address has within `attempt_minutes`.
    #[serde(deserialize_with = "at_least_one")]
    pub attempts: u32,
    /// Failed logins that an account has within `attempt_minutes`, from all addresses together.
    #[serde(deserialize_with = "at_least_one")]
    pub account_attempts: u32,
    /// Minutes after which failed logins are forgotten.
    #[serde(deserialize_with = "at_least_one")]
    pub attempt_minutes: u32,
}

/// What one client may take.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of a request's body on our own paths; the storefront's have no limit here.
    #[serde(deserialize_with = "at_least_one")]
    pub body: usize,
    /// Connections that are open at once; the next one waits.
    #[serde(deserialize_with = "at_least_one")]
    pub connections: u32,
    /// Seconds that the headers of a request may take, and that a connection may idle.
    #[serde(deserialize_with = "at_least_one")]
    pub header_seconds: u32,
}

impl Default for Site {
    fn default() -> Self {
        Self {
            addr: SocketAddr::from(([127, 0, 0, 1], 3000)),
            public_url: None,
            admin_host: None,
            site_root: "target/site".into(),
        }
    }
}

impl Default for Shop {
    fn default() -> Self {
        Self { timezone: Tz::Europe__Kyiv, currency: "UAH".into() }
    }
}

impl Default for Tracking {
    fn default() -> Self {
        Self {
            enabled: true,
            consent: ConsentMode::Full,
            trusted_proxies: Vec::new(),
            address_header: None,
            own_hosts: Vec::new(),
            allowed_origins: Vec::new(),
            extra_actions: Vec::new(),
            max_new_values: 50_000,
            queue: 65_536,
        }
    }
}

impl Default for Privacy {
    fn default() -> Self {
        Self { address: AddressPolicy::Whole, address_days: 30, retention_days: 0 }
    }
}

impl Default for Spool {
    fn default() -> Self {
        Self { file: "data/spool".into(), size: 64 << 20 }
    }
}

impl Default for Geo {
    fn default() -> Self {
        let names = ["dbip-city-ipv4", "dbip-city-ipv6", "geo-whois-asn-country-ipv4", "geo-whois-asn-country-ipv6"];
        Self { databases: names.iter().map(|name| format!("target/geo/{name}.mmdb").into()).collect() }
    }
}

impl Default for Auth {
    fn default() -> Self {
        Self { login_days: 30, attempts: 10, account_attempts: 30, attempt_minutes: 15 }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { body: 1 << 20, connections: 4096, header_seconds: 20 }
    }
}

impl Config {
    /// The file that is read when none is named.
    pub const FILE: &'static str = "Leptos.toml";

    /// Reads `named`; without a name [`Self::FILE`], and the defaults where there is none.
    pub fn read(named: Option<&Path>) -> Result<Self, BadConfig> {
        let path = named.unwrap_or(Path::new(Self::FILE));
        match std::fs::read_to_string(path) {
            Ok(text) => file::parse(path, &text),
            Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(BadConfig::unreadable(path, &error)),
        }
    }

    /// What two settings that are right by themselves make wrong together, if anything.
    fn contradiction(&self) -> Option<String> {
        let Tracking { trusted_proxies, address_header, .. } = &self.tracking;
        let header = address_header.as_ref().filter(|_| trusted_proxies.is_empty())?;
        Some(format!(
            "[tracking] address_header is “{header}” while trusted_proxies is empty, so that nobody's {header} is believed; \
             name the proxies that set it in trusted_proxies, as addresses or networks"
        ))
    }

    /// Where the dashboard lives, when the configuration says so: the basis of Origin checks and of the
    /// content policy.
    pub fn admin_origin(&self) -> Option<Origin> {
        match (&self.site.admin_host, &self.site.public_url) {
            (Some(host), public) => Some(Origin::of(public.as_ref().is_some_and(Origin::is_https), host)),
            (None, public) => public.clone(),
        }
    }

    /// Hosts of the shop: as referrers they count as none.
    pub fn own_hosts(&self) -> Vec<String> {
        let public = self.site.public_url.as_ref().map(|url| url.host().to_owned());
        self.tracking.own_hosts.iter().cloned().chain(public).collect()
    }

    /// Do people reach the site by https?
    pub fn is_https(&self) -> bool {
        self.site.public_url.as_ref().is_some_and(Origin::is_https)
    }
}

/// A database's address, whose password is never shown.
#[derive(Clone, Deserialize, PartialEq, Eq)]
#[serde(transparent)]
pub struct DatabaseUrl(pub String);

impl Default for DatabaseUrl {
    fn default() -> Self {
        Self("sqlite:data/dispatcher.db".into())
    }
}

impl FromStr for DatabaseUrl {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

/// The address without its password.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.starts_with("sqlite:") {
            return f.write_str(&self.0);
        }
        match url::Url::parse(&self.0) {
            Ok(url) => {
                let (host, path) = (url.host_str().unwrap_or("localhost"), url.path());
                match url.port() {
                    Some(port) => write!(f, "{}://{host}:{port}{path}", url.scheme()),
                    None => write!(f, "{}://{host}{path}", url.scheme()),
                }
            }
            Err(_) => f.write_str("(no address)"),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl DatabaseUrl {
    /// The file of a SQLite database; `None` for a server and for a database in memory.
    pub fn file(&self) -> Option<&Path> {
        let path = self.0.strip_prefix("sqlite:")?;
        let path = path.strip_prefix("//").unwrap_or(path);
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        (!path.is_empty() && path != ":memory:").then(|| Path::new(path))
    }
}

fn parsed<'de, D: Deserializer<'de>, T: FromStr>(deserializer: D, allowed: &str) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| de::Error::custom(format!("“{text}” is not {allowed}")))
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    parsed(deserializer, "an address with a port, like 127.0.0.1:3000 or [::]:3000")
}

fn zone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Tz, D::Error> {
    parsed(deserializer, "a time zone of the tz database, like Europe/Kyiv")
}

fn optional<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(deserializer: D) -> Result<Option<T>, D::Error> {
    String::deserialize(deserializer)?.parse().map(Some).map_err(de::Error::custom)
}

fn origins<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Origin>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.iter().map(|text| text.parse().map_err(de::Error::custom)).collect()
}

fn action_kinds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let kinds = Vec::<String>::deserialize(deserializer)?;
    let is_word = |kind: &String| {
        (1..=64).contains(&kind.len()) && kind.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
    };
    match kinds.iter().find(|kind| !is_word(kind)) {
        None => Ok(kinds),
        Some(kind) => Err(de::Error::custom(format!("“{kind}” is not 1 to 64 of a-z, 0-9 and _, like quick_view"))),
    }
}

fn currency<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(text);
    }
    Err(de::Error::custom(format!("“{text}” is not a currency's three capital letters, like UAH")))
}

fn header_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let name: http::HeaderName = parsed(deserializer, "the name of a header, like CF-Connecting-IP")?;
    Ok(Some(name.as_str().to_owned()))
}

fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.iter().map(|text| network(text).ok_or_else(|| de::Error::custom(not_network(text)))).collect()
}

/// A network, or a single address as the smallest of networks.
fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse().ok().map(|address: std::net::IpAddr| address.into()))
}

fn not_network(text: &str) -> String {
    format!("“{text}” is not a network in CIDR form, like 10.0.0.0/8 or ::1/128")
}

fn at_least_one<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default + PartialEq>(
    deserializer: D,
) -> Result<T, D::Error> {
    let number = T::deserialize(deserializer)?;
    if number == T::default() { Err(de::Error::custom("0 is not a whole number of 1 or more")) } else { Ok(number) }
}
