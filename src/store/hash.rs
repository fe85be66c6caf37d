//! Keys of dictionary rows: a hash of their content.

use sha2::{Digest, Sha256};

/// A positive 63-bit key of `parts`, the same in every process and on every machine. `None` and an empty text
/// differ, and no two lists of parts run together.
pub fn content_key<'a>(parts: impl IntoIterator<Item = Option<&'a str>>) -> i64 {
    // Put together first: to give a digest a few bytes costs more than to hash them.
    let mut bytes = Vec::with_capacity(256);
    for part in parts {
        match part {
            None => bytes.push(0),
            Some(text) => {
                bytes.push(1);
                bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
                bytes.extend_from_slice(text.as_bytes());
            }
        }
    }
    let mut first = [0; 8];
    first.copy_from_slice(&Sha256::digest(&bytes)[..8]);
    i64::from_le_bytes(first) & i64::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_lists_have_different_keys() {
        let lists: [&[Option<&str>]; 5] = [
            &[Some("ab"), Some("c")],
            &[Some("a"), Some("bc")],
            &[Some("abc")],
            &[Some("ab"), None],
            &[None, Some("ab")],
        ];
        let mut keys: Vec<_> = lists.iter().map(|parts| content_key(parts.iter().copied())).collect();
        assert!(keys.iter().all(|key| *key >= 0));
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), lists.len());
    }
}
