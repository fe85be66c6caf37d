//! `dispatcher erase`: removes what identifies a person.

use std::time::Duration;

use anyhow::{Context, bail};
use utm_dispatcher::store::{Forgotten, Store, Whom};

use crate::config::Config;
use crate::state::{now, open_existing};
use crate::track::spool::Spool;

/// How often the log is tried to be emptied while others read.
const LOG_TRIES: usize = 20;
const LOG_PAUSE: Duration = Duration::from_millis(100);

/// Erases `whom` and says what was found; nobody found is an error.
pub async fn run(config: &Config, whom: Option<Whom>) -> anyhow::Result<()> {
    let Some(whom) = whom else { bail!("who is to be erased? --email, --visitor or --order says it") };
    // It may be of the very person, and would bring them back; in a file of the server's, nobody else can change it.
    let waiting = Spool::left(&config.spool, &config.database.url);
    if waiting > 0 {
        bail!(
            "nothing was erased: {waiting} messages wait in the spool {} and may be of whom you name; erase again once the \
             server has stored them (/readyz shows no spool)",
            config.spool.file.display()
        );
    }
    let store = open_existing(config).await?;
    store.migrate().await.context("the schema could not be brought up to date")?;
    let who = std::env::var("USER").map_or_else(|_| "command line".to_owned(), |user| format!("command line: {user}"));
    let done = store.erase(&whom, &who, now()).await.context("nothing was erased")?;
    if done == Forgotten::default() {
        store.close().await;
        bail!("nothing was found by this {}", whom.kind());
    }
    let Forgotten { visitors, keys, sessions, codes, actions, orders } = done;
    println!("found: visitors {visitors}, sessions {sessions}, actions {actions}, orders {orders}");
    println!(
        "removed: addresses, agents, click ids, referrers' queries, searches, e-mails and phones; hashes of cookies \
         {keys}, codes {codes}; what is left belongs to a new visitor that nothing leads to"
    );
    if !emptied(&store).await? {
        println!("SQLite's log is being read and was not emptied: what was removed leaves it as new data comes in");
    }
    store.close().await;
    Ok(())
}

async fn emptied(store: &Store) -> anyhow::Result<bool> {
    for _ in 0..LOG_TRIES {
        if store.forget_log().await? {
            return Ok(true);
        }
        tokio::time::sleep(LOG_PAUSE).await;
    }
    Ok(false)
}
