//! Passwords: argon2id, on threads of its own and a few at a time.

use std::time::Duration;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

/// Each check takes 19 MiB and tens of milliseconds of one core.
const AT_ONCE: usize = 2;
/// Longer than this nobody waits for a check: the server is being flooded.
const PATIENCE: Duration = Duration::from_secs(5);
/// The fewest characters of a password.
const SHORTEST: usize = 8;
/// The most bytes of a password.
const LONGEST: usize = 1024;

/// Hashing failed, for want of memory or randomness.
#[derive(Debug, thiserror::Error)]
#[error("the password could not be hashed: {0}")]
pub struct HashError(String);

/// Why a password is refused when it is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a password has at least {SHORTEST} characters and at most {LONGEST} bytes")]
pub struct BadPassword;

/// Why a check had no result.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Too many checks wait already.
    #[error("too many logins at once")]
    Busy,
    /// The stored hash cannot be read, or memory ran out.
    #[error("the password could not be checked: {0}")]
    Failed(String),
}

/// Hashes and checks by what OWASP asks for: argon2id with 19 MiB, 2 passes, 1 lane.
fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

/// Is this good enough for a new password?
pub fn accept(password: &str) -> Result<(), BadPassword> {
    let fits = password.chars().count() >= SHORTEST && password.len() <= LONGEST;
    if fits { Ok(()) } else { Err(BadPassword) }
}

/// The hash of a password with a salt of its own, in PHC form. Takes tens of milliseconds.
pub fn hash(password: &str) -> Result<String, HashError> {
    argon2()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| HashError(error.to_string()))
}

/// Checks passwords, a few at a time.
#[derive(Debug)]
pub struct Checker {
    permits: Semaphore,
    /// What a password is checked against when there is no such user, so that the answer takes as long.
    nobody: String,
}

impl Checker {
    /// Hashes once.
    pub fn new() -> Result<Self, HashError> {
        let secret = super::secret::new_secret().map_err(|error| HashError(error.to_string()))?;
        Ok(Self { permits: Semaphore::new(AT_ONCE), nobody: hash(&secret)? })
    }

    /// Does `password` belong to the stored hash? Without one the answer is no, after the same work.
    pub async fn check(&self, password: String, stored: Option<&str>) -> Result<bool, CheckError> {
        let is_known = stored.is_some();
        if password.len() > LONGEST {
            return Ok(false);
        }
        let hash = stored.unwrap_or(&self.nobody).to_owned();
        let permit = tokio::time::timeout(PATIENCE, self.permits.acquire()).await;
        let Ok(Ok(_permit)) = permit else { return Err(CheckError::Busy) };
        let verify = move || match argon2().verify_password(password.as_bytes(), hash.as_str()) {
            Ok(()) => Ok(true),
            Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(CheckError::Failed(error.to_string())),
        };
        let checked = tokio::task::spawn_blocking(verify).await;
        checked.map_err(|error| CheckError::Failed(error.to_string()))?.map(|is_right| is_right && is_known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_someone_passes() {
        let checker = Checker::new().unwrap();
        let stored = hash("кіт на даху").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        let cases = [("кіт на даху", Some(&stored), true), ("кіт", Some(&stored), false), ("кіт на даху", None, false)];
        for (password, stored, passes) in cases {
            let stored = stored.map(String::as_str);
            assert_eq!(checker.check(password.into(), stored).await.unwrap(), passes, "{password}");
        }
        assert!(!checker.check("x".repeat(LONGEST + 1), Some(&stored)).await.unwrap());
        assert!(matches!(checker.check("x".into(), Some("nonsense")).await, Err(CheckError::Failed(_))));
    }

    #[test]
    fn passwords_are_neither_short_nor_endless() {
        assert_eq!(accept("1234567"), Err(BadPassword));
        assert_eq!(accept("кіт-кіт!"), Ok(()));
        assert_eq!(accept(&"x".repeat(LONGEST + 1)), Err(BadPassword));
    }
}
