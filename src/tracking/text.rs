//! Hostile bytes become text that is safe to store and to show as text.

use std::borrow::Cow;

/// The text of `bytes` without characters that control a terminal, a database or the direction of writing, cut to
/// `max` characters. What is not UTF-8 becomes U+FFFD.
pub fn plain(bytes: &[u8], max: usize) -> String {
    if let Some(text) = plain_already(bytes, max) {
        return text.to_owned();
    }
    String::from_utf8_lossy(bytes).chars().filter(|c| is_plain(*c)).take(max).collect()
}

/// As [`plain`], trimmed; `None` when nothing is left.
pub fn some(bytes: &[u8], max: usize) -> Option<String> {
    if let Some(text) = plain_already(bytes, max) {
        let trimmed = text.trim_ascii();
        return (!trimmed.is_empty()).then(|| trimmed.to_owned());
    }
    let text = plain(bytes, max);
    let trimmed = text.trim();
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}

/// `bytes` themselves where nothing is to be done to them: nearly always.
fn plain_already(bytes: &[u8], max: usize) -> Option<&str> {
    let is_plain = bytes.len() <= max && bytes.iter().all(|byte| matches!(byte, b' '..=b'~'));
    std::str::from_utf8(bytes).ok().filter(|_| is_plain)
}

/// May `c` be stored? Not if it is a control character, ends a line, or turns the direction of writing.
pub fn is_plain(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// `text` cut to `max` characters.
pub fn cut(text: &str, max: usize) -> &str {
    text.char_indices().nth(max).map_or(text, |(end, _)| &text[..end])
}

/// The bytes between the percent signs: `%D1%96` is `і`. What is not UTF-8 becomes U+FFFD.
pub fn percent_decoded(bytes: &[u8]) -> Cow<'_, str> {
    percent_encoding::percent_decode(bytes).decode_utf8_lossy()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn control_characters_go() {
        assert_eq!(plain(b"a\0b\r\nc\x7f", 10), "abc");
        assert_eq!(plain("a\u{202e}b\u{2028}c\u{85}".as_bytes(), 10), "abc");
        assert_eq!(plain(b"\xff\xd0", 10), "\u{fffd}\u{fffd}");
        assert_eq!(plain("їжак".as_bytes(), 2), "їж");
        assert_eq!(some(b" \n ", 5), None);
        assert_eq!(some(b" a ", 5).as_deref(), Some("a"));
        assert_eq!(cut("їжак", 3), "їжа");
    }

    proptest! {
        #[test]
        fn any_bytes_become_plain_text(bytes: Vec<u8>, max in 0usize..40) {
            let text = plain(&bytes, max);
            prop_assert!(text.chars().count() <= max);
            prop_assert!(text.chars().all(is_plain));
            prop_assert_eq!(plain(text.as_bytes(), max), text);
        }
    }
}
