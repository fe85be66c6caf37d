//! What can go wrong between the store and its database.

use sqlx::postgres::PgDatabaseError;

/// A failure of the store. Its text may hold SQL: it is for the log, never for an answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or could not be reached.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// SQLite refused on the connection that writes.
    #[error("database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The schema could not be brought up to date.
    #[error("migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A column held something else than the schema says.
    #[error("column {column} of a row does not hold {expected}")]
    Shape {
        /// The column's place in the row.
        column: usize,
        /// What was expected there.
        expected: &'static str,
    },
    /// The address names neither database.
    #[error("“{0}” is no database address: sqlite:PATH or postgres://USER@HOST/NAME")]
    Address(String),
    /// A visitor that was found a moment ago was erased meanwhile.
    #[error("a visitor was erased while something of theirs was stored")]
    VisitorGone,
    /// A message that breaks a rule of orders.
    #[error(transparent)]
    BadOrder(#[from] crate::model::order::BadOrder),
    /// A message that names what nobody knows.
    #[error(transparent)]
    Refused(#[from] crate::message::BadField),
    /// A failure that several askers of one question share.
    #[error(transparent)]
    Shared(std::sync::Arc<Self>),
    /// A question that cannot be asked.
    #[error(transparent)]
    BadQuery(#[from] crate::report::BadQuery),
}

impl StoreError {
    /// The failure itself.
    fn cause(&self) -> &Self {
        if let Self::Shared(cause) = self { cause.cause() } else { self }
    }

    /// Why a question cannot be asked, if that is what it is.
    pub fn bad_query(&self) -> Option<&crate::report::BadQuery> {
        if let Self::BadQuery(bad) = self.cause() { Some(bad) } else { None }
    }

    /// Did the query run into its deadline?
    pub fn is_deadline(&self) -> bool {
        match self.code() {
            // SQLITE_INTERRUPT
            Some(Code::Sqlite(code)) => code & 0xff == 9,
            // query_canceled
            Some(Code::Postgres(code)) => code == "57014",
            None => false,
        }
    }

    /// Is the database away, busy or full, so that the same statement may succeed later?
    pub fn is_unavailable(&self) -> bool {
        match self.code() {
            // SQLITE_BUSY, SQLITE_LOCKED, SQLITE_IOERR, SQLITE_FULL and their extended codes.
            Some(Code::Sqlite(code)) => matches!(code & 0xff, 5 | 6 | 10 | 13),
            // Connection exceptions, insufficient resources, operator intervention, in recovery.
            Some(Code::Postgres(code)) => ["08", "53", "57"].iter().any(|class| code.starts_with(class)),
            None => {
                matches!(
                    self.cause(),
                    Self::Database(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed)
                )
            }
        }
    }

    /// Is it the fault of the values, so that trying the same again can never help?
    pub fn is_poison(&self) -> bool {
        match self.code() {
            // TOOBIG, CONSTRAINT, MISMATCH, RANGE
            Some(Code::Sqlite(code)) => matches!(code & 0xff, 18 | 19 | 20 | 25),
            // Data exceptions, integrity constraints.
            Some(Code::Postgres(code)) => code.starts_with("22") || code.starts_with("23"),
            None => matches!(
                self.cause(),
                Self::Database(sqlx::Error::Encode(_))
                    | Self::Shape { .. }
                    | Self::BadOrder(_)
                    | Self::Refused(_)
                    | Self::BadQuery(_)
            ),
        }
    }

    /// Did PostgreSQL end the transaction for the sake of another one? Trying again helps.
    pub fn is_deadlock(&self) -> bool {
        // deadlock_detected, serialization_failure
        matches!(self.code(), Some(Code::Postgres("40P01" | "40001")))
    }

    /// Did another transaction only come first?
    pub fn is_worth_another_try(&self) -> bool {
        self.is_deadlock() || self.is_conflict() || matches!(self, Self::VisitorGone)
    }

    /// Did a row of that key exist already?
    pub fn is_conflict(&self) -> bool {
        match self.code() {
            // SQLITE_CONSTRAINT_PRIMARYKEY, _UNIQUE, _ROWID
            Some(Code::Sqlite(code)) => matches!(code, 1555 | 2067 | 2579),
            // unique_violation
            Some(Code::Postgres(code)) => code == "23505",
            None => false,
        }
    }

    /// The database's own code, when it is the database that speaks.
    fn code(&self) -> Option<Code<'_>> {
        match self.cause() {
            Self::Sqlite(error) => error.sqlite_error().map(|error| Code::Sqlite(error.extended_code)),
            Self::Database(sqlx::Error::Database(error)) => {
                if let Some(error) = error.try_downcast_ref::<PgDatabaseError>() {
                    return Some(Code::Postgres(error.code()));
                }
                error.code()?.parse().ok().map(Code::Sqlite)
            }
            _ => None,
        }
    }
}

/// What kind of error it is, in a database's words.
enum Code<'a> {
    /// With what its extended codes add.
    Sqlite(i32),
    /// Five characters, the first two of which are a class.
    Postgres(&'a str),
}
