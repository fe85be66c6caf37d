//! `dispatcher import`: history from a file of JSON lines.

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tokio::sync::mpsc;
use utm_dispatcher::message::{self, BadField, Line, SessionLine};
use utm_dispatcher::model::visitor::{Client, Place};
use utm_dispatcher::store::{Entry, Imported, ImportedSession, Store};
use utm_dispatcher::tracking::{self, Agents, Rules};

use crate::config::Config;
use crate::geo::Geo;
use crate::state::{now, open_store};

/// So many lines are stored together.
const BATCH: usize = 500;
/// A line has at most so many bytes.
const MAX_LINE: usize = 64 * 1024;
/// How often it is said how far the work is.
const TELL: Duration = Duration::from_secs(2);
/// How many addresses' places are remembered before the memory starts anew.
const MAX_PLACES: usize = 10_000;

/// A line's number, counted from 1, with what it says or why it says nothing.
type Numbered = (u64, Result<Entry, String>);

/// What became of the lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Summary {
    imported: u64,
    duplicate: u64,
    dropped: u64,
    invalid: u64,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { imported, duplicate, dropped, invalid } = self;
        write!(f, "imported {imported}, duplicate {duplicate}, dropped {dropped}, invalid {invalid}")
    }
}

/// Stores the lines of `file` (`-` is standard input) and says what became of them.
pub async fn run(config: &Config, file: PathBuf) -> anyhow::Result<()> {
    let lines: Box<dyn BufRead + Send> = if file == Path::new("-") {
        Box::new(BufReader::new(io::stdin()))
    } else {
        let opened = File::open(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        Box::new(BufReader::with_capacity(1 << 20, opened))
    };
    let store = open_store(config).await?;
    store.migrate().await.context("the schema could not be brought up to date")?;
    let (batches, stored) = mpsc::channel(2);
    let rules = Rules { own_hosts: config.own_hosts(), ..Rules::default() };
    store.load_exclusions(&rules.exclusions, now()).await.context("the exclusions cannot be read")?;
    let reader = Reader::new(config, rules);
    // While one batch is being stored the next one is read.
    let reading = tokio::task::spawn_blocking(move || reader.read(lines, &batches));
    let summary = store_all(&store, stored).await;
    let read = reading.await.context("the reader ended")?;
    store.close().await;
    let summary =
        summary.context("the database failed; what was stored before stays, and the file may be given again")?;
    println!("{summary}");
    read.with_context(|| format!("{} cannot be read further", file.display()))?;
    if summary.invalid > 0 {
        bail!("invalid lines: {}; all others are stored", summary.invalid);
    }
    Ok(())
}

async fn store_all(store: &Store, mut batches: mpsc::Receiver<Vec<Numbered>>) -> anyhow::Result<Summary> {
    let mut summary = Summary::default();
    let mut told = Instant::now();
    while let Some(batch) = batches.recv().await {
        let mut numbers = Vec::with_capacity(batch.len());
        let mut entries = Vec::with_capacity(batch.len());
        let last = batch.last().map_or(0, |(number, _)| *number);
        let mut invalid = Vec::new();
        for (number, line) in batch {
            match line {
                Ok(entry) => {
                    numbers.push(number);
                    entries.push(entry);
                }
                Err(reason) => invalid.push((number, reason)),
            }
        }
        for (number, became) in numbers.into_iter().zip(store.import(&entries).await?) {
            match became {
                Imported::New => summary.imported += 1,
                Imported::Duplicate => summary.duplicate += 1,
                Imported::Dropped => summary.dropped += 1,
                Imported::Refused(bad) => invalid.push((number, bad.to_string())),
            }
        }
        invalid.sort();
        summary.invalid += invalid.len() as u64;
        for (number, reason) in invalid {
            eprintln!("line {number}: {reason}");
        }
        if told.elapsed() >= TELL {
            told = Instant::now();
            eprintln!("{last} lines: {summary}");
        }
    }
    Ok(summary)
}

/// Makes entries of lines, by the rules of live requests.
struct Reader {
    rules: Rules,
    geo: Geo,
    currency: String,
    extra_actions: Vec<String>,
    agents: Option<Agents>,
    places: HashMap<IpAddr, Place>,
}

impl Reader {
    fn new(config: &Config, rules: Rules) -> Self {
        Self {
            rules,
            geo: Geo::open(&config.geo.databases),
            currency: config.store.currency.clone(),
            extra_actions: config.tracking.extra_actions.clone(),
            agents: None,
            places: HashMap::new(),
        }
    }

    /// Reads to the end, or until nobody takes the batches any more.
    fn read(mut self, mut lines: impl BufRead, batches: &mpsc::Sender<Vec<Numbered>>) -> io::Result<()> {
        let mut batch = Vec::with_capacity(BATCH);
        let mut line = Vec::new();
        let mut number = 0;
        while let Some(length) = next_line(&mut lines, &mut line)? {
            number += 1;
            if length <= MAX_LINE && line.trim_ascii().is_empty() {
                continue;
            }
            let entry = if length > MAX_LINE {
                Err(format!("the line has {length} bytes; allowed are {MAX_LINE}"))
            } else {
                self.entry(&line).map_err(|bad| bad.to_string())
            };
            batch.push((number, entry));
            if batch.len() == BATCH && batches.blocking_send(std::mem::take(&mut batch)).is_err() {
                return Ok(());
            }
        }
        // Nobody takes it only when the database has failed, which is said already.
        let _ = batches.blocking_send(batch);
        Ok(())
    }

    fn entry(&mut self, line: &[u8]) -> Result<Entry, BadField> {
        let context = message::Context { now: now(), currency: &self.currency, extra_actions: &self.extra_actions };
        Ok(match message::line(line, &context)? {
            Line::Session(session) => self.session(&session),
            Line::Action(event) => Entry::Action(event),
            Line::Order(order, owner) => Entry::Order(order, owner),
            Line::Spend(spend) => Entry::Spend(spend),
        })
    }

    fn session(&mut self, line: &SessionLine) -> Entry {
        let Ok(draft) = line.draft(&self.rules) else { return Entry::Dropped(line.id.clone()) };
        let hit = draft.of(line.visitor_key());
        let found = hit.ip.map_or_else(Place::default, |ip| self.place(ip));
        let agents = self.agents.get_or_insert_with(|| {
            tracking::prepare();
            Agents::new()
        });
        let client = Client::clone(&agents.client(&hit.agent));
        Entry::Session(Box::new(ImportedSession {
            name: line.id.clone(),
            client: line.client_over(client),
            place: line.place_over(found),
            last_seen: line.last_seen,
            hit,
        }))
    }

    fn place(&mut self, ip: IpAddr) -> Place {
        if self.places.len() >= MAX_PLACES {
            self.places.clear();
        }
        self.places.entry(ip).or_insert_with(|| self.geo.place(ip)).clone()
    }
}

/// Reads the next line into `line`, without its end, and returns its length; of what is too long only the beginning is
/// kept. `None` at the end.
fn next_line(lines: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Option<usize>> {
    line.clear();
    let mut length = 0;
    let mut is_any = false;
    loop {
        let available = match lines.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        if available.is_empty() {
            return Ok(is_any.then_some(length));
        }
        is_any = true;
        let end = available.iter().position(|byte| *byte == b'\n');
        let part = &available[..end.unwrap_or(available.len())];
        let room = (MAX_LINE + 1).saturating_sub(line.len());
        line.extend_from_slice(&part[..part.len().min(room)]);
        length += part.len();
        let used = part.len() + usize::from(end.is_some());
        lines.consume(used);
        if end.is_some() {
            return Ok(Some(length));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_bounded_and_the_last_needs_no_end() {
        let long = "x".repeat(3 * MAX_LINE);
        let text = format!("a\n\n{long}\r\nb");
        let mut lines = BufReader::with_capacity(1000, text.as_bytes());
        let mut line = Vec::new();
        let mut found = Vec::new();
        while let Some(length) = next_line(&mut lines, &mut line).unwrap() {
            assert!(line.len() <= MAX_LINE + 1);
            found.push((length, line.first().copied()));
        }
        assert_eq!(found, [(1, Some(b'a')), (0, None), (3 * MAX_LINE + 1, Some(b'x')), (1, Some(b'b'))]);
    }
}
