//! `make bench`: what the tracking layer costs a page of the demo shop, how fast events of a shop's server are stored, and how
//! long reports and exports take.
//! Figures as text, and as JSON in target/bench.json.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Serialize;
use tokio::runtime::{Builder, Runtime};

use export::Export;
use load::Schedule;
use reports::{Reports, Shop};
use scenarios::{Events, Open, Saturated};
use screen::Screen;

mod events;
mod export;
mod http;
mod load;
mod reports;
mod saturation;
mod scenarios;
mod screen;
mod server;
mod shoppers;

const USAGE: &str = "usage: bench [rate=2000] [seconds=15] [returning=0.0] [rounds=2] [sessions=N] [period=month] \
                     [database=sqlite|postgres] [only=open|saturated|events|reports|screen|export]";
/// What may be measured alone.
const SCENARIOS: [&str; 6] = ["open", "saturated", "events", "reports", "screen", "export"];
/// How many sessions the stores of reports have.
const SIZES: [u64; 2] = [100_000, 1_000_000];

/// What is measured.
struct Options {
    schedule: Schedule,
    rounds: u32,
    only: Option<String>,
    /// How many sessions stores of reports have; [`SIZES`] when not said.
    sessions: Option<u64>,
    /// Which days reports are about.
    period: String,
    /// Which database alone.
    database: Option<String>,
}

/// All figures.
#[derive(Debug, Default, Serialize)]
struct Figures {
    machine: String,
    open: Option<Open>,
    saturated: Option<Saturated>,
    events: Option<Events>,
    reports: Vec<Reports>,
    screens: Vec<Screen>,
    exports: Vec<Export>,
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
    let of_exports = figures.exports.iter().map(Export::complaints);
    let complaints: Vec<String> = complaints.into_iter().flatten().chain(of_exports).flatten().collect();
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
    let sizes = options.sessions.map_or(SIZES.to_vec(), |sessions| vec![sessions]);
    let databases = ["sqlite", "postgres"].into_iter();
    for database in databases.filter(|name| options.database.as_deref().is_none_or(|only| only == *name)) {
        for sessions in &sizes {
            // A million is exported where a million was made for the reports.
            let is_exported = is_wanted("export") && Some(sessions) == sizes.last();
            // The dashboard's budget is said for the smaller one.
            let is_looked_at = is_wanted("screen") && Some(sessions) == sizes.first();
            if !is_wanted("reports") && !is_looked_at && !is_exported {
                continue;
            }
            let shop = Shop::open(root, database, *sessions)?;
            if is_wanted("reports") {
                let reports = Reports::measure(&shop, runtime, &options.period)?;
                println!("{reports}");
                figures.reports.push(reports);
            }
            if is_looked_at {
                let screen = Screen::measure(root, &shop)?;
                println!("{screen}");
                figures.screens.push(screen);
            }
            if is_exported {
                let export = Export::measure(&shop, runtime)?;
                println!("{export}");
                figures.exports.push(export);
            }
        }
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
        let mut options =
            Self { schedule, rounds: 2, only: None, sessions: None, period: "month".to_owned(), database: None };
        for word in words {
            let (name, value) = word.split_once('=').context(USAGE)?;
            match name {
                "rate" => options.schedule.rate = value.parse()?,
                "seconds" => options.schedule.seconds = value.parse()?,
                "returning" => options.schedule.returning = value.parse()?,
                "rounds" => options.rounds = value.parse()?,
                "sessions" => options.sessions = Some(value.parse()?),
                "period" if ["today", "week", "month", "all_time"].contains(&value) => {
                    value.clone_into(&mut options.period);
                }
                "database" if ["sqlite", "postgres"].contains(&value) => options.database = Some(value.to_owned()),
                "only" if SCENARIOS.contains(&value) => options.only = Some(value.to_owned()),
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
