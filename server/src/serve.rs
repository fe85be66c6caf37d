//! `dispatcher serve`: everything that runs until the process is told to stop.

use anyhow::Context;
use axum::Router;
use http::uri::Scheme;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::listen;
use crate::state::{AppState, open_store};
use crate::track::proxy;

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

    let stop = CancellationToken::new();
    let app = crate::router(state.clone(), storefront(&state.config));
    let server = listen::serve(listener, app, &state.config.limits, stop.clone().cancelled_owned());
    let mut server = std::pin::pin!(server);
    tokio::select! {
        () = &mut server => {}
        signal = listen::stop_signal() => {
            signal.context("the signals of the system cannot be waited for")?;
            stop.cancel();
            server.await;
        }
    }
    state.store.close().await;
    Ok(())
}

/// What answers on all paths that are not ours.
fn storefront(config: &Config) -> Router {
    let Some(upstream) = config.storefront.upstream.clone() else { return Router::new() };
    let options = proxy::Options {
        trusted_proxies: config.tracking.trusted_proxies.clone(),
        scheme: if config.is_https() { Scheme::HTTPS } else { Scheme::HTTP },
        ..proxy::Options::default()
    };
    Router::new().fallback_service(proxy::service(upstream, options))
}
