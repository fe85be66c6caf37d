//! Accepting connections: bounded in number, timed while headers come, finished in order at the end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::config::Limits;

/// What is left for requests under way once the server stops; the writer has the rest of the ten seconds.
const FINISH: Duration = Duration::from_secs(4);
/// A pause after an accept that failed, as it does when the process has no more file handles.
const BREATH: Duration = Duration::from_millis(100);

/// Serves `app` until `stop` comes, then finishes the requests under way, for a few seconds at most.
///
/// HTTP/1.1 only: browsers speak HTTP/2 to the TLS proxy in front, and a connection whose protocol is still being
/// guessed would have no timeout. Each request carries [`ConnectInfo<SocketAddr>`].
pub async fn serve(listener: TcpListener, app: Router, limits: &Limits, stop: impl Future<Output = ()>) {
    let permits = Arc::new(Semaphore::new(limits.connections as usize));
    let stopping = CancellationToken::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(limits.header_seconds.into()));
    let mut stop = std::pin::pin!(stop);
    loop {
        let (stream, peer, permit) = tokio::select! {
            () = &mut stop => break,
            accepted = accept(&listener, &permits) => accepted,
        };
        let app = app.clone();
        let answer = service_fn(move |request: http::Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            app.clone().oneshot(request)
        });
        let connection = http.serve_connection(TokioIo::new(stream), answer).with_upgrades();
        let stopping = stopping.clone();
        tokio::spawn(async move {
            let mut connection = std::pin::pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = stopping.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            // A client that goes away or talks nonsense concerns nobody.
            if let Err(error) = ended {
                tracing::debug!(%peer, %error, "connection ended");
            }
            drop(permit);
        });
    }
    drop(listener);
    stopping.cancel();
    // All permits are free again when every connection has ended.
    if tokio::time::timeout(FINISH, permits.acquire_many(limits.connections)).await.is_err() {
        tracing::warn!("some requests were not finished in time");
    }
}

/// The next connection, once there is room for it.
async fn accept(listener: &TcpListener, permits: &Arc<Semaphore>) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    loop {
        let permit = Arc::clone(permits).acquire_owned().await;
        match (permit, listener.accept().await) {
            (Ok(permit), Ok((stream, peer))) => {
                // Answers are written whole: waiting to fill a packet would only delay them.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%peer, %error, "no TCP_NODELAY");
                }
                return (stream, peer, permit);
            }
            (_, Err(error)) => tracing::warn!(%error, "a connection could not be accepted"),
            // The semaphore is never closed.
            (Err(_), _) => {}
        }
        tokio::time::sleep(BREATH).await;
    }
}

/// Waits for SIGTERM or SIGINT.
pub async fn stop_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
