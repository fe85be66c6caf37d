//! What can go wrong between the store and its database.

/// A failure of the store. Its text may hold SQL: it is for the log, never for an answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or could not be reached.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
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

    /// Did the query run into its deadline?
    pub fn is_deadline(&self) -> bool {
        match self.cause() {
            // SQLite: SQLITE_INTERRUPT; PostgreSQL: query_canceled.
            Self::Database(sqlx::Error::Database(error)) => {
                error.code().is_some_and(|code| code == "9" || code == "57014")
            }
            _ => false,
        }
    }

    /// Is the database away, busy or full, so that the same statement may succeed later?
    pub fn is_unavailable(&self) -> bool {
        match self.cause() {
            Self::Database(sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed) => true,
            Self::Database(sqlx::Error::Database(error)) => error.code().is_some_and(|code| {
                // PostgreSQL: connection exceptions, insufficient resources, operator intervention, in recovery.
                let is_postgres = code.len() == 5 && ["08", "53", "57"].iter().any(|class| code.starts_with(class));
                // SQLite: SQLITE_BUSY, SQLITE_LOCKED, SQLITE_FULL, SQLITE_IOERR and their extended codes.
                let sqlite = code.parse::<i32>().ok().filter(|_| code.len() < 5).map(|code| code & 0xff);
                is_postgres || sqlite.is_some_and(|code| matches!(code, 5 | 6 | 10 | 13))
            }),
            _ => false,
        }
    }

    /// Is it the fault of the values, so that trying the same again can never help?
    pub fn is_poison(&self) -> bool {
        match self.cause() {
            Self::Database(sqlx::Error::Database(error)) => error.code().is_some_and(|code| {
                // PostgreSQL: data exceptions, integrity constraints. SQLite: TOOBIG, CONSTRAINT, MISMATCH, RANGE.
                let is_postgres = code.len() == 5 && (code.starts_with("22") || code.starts_with("23"));
                let sqlite = code.parse::<i32>().ok().filter(|_| code.len() < 5).map(|code| code & 0xff);
                is_postgres || sqlite.is_some_and(|code| matches!(code, 18 | 19 | 20 | 25))
            }),
            Self::Database(sqlx::Error::Encode(_))
            | Self::Shape { .. }
            | Self::BadOrder(_)
            | Self::Refused(_)
            | Self::BadQuery(_) => true,
            Self::Database(_) | Self::Migration(_) | Self::Address(_) | Self::VisitorGone | Self::Shared(_) => false,
        }
    }

    /// Did PostgreSQL end the transaction for the sake of another one? Trying again helps.
    pub fn is_deadlock(&self) -> bool {
        // deadlock_detected, serialization_failure
        matches!(self.cause(), Self::Database(sqlx::Error::Database(error))
            if error.code().is_some_and(|code| code == "40P01" || code == "40001"))
    }

    /// Did another transaction only come first?
    pub fn is_worth_another_try(&self) -> bool {
        self.is_deadlock() || self.is_conflict() || matches!(self, Self::VisitorGone)
    }

    /// Did a row of that key exist already?
    pub fn is_conflict(&self) -> bool {
        matches!(self.cause(), Self::Database(sqlx::Error::Database(error)) if error.is_unique_violation())
    }
}
