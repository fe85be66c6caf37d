//! Tokens, found even while the database is away: those that were valid when it last said so stay valid meanwhile, so
//! that the shop's server can go on sending what will wait in the spool.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use utm_dispatcher::store::{Store, StoreError, Token};

/// A database that says nothing for so long is away, for those whom it knew before.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long it is not asked again then.
const LEFT_ALONE: Duration = Duration::from_secs(2);

/// The tokens that the database knew. As many as there are valid ones, at most.
#[derive(Debug, Default)]
pub struct Tokens(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    by_hash: HashMap<String, Token>,
    away_since: Option<Instant>,
}

impl Tokens {
    /// The valid token of that secret.
    pub async fn find(&self, store: &Store, secret_hash: &str) -> Result<Option<Token>, StoreError> {
        let (known, is_away) = {
            let all = self.known();
            let is_away = all.away_since.is_some_and(|since| since.elapsed() < LEFT_ALONE);
            (all.by_hash.get(secret_hash).cloned(), is_away)
        };
        let answer = match known {
            None => store.token(secret_hash).await,
            Some(known) if is_away => return Ok(Some(known)),
            Some(known) => match tokio::time::timeout(PATIENCE, store.token(secret_hash)).await {
                Ok(Err(error)) if error.is_poison() => Err(error),
                Ok(Ok(answer)) => Ok(answer),
                Ok(Err(_)) | Err(_) => {
                    self.known().away_since = Some(Instant::now());
                    return Ok(Some(known));
                }
            },
        };
        if let Ok(answer) = &answer {
            let mut all = self.known();
            all.away_since = None;
            match answer {
                Some(token) => drop(all.by_hash.insert(secret_hash.to_owned(), token.clone())),
                None => drop(all.by_hash.remove(secret_hash)),
            }
        }
        answer
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
