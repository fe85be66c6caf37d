//! The only place that speaks SQL: one text for SQLite and PostgreSQL.

mod db;
mod error;
mod hash;
mod insert;
mod migrate;
mod sql;

use std::sync::Arc;

use chrono_tz::Tz;

use self::db::Db;
pub use self::error::StoreError;
pub use self::migrate::MigrationState;
use crate::model::IdSource;

/// The database with what is needed to read its numbers. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    db: Db,
    ids: Arc<IdSource>,
    tz: Tz,
}

impl Store {
    /// Connects to `sqlite:PATH` (made when missing) or `postgres://…`. Periods are days of `tz`.
    pub async fn connect(url: &str, tz: Tz) -> Result<Self, StoreError> {
        Ok(Self { db: Db::connect(url).await?, ids: Arc::default(), tz })
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
