//! Counters of the process, and their text form for Prometheus.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

use app::functions::tracking::Counts;
use utm_dispatcher::tracking::Drop;

/// What the process counts since it started. Shared; counting takes a few nanoseconds and never waits for a reader
/// of the text.
#[derive(Debug, Default)]
pub struct Counters {
    recorded: ByName,
    dropped: ByName,
    bots: ByName,
    batches: ByName,
    queue: AtomicU64,
    delay: AtomicU64,
}

impl Counters {
    /// Counts `rows` of `kind` that are stored: `page_view`, `session`.
    pub fn recorded(&self, kind: &'static str, rows: u64) {
        self.recorded.add(kind, rows);
    }

    /// Counts a request or event that is not stored, by reason: `bot`, `queue_full`.
    pub fn dropped(&self, reason: &'static str) {
        self.dropped.add(reason, 1);
    }

    /// Counts `rows` that are not stored for one reason.
    pub fn dropped_many(&self, reason: &'static str, rows: u64) {
        if rows > 0 {
            self.dropped.add(reason, rows);
        }
    }

    /// Counts a request that a step of the tracking left out; a program by its category too.
    pub fn left_out(&self, reason: Drop) {
        self.dropped(reason.key());
        if let Drop::Bot(category) = reason {
            self.bots.add(category, 1);
        }
    }

    /// Says how many requests wait for the writer now.
    pub fn set_queue(&self, length: usize) {
        self.queue.store(length as u64, Ordering::Relaxed);
    }

    /// Counts a batch that is stored, whose oldest action was in memory for so many milliseconds; was that longer than it
    /// should be?
    pub fn stored_batch(&self, millis: i64, is_late: bool) {
        self.batches.add(if is_late { "late" } else { "in_time" }, 1);
        self.delay.store(millis.try_into().unwrap_or(0), Ordering::Relaxed);
    }

    /// How many were dropped for `reason`.
    pub fn dropped_for(&self, reason: &str) -> u64 {
        self.dropped.of(reason)
    }

    /// How many rows of `kind` were stored.
    pub fn recorded_of(&self, kind: &str) -> u64 {
        self.recorded.of(kind)
    }

    /// Everything, as the dashboard shows it.
    pub fn counts(&self) -> Counts {
        Counts {
            recorded: self.recorded.list(),
            dropped: self.dropped.list(),
            bots: self.bots.list(),
            queue: loaded(&self.queue),
        }
    }

    /// Everything in Prometheus' text format.
    pub fn text(&self) -> String {
        let mut text = String::new();
        self.recorded.write(&mut text, "dispatcher_recorded_total", "kind", "Rows stored.");
        self.dropped.write(&mut text, "dispatcher_dropped_total", "reason", "Requests and events not stored.");
        self.bots.write(&mut text, "dispatcher_bots_total", "category", "Requests of programs, dropped as bot.");
        let help = "Batches stored, those late whose oldest action waited for more than 25 ms.";
        self.batches.write(&mut text, "dispatcher_batches_total", "kind", help);
        let gauges = [
            ("dispatcher_queue_length", "Requests that wait for the writer.", &self.queue),
            ("dispatcher_write_delay_milliseconds", "Age of the oldest action last stored.", &self.delay),
        ];
        for (metric, help, value) in gauges {
            write_gauge(&mut text, metric, help, value.load(Ordering::Relaxed));
        }
        text
    }
}

/// Writes a number that goes up and down.
pub fn write_gauge(text: &mut String, metric: &str, help: &str, value: u64) {
    // Writing to a String cannot fail.
    let _ = write!(text, "# HELP {metric} {help}\n# TYPE {metric} gauge\n{metric} {value}\n");
}

/// Counters of one thing, told apart by a name of ours.
#[derive(Debug, Default)]
struct ByName(RwLock<BTreeMap<&'static str, AtomicU64>>);

impl ByName {
    fn add(&self, name: &'static str, count: u64) {
        if let Some(counter) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(name) {
            counter.fetch_add(count, Ordering::Relaxed);
            return;
        }
        let mut counters = self.0.write().unwrap_or_else(PoisonError::into_inner);
        counters.entry(name).or_default().fetch_add(count, Ordering::Relaxed);
    }

    fn of(&self, name: &str) -> u64 {
        let counters = self.0.read().unwrap_or_else(PoisonError::into_inner);
        counters.get(name).map_or(0, |counter| counter.load(Ordering::Relaxed))
    }

    fn list(&self) -> Vec<(String, i64)> {
        let counters = self.0.read().unwrap_or_else(PoisonError::into_inner);
        counters.iter().map(|(name, counter)| ((*name).to_owned(), loaded(counter))).collect()
    }

    fn write(&self, text: &mut String, metric: &str, label: &str, help: &str) {
        let _ = write!(text, "# HELP {metric} {help}\n# TYPE {metric} counter\n");
        for (name, counter) in &*self.0.read().unwrap_or_else(PoisonError::into_inner) {
            let _ = writeln!(text, "{metric}{{{label}=\"{name}\"}} {}", counter.load(Ordering::Relaxed));
        }
    }
}

/// A counter's value, as far as people's numbers go.
fn loaded(counter: &AtomicU64) -> i64 {
    i64::try_from(counter.load(Ordering::Relaxed)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counted_by_name_and_written_in_order() {
        let counters = Counters::default();
        counters.dropped("queue_full");
        counters.left_out(Drop::Bot("search"));
        counters.left_out(Drop::Bot("ai"));
        counters.left_out(Drop::Excluded);
        counters.recorded("page_view", 5);
        counters.set_queue(7);
        counters.stored_batch(40, true);
        counters.stored_batch(12, false);
        assert_eq!((counters.dropped_for("bot"), counters.dropped_for("prefetch")), (2, 0));
        let text = counters.text();
        let values: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            values,
            [
                "dispatcher_recorded_total{kind=\"page_view\"} 5",
                "dispatcher_dropped_total{reason=\"bot\"} 2",
                "dispatcher_dropped_total{reason=\"excluded\"} 1",
                "dispatcher_dropped_total{reason=\"queue_full\"} 1",
                "dispatcher_bots_total{category=\"ai\"} 1",
                "dispatcher_bots_total{category=\"search\"} 1",
                "dispatcher_batches_total{kind=\"in_time\"} 1",
                "dispatcher_batches_total{kind=\"late\"} 1",
                "dispatcher_queue_length 7",
                "dispatcher_write_delay_milliseconds 12",
            ]
        );
    }
}
