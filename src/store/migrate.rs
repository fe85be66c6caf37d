//! Bringing the schema up to date.

use sqlx::migrate::{Migration, Migrator};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};

use super::Store;
use super::db::Db;
use super::error::StoreError;
use super::sql::Sql;

/// Those of every database, and those that only SQLite needs.
static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");
static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("./migrations/sqlite");

/// A migration, and whether this database has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationState {
    /// Its number.
    pub version: i64,
    /// Its name.
    pub name: String,
    /// Is it in the database?
    pub is_applied: bool,
}

impl Store {
    /// Applies what is pending; several processes may do so at once.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        match &self.db {
            Db::Sqlite { options, .. } => {
                // SQLite alters a table by making it again, which those that refer to it must not notice.
                let options = SqliteConnectOptions::clone(options).foreign_keys(false);
                let mut connection = SqliteConnection::connect_with(&options).await?;
                Migrator::with_migrations(self.known_migrations()).run(&mut connection).await?;
                connection.close().await?;
            }
            Db::Postgres { write, .. } => MIGRATIONS.run(write).await?,
        }
        Ok(())
    }

    /// Those of this database, the first one first.
    fn known_migrations(&self) -> Vec<Migration> {
        let own = matches!(self.db, Db::Sqlite { .. }).then_some(&SQLITE_MIGRATIONS);
        let own = own.into_iter().flat_map(Migrator::iter);
        let mut known: Vec<Migration> = MIGRATIONS.iter().chain(own).cloned().collect();
        known.sort_by_key(|migration| migration.version);
        known
    }

    /// Every migration, the first one first.
    pub async fn migrations(&self) -> Result<Vec<MigrationState>, StoreError> {
        let applied = self.applied_versions().await?;
        Ok(self
            .known_migrations()
            .into_iter()
            .map(|migration| MigrationState {
                version: migration.version,
                name: migration.description.to_string(),
                is_applied: applied.contains(&migration.version),
            })
            .collect())
    }

    async fn applied_versions(&self) -> Result<Vec<i64>, StoreError> {
        let catalogue = match &self.db {
            Db::Sqlite { .. } => "select name from sqlite_master where name = $1",
            Db::Postgres { .. } => "select table_name::text from information_schema.tables where table_name = $1",
        };
        let mut tx = self.db.read().await?;
        if tx.row(&Sql::new(catalogue).bind("_sqlx_migrations")).await?.is_none() {
            return Ok(Vec::new());
        }
        let rows = tx.rows(&Sql::new("select version from _sqlx_migrations order by version")).await?;
        rows.iter().map(|row| row.int(0)).collect()
    }
}
