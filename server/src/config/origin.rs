//! Origins and hosts as browsers write them.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// Scheme, host and port, as the `Origin` header writes them: `https://shop.example`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

/// A host with its port unless that is the scheme's own, as the `Host` header writes it: `admin.shop.example`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteHost(String);

/// Why a text is no public address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a site's address without a path, like https://shop.example")]
pub struct NotOrigin(String);

/// Why a text is no host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a host with an optional port, like admin.shop.example")]
pub struct NotHost(String);

impl FromStr for Origin {
    type Err = NotOrigin;

    fn from_str(text: &str) -> Result<Self, NotOrigin> {
        let wrong = || NotOrigin(text.to_owned());
        let url = Url::parse(text).map_err(|_| wrong())?;
        let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let is_anonymous = url.username().is_empty() && url.password().is_none();
        if !matches!(url.scheme(), "http" | "https") || !is_bare || !is_anonymous {
            return Err(wrong());
        }
        Ok(Self(url.origin().ascii_serialization()))
    }
}

impl FromStr for SiteHost {
    type Err = NotHost;

    fn from_str(text: &str) -> Result<Self, NotHost> {
        let wrong = || NotHost(text.to_owned());
        if text.is_empty() || text.contains(['/', '@', '?', '#', '\\']) || text.contains(char::is_whitespace) {
            return Err(wrong());
        }
        let url = Url::parse(&format!("http://{text}/")).map_err(|_| wrong())?;
        let host = url.host_str().ok_or_else(wrong)?;
        Ok(Self(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))))
    }
}

impl Origin {
    /// The origin of `host`.
    pub fn of(is_https: bool, host: &SiteHost) -> Self {
        Self(format!("{}://{}", if is_https { "https" } else { "http" }, host.0))
    }

    /// Is its scheme https?
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }

    /// As the `Origin` header writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Host and port, as the `Host` header writes them.
    pub fn host(&self) -> &str {
        self.0.split_once("://").map_or("", |(_, host)| host)
    }
}

impl SiteHost {
    /// Is this the host that a request named?
    pub fn is(&self, host: &str) -> bool {
        self.0.eq_ignore_ascii_case(host)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for SiteHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_written_as_browsers_do() {
        let cases = [
            ("https://Shop.Example", "https://shop.example"),
            ("https://shop.example:443/", "https://shop.example"),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("https://крамниця.укр", "https://xn--80aqejfp0c4d.xn--j1amh"),
        ];
        for (text, origin) in cases {
            assert_eq!(text.parse::<Origin>().map(|origin| origin.to_string()), Ok(origin.to_owned()), "{text}");
        }
        for text in ["", "shop.example", "ftp://shop.example", "https://shop.example/admin", "https://a@shop.example"] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }

    #[test]
    fn hosts_are_written_as_browsers_do() {
        for (text, host) in [("Admin.Shop.Example", "admin.shop.example"), ("localhost:3000", "localhost:3000")] {
            assert_eq!(text.parse::<SiteHost>().map(|host| host.to_string()), Ok(host.to_owned()), "{text}");
        }
        for text in ["", "http://x", "x/y", "a b", "user@x", "x:port"] {
            assert!(text.parse::<SiteHost>().is_err(), "{text}");
        }
    }
}
