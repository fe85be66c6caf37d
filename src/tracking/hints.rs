//! What client hints (`Sec-CH-UA…`) say, by uap-core's names.

use crate::model::visitor::Agent;

/// The hints of a browser, read. `None` where it said nothing of use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// The operating system.
    pub os: Option<&'static str>,
    /// Its version.
    pub os_version: Option<String>,
    /// The browser.
    pub browser: Option<&'static str>,
    /// Its major version.
    pub browser_version: Option<String>,
    /// The device's model.
    pub model: Option<String>,
    /// Does it call itself a phone's browser?
    pub is_mobile: Option<bool>,
}

/// Brands by the names that uap-core has for them: on computers, on phones. The most specific first: every browser on
/// Chromium names `Chromium` as well.
const BRANDS: [(&str, &str, &str); 12] = [
    ("Microsoft Edge", "Edge", "Edge Mobile"),
    ("Opera", "Opera", "Opera Mobile"),
    ("Opera GX", "Opera", "Opera Mobile"),
    ("Opera Mobile", "Opera Mobile", "Opera Mobile"),
    ("Brave", "Brave", "Brave"),
    ("Vivaldi", "Vivaldi", "Vivaldi"),
    ("YaBrowser", "Yandex Browser", "Yandex Browser"),
    ("Yandex", "Yandex Browser", "Yandex Browser"),
    ("Samsung Internet", "Samsung Internet", "Samsung Internet"),
    ("DuckDuckGo", "DuckDuckGo", "DuckDuckGo Mobile"),
    ("Android WebView", "Chrome Mobile WebView", "Chrome Mobile WebView"),
    ("Google Chrome", "Chrome", "Chrome Mobile"),
];

impl Hints {
    /// Reads the hints of `agent`.
    pub fn of(agent: &Agent) -> Self {
        let is_mobile = agent.mobile.as_deref().and_then(|value| match value.trim() {
            "?1" => Some(true),
            "?0" => Some(false),
            _ => None,
        });
        let os = agent.platform.as_deref().and_then(word).as_deref().and_then(os_name);
        let version = agent.platform_version.as_deref().and_then(word);
        let brands = agent.brands.as_deref().map(quoted).unwrap_or_default();
        let (browser, browser_version) = browser(&brands, is_mobile == Some(true)).unzip();
        Self {
            os,
            os_version: version.and_then(|version| os_version(os?, &version)),
            browser,
            browser_version: browser_version.flatten(),
            model: agent.model.as_deref().and_then(word),
            is_mobile,
        }
    }
}

fn os_name(platform: &str) -> Option<&'static str> {
    Some(match platform {
        "Windows" => "Windows",
        "macOS" | "Mac OS X" => "Mac OS X",
        "Android" => "Android",
        "iOS" => "iOS",
        "Linux" => "Linux",
        "Chrome OS" | "Chromium OS" => "Chrome OS",
        _ => return None,
    })
}

/// Windows reports the version of an interface: 13 and later are Windows 11.
fn os_version(os: &str, version: &str) -> Option<String> {
    let mut parts = version.split('.');
    let major: u32 = parts.next()?.parse().ok()?;
    let minor: u32 = parts.next().unwrap_or("0").parse().ok()?;
    match (os, major, minor) {
        ("Windows", 0, 1) => Some("7".into()),
        ("Windows", 0, 2) => Some("8".into()),
        ("Windows", 0, 3) => Some("8.1".into()),
        ("Linux", ..) | ("Windows", 0, _) => None,
        ("Windows", 1..=12, _) => Some("10".into()),
        ("Windows", ..) => Some("11".into()),
        (_, major, 0) => Some(major.to_string()),
        (_, major, minor) => Some(format!("{major}.{minor}")),
    }
}

fn browser(brands: &[String], is_mobile: bool) -> Option<(&'static str, Option<String>)> {
    let pairs = || brands.chunks(2).filter_map(|pair| Some((pair.first()?, pair.get(1)?)));
    BRANDS.iter().find_map(|(brand, on_computers, on_phones)| {
        let (_, version) = pairs().find(|(name, _)| name == brand)?;
        let major =
            version.split('.').next().filter(|major| !major.is_empty() && major.bytes().all(|b| b.is_ascii_digit()));
        Some((if is_mobile { *on_phones } else { *on_computers }, major.map(str::to_owned)))
    })
}

/// The one string of a structured header, without its quotes; `None` if it is empty.
fn word(header: &str) -> Option<String> {
    let bare = quoted(header).into_iter().next().unwrap_or_else(|| header.trim().to_owned());
    (!bare.trim().is_empty() && bare != "Unknown").then(|| bare.trim().to_owned())
}

/// All quoted strings of a structured header, in their order.
fn quoted(header: &str) -> Vec<String> {
    let mut strings = Vec::new();
    let mut open: Option<String> = None;
    let mut chars = header.chars();
    while let Some(c) = chars.next() {
        match (&mut open, c) {
            (None, '"') => open = Some(String::new()),
            (None, _) => {}
            (Some(text), '\\') => text.extend(chars.next()),
            (Some(_), '"') => strings.extend(open.take()),
            (Some(text), c) => text.push(c),
        }
    }
    strings
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quoted_strings_are_found() {
        let brands = r#""Not)A;Brand";v="8", "Chromium";v="138", "Google \"Chrome\"";v="138""#;
        assert_eq!(quoted(brands), ["Not)A;Brand", "8", "Chromium", "138", "Google \"Chrome\"", "138"]);
        assert_eq!(quoted("\"open"), Vec::<String>::new());
        assert_eq!(word("\"\""), None);
        assert_eq!(word("Windows").as_deref(), Some("Windows"));
    }

    #[test]
    fn windows_versions_are_those_on_the_box() {
        for (hint, expected) in
            [("0.1.0", "7"), ("0.3.0", "8.1"), ("10.0.0", "10"), ("13.0.0", "11"), ("15.0.0", "11"), ("19.0.0", "11")]
        {
            assert_eq!(os_version("Windows", hint).as_deref(), Some(expected), "{hint}");
        }
        assert_eq!(os_version("Mac OS X", "14.5.0").as_deref(), Some("14.5"));
        assert_eq!(os_version("Android", "14.0.0").as_deref(), Some("14"));
        assert_eq!(os_version("Android", "x"), None);
        assert_eq!(os_version("Linux", "6.5.0"), None);
    }

    proptest! {
        #[test]
        fn any_hints_are_read(text in "\\PC*|[\"\\\\;=,a-z]{0,60}") {
            let hint = Some(text);
            Hints::of(&Agent {
                brands: hint.clone(), mobile: hint.clone(), platform: hint.clone(), platform_version: hint.clone(), model: hint,
                ..Agent::default()
            });
        }
    }
}
