//! When people come: seasons, sales days, weekdays and hours in the store's time zone.

use chrono::{DateTime, Datelike, Days, NaiveDate, Timelike, Weekday};
use chrono_tz::Tz;
use utm_dispatcher::model::Millis;
use utm_dispatcher::model::period::{day_start, local_day};

use super::chance::Chance;

/// What a shop in Ukraine celebrates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Season {
    /// Nothing in particular.
    Ordinary,
    /// St Valentine's and Women's Day.
    Spring,
    /// Independence Day and the week before.
    Independence,
    /// The end of August: school begins.
    School,
    /// The fourth Friday of November, the days before it and Cyber Monday.
    BlackFriday,
    /// From St Nicholas to Christmas.
    Winter,
}

/// What a day does to the shop.
#[derive(Clone, Copy, Debug)]
pub struct Mood {
    /// What is celebrated.
    pub season: Season,
    /// How many come, in per cent of an ordinary day.
    traffic: u64,
    /// How many of them buy, in per cent of an ordinary day.
    pub conversion: u64,
    /// The discount on everything, in per cent.
    pub discount: i64,
}

/// One local day of the world.
#[derive(Clone, Debug)]
pub struct Day {
    /// Its date.
    pub date: NaiveDate,
    /// Its mood.
    pub mood: Mood,
    /// How many sessions open on it.
    pub sessions: u64,
    hours: Vec<Hour>,
}

#[derive(Clone, Copy, Debug)]
struct Hour {
    start: Millis,
    length: Millis,
    weight: u64,
}

const HOUR: Millis = 60 * 60 * 1000;
/// Shares of the hours of a day, from midnight on.
const HOURS: [u64; 24] = [22, 12, 7, 5, 5, 8, 18, 34, 50, 62, 70, 74, 76, 74, 72, 70, 70, 72, 78, 88, 98, 102, 86, 52];
/// Shares of the months, from January on.
const MONTHS: [u64; 12] = [78, 85, 95, 92, 96, 94, 88, 97, 108, 112, 128, 130];

/// The `count` local days that end at `until`, with `sessions` spread over them. A shop grows: the last day has
/// twice the visits of the first, seasons aside.
pub fn days(until: Millis, count: u32, sessions: u64, tz: Tz, chance: &mut Chance) -> Vec<Day> {
    let last = local_day(until - 1, tz);
    let first = last.checked_sub_days(Days::new(u64::from(count) - 1)).unwrap_or(NaiveDate::MIN);
    let dates = first.iter_days().take(count as usize);
    let mut days: Vec<(Day, u128)> = dates
        .zip(0_u64..)
        .map(|(date, place)| {
            let mood = mood(date);
            let hours = hours(date, until, tz);
            let growth = 1000 + 1000 * place / u64::from(count);
            let noise = 88 + chance.below(25);
            let month = MONTHS[date.month0() as usize];
            let factor = u128::from(month * weekday(date.weekday()) * mood.traffic * noise) * u128::from(growth);
            let weight = factor * u128::from(hours.iter().map(|hour| hour.weight).sum::<u64>());
            (Day { date, mood, sessions: 0, hours }, weight)
        })
        .collect();
    let total = days.iter().map(|(_, weight)| weight).sum::<u128>().max(1);
    let (mut sum, mut given) = (0, 0);
    for (day, weight) in &mut days {
        sum += *weight;
        // A world of a hundred million sessions in ten years needs some 96 bits here.
        let so_far = u64::try_from(u128::from(sessions) * sum / total).unwrap_or(sessions);
        day.sessions = so_far - given;
        given += day.sessions;
    }
    days.into_iter().map(|(day, _)| day).collect()
}

impl Day {
    /// When its sessions open, the earliest first.
    pub fn starts(&self, chance: &mut Chance) -> Vec<Millis> {
        let mut starts: Vec<Millis> = (0..self.sessions)
            .map(|_| {
                let hour = self.hours[chance.weighted(self.hours.iter().map(|hour| hour.weight))];
                hour.start + chance.between(0, hour.length - 1)
            })
            .collect();
        starts.sort_unstable();
        starts
    }
}

fn hours(date: NaiveDate, until: Millis, tz: Tz) -> Vec<Hour> {
    let after = date.checked_add_days(Days::new(1)).unwrap_or(NaiveDate::MAX);
    let end = day_start(after, tz).min(until);
    let mut hours = Vec::with_capacity(25);
    let mut start = day_start(date, tz);
    while start < end {
        let length = HOUR.min(end - start);
        let clock = DateTime::from_timestamp_millis(start).map_or(0, |time| time.with_timezone(&tz).hour() as usize);
        // In minutes, so that a day which is cut short gets its share.
        let minutes = u64::try_from(length / 60_000 + 1).unwrap_or(1);
        hours.push(Hour { start, length, weight: HOURS[clock] * minutes });
        start += HOUR;
    }
    hours
}

fn weekday(day: Weekday) -> u64 {
    match day {
        Weekday::Mon => 104,
        Weekday::Tue => 102,
        Weekday::Wed | Weekday::Thu => 100,
        Weekday::Fri => 94,
        Weekday::Sat => 90,
        Weekday::Sun => 110,
    }
}

fn mood(date: NaiveDate) -> Mood {
    let of = |season, traffic, conversion, discount| Mood { season, traffic, conversion, discount };
    let after_black_friday = date.signed_duration_since(black_friday(date.year())).num_days();
    match (date.month(), date.day()) {
        (11, 11) => of(Season::Ordinary, 150, 125, 15),
        (11 | 12, _) if after_black_friday == 0 => of(Season::BlackFriday, 330, 170, 30),
        (11 | 12, _) if (1..=2).contains(&after_black_friday) => of(Season::BlackFriday, 210, 145, 25),
        (11 | 12, _) if after_black_friday == 3 => of(Season::BlackFriday, 230, 150, 25),
        (11, _) if (-4..0).contains(&after_black_friday) => of(Season::BlackFriday, 145, 110, 15),
        (12, 25) | (1, 1) => of(Season::Ordinary, 50, 70, 0),
        (12, 5..=23) => of(Season::Winter, 125, 120, 10),
        (2, 10..=14) | (3, 4..=8) => of(Season::Spring, 130, 120, 10),
        (8, 20..=24) => of(Season::Independence, 135, 115, 15),
        (8, 25..=31) => of(Season::School, 115, 110, 5),
        _ => of(Season::Ordinary, 100, 100, 0),
    }
}

/// The fourth Friday of November.
fn black_friday(year: i32) -> NaiveDate {
    NaiveDate::from_weekday_of_month_opt(year, 11, Weekday::Fri, 4).unwrap_or(NaiveDate::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KYIV: Tz = Tz::Europe__Kyiv;

    fn at(text: &str) -> Millis {
        DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
    }

    #[test]
    fn every_session_has_its_time_within_the_days() {
        let until = at("2026-11-30T12:00:00+02:00");
        for (count, sessions) in [(1, 1), (1, 700), (30, 10_000), (400, 17)] {
            let mut chance = Chance::new(5);
            let days = days(until, count, sessions, KYIV, &mut chance);
            assert_eq!(days.len(), count as usize);
            let first = day_start(days[0].date, KYIV);
            let starts: Vec<Millis> = days.iter().flat_map(|day| day.starts(&mut chance)).collect();
            assert_eq!(starts.len() as u64, sessions, "{count} days");
            assert!(starts.is_sorted());
            assert!(starts.iter().all(|start| (first..until).contains(start)));
        }
    }

    #[test]
    fn a_day_that_has_just_begun_has_room_for_all() {
        let mut chance = Chance::new(1);
        let midnight = at("2026-11-22T00:00:00+02:00");
        let days = days(midnight + 1, 1, 50, KYIV, &mut chance);
        assert_eq!(days[0].starts(&mut chance), [midnight; 50]);
    }

    #[test]
    fn a_world_that_ends_at_midnight_ends_with_the_day_before() {
        let days = days(at("2026-11-22T00:00:00+02:00"), 2, 10, KYIV, &mut Chance::new(1));
        assert_eq!(days.last().map(|day| day.date), NaiveDate::from_ymd_opt(2026, 11, 21));
    }

    #[test]
    fn days_have_as_many_hours_as_the_clock_gives_them() {
        let until = at("2027-01-01T00:00:00+02:00");
        for (date, count) in [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 11, 22), 24)] {
            let date = NaiveDate::from_ymd_opt(date.0, date.1, date.2).unwrap();
            assert_eq!(hours(date, until, KYIV).len(), count, "{date}");
        }
    }

    #[test]
    fn black_friday_is_the_busiest_day_and_nights_are_quiet() {
        let days = days(at("2026-12-31T00:00:00+02:00"), 365, 100_000, KYIV, &mut Chance::new(1));
        let busiest = days.iter().max_by_key(|day| day.sessions).map(|day| day.date);
        assert_eq!(busiest, NaiveDate::from_ymd_opt(2026, 11, 27));
        let evening = |hour: &u32| (18..23).contains(hour);
        let mut chance = Chance::new(2);
        let clock: Vec<u32> = days
            .iter()
            .flat_map(|day| day.starts(&mut chance))
            .map(|start| DateTime::from_timestamp_millis(start).unwrap().with_timezone(&KYIV).hour())
            .collect();
        let (evenings, nights) =
            (clock.iter().filter(|hour| evening(hour)).count(), clock.iter().filter(|hour| **hour < 5).count());
        assert!(evenings > 5 * nights, "{evenings} against {nights}");
    }
}
