//! Cuts old addresses and removes what identifies from old visits, a little at a time.

use std::time::Duration;

use tokio::time::sleep;
use tracing::{info, warn};
use utm_dispatcher::model::{AddressPolicy, Millis};
use utm_dispatcher::store::{Forgotten, Store, StoreError};

use crate::config::Privacy;
use crate::state::now;

const DAY: Millis = 24 * 60 * 60 * 1000;
/// A transaction cuts so many addresses …
const ADDRESSES: usize = 500;
/// … or takes what identifies out of so many sessions, which are more work.
const SESSIONS: usize = 50;
/// Between two of them the writer has its turn.
const PAUSE: Duration = Duration::from_millis(20);

/// Does what is due by now.
pub(super) async fn keep(store: &Store, settings: &Privacy) -> Result<(), StoreError> {
    let now = now();
    let mut has_changed = false;
    if let Some(before) = before(now, settings.retention_days) {
        let (mut sessions, mut orders) = (0, 0);
        loop {
            let done = store.forget_before(before, SESSIONS, now).await?;
            if done == Forgotten::default() {
                break;
            }
            sessions += done.sessions;
            orders += done.orders;
            sleep(PAUSE).await;
        }
        if sessions + orders > 0 {
            has_changed = true;
            info!(sessions, orders, "removed what identifies from old visits");
        }
    }
    let (before, policy) = match settings.address {
        AddressPolicy::Whole => (before(now, settings.address_days), AddressPolicy::Cut),
        // What was stored when more was kept.
        less => (Some(now), less),
    };
    if let Some(before) = before {
        let mut addresses = 0;
        loop {
            match store.cut_addresses_before(before, policy, ADDRESSES).await? {
                0 => break,
                cut => addresses += cut,
            }
            sleep(PAUSE).await;
        }
        if addresses > 0 {
            has_changed = true;
            info!(addresses, "cut old addresses");
        }
    }
    if has_changed && !store.forget_log().await? {
        warn!("SQLite's log is being read and was not emptied: what was removed leaves it as new data comes in");
    }
    Ok(())
}

/// The instant `days` ago; `None` for 0.
fn before(now: Millis, days: u32) -> Option<Millis> {
    (days > 0).then(|| now - Millis::from(days) * DAY)
}
