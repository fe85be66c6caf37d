//! Open-loop load: each request goes out when the schedule says so, whatever became of those before it, and its time is
//! counted from the schedule.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde::Serialize;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use crate::http::Connection;
use crate::shoppers::Shoppers;

/// So many visitors are remembered, from whom the returning ones are taken.
const MAX_COOKIES: usize = 10_000;

/// How many requests, and how fast.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Schedule {
    /// Requests a second.
    pub rate: u32,
    /// How long.
    pub seconds: u32,
    /// The share of requests by visitors who were here before, from 0 to 1.
    pub returning: f64,
}

/// What became of the requests.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Outcome {
    /// Requests that were answered with 200.
    pub answered: u64,
    /// Those that were answered otherwise or not at all.
    pub failed: u64,
    /// Connections that were needed at once.
    pub connections: usize,
    /// Milliseconds from the schedule to the whole answer.
    pub p50_ms: f64,
    /// As above.
    pub p99_ms: f64,
    /// As above.
    pub max_ms: f64,
}

/// What all requests share.
struct Shared {
    address: SocketAddr,
    idle: Mutex<Vec<Connection>>,
    cookies: Mutex<Cookies>,
}

/// Visitors' cookies (`ud_vid=…`), of those that came lately.
pub type Cookies = Vec<String>;

/// Sends the requests of `schedule`, and waits for their answers.
pub fn run(runtime: &Runtime, address: SocketAddr, schedule: Schedule, seed: u64) -> Result<(Outcome, Cookies)> {
    let shared = Arc::new(Shared { address, idle: Mutex::default(), cookies: Mutex::default() });
    let mut shoppers = Shoppers::new(seed);
    let count = schedule.rate * schedule.seconds;
    let mut sent: Vec<JoinHandle<Result<Duration>>> = Vec::new();
    let start = Instant::now() + Duration::from_millis(20);
    for place in 0..count {
        let request = next_request(&mut shoppers, &shared, schedule.returning);
        let at = start + Duration::from_secs(1) * place / schedule.rate;
        // A timer of the runtime is only exact to the millisecond.
        thread::sleep(at.saturating_duration_since(Instant::now()));
        sent.push(runtime.spawn(ask(Arc::clone(&shared), request, at)));
    }
    let mut times = Vec::with_capacity(sent.len());
    let mut failure = None;
    for answer in sent {
        match runtime.block_on(answer)? {
            Ok(time) => times.push(time),
            Err(error) => failure = Some(error),
        }
    }
    if let (true, Some(error)) = (times.is_empty(), &failure) {
        bail!("no request was answered: {error:#}");
    }
    times.sort_unstable();
    let at = |hundredth: usize| milliseconds(times[(times.len() - 1) * hundredth / 100]);
    let outcome = Outcome {
        answered: times.len() as u64,
        failed: u64::from(count) - times.len() as u64,
        connections: held(&shared.idle).len(),
        p50_ms: at(50),
        p99_ms: at(99),
        max_ms: at(100),
    };
    Ok((outcome, held(&shared.cookies).clone()))
}

fn next_request(shoppers: &mut Shoppers, shared: &Shared, returning: f64) -> Vec<u8> {
    let mut request = shoppers.request();
    if shoppers.returns(returning) {
        let cookies = held(&shared.cookies);
        if !cookies.is_empty() {
            request = format!("{request}Cookie: {}\r\n", cookies[shoppers.one_of(cookies.len())]);
        }
    }
    (request + "\r\n").into_bytes()
}

/// Sends one request on a connection that nobody uses, or on a new one, and returns how long after its time the answer
/// was there.
async fn ask(shared: Arc<Shared>, request: Vec<u8>, at: Instant) -> Result<Duration> {
    let free = held(&shared.idle).pop();
    let mut connection = match free {
        Some(connection) => connection,
        None => Connection::open(shared.address).await?,
    };
    let answer = connection.ask(&request).await?;
    let time = at.elapsed();
    if answer.status != 200 {
        bail!("status {}", answer.status);
    }
    if let Some(cookie) = answer.cookie {
        let mut cookies = held(&shared.cookies);
        if cookies.len() < MAX_COOKIES {
            cookies.push(cookie);
        }
    }
    held(&shared.idle).push(connection);
    Ok(time)
}

fn held<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}
