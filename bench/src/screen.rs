//! How soon the dashboard paints in Chromium, and paints anew for another period.

use std::fmt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::reports::Shop;

const EMAIL: &str = "owner@shop.example";

/// What the browser measured, in milliseconds.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Measured {
    paints: Vec<f64>,
    switches: Vec<Switch>,
    after_visits: Vec<Switch>,
}

/// From a click on another period.
#[derive(Debug, Deserialize)]
struct Switch {
    /// Until all that is seen is of that period.
    seen: f64,
    /// Until the charts out of sight are, too.
    all: f64,
}

/// Today, week and month in turn, in milliseconds.
#[derive(Debug, Serialize)]
struct Switches {
    seen_p50: f64,
    seen_p95: f64,
    all_p50: f64,
    all_p95: f64,
}

/// The dashboard on a store of demo sessions.
#[derive(Debug, Serialize)]
pub struct Screen {
    database: String,
    sessions: u64,
    /// From asking for the page, with nothing cached, to its first text.
    first_paint_p50_ms: f64,
    /// The slowest.
    first_paint_max_ms: f64,
    switches: Switches,
    /// The same when a visit was stored just before, so that every report is asked of the database again.
    after_visits: Switches,
}

impl Screen {
    /// Looks at the dashboard of `shop`.
    pub fn measure(root: &Path, shop: &Shop) -> Result<Self> {
        let password = shop.server.administrator(EMAIL)?;
        let output = Command::new("node")
            .current_dir(root)
            .arg("scripts/bench_screen.mjs")
            .args([&format!("http://{}", shop.server.address), EMAIL, &password])
            .output()
            .context("node cannot be started")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "the browser's part failed: {said}");
        let printed = String::from_utf8(output.stdout)?;
        let Measured { paints, switches, after_visits } =
            serde_json::from_str(printed.trim().lines().last().unwrap_or_default())?;
        Ok(Self {
            database: shop.database.clone(),
            sessions: shop.sessions,
            first_paint_p50_ms: at(paints.clone(), 50),
            first_paint_max_ms: at(paints, 100),
            switches: Switches::of(&switches),
            after_visits: Switches::of(&after_visits),
        })
    }
}

impl Switches {
    fn of(switches: &[Switch]) -> Self {
        let (seen, all) = switches.iter().map(|switch| (switch.seen, switch.all)).unzip::<_, _, Vec<_>, Vec<_>>();
        Self {
            seen_p50: at(seen.clone(), 50),
            seen_p95: at(seen, 95),
            all_p50: at(all.clone(), 50),
            all_p95: at(all, 95),
        }
    }
}

/// The time that so many hundredths do not exceed.
fn at(mut times: Vec<f64>, hundredths: usize) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len().saturating_sub(1) * hundredths / 100).copied().unwrap_or_default().round()
}

impl fmt::Display for Switches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seen_p50, seen_p95, all_p50, all_p95 } = self;
        write!(f, "what is seen p50 {seen_p50} ms, p95 {seen_p95} ms; ")?;
        write!(f, "charts out of sight, too: p50 {all_p50} ms, p95 {all_p95} ms")
    }
}

impl fmt::Display for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { database, sessions, .. } = self;
        writeln!(f, "the dashboard of {sessions} sessions of a year on {database}, in Chromium")?;
        let (p50, slowest) = (self.first_paint_p50_ms, self.first_paint_max_ms);
        writeln!(f, "first paint, nothing cached: p50 {p50} ms, slowest {slowest} ms")?;
        writeln!(f, "today, week, month in turn: {}", self.switches)?;
        writeln!(f, "the same with a visit stored before each: {}", self.after_visits)
    }
}
