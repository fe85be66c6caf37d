//! Keeps the log of changes short.

use std::time::Duration;

use tokio::time::sleep;
use utm_dispatcher::model::Millis;
use utm_dispatcher::store::{Store, StoreError};

use crate::state::now;

/// What is older has been read by every process that runs, and is no news to one that starts.
const KEPT: Millis = 10 * 60 * 1000;
/// Between two transactions the writer has its turn.
const PAUSE: Duration = Duration::from_millis(20);

/// Removes what is old by now.
pub(super) async fn prune(store: &Store) -> Result<(), StoreError> {
    let before = now() - KEPT;
    while store.prune_changes(before).await? > 0 {
        sleep(PAUSE).await;
    }
    Ok(())
}
