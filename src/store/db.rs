//! The two databases behind one door: connections, transactions, deadlines. Dialects differ only here.

mod log;
mod reading;
mod writing;

use std::fmt::Write;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPoolOptions, PgRow};
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{
    Arguments, AssertSqlSafe, Column, Connection, Either, Executor, PgConnection, PgPool, Row as _, Sqlite, SqlitePool,
    Transaction, TypeInfo, ValueRef,
};

pub use self::log::Snapshot;
use self::reading::PgTx;
pub use self::writing::Made;
use self::writing::{Writer, Writing};
use super::change::{self, About, Noted, Notes};
use super::error::StoreError;
use super::flight;
use super::sql::{Bind, Cell, Row, Sql};
use crate::model::{Id, Millis};

/// A read that takes longer is ended.
pub const READ_DEADLINE: Duration = Duration::from_secs(15);
/// How long a writer waits for another process's write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
const READERS: u32 = 4;
/// So many are there from the start: two for a question that they answer together, and one more.
const IDLE_READERS: u32 = 3;
/// How PostgreSQL begins to read one snapshot.
const READING: &str = "begin isolation level repeatable read read only";
/// So many different statements stay prepared on each connection: the writer's come in some dozen sizes each.
const STATEMENTS: usize = 400;
/// Each reader keeps so much of SQLite's file in memory, as kilobytes with a minus before them. More is the kernel's to keep.
const READER_CACHE: &str = "-8192";
/// What SQLite is told on every connection.
const PRAGMAS: [(&str, &str); 4] = [
    // Kilobytes, with a minus before them. Few: when a page of an index is divided, SQLite goes through all that it keeps.
    ("cache_size", "-4096"),
    // So many pages the log holds before a commit moves them into the file, and keeps what comes after it waiting
    // meanwhile. A page that changed ten times is moved once: with a quarter of these pages a flooded server stored a tenth
    // less, and as many of its batches were late.
    ("wal_autocheckpoint", "4000"),
    ("temp_store", "memory"),
    // What is deleted is overwritten, so that what is erased is gone from the file too.
    ("secure_delete", "on"),
];
/// SQLite looks at the deadline each time it has run so many instructions.
const PROGRESS_STEPS: i32 = 10_000;

/// The pools of one database.
#[derive(Clone, Debug)]
pub enum Db {
    /// A file: one writer, several readers.
    Sqlite {
        /// Read-only connections.
        read: SqlitePool,
        /// The one writing connection.
        write: Writer,
        /// How further ones are made.
        options: Arc<SqliteConnectOptions>,
    },
    /// A server.
    Postgres {
        /// Connections whose statements have a deadline.
        read: PgPool,
        /// Connections whose statements have none.
        write: PgPool,
    },
}

/// A transaction; rolled back when dropped before [`Tx::commit`].
pub struct Tx {
    inner: Inner,
    /// Ends a SQLite query whose asker is gone.
    abandoned: Option<Abandoned>,
    /// What was read so far, when someone wants to know.
    heard: Option<Vec<Sql>>,
    /// What the log of changes is told at the end; `None` when nothing.
    change: Option<(About, Notes)>,
    /// Was a row changed? What was told before and changes nothing needs no log, and no sync of the disk.
    has_changed: bool,
}

enum Inner {
    /// One that reads.
    Sqlite(Transaction<'static, Sqlite>),
    Writing(Writing),
    Postgres(PgTx),
}

struct Abandoned(Arc<AtomicBool>);

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Db {
    /// Connects to `sqlite:PATH` or `postgres://…`.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let options = PgConnectOptions::from_str(url)?
                .application_name("utm-dispatcher")
                .statement_cache_capacity(STATEMENTS);
            // A pool would try for half a minute and then not say why.
            PgConnection::connect_with(&options).await?.close().await?;
            let deadline = READ_DEADLINE.as_millis().to_string();
            let read = PgPoolOptions::new()
                .min_connections(IDLE_READERS)
                .max_connections(2 * READERS)
                .connect_with(options.clone().options([("statement_timeout", deadline.as_str())]))
                .await?;
            let write = PgPoolOptions::new().max_connections(READERS).connect_with(options).await?;
            return Ok(Self::Postgres { read, write });
        }
        if !url.starts_with("sqlite:") {
            return Err(StoreError::Address(url.to_owned()));
        }
        let mut options = SqliteConnectOptions::from_str(url)?
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .statement_cache_capacity(STATEMENTS);
        for (name, value) in PRAGMAS {
            options = options.pragma(name, value);
        }
        let write = Writer::open(options.get_filename()).await?;
        let read = SqlitePoolOptions::new()
            .min_connections(IDLE_READERS)
            .max_connections(READERS)
            // A file does not hang up: nothing is to be tested each time.
            .test_before_acquire(false)
            .connect_with(options.clone().read_only(true).pragma("cache_size", READER_CACHE))
            .await?;
        Ok(Self::Sqlite { read, write, options: Arc::new(options) })
    }

    /// The same database, for a thread that may wait: what it writes to SQLite is written on it.
    pub fn at_hand(self) -> Self {
        match self {
            Self::Sqlite { read, write, options } => Self::Sqlite { read, write: write.at_hand(), options },
            postgres @ Self::Postgres { .. } => postgres,
        }
    }

    /// Begins a transaction that reads one snapshot, and must be done within [`READ_DEADLINE`].
    pub async fn read(&self) -> Result<Tx, StoreError> {
        match self {
            Self::Sqlite { read, .. } => bounded(read.begin().await?).await,
            Self::Postgres { read, write } => {
                let tx = read.begin_with(READING).await?;
                Ok(Tx::new(Inner::Postgres(PgTx::reading(tx, write).await?)))
            }
        }
    }

    /// As [`Db::read`], on a connection that nobody uses; `None` when there is none, or it is the last one that others could use.
    pub async fn read_if_idle(&self) -> Result<Option<Tx>, StoreError> {
        let has_others = match self {
            Self::Sqlite { read, .. } => read.num_idle() > 1,
            Self::Postgres { read, .. } => read.num_idle() > 1,
        };
        if !has_others {
            return Ok(None);
        }
        match self {
            Self::Sqlite { read, .. } => match read.try_begin().await? {
                Some(tx) => bounded(tx).await.map(Some),
                None => Ok(None),
            },
            Self::Postgres { read, write } => match read.try_begin_with(READING).await? {
                Some(tx) => Ok(Some(Tx::new(Inner::Postgres(PgTx::reading(tx, write).await?)))),
                None => Ok(None),
            },
        }
    }

    /// Begins a transaction that writes what reports are made of. On SQLite there is one at a time.
    pub async fn write(&self) -> Result<Tx, StoreError> {
        self.write_about(About::Facts).await
    }

    /// Begins a transaction that writes something else than facts.
    pub async fn write_about(&self, about: About) -> Result<Tx, StoreError> {
        Ok(Tx { change: Some((about, Notes::default())), ..self.write_unlogged().await? })
    }

    /// Begins a transaction that writes what concerns nobody: the log of changes does not know of it.
    pub async fn write_unlogged(&self) -> Result<Tx, StoreError> {
        let inner = match self {
            Self::Sqlite { write, .. } => Inner::Writing(write.begin().await?),
            Self::Postgres { write, .. } => Inner::Postgres(PgTx::writing(write.begin().await?)),
        };
        Ok(Tx::new(inner))
    }

    /// On SQLite the log still holds pages as they were before: moves it into the file and empties it. `false` when
    /// readers kept it from being emptied.
    pub async fn empty_log(&self) -> Result<bool, StoreError> {
        match self {
            Self::Sqlite { write, .. } => write.empty_log().await,
            Self::Postgres { .. } => Ok(true),
        }
    }

    /// Closes every connection.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { read, write, .. } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres { read, write } => {
                read.close().await;
                write.close().await;
            }
        }
    }
}

/// A transaction of SQLite that ends when it takes too long or its asker is gone.
async fn bounded(mut tx: Transaction<'static, Sqlite>) -> Result<Tx, StoreError> {
    let abandoned = Arc::new(AtomicBool::new(false));
    let (stop, deadline) = (Arc::clone(&abandoned), Instant::now() + READ_DEADLINE);
    tx.lock_handle()
        .await?
        .set_progress_handler(PROGRESS_STEPS, move || !stop.load(Ordering::Relaxed) && Instant::now() < deadline);
    Ok(Tx { abandoned: Some(Abandoned(abandoned)), ..Tx::new(Inner::Sqlite(tx)) })
}

impl Tx {
    fn new(inner: Inner) -> Self {
        Self { inner, abandoned: None, heard: None, change: None, has_changed: false }
    }

    /// Notes an action for the log of changes.
    pub fn note_action(&mut self, action: Noted) {
        if let Some((_, notes)) = &mut self.change {
            notes.actions.push(action);
        }
    }

    /// Notes a session that opened.
    pub fn note_session(&mut self, session: Noted) {
        if let Some((_, notes)) = &mut self.change {
            notes.sessions.push(session);
        }
    }

    /// Notes that a visitor did something.
    pub fn note_seen(&mut self, visitor: Id, at: Millis) {
        if let Some((_, notes)) = &mut self.change {
            notes.seen.push((visitor, at));
        }
    }

    /// Runs a statement and returns its rows.
    pub async fn rows(&mut self, sql: &Sql) -> Result<Vec<Row>, StoreError> {
        if let Some(heard) = &mut self.heard {
            heard.push(sql.clone());
        }
        self.rows_of(Arc::from(sql.text.as_str()), &sql.values).await
    }

    /// Runs the statement `text`, composed without a word from outside, and returns its rows.
    pub async fn rows_of(
        &mut self,
        text: Arc<str>,
        values: impl IntoIterator<Item = &Bind>,
    ) -> Result<Vec<Row>, StoreError> {
        self.made_by(text, values).await.map(|made| made.rows)
    }

    /// Runs the statement `text`, composed without a word from outside.
    pub async fn made_by(
        &mut self,
        text: Arc<str>,
        values: impl IntoIterator<Item = &Bind>,
    ) -> Result<Made, StoreError> {
        // Of a statement that reads, databases count what was read, or what the one before it changed.
        let is_reading = text.starts_with("select");
        // Composed text becomes a statement here alone: every outside value is bound.
        let made = match &mut self.inner {
            Inner::Sqlite(tx) => run_sqlite(tx, AssertSqlSafe(text), sqlite_arguments(values)?).await,
            Inner::Writing(tx) => tx.run(text, values).await,
            Inner::Postgres(tx) => {
                let (rows, changed) = tx.run(AssertSqlSafe(text), postgres_arguments(values)?).await?;
                Ok(Made { rows: rows.iter().map(postgres_row).collect::<Result<_, _>>()?, changed })
            }
        }?;
        self.has_changed |= made.changed > 0 && !is_reading;
        Ok(made)
    }

    /// The names of a table's columns, in their order.
    pub async fn columns(&mut self, table: &str) -> Result<Vec<String>, StoreError> {
        let sql = Sql::new(match &self.inner {
            Inner::Sqlite(_) | Inner::Writing(_) => "select name from pragma_table_info($1) order by cid",
            Inner::Postgres(_) => {
                "select column_name::text from information_schema.columns \
                 where table_schema = current_schema() and table_name = $1 order by ordinal_position"
            }
        });
        self.rows(&sql.bind(table)).await?.iter().map(|row| row.text(0)).collect()
    }

    /// From now on remembers what is read.
    pub fn listen(&mut self) {
        self.heard = Some(Vec::new());
    }

    /// What was read since [`Tx::listen`].
    pub fn take_heard(&mut self) -> Vec<Sql> {
        self.heard.take().unwrap_or_default()
    }

    /// How the database would read `sql`, a line for each step.
    pub async fn plan(&mut self, sql: &Sql) -> Result<Vec<String>, StoreError> {
        let (explain, column) = match &self.inner {
            Inner::Sqlite(_) | Inner::Writing(_) => ("explain query plan", 3),
            Inner::Postgres(_) => ("explain", 0),
        };
        let explained = Sql { text: format!("{explain} {}", sql.text), values: sql.values.clone() };
        self.rows(&explained).await?.iter().map(|row| row.text(column)).collect()
    }

    /// A subselect of the texts of a JSON array that is bound at a place, counted from 1: a list that may be longer
    /// than a statement may have placeholders.
    pub fn unnest(&self) -> fn(usize) -> String {
        match &self.inner {
            Inner::Sqlite(_) | Inner::Writing(_) => |place| format!("(select value from json_each(${place}))"),
            Inner::Postgres(_) => |place| format!("(select jsonb_array_elements_text(cast(${place} as jsonb)))"),
        }
    }

    /// What appends to a text the placeholder of the value that is bound at a place, counted from 1; for statements that
    /// bind each value once and in its order. SQLite takes `$1` for a name and looks each one up among all others,
    /// which costs more than the insert itself where there are thousands.
    pub fn placeholder(&self) -> fn(&mut String, usize) {
        match &self.inner {
            Inner::Sqlite(_) | Inner::Writing(_) => |text, _| text.push('?'),
            Inner::Postgres(_) => |text, place| {
                // Writing to a String cannot fail.
                let _ = write!(text, "${place}");
            },
        }
    }

    /// What makes a `select` lock its rows until the transaction ends. On SQLite nobody else writes meanwhile.
    pub fn locking(&self) -> &'static str {
        match &self.inner {
            Inner::Sqlite(_) | Inner::Writing(_) => "",
            Inner::Postgres(_) => " for update",
        }
    }

    /// Runs a statement and returns its first row, if any.
    pub async fn row(&mut self, sql: &Sql) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(sql).await?.into_iter().next())
    }

    /// Runs a statement and returns how many rows it changed.
    pub async fn run(&mut self, sql: &Sql) -> Result<u64, StoreError> {
        Ok(self.made_by(Arc::from(sql.text.as_str()), &sql.values).await?.changed)
    }

    /// The database, where a statement for each row costs no more than one for all of them: it is about to change rows.
    pub fn row_by_row(&mut self) -> Option<&mut Writing> {
        let Inner::Writing(tx) = &mut self.inner else { return None };
        self.has_changed = true;
        Some(tx)
    }

    /// Makes what was written last. On SQLite the data is on the disk when this returns.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        if let Some((about, notes)) = self.change.take().filter(|_| self.has_changed) {
            self.made_by(Arc::from(self.append_change()), &change::row(about, notes)).await?;
        }
        let Self { inner, abandoned, .. } = self;
        match inner {
            Inner::Sqlite(tx) => tx.commit().await?,
            Inner::Writing(tx) => tx.commit().await?,
            Inner::Postgres(tx) => tx.commit().await?,
        }
        drop(abandoned);
        flight::committed();
        Ok(())
    }
}

/// Runs one statement. `fetch_all` and `execute` would wait until SQLite's thread has said that no other statement
/// follows: it would have to wake this one twice.
async fn run_sqlite(
    tx: &mut Transaction<'static, Sqlite>,
    text: AssertSqlSafe<Arc<str>>,
    arguments: SqliteArguments,
) -> Result<Made, StoreError> {
    let mut results = tx.fetch_many(sqlx::query_with(text, arguments));
    let mut made = Made::default();
    while let Some(result) = results.try_next().await? {
        match result {
            Either::Right(row) => made.rows.push(sqlite_row(&row)?),
            Either::Left(done) => return Ok(Made { changed: done.rows_affected(), ..made }),
        }
    }
    Ok(made)
}

fn sqlite_arguments<'a>(values: impl IntoIterator<Item = &'a Bind>) -> Result<SqliteArguments, StoreError> {
    let mut arguments = SqliteArguments::default();
    for value in values {
        match value {
            Bind::Int(value) => arguments.add(*value),
            Bind::Text(text) => arguments.add(text.clone()),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

fn postgres_arguments<'a>(values: impl IntoIterator<Item = &'a Bind>) -> Result<PgArguments, StoreError> {
    let mut arguments = PgArguments::default();
    for value in values {
        match value {
            Bind::Int(value) => arguments.add(*value),
            Bind::Text(text) => arguments.add(text.as_deref()),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

fn sqlite_row(row: &SqliteRow) -> Result<Row, StoreError> {
    let cell = |column: usize| {
        let value = row.try_get_raw(column)?;
        if value.is_null() {
            return Ok(Cell::Null);
        }
        match value.type_info().name() {
            "INTEGER" => Ok(Cell::Int(row.try_get(column)?)),
            "TEXT" => Ok(Cell::Text(row.try_get(column)?)),
            _ => Err(StoreError::Shape { column, expected: "a whole number or a text" }),
        }
    };
    (0..row.len()).map(cell).collect::<Result<_, _>>().map(Row)
}

fn postgres_row(row: &PgRow) -> Result<Row, StoreError> {
    let cell = |column: usize| {
        if row.try_get_raw(column)?.is_null() {
            return Ok(Cell::Null);
        }
        match row.column(column).type_info().name() {
            "INT8" => Ok(Cell::Int(row.try_get(column)?)),
            "INT4" => Ok(Cell::Int(row.try_get::<i32, _>(column)?.into())),
            "INT2" => Ok(Cell::Int(row.try_get::<i16, _>(column)?.into())),
            "TEXT" | "VARCHAR" | "NAME" => Ok(Cell::Text(row.try_get(column)?)),
            _ => Err(StoreError::Shape { column, expected: "a whole number or a text" }),
        }
    };
    (0..row.len()).map(cell).collect::<Result<_, _>>().map(Row)
}
