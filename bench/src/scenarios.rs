//! The scenarios: each runs the server with and without the layer in turn, and compares.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use serde::Serialize;
use tokio::runtime::Runtime;

use crate::load::{self, Outcome, Schedule};
use crate::server::{Counted, Server};
use crate::{events, saturation};

/// Requests before the measured ones: automata, caches and connections are made.
const WARM: Schedule = Schedule { rate: 500, seconds: 2, returning: 0.0 };
const WARM_REQUESTS: u64 = 1_000;
/// How long wrk runs.
const SATURATED_SECONDS: u32 = 8;
/// How long events are sent.
const EVENT_SECONDS: u64 = 10;

/// One run of the open loop.
#[derive(Clone, Debug, Serialize)]
pub struct OpenRun {
    is_tracked: bool,
    outcome: Outcome,
    /// Microseconds of the process's time for each request, the writer's work included.
    cpu_us: f64,
    counted: Counted,
    /// Page views in the database, by another reader.
    rows: u64,
}

/// Requests on a schedule.
#[derive(Debug, Serialize)]
pub struct Open {
    schedule: Schedule,
    runs: Vec<OpenRun>,
    added_p50_ms: f64,
    added_p99_ms: f64,
    added_cpu_us: f64,
    /// Processor time with tracking to the time without.
    cpu_ratio: f64,
}

impl Open {
    /// Runs without and with the layer in turn, `rounds` times.
    pub fn measure(root: &Path, runtime: &Runtime, schedule: Schedule, rounds: u32) -> Result<Self> {
        let mut runs = Vec::new();
        for round in 0..rounds {
            for is_tracked in [false, true] {
                runs.push(open_run(root, runtime, schedule, is_tracked, round.into())?);
            }
        }
        let of = |is_tracked, figure: fn(&OpenRun) -> f64| {
            median(runs.iter().filter(|run| run.is_tracked == is_tracked).map(figure).collect())
        };
        let added = |figure| of(true, figure) - of(false, figure);
        Ok(Self {
            added_p50_ms: added(|run| run.outcome.p50_ms),
            added_p99_ms: added(|run| run.outcome.p99_ms),
            added_cpu_us: added(|run| run.cpu_us),
            cpu_ratio: of(true, |run| run.cpu_us) / of(false, |run| run.cpu_us),
            schedule,
            runs,
        })
    }

    /// Requests that were neither stored nor counted as dropped.
    pub fn complaints(&self) -> Vec<String> {
        let lost = |run: &&OpenRun| {
            let requests = run.outcome.answered + WARM_REQUESTS;
            run.outcome.failed > 0 || run.is_tracked && run.rows + run.counted.all_dropped() != requests
        };
        self.runs.iter().filter(lost).map(|run| format!("open loop: not every request was counted: {run:?}")).collect()
    }
}

fn open_run(root: &Path, runtime: &Runtime, schedule: Schedule, is_tracked: bool, seed: u64) -> Result<OpenRun> {
    let server = Server::start(root, is_tracked)?;
    load::run(runtime, server.address, WARM, u64::MAX - seed)?;
    if is_tracked {
        server.drained(runtime, WARM_REQUESTS)?;
    }
    let before = server.cpu()?;
    let (outcome, _) = load::run(runtime, server.address, schedule, seed)?;
    let counted =
        if is_tracked { server.drained(runtime, WARM_REQUESTS + outcome.answered)? } else { Counted::default() };
    let cpu_us = per_request(server.cpu()?.saturating_sub(before), outcome.answered);
    Ok(OpenRun { is_tracked, rows: server.rows("page_view")?, outcome, cpu_us, counted })
}

impl fmt::Display for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Schedule { rate, seconds, returning } = self.schedule;
        let new = 100.0 * (1.0 - returning);
        writeln!(f, "/ at {rate} requests/s on schedule for {seconds} s, {new:.0} % by new visitors")?;
        writeln!(f, "tracking     p50 ms    p99 ms    max ms   CPU µs/request      stored   dropped   late batches")?;
        for run in &self.runs {
            let Outcome { p50_ms, p99_ms, max_ms, .. } = run.outcome;
            let Counted { batches, late_batches, .. } = run.counted;
            let (word, cpu, dropped) = (on_off(run.is_tracked), run.cpu_us, run.counted.all_dropped());
            writeln!(
                f,
                "{word:<8} {p50_ms:>10.2}{p99_ms:>10.2}{max_ms:>10.2}{cpu:>17.1}{:>12}{dropped:>10}{:>15}",
                run.rows,
                format!("{late_batches} of {batches}")
            )?;
        }
        writeln!(
            f,
            "added    {:>+10.2}{:>+10.2}{:>27.1} (× {:.2})",
            self.added_p50_ms, self.added_p99_ms, self.added_cpu_us, self.cpu_ratio
        )
    }
}

/// One run of as many requests as the server answers.
#[derive(Clone, Debug, Serialize)]
pub struct SaturatedRun {
    is_tracked: bool,
    answered: u64,
    per_second: f64,
    cpu_us: f64,
    counted: Counted,
    rows: u64,
}

/// As many requests as the server answers.
#[derive(Debug, Serialize)]
pub struct Saturated {
    runs: Vec<SaturatedRun>,
    /// Requests a second with tracking to those without.
    ratio: f64,
}

impl Saturated {
    /// Runs without and with the layer in turn, `rounds` times.
    pub fn measure(root: &Path, runtime: &Runtime, rounds: u32) -> Result<Self> {
        let mut runs = Vec::new();
        for _ in 0..rounds {
            for is_tracked in [false, true] {
                let server = Server::start(root, is_tracked)?;
                load::run(runtime, server.address, WARM, 0)?;
                let before = server.cpu()?;
                let flood = saturation::wrk(root, server.address, SATURATED_SECONDS)?;
                let requests = WARM_REQUESTS + flood.answered;
                let counted = if is_tracked { server.drained(runtime, requests)? } else { Counted::default() };
                runs.push(SaturatedRun {
                    is_tracked,
                    answered: flood.answered,
                    per_second: flood.per_second,
                    cpu_us: per_request(server.cpu()?.saturating_sub(before), flood.answered),
                    counted,
                    rows: server.rows("page_view")?,
                });
            }
        }
        let of = |is_tracked| {
            median(runs.iter().filter(|run| run.is_tracked == is_tracked).map(|run| run.per_second).collect())
        };
        Ok(Self { ratio: of(true) / of(false), runs })
    }

    /// Requests that were neither stored nor counted as dropped.
    pub fn complaints(&self) -> Vec<String> {
        // wrk goes away in the middle of its last requests: each connection may have sent one more than was answered.
        let lost = |run: &&SaturatedRun| {
            let (counted, sure) = (run.rows + run.counted.all_dropped(), run.answered + WARM_REQUESTS);
            run.is_tracked && !(sure..=sure + u64::from(saturation::CONNECTIONS)).contains(&counted)
        };
        self.runs.iter().filter(lost).map(|run| format!("saturated: not every request was counted: {run:?}")).collect()
    }
}

impl fmt::Display for Saturated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "/ saturated for {SATURATED_SECONDS} s, every request by a new visitor")?;
        writeln!(f, "tracking   requests/s   CPU µs/request      stored   dropped")?;
        for run in &self.runs {
            let (word, dropped) = (on_off(run.is_tracked), run.counted.all_dropped());
            writeln!(f, "{word:<8} {:>12.0}{:>17.1}{:>12}{dropped:>10}", run.per_second, run.cpu_us, run.rows)?;
        }
        writeln!(f, "ratio    {:>12.2}", self.ratio)
    }
}

/// Events of the shop's server, in batches.
#[derive(Debug, Serialize)]
pub struct Events {
    /// Events that were acknowledged as stored.
    acknowledged: u64,
    per_second: f64,
    /// Microseconds of the process's time for each event.
    cpu_us: f64,
    rows: u64,
}

impl Events {
    /// Sends batches as fast as they are acknowledged.
    pub fn measure(root: &Path, runtime: &Runtime) -> Result<Self> {
        let server = Server::start(root, true)?;
        let token = server.token("write")?;
        // Events are of visitors who are there.
        let (_, visitors) = load::run(runtime, server.address, WARM, 0)?;
        server.drained(runtime, WARM_REQUESTS)?;
        let before = server.cpu()?;
        let stored =
            runtime.block_on(events::send(server.address, &token, visitors, Duration::from_secs(EVENT_SECONDS)))?;
        ensure!(stored.events > 0, "no event was acknowledged");
        Ok(Self {
            acknowledged: stored.events,
            per_second: number(stored.events) / stored.time.as_secs_f64(),
            cpu_us: per_request(server.cpu()?.saturating_sub(before), stored.events),
            rows: server.rows(events::KIND)?,
        })
    }

    /// Events that were acknowledged and are not there.
    pub fn complaints(&self) -> Vec<String> {
        let complaint = || format!("events: {} were acknowledged, {} are there", self.acknowledged, self.rows);
        (self.rows != self.acknowledged).then(complaint).into_iter().collect()
    }
}

impl fmt::Display for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { acknowledged, per_second, cpu_us, rows } = self;
        writeln!(f, "POST /api/v1/events, batches of {}", events::BATCH)?;
        writeln!(f, "events/s   CPU µs/event   acknowledged      stored")?;
        writeln!(f, "{per_second:>8.0}{cpu_us:>15.1}{acknowledged:>15}{rows:>12}")
    }
}

impl Counted {
    fn all_dropped(&self) -> u64 {
        self.dropped.iter().map(|(_, count)| count).sum()
    }
}

fn on_off(is_tracked: bool) -> &'static str {
    if is_tracked { "on" } else { "off" }
}

fn per_request(time: Duration, requests: u64) -> f64 {
    time.as_secs_f64() * 1e6 / number(requests)
}

#[expect(clippy::cast_precision_loss, reason = "no run makes 2^52 requests")]
pub fn number(count: u64) -> f64 {
    count as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let (low, high) = (values[(values.len() - 1) / 2], values[values.len() / 2]);
    f64::midpoint(low, high)
}
