//! `dispatcher serve`: everything that runs until the process is told to stop.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use axum::Router;
use axum::middleware::from_fn_with_state;
use http::uri::Scheme;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use utm_dispatcher::tracking::{self, Agents, Rules};

use crate::config::Config;
use crate::state::{AppState, open_store};
use crate::track::code::{self, Codes};
use crate::track::layer::{Tracker, track};
use crate::track::proxy;
use crate::track::queue::{Recorder, queue};
use crate::track::writer::{self, EndedEarly};
use crate::{jobs, listen, storefront};

/// From the signal to the end: requests under way are finished, and what is queued is written.
const LAST: Duration = Duration::from_millis(9_500);

/// Serves until SIGTERM or SIGINT.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let store = open_store(&config).await?;
    store.migrate().await.context("the database's schema could not be brought up to date")?;
    if store.users().await.context("the database does not answer")?.is_empty() {
        tracing::warn!("nobody can log in yet; add someone: dispatcher user add EMAIL --role admin");
    }
    let state = AppState::new(config, store)?;
    for warning in state.warnings() {
        tracing::warn!("{warning}");
    }
    let addr = state.config.site.addr;
    let listener = TcpListener::bind(addr).await.with_context(|| format!("{addr} cannot be listened on"))?;
    println!("listening on http://{}", listener.local_addr()?);

    let (recorder, mut writer) = start_writer(&state)?;
    let stop = CancellationToken::new();
    let jobs = jobs::start(state.store.clone(), state.config.privacy.clone(), stop.clone());
    let app = crate::router(state.clone(), storefront(&state, recorder.clone()));
    let server = listen::serve(listener, app, &state.config.limits, stop.clone().cancelled_owned());
    let mut server = std::pin::pin!(server);
    let deadline = tokio::select! {
        () = &mut server => Instant::now() + LAST,
        ended = &mut writer => {
            // It ends only when it is told to: this is a panic, and without a writer nothing would be kept.
            ended.context("the writer ended")??;
            bail!("the writer ended");
        }
        signal = listen::stop_signal() => {
            signal.context("the signals of the system cannot be waited for")?;
            let deadline = Instant::now() + LAST;
            stop.cancel();
            server.await;
            deadline
        }
    };
    stop.cancel();
    let written = async {
        recorder.end().await;
        writer.await
    };
    match tokio::time::timeout_at(deadline, written).await {
        Ok(ended) => ended.context("the writer ended")??,
        Err(_) => bail!("the database did not take all that was queued in time; what was left is lost"),
    }
    // It stops between two steps of a transaction at the latest.
    jobs.await.context("what is done by the clock ended")?;
    state.store.close().await;
    Ok(())
}

/// Starts the one writer, with all that it makes facts of requests by.
fn start_writer(state: &AppState) -> anyhow::Result<(Recorder, JoinHandle<Result<(), EndedEarly>>)> {
    // The first visitor must not wait for the automata that tell people from bots.
    tracking::prepare();
    let counters = Arc::clone(&state.counters);
    let (recorder, jobs) = queue(state.config.tracking.queue, Arc::clone(&counters));
    let writer = writer::start(jobs, state.store.clone(), Agents::new(), Arc::clone(&state.geo), counters);
    Ok((recorder, writer.context("the writer's thread could not be started")?))
}

/// What answers on all paths that are not ours, behind the tracking layer.
fn storefront(state: &AppState, recorder: Recorder) -> Router {
    let config = &state.config;
    let pages = match config.storefront.upstream.clone() {
        None => {
            storefront::router(storefront::Options { zone: config.store.timezone, secure_cookies: config.is_https() })
        }
        Some(upstream) => {
            let options = proxy::Options {
                trusted_proxies: config.tracking.trusted_proxies.clone(),
                scheme: if config.is_https() { Scheme::HTTPS } else { Scheme::HTTP },
                ..proxy::Options::default()
            };
            Router::new().fallback_service(proxy::service(upstream, options))
        }
    };
    if !config.tracking.enabled {
        return pages;
    }
    let public_host = config.site.public_url.as_ref().map(|url| url.host().to_owned());
    let rules = Rules {
        own_hosts: config.tracking.own_hosts.iter().cloned().chain(public_host).collect(),
        trusted_proxies: config.tracking.trusted_proxies.clone(),
        ..Rules::default()
    };
    let tracker = Tracker::new(recorder, rules, Arc::clone(&state.counters), config.is_https())
        .asking(config.tracking.consent)
        .telling(Codes(state.store.clone()));
    let tracker = Arc::new(tracker);
    code::routes(Arc::clone(&tracker)).fallback_service(pages.layer(from_fn_with_state(tracker, track)))
}
