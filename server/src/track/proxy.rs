//! A streaming reverse proxy: everything that is not ours goes to the shop's own server, byte for byte.

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::ConnectInfo;
use axum::response::Response;
use http::header::{CONTENT_LENGTH, UPGRADE};
use http::uri::Scheme;
use http::{HeaderName, HeaderValue, Method, Request, StatusCode, Version};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use ipnet::IpNet;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};
use tower::Service;
use utm_dispatcher::tracking::client_address;

use body::{Measureless, Moving};
use headers::Arrival;

use crate::client::address_lines;
use crate::track::visit::Visit;

mod body;
mod headers;
mod page;
mod upstream;

pub use upstream::{NotUpstream, Upstream};

/// How the proxy behaves.
#[derive(Clone, Debug)]
pub struct Options {
    /// Peers that are proxies of our own: what they say in `X-Forwarded-Proto` and `X-Forwarded-Host` is passed on.
    pub trusted_proxies: Vec<IpNet>,
    /// The header in which they tell a visitor's address, in lower case; `X-Forwarded-For`, which is passed on as a chain,
    /// when `None`.
    pub address_header: Option<String>,
    /// The header in which the storefront is told the code of the visitor's session, in lower case; what visitors send in it
    /// is never passed on. Nothing is told when `None`.
    pub code_header: Option<String>,
    /// How visitors reach us when no trusted proxy says so: the scheme of the site's public address.
    pub scheme: Scheme,
    /// How long a connection to the upstream may take to open.
    pub connect_timeout: Duration,
    /// How long the upstream may take to begin its answer, counted from the last byte of the request.
    pub answer_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            trusted_proxies: Vec::new(),
            address_header: None,
            code_header: None,
            scheme: Scheme::HTTP,
            connect_timeout: Duration::from_secs(5),
            answer_timeout: Duration::from_mins(1),
        }
    }
}

/// An unused connection is closed after this long. Servers close theirs after five seconds (Node) and more;
/// to be earlier than they saves requests that would cross with their good-bye.
const IDLE: Duration = Duration::from_secs(4);

/// The service that stands where the storefront's routes would: see [`service`].
#[derive(Clone)]
pub struct Proxy {
    client: Client<HttpConnector, Body>,
    upstream: Arc<Upstream>,
    options: Arc<Options>,
}

/// A service that answers every request with the upstream's answer, or with a page that says that it is away.
///
/// The visitor's address is read from the extension [`ConnectInfo<SocketAddr>`]. Nothing may be laid around it that
/// compresses or buffers.
pub fn service(upstream: Upstream, options: Options) -> Proxy {
    let mut connector = HttpConnector::new();
    connector.set_connect_timeout(Some(options.connect_timeout));
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(256)
        .build(connector);
    Proxy { client, upstream: Arc::new(upstream), options: Arc::new(options) }
}

impl Service<Request<Body>> for Proxy {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let proxy = self.clone();
        Box::pin(async move {
            Ok(proxy.pass(request).await.unwrap_or_else(|failure| {
                let (status, error) = (failure.status(), chain(&failure));
                if status.is_server_error() {
                    tracing::warn!(upstream = %proxy.upstream, error, "the storefront gave no answer");
                } else {
                    tracing::debug!(error, "a request was not passed on");
                }
                page::apology(status)
            }))
        })
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the request has no target that can be passed on")]
    Target(#[source] http::Error),
    #[error("CONNECT is for forward proxies")]
    Connect,
    #[error("the request's body broke off")]
    Visitor(#[source] hyper_util::client::legacy::Error),
    #[error("no answer")]
    Upstream(#[source] hyper_util::client::legacy::Error),
    #[error("no answer within {} s", .0.as_secs_f32())]
    Late(Duration),
    #[error("the upstream changed to a protocol that was not asked for")]
    Protocol,
}

impl Failure {
    fn of(error: hyper_util::client::legacy::Error) -> Self {
        let by_visitor =
            causes(&error).filter_map(|cause| cause.downcast_ref::<hyper::Error>()).any(hyper::Error::is_user);
        if by_visitor { Self::Visitor(error) } else { Self::Upstream(error) }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Target(_) | Self::Visitor(_) => StatusCode::BAD_REQUEST,
            Self::Connect => StatusCode::METHOD_NOT_ALLOWED,
            Self::Late(_) => StatusCode::GATEWAY_TIMEOUT,
            Self::Upstream(error) if timed_out(error) => StatusCode::GATEWAY_TIMEOUT,
            Self::Upstream(_) | Self::Protocol => StatusCode::BAD_GATEWAY,
        }
    }
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

fn chain(error: &(dyn Error + 'static)) -> String {
    causes(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn hung_up(error: &(dyn Error + 'static)) -> bool {
    causes(error).filter_map(|cause| cause.downcast_ref::<hyper::Error>()).any(hyper::Error::is_incomplete_message)
}

fn timed_out(error: &(dyn Error + 'static)) -> bool {
    causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).any(|io| io.kind() == io::ErrorKind::TimedOut)
}

impl Proxy {
    async fn pass(&self, mut request: Request<Body>) -> Result<Response, Failure> {
        if request.method() == Method::CONNECT {
            return Err(Failure::Connect);
        }
        self.tell_code(&mut request).await;
        let to_visitor = hyper::upgrade::on(&mut request);
        let (request, asked_for) = self.prepare(request)?;
        let mut answer = self.ask(request).await?;

        let protocol = if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
            let protocol = answer.headers().get(UPGRADE).cloned();
            if !same_protocol(asked_for.as_ref(), protocol.as_ref()) {
                return Err(Failure::Protocol);
            }
            tokio::spawn(join(to_visitor, hyper::upgrade::on(&mut answer)));
            protocol
        } else {
            None
        };
        headers::prepare_answer(answer.headers_mut(), protocol.as_ref());
        // The next hop speaks its own version, whatever the upstream spoke.
        *answer.version_mut() = Version::HTTP_11;
        let has_length = answer.headers().contains_key(CONTENT_LENGTH);
        Ok(answer.map(|body| if has_length { Body::new(body) } else { Body::new(Measureless(body)) }))
    }

    /// Puts the code of the visitor's session in, if the storefront wants to know it and there is one.
    async fn tell_code(&self, request: &mut Request<Body>) {
        let Some(name) = self.options.code_header.as_deref() else { return };
        request.headers_mut().remove(name);
        let visit = request.extensions().get::<Visit>().cloned().unwrap_or_default();
        let code = visit.code().await.and_then(|code| HeaderValue::from_str(code.as_str()).ok());
        if let Some((name, code)) = HeaderName::from_bytes(name.as_bytes()).ok().zip(code) {
            request.headers_mut().insert(name, code);
        }
    }

    /// The request to the upstream, and the protocol that it asks to change to.
    fn prepare(&self, request: Request<Body>) -> Result<(Request<Body>, Option<HeaderValue>), Failure> {
        let (mut parts, body) = request.into_parts();
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| *peer);
        let Options { trusted_proxies, address_header, scheme, .. } = &*self.options;
        let trusted = peer.is_some_and(|peer| {
            let address = peer.ip().to_canonical();
            trusted_proxies.iter().any(|network| network.contains(&address))
        });
        let told = address_header.as_deref().zip(peer).map(|(header, peer)| {
            client_address(peer.ip(), &address_lines(&parts.headers, Some(header)), trusted_proxies)
        });
        let arrival = Arrival { peer, told, trusted, scheme: scheme.as_str(), authority: parts.uri.authority() };
        let upgrade = headers::prepare_request(&mut parts.headers, &arrival);

        let mut passed = Request::new(body);
        *passed.uri_mut() = self.upstream.address_of(&parts.uri).map_err(Failure::Target)?;
        *passed.method_mut() = parts.method;
        *passed.headers_mut() = parts.headers;
        Ok((passed, upgrade))
    }

    /// Asks the upstream; once more if it hung up on a request that may safely be repeated, as a server does that
    /// closes an idle connection just when it is used again.
    async fn ask(&self, request: Request<Body>) -> Result<http::Response<Incoming>, Failure> {
        let (parts, body) = request.into_parts();
        let again = (parts.method.is_safe() && body.is_end_stream()).then(|| parts.clone());
        let answer = self.ask_once(Request::from_parts(parts, body)).await;
        match (answer, again) {
            (Err(Failure::Upstream(error)), Some(parts)) if hung_up(&error) => {
                self.ask_once(Request::from_parts(parts, Body::empty())).await
            }
            (answer, _) => answer,
        }
    }

    async fn ask_once(&self, request: Request<Body>) -> Result<http::Response<Incoming>, Failure> {
        let limit = self.options.answer_timeout;
        let (mover, last_move) = watch::channel(Instant::now());
        let mut answer = self.client.request(request.map(|body| Body::new(Moving { body, mover })));
        loop {
            // A large upload may take as long as it likes while it moves.
            let deadline = *last_move.borrow() + limit;
            match timeout_at(deadline, &mut answer).await {
                Ok(answer) => return answer.map_err(Failure::of),
                Err(_) if *last_move.borrow() + limit > deadline => {}
                Err(_) => return Err(Failure::Late(limit)),
            }
        }
    }
}

fn same_protocol(asked: Option<&HeaderValue>, given: Option<&HeaderValue>) -> bool {
    asked.zip(given).is_some_and(|(asked, given)| asked.as_bytes().eq_ignore_ascii_case(given.as_bytes()))
}

/// Carries bytes both ways until both ends have said that they are done.
async fn join(visitor: OnUpgrade, upstream: OnUpgrade) {
    let joined = async {
        let (visitor, upstream) = tokio::try_join!(visitor, upstream).map_err(io::Error::other)?;
        tokio::io::copy_bidirectional(&mut TokioIo::new(visitor), &mut TokioIo::new(upstream)).await
    };
    if let Err(error) = joined.await {
        tracing::debug!(%error, "an upgraded connection broke off");
    }
}
