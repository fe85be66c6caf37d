//! `dispatcher migrate`.

use anyhow::Context;

use crate::config::Config;
use crate::state::open_store;

/// Applies what is pending, and says what that was.
pub async fn apply(config: &Config) -> anyhow::Result<()> {
    let store = open_store(config).await?;
    let before = store.migrations().await.context("the database does not answer")?;
    store.migrate().await.context("the schema could not be brought up to date")?;
    for migration in before.iter().filter(|migration| !migration.is_applied) {
        println!("applied {:04} {}", migration.version, migration.name);
    }
    store.close().await;
    Ok(())
}

/// Shows every migration, applied or pending.
pub async fn list(config: &Config) -> anyhow::Result<()> {
    let store = open_store(config).await?;
    for migration in store.migrations().await.context("the database does not answer")? {
        let state = if migration.is_applied { "applied" } else { "pending" };
        println!("{state} {:04} {}", migration.version, migration.name);
    }
    store.close().await;
    Ok(())
}
