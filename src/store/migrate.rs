//! Bringing the schema up to date.

use sqlx::migrate::Migrator;
use sqlx::{Connection, SqliteConnection};

use super::Store;
use super::db::Db;
use super::error::StoreError;
use super::sql::Sql;

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

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
                let mut connection = SqliteConnection::connect_with(options).await?;
                MIGRATIONS.run(&mut connection).await?;
                connection.close().await?;
            }
            Db::Postgres { write, .. } => MIGRATIONS.run(write).await?,
        }
        Ok(())
    }

    /// Every migration, the first one first.
    pub async fn migrations(&self) -> Result<Vec<MigrationState>, StoreError> {
        let applied = self.applied_versions().await?;
        Ok(MIGRATIONS
            .iter()
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
