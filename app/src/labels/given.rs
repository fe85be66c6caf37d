//! What a filter's form offers and takes: the values of subjects that have but a few, and what is stored for what people type.

use utm_dispatcher::model::action::ActionKind;
use utm_dispatcher::report::{Dimension, Operator, Subject};

use super::value::{is_coded, keys_where, month, text};
use crate::i18n::Locale;

/// What is counted under a name of its own, whatever the dimension.
const COMMON: [&str; 2] = ["(other)", "(not attributed)"];
/// Ukrainian letters in the order of the alphabet, which is not the order of their codes.
const ALPHABET: &str = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя";

/// A filter's value in words.
pub fn given(locale: Locale, subject: Subject, key: &str) -> String {
    match subject {
        Subject::Dimension(dimension) => text(locale, dimension, key),
        Subject::Action => super::action(locale, &ActionKind::from(key)),
        Subject::Order | Subject::Visitor | Subject::Anything => key.to_owned(),
    }
}

/// Has `subject` but a few values, to choose from?
pub fn is_of_few(subject: Subject) -> bool {
    use Dimension::{Channel, Country, DeviceType, Hour, VisitorType, Weekday};
    match subject {
        Subject::Dimension(one) => matches!(one, Channel | Country | DeviceType | Hour | VisitorType | Weekday),
        Subject::Action => true,
        Subject::Order | Subject::Visitor | Subject::Anything => false,
    }
}

/// The values of `subject` with their names, where there are but a few; of actions also the shop's `own` kinds. None where
/// people type.
pub fn choices(locale: Locale, subject: Subject, own: &[String]) -> Vec<(String, String)> {
    let keys: Vec<String> = match subject {
        Subject::Action => ActionKind::keys(own).map(str::to_owned).collect(),
        Subject::Dimension(Dimension::Hour) => (0..=23).map(|hour| hour.to_string()).collect(),
        Subject::Dimension(dimension) if is_of_few(subject) => keys_where(dimension, &|_| true),
        _ => Vec::new(),
    };
    let named = keys.into_iter().map(|key| (given(locale, subject, &key), key));
    if subject != Subject::Dimension(Dimension::Country) {
        return named.map(|(name, key)| (key, name)).collect();
    }
    // Put in order one by one: a sort of their own is a kilobyte for browsers.
    let mut all: Vec<(Vec<usize>, String, String)> = Vec::new();
    for (name, key) in named {
        let order = alphabetical(&name);
        let place = all.partition_point(|(other, ..)| *other < order);
        all.insert(place, (order, key, name));
    }
    all.into_iter().map(|(_, key, name)| (key, name)).collect()
}

fn alphabetical(name: &str) -> Vec<usize> {
    let place = |char: char| ALPHABET.find(char).map_or(char as usize, |place| place + 0x400);
    name.to_lowercase().chars().map(place).collect()
}

/// What is stored for `typed`: the keys of what is called so in either language, in capital letters or small. What is nobody's
/// name stays as it is.
pub fn stored(subject: Subject, operator: Operator, typed: &str) -> Vec<String> {
    let as_it_is = || vec![typed.to_owned()];
    let Subject::Dimension(dimension) = subject else { return as_it_is() };
    let part = typed.to_lowercase();
    let keys = |fits: &dyn Fn(&str) -> bool| keys_where(dimension, &|name| fits(&name.to_lowercase()));
    let mut found = match operator {
        Operator::Contains => keys(&|name| name.contains(&part)),
        Operator::Starts => keys(&|name| name.starts_with(&part)),
        _ => {
            let found = keys(&|name| *name == part);
            return if found.is_empty() {
                exact(dimension, &part).map_or_else(as_it_is, |key| vec![key])
            } else {
                found
            };
        }
    };
    // A part of a name is none of its key.
    if !is_coded(dimension) || found.is_empty() {
        found.push(typed.to_owned());
    }
    found
}

/// The key of a value whose name is made up when it is shown; `name` is in small letters.
fn exact(dimension: Dimension, name: &str) -> Option<String> {
    let is_called = |shown: &dyn Fn(Locale) -> Option<String>| {
        [Locale::uk, Locale::en]
            .into_iter()
            .any(|locale| shown(locale).is_some_and(|shown| shown.to_lowercase() == name))
    };
    let common = COMMON.into_iter().find(|key| is_called(&|locale| Some(text(locale, dimension, key))));
    if common.is_some() {
        return common.map(str::to_owned);
    }
    let last = name.split_whitespace().last()?;
    match dimension {
        Dimension::Day | Dimension::Week => match last.split('.').collect::<Vec<_>>()[..] {
            [day, month, year] => Some(format!("{year}-{month:0>2}-{day:0>2}")),
            _ => None,
        },
        Dimension::Month => {
            let (number, year) = last.split_once('.').unwrap_or(("", last));
            let mut months = (1..=12).map(|month| format!("{year}-{month:02}"));
            months.find(|key| key.ends_with(&format!("-{number:0>2}")) || is_called(&|locale| month(locale, key)))
        }
        Dimension::Hour => name.strip_suffix(":00")?.parse::<u8>().ok().map(|hour| hour.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dimension(dimension: Dimension) -> Subject {
        Subject::Dimension(dimension)
    }

    #[test]
    fn what_people_call_a_value_is_what_is_stored() {
        let cases: [(Dimension, Operator, &str, &[&str]); 21] = [
            (Dimension::Country, Operator::Is, "Україна", &["UA"]),
            (Dimension::Country, Operator::Is, "ukraine", &["UA"]),
            (Dimension::Country, Operator::Is, "UA", &["UA"]),
            (Dimension::Country, Operator::Not, "Нарнія", &["Нарнія"]),
            (Dimension::Country, Operator::Starts, "украї", &["UA"]),
            (Dimension::Country, Operator::Contains, "нарні", &["нарні"]),
            (Dimension::City, Operator::Is, "Київ", &["Kyiv"]),
            (Dimension::City, Operator::Contains, "льв", &["Lviv", "льв"]),
            (Dimension::City, Operator::Is, "Ky", &["Ky"]),
            (Dimension::DeviceType, Operator::Is, "телефон", &["mobile"]),
            (Dimension::Channel, Operator::Is, "Розсилки", &["email"]),
            (Dimension::VisitorType, Operator::Is, "Нові", &["new"]),
            (Dimension::Weekday, Operator::Is, "неділя", &["7"]),
            (Dimension::Hour, Operator::Is, "09:00", &["9"]),
            (Dimension::Day, Operator::Is, "5.11.2026", &["2026-11-05"]),
            (Dimension::Week, Operator::Is, "тиждень від 16.11.2026", &["2026-11-16"]),
            (Dimension::Month, Operator::Is, "Листопад 2026", &["2026-11"]),
            (Dimension::Month, Operator::Is, "3.2026", &["2026-03"]),
            (Dimension::Source, Operator::Is, "(інші)", &["(other)"]),
            (Dimension::Source, Operator::Is, "Україна", &["Україна"]),
            (Dimension::Language, Operator::Is, "Українська", &["uk"]),
        ];
        for (of, operator, typed, keys) in cases {
            assert_eq!(stored(dimension(of), operator, typed), keys, "{of} {operator:?} {typed}");
        }
        assert_eq!(stored(Subject::Order, Operator::Is, "Україна"), ["Україна"]);
    }

    #[test]
    fn what_the_form_shows_is_read_back() {
        let cases = [
            (Dimension::Day, "2026-11-22"),
            (Dimension::Week, "2026-11-16"),
            (Dimension::Month, "2026-02"),
            (Dimension::Hour, "0"),
            (Dimension::City, "Lviv"),
            (Dimension::Language, "de"),
            (Dimension::Source, "facebook"),
            (Dimension::Campaign, "(not attributed)"),
        ];
        for locale in [Locale::uk, Locale::en] {
            for (of, key) in cases {
                assert_eq!(stored(dimension(of), Operator::Is, &given(locale, dimension(of), key)), [key], "{of}");
            }
            for subject in Subject::all() {
                for (key, name) in choices(locale, subject, &["own_kind".to_owned()]) {
                    assert_eq!(stored(subject, Operator::Is, &key), [key.as_str()], "{subject:?}");
                    if subject != Subject::Action {
                        assert_eq!(stored(subject, Operator::Is, &name), [key], "{subject:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn few_values_are_offered_by_name() {
        let names = |subject| choices(Locale::uk, subject, &["quick_view".to_owned()]);
        assert_eq!(names(dimension(Dimension::DeviceType))[1], ("mobile".to_owned(), "Телефон".to_owned()));
        assert_eq!(names(dimension(Dimension::Weekday)).len(), 7);
        let actions = names(Subject::Action);
        assert_eq!(actions[6], ("purchase".to_owned(), "Покупка".to_owned()));
        assert_eq!(actions.last().unwrap().0, "quick_view");
        let countries = names(dimension(Dimension::Country));
        let place = |code| countries.iter().position(|(key, _)| key == code).unwrap();
        // Ґ, Є, І and Ї have their places in the alphabet, whatever their codes.
        assert!(place("AU") < place("ES") && place("EG") < place("ZM") && place("IT") < place("KZ"));
        assert!(names(dimension(Dimension::City)).is_empty() && names(Subject::Order).is_empty());
    }
}
