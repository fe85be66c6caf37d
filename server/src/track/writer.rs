//! The one writer: takes what waits in the queue, makes facts of it, and stores them in batches.
//!
//! One thread does all of it: user-agent automata grow with every thread that uses them, SQLite is written where its
//! statements are, and every other thread would have to be woken. A batch gathers for some milliseconds, because a
//! commit costs the same for one fact and for many; while it is committed the next one gathers in the queue. What a visitor
//! did is only in memory for as long as it gathers and is committed, which the writer keeps below [`MAX_AGE`] while the
//! machine lets it; `/metrics` says how long it was at last.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tracing::{error, warn};
use utm_dispatcher::message::{Message, Received};
use utm_dispatcher::model::action::ActionKind;
use utm_dispatcher::model::visitor::{Hit, Place};
use utm_dispatcher::model::{Millis, NewAction};
use utm_dispatcher::store::{Applied, Fact, Ingested, Store, StoreError};
use utm_dispatcher::tracking::Agents;

use super::queue::{Job, MessageJob, NotTaken, ReplayJob};
use super::replay::replay;
use crate::geo::Geo;
use crate::metrics::Counters;
use crate::state::now;

/// A batch is at most so many jobs …
const MAX_BATCH: usize = 1024;
/// … and ends with the message that brings it to so many events.
const MAX_EVENTS: usize = 4096;
/// So old may become what a visitor did before it is on the disk, in milliseconds.
const MAX_AGE: Millis = 25;
/// So much of that a batch leaves for what cannot be foreseen. While a large batch is committed, pages wait for the processor.
const SPARE: Millis = 9;
/// How long the writer waits before it tries a database again that was away.
const RETRY: Duration = Duration::from_millis(500);
/// How many addresses' places are remembered before the memory starts anew.
const MAX_PLACES: usize = 10_000;

/// What is stored at once, or asked for.
enum Work {
    Facts(Vec<Fact>),
    Messages(Vec<MessageJob>),
    Replay(ReplayJob),
    End,
}

/// What is taken from the queue at once.
#[derive(Default)]
struct Batch {
    work: Vec<Work>,
    jobs: usize,
    events: usize,
}

/// The writer stopped before the queue was ended: its thread is gone.
#[derive(Debug, thiserror::Error)]
#[error("the writer's thread ended before the queue did")]
pub struct EndedEarly;

/// What facts are made by.
struct Resolver {
    agents: Agents,
    geo: Arc<Geo>,
    places: HashMap<IpAddr, Arc<Place>>,
    nowhere: Arc<Place>,
}

/// Starts the writer. It ends once the queue has given [`Job::End`] and everything before is stored.
pub fn start(
    jobs: mpsc::Receiver<Job>,
    store: Store,
    agents: Agents,
    geo: Arc<Geo>,
    counters: Arc<Counters>,
) -> std::io::Result<JoinHandle<Result<(), EndedEarly>>> {
    let (runtime, (done, ended)) = (Handle::current(), oneshot::channel());
    let resolver = Resolver { agents, geo, places: HashMap::new(), nowhere: Arc::default() };
    let store = store.at_hand();
    thread::Builder::new().name("writer".to_owned()).spawn(move || {
        // Nobody may be there to learn it any more.
        let _ = done.send(write(jobs, resolver, &store, &counters, &runtime));
    })?;
    Ok(tokio::spawn(async { ended.await.unwrap_or(Err(EndedEarly)) }))
}

fn write(
    mut jobs: mpsc::Receiver<Job>,
    mut resolver: Resolver,
    store: &Store,
    counters: &Counters,
    runtime: &Handle,
) -> Result<(), EndedEarly> {
    // How long a commit took lately.
    let mut pace = Duration::ZERO;
    while let Some(first) = jobs.blocking_recv() {
        let batch = gather(first, &mut jobs, &mut resolver, pace);
        counters.set_queue(jobs.len());
        let begun = Instant::now();
        let is_last = runtime.block_on(commit(batch.work, store, counters));
        if is_last {
            return Ok(());
        }
        pace = (3 * pace + begun.elapsed()) / 4;
    }
    Err(EndedEarly)
}

/// Makes facts of what waits in the queue and, while nobody waits for an answer, of what comes until the oldest of it has
/// to be committed, if a commit takes as long as it did lately.
fn gather(first: Job, jobs: &mut mpsc::Receiver<Job>, resolver: &mut Resolver, pace: Duration) -> Batch {
    let mut batch = Batch::default();
    let mut oldest = Millis::MAX;
    let mut next = Some(first);
    while let Some(job) = next {
        match job {
            Job::Action { hit, at, action } => {
                oldest = oldest.min(at);
                batch.add_fact(resolver.fact(hit, at, action));
            }
            Job::Message(message) => batch.add_message(message),
            Job::Replay(replay) => batch.work.push(Work::Replay(replay)),
            Job::End => {
                batch.work.push(Work::End);
                return batch;
            }
        }
        next = if batch.is_full() { None } else { jobs.try_recv().ok() };
        if next.is_none() && batch.may_gather() {
            // Asleep, not waiting for the queue: whoever puts something in would have to wake this thread each time.
            thread::sleep(left(oldest, now(), pace));
            next = jobs.try_recv().ok();
        }
    }
    batch
}

/// How long a batch may still gather whose oldest fact is of `oldest`.
fn left(oldest: Millis, now: Millis, pace: Duration) -> Duration {
    let age = Duration::from_millis(u64::try_from(now - oldest).unwrap_or_default());
    let spare = Duration::from_millis(SPARE.unsigned_abs());
    Duration::from_millis(MAX_AGE.unsigned_abs()).saturating_sub(spare + pace + age)
}

impl Resolver {
    fn fact(&mut self, hit: Arc<Hit>, at: Millis, action: NewAction) -> Fact {
        let client = self.agents.client(&hit.agent);
        let place = match hit.ip {
            Some(ip) => self.place(ip),
            None => Arc::clone(&self.nowhere),
        };
        Fact { hit, client, place, at, action }
    }

    fn place(&mut self, ip: IpAddr) -> Arc<Place> {
        if self.places.len() >= MAX_PLACES {
            self.places.clear();
        }
        Arc::clone(self.places.entry(ip).or_insert_with(|| Arc::new(self.geo.place(ip))))
    }
}

impl Batch {
    fn is_full(&self) -> bool {
        self.jobs >= MAX_BATCH || self.events >= MAX_EVENTS
    }

    /// May it wait for more? Nobody waits for what is in it, and there is room.
    fn may_gather(&self) -> bool {
        !self.is_full() && matches!(self.work[..], [Work::Facts(_)])
    }

    fn add_fact(&mut self, fact: Fact) {
        self.jobs += 1;
        if let Some(Work::Facts(facts)) = self.work.last_mut() {
            facts.push(fact);
        } else {
            self.work.push(Work::Facts(vec![fact]));
        }
    }

    fn add_message(&mut self, job: MessageJob) {
        self.jobs += 1;
        if let Message::Events(events) = &job.message.message {
            self.events += events.len();
        }
        if let Some(Work::Messages(messages)) = self.work.last_mut() {
            messages.push(job);
        } else {
            self.work.push(Work::Messages(vec![job]));
        }
    }
}

/// Stores a batch; was it the last one?
async fn commit(batch: Vec<Work>, store: &Store, counters: &Counters) -> bool {
    for work in batch {
        match work {
            Work::Facts(facts) => store_facts(store, &facts, counters).await,
            Work::Messages(jobs) => store_messages(store, jobs).await,
            Work::Replay(job) => {
                let replayed = replay(&job, store, counters).await;
                // Who asked may have lost patience: the next replay goes on from here.
                let _ = job.reply.send(replayed);
            }
            Work::End => return true,
        }
    }
    false
}

/// Stores messages in one transaction and answers each. While the database is away nobody waits here: whoever asked
/// puts the message into the spool.
async fn store_messages(store: &Store, jobs: Vec<MessageJob>) {
    // Those that are not waited for any more are in the spool, before others that came later.
    let waited_for = jobs.into_iter().filter(|job| !job.reply.is_closed());
    let (messages, replies): (Vec<Received>, Vec<_>) = waited_for.map(|job| (*job.message, job.reply)).unzip();
    let results = match apply(store, &messages).await {
        Ok(results) => results,
        Err(error) => {
            warn!(%error, messages = messages.len(), "the database takes no messages; they go to the spool");
            messages.iter().map(|_| Err(NotTaken::Away)).collect()
        }
    };
    for (reply, result) in replies.into_iter().zip(results) {
        // Who asked may be gone; the message is stored all the same.
        let _ = reply.send(result);
    }
}

/// Stores messages in one transaction; those that the database refuses for what they are do not take the others with
/// them. On an error nothing is known of any: trying all of them again is right.
pub async fn apply(store: &Store, messages: &[Received]) -> Result<Vec<Result<Applied, NotTaken>>, StoreError> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    match store.apply(messages).await {
        Ok(results) => return Ok(results.into_iter().map(|result| result.map_err(NotTaken::Refused)).collect()),
        Err(error) if error.is_poison() => {
            error!(%error, messages = messages.len(), "messages were refused; trying them one by one");
        }
        Err(error) => return Err(error),
    }
    let mut results = Vec::with_capacity(messages.len());
    for message in messages {
        match store.apply(std::slice::from_ref(message)).await {
            Ok(one) => results.extend(one.into_iter().map(|result| result.map_err(NotTaken::Refused))),
            Err(error) if error.is_poison() => results.push(Err(NotTaken::Failed(error))),
            Err(error) => return Err(error),
        }
    }
    Ok(results)
}

/// Stores a batch, waiting for a database that is away. Facts that the database refuses for what they are do not
/// take the others with them: they are tried one by one, and dropped and counted.
async fn store_facts(store: &Store, facts: &[Fact], counters: &Counters) {
    match store_patiently(store, facts).await {
        Ok(stored) => count(facts, stored, counters),
        Err(batch_error) => {
            error!(error = %batch_error, facts = facts.len(), "a batch was refused; trying its facts one by one");
            for fact in facts {
                match store_patiently(store, std::slice::from_ref(fact)).await {
                    Ok(stored) => count(std::slice::from_ref(fact), stored, counters),
                    Err(error) => {
                        error!(%error, kind = fact.action.kind.key(), "a fact was refused");
                        counters.dropped("refused");
                    }
                }
            }
        }
    }
}

async fn store_patiently(store: &Store, facts: &[Fact]) -> Result<Ingested, StoreError> {
    let mut is_said = false;
    loop {
        match store.ingest(facts).await {
            Err(error) if !error.is_poison() => {
                if !is_said {
                    warn!(%error, "the database takes nothing; what visitors do waits in the queue");
                    is_said = true;
                }
                tokio::time::sleep(RETRY).await;
            }
            result => return result,
        }
    }
}

fn count(facts: &[Fact], stored: Ingested, counters: &Counters) {
    let page_views = facts.iter().filter(|fact| fact.action.kind == ActionKind::PageView).count();
    counters.recorded("page_view", page_views as u64);
    counters.recorded("action", stored.actions.saturating_sub(page_views) as u64);
    counters.dropped_many("late", (facts.len() - stored.actions) as u64);
    counters.recorded("session", stored.sessions as u64);
    counters.recorded("other", stored.others as u64);
    let oldest = facts.iter().map(|fact| fact.at).min().unwrap_or_default();
    let age = now() - oldest;
    counters.stored_batch(age, age > MAX_AGE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_gathers_until_its_oldest_fact_has_to_be_committed() {
        for (oldest, now, pace, expected) in [
            (100, 100, 0, 16),
            (100, 105, 0, 11),
            (100, 100, 8, 8),
            (100, 105, 8, 3),
            (100, 115, 1, 0),
            (100, 400, 0, 0),
            (100, 100, 500, 0),
            // The clock went back.
            (100, 40, 0, 16),
        ] {
            let left = left(oldest, now, Duration::from_millis(pace));
            assert_eq!(left, Duration::from_millis(expected), "{oldest} {now} {pace}");
        }
    }
}
