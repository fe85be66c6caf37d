//! The short code of a session, which a person reads out or types: `K7M2QX`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How many characters a code has.
const LENGTH: usize = 6;
/// Crockford's 32 characters (no letter that looks like a digit) without vowels, so that no words come of them.
const ALPHABET: &[u8; 29] = b"0123456789BCDFGHJKMNPQRSTVWXZ";

/// A session's code: six capitals and digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionCode(String);

/// Why a text is no code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a session's code: six letters and digits, like K7M2QX")]
pub struct NotCode(String);

impl SessionCode {
    /// The code that six random bytes make.
    pub fn of(random: [u8; LENGTH]) -> Self {
        Self(random.iter().map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).collect())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A code as people say and type it, in the form in which it is stored: capitals, without spaces, dashes and dots; what
/// looks like a digit is one, and a Ukrainian letter is the Latin one that looks the same.
pub fn plain(said: &str) -> String {
    let said = said.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '–' | '—' | '_' | '.'));
    said.flat_map(char::to_uppercase).map(latin).collect()
}

fn latin(c: char) -> char {
    match c {
        'O' | 'О' => '0',
        'I' | 'L' | 'І' => '1',
        'В' => 'B',
        'К' => 'K',
        'М' => 'M',
        'Н' => 'H',
        'Р' => 'P',
        'С' => 'C',
        'Т' => 'T',
        'Х' => 'X',
        other => other,
    }
}

impl FromStr for SessionCode {
    type Err = NotCode;

    fn from_str(said: &str) -> Result<Self, NotCode> {
        let code = plain(said);
        let is_code = code.len() == LENGTH && code.bytes().all(|byte| ALPHABET.contains(&byte));
        is_code.then_some(Self(code)).ok_or_else(|| NotCode(said.chars().take(32).collect()))
    }
}

impl fmt::Display for SessionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn codes_are_read_as_people_type_them() {
        for said in ["K7M2QX", "k7m2qx", " K7M-2QX ", "k7m 2qx", "К7М2QХ", "к7м–2qх"] {
            assert_eq!(said.parse::<SessionCode>().unwrap().as_str(), "K7M2QX", "{said}");
        }
        assert_eq!("OIL018".parse::<SessionCode>().unwrap().as_str(), "011018");
        for said in ["", "K7M2Q", "K7M2QXX", "K7M2QU", "K7M2Q!", "К7М2QЖ", "'; --x"] {
            assert!(said.parse::<SessionCode>().is_err(), "{said}");
        }
    }

    proptest! {
        #[test]
        fn what_random_bytes_make_is_read_back(random: [u8; LENGTH]) {
            let code = SessionCode::of(random);
            prop_assert_eq!(code.as_str().to_lowercase().parse::<SessionCode>(), Ok(code.clone()));
            prop_assert!(!code.as_str().contains(['A', 'E', 'I', 'O', 'U', 'L', 'Y']));
        }

        #[test]
        fn any_text_is_read_and_reading_is_idempotent(said in "\\PC*") {
            prop_assert_eq!(plain(&plain(&said)), plain(&said));
            let _ = said.parse::<SessionCode>();
        }
    }
}
