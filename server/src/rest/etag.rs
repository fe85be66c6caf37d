//! Answers that say what they are by a tag, so that who has them already gets none again.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use sha2::{Digest, Sha256};

use crate::assets::hex;

/// For one reader alone, who asks each time whether it still holds.
pub const PRIVATE: &str = "private, no-cache";
/// For everybody alike, who ask each time whether it still holds.
pub const PUBLIC: &str = "public, no-cache";

/// JSON with its tag; 304 without a body for who shows that tag.
pub fn json(asked: &HeaderMap, cache: &'static str, body: Vec<u8>) -> Response {
    let tag = format!("\"{}\"", &hex(&Sha256::digest(&body))[..32]);
    let is_known = asked.get_all(IF_NONE_MATCH).iter().any(|known| names(known, &tag));
    let mut headers: Vec<(HeaderName, HeaderValue)> = vec![
        (CACHE_CONTROL, HeaderValue::from_static(cache)),
        (VARY, HeaderValue::from_static("Authorization, Cookie")),
    ];
    headers.extend(HeaderValue::try_from(tag).map(|tag| (ETAG, tag)));
    let headers: HeaderMap = headers.into_iter().collect();
    if is_known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, [(CONTENT_TYPE, "application/json")], body).into_response()
}

/// Is `tag` in a list of tags? A `W/` before one changes nothing here.
fn names(list: &HeaderValue, tag: &str) -> bool {
    let known = list.to_str().unwrap_or_default().split(',').map(str::trim);
    known.map(|known| known.strip_prefix("W/").unwrap_or(known)).any(|known| known == "*" || known == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_the_same_answer_gets_none_again() {
        let ask = |known: Option<&str>, body: &str| {
            let known = known.map(|known| (IF_NONE_MATCH, HeaderValue::from_str(known).unwrap()));
            json(&known.into_iter().collect(), PRIVATE, body.into())
        };
        let first = ask(None, "{}");
        assert_eq!((first.status(), first.headers()[CACHE_CONTROL].to_str().unwrap()), (StatusCode::OK, PRIVATE));
        let tag = first.headers()[ETAG].to_str().unwrap();
        for known in [tag, "*", &format!("W/{tag}"), &format!("\"x\", {tag}")] {
            let again = ask(Some(known), "{}");
            assert_eq!(
                (again.status(), again.headers()[ETAG].to_str().unwrap()),
                (StatusCode::NOT_MODIFIED, tag),
                "{known}"
            );
            assert!(!again.headers().contains_key(CONTENT_TYPE));
        }
        for (known, body) in [(tag, "[]"), ("\"x\"", "{}"), ("", "{}"), (tag.trim_matches('"'), "{}")] {
            assert_eq!(ask(Some(known), body).status(), StatusCode::OK, "{known} {body}");
        }
    }
}
