//! Device, operating system and browser of a visitor.

use std::num::NonZeroUsize;
use std::sync::Arc;

use lru::LruCache;
use uaparser::{Parser, UserAgentParser};

use super::hints::Hints;
use super::text;
use crate::model::visitor::{Agent, Client, Device};

/// So many agents are remembered.
const CACHE: NonZeroUsize = NonZeroUsize::new(4096).expect("not zero");
/// A name or version is kept up to so many characters.
const MAX_CHARS: usize = 64;

/// Knows what agents stand for, by uap-core's rules. Costs about 30 MB and a second to make; an agent that was not seen
/// lately costs some 300 µs. For one thread: each thread that parses would build automata of its own.
pub struct Agents {
    parser: UserAgentParser,
    cache: LruCache<Agent, Arc<Client>>,
}

impl Default for Agents {
    fn default() -> Self {
        Self::new()
    }
}

impl Agents {
    /// Reads the rules.
    pub fn new() -> Self {
        let parser = UserAgentParser::builder()
            .with_unicode_support(false)
            .build_from_bytes(include_bytes!("data/regexes.yaml"))
            .expect("the rules are constant and tested");
        Self { parser, cache: LruCache::new(CACHE) }
    }

    /// The client that `agent` stands for. What its hints say wins over its `User-Agent`.
    pub fn client(&mut self, agent: &Agent) -> Arc<Client> {
        if let Some(client) = self.cache.get(agent) {
            return Arc::clone(client);
        }
        let client = Arc::new(parse(&self.parser, agent));
        self.cache.put(agent.clone(), Arc::clone(&client));
        client
    }
}

fn parse(parser: &UserAgentParser, agent: &Agent) -> Client {
    let hints = Hints::of(agent);
    // Chrome on Android calls every device `K` and every version 10; the model is in the hints.
    let is_frozen = agent.user_agent.contains("Android 10; K)");
    let user_agent = match &hints.model {
        Some(model) if is_frozen => agent.user_agent.replacen("; K)", &format!("; {model})"), 1),
        _ => agent.user_agent.clone(),
    };
    let mut parsed = parser.parse(&user_agent);
    // Who comes this far is a person, whatever their phone is called.
    let device_name = device_name(&user_agent);
    let unnamed = device_name.filter(|_| is_program(&parsed)).map(|name| user_agent.replacen(name, "K", 1));
    if let Some(unnamed) = &unnamed {
        parsed = parser.parse(unnamed);
    }
    let open_harmony = open_harmony(&user_agent);
    let agent_os = named(&parsed.os.family).or_else(|| open_harmony.map(|_| "OpenHarmony".to_owned()));
    let os = hints.os.filter(|os| !(*os == "Linux" && agent_os.is_some() && agent_os.as_deref() != Some("Android")));
    let os = os.map(str::to_owned).or(agent_os.clone());
    let agent_version = if is_frozen || os != agent_os {
        None
    } else {
        version(parsed.os.major.as_deref(), parsed.os.minor.as_deref()).or(open_harmony.map(str::to_owned))
    };
    let is_unnamed =
        |name: &str| name.starts_with("Generic") || matches!(name, "K" | "Smartphone" | "Feature Phone" | "Tablet");
    let brand = parsed.device.brand.as_deref().and_then(named).filter(|brand| !is_unnamed(brand));
    let model = parsed.device.model.as_deref().and_then(named).filter(|model| !is_unnamed(model));
    // Of Huawei's browser uap-core takes the second word for the model.
    let is_misread = unnamed.is_some() || model.as_deref() == Some("Browser");
    let model = if is_misread { device_name.and_then(named) } else { model }.or(hints.model.clone());
    let brand = brand.or_else(|| model.as_deref().and_then(maker).map(str::to_owned));
    let agent_browser = named(&parsed.user_agent.family);
    let hinted = hints.browser.filter(|_| agent_browser.as_deref().is_none_or(|name| REPLACEABLE.contains(&name)));
    let (browser, browser_version) = match hinted {
        Some(name) => (Some(name.to_owned()), hints.browser_version.clone()),
        None => (agent_browser, parsed.user_agent.major.as_deref().and_then(named)),
    };
    Client {
        device: device(&user_agent, os.as_deref(), model.as_deref(), &hints),
        brand: brand.map(short),
        model: model.map(short),
        os: os.map(short),
        os_version: hints.os_version.or(agent_version).map(short),
        browser: browser.map(short),
        browser_version: browser_version.map(short),
        language: agent.language.clone(),
    }
}

/// Does uap-core take the agent for a program's?
fn is_program(client: &uaparser::Client<'_>) -> bool {
    let family = client.user_agent.family.to_ascii_lowercase();
    client.device.family == "Spider" || ["bot", "spider", "crawl"].iter().any(|word| family.contains(word))
}

/// What an agent of Android or `HarmonyOS` calls its device: `NOH-AN00` of `(Linux; Android 12; HarmonyOS; NOH-AN00; HMSCore 6)`.
fn device_name(user_agent: &str) -> Option<&str> {
    let (_, comment) = user_agent.split_once('(')?;
    let (comment, _) = comment.split_once(')')?;
    let mut parts = comment.split(';').map(str::trim).skip_while(|part| !part.starts_with("Android "));
    parts.next()?;
    let is_name = |part: &&str| !part.is_empty() && !matches!(*part, "HarmonyOS" | "U" | "wv") && !is_language(part);
    let name = parts.find(is_name)?;
    Some(name.split(" Build/").next().unwrap_or(name))
}

/// `uk`, `uk-ua`: old browsers of Android say which language they speak.
fn is_language(part: &str) -> bool {
    let is_letters = |word: &str| word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    part.split(['-', '_']).all(is_letters)
}

/// The version of `OpenHarmony`, which uap-core does not know.
fn open_harmony(user_agent: &str) -> Option<&str> {
    let (_, rest) = user_agent.split_once("OpenHarmony ")?;
    let version = rest.split([')', ';', ' ']).next()?.trim_end_matches(".0");
    (!version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')).then_some(version)
}

/// Browsers of which the `User-Agent` does not tell the maker.
const REPLACEABLE: [&str; 8] =
    ["Chrome", "Chrome Mobile", "Chromium", "Chrome Mobile WebView", "Edge", "Edge Mobile", "Opera", "Opera Mobile"];

/// Marks of televisions, consoles, glasses and cars in agents, in lower case.
const NO_FORM: [&str; 44] = [
    "smart-tv",
    "smarttv",
    "smart tv",
    "hbbtv",
    "googletv",
    "google tv",
    "appletv",
    "apple tv",
    "android tv",
    "androidtv",
    "netcast",
    "web0s",
    "webos.tv",
    "webostv",
    "bravia",
    "crkey",
    "roku",
    "viera",
    "nettv",
    "inettv",
    "philipstv",
    "opera tv",
    "tv safari",
    "tv store",
    "dtv",
    "mitv",
    "mibox",
    "large screen",
    "; aft",
    "playstation",
    "nintendo",
    "xbox",
    "shield android",
    "oculus",
    "quest ",
    "qtcarbrowser",
    "tesla/",
    "boxee",
    "ce-html",
    "settop",
    "set-top",
    "stb",
    "tsbnettv",
    "ouya",
];

/// Marks of tablets that call themselves phones, or say neither.
const TABLETS: [&str; 16] = [
    "ipad",
    "tablet;",
    "tablet ",
    "playbook",
    "kindle",
    "silk-accelerated",
    "mediapad",
    "matepad",
    "galaxy tab",
    "lenovo tab",
    "lenovo tb-",
    "xoom",
    "nexus 7",
    "nexus 9",
    "nexus 10",
    "hp-tablet",
];

fn device(user_agent: &str, os: Option<&str>, model: Option<&str>, hints: &Hints) -> Device {
    let agent = user_agent.to_ascii_lowercase();
    let has = |marks: &[&str]| marks.iter().any(|mark| agent.contains(mark));
    if has(&NO_FORM) {
        return Device::Unknown;
    }
    let is_windows = os.is_some_and(|os| {
        os.starts_with("Windows") && !os.starts_with("Windows Phone") && os != "Windows Mobile" && os != "Windows CE"
    });
    if is_windows && !has(&["iemobile", "windows phone"]) {
        return Device::Desktop;
    }
    if has(&TABLETS) && !has(&["windows nt"]) || model.is_some_and(is_tablet_model) {
        return Device::Tablet;
    }
    match os {
        Some("iOS") => Device::Mobile,
        Some("OpenHarmony") if has(&["(pc;", "2in1;"]) => Device::Desktop,
        Some("Android" | "HarmonyOS" | "OpenHarmony") => {
            // Android's convention: phones say `Mobile`, tablets do not.
            let is_phone = hints.is_mobile.unwrap_or_else(|| {
                !agent.starts_with("mozilla/") || has(&["mobile", "mini/", "opera mobi", "ucbrowser", "fban", "fb_iab"])
            });
            if is_phone { Device::Mobile } else { Device::Tablet }
        }
        Some("Mac OS X" | "Mac OS" | "Linux" | "Chrome OS") => {
            if has(&["mobile;", "opera mobi"]) {
                Device::Mobile
            } else {
                Device::Desktop
            }
        }
        Some(os) if DESKTOPS.contains(&os) => Device::Desktop,
        Some(
            "Windows Phone" | "Windows Mobile" | "Windows CE" | "BlackBerry OS" | "KaiOS" | "Firefox OS" | "Bada"
            | "webOS" | "Maemo" | "MeeGo" | "Brew MP" | "Series 30" | "Nokia Series 40" | "Nokia Series 60",
        ) => Device::Mobile,
        Some(os) if os.starts_with("Symbian") || os.starts_with("Windows Phone") || os.starts_with("BlackBerry") => {
            Device::Mobile
        }
        _ if has(&[
            "midp",
            "up.browser",
            "mobile",
            "phone",
            "opera mini",
            "opera mobi",
            "ucweb",
            "symbian",
            "series60",
            "blackberry",
        ]) =>
        {
            Device::Mobile
        }
        _ if hints.is_mobile == Some(true) => Device::Mobile,
        _ => Device::Unknown,
    }
}

/// Systems of computers by uap-core's names, besides the large ones.
const DESKTOPS: [&str; 26] = [
    "Ubuntu",
    "Debian",
    "Fedora",
    "Red Hat",
    "CentOS",
    "SUSE",
    "openSUSE",
    "Gentoo",
    "Slackware",
    "Mandriva",
    "Linux Mint",
    "Arch Linux",
    "Puppy",
    "PCLinuxOS",
    "Kubuntu",
    "Lubuntu",
    "Xubuntu",
    "FreeBSD",
    "OpenBSD",
    "NetBSD",
    "DragonFly BSD",
    "Solaris",
    "BeOS",
    "Haiku",
    "AIX",
    "OS/2",
];

/// Samsung's and others' naming: `SM-T510`, `SM-X200`, `Lenovo TB-X304L`, `KFTRWI`.
fn is_tablet_model(model: &str) -> bool {
    let upper = model.to_ascii_uppercase();
    let starts = [
        "SM-T",
        "SM-X",
        "SM-P",
        "GT-P",
        "GT-N80",
        "GT-N51",
        "TB-",
        "TB1",
        "TB2",
        "TB3",
        "KF",
        "YOGA TAB",
        "TAB ",
        "PIXEL TABLET",
        "PIXEL C",
        "MI PAD",
        "REDMI PAD",
        "XIAOMI PAD",
        "IPAD",
    ];
    starts.iter().any(|start| upper.starts_with(start))
        || upper.split([' ', '_', '-']).any(|word| matches!(word, "PAD" | "TAB" | "TABLET" | "IPAD"))
}

/// The makers of models that uap-core does not know yet, by its names.
fn maker(model: &str) -> Option<&'static str> {
    const MAKERS: [(&str, &str); 17] = [
        ("SM-", "Samsung"),
        ("GT-", "Samsung"),
        ("Redmi", "XiaoMi"),
        ("POCO", "XiaoMi"),
        ("Mi ", "XiaoMi"),
        ("Pixel", "Google"),
        ("moto", "Motorola"),
        ("Nokia", "Nokia"),
        ("CPH", "Oppo"),
        ("RMX", "Realme"),
        ("CUBOT", "Cubot"),
        ("TECNO", "Tecno"),
        ("Infinix", "Infinix"),
        ("ONEPLUS", "OnePlus"),
        ("HUAWEI", "Huawei"),
        ("Hisense", "Hisense"),
        ("iPhone", "Apple"),
    ];
    MAKERS.iter().find(|(start, _)| model.starts_with(start)).map(|(_, maker)| *maker)
}

/// uap-core's word for what it does not know is `Other`.
fn named(name: &str) -> Option<String> {
    let name = name.trim();
    (!name.is_empty() && name != "Other").then(|| name.to_owned())
}

/// `17.5`; `14` of `14.0`.
fn version(major: Option<&str>, minor: Option<&str>) -> Option<String> {
    let major = major.and_then(named)?;
    Some(match minor.and_then(named) {
        Some(minor) if minor != "0" => format!("{major}.{minor}"),
        _ => major,
    })
}

fn short(name: String) -> String {
    match text::cut(&name, MAX_CHARS) {
        whole if whole.len() == name.len() => name,
        cut => cut.to_owned(),
    }
}

#[cfg(test)]
mod tests;
