//! What a dimension's values are called: channels, places, devices, days in the reader's language. What visitors wrote
//! themselves (sources, campaigns, pages) stays as it is.

use std::str::FromStr;

use utm_dispatcher::model::visitor::Device;
use utm_dispatcher::report::{Dimension, Value};

use super::device;
use crate::format::NONE;
use crate::i18n::{Locale, td_string};

/// Code, Ukrainian, English; written by `scripts/names.mjs`.
const COUNTRIES: &str = include_str!("countries.tsv");
/// Code, Ukrainian, English; written by `scripts/names.mjs`.
const LANGUAGES: &str = include_str!("languages.tsv");
/// The name in the geo databases, and in Ukrainian: the cities that shops in Ukraine meet.
const CITIES: &str = include_str!("cities.tsv");

const DEVICES: [Device; 4] = [Device::Desktop, Device::Mobile, Device::Tablet, Device::Unknown];
/// The keys of the channel groups; the rules of channels are the server's alone.
const CHANNELS: [&str; 21] = [
    "direct",
    "cross_network",
    "paid_shopping",
    "paid_search",
    "paid_social",
    "paid_video",
    "display",
    "paid_other",
    "organic_shopping",
    "messengers",
    "organic_social",
    "organic_video",
    "organic_search",
    "ai_assistant",
    "referral",
    "email",
    "affiliates",
    "audio",
    "sms",
    "mobile_push",
    "unassigned",
];

/// A cell of the column of `dimension` in words: `paid_social` is `Соцмережі (платно)`, `UA` is `Україна`.
pub fn value(locale: Locale, dimension: Dimension, value: &Value) -> String {
    match value {
        Value::Text(name) if !name.is_empty() => text(locale, dimension, name),
        Value::Whole(number) => text(locale, dimension, &number.to_string()),
        Value::Text(_) | Value::Null | Value::Fraction { .. } if is_found_out(dimension) => {
            td_string!(locale, value.unknown).to_owned()
        }
        Value::Text(_) | Value::Null | Value::Fraction { .. } => NONE.to_owned(),
    }
}

/// The same for a value as filters write it.
pub fn text(locale: Locale, dimension: Dimension, text: &str) -> String {
    let word = match dimension {
        _ if text == "(other)" => Some(td_string!(locale, value.other)),
        _ if text == "(not attributed)" => Some(td_string!(locale, value.not_attributed)),
        Dimension::Channel => channel(locale, text),
        Dimension::Country => country(locale, text),
        Dimension::City if locale == Locale::uk => named(CITIES, text, 1),
        Dimension::Language => named(LANGUAGES, text, column(locale)),
        Dimension::DeviceType => Device::from_str(text).ok().map(|one| device(locale, one)),
        Dimension::VisitorType => match text {
            "new" => Some(td_string!(locale, value.new)),
            "returning" => Some(td_string!(locale, value.returning)),
            _ => None,
        },
        Dimension::Weekday => listed(td_string!(locale, value.weekdays), text),
        _ => None,
    };
    match (word, dimension) {
        (Some(word), _) => word.to_owned(),
        (None, Dimension::Hour) => format!("{text:0>2}:00"),
        (None, Dimension::Day) => numbers(text),
        (None, Dimension::Week) => format!("{} {}", td_string!(locale, value.week), numbers(text)),
        (None, Dimension::Month) => month(locale, text).unwrap_or_else(|| text.to_owned()),
        (None, _) => text.to_owned(),
    }
}

/// A reading of the clock as short as it fits under an axis: `22.11`, `09:00`, `11.2026`; other values in words.
pub fn tick(locale: Locale, dimension: Dimension, cell: &Value) -> String {
    let Value::Text(text) = cell else { return value(locale, dimension, cell) };
    match (dimension, text.split('-').collect::<Vec<_>>().as_slice()) {
        (Dimension::Day | Dimension::Week, [_, month, day]) => format!("{day}.{month}"),
        (Dimension::Month, [year, month]) => format!("{month}.{year}"),
        _ => value(locale, dimension, cell),
    }
}

/// `Пн`, `Mon`; 1 is Monday.
pub fn weekday_short(locale: Locale, weekday: i64) -> &'static str {
    listed(td_string!(locale, value.weekdays_short), &weekday.to_string()).unwrap_or_default()
}

/// Is every value of the dimension stored as a key that nobody reads?
pub fn is_coded(dimension: Dimension) -> bool {
    matches!(dimension, Dimension::Channel | Dimension::Country | Dimension::DeviceType | Dimension::Language)
}

/// The stored values whose names, in either language, hold `part`, in capital letters or small: `укр` finds `UA`. None where what
/// is stored is what is read.
pub fn keys_named(dimension: Dimension, part: &str) -> Vec<String> {
    let part = part.to_lowercase();
    keys_where(dimension, &|name| name.to_lowercase().contains(&part))
}

/// The stored values one of whose names, in either language, fits.
pub(super) fn keys_where(dimension: Dimension, fits: &dyn Fn(&str) -> bool) -> Vec<String> {
    let listed = |table: &'static str| {
        let lines = table.lines().map(|line| line.split('\t')).filter(|cells| cells.clone().skip(1).any(fits));
        lines.filter_map(|mut cells| cells.next()).map(str::to_owned).collect()
    };
    let worded = |keys: &[&str]| {
        let is_named = |key: &&&str| [Locale::uk, Locale::en].iter().any(|locale| fits(&text(*locale, dimension, key)));
        keys.iter().filter(is_named).map(|key| (*key).to_owned()).collect()
    };
    match dimension {
        Dimension::Country => listed(COUNTRIES),
        Dimension::Language => listed(LANGUAGES),
        Dimension::City => listed(CITIES),
        Dimension::Channel => worded(&CHANNELS),
        Dimension::DeviceType => worded(&DEVICES.map(Device::key)),
        Dimension::VisitorType => worded(&["new", "returning"]),
        Dimension::Weekday => worded(&["1", "2", "3", "4", "5", "6", "7"]),
        _ => Vec::new(),
    }
}

/// Every country's code and name.
pub fn countries(locale: Locale) -> impl Iterator<Item = (&'static str, &'static str)> {
    COUNTRIES.lines().filter_map(move |line| Some((line.get(..2)?, line.split('\t').nth(column(locale))?)))
}

/// The country of a code of two letters.
fn country(locale: Locale, code: &str) -> Option<&'static str> {
    named(COUNTRIES, code, column(locale))
}

/// Is the value found out by us, so that it is unknown where it is missing?
fn is_found_out(dimension: Dimension) -> bool {
    match dimension {
        Dimension::DeviceType
        | Dimension::DeviceBrand
        | Dimension::Os
        | Dimension::OsVersion
        | Dimension::Browser
        | Dimension::BrowserVersion
        | Dimension::Language => true,
        place => place.is_place(),
    }
}

/// The column of a table of names.
fn column(locale: Locale) -> usize {
    match locale {
        Locale::uk => 1,
        Locale::en => 2,
    }
}

/// The cell of a table of names in the line that begins with `key`.
fn named(table: &'static str, key: &str, column: usize) -> Option<&'static str> {
    let mut cells = table.lines().map(|line| line.split('\t')).find(|cells| cells.clone().next() == Some(key))?;
    cells.nth(column)
}

/// The word at a place, from 1, of a list with commas.
fn listed(words: &'static str, place: &str) -> Option<&'static str> {
    words.split(',').nth(place.parse::<usize>().ok()?.checked_sub(1)?)
}

/// `2026-11-22` as `22.11.2026`.
fn numbers(day: &str) -> String {
    day.rsplit('-').collect::<Vec<_>>().join(".")
}

/// `2026-11` as `листопад 2026`.
pub(super) fn month(locale: Locale, text: &str) -> Option<String> {
    let (year, month) = text.split_once('-')?;
    Some(format!("{} {year}", listed(td_string!(locale, value.months), month)?))
}

/// The channel group of a key.
fn channel(locale: Locale, key: &str) -> Option<&'static str> {
    Some(match key {
        "direct" => td_string!(locale, channel.direct),
        "cross_network" => td_string!(locale, channel.cross_network),
        "paid_shopping" => td_string!(locale, channel.paid_shopping),
        "paid_search" => td_string!(locale, channel.paid_search),
        "paid_social" => td_string!(locale, channel.paid_social),
        "paid_video" => td_string!(locale, channel.paid_video),
        "display" => td_string!(locale, channel.display),
        "paid_other" => td_string!(locale, channel.paid_other),
        "organic_shopping" => td_string!(locale, channel.organic_shopping),
        "messengers" => td_string!(locale, channel.messengers),
        "organic_social" => td_string!(locale, channel.organic_social),
        "organic_video" => td_string!(locale, channel.organic_video),
        "organic_search" => td_string!(locale, channel.organic_search),
        "ai_assistant" => td_string!(locale, channel.ai_assistant),
        "referral" => td_string!(locale, channel.referral),
        "email" => td_string!(locale, channel.email),
        "affiliates" => td_string!(locale, channel.affiliates),
        "audio" => td_string!(locale, channel.audio),
        "sms" => td_string!(locale, channel.sms),
        "mobile_push" => td_string!(locale, channel.mobile_push),
        "unassigned" => td_string!(locale, channel.unassigned),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_become_words_and_what_people_wrote_stays() {
        let cases = [
            (Dimension::Channel, Value::Text("paid_social".into()), "Соцмережі (платно)", "Paid social"),
            (Dimension::Country, Value::Text("UA".into()), "Україна", "Ukraine"),
            (Dimension::Country, Value::Text("??".into()), "??", "??"),
            (Dimension::Country, Value::Null, "Невідомо", "Unknown"),
            (Dimension::City, Value::Text("Kyiv".into()), "Київ", "Kyiv"),
            (Dimension::City, Value::Text("Ky".into()), "Ky", "Ky"),
            (Dimension::Language, Value::Text("uk".into()), "Українська", "Ukrainian"),
            (Dimension::DeviceType, Value::Text("mobile".into()), "Телефон", "Mobile"),
            (Dimension::Browser, Value::Text("Chrome Mobile".into()), "Chrome Mobile", "Chrome Mobile"),
            (Dimension::Browser, Value::Null, "Невідомо", "Unknown"),
            (Dimension::VisitorType, Value::Text("new".into()), "Нові", "New"),
            (Dimension::Weekday, Value::Whole(7), "Неділя", "Sunday"),
            (Dimension::Weekday, Value::Whole(8), "8", "8"),
            (Dimension::Hour, Value::Whole(9), "09:00", "09:00"),
            (Dimension::Day, Value::Text("2026-11-22".into()), "22.11.2026", "22.11.2026"),
            (Dimension::Week, Value::Text("2026-11-16".into()), "тиждень від 16.11.2026", "week of 16.11.2026"),
            (Dimension::Month, Value::Text("2026-11".into()), "листопад 2026", "November 2026"),
            (Dimension::Source, Value::Text("direct".into()), "direct", "direct"),
            (Dimension::Source, Value::Text("(other)".into()), "(інші)", "(other)"),
            (Dimension::Source, Value::Text("(not attributed)".into()), "(не віднесено)", "(not attributed)"),
            (Dimension::Campaign, Value::Text("paid_social".into()), "paid_social", "paid_social"),
            (Dimension::Term, Value::Null, "—", "—"),
        ];
        for (dimension, cell, uk, en) in cases {
            assert_eq!(value(Locale::uk, dimension, &cell), uk);
            assert_eq!(value(Locale::en, dimension, &cell), en);
        }
    }

    #[test]
    fn what_is_read_is_found_by_its_name_in_either_language() {
        let cases: [(Dimension, &str, &[&str]); 9] = [
            (Dimension::Country, "УКРАЇ", &["UA"]),
            (Dimension::Country, "ukrain", &["UA"]),
            (Dimension::Country, "такої немає", &[]),
            (Dimension::Channel, "push", &["mobile_push"]),
            (Dimension::Channel, "месендж", &["messengers"]),
            (Dimension::DeviceType, "телеф", &["mobile"]),
            (Dimension::Language, "україн", &["uk"]),
            (Dimension::City, "львів", &["Lviv"]),
            (Dimension::Source, "facebook", &[]),
        ];
        for (dimension, part, keys) in cases {
            assert_eq!(keys_named(dimension, part), keys, "{part}");
        }
    }

    #[test]
    fn under_an_axis_there_is_little_room() {
        let cases = [
            (Dimension::Hour, Value::Whole(9), "09:00"),
            (Dimension::Day, Value::Text("2026-11-22".into()), "22.11"),
            (Dimension::Week, Value::Text("2026-11-16".into()), "16.11"),
            (Dimension::Month, Value::Text("2026-11".into()), "11.2026"),
            (Dimension::Source, Value::Text("a-b-c".into()), "a-b-c"),
        ];
        for (dimension, cell, text) in cases {
            assert_eq!(tick(Locale::uk, dimension, &cell), text);
        }
        assert_eq!(weekday_short(Locale::uk, 1), "Пн");
        assert_eq!(weekday_short(Locale::en, 7), "Sun");
    }

    #[test]
    fn every_table_of_names_is_whole_and_no_two_countries_share_a_name() {
        for (table, columns) in [(COUNTRIES, 3), (LANGUAGES, 3), (CITIES, 2)] {
            let keys: HashSet<_> = table.lines().map(|line| line.split('\t').next()).collect();
            assert_eq!(keys.len(), table.lines().count());
            for line in table.lines() {
                assert_eq!(line.split('\t').filter(|cell| !cell.trim().is_empty()).count(), columns, "{line}");
            }
        }
        for locale in [Locale::uk, Locale::en] {
            let names: HashSet<_> = countries(locale).map(|(_, name)| name).collect();
            assert_eq!(names.len(), COUNTRIES.lines().count());
            assert!(names.len() > 240);
            assert_eq!(td_string!(locale, value.months).split(',').count(), 12);
            assert_eq!(td_string!(locale, value.weekdays).split(',').count(), 7);
            assert_eq!(td_string!(locale, value.weekdays_short).split(',').count(), 7);
        }
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn every_channel_has_a_name_of_its_own() {
        use utm_dispatcher::tracking::channel::Channel;
        for locale in [Locale::uk, Locale::en] {
            let names: HashSet<_> = Channel::ALL.iter().filter_map(|one| channel(locale, one.key())).collect();
            assert_eq!(names.len(), Channel::ALL.len());
        }
        assert_eq!(CHANNELS.map(str::to_owned), Channel::ALL.map(|one| one.key().to_owned()));
    }
}
