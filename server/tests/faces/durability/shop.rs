//! A shop's server that sends events and orders until each is acknowledged, and knows what was.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::program::{Client, Program};

/// Events in a request.
const EVENTS: u32 = 20;
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(40);

/// One of the shop's connections: what it sends carries its number.
pub struct Sender {
    number: usize,
    token: String,
    visitor: String,
    next: u32,
    /// What was sent and not answered: it is sent again, the same.
    unanswered: Option<u32>,
    /// Between two messages.
    pub pause: Duration,
    pub acknowledged: Acknowledged,
}

/// What the shop may rely on.
#[derive(Clone, Debug, Default)]
pub struct Acknowledged {
    events: BTreeSet<String>,
    orders: BTreeSet<String>,
    /// Answers of each status.
    pub statuses: BTreeMap<u16, u32>,
}

impl Acknowledged {
    /// How many events and orders.
    pub fn writes(&self) -> usize {
        self.events.len() + self.orders.len()
    }

    /// Adds what another connection may rely on.
    pub fn add(&mut self, other: Self) {
        self.events.extend(other.events);
        self.orders.extend(other.orders);
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
    }

    /// Looks past the server whether each is there exactly once, and what is counted of them.
    pub async fn check(&self, program: &Program) {
        let clicks = "select product_id from action where kind = 'add_to_cart' order by product_id";
        let stored: Vec<String> = program.rows(clicks).await;
        let once: BTreeSet<String> = stored.iter().cloned().collect();
        assert_eq!(once.len(), stored.len(), "an event was stored twice");
        let lost: Vec<_> = self.events.difference(&once).take(5).collect();
        assert!(lost.is_empty(), "acknowledged events are lost: {lost:?} …");

        let stored: Vec<String> = program.rows("select number from orders order by number").await;
        let once_ordered: BTreeSet<String> = stored.iter().cloned().collect();
        assert_eq!(once_ordered.len(), stored.len(), "an order was stored twice");
        let lost: Vec<_> = self.orders.difference(&once_ordered).take(5).collect();
        assert!(lost.is_empty(), "acknowledged orders are lost: {lost:?} …");
        let bought: Vec<String> =
            program.rows("select order_number from action where kind = 'purchase' order by order_number").await;
        assert_eq!(bought, stored, "an order is one purchase");

        for (counted, rows) in [
            ("select sum(points) from session", "select sum(points) from action"),
            ("select sum(add_to_cart) from session", "select count(*) from action where kind = 'add_to_cart'"),
            ("select sum(orders) from session", "select count(*) from orders where session_id is not null"),
            ("select sum(revenue) from session", "select sum(total) from orders where session_id is not null"),
            ("select count(*) from orders", "select count(*) from order_number"),
            ("select count(*) from orders", "select count(*) from orders where session_id is not null"),
        ] {
            assert_eq!(program.number(counted).await, program.number(rows).await, "{counted}");
        }
        println!("{} events and {} orders, answered {:?}", self.events.len(), self.orders.len(), self.statuses);
    }
}

impl Sender {
    /// The connection `number`, whose visitor opens a page first.
    pub async fn new(number: usize, program: &Program, token: &str) -> Self {
        let mut browser = program.connect().await;
        browser.get("/?utm_source=facebook").await.unwrap();
        let visitor = browser.cookie.unwrap().split_once('=').unwrap().1.to_owned();
        let (token, acknowledged) = (token.to_owned(), Acknowledged::default());
        Self { number, token, visitor, next: 0, unanswered: None, pause: Duration::ZERO, acknowledged }
    }

    /// Sends one message after the other until the server is gone or `go_on` says no. The first one is the one
    /// that was not answered, the second one was answered before.
    pub async fn send(&mut self, addr: SocketAddr, go_on: impl Fn(&Acknowledged) -> bool) {
        let Ok(client) = Client::connect(addr).await else { return };
        let mut client = client.with_token(&self.token);
        let again = self.next.checked_sub(2);
        if let Some(turn) = self.unanswered {
            self.turn(&mut client, turn).await;
        }
        if let Some(turn) = again.filter(|_| self.unanswered.is_none()) {
            self.turn(&mut client, turn).await;
        }
        while self.unanswered.is_none() && go_on(&self.acknowledged) {
            let turn = self.next;
            self.next += 1;
            tokio::time::sleep(self.pause).await;
            self.turn(&mut client, turn).await;
        }
    }

    /// Sends the message of a turn; the same turn is the same message.
    async fn turn(&mut self, client: &mut Client, turn: u32) {
        self.unanswered = Some(turn);
        let at = chrono::Utc::now().to_rfc3339();
        let name = format!("{}-{turn}", self.number);
        let (method, target, body, events) = if turn.is_multiple_of(2) {
            let events: Vec<String> = (0..EVENTS).map(|event| format!("e{name}-{event}")).collect();
            let lines = events.iter().map(
                |id| json!({ "id": id, "visitor": self.visitor, "at": at, "action": "add_to_cart", "product_id": id }),
            );
            let body = json!({ "events": lines.collect::<Vec<Value>>() });
            (Method::POST, "/api/v1/events".to_owned(), body, events)
        } else {
            let body =
                json!({ "visitor": self.visitor, "created_at": at, "total": "1499.00", "payment_status": "paid" });
            (Method::PUT, format!("/api/v1/orders/o{name}"), body, vec![])
        };
        let sent = client.send(method, &target, body.to_string());
        let Ok(Ok((status, answer))) = tokio::time::timeout(PATIENCE, sent).await else { return };
        *self.acknowledged.statuses.entry(status.as_u16()).or_default() += 1;
        match status {
            StatusCode::OK | StatusCode::ACCEPTED => {
                if events.is_empty() {
                    self.acknowledged.orders.insert(format!("o{name}"));
                }
                self.acknowledged.events.extend(events);
                self.unanswered = None;
            }
            StatusCode::SERVICE_UNAVAILABLE => {}
            _ => panic!("{status} for {target}: {answer}"),
        }
    }
}

/// Waits until nothing is left in the spool.
pub async fn drained(program: &Program) {
    let mut ready = Value::Null;
    for _ in 0..600 {
        ready = program.ready().await;
        if ready["spool"].is_null() && ready["ready"] == true {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("messages are still in the spool: {ready}\n{}", std::fs::read_to_string(program.log()).unwrap());
}
