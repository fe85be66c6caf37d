//! Which days a query is about, and which earlier ones stand beside them.

use chrono::{DateTime, Datelike, Days, NaiveDate};
use chrono_tz::Tz;

use crate::model::period::{day_start, instant_of, local_day};
use crate::model::{Interval, Millis, Period};
use crate::report::{Align, Compare, Match, ReportQuery};

/// Days and the instants in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first day and the last one, before the first when there is none; `None` for all that is stored.
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// The instants, fewer than those of the days when the last one is cut.
    pub interval: Interval,
}

impl Span {
    const ALL: Self = Self { days: None, interval: Interval::ALL };

    fn of((first, last): (NaiveDate, NaiveDate), tz: Tz) -> Self {
        let interval = Interval { start: day_start(first, tz), end: day_start(later(last, 1), tz) };
        Self { days: Some((first, last)), interval }
    }

    /// The last day, if only a part of it is counted.
    pub fn cut_day(self, tz: Tz) -> Option<NaiveDate> {
        self.days.map(|(_, last)| last).filter(|last| self.interval.end < day_start(later(*last, 1), tz))
    }
}

/// The days of `query`, and the earlier ones it is compared with. `first` is when the first session started.
pub fn spans(query: &ReportQuery, now: Millis, tz: Tz, first: Option<Millis>) -> (Span, Option<Span>) {
    let (days, earlier) = days(query, now, tz, first);
    let current = days.map_or(Span::ALL, |days| Span::of(days, tz));
    let previous = earlier.map(|days| cut(query, current, Span::of(days, tz), now, tz));
    (current, previous)
}

type Range = (NaiveDate, NaiveDate);

fn days(query: &ReportQuery, now: Millis, tz: Tz, first: Option<Millis>) -> (Option<Range>, Option<Range>) {
    let today = local_day(now, tz);
    let (from, to) = match query.period {
        Period::Today => (today, today),
        Period::Week => (earlier(today, 6), today),
        Period::Month => (earlier(today, 29), today),
        Period::Range { from, to } => (from, to),
        Period::AllTime if query.compare == Compare::None => return (None, None),
        Period::AllTime => {
            let since = first.map_or(today, |first| local_day(first, tz)).min(today);
            if query.compare == Compare::Previous {
                let (older, newer) = halves(since, today);
                return (Some(newer), Some(older));
            }
            (since, today)
        }
    };
    let before = match query.compare {
        Compare::None => None,
        Compare::Previous => {
            let length = to.signed_duration_since(from).num_days().unsigned_abs() + 1;
            Some((earlier(from, length), earlier(from, 1)))
        }
        Compare::Year => Some((year_before(from, query.matching), year_before(to, query.matching))),
        Compare::Range { from, to } => Some((from, to)),
    };
    (Some((from, to)), before)
}

/// All days up to today in two halves, the newer one not the shorter.
fn halves(since: NaiveDate, today: NaiveDate) -> (Range, Range) {
    let length = today.signed_duration_since(since).num_days().unsigned_abs() + 1;
    let newer = earlier(today, length.div_ceil(2) - 1);
    ((since, earlier(newer, 1)), (newer, today))
}

fn year_before(day: NaiveDate, matching: Match) -> NaiveDate {
    match matching {
        Match::Weekday => earlier(day, 364),
        // 29 February becomes the 28th.
        Match::Date => day.with_year(day.year() - 1).unwrap_or_else(|| year_before(earlier(day, 1), matching)),
    }
}

/// Cuts the last earlier day at the clock's time of now, while the current days go on.
fn cut(query: &ReportQuery, current: Span, mut previous: Span, now: Millis, tz: Tz) -> Span {
    if let (Align::Elapsed, true, Some((_, last))) = (query.align, current.interval.contains(now), previous.days)
        && let Some(time) = DateTime::from_timestamp_millis(now).map(|now| now.with_timezone(&tz).time())
    {
        let end = instant_of(last.and_time(time), tz);
        previous.interval.end = previous.interval.end.min(end).max(previous.interval.start);
    }
    previous
}

fn earlier(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_sub_days(Days::new(days)).unwrap_or(NaiveDate::MIN)
}

fn later(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Report;

    const KYIV: Tz = Tz::Europe__Kyiv;

    fn at(text: &str) -> Millis {
        DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
    }

    fn asked(text: &str) -> ReportQuery {
        ReportQuery::parse(Report::General, text).unwrap()
    }

    fn shown(span: Span) -> String {
        let (first, last) = span.days.unwrap();
        format!("{first}..{last}")
    }

    #[test]
    fn fault_n3_the_earlier_days_are_as_many_and_none_is_in_both() {
        let now = at("2026-11-22T12:00:00+02:00");
        let cases = [
            ("period=today&compare=previous", "2026-11-22..2026-11-22", "2026-11-21..2026-11-21"),
            ("period=week&compare=previous", "2026-11-16..2026-11-22", "2026-11-09..2026-11-15"),
            ("period=month&compare=previous", "2026-10-24..2026-11-22", "2026-09-24..2026-10-23"),
            ("period=week&compare=year", "2026-11-16..2026-11-22", "2025-11-16..2025-11-22"),
            ("period=week&compare=year&match=weekday", "2026-11-16..2026-11-22", "2025-11-17..2025-11-23"),
            ("from=2028-02-29&to=2028-03-01&compare=year", "2028-02-29..2028-03-01", "2027-02-28..2027-03-01"),
            ("from=2028-02-29&to=2028-03-01&compare=previous", "2028-02-29..2028-03-01", "2028-02-27..2028-02-28"),
            ("period=today&compare=2026-01-01..2026-01-31", "2026-11-22..2026-11-22", "2026-01-01..2026-01-31"),
        ];
        for (text, current, previous) in cases {
            let (one, two) = spans(&asked(text), now, KYIV, None);
            assert_eq!((shown(one).as_str(), shown(two.unwrap()).as_str()), (current, previous), "{text}");
        }
    }

    #[test]
    fn all_time_is_halved() {
        let now = at("2026-11-22T12:00:00+02:00");
        let all = asked("period=all_time&compare=previous");
        let halves = |first: Option<&str>| {
            let (current, previous) = spans(&all, now, KYIV, first.map(at));
            (shown(current), previous.unwrap())
        };
        // Five days: three and two.
        let (current, previous) = halves(Some("2026-11-18T00:30:00+02:00"));
        assert_eq!((current.as_str(), shown(previous).as_str()), ("2026-11-20..2026-11-22", "2026-11-18..2026-11-19"));
        // One day, or none: nothing before it.
        for first in [Some("2026-11-22T00:30:00+02:00"), None] {
            let (current, previous) = halves(first);
            assert_eq!(current, "2026-11-22..2026-11-22");
            assert_eq!(previous.interval.start, previous.interval.end);
        }
        assert_eq!(spans(&asked("period=all_time"), now, KYIV, None), (Span::ALL, None));
    }

    #[test]
    fn the_last_earlier_day_is_cut_at_the_clock_s_time() {
        let end = |text: &str, now: &str| spans(&asked(text), at(now), KYIV, None).1.unwrap().interval.end;
        let elapsed = "period=week&compare=previous&align=elapsed";
        assert_eq!(end(elapsed, "2026-11-22T14:05:06+02:00"), at("2026-11-15T14:05:06+02:00"));
        // A week before the change of clocks the same hour is another offset.
        assert_eq!(end(elapsed, "2026-10-26T14:05:06+02:00"), at("2026-10-19T14:05:06+03:00"));
        // 03:30 does not exist on 29 March.
        let day = "period=today&compare=previous&align=elapsed";
        assert_eq!(end(day, "2026-03-30T03:30:00+03:00"), at("2026-03-29T04:00:00+03:00"));
        // What is over is compared whole.
        let over = "from=2026-11-01&to=2026-11-02&compare=previous&align=elapsed";
        assert_eq!(end(over, "2026-11-22T14:05:06+02:00"), at("2026-11-01T00:00:00+02:00"));
        assert_eq!(end("period=week&compare=previous", "2026-11-22T14:05:06+02:00"), at("2026-11-16T00:00:00+02:00"));
    }
}
