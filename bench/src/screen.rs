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
    switches: Vec<f64>,
    after_visits: Vec<f64>,
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
    /// From a click on today, week or month to the frame in which everything is of that period.
    switch_p50_ms: f64,
    /// As above.
    switch_p95_ms: f64,
    /// The same when a visit was stored just before, so that every report is asked of the database again.
    switch_after_visit_p50_ms: f64,
    /// As above.
    switch_after_visit_p95_ms: f64,
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
        let Measured { mut paints, mut switches, mut after_visits } =
            serde_json::from_str(printed.trim().lines().last().unwrap_or_default())?;
        for times in [&mut paints, &mut switches, &mut after_visits] {
            times.sort_by(f64::total_cmp);
        }
        let at = |times: &[f64], hundredth: usize| times[(times.len() - 1) * hundredth / 100].round();
        Ok(Self {
            database: shop.database.clone(),
            sessions: shop.sessions,
            first_paint_p50_ms: at(&paints, 50),
            first_paint_max_ms: at(&paints, 100),
            switch_p50_ms: at(&switches, 50),
            switch_p95_ms: at(&switches, 95),
            switch_after_visit_p50_ms: at(&after_visits, 50),
            switch_after_visit_p95_ms: at(&after_visits, 95),
        })
    }
}

impl fmt::Display for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { database, sessions, .. } = self;
        writeln!(f, "the dashboard of {sessions} sessions of a year on {database}, in Chromium")?;
        let (p50, slowest) = (self.first_paint_p50_ms, self.first_paint_max_ms);
        writeln!(f, "first paint, nothing cached: p50 {p50} ms, slowest {slowest} ms")?;
        let (p50, p95) = (self.switch_p50_ms, self.switch_p95_ms);
        writeln!(f, "today, week, month in turn, all painted: p50 {p50} ms, p95 {p95} ms")?;
        let (p50, p95) = (self.switch_after_visit_p50_ms, self.switch_after_visit_p95_ms);
        writeln!(f, "the same with a visit stored before each: p50 {p50} ms, p95 {p95} ms")
    }
}
