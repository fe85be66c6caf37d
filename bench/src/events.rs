//! Events of a shop's server: batches on a few connections, the next one when the one before is acknowledged.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::json;

use crate::http::Connection;
use crate::load::Cookies;

/// Events of a batch.
pub const BATCH: usize = 100;
/// What they are.
pub const KIND: &str = "product_view";
/// Each visitor of a batch does so many things.
const EVENTS_OF_VISITOR: usize = 5;
const CONNECTIONS: usize = 8;

/// What was acknowledged.
#[derive(Debug)]
pub struct Stored {
    /// Events.
    pub events: u64,
    /// From the first batch to the last answer.
    pub time: Duration,
}

/// Sends batches for some time.
///
/// `visitors` are the cookies of those whose events they are.
pub async fn send(address: SocketAddr, token: &str, visitors: Cookies, time: Duration) -> Result<Stored> {
    let visitors: Arc<[String]> =
        visitors.iter().map(|cookie| cookie.trim_start_matches("ud_vid=").to_owned()).collect();
    let start = Instant::now();
    let one = |place| one_connection(address, token.to_owned(), Arc::clone(&visitors), place, start + time);
    let connections: Vec<_> = (0..CONNECTIONS).map(|place| tokio::spawn(one(place))).collect();
    let mut events = 0;
    for connection in connections {
        events += connection.await??;
    }
    Ok(Stored { events, time: start.elapsed() })
}

async fn one_connection(
    address: SocketAddr,
    token: String,
    visitors: Arc<[String]>,
    place: usize,
    until: Instant,
) -> Result<u64> {
    let mut connection = Connection::open(address).await?;
    let mut stored = 0;
    for batch in 0.. {
        if Instant::now() >= until {
            break;
        }
        let body = body(&visitors, CONNECTIONS * batch + place);
        let request = format!(
            "POST /api/v1/events HTTP/1.1\r\nHost: shop.example\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = connection.ask(request.as_bytes()).await?;
        // 202 would be a spool that waits for its database: durable, but not stored.
        if answer.status != 200 {
            bail!("POST /api/v1/events: status {}, {}", answer.status, String::from_utf8_lossy(&answer.body));
        }
        stored += BATCH as u64;
    }
    Ok(stored)
}

/// The batch of that number: its visitors are others than those of the batches before and after it.
fn body(visitors: &[String], number: usize) -> String {
    let now = chrono::Utc::now().to_rfc3339();
    let event = |place: usize| {
        json!({
            "id": format!("e{number}-{place}"),
            "visitor": visitors[(number * BATCH + place) / EVENTS_OF_VISITOR % visitors.len()],
            "at": now,
            "action": KIND,
            "product_id": format!("sku-{}", place % 40),
            "product_name": "Hoodie, organic cotton",
            "value": "1499.00",
            "page": format!("/product/hoodie-{}", place % 40),
        })
    };
    json!({ "events": (0..BATCH).map(event).collect::<Vec<_>>() }).to_string()
}
