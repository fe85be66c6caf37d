//! The spool: where messages wait on the disk, in their order, while the database takes none.
//!
//! A thread of its own owns the file and writes what several ask for at once in one go: one `fdatasync` for all.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::sync::{Notify, RwLock, RwLockReadGuard, RwLockWriteGuard, oneshot};
use tracing::{error, info, warn};
use utm_dispatcher::model::Millis;

use self::claim::{claim, owner, take_over};
use self::file::{Record, SpoolFile};
use crate::config::{self, DatabaseUrl};

pub mod file;

mod claim;

/// So many messages are written by one `fdatasync`, or taken over at a time.
const MOST_AT_ONCE: usize = 512;

/// The spool of this process. Cheap to clone; the file is free for others once every clone is gone.
#[derive(Clone, Debug)]
pub struct Spool {
    shared: Arc<Shared>,
    commands: Sender<Command>,
}

/// What waits in the spool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// How many messages.
    pub messages: u64,
    /// When the first of them came; or the last that did, while the file is not cleared behind it.
    pub since: Millis,
}

/// Why a message could not be put into the spool.
#[derive(Debug, thiserror::Error)]
pub enum NotSpooled {
    /// There is no more room.
    #[error("the spool is full")]
    Full,
    /// Its disk does not take it.
    #[error("the spool's file cannot be written: {0}")]
    Disk(String),
    /// The spool's thread is gone.
    #[error("the spool is closed")]
    Closed,
}

/// Why there is no spool: one line.
#[derive(Debug, thiserror::Error)]
pub enum NoSpool {
    /// A file cannot be opened or made.
    #[error("the spool {0} cannot be opened ([spool] file)")]
    File(PathBuf, #[source] io::Error),
    /// Others have all the files that there may be.
    #[error("the spools {0} to {0}.{most} belong to other servers: give this one a [spool] file of its own", most = claim::MOST_FILES)]
    Taken(PathBuf),
    /// The system gives no thread.
    #[error("the spool's thread could not be started")]
    Thread(#[source] io::Error),
}

#[derive(Debug)]
struct Shared {
    seen: Mutex<Seen>,
    /// Who puts something in holds it for reading; held for writing, nothing comes in.
    door: RwLock<()>,
    filled: Notify,
    is_stopping: AtomicBool,
}

/// The file as it was after the last command.
#[derive(Debug, Default)]
struct Seen {
    waiting: Option<Waiting>,
    /// The number of the next record.
    end: u64,
}

enum Command {
    Put { at: Millis, bytes: Vec<u8>, reply: oneshot::Sender<Result<(), NotSpooled>> },
    Do(Box<dyn FnOnce(&mut SpoolFile) + Send>),
}

impl Spool {
    /// Opens the spool of a server on `database`. What a server left that is gone is taken over.
    pub fn open(settings: &config::Spool, database: &DatabaseUrl) -> Result<Self, NoSpool> {
        let owner = owner(database);
        let (mut file, left) = claim(&settings.file, settings.size, owner)?;
        for (path, mut other) in left {
            match take_over(&mut file, &mut other) {
                Ok(0) => {}
                Ok(messages) => info!(messages, path = %path.display(), "took over what another server left"),
                Err(error) => warn!(%error, path = %path.display(), "messages of another server stay where they are"),
            }
        }
        let (commands, received) = channel();
        let shared = Arc::new(Shared {
            seen: Mutex::default(),
            door: RwLock::default(),
            filled: Notify::new(),
            is_stopping: AtomicBool::new(false),
        });
        shared.look(&file);
        let seen = Arc::clone(&shared);
        let thread = thread::Builder::new().name("spool".to_owned());
        thread.spawn(move || run(file, &received, &seen)).map_err(NoSpool::Thread)?;
        Ok(Self { shared, commands })
    }

    /// How many messages wait for `database` in the files of servers that run or have run with these settings.
    pub fn left(settings: &config::Spool, database: &DatabaseUrl) -> u64 {
        claim::waiting(&settings.file, owner(database))
    }

    /// Has anything come in since it was cleared? Then whatever comes goes in behind it, and nothing past it.
    pub fn is_filled(&self) -> bool {
        self.shared.seen().waiting.is_some()
    }

    /// What waits in it now; `None` once it is empty and cleared.
    pub fn waiting(&self) -> Option<Waiting> {
        self.shared.seen().waiting
    }

    /// The number of the message that will come next.
    pub fn end(&self) -> u64 {
        self.shared.seen().end
    }

    /// Keeps the door open: until it is dropped, a spool that is filled stays so.
    pub async fn enter(&self) -> RwLockReadGuard<'_, ()> {
        self.shared.door.read().await
    }

    /// Shuts the door: until it is dropped nothing more comes in.
    pub async fn shut(&self) -> RwLockWriteGuard<'_, ()> {
        self.shared.door.write().await
    }

    /// Puts a message that came at `at` behind the others. When this returns it is on the disk.
    pub async fn put(&self, at: Millis, bytes: Vec<u8>) -> Result<(), NotSpooled> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(Command::Put { at, bytes, reply }).map_err(|_| NotSpooled::Closed)?;
        answer.await.map_err(|_| NotSpooled::Closed)?
    }

    /// Returns once it is filled.
    pub async fn filled(&self) {
        loop {
            let filled = self.shared.filled.notified();
            if self.is_filled() {
                return;
            }
            filled.await;
        }
    }

    /// The first messages that wait: at most `most`, none with the number `upto` or above.
    pub async fn first(&self, most: usize, upto: u64) -> io::Result<Vec<Record>> {
        self.with(move |file| file.first(most, upto)).await
    }

    /// The first `count` messages are stored.
    pub async fn forget(&self, count: usize) -> io::Result<()> {
        self.with(move |file| file.forget(count)).await
    }

    /// Begins anew at the file's head. Only with the door shut, and when nothing waits.
    pub async fn clear(&self) -> io::Result<()> {
        self.with(SpoolFile::clear).await
    }

    /// The server stops: what waits goes on waiting, for the next one.
    pub fn stop(&self) {
        self.shared.is_stopping.store(true, Ordering::Relaxed);
    }

    /// Does the server stop?
    pub fn is_stopping(&self) -> bool {
        self.shared.is_stopping.load(Ordering::Relaxed)
    }

    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut SpoolFile) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let (reply, answer) = oneshot::channel();
        let shared = Arc::clone(&self.shared);
        let work = move |file: &mut SpoolFile| {
            let result = work(file);
            shared.look(file);
            // Who asked may have lost patience.
            let _ = reply.send(result);
        };
        let closed = || io::Error::other("the spool is closed");
        self.commands.send(Command::Do(Box::new(work))).map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}

impl Shared {
    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells everybody how the file is now.
    fn look(&self, file: &SpoolFile) {
        let messages = file.waiting();
        let since = file.since().unwrap_or_else(|error| {
            error!(%error, "the spool cannot be read");
            None
        });
        let mut seen = self.seen();
        let before = seen.waiting.map_or(0, |waiting| waiting.since);
        let waiting = (!file.is_clear()).then(|| Waiting { messages, since: since.unwrap_or(before) });
        *seen = Seen { waiting, end: file.next_number() };
        if waiting.is_some() {
            self.filled.notify_waiters();
        }
    }
}

/// The thread that owns the file.
fn run(mut file: SpoolFile, commands: &Receiver<Command>, shared: &Shared) {
    while let Ok(first) = commands.recv() {
        let (mut records, mut replies, mut next) = (Vec::new(), Vec::new(), Some(first));
        let mut came = Millis::MAX;
        while let Some(command) = next.take() {
            match command {
                Command::Do(work) => work(&mut file),
                Command::Put { at, bytes, reply } => {
                    came = came.min(at);
                    records.push(bytes);
                    replies.push(reply);
                }
            }
            if records.len() < MOST_AT_ONCE {
                next = commands.try_recv().ok();
            }
        }
        if records.is_empty() {
            continue;
        }
        let written = file.append(came, records.iter().map(Vec::as_slice));
        shared.look(&file);
        if let Err(error) = &written {
            error!(%error, "the spool's file cannot be written");
        }
        for (place, reply) in replies.into_iter().enumerate() {
            // Who asked may be gone; the message is kept all the same.
            let _ = reply.send(match &written {
                Ok(count) if place < *count => Ok(()),
                Ok(_) => Err(NotSpooled::Full),
                Err(error) => Err(NotSpooled::Disk(error.to_string())),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn settings(folder: &TempDir) -> config::Spool {
        config::Spool { file: folder.path().join("spool"), size: 1 << 20 }
    }

    fn database(name: &str) -> DatabaseUrl {
        DatabaseUrl(format!("sqlite:{name}.db"))
    }

    async fn texts(spool: &Spool) -> Vec<String> {
        let records = spool.first(usize::MAX, u64::MAX).await.unwrap();
        records.into_iter().map(|record| String::from_utf8(record.bytes).unwrap()).collect()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_many_put_in_at_once_is_there_once_and_counted() {
        let folder = TempDir::new().unwrap();
        let spool = Spool::open(&settings(&folder), &database("one")).unwrap();
        assert_eq!((spool.is_filled(), spool.waiting(), spool.end()), (false, None, 0));
        let mut puts = tokio::task::JoinSet::new();
        for number in 0..200 {
            let spool = spool.clone();
            puts.spawn(async move { spool.put(5 + number, number.to_string().into_bytes()).await });
        }
        assert!(puts.join_all().await.into_iter().all(|put| put.is_ok()));
        assert_eq!(spool.waiting().unwrap().messages, 200);
        let mut found: Vec<u32> = texts(&spool).await.iter().map(|text| text.parse().unwrap()).collect();
        found.sort_unstable();
        assert_eq!(found, (0..200).collect::<Vec<_>>());
        spool.filled().await;
        spool.forget(200).await.unwrap();
        assert_eq!(spool.waiting().map(|waiting| waiting.messages), Some(0), "a restart would find them again");
        spool.clear().await.unwrap();
        assert_eq!((spool.is_filled(), spool.waiting(), spool.end()), (false, None, 200));
    }

    #[tokio::test]
    async fn a_full_spool_says_so_and_keeps_what_it_has() {
        let folder = TempDir::new().unwrap();
        let spool = Spool::open(&settings(&folder), &database("one")).unwrap();
        spool.put(1, vec![b'x'; 900_000]).await.unwrap();
        assert!(matches!(spool.put(2, vec![b'y'; 900_000]).await, Err(NotSpooled::Full)));
        assert_eq!(spool.waiting(), Some(Waiting { messages: 1, since: 1 }));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn servers_share_a_folder_but_no_file_and_leave_nothing_behind() {
        let folder = TempDir::new().unwrap();
        let one = Spool::open(&settings(&folder), &database("one")).unwrap();
        let two = Spool::open(&settings(&folder), &database("one")).unwrap();
        let other = Spool::open(&settings(&folder), &database("other")).unwrap();
        for (spool, text) in [(&one, "first"), (&two, "second"), (&other, "theirs")] {
            spool.put(1, text.into()).await.unwrap();
        }
        drop((one, two, other));
        // The threads let the files go when they notice.
        let reopened = async |name: &str, messages: &[&str]| {
            for _ in 0..1000 {
                let spool = Spool::open(&settings(&folder), &database(name)).unwrap();
                if texts(&spool).await == messages {
                    return;
                }
                drop(spool);
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
            panic!("{name} does not find {messages:?}");
        };
        reopened("one", &["first", "second"]).await;
        reopened("other", &["theirs"]).await;
    }
}
