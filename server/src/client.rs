//! The address of whoever sends a request, behind proxies that we trust.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::HeaderName;
use http::request::Parts;
use utm_dispatcher::tracking::client_address;

use crate::state::AppState;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The client's address, found by walking `X-Forwarded-For` through `[tracking] trusted_proxies`.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

impl FromRequestParts<AppState> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let forwarded: Vec<_> =
            parts.headers.get_all(X_FORWARDED_FOR).iter().map(http::HeaderValue::as_bytes).collect();
        Ok(Self(client_address(peer(parts), &forwarded, &state.config.tracking.trusted_proxies)))
    }
}

/// The other end of the connection. [`crate::listen`] always says it.
pub fn peer(parts: &Parts) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip().to_canonical())
}
