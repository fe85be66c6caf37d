//! The only place that speaks SQL: one text for SQLite and PostgreSQL.

mod action;
mod audit;
mod bulk;
mod change;
mod code;
mod db;
mod dictionary;
mod erase;
mod error;
mod exclusion;
mod flight;
mod hash;
mod import;
mod ingest;
mod insert;
mod live;
mod message;
mod migrate;
mod order;
mod owner;
mod privacy;
mod report;
mod session;
mod session_detail;
mod setting;
mod spend;
mod sql;
mod user;
mod visitor;

use std::sync::Arc;

use chrono_tz::Tz;

pub use self::bulk::{ReadySession, Stretch};
pub use self::change::{About, Change, News, PAGE as CHANGES, Reader};
use self::db::Db;
use self::dictionary::Dictionaries;
pub use self::erase::Whom;
pub use self::error::StoreError;
pub use self::import::{Entry, Imported, ImportedSession};
pub use self::ingest::{Fact, Ingested};
pub use self::migrate::MigrationState;
pub use self::order::{Applied, Stored as StoredOrder};
pub use self::privacy::Forgotten;
pub use self::report::Explained;
pub use self::setting::Saved;
pub use self::user::{Credentials, Login, Token, User};
use crate::model::{AddressPolicy, IdSource};

/// The database with what is needed to read its numbers. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    db: Db,
    ids: Arc<IdSource>,
    dictionaries: Arc<Dictionaries>,
    tz: Tz,
    addresses: AddressPolicy,
    extra_actions: Arc<[String]>,
    flights: Arc<report::Flights>,
    known: Arc<report::Known>,
}

impl Store {
    /// Connects to `sqlite:PATH` (made when missing) or `postgres://…`. Periods are days of `tz`; after
    /// `max_new_values` new touches, clients, places and pages in a day the rest is stored as `(other)`.
    pub async fn connect(url: &str, tz: Tz, max_new_values: u64) -> Result<Self, StoreError> {
        let dictionaries = Arc::new(Dictionaries::new(max_new_values));
        let mut offset = [0; 2];
        // Without random numbers two processes only meet more often on one id, and try again.
        let _ = getrandom::fill(&mut offset);
        let ids = Arc::new(IdSource::starting_at(u16::from_le_bytes(offset)));
        let (db, flights, known) = (Db::connect(url).await?, Arc::default(), Arc::default());
        let extra_actions = Arc::new([]);
        Ok(Self { db, ids, dictionaries, tz, addresses: AddressPolicy::Whole, extra_actions, flights, known })
    }

    /// The same store, which keeps of visitors' addresses what `addresses` says.
    #[must_use]
    pub fn keeping(self, addresses: AddressPolicy) -> Self {
        Self { addresses, ..self }
    }

    /// The same store, which may be asked for the shop's own kinds of actions too.
    #[must_use]
    pub fn knowing(self, extra_actions: &[String]) -> Self {
        Self { extra_actions: extra_actions.into(), ..self }
    }

    /// The shop's own kinds of actions.
    pub fn extra_actions(&self) -> &[String] {
        &self.extra_actions
    }

    /// The same store, for a thread that has nothing else to do: what it writes to SQLite is written on that thread,
    /// without a walk to another one for each statement.
    #[must_use]
    pub fn at_hand(self) -> Self {
        Self { db: self.db.at_hand(), ..self }
    }

    /// The store's time zone.
    pub fn tz(&self) -> Tz {
        self.tz
    }

    /// Does the database answer?
    pub async fn ping(&self) -> Result<(), StoreError> {
        let mut tx = self.db.read().await?;
        tx.rows(&sql::Sql::new("select 1")).await?;
        Ok(())
    }

    /// Ends every connection, writing what SQLite's log still holds into its file.
    pub async fn close(&self) {
        self.db.close().await;
    }
}
