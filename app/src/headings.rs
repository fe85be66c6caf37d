//! The headings of exported files: the labels of the dashboard, with what money is in.

use utm_dispatcher::report::{Dimension, Key, Metric, SessionField, Unit};

use crate::i18n::{Locale, td_string};
use crate::labels;

/// The heading of a table's column: `Дохід (грн)`.
pub fn column(locale: Locale, key: Key, currency: &str) -> String {
    let label = match key {
        // There is room to say these two in full.
        Key::Metric(Metric::Aov) => td_string!(locale, file.aov),
        Key::Dimension(Dimension::Content) => td_string!(locale, file.content),
        _ => labels::column(locale, key),
    };
    match (key.unit(), locale, currency) {
        (Some(Unit::Money), Locale::uk, "UAH") => format!("{label} (грн)"),
        (Some(Unit::Money), ..) => format!("{label} ({currency})"),
        _ => label.to_owned(),
    }
}

/// The heading of a column's numbers in the earlier period.
pub fn previous(locale: Locale, key: Key, currency: &str) -> String {
    format!("{}, {}", column(locale, key, currency), td_string!(locale, file.previous))
}

/// The headings of a list whose lines are the metrics of a period: what, how much, and in the earlier period.
pub fn sideways(locale: Locale) -> [&'static str; 3] {
    [td_string!(locale, file.metric), td_string!(locale, file.value), td_string!(locale, file.earlier)]
}

/// The headings of exported sessions.
pub fn sessions(locale: Locale) -> [String; 18] {
    let label = |field| labels::field(locale, field).to_owned();
    let own = |field, parameter| format!("{} ({parameter})", labels::field(locale, field));
    [
        label(SessionField::Id),
        own(SessionField::Source, "utm_source"),
        own(SessionField::Medium, "utm_medium"),
        own(SessionField::Campaign, "utm_campaign"),
        own(SessionField::Content, "utm_content"),
        own(SessionField::Term, "utm_term"),
        label(SessionField::Ip),
        label(SessionField::Country),
        label(SessionField::City),
        label(SessionField::DeviceType),
        label(SessionField::Os),
        label(SessionField::Browser),
        label(SessionField::StartedAt),
        label(SessionField::LastSeen),
        label(SessionField::VisitCount),
        td_string!(locale, sessions.conversion).to_owned(),
        label(SessionField::Conversion),
        label(SessionField::ConvertedAt),
    ]
}

/// Yes or no.
pub fn yes(locale: Locale, is_so: bool) -> &'static str {
    if is_so { td_string!(locale, file.yes) } else { td_string!(locale, file.no) }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use utm_dispatcher::report::Report;

    use super::*;

    fn of(report: Report, locale: Locale, currency: &str) -> Vec<String> {
        let (dimensions, metrics) = (report.definition().dimensions, report.definition().metrics);
        let keys = dimensions.iter().copied().map(Key::Dimension).chain(metrics.iter().copied().map(Key::Metric));
        keys.map(|key| column(locale, key, currency)).collect()
    }

    #[test]
    fn the_files_of_the_replaced_system_keep_their_headings() {
        let join = |report| of(report, Locale::uk, "UAH").join(" · ");
        assert_eq!(
            join(Report::Sources),
            "Джерело · Сесії · Конверсії · CR% · Дохід (грн) · Середній чек (грн) · Бали"
        );
        assert!(
            join(Report::Campaigns)
                .starts_with("Джерело · Канал · Кампанія · Сесії · Конверсії · CR% · Дохід (грн) · Середній чек (грн)")
        );
        assert!(
            join(Report::Content)
                .starts_with("Джерело · Кампанія · Контент/Креатив · Сесії · Конверсії · CR% · Дохід (грн)")
        );
        assert_eq!(
            sessions(Locale::uk).join(" · "),
            "ID · Джерело (utm_source) · Канал (utm_medium) · Кампанія (utm_campaign) · Контент (utm_content) · \
             Ключове слово (utm_term) · IP · Країна · Місто · Пристрій · ОС · Браузер · Перший візит · \
             Останній візит · Кількість візитів · Конверсія · Тип конверсії · Дата конверсії"
        );
    }

    #[test]
    fn money_says_what_it_is_in() {
        let revenue = Key::Metric(Metric::Revenue);
        assert_eq!(column(Locale::en, revenue, "UAH"), "Revenue (UAH)");
        assert_eq!(column(Locale::uk, revenue, "PLN"), "Дохід (PLN)");
        assert_eq!(previous(Locale::uk, revenue, "UAH"), "Дохід (грн), попередній період");
    }

    #[test]
    fn no_two_columns_of_a_file_have_one_heading() {
        for locale in [Locale::uk, Locale::en] {
            for report in Report::ALL {
                let headings = of(*report, locale, "UAH");
                let distinct: HashSet<_> = headings.iter().collect();
                assert_eq!(distinct.len(), headings.len(), "{report} in {locale:?}: {headings:?}");
            }
            assert_eq!(sessions(locale).iter().collect::<HashSet<_>>().len(), 18);
        }
    }
}
