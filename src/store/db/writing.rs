//! The one connection that writes to SQLite. sqlx runs every statement on a thread of its own, and to wake it and be
//! woken costs more than most statements do: here they run where they are asked for.

use std::path::Path;
use std::sync::Arc;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Statement};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::task::spawn_blocking;

use super::super::error::StoreError;
use super::super::sql::{Bind, Cell, Row};
use super::{BUSY_TIMEOUT, PRAGMAS, STATEMENTS};

/// The connection, for one transaction at a time, in the order in which they ask for it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Writer {
    /// `None` once it is closed.
    connection: Arc<Mutex<Option<Connection>>>,
    /// May statements run on the thread that asks for them?
    is_at_hand: bool,
}

/// The connection for the length of a transaction.
pub struct Writing {
    /// `None` while a statement runs on another thread, or once that thread is gone.
    open: Option<Open>,
    is_at_hand: bool,
}

/// Rolled back when dropped before it is committed, on whichever thread that is.
struct Open(OwnedMutexGuard<Option<Connection>>);

/// What a statement made.
#[derive(Debug, Default)]
pub struct Made {
    /// Its rows.
    pub rows: Vec<Row>,
    /// How many rows it changed.
    pub changed: u64,
}

impl Writer {
    /// Opens the file, and makes it when it is missing.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let path = path.to_owned();
        let opened = spawn_blocking(move || {
            // One thread at a time has it: SQLite needs no lock of its own.
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
            let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
            connection.busy_timeout(BUSY_TIMEOUT)?;
            connection.set_prepared_statement_cache_capacity(STATEMENTS);
            for (name, value) in [("journal_mode", "wal"), ("synchronous", "full"), ("foreign_keys", "on")] {
                connection.pragma_update(None, name, value)?;
            }
            for (name, value) in PRAGMAS {
                connection.pragma_update(None, name, value)?;
            }
            Ok(connection)
        });
        let connection = opened.await.map_err(|_| closed())?.map_err(StoreError::Sqlite)?;
        Ok(Self { connection: Arc::new(Mutex::new(Some(connection))), is_at_hand: false })
    }

    /// The same connection, whose statements run on the thread that asks for them.
    pub fn at_hand(self) -> Self {
        Self { is_at_hand: true, ..self }
    }

    /// Begins a transaction, once no other one of this process is under way.
    pub async fn begin(&self) -> Result<Writing, StoreError> {
        let open = Open(Arc::clone(&self.connection).lock_owned().await);
        let mut writing = Writing { open: Some(open), is_at_hand: self.is_at_hand };
        writing.command("begin immediate").await?;
        Ok(writing)
    }

    /// Moves the log into the file and empties it; `false` when readers kept it from being emptied.
    pub async fn empty_log(&self) -> Result<bool, StoreError> {
        let open = Open(Arc::clone(&self.connection).lock_owned().await);
        let mut connection = Writing { open: Some(open), is_at_hand: self.is_at_hand };
        let is_busy = connection.command("pragma wal_checkpoint(truncate)").await?;
        Ok(is_busy.rows.first().map(|row| row.int(0)).transpose()? == Some(0))
    }

    /// Closes the connection, once no transaction is under way.
    pub async fn close(&self) {
        let connection = self.connection.lock().await.take();
        // Whatever the log holds goes into the file: that may take a while.
        let _ = spawn_blocking(move || drop(connection)).await;
    }
}

impl Writing {
    /// Runs a statement.
    pub async fn run(&mut self, text: Arc<str>, values: impl IntoIterator<Item = &Bind>) -> Result<Made, StoreError> {
        if self.is_at_hand {
            return run(self.connection()?, &text, values);
        }
        let values: Vec<Bind> = values.into_iter().cloned().collect();
        self.elsewhere(move |connection| run(connection, &text, &values)).await
    }

    /// Runs a statement once for each of `rows`.
    pub async fn run_each<const N: usize>(&mut self, text: &str, rows: &[[Bind; N]]) -> Result<Made, StoreError> {
        if rows.is_empty() {
            return Ok(Made::default());
        }
        if self.is_at_hand {
            return run_each(self.connection()?, text, rows);
        }
        let (text, rows) = (text.to_owned(), rows.to_vec());
        self.elsewhere(move |connection| run_each(connection, &text, &rows)).await
    }

    /// Makes what was written last: it is on the disk when this returns.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        self.command("commit").await.map(drop)
    }

    async fn command(&mut self, text: &'static str) -> Result<Made, StoreError> {
        self.run(Arc::from(text), []).await
    }

    fn connection(&self) -> Result<&Connection, StoreError> {
        self.open.as_ref().and_then(|open| open.0.as_ref()).ok_or_else(closed)
    }

    /// Does `work` on a thread for what blocks.
    async fn elsewhere<F>(&mut self, work: F) -> Result<Made, StoreError>
    where
        F: FnOnce(&Connection) -> Result<Made, StoreError> + Send + 'static,
    {
        let open = self.open.take().ok_or_else(closed)?;
        let worked = spawn_blocking(move || {
            let made = open.0.as_ref().ok_or_else(closed).and_then(work);
            (open, made)
        });
        let (open, made) = worked.await.map_err(|_| closed())?;
        self.open = Some(open);
        made
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        // A transaction that SQLite ended by itself, as on a full disk, is none any more.
        if let Some(connection) = self.0.as_ref().filter(|connection| !connection.is_autocommit()) {
            // It fails where nothing is left to roll back.
            let _ = connection.execute_batch("rollback");
        }
    }
}

fn closed() -> StoreError {
    StoreError::Database(sqlx::Error::PoolClosed)
}

fn run<'a>(
    connection: &Connection,
    text: &str,
    values: impl IntoIterator<Item = &'a Bind>,
) -> Result<Made, StoreError> {
    let mut statement = connection.prepare_cached(text)?;
    let mut made = Made::default();
    bind(&mut statement, values)?;
    step(connection, &mut statement, &mut made)?;
    Ok(made)
}

fn run_each<const N: usize>(connection: &Connection, text: &str, rows: &[[Bind; N]]) -> Result<Made, StoreError> {
    let mut statement = connection.prepare_cached(text)?;
    let mut made = Made::default();
    for row in rows {
        bind(&mut statement, row)?;
        step(connection, &mut statement, &mut made)?;
    }
    Ok(made)
}

fn step(connection: &Connection, statement: &mut Statement<'_>, made: &mut Made) -> Result<(), StoreError> {
    let columns = statement.column_count();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        made.rows.push((0..columns).map(|column| cell(row, column)).collect::<Result<_, _>>().map(Row)?);
    }
    drop(rows);
    made.changed += connection.changes();
    Ok(())
}

/// Binds values. `?` stands for the next one; `$3` is a name to SQLite, whose place is that of its first mention.
fn bind<'a>(statement: &mut Statement<'_>, values: impl IntoIterator<Item = &'a Bind>) -> Result<(), StoreError> {
    let count = statement.parameter_count();
    if count == 0 || statement.parameter_name(1).is_none() {
        for (place, value) in (1..=count).zip(values) {
            bind_one(statement, place, value)?;
        }
        return Ok(());
    }
    let values: Vec<&Bind> = values.into_iter().collect();
    for place in 1..=count {
        let number = statement.parameter_name(place).and_then(|name| name.strip_prefix('$')?.parse::<usize>().ok());
        let value = number.and_then(|number| values.get(number.checked_sub(1)?));
        bind_one(statement, place, value.ok_or(rusqlite::Error::InvalidParameterCount(values.len(), count))?)?;
    }
    Ok(())
}

fn bind_one(statement: &mut Statement<'_>, place: usize, value: &Bind) -> rusqlite::Result<()> {
    match value {
        Bind::Int(value) => statement.raw_bind_parameter(place, value),
        Bind::Text(text) => statement.raw_bind_parameter(place, text.as_deref()),
    }
}

fn cell(row: &rusqlite::Row<'_>, column: usize) -> Result<Cell, StoreError> {
    match row.get_ref(column)? {
        ValueRef::Null => Ok(Cell::Null),
        ValueRef::Integer(value) => Ok(Cell::Int(value)),
        value @ ValueRef::Text(_) => value.as_str().map(|text| Cell::Text(text.to_owned())).map_err(|_| shape(column)),
        ValueRef::Real(_) | ValueRef::Blob(_) => Err(shape(column)),
    }
}

fn shape(column: usize) -> StoreError {
    StoreError::Shape { column, expected: "a whole number or a text" }
}
