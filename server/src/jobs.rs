//! What the server does by the clock.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::error;
use utm_dispatcher::store::Store;

use crate::config::Privacy;

mod privacy;

const HOUR: Duration = Duration::from_hours(1);

/// Starts what is done at once and then each hour, until `stop`.
pub fn start(store: Store, settings: Privacy, stop: CancellationToken) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut hours = interval(HOUR);
        hours.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = hours.tick() => {}
            }
            tokio::select! {
                () = stop.cancelled() => return,
                done = privacy::keep(&store, &settings) => if let Err(error) = done {
                    error!(%error, "old addresses and visits keep what identifies for another hour");
                }
            }
        }
    })
}
