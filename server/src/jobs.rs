//! What the server does by the clock.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::error;
use utm_dispatcher::store::Store;

use crate::config::Privacy;

mod changes;
mod privacy;

const HOUR: Duration = Duration::from_hours(1);
const MINUTE: Duration = Duration::from_mins(1);

/// Starts what is done at once and then each hour or minute, until `stop`.
pub fn start(store: Store, settings: Privacy, stop: CancellationToken) -> JoinHandle<()> {
    tokio::spawn(async move {
        let (mut hours, mut minutes) = (interval(HOUR), interval(MINUTE));
        hours.set_missed_tick_behavior(MissedTickBehavior::Skip);
        minutes.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let by_the_clock = async {
            loop {
                tokio::select! {
                    _ = hours.tick() => if let Err(error) = privacy::keep(&store, &settings).await {
                        error!(%error, "old addresses and visits keep what identifies for another hour");
                    },
                    _ = minutes.tick() => if let Err(error) = changes::prune(&store).await {
                        error!(%error, "the log of changes keeps what is old for another minute");
                    },
                }
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = by_the_clock => {}
        }
    })
}
