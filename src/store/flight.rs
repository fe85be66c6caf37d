//! Equal questions that are asked while one of them is being answered share its answer. It goes on as long as somebody
//! waits for it.

use std::collections::HashMap;
use std::hash::Hash;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::WeakShared;

/// An older answer shows what was a while ago: other processes may have written since.
const FRESH: Duration = Duration::from_millis(500);

/// How often this process has written.
static COMMITS: AtomicU64 = AtomicU64::new(0);

/// Says that something was written: what is asked from now on has to show it.
pub fn committed() {
    COMMITS.fetch_add(1, Ordering::SeqCst);
}

type Answering<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The questions that are being answered.
pub struct Flights<K, T: Clone>(Mutex<HashMap<K, Flight<T>>>);

struct Flight<T: Clone> {
    began: Instant,
    /// How often this process had written before it began.
    commits: u64,
    answer: WeakShared<Answering<T>>,
}

impl<K, T: Clone> Default for Flights<K, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K, T: Clone> std::fmt::Debug for Flights<K, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Flights")
    }
}

impl<K: Eq + Hash, T: Clone> Flights<K, T> {
    /// The answer to `question`: the one that others wait for, if it shows all that this process has written, else
    /// what `ask` finds.
    pub async fn share<F>(&self, question: K, ask: impl FnOnce() -> F) -> T
    where
        F: Future<Output = T> + Send + 'static,
    {
        let answer = {
            // A panic in between leaves the list as it should be.
            let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let commits = COMMITS.load(Ordering::SeqCst);
            let known = flights.get(&question).filter(|it| it.commits == commits && it.began.elapsed() < FRESH);
            if let Some(answer) = known.and_then(|flight| flight.answer.upgrade()) {
                answer
            } else {
                let answer = (Box::pin(ask()) as Answering<T>).shared();
                flights.retain(|_, flight| flight.answer.upgrade().is_some());
                if let Some(weak) = answer.downgrade() {
                    flights.insert(question, Flight { began: Instant::now(), commits, answer: weak });
                }
                answer
            }
        };
        answer.await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use tokio::sync::Semaphore;

    use super::*;

    /// Counts how often it is asked, and answers when it may.
    #[derive(Clone)]
    struct Source {
        asked: Arc<AtomicU64>,
        may: Arc<Semaphore>,
        is_gone: Arc<AtomicBool>,
    }

    struct Gone(Arc<AtomicBool>);

    impl Drop for Gone {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }

    impl Source {
        fn new() -> Self {
            Self { asked: Arc::default(), may: Arc::new(Semaphore::new(0)), is_gone: Arc::default() }
        }

        fn ask(&self) -> impl Future<Output = u64> + Send + 'static {
            let Self { asked, may, is_gone } = self.clone();
            async move {
                let gone = Gone(is_gone);
                let number = asked.fetch_add(1, Ordering::SeqCst);
                may.acquire().await.unwrap().forget();
                drop(gone);
                number
            }
        }
    }

    #[tokio::test]
    async fn equal_questions_share_one_answer_until_something_is_written() {
        let (flights, source) = (Flights::<&str, u64>::default(), Source::new());
        let ask = |question| flights.share(question, || source.ask());
        let (one, two, other) = (ask("a"), ask("a"), ask("b"));
        let written = async {
            tokio::task::yield_now().await;
            committed();
            ask("a").await
        };
        let allowed = async {
            while source.asked.load(Ordering::SeqCst) < 3 {
                tokio::task::yield_now().await;
            }
            source.may.add_permits(3);
        };
        let (one, two, other, written, ()) = tokio::join!(one, two, other, written, allowed);
        assert_eq!(one, two);
        assert!(other != one && written != one && written != other, "{one} {other} {written}");
        assert_eq!(source.asked.load(Ordering::SeqCst), 3);
        // It is over: the next one asks again.
        source.may.add_permits(1);
        assert_eq!(ask("a").await, 3);
    }

    #[tokio::test]
    async fn an_answer_ends_with_the_last_who_waits_for_it() {
        let (flights, source) = (Arc::new(Flights::<&str, u64>::default()), Source::new());
        let start = || {
            let (flights, source) = (Arc::clone(&flights), source.clone());
            tokio::spawn(async move { flights.share("a", || source.ask()).await })
        };
        let (first, second) = (start(), start());
        while source.asked.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        first.abort();
        assert!(first.await.is_err());
        assert!(!source.is_gone.load(Ordering::SeqCst), "the second one still waits");
        let third = start();
        second.abort();
        assert!(second.await.is_err());
        source.may.add_permits(1);
        assert_eq!(third.await.unwrap(), 0, "whoever waits goes on with it");
        let last = start();
        while source.asked.load(Ordering::SeqCst) < 2 {
            tokio::task::yield_now().await;
        }
        source.is_gone.store(false, Ordering::SeqCst);
        last.abort();
        assert!(last.await.is_err());
        assert!(source.is_gone.load(Ordering::SeqCst), "nobody waits any more");
    }
}
