//! The parts of an address as a shop writes it: whole, or from the path on.

use crate::tracking::text;

/// The longest path that is kept, in characters, as the tracking layer keeps it.
const MAX_PATH: usize = 512;

/// What stands between `://` and the path, the path still encoded, and what stands behind the `?`.
pub fn parts(url: &str) -> (Option<&str>, &str, &str) {
    let url = url.split('#').next().unwrap_or_default();
    let (before, query) = url.split_once('?').unwrap_or((url, ""));
    let is_scheme = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match before.split_once("://").filter(|(scheme, _)| is_scheme(scheme)) {
        None => (None, before, query),
        Some((_, rest)) => {
            let path = rest.find('/').unwrap_or(rest.len());
            (Some(&rest[..path]), &rest[path..], query)
        }
    }
}

/// The path of an address, decoded, as the tracking layer would read it.
pub fn path(url: &str) -> String {
    let (_, path, _) = parts(url);
    let path = text::plain(text::percent_decoded(path.as_bytes()).as_bytes(), MAX_PATH);
    if path.is_empty() { "/".to_owned() } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        let cases = [
            ("https://shop.example/a/b?x=1#y", (Some("shop.example"), "/a/b", "x=1")),
            ("https://shop.example:8080", (Some("shop.example:8080"), "", "")),
            ("https://shop.example?x=1", (Some("shop.example"), "", "x=1")),
            ("/a?next=https://other.example/", (None, "/a", "next=https://other.example/")),
            ("/a://b", (None, "/a://b", "")),
            ("", (None, "", "")),
        ];
        for (url, expected) in cases {
            assert_eq!(parts(url), expected, "{url}");
        }
        assert_eq!(path("https://shop.example"), "/");
        assert_eq!(path("/%D1%97%00?a"), "/ї");
    }
}
