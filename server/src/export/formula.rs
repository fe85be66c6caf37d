//! The guard against formulas in CSV: a spreadsheet must show what a visitor sent and never run it.

use std::borrow::Cow;

/// What formulas begin with, in the wide forms of East Asian spreadsheets too.
const STARTS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// `text` with an apostrophe before each place where a spreadsheet could find a formula: at its beginning and, because
/// a spreadsheet may take another separator than ours for the file's, after each separator and line end within it.
/// White space and quotes in front do not hide a formula. A tab or a line end in front gets an apostrophe of its own.
pub fn guarded(text: &str) -> Cow<'_, str> {
    if text.is_empty() || !text.contains(is_suspicious) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 1);
    if text.starts_with(['\t', '\r', '\n']) {
        safe.push('\'');
    }
    let mut is_cell_start = true;
    for char in text.chars() {
        if is_cell_start && STARTS.contains(&char) {
            safe.push('\'');
        }
        is_cell_start = is_separator(char) || (is_cell_start && (char.is_whitespace() || char == '"'));
        safe.push(char);
    }
    Cow::Owned(safe)
}

fn is_suspicious(char: char) -> bool {
    STARTS.contains(&char) || matches!(char, '\t' | '\r' | '\n')
}

/// What a spreadsheet may take for the end of a cell, whatever the file's own separator is.
fn is_separator(char: char) -> bool {
    matches!(char, ',' | ';' | '\t' | '\r' | '\n')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fault_s6_no_cell_starts_a_formula() {
        let cases = [
            ("=1+1", "'=1+1"),
            ("+380501234567", "'+380501234567"),
            ("-5", "'-5"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t'=1"),
            ("\r=1", "'\r'=1"),
            ("\tx", "'\tx"),
            ("  =cmd|' /C calc'!A0", "  '=cmd|' /C calc'!A0"),
            ("\u{a0}=1", "\u{a0}'=1"),
            ("\"=1", "\"'=1"),
            ("＝1", "'＝1"),
            // A comma file that is opened with semicolons, and the other way round.
            ("x;=1", "x;'=1"),
            ("x, \"-1", "x, \"'-1"),
            ("line\n=1", "line\n'=1"),
        ];
        for (text, safe) in cases {
            assert_eq!(guarded(text), safe, "{text:?}");
        }
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        for text in ["", "facebook", "a=b", "winter-2026", "1 + 1", "'=1", "знижка 5%", "🛍️", "مرحبا", "a;b,c", "a\tb"]
        {
            assert_eq!(guarded(text), text);
        }
    }

    proptest! {
        #[test]
        fn only_apostrophes_are_added(text in "[=+@\\-;, \t\r\n\"'a-zа-я]{0,20}") {
            let safe = guarded(&text).into_owned();
            prop_assert!(!safe.trim_start_matches(|c: char| c.is_whitespace() || c == '"').starts_with(STARTS));
            let mut rest = text.chars().peekable();
            for char in safe.chars() {
                if rest.peek() == Some(&char) {
                    rest.next();
                } else {
                    prop_assert_eq!(char, '\'');
                }
            }
            prop_assert!(rest.next().is_none());
            prop_assert_eq!(guarded(&safe), safe.as_str(), "guarding twice changes nothing");
        }
    }
}
