//! A PostgreSQL transaction that reads: when its asker goes before an answer has come, the server is told to end it.

use std::sync::Arc;

use futures_util::TryStreamExt;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{AssertSqlSafe, Either, Executor, PgPool, Postgres, Transaction};

/// A transaction of PostgreSQL.
pub struct PgTx {
    /// `None` only while it is taken apart.
    tx: Option<Transaction<'static, Postgres>>,
    /// Who can end what it does; `None` for one that writes.
    end: Option<End>,
}

struct End {
    pool: PgPool,
    /// The server's process that works for the connection.
    process: i32,
    is_reading: bool,
}

impl PgTx {
    /// One that writes: it is never ended in the middle.
    pub fn writing(tx: Transaction<'static, Postgres>) -> Self {
        Self { tx: Some(tx), end: None }
    }

    /// One that reads, ended by way of `pool`.
    pub async fn reading(mut tx: Transaction<'static, Postgres>, pool: &PgPool) -> Result<Self, sqlx::Error> {
        let process = sqlx::query_scalar("select pg_backend_pid()").fetch_one(&mut *tx).await?;
        Ok(Self { tx: Some(tx), end: Some(End { pool: pool.clone(), process, is_reading: false }) })
    }

    /// Runs a statement: its rows, and how many it changed.
    pub async fn run(
        &mut self,
        text: AssertSqlSafe<Arc<str>>,
        arguments: PgArguments,
    ) -> Result<(Vec<PgRow>, u64), sqlx::Error> {
        self.set_reading(true);
        let made = made(self.tx()?, text, arguments).await;
        self.set_reading(false);
        made
    }

    fn tx(&mut self) -> Result<&mut Transaction<'static, Postgres>, sqlx::Error> {
        // It is there until it is committed or dropped, after which nobody has it.
        self.tx.as_mut().ok_or(sqlx::Error::WorkerCrashed)
    }

    fn set_reading(&mut self, is_reading: bool) {
        if let Some(end) = &mut self.end {
            end.is_reading = is_reading;
        }
    }

    /// Makes what was written last.
    pub async fn commit(mut self) -> Result<(), sqlx::Error> {
        match self.tx.take() {
            Some(tx) => tx.commit().await,
            None => Ok(()),
        }
    }
}

async fn made(
    tx: &mut Transaction<'static, Postgres>,
    text: AssertSqlSafe<Arc<str>>,
    arguments: PgArguments,
) -> Result<(Vec<PgRow>, u64), sqlx::Error> {
    let mut results = tx.fetch_many(sqlx::query_with(text, arguments));
    let (mut rows, mut changed) = (Vec::new(), 0);
    while let Some(result) = results.try_next().await? {
        match result {
            Either::Right(row) => rows.push(row),
            Either::Left(done) => changed += done.rows_affected(),
        }
    }
    Ok((rows, changed))
}

impl Drop for PgTx {
    fn drop(&mut self) {
        let Some(End { pool, process, is_reading: true }) = self.end.take() else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        // The connection goes back to its pool only afterwards, so that nobody else's statement is ended.
        let tx = self.tx.take();
        runtime.spawn(async move {
            let ended = sqlx::query("select pg_cancel_backend($1)").bind(process).execute(&pool).await;
            if let Err(error) = ended {
                tracing::warn!(%error, "a query that nobody waits for could not be ended");
            }
            drop(tx);
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::super::{Db, READ_DEADLINE, Tx};
    use crate::store::sql::Sql;

    /// Without an end.
    fn endless(mark: &str) -> Sql {
        Sql::new(&format!(
            "with recursive n (i) as (select 1 union all select (i + 1) % 1000 from n) select count(*) /* {mark} */ from n"
        ))
    }

    async fn sqlite() -> (tempfile::TempDir, Db) {
        let dir = tempfile::TempDir::new().unwrap();
        let db = Db::connect(&format!("sqlite:{}", dir.path().join("store.db").display())).await.unwrap();
        (dir, db)
    }

    async fn postgres() -> Option<Db> {
        Some(Db::connect(&std::env::var("TEST_POSTGRES_URL").ok()?).await.unwrap())
    }

    /// Begins `sql` and goes away.
    async fn abandon(db: &Db, sql: &Sql) {
        let mut tx = db.read().await.unwrap();
        let asked = tokio::time::timeout(Duration::from_millis(300), tx.rows(sql)).await;
        assert!(asked.is_err(), "it has no end");
    }

    async fn is_fast(tx: &mut Tx) -> bool {
        let began = Instant::now();
        tx.rows(&Sql::new("select 1")).await.unwrap();
        began.elapsed() < Duration::from_secs(5)
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_query_ends_when_its_asker_is_gone() {
        let (_dir, db) = sqlite().await;
        // More than there are connections: each is free again at once.
        for _ in 0..6 {
            abandon(&db, &endless("sqlite")).await;
        }
        assert!(is_fast(&mut db.read().await.unwrap()).await);

        let Some(db) = postgres().await else { return };
        let mark = format!("abandoned {}", std::process::id());
        abandon(&db, &endless(&mark)).await;
        let running = Sql::new("select count(*) from pg_stat_activity where state = 'active' and query like $1");
        let running = running.bind(format!("%{mark}%n"));
        let began = Instant::now();
        loop {
            let count = db.read().await.unwrap().row(&running).await.unwrap().unwrap().int(0).unwrap();
            if count == 0 {
                break;
            }
            assert!(began.elapsed() < Duration::from_secs(5), "the server goes on with it");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        // Nobody else's query was ended by it.
        for _ in 0..20 {
            assert!(is_fast(&mut db.read().await.unwrap()).await);
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_query_has_a_deadline() {
        let (_dir, sqlite) = sqlite().await;
        let databases = [Some(sqlite), postgres().await];
        let asked = databases.into_iter().flatten().map(|db| async move {
            let began = Instant::now();
            let error = db.read().await.unwrap().rows(&endless("deadline")).await.unwrap_err();
            assert!(error.is_deadline(), "{error}");
            let took = began.elapsed();
            assert!(took + Duration::from_secs(1) >= READ_DEADLINE && took < 2 * READ_DEADLINE, "{took:?}");
        });
        futures_util::future::join_all(asked).await;
    }
}
