//! The keys by which visitors are known: hashes of what names them, from which the names cannot be found.

use sha2::{Digest, Sha256};

use crate::model::visitor::VisitorKey;

/// Has `text` the form of a visitor's cookie: 32 lower-case hexadecimal digits?
pub fn is_cookie(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The key of the visitor whose browser keeps that cookie.
pub fn of_cookie(value: &str) -> VisitorKey {
    VisitorKey(format!("c{}", digest(value)))
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
}
