//! How each database numbers its transactions, and how it tells of a commit.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgListener, PgPoolOptions};
use sqlx::{ConnectOptions, SqliteConnection};

use super::{Db, Inner, Tx};
use crate::store::error::StoreError;
use crate::store::sql::Sql;

/// How often a SQLite file is looked at.
const EVERY: Duration = Duration::from_millis(100);
/// PostgreSQL's channel; what is told there is the change's number alone.
const CHANNEL: &str = "dispatcher_change";

/// Which transactions had been committed, as a reader saw it: all below `next` that were not `open` then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// No transaction that was seen has this number or a higher one.
    pub next: i64,
    /// Transactions with lower numbers that were still open.
    pub open: Vec<i64>,
}

impl FromStr for Snapshot {
    type Err = StoreError;

    /// PostgreSQL's own form, `xmin:xmax:open,open`.
    fn from_str(text: &str) -> Result<Self, StoreError> {
        let read = || {
            let mut parts = text.split(':').skip(1);
            let next = parts.next()?.parse().ok()?;
            let open = parts.next()?.split(',').filter(|id| !id.is_empty());
            Some(Self { next, open: open.map(str::parse).collect::<Result<_, _>>().ok()? })
        };
        read().ok_or(StoreError::Shape { column: 0, expected: "a snapshot" })
    }
}

impl Tx {
    /// Appends a change with this transaction's number; `$1` is when, `$2` what it concerns, `$3` the news of it. On
    /// PostgreSQL the listeners are told of it once it is committed.
    pub(super) fn append_change(&self) -> &'static str {
        match &self.inner {
            // There is one writer at a time, and the newest row is never pruned.
            Inner::Sqlite(_) | Inner::Writing(_) => {
                "insert into change (id, at, about, news) select coalesce(max(id), 0) + 1, $1, $2, $3 from change"
            }
            // A database that was moved to another server may hold rows with numbers of the old one.
            Inner::Postgres(_) => {
                "with appended as (insert into change (id, at, about, news) \
                 values (cast(cast(pg_current_xact_id() as text) as bigint), $1, $2, $3) \
                 on conflict (id) do update set at = excluded.at, about = excluded.about, news = excluded.news \
                 returning id) select cast(pg_notify('dispatcher_change', cast(id as text)) as text) from appended"
            }
        }
    }

    /// What is committed, as this transaction sees it.
    pub async fn snapshot(&mut self) -> Result<Snapshot, StoreError> {
        let sql = Sql::new(match &self.inner {
            Inner::Sqlite(_) | Inner::Writing(_) => "select ':' || (coalesce(max(id), 0) + 1) || ':' from change",
            Inner::Postgres(_) => "select cast(pg_current_snapshot() as text)",
        });
        let row = self.row(&sql).await?.ok_or(StoreError::Shape { column: 0, expected: "a snapshot" })?;
        row.text(0)?.parse()
    }
}

impl Db {
    /// Calls `heard` after commits, of this process or another one, on a connection of its own, until that is lost.
    pub async fn hear_commits(&self, heard: impl Fn()) -> Result<(), StoreError> {
        match self {
            Self::Sqlite { read, .. } => {
                let mut connection: SqliteConnection = read.connect_options().connect().await?;
                let mut known = None;
                loop {
                    // Another number whenever somebody else has written: here nobody else writes by this connection.
                    let version: i64 = sqlx::query_scalar("pragma data_version").fetch_one(&mut connection).await?;
                    if known.replace(version) != Some(version) {
                        heard();
                    }
                    tokio::time::sleep(EVERY).await;
                }
            }
            Self::Postgres { write, .. } => {
                let pool = PgPoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
                let pool = pool.connect_with(write.connect_options().as_ref().clone()).await?;
                let mut listener = PgListener::connect_with(&pool).await?;
                listener.listen(CHANNEL).await?;
                loop {
                    // What was told while nobody listened is found in the log.
                    heard();
                    listener.try_recv().await?;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snapshots_of_both_databases() {
        let cases = [
            ("10:10:", Some((10, vec![]))),
            ("10:20:10,14,15", Some((20, vec![10, 14, 15]))),
            (":1:", Some((1, vec![]))),
            ("10:20", None),
            ("10:x:", None),
            ("10:20:a", None),
            ("", None),
        ];
        for (text, read) in cases {
            let snapshot = text.parse::<Snapshot>().ok().map(|Snapshot { next, open }| (next, open));
            assert_eq!(snapshot, read, "{text:?}");
        }
    }
}
