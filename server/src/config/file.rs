//! Reading `Leptos.toml`: one line on what is wrong and where.

use std::path::Path;

use super::Config;

/// Why the configuration cannot be used: one line that names the file, the key and what is allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadConfig(String);

impl BadConfig {
    /// The file cannot be read.
    pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        Self(format!("{}: {error}", path.display()))
    }
}

/// Reads the text of the file at `path`.
pub(super) fn parse(path: &Path, text: &str) -> Result<Config, BadConfig> {
    let config: Config = toml::from_str(text).map_err(|error| {
        let place = error.span().map_or_else(String::new, |span| place(text, span.start));
        // Only the first line: what follows would be a drawing of the file, which may hold a password.
        let why = error.message().lines().next().unwrap_or("unreadable").to_owned();
        BadConfig(format!("{}{place}: {why}", path.display()))
    })?;
    match config.contradiction() {
        Some(why) => Err(BadConfig(format!("{}: {why}", path.display()))),
        None => Ok(config),
    }
}

/// Where `offset` lies: ` line 7, [site] addr`.
fn place(text: &str, offset: usize) -> String {
    let (before, rest) = text.split_at_checked(offset).unwrap_or((text, ""));
    let number = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = text[start..].lines().next().unwrap_or(rest);
    let key = line.split_once('=').map_or("", |(key, _)| key.trim());
    let section = before.lines().map(str::trim).rfind(|line| line.starts_with('[') && line.ends_with(']'));
    let names = [section.unwrap_or(""), key].join(" ");
    if names.trim().is_empty() { format!(" line {number}") } else { format!(" line {number}, {}", names.trim()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config, BadConfig> {
        parse(Path::new("Leptos.toml"), text)
    }

    #[test]
    fn an_empty_file_is_the_defaults() {
        let config = read("").unwrap();
        assert_eq!(config.site.addr.to_string(), "127.0.0.1:3000");
        assert_eq!(config.database.url.0, "sqlite:data/dispatcher.db");
        assert_eq!(config.store.timezone.name(), "Europe/Kyiv");
        assert!(config.tracking.enabled && config.tracking.trusted_proxies.is_empty());
        assert_eq!(config.tracking.max_new_values, 50_000);
    }

    #[test]
    fn the_file_of_the_repository_says_the_defaults() {
        let text = include_str!("../../../Leptos.toml");
        assert_eq!(format!("{:?}", read(text).unwrap()), format!("{:?}", Config::default()));
    }

    #[test]
    fn every_mistake_is_one_line_with_file_key_and_what_is_allowed() {
        let cases = [
            ("[site]\naddr = \"3000\"", "line 2, [site] addr: “3000” is not an address with a port"),
            ("[site]\nadr = \"x\"", "line 2, [site] adr: unknown field `adr`, expected one of `addr`"),
            ("[sites]\n", "unknown field `sites`, expected one of `site`, `database`"),
            ("[store]\ntimezone = \"Kiev\"", "[store] timezone: “Kiev” is not a time zone"),
            ("[store]\ncurrency = \"грн\"", "[store] currency: “грн” is not a currency's three capital letters"),
            ("[tracking]\ntrusted_proxies = [\"10.0.0.0/33\"]", "[tracking] trusted_proxies: “10.0.0.0/33” is not"),
            (
                "[tracking]\nconsent = \"ask\"",
                "[tracking] consent: unknown variant `ask`, expected one of `full`, `cookieless`",
            ),
            ("[tracking]\naddress_header = \"a b\"", "[tracking] address_header: “a b” is not the name of a header"),
            (
                "[tracking]\naddress_header = \"X-Real-IP\"",
                "[tracking] address_header is “x-real-ip” while trusted_proxies is empty",
            ),
            ("[tracking]\nqueue = 0", "[tracking] queue: 0 is not a whole number of 1 or more"),
            ("[tracking]\nenabled = \"yes\"", "[tracking] enabled: invalid type: string \"yes\", expected a boolean"),
            (
                "[tracking]\nallowed_origins = [\"shop.example\"]",
                "[tracking] allowed_origins: “shop.example” is not a site",
            ),
            ("[tracking]\nextra_actions = [\"Quick view\"]", "[tracking] extra_actions: “Quick view” is not 1 to 64"),
            ("[site]\npublic_url = \"shop.example\"", "[site] public_url: “shop.example” is not"),
            ("[site]\nadmin_host = \"https://x\"", "[site] admin_host: “https://x” is not"),
            (
                "[privacy]\naddress = \"half\"",
                "[privacy] address: unknown variant `half`, expected one of `whole`, `cut`",
            ),
            ("[site\n", "line 1"),
        ];
        for (text, expected) in cases {
            let said = read(text).unwrap_err().to_string();
            assert!(said.starts_with("Leptos.toml") && said.contains(expected), "{text:?} gave {said:?}");
            assert_eq!(said.lines().count(), 1, "{said}");
        }
    }

    #[test]
    fn no_password_is_ever_shown() {
        let config = read("[database]\nurl = \"postgres://shop:s3cret@db.example:5433/shop?password=s3cret\"").unwrap();
        let shown = format!("{config:?} {}", config.database.url);
        assert!(!shown.contains("s3cret"), "{shown}");
        assert_eq!(config.database.url.to_string(), "postgres://db.example:5433/shop");
        let said = read("[database]\nurl = [\"postgres://shop:s3cret@db\"]").unwrap_err().to_string();
        assert!(!said.contains("s3cret"), "{said}");
    }

    #[test]
    fn a_single_address_is_a_network() {
        let config = read("[tracking]\ntrusted_proxies = [\"127.0.0.1\", \"10.0.0.0/8\", \"::1\"]").unwrap();
        let networks: Vec<_> = config.tracking.trusted_proxies.iter().map(ToString::to_string).collect();
        assert_eq!(networks, ["127.0.0.1/32", "10.0.0.0/8", "::1/128"]);
    }
}
