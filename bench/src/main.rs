//! `make bench`: what the tracking layer costs a page of the demo shop, and how fast events of a shop's server are stored.
//! Figures as text, and as JSON in target/bench.json.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Serialize;
use tokio::runtime::{Builder, Runtime};

use load::Schedule;
use scenarios::{Events, Open, Saturated};

mod events;
mod http;
mod load;
mod saturation;
mod scenarios;
mod server;
mod shoppers;

const USAGE: &str = "usage: bench [rate=2000] [seconds=15] [returning=0.0] [rounds=2] [only=open|saturated|events]";

/// What is measured.
struct Options {
    schedule: Schedule,
    rounds: u32,
    only: Option<String>,
}

/// All figures.
#[derive(Debug, Default, Serialize)]
struct Figures {
    machine: String,
    open: Option<Open>,
    saturated: Option<Saturated>,
    events: Option<Events>,
}

fn main() -> Result<()> {
    let options = Options::read(std::env::args().skip(1))?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the bench crate lies in no folder")?;
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let figures = measure(root, &runtime, &options)?;
    let json = serde_json::to_string_pretty(&figures)?;
    fs::write(root.join("target/bench.json"), format!("{json}\n"))?;
    let complaints = [
        figures.open.as_ref().map(Open::complaints),
        figures.saturated.as_ref().map(Saturated::complaints),
        figures.events.as_ref().map(Events::complaints),
    ];
    let complaints: Vec<String> = complaints.into_iter().flatten().flatten().collect();
    if !complaints.is_empty() {
        bail!("{}", complaints.join("; "));
    }
    Ok(())
}

fn measure(root: &Path, runtime: &Runtime, options: &Options) -> Result<Figures> {
    let is_wanted = |name: &str| options.only.as_deref().is_none_or(|only| only == name);
    let mut figures = Figures { machine: machine(), ..Figures::default() };
    println!("{}\n", figures.machine);
    if is_wanted("open") {
        let open = Open::measure(root, runtime, options.schedule, options.rounds)?;
        println!("{open}");
        figures.open = Some(open);
    }
    if is_wanted("saturated") {
        let saturated = Saturated::measure(root, runtime, options.rounds)?;
        println!("{saturated}");
        figures.saturated = Some(saturated);
    }
    if is_wanted("events") {
        let events = Events::measure(root, runtime)?;
        println!("{events}");
        figures.events = Some(events);
    }
    Ok(figures)
}

fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let models: Vec<&str> =
        info.lines().filter_map(|line| line.strip_prefix("model name")?.split(": ").nth(1)).collect();
    let model = models.first().unwrap_or(&"unknown processor");
    format!("{} × {model}, the load's generator on the same cores", models.len())
}

impl Options {
    fn read(words: impl Iterator<Item = String>) -> Result<Self> {
        let schedule = Schedule { rate: 2_000, seconds: 15, returning: 0.0 };
        let mut options = Self { schedule, rounds: 2, only: None };
        for word in words {
            let (name, value) = word.split_once('=').context(USAGE)?;
            match name {
                "rate" => options.schedule.rate = value.parse()?,
                "seconds" => options.schedule.seconds = value.parse()?,
                "returning" => options.schedule.returning = value.parse()?,
                "rounds" => options.rounds = value.parse()?,
                "only" if ["open", "saturated", "events"].contains(&value) => options.only = Some(value.to_owned()),
                _ => bail!("{USAGE}"),
            }
        }
        if options.schedule.rate == 0 || options.schedule.seconds == 0 || options.rounds == 0 {
            bail!("rate, seconds and rounds begin at 1");
        }
        if !(0.0..=1.0).contains(&options.schedule.returning) {
            bail!("returning is a share between 0 and 1");
        }
        Ok(options)
    }
}
