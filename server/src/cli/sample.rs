//! `dispatcher demo`.

use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::Utc;

use crate::config::Config;
use crate::demo::{self, Options, Summary};
use crate::state::open_store;

/// Fills an empty database, brought up to date before, and says with what.
pub async fn run(config: &Config, options: &Options) -> anyhow::Result<()> {
    let store = open_store(config).await?;
    store.migrate().await.context("the schema could not be brought up to date")?;
    let mut told = Instant::now();
    let progress = |so_far: &Summary| {
        if told.elapsed() >= Duration::from_secs(2) {
            told = Instant::now();
            eprintln!("{} of {} sessions", so_far.sessions, options.sessions);
        }
    };
    let summary = demo::run(&store, options, Utc::now().timestamp_millis(), progress).await?;
    store.close().await;
    println!("{summary}");
    Ok(())
}
