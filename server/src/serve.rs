//! `dispatcher serve`: everything that runs until the process is told to stop.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use axum::Router;
use axum::middleware::from_fn_with_state;
use http::uri::Scheme;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use utm_dispatcher::tracking::{self, Agents, Rules};

use crate::config::Config;
use crate::state::{AppState, now, open_store};
use crate::track::code::Codes;
use crate::track::layer::{Tracker, track};
use crate::track::queue::{Job, queue};
use crate::track::replay::drain;
use crate::track::spool::Spool;
use crate::track::writer::{self, EndedEarly};
use crate::track::{collect, exclusions, proxy};
use crate::{jobs, listen, live, storefront};

/// From the signal to the end: requests under way are finished, and what is queued is written.
/// Two seconds of the ten are left for what takes longer than it should.
const LAST: Duration = Duration::from_secs(8);

/// Serves until SIGTERM or SIGINT.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let store = open_store(&config).await?;
    store.migrate().await.context("the database's schema could not be brought up to date")?;
    if store.users().await.context("the database does not answer")?.is_empty() {
        tracing::warn!("nobody can log in yet; add someone: dispatcher user add EMAIL --role admin");
    }
    let spool = Spool::open(&config.spool, &config.database.url)?;
    let (recorder, jobs) = queue(config.tracking.queue, Arc::default());
    let state = AppState::new(config, store, recorder.with_spool(spool.clone()))?;
    for warning in state.warnings() {
        tracing::warn!("{warning}");
    }
    let addr = state.config.site.addr;
    let listener = TcpListener::bind(addr).await.with_context(|| format!("{addr} cannot be listened on"))?;
    println!("listening on http://{}", listener.local_addr()?);

    let mut writer = start_writer(&state, jobs)?;
    let mut drained = tokio::spawn(drain(state.recorder.clone(), spool));
    let stop = CancellationToken::new();
    let by_the_clock = jobs::start(state.store.clone(), state.config.privacy.clone(), stop.clone());
    state.store.load_exclusions(&state.exclusions, now()).await.context("the exclusions cannot be read")?;
    tokio::spawn(exclusions::follow(state.store.clone(), state.exclusions.clone(), stop.clone()));
    tokio::spawn(live::follow(state.store.clone(), Arc::clone(&state.live)));
    let tracker = tracker(&state);
    let doors = collect::router(tracker.clone(), Arc::clone(&state.config));
    let app = crate::router(state.clone(), doors, storefront(&state, tracker));
    let server = listen::serve(listener, app, &state.config.limits, stop.clone().cancelled_owned());
    let mut server = std::pin::pin!(server);
    let deadline = tokio::select! {
        () = &mut server => Instant::now() + LAST,
        ended = &mut writer => {
            // It ends only when it is told to: this is a panic, and without a writer nothing would be kept.
            ended.context("the writer ended")??;
            bail!("the writer ended");
        }
        ended = &mut drained => {
            ended.context("the replay of the spool ended")?;
            bail!("the writer ended");
        }
        signal = listen::stop_signal() => {
            signal.context("the signals of the system cannot be waited for")?;
            let deadline = Instant::now() + LAST;
            stop.cancel();
            // Whoever has not ended by then is not waited for.
            let _late = tokio::time::timeout_at(deadline, async { tokio::join!(server, state.live.end()) }).await;
            deadline
        }
    };
    stop.cancel();
    let written = async {
        state.recorder.end().await;
        writer.await
    };
    match tokio::time::timeout_at(deadline, written).await {
        Ok(ended) => ended.context("the writer ended")??,
        Err(_) => bail!("the database did not take all that was queued in time; what was left is lost"),
    }
    let closed = async {
        // It stops between two steps of a transaction at the latest.
        by_the_clock.await.context("what is done by the clock ended")?;
        state.store.close().await;
        anyhow::Ok(())
    };
    // All is written; a database that is slow to say good-bye is left.
    tokio::time::timeout_at(deadline, closed).await.unwrap_or(Ok(()))
}

/// Starts the one writer, with all that it makes facts of requests by.
fn start_writer(state: &AppState, jobs: mpsc::Receiver<Job>) -> anyhow::Result<JoinHandle<Result<(), EndedEarly>>> {
    // The first visitor must not wait for the automata that tell people from bots.
    tracking::prepare();
    let (geo, counters) = (Arc::clone(&state.geo), Arc::clone(&state.counters));
    writer::start(jobs, state.store.clone(), Agents::new(), geo, counters)
        .context("the writer's thread could not be started")
}

/// The pipeline that every door leads into; `None` when nothing is recorded.
fn tracker(state: &AppState) -> Option<Arc<Tracker>> {
    let config = &state.config;
    let rules = Rules {
        own_hosts: config.own_hosts(),
        trusted_proxies: config.tracking.trusted_proxies.clone(),
        address_header: config.tracking.address_header.clone(),
        exclusions: state.exclusions.clone(),
    };
    let tracker = Tracker::new(state.recorder.clone(), rules, Arc::clone(&state.counters), config.is_https())
        .asking(config.tracking.consent)
        .telling(Codes(state.store.clone()));
    config.tracking.enabled.then(|| Arc::new(tracker))
}

/// What answers on all paths that are not ours, behind the tracking layer.
fn storefront(state: &AppState, tracker: Option<Arc<Tracker>>) -> Router {
    let config = &state.config;
    let pages = match config.storefront.upstream.clone() {
        None => {
            storefront::router(storefront::Options { zone: config.store.timezone, secure_cookies: config.is_https() })
        }
        Some(upstream) => {
            let options = proxy::Options {
                trusted_proxies: config.tracking.trusted_proxies.clone(),
                address_header: config.tracking.address_header.clone(),
                code_header: config.storefront.code_header.clone(),
                scheme: if config.is_https() { Scheme::HTTPS } else { Scheme::HTTP },
                ..proxy::Options::default()
            };
            Router::new().fallback_service(proxy::service(upstream, options))
        }
    };
    match tracker {
        Some(tracker) => pages.layer(from_fn_with_state(tracker, track)),
        None => pages,
    }
}
