//! Where the shop's own server is.

use std::fmt;
use std::str::FromStr;

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};

/// The address of the shop's own server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    authority: Authority,
    /// What goes before every path; without a slash at its end.
    base: String,
}

/// Why a text is no upstream.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is no upstream: an address like http://127.0.0.1:8000 or http://shop.internal/base is wanted")]
pub struct NotUpstream(String);

impl FromStr for Upstream {
    type Err = NotUpstream;

    fn from_str(text: &str) -> Result<Self, NotUpstream> {
        let wrong = || NotUpstream(text.to_owned());
        let uri: Uri = text.trim().parse().map_err(|_| wrong())?;
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or_else(wrong)?;
        if uri.scheme() != Some(&Scheme::HTTP) || uri.query().is_some() || text.contains('#') {
            return Err(wrong());
        }
        Ok(Self { authority: authority.clone(), base: uri.path().trim_end_matches('/').to_owned() })
    }
}

impl fmt::Display for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.authority, self.base)
    }
}

impl Upstream {
    /// The address of what a visitor asked for, path and query as they were written.
    pub(super) fn address_of(&self, asked: &Uri) -> Result<Uri, http::Error> {
        let raw = asked.path_and_query().map_or("/", PathAndQuery::as_str);
        let target = if self.base.is_empty() { raw.to_owned() } else { format!("{}{raw}", self.base) };
        Uri::builder().scheme(Scheme::HTTP).authority(self.authority.clone()).path_and_query(target).build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upstreams_are_plain_http_addresses() {
        for (text, written) in [
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
            (" http://shop.internal/ ", "http://shop.internal"),
            ("http://[::1]:81/a/b/", "http://[::1]:81/a/b"),
        ] {
            assert_eq!(text.parse::<Upstream>().map(|upstream| upstream.to_string()).as_deref(), Ok(written));
        }
        for text in [
            "",
            "127.0.0.1:8000",
            "https://shop.example",
            "ftp://x",
            "http://",
            "/shop",
            "http://u:p@shop.example",
            "http://shop.example/?a",
            "http://shop.example/#a",
            "http://a b",
        ] {
            assert_eq!(text.parse::<Upstream>(), Err(NotUpstream(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn paths_and_queries_are_passed_as_written() {
        for (base, asked, address) in [
            ("", "/", "/"),
            ("", "/a%2Fb/..%2f/../?x=%zz&&y", "/a%2Fb/..%2f/../?x=%zz&&y"),
            ("", "//two//?", "//two//?"),
            ("", "/{\"a\"}|?q='{}|^`", "/{\"a\"}|?q='{}|^`"),
            ("", "http://other.example/a?b", "/a?b"),
            ("/base", "/", "/base/"),
            ("/base", "/a?b=%00", "/base/a?b=%00"),
        ] {
            let upstream: Upstream = format!("http://up.example{base}").parse().unwrap();
            let Ok(asked) = asked.parse() else { panic!("{asked}") };
            assert_eq!(upstream.address_of(&asked).unwrap().path_and_query().unwrap(), address);
        }
    }
}
