//! The days of a query and what the clock reads in them, by the rules alone.

use chrono::{DateTime, Datelike, Duration, NaiveDate, TimeZone, Timelike};
use chrono_tz::Tz;
use utm_dispatcher::model::{Millis, Period};
use utm_dispatcher::report::{Align, Basis, Compare, Dimension as D, Match, ReportQuery};

use super::{counted_at, needs};
use crate::reports::shop::Shop;

/// A stretch of days; the last one may be cut at an instant.
#[derive(Clone, Copy, Debug)]
pub struct Days {
    /// `None` for everything.
    pub range: Option<(NaiveDate, NaiveDate)>,
    pub until: Option<Millis>,
}

pub fn local(at: Millis, tz: Tz) -> chrono::NaiveDateTime {
    DateTime::from_timestamp_millis(at).unwrap().with_timezone(&tz).naive_local()
}

pub fn days(shop: &Shop, query: &ReportQuery) -> (Days, Option<Days>) {
    let now = local(shop.now, shop.tz);
    let today = now.date();
    let back = |days: i64| today - Duration::days(days);
    let (from, to) = match query.period {
        Period::Today => (today, today),
        Period::Week => (back(6), today),
        Period::Month => (back(29), today),
        Period::Range { from, to } => (from, to),
        Period::AllTime => {
            if query.compare == Compare::None {
                return (Days { range: None, until: None }, None);
            }
            let first = shop.visits.iter().map(|visit| visit.started_at).min();
            let first = first.map_or(today, |first| local(first, shop.tz).date());
            if query.compare == Compare::Previous {
                let all = (today - first).num_days() + 1;
                let newer = back((all + 1) / 2 - 1);
                let current = Days { range: Some((newer, today)), until: None };
                return (current, Some(cut(shop, query, current, (first, newer - Duration::days(1)))));
            }
            (first, today)
        }
    };
    let current = Days { range: Some((from, to)), until: None };
    let earlier = match query.compare {
        Compare::None => None,
        Compare::Previous => Some((from - ((to - from) + Duration::days(1)), from - Duration::days(1))),
        Compare::Year => Some((year_before(from, query.matching), year_before(to, query.matching))),
        Compare::Range { from, to } => Some((from, to)),
    };
    (current, earlier.map(|range| cut(shop, query, current, range)))
}

fn cut(shop: &Shop, query: &ReportQuery, current: Days, range: (NaiveDate, NaiveDate)) -> Days {
    let now = local(shop.now, shop.tz);
    let (from, to) = current.range.unwrap();
    let until = (query.align == Align::Elapsed && from <= now.date() && now.date() <= to).then(|| {
        let clock = range.1.and_time(now.time());
        shop.tz.from_local_datetime(&clock).earliest().unwrap().timestamp_millis()
    });
    Days { range: Some(range), until }
}

fn year_before(day: NaiveDate, matching: Match) -> NaiveDate {
    if matching == Match::Weekday {
        return day - Duration::days(364);
    }
    let year = day.year() - 1;
    NaiveDate::from_ymd_opt(year, day.month(), day.day())
        .unwrap_or_else(|| NaiveDate::from_ymd_opt(year, 2, 28).unwrap())
}

pub fn is_in(shop: &Shop, days: Days, at: Millis) -> bool {
    let day = local(at, shop.tz).date();
    days.range.is_none_or(|(from, to)| from <= day && day <= to) && days.until.is_none_or(|until| at < until)
}

pub fn clock(dimension: D, local: chrono::NaiveDateTime) -> String {
    let day = local.date();
    let weekday = day.weekday().number_from_monday();
    match dimension {
        D::Hour => local.hour().to_string(),
        D::Weekday => weekday.to_string(),
        D::Day => day.to_string(),
        D::Week => (day - Duration::days(i64::from(weekday) - 1)).to_string(),
        _ => day.format("%Y-%m").to_string(),
    }
}

/// Every reading of the clock in these days, in order. More than 3660 of them are about what is stored in them.
pub fn buckets(shop: &Shop, query: &ReportQuery, dimension: D, days: Days) -> Vec<String> {
    let is_long = |(from, to): (NaiveDate, NaiveDate)| (to - from).num_days() + 1 > 3660;
    let (mut day, to) = match days.range {
        None => stored(shop, query),
        Some(range) if is_long(range) => {
            let (first, last) = stored(shop, query);
            (first.max(range.0), last.min(range.1))
        }
        Some(range) => range,
    };
    let mut buckets: Vec<String> = Vec::new();
    while day <= to {
        if dimension == D::Hour {
            let shown = |hour: &u32| {
                (0..60).any(|minute| {
                    shop.tz.from_local_datetime(&day.and_hms_opt(*hour, minute, 0).unwrap()).earliest().is_some()
                })
            };
            for hour in (0..24).filter(shown).map(|hour| hour.to_string()) {
                if !buckets.contains(&hour) {
                    buckets.push(hour);
                }
            }
            if buckets.len() == 24 {
                break;
            }
        } else {
            let bucket = clock(dimension, day.and_hms_opt(12, 0, 0).unwrap());
            let is_known =
                if dimension == D::Weekday { buckets.contains(&bucket) } else { buckets.last() == Some(&bucket) };
            if !is_known {
                buckets.push(bucket);
            }
        }
        day += Duration::days(1);
    }
    buckets
}

/// The first and last day of what is counted; today when there is nothing.
fn stored(shop: &Shop, query: &ReportQuery) -> (NaiveDate, NaiveDate) {
    let of_orders = query.basis == Basis::Order;
    let of_spend = query.metrics().iter().any(|metric| needs(*metric).2);
    let visited = shop.visits.iter().map(|visit| visit.started_at);
    let sold = shop.orders.iter().filter(|_| of_orders).map(counted_at);
    let spent = shop.spend.iter().filter(|_| of_spend).map(|spent| spent.day);
    let mut all: Vec<NaiveDate> = visited.chain(sold).map(|at| local(at, shop.tz).date()).chain(spent).collect();
    all.sort();
    let today = local(shop.now, shop.tz).date();
    all.first().copied().zip(all.last().copied()).unwrap_or((today, today))
}
