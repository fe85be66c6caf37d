//! As many requests as the server answers, by wrk: it waits for answers, so its times would flatter a server that falls
//! behind, but its requests per second are what it is for.

use std::fmt::Write;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::shoppers::Shoppers;

/// wrk's connections.
pub const CONNECTIONS: u32 = 64;
/// So many different requests are sent again and again; none has a cookie, so that each is a new visitor's.
const REQUESTS: usize = 1_000;

/// What wrk says.
#[derive(Debug, Deserialize)]
pub struct Flood {
    /// Requests that were answered.
    #[serde(rename = "requests")]
    pub answered: u64,
    /// A second.
    pub per_second: f64,
    not_ok: u64,
    broken: u64,
}

/// Floods the server at `address` for some seconds.
pub fn wrk(root: &Path, address: SocketAddr, seconds: u32) -> Result<Flood> {
    let mut shoppers = Shoppers::new(1);
    let mut requests = String::new();
    for _ in 0..REQUESTS {
        // Writing to a String cannot fail.
        let _ = write!(requests, "{}\r\n\0", shoppers.request());
    }
    let file = tempfile::NamedTempFile::new()?;
    fs::write(file.path(), requests)?;
    let output = Command::new("wrk")
        .args([format!("-c{CONNECTIONS}"), "-t2".to_owned(), format!("-d{seconds}s"), "-s".to_owned()])
        .arg(root.join("scripts/bench.lua"))
        .args([format!("http://{address}/"), "--".to_owned()])
        .arg(file.path())
        .output()
        .context("wrk cannot be started")?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(output.status.success(), "wrk failed: {printed}{}", String::from_utf8_lossy(&output.stderr));
    let flood: Flood = serde_json::from_str(printed.trim().lines().last().unwrap_or_default())?;
    ensure!(flood.not_ok + flood.broken == 0, "not every request was answered with 200: {flood:?}");
    Ok(flood)
}
