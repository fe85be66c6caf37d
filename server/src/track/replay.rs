//! What waits in the spool goes to the database: in its order, and behind all that was queued before it, so that an
//! order finds the visit in which it was placed.

use std::fmt::Display;
use std::time::Duration;

use tokio::time::{sleep, timeout};
use tracing::{error, info, warn};
use utm_dispatcher::message::Received;
use utm_dispatcher::store::{Store, StoreError};

use super::queue::{PATIENCE, Recorder, ReplayJob};
use super::spool::Spool;
use super::spool::file::Record;
use crate::metrics::Counters;

/// How long a database that takes nothing is left alone.
const RETRY: Duration = Duration::from_millis(500);
/// So many messages are stored in one transaction.
const AT_ONCE: usize = 512;
/// What may be left when the door is shut for the last of it: new messages wait for it.
const LAST_FEW: u64 = 512;

/// Empties `spool` whenever there is something in it, until the writer of `recorder` has ended.
pub async fn drain(recorder: Recorder, spool: Spool) {
    let mut is_moving = false;
    let mut is_said = false;
    while !recorder.is_ended() {
        spool.filled().await;
        let waiting = spool.waiting().map_or(0, |waiting| waiting.messages);
        let replayed = if is_moving && waiting <= LAST_FEW {
            // Under load there would always be one more: for the last few the others wait, as for a commit.
            let _shut = spool.shut().await;
            let replay = recorder.replay(spool.clone(), spool.end());
            match timeout(PATIENCE, replay).await {
                Ok(Ok(())) => spool.clear().await.map_err(|error| error.to_string()),
                Ok(Err(error)) => Err(error),
                Err(_) => Err(format!("nothing was stored within {} s", PATIENCE.as_secs())),
            }
        } else {
            recorder.replay(spool.clone(), spool.end()).await
        };
        is_moving = replayed.is_ok();
        match replayed {
            Ok(()) if !spool.is_filled() => {
                info!("the spool is empty: messages go to the database again");
                is_said = false;
            }
            Ok(()) => {}
            Err(error) => {
                if !is_said {
                    warn!(error, waiting, "messages wait in the spool until they can be stored");
                    is_said = true;
                }
                sleep(RETRY).await;
            }
        }
    }
}

/// Stores what `job` asks for; an error says why something is left.
pub async fn replay(job: &ReplayJob, store: &Store, counters: &Counters) -> Result<(), String> {
    while !job.reply.is_closed() && !job.spool.is_stopping() {
        let records = job.spool.first(AT_ONCE, job.upto).await.map_err(|error| error.to_string())?;
        if records.is_empty() {
            return Ok(());
        }
        let messages: Vec<Received> = records.iter().filter_map(|record| read(record, counters)).collect();
        apply(store, &messages, counters).await.map_err(|error| error.to_string())?;
        job.spool.forget(records.len()).await.map_err(|error| error.to_string())?;
    }
    Err("the replay was given up".to_owned())
}

/// Stores what was acknowledged, as much of it as can be; the rest is counted. What the database refuses for what it is
/// does not take the others with it. On an error nothing is known of any: trying all of them again is right.
async fn apply(store: &Store, messages: &[Received], counters: &Counters) -> Result<(), StoreError> {
    match store.apply_acknowledged(messages).await {
        Ok(answers) => {
            for refusal in answers.into_iter().filter_map(Result::err) {
                refused(&refusal, counters);
            }
            return Ok(());
        }
        Err(error) if error.is_poison() => {
            error!(%error, messages = messages.len(), "messages were refused; trying them one by one");
        }
        Err(error) => return Err(error),
    }
    for message in messages {
        match store.apply_acknowledged(std::slice::from_ref(message)).await {
            Ok(answers) => answers.into_iter().filter_map(Result::err).for_each(|refusal| refused(&refusal, counters)),
            Err(error) if error.is_poison() => refused(&error, counters),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn refused(why: &impl Display, counters: &Counters) {
    error!(error = %why, "what waited in the spool was refused");
    counters.dropped("spool_refused");
}

/// The message of a record; one that cannot be read is counted among the refused.
fn read(record: &Record, counters: &Counters) -> Option<Received> {
    match serde_json::from_slice(&record.bytes) {
        Ok(message) => Some(message),
        Err(error) => {
            error!(%error, "what waited in the spool is no message of this program");
            counters.dropped("spool_refused");
            None
        }
    }
}
