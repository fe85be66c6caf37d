//! The clock in the store's zone: offsets and boundaries that Rust computes and binds, so that SQL only adds and divides.

use chrono::{DateTime, Datelike, Days, NaiveDate, Offset, TimeZone, Timelike};
use chrono_tz::Tz;

use super::super::sql::Sql;
use super::span::Span;
use crate::model::period::{day_start, local_day};
use crate::model::{Interval, Millis};
use crate::report::Value;
use crate::report::catalog::Clock;

const HOUR: Millis = 60 * 60 * 1000;
const DAY: Millis = 24 * HOUR;

/// The zone's offsets over a stretch of time.
#[derive(Clone, Debug)]
pub struct Zone {
    tz: Tz,
    /// The days of the stretch.
    pub days: (NaiveDate, NaiveDate),
    /// Milliseconds that clocks are ahead of UTC, and until when.
    hours: Vec<(Millis, i64)>,
    /// The same for telling the day: where clocks go back over midnight the new day has begun for good.
    dates: Vec<(Millis, i64)>,
}

impl Zone {
    /// The zone over `span`, or over the days of `stored` when the span is longer than anything stored.
    pub fn new(tz: Tz, span: Span, stored: Interval) -> Self {
        let interval = Interval {
            start: span.interval.start.max(stored.start.min(span.interval.end)),
            end: span.interval.end.min(stored.end.max(span.interval.start)),
        };
        let stored_days = (local_day(interval.start, tz), local_day(interval.end.max(interval.start + 1) - 1, tz));
        let days = match span.days {
            Some(days) if stored == Interval::ALL => days,
            // Nothing that is stored lies in the span.
            Some((first, _)) if interval.start >= interval.end => (first, first.pred_opt().unwrap_or(first)),
            _ => stored_days,
        };
        let hours = offsets(tz, interval);
        let dates = hours.windows(2).map(|pair| (catch_up(pair[0], pair[1].1), pair[0].1));
        let dates = dates.chain(hours.last().copied()).collect();
        Self { tz, days, hours, dates }
    }

    /// Appends the reading of the clock at `column`, as a key.
    pub fn push(&self, sql: &mut Sql, clock: Clock, column: &str) {
        match clock {
            Clock::Hour => {
                sql.push("(");
                push_local(sql, column, &self.hours);
                sql.push(&format!(" / {HOUR}) % 24"));
            }
            Clock::Day => self.push_day(sql, column, 0),
            // 1970-01-01, day 0, was a Thursday.
            Clock::Weekday => {
                sql.push("(");
                self.push_day(sql, column, 3);
                sql.push(") % 7 + 1");
            }
            Clock::Week => {
                sql.push("(");
                self.push_day(sql, column, 3);
                sql.push(") / 7");
            }
            Clock::Month => {
                sql.push("case");
                let keys = self.keys(Clock::Month);
                if keys.is_empty() {
                    // No row lies in an empty stretch, but databases want a branch.
                    sql.push(&format!(" when {column} is null then ")).push_bind(0_i64);
                }
                for key in &keys {
                    sql.push(&format!(" when {column} < ")).push_bind(day_start(month(key + 1), self.tz));
                    sql.push(" then ").push_bind(*key);
                }
                sql.push(" end");
            }
        }
    }

    fn push_day(&self, sql: &mut Sql, column: &str, plus: i64) {
        push_local(sql, column, &self.dates);
        sql.push(&format!(" / {DAY}"));
        if plus > 0 {
            sql.push(&format!(" + {plus}"));
        }
    }

    /// The keys of every reading in the stretch, in order; hours that do not exist in it are left out.
    pub fn keys(&self, clock: Clock) -> Vec<i64> {
        let (first, last) = self.days;
        if first > last {
            return Vec::new();
        }
        let (from, to) = (key_of(clock, first), key_of(clock, last));
        match clock {
            Clock::Hour => self.hours_shown(),
            Clock::Weekday => {
                let days = first.iter_days().take_while(|day| *day <= last).take(7);
                let mut keys: Vec<_> = days.map(|day| key_of(clock, day)).collect();
                keys.sort_unstable();
                keys
            }
            Clock::Day | Clock::Week | Clock::Month => (from..=to).collect(),
        }
    }

    fn hours_shown(&self) -> Vec<i64> {
        let (first, last) = self.days;
        let (start, end) = (day_start(first, self.tz), day_start(last.succ_opt().unwrap_or(last), self.tz));
        let mut hours: Vec<i64> = (start..end.min(start.saturating_add(3 * DAY)))
            .step_by(15 * 60 * 1000)
            .filter_map(DateTime::from_timestamp_millis)
            .map(|at| at.with_timezone(&self.tz).hour().into())
            .collect();
        hours.sort_unstable();
        hours.dedup();
        hours
    }

    /// The days of the stretch whose reading is among `keys`.
    pub fn days_of(&self, clock: Clock, keys: &[i64]) -> Vec<NaiveDate> {
        let (first, last) = self.days;
        let days = first.iter_days().take_while(|day| *day <= last);
        days.filter(|day| keys.contains(&key_of(clock, *day))).collect()
    }
}

/// The key of a day's reading; a day has no hour.
pub fn key_of(clock: Clock, day: NaiveDate) -> i64 {
    let number = day.signed_duration_since(NaiveDate::default()).num_days();
    match clock {
        Clock::Hour => 0,
        Clock::Weekday => (number + 3).rem_euclid(7) + 1,
        Clock::Day => number,
        Clock::Week => (number + 3).div_euclid(7),
        Clock::Month => i64::from(day.year()) * 12 + i64::from(day.month0()),
    }
}

/// A key as it is shown.
pub fn value_of(clock: Clock, key: i64) -> Value {
    match clock {
        Clock::Hour | Clock::Weekday => Value::Whole(key),
        Clock::Day => Value::Text(numbered(key).to_string()),
        Clock::Week => Value::Text(numbered(key * 7 - 3).to_string()),
        Clock::Month => Value::Text(month(key).format("%Y-%m").to_string()),
    }
}

/// A key as filters write it.
pub fn text_of(clock: Clock, key: i64) -> String {
    match value_of(clock, key) {
        Value::Text(text) => text,
        _ => key.to_string(),
    }
}

fn numbered(day: i64) -> NaiveDate {
    NaiveDate::default().checked_add_days(Days::new(day.unsigned_abs())).unwrap_or(NaiveDate::MAX)
}

/// The first day of a month by its key.
fn month(key: i64) -> NaiveDate {
    let year = i32::try_from(key.div_euclid(12)).ok();
    let month = u32::try_from(key.rem_euclid(12) + 1).ok();
    year.zip(month).and_then(|(year, month)| NaiveDate::from_ymd_opt(year, month, 1)).unwrap_or(NaiveDate::MAX)
}

/// Appends `(column + offset)`: what clocks showed, as if it were UTC.
fn push_local(sql: &mut Sql, column: &str, offsets: &[(Millis, i64)]) {
    sql.push(&format!("({column} + "));
    if let [(_, offset)] = offsets {
        sql.push_bind(*offset);
    } else {
        sql.push("case");
        for (until, offset) in offsets {
            if *until == Millis::MAX {
                sql.push(" else ").push_bind(*offset);
            } else {
                sql.push(&format!(" when {column} < ")).push_bind(*until).push(" then ").push_bind(*offset);
            }
        }
        sql.push(" end");
    }
    sql.push(")");
}

/// The offsets in force over `interval`, each with the instant at which it ends.
fn offsets(tz: Tz, interval: Interval) -> Vec<(Millis, i64)> {
    let mut offsets = Vec::new();
    let (mut at, mut offset) = (interval.start, offset_at(tz, interval.start));
    while at < interval.end {
        // Clocks are never changed twice in so short a time.
        let next = at.saturating_add(6 * HOUR).min(interval.end);
        let then = offset_at(tz, next);
        if then != offset {
            let (mut before, mut after) = (at, next);
            while after - before > 1 {
                let middle = before + (after - before) / 2;
                if offset_at(tz, middle) == offset { before = middle } else { after = middle }
            }
            offsets.push((after, offset));
            offset = then;
        }
        at = next;
    }
    offsets.push((Millis::MAX, offset));
    offsets
}

fn offset_at(tz: Tz, at: Millis) -> i64 {
    let utc = DateTime::from_timestamp_millis(at).unwrap_or_default().naive_utc();
    i64::from(tz.offset_from_utc_datetime(&utc).fix().local_minus_utc()) * 1000
}

/// Until when the offset before `change` tells the day: a day that clocks have left behind does not come again.
fn catch_up((change, before): (Millis, i64), after: i64) -> Millis {
    let day = (change - 1 + before).div_euclid(DAY);
    change.max(day * DAY - after)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn zone(tz: Tz, first: &str, last: &str) -> Zone {
        let days = (day(first), day(last));
        let interval = Interval { start: day_start(days.0, tz), end: day_start(days.1.succ_opt().unwrap(), tz) };
        Zone::new(tz, Span { days: Some(days), interval }, Interval::ALL)
    }

    fn offset_in(offsets: &[(Millis, i64)], at: Millis) -> i64 {
        offsets.iter().find(|(until, _)| at < *until).unwrap().1
    }

    #[test]
    fn fault_n2_a_period_has_as_many_buckets_as_days() {
        let texts = |clock, first, last| -> Vec<String> {
            zone(Tz::Europe__Kyiv, first, last).keys(clock).into_iter().map(|key| text_of(clock, key)).collect()
        };
        assert_eq!(
            texts(Clock::Day, "2028-02-27", "2028-03-01"),
            ["2028-02-27", "2028-02-28", "2028-02-29", "2028-03-01"]
        );
        assert_eq!(texts(Clock::Week, "2026-11-15", "2026-11-22"), ["2026-11-09", "2026-11-16"]);
        assert_eq!(texts(Clock::Month, "2025-12-31", "2026-02-01"), ["2025-12", "2026-01", "2026-02"]);
        assert_eq!(texts(Clock::Weekday, "2026-11-21", "2026-11-23"), ["1", "6", "7"]);
        assert_eq!(texts(Clock::Hour, "2026-11-22", "2026-11-22").len(), 24);
        // Clocks skip 03:00 on one day and show it twice on another.
        assert_eq!(texts(Clock::Hour, "2026-03-29", "2026-03-29").len(), 23);
        assert_eq!(texts(Clock::Hour, "2026-10-25", "2026-10-25").len(), 24);
        assert_eq!(texts(Clock::Hour, "2026-03-29", "2026-03-30").len(), 24);
    }

    #[test]
    fn a_day_does_not_come_again() {
        // St. John's put clocks back from 00:01 to 23:01: the new day had begun a minute before.
        let tz = Tz::America__St_Johns;
        let zone = zone(tz, "2010-11-06", "2010-11-08");
        let first = day_start(day("2010-11-07"), tz);
        let day_at = |at: Millis| (at + offset_in(&zone.dates, at)).div_euclid(DAY);
        let sunday = key_of(Clock::Day, day("2010-11-07"));
        for (minutes, expected) in
            [(-1, sunday - 1), (0, sunday), (1, sunday), (30, sunday), (61, sunday), (26 * 60, sunday + 1)]
        {
            assert_eq!(day_at(first + minutes * 60_000), expected, "{minutes} minutes");
        }
    }

    const ZONES: [Tz; 7] = [
        Tz::Europe__Kyiv,
        Tz::UTC,
        Tz::America__Havana,
        Tz::Asia__Beirut,
        Tz::America__Sao_Paulo,
        Tz::Australia__Lord_Howe,
        Tz::Asia__Kathmandu,
    ];

    proptest! {
        #[test]
        fn fault_n1_days_and_hours_are_the_clock_s(tz in select(ZONES.to_vec()), start in 12_000_u64..22_000, at in 0_i64..400 * DAY) {
            let first = NaiveDate::default() + Days::new(start);
            let days = (first, first + Days::new(400));
            let interval = Interval { start: day_start(days.0, tz), end: day_start(days.1, tz) };
            let zone = Zone::new(tz, Span { days: Some(days), interval }, Interval::ALL);
            let at = (interval.start + at).min(interval.end - 1);
            let local = DateTime::from_timestamp_millis(at).unwrap().with_timezone(&tz);
            prop_assert_eq!((at + offset_in(&zone.hours, at)) / HOUR % 24, i64::from(local.hour()));
            // The day by its boundaries: the last one that has begun.
            let begun = [local.date_naive().succ_opt().unwrap(), local.date_naive()];
            let today = begun.into_iter().find(|day| day_start(*day, tz) <= at).unwrap();
            prop_assert_eq!((at + offset_in(&zone.dates, at)).div_euclid(DAY), key_of(Clock::Day, today));
        }
    }
}
