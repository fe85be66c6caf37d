//! The parameters of a raw query string, as far as they are of use.

use super::text;

/// At most so many parameters are read.
const MAX_PARAMS: usize = 256;
/// At most so many bytes of a name or a value, still encoded, are read.
const MAX_BYTES: usize = 4096;

/// The parameters of a URL in their order, decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Reads what stands between `?` and `#`, as it was received. Never fails: what is not UTF-8 becomes U+FFFD,
    /// what is too much is cut. Control characters are kept; who stores a value takes them out.
    pub fn parse(raw: &[u8]) -> Self {
        let pairs = raw.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).take(MAX_PARAMS).map(|pair| {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default());
            let value = decode(halves.next().unwrap_or_default());
            // A link that was escaped for HTML once too often: `?a=1&amp;b=2`.
            let name = name.strip_prefix("amp;").map(str::to_owned).unwrap_or(name);
            (name, value)
        });
        Self(pairs.collect())
    }

    /// The parameters of a whole address, which may be relative.
    pub fn of_url(url: &str) -> Self {
        let before_fragment = url.split('#').next().unwrap_or_default();
        before_fragment.split_once('?').map_or_else(Self::default, |(_, query)| Self::parse(query.as_bytes()))
    }

    /// The value of the last parameter called `name`, in whatever case its letters are.
    pub fn last(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// All parameters, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

fn decode(raw: &[u8]) -> String {
    let raw = &raw[..raw.len().min(MAX_BYTES)];
    if raw.contains(&b'+') {
        let spaced: Vec<u8> = raw.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
        text::percent_decoded(&spaced).into_owned()
    } else {
        text::percent_decoded(raw).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parameters_are_decoded() {
        type Case<'a> = (&'a [u8], &'a [(&'a str, &'a str)]);
        let cases: &[Case] = &[
            (b"", &[]),
            (b"&&", &[]),
            (b"a", &[("a", "")]),
            (b"a=1&b=2&a=3", &[("a", "1"), ("b", "2"), ("a", "3")]),
            (b"a=b=c", &[("a", "b=c")]),
            (b"q=a+b%20c", &[("q", "a b c")]),
            (b"q=%D0%BA%D0%B8%D1%97%D0%B2", &[("q", "київ")]),
            ("q=київ".as_bytes(), &[("q", "київ")]),
            (b"q=%ff%zz%", &[("q", "\u{fffd}%zz%")]),
            (b"a=1&amp;b=2", &[("a", "1"), ("b", "2")]),
            (b"%75tm_source=x", &[("utm_source", "x")]),
        ];
        for (raw, expected) in cases {
            assert_eq!(Params::parse(raw).iter().collect::<Vec<_>>(), *expected, "{raw:?}");
        }
    }

    #[test]
    fn the_last_of_repeated_parameters_wins_in_any_case() {
        let params = Params::parse(b"gclid=1&GCLID=2&fbclid=3");
        assert_eq!(params.last("gclid"), Some("2"));
        assert_eq!(params.last("FbClid"), Some("3"));
        assert_eq!(params.last("ttclid"), None);
    }

    #[test]
    fn an_address_has_parameters_too() {
        assert_eq!(Params::of_url("https://shop.example/p?a=1#x?b=2").last("a"), Some("1"));
        assert_eq!(Params::of_url("/p?a=1?b").last("a"), Some("1?b"));
        assert_eq!(Params::of_url("/p#?a=1"), Params::default());
    }

    #[test]
    fn too_much_is_cut() {
        let long = [b"a=".as_slice(), &[b'x'; 10_000]].concat();
        assert_eq!(Params::parse(&long).last("a").map(str::len), Some(MAX_BYTES));
        assert_eq!(Params::parse(&b"a=1&".repeat(1000)).iter().count(), MAX_PARAMS);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(raw: Vec<u8>) {
            Params::parse(&raw);
        }
    }
}
