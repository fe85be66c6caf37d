//! How long each report takes on a store of demo sessions: asked one at a time, alone and with two filters, and all that a
//! dashboard asks at once.

use std::fmt;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use serde::Serialize;
use tokio::runtime::Runtime;

use crate::http::Connection;
use crate::server::Server;

/// So often each is asked.
const TIMES: u32 = 11;
/// What narrows it: about an eighth of the sessions pass.
const FILTERS: &str = "&filter=source:is:google|facebook&filter=device_type:is:mobile";
/// What a dashboard asks at once, beside the period.
const AT_ONCE: [&str; 20] = [
    "general?compare=previous",
    "timeseries?compare=previous",
    "timeseries?dimensions=hour",
    "explore?dimensions=weekday,hour&metrics=sessions",
    "funnel?compare=previous",
    "channels?",
    "sources?",
    "campaigns?",
    "content?",
    "terms?",
    "geo_countries?",
    "geo_cities?",
    "devices?",
    "browsers?",
    "operating_systems?",
    "landing_pages?",
    "products?",
    "searches?",
    "returning_visitors?",
    "sessions?",
];

/// A server on a store of demo sessions; its PostgreSQL database is removed when dropped.
pub struct Shop {
    /// The server.
    pub server: Server,
    /// A token that reads.
    pub token: String,
    /// Which database.
    pub database: String,
    /// How many sessions there are.
    pub sessions: u64,
    made: Option<Made>,
}

/// A database on the server that `TEST_POSTGRES_URL` names.
struct Made {
    server: String,
    name: String,
}

impl Shop {
    /// Makes the store and serves it.
    pub fn open(root: &Path, database: &str, sessions: u64) -> Result<Self> {
        let made = if database == "postgres" { Some(Made::new()?) } else { None };
        let server = Server::with_demo(root, made.as_ref().map(Made::url), sessions)?;
        if let Some(made) = &made {
            // What autovacuum does by itself some minutes later.
            Made::psql(&made.url(), "analyze")?;
        }
        let token = server.token("read")?;
        Ok(Self { server, token, database: database.to_owned(), sessions, made })
    }

    /// A request for `path`.
    pub fn request(&self, path: &str, connection: &str) -> Vec<u8> {
        let token = &self.token;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nConnection: {connection}\r\n\r\n"
        );
        request.into_bytes()
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        if let Some(made) = &self.made {
            // The temporary server goes soon, with all that it holds.
            let _ = Made::psql(&made.server, &format!("drop database {} with (force)", made.name));
        }
    }
}

impl Made {
    fn new() -> Result<Self> {
        let server = std::env::var("TEST_POSTGRES_URL").context("TEST_POSTGRES_URL: run scripts/with-postgres")?;
        let made = Self { server, name: format!("bench_{}", std::process::id()) };
        Made::psql(&made.server, &format!("create database {}", made.name))?;
        Ok(made)
    }

    fn url(&self) -> String {
        let (server, _) = self.server.rsplit_once('/').unwrap_or((&self.server, ""));
        format!("{server}/{}", self.name)
    }

    fn psql(url: &str, statement: &str) -> Result<()> {
        let done = Command::new("psql").args(["--quiet", "--dbname", url, "--command", statement]).output()?;
        ensure!(done.status.success(), "psql: {}", String::from_utf8_lossy(&done.stderr));
        Ok(())
    }
}

/// How long one question takes.
#[derive(Clone, Debug, Serialize)]
struct Timed {
    report: String,
    p50_ms: f64,
    p95_ms: f64,
    filtered_p50_ms: f64,
    filtered_p95_ms: f64,
    /// Milliseconds of the server's processor time for each, without filters; PostgreSQL's own is not in it.
    cpu_ms: f64,
}

/// All of them on one store.
#[derive(Debug, Serialize)]
pub struct Reports {
    database: String,
    sessions: u64,
    period: String,
    timings: Vec<Timed>,
    /// Twenty reports asked on four connections, until all are there.
    at_once_p50_ms: f64,
    at_once_p95_ms: f64,
    at_once_cpu_ms: f64,
}

impl Reports {
    /// Asks each report of the catalogue.
    pub fn measure(shop: &Shop, runtime: &Runtime, period: &str) -> Result<Self> {
        runtime.block_on(async {
            let mut connection = Connection::open(shop.server.address).await?;
            let catalogue = connection.ask(&shop.request("/api/v1/reports", "keep-alive")).await?;
            let catalogue: serde_json::Value = serde_json::from_slice(&catalogue.body)?;
            let names = catalogue["reports"].as_array().context("the catalogue has no reports")?;
            let mut timings = Vec::new();
            for report in names.iter().filter_map(|report| report["id"].as_str()) {
                let path = format!("/api/v1/reports/{report}?period={period}");
                let before = shop.server.cpu()?;
                let (p50_ms, p95_ms) = time(shop, &mut connection, &path).await?;
                let cpu_ms = shop.server.cpu()?.saturating_sub(before).as_secs_f64() * 1000.0 / f64::from(TIMES);
                let (filtered_p50_ms, filtered_p95_ms) =
                    time(shop, &mut connection, &format!("{path}{FILTERS}")).await?;
                timings.push(Timed {
                    report: report.to_owned(),
                    p50_ms,
                    p95_ms,
                    filtered_p50_ms,
                    filtered_p95_ms,
                    cpu_ms,
                });
            }
            let (mut took, before) = (Vec::new(), shop.server.cpu()?);
            for turn in 0..TIMES {
                took.push(at_once(shop, period, turn).await?);
            }
            let at_once_cpu_ms = shop.server.cpu()?.saturating_sub(before).as_secs_f64() * 1000.0 / f64::from(TIMES);
            let (at_once_p50_ms, at_once_p95_ms) = middle_and_slow(took);
            let (database, sessions, period) = (shop.database.clone(), shop.sessions, period.to_owned());
            Ok(Self { database, sessions, period, timings, at_once_p50_ms, at_once_p95_ms, at_once_cpu_ms })
        })
    }
}

async fn time(shop: &Shop, connection: &mut Connection, path: &str) -> Result<(f64, f64)> {
    let mut times = Vec::new();
    for turn in 0..TIMES {
        // Another question each time: answers hold for a while.
        let request = shop.request(&format!("{path}&limit={}", 100 + turn), "keep-alive");
        let start = Instant::now();
        let answer = connection.ask(&request).await?;
        times.push(start.elapsed().as_secs_f64() * 1000.0);
        if answer.status != 200 {
            bail!("{path}: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
        }
    }
    Ok(middle_and_slow(times))
}

/// Milliseconds until everything that a dashboard asks is there.
async fn at_once(shop: &Shop, period: &str, turn: u32) -> Result<f64> {
    let start = Instant::now();
    let mut lanes = Vec::new();
    for lane in AT_ONCE.chunks(AT_ONCE.len() / 4) {
        let ask = |path: &&str| {
            shop.request(&format!("/api/v1/reports/{path}&period={period}&limit={}", 20 + turn), "keep-alive")
        };
        let requests: Vec<Vec<u8>> = lane.iter().map(ask).collect();
        let address = shop.server.address;
        lanes.push(tokio::spawn(async move {
            let mut connection = Connection::open(address).await?;
            for request in requests {
                let answer = connection.ask(&request).await?;
                ensure!(answer.status == 200, "{}", String::from_utf8_lossy(&answer.body));
            }
            Ok(())
        }));
    }
    for lane in lanes {
        lane.await??;
    }
    Ok(start.elapsed().as_secs_f64() * 1000.0)
}

/// The median and the 95th percentile.
fn middle_and_slow(mut times: Vec<f64>) -> (f64, f64) {
    times.sort_by(f64::total_cmp);
    let slow = (times.len() * 95).div_ceil(100).saturating_sub(1);
    (times[times.len() / 2], times[slow])
}

impl fmt::Display for Reports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { database, sessions, period, at_once_p50_ms, at_once_p95_ms, at_once_cpu_ms, .. } = self;
        writeln!(f, "reports of {sessions} sessions of a year on {database}, period={period}, {TIMES} times each")?;
        writeln!(f, "report                 p50 ms    p95 ms    CPU ms   two filters: p50 ms    p95 ms")?;
        for Timed { report, p50_ms, p95_ms, filtered_p50_ms, filtered_p95_ms, cpu_ms } in &self.timings {
            write!(f, "{report:<19}{p50_ms:>10.1}{p95_ms:>10.1}{cpu_ms:>10.1}")?;
            writeln!(f, "{filtered_p50_ms:>22.1}{filtered_p95_ms:>10.1}")?;
        }
        writeln!(f, "20 at once         {at_once_p50_ms:>10.1}{at_once_p95_ms:>10.1}{at_once_cpu_ms:>10.1}")
    }
}
