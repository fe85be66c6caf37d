//! The keys by which visitors are known: hashes of what names them, from which the names cannot be found.

use sha2::{Digest, Sha256};

use crate::model::Millis;
use crate::model::visitor::VisitorKey;

/// What a visitor's cookie that says when it was made begins with.
const DATED: char = 't';
/// How many digits of it say that.
const DATE_DIGITS: usize = 12;
/// The latest time that they can say.
const LATEST: Millis = (1 << (4 * DATE_DIGITS)) - 1;

/// A new value for a visitor's cookie: when it is made, in milliseconds, and ten bytes that nobody can guess.
pub fn new_cookie(now: Millis, random: [u8; 10]) -> String {
    format!("{DATED}{:0DATE_DIGITS$x}{}", now.clamp(0, LATEST), hex(&random))
}

/// Has `text` the form of a visitor's cookie: 32 lower-case hexadecimal digits, or as many behind a `t` where it says when
/// it was made?
pub fn is_cookie(text: &str) -> bool {
    is_hash(text.strip_prefix(DATED).unwrap_or(text))
}

/// Are these 32 lower-case hexadecimal digits?
pub fn is_hash(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The key of the visitor whose browser keeps that cookie, of the cookie's own form behind a `c`. Those of new visitors
/// stand side by side: keys that follow no order would each be written into another page of their index.
pub fn of_cookie(value: &str) -> VisitorKey {
    let date = if value.starts_with(DATED) { value.get(..=DATE_DIGITS) } else { None };
    VisitorKey(match date {
        Some(date) => format!("c{date}{}", hex(&Sha256::digest(value.as_bytes())[..10])),
        None => format!("c{}", digest(value)),
    })
}

/// The key of the visitor whom the shop names so: by our cookie, else by a name of its own.
pub fn of_name(name: &str) -> VisitorKey {
    if is_cookie(name) { of_cookie(name) } else { VisitorKey(format!("x{}", digest(name))) }
}

fn digest(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes())[..16])
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        for half in [byte >> 4, byte & 15] {
            text.push(char::from_digit(half.into(), 16).unwrap_or('0'));
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_and_a_name_of_the_shop_never_meet() {
        let cookie = "0123456789abcdef0123456789abcdef";
        assert_eq!(of_name(cookie), of_cookie(cookie));
        for name in ["v1", "0123456789ABCDEF0123456789ABCDEF", "0123456789abcdef0123456789abcde", ""] {
            assert!(of_name(name).0.starts_with('x') && of_name(name).0.len() == 33, "{name}");
            assert!(name.is_empty() || !of_name(name).0.contains(name), "{name}");
        }
        assert_ne!(of_name("v1"), of_name("v2"));
    }

    #[test]
    fn a_new_cookie_hides_itself_in_a_key_that_begins_with_its_time() {
        let now = 1_795_341_600_123;
        let cookie = |at, random| new_cookie(at, [random; 10]);
        let (first, twin) = (cookie(now, 0xab), cookie(now, 0xac));
        assert_eq!(first, format!("t01a202b2c57b{}", "ab".repeat(10)));
        let (key, twins) = (of_cookie(&first).0, of_cookie(&twin).0);
        assert!(key.starts_with("ct01a202b2c57b") && key.len() == 34 && !key.contains("abab"), "{key}");
        assert!(key != twins && twins[..14] == key[..14], "{twins}");
        assert!(of_cookie(&cookie(now + 1, 0)).0 > key.max(twins));
        assert_eq!(of_name(&first), of_cookie(&first));
        // Older ones, and those of a page's script, know no time; whatever the clock says, a cookie is one.
        assert_eq!(of_cookie("0123456789abcdef0123456789abcdef").0.len(), 33);
        for value in [first, twin, cookie(-1, 1), cookie(i64::MAX, 2), "f".repeat(32)] {
            assert!(is_cookie(&value), "{value}");
        }
        for value in ["t", "t0", &"f".repeat(33), &format!("u{}", "f".repeat(32)), &format!("t{}", "é".repeat(16))] {
            assert!(!is_cookie(value), "{value}");
        }
    }
}
