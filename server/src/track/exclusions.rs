//! Exclusions that other processes edit: seen within a second.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::warn;
use utm_dispatcher::store::Store;
use utm_dispatcher::tracking::LiveExclusions;

use crate::state::now;

/// How often they are read. The table is small, and mostly empty.
const EVERY: Duration = Duration::from_secs(1);

/// Reads what is excluded each second until `stop`. While the database is away, what was read last holds.
pub async fn follow(store: Store, live: LiveExclusions, stop: CancellationToken) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_said = false;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        match store.load_exclusions(&live, now()).await {
            Ok(()) => is_said = false,
            Err(error) if !is_said => {
                warn!(%error, "the exclusions cannot be read; those that were read last hold");
                is_said = true;
            }
            Err(_) => {}
        }
    }
}
