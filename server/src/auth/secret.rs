//! Secrets of 256 random bits. Whoever holds one shows it; only its hash is stored.

use sha2::{Digest, Sha256};

use crate::assets::hex;

/// What every token begins with, so that people and scanners know one when they see it.
const TOKEN: &str = "ud_";

/// A new secret for a cookie.
pub fn new_secret() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(hex(&bytes))
}

/// A new token for a program: `ud_` and 64 hexadecimal digits.
pub fn new_token() -> Result<String, getrandom::Error> {
    new_secret().map(|secret| format!("{TOKEN}{secret}"))
}

/// What is stored of a secret. Looking it up tells nothing by its time: the hash of a guess is nowhere near.
pub fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_are_long() {
        let (one, two) = (new_token().unwrap(), new_token().unwrap());
        assert_ne!(one, two);
        assert!(one.starts_with(TOKEN) && one.len() == TOKEN.len() + 64, "{one}");
        assert_eq!(hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
