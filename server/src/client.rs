//! The address of whoever sends a request, behind proxies that we trust.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use utm_dispatcher::tracking::client_address;

use crate::config;
use crate::state::AppState;

/// At most so many lines of the header with addresses are read.
const MAX_LINES: usize = 16;
/// The header in which proxies tell a client's address unless `[tracking] address_header` names another one.
pub const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// The client's address, found by walking the header with addresses through `[tracking] trusted_proxies`.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// The address of whoever sent the request with these `parts`.
    pub fn of(parts: &Parts, tracking: &config::Tracking) -> Self {
        let lines = address_lines(&parts.headers, tracking.address_header.as_deref());
        Self(client_address(peer(parts), &lines, &tracking.trusted_proxies))
    }
}

impl FromRequestParts<AppState> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(Self::of(parts, &state.config.tracking))
    }
}

/// The values of the header in which proxies tell a client's address, in the order in which they came: of
/// `X-Forwarded-For`, or of the `configured` one. Only the last lines: those that our own proxies added.
pub fn address_lines<'a>(headers: &'a HeaderMap, configured: Option<&str>) -> Vec<&'a [u8]> {
    let lines = headers.get_all(configured.unwrap_or(X_FORWARDED_FOR)).iter().rev().take(MAX_LINES);
    let mut lines: Vec<_> = lines.map(HeaderValue::as_bytes).collect();
    lines.reverse();
    lines
}

/// The other end of the connection. [`crate::listen`] always says it.
pub fn peer(parts: &Parts) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip().to_canonical())
}
