//! Periods: local days of the store's time zone.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Which days are asked about. Written as in an address: `today`, `week`, `month`, `all_time`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Period {
    /// The current local day.
    #[default]
    Today,
    /// The last 7 local days, today included.
    Week,
    /// The last 30 local days, today included.
    Month,
    /// Everything that is stored.
    AllTime,
    /// From one local day to another, both included.
    Range {
        /// The first day.
        from: NaiveDate,
        /// The last day.
        to: NaiveDate,
    },
}

impl Period {
    /// The periods that have a name.
    pub const NAMED: [Self; 4] = [Self::Today, Self::Week, Self::Month, Self::AllTime];

    /// The name; `None` for a range.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Today => Some("today"),
            Self::Week => Some("week"),
            Self::Month => Some("month"),
            Self::AllTime => Some("all_time"),
            Self::Range { .. } => None,
        }
    }
}

/// The name of a named period, or `FROM..TO`.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.name()) {
            (Self::Range { from, to }, _) => write!(f, "{from}..{to}"),
            (_, Some(name)) => f.write_str(name),
            (_, None) => Ok(()),
        }
    }
}

/// Why a text is no named period.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is none of today, week, month, all_time")]
pub struct NotPeriod(String);

impl FromStr for Period {
    type Err = NotPeriod;

    fn from_str(text: &str) -> Result<Self, NotPeriod> {
        Self::NAMED.into_iter().find(|period| period.name() == Some(text)).ok_or_else(|| NotPeriod(text.to_owned()))
    }
}

#[cfg(feature = "ssr")]
mod bounds {
    use chrono::{DateTime, Days, Duration, NaiveDate, NaiveDateTime, TimeZone, Utc};
    use chrono_tz::Tz;

    use super::Period;
    use crate::model::{Interval, Millis};

    impl Period {
        /// The instants of the period, seen from `now` in the zone `tz`.
        pub fn bounds(self, now: Millis, tz: Tz) -> Interval {
            let today = local_day(now, tz);
            let (first, last) = match self {
                Self::Today => (today, today),
                Self::Week => (days_before(today, 6), today),
                Self::Month => (days_before(today, 29), today),
                Self::AllTime => return Interval::ALL,
                Self::Range { from, to } => (from, to),
            };
            let after = last.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX);
            Interval { start: day_start(first, tz), end: day_start(after, tz) }
        }
    }

    fn days_before(day: NaiveDate, days: u64) -> NaiveDate {
        day.checked_sub_days(Days::new(days)).unwrap_or(NaiveDate::MIN)
    }

    /// The local day on which `at` lies.
    pub fn local_day(at: Millis, tz: Tz) -> NaiveDate {
        DateTime::from_timestamp_millis(at).unwrap_or(DateTime::<Utc>::MIN_UTC).with_timezone(&tz).date_naive()
    }

    /// The first instant of a local day: the first that exists when midnight is skipped, the first of two when
    /// it happens twice.
    pub fn day_start(day: NaiveDate, tz: Tz) -> Millis {
        instant_of(day.and_time(chrono::NaiveTime::MIN), tz)
    }

    /// When clocks show `local`: the first instant that exists then or after it, the first of two.
    pub fn instant_of(local: NaiveDateTime, tz: Tz) -> Millis {
        // No zone has ever skipped more than a day; steps of a minute find the end of the gap.
        (0..=24 * 60)
            .find_map(|minutes| {
                let local = local.checked_add_signed(Duration::minutes(minutes))?;
                tz.from_local_datetime(&local).earliest()
            })
            .map_or_else(|| local.and_utc().timestamp_millis(), |instant| instant.timestamp_millis())
    }

    #[cfg(test)]
    mod tests {
        use chrono_tz::Tz;

        use super::*;

        fn at(text: &str) -> Millis {
            DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
        }

        fn bounds(period: Period, now: &str, tz: Tz) -> (String, String) {
            let interval = period.bounds(at(now), tz);
            let text = |at| DateTime::from_timestamp_millis(at).unwrap().with_timezone(&tz).to_rfc3339();
            (text(interval.start), text(interval.end))
        }

        #[test]
        fn days_are_local_and_half_open() {
            let kyiv = Tz::Europe__Kyiv;
            let cases = [
                // 01:30 in Kyiv is still the evening before in UTC.
                (Period::Today, "2026-11-21T23:30:00Z", "2026-11-22T00:00:00+02:00", "2026-11-23T00:00:00+02:00"),
                (Period::Week, "2026-11-22T12:00:00Z", "2026-11-16T00:00:00+02:00", "2026-11-23T00:00:00+02:00"),
                // The month holds the end of summer time on 25 October.
                (Period::Month, "2026-11-22T12:00:00Z", "2026-10-24T00:00:00+03:00", "2026-11-23T00:00:00+02:00"),
                // The days on which clocks change have 23 and 25 hours.
                (Period::Today, "2026-03-29T12:00:00Z", "2026-03-29T00:00:00+02:00", "2026-03-30T00:00:00+03:00"),
                (Period::Today, "2026-10-25T12:00:00Z", "2026-10-25T00:00:00+03:00", "2026-10-26T00:00:00+02:00"),
            ];
            for (period, now, start, end) in cases {
                assert_eq!(bounds(period, now, kyiv), (start.to_owned(), end.to_owned()), "{period} at {now}");
            }
        }

        #[test]
        fn a_day_whose_midnight_is_skipped_or_doubled() {
            // Beirut skips 00:00–01:00 in spring; Havana repeats 00:00–01:00 in autumn.
            let skipped = day_start(NaiveDate::from_ymd_opt(2026, 3, 29).unwrap(), Tz::Asia__Beirut);
            assert_eq!(skipped, at("2026-03-29T01:00:00+03:00"));
            let doubled = day_start(NaiveDate::from_ymd_opt(2026, 11, 1).unwrap(), Tz::America__Havana);
            assert_eq!(doubled, at("2026-11-01T00:00:00-04:00"));
        }
    }
}

#[cfg(feature = "ssr")]
pub use bounds::{day_start, instant_of, local_day};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_periods_are_read_back() {
        for period in Period::NAMED {
            assert_eq!(period.to_string().parse(), Ok(period));
        }
        assert!("yesterday".parse::<Period>().is_err());
    }
}
