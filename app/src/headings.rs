//! The headings of exported files: the labels of the dashboard, with what money is in.

use utm_dispatcher::report::{Compare, Dimension, Key, Metric, SessionField, Unit};

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

/// The heading of a column's numbers in the earlier period: `Дохід (грн), рік тому`.
pub fn previous(locale: Locale, key: Key, currency: &str, compare: Compare) -> String {
    format!("{}, {}", column(locale, key, currency), labels::compare(locale, compare))
}

/// The headings of a list whose lines are the metrics of a period: what, how much, and in the earlier period.
pub fn sideways(locale: Locale, compare: Compare) -> [String; 3] {
    let [metric, value] = [td_string!(locale, file.metric), td_string!(locale, file.value)].map(str::to_owned);
    [metric, value, labels::earlier(locale, compare)]
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
    }

    #[test]
    fn earlier_days_are_called_what_they_are() {
        let revenue = |compare| previous(Locale::uk, Key::Metric(Metric::Revenue), "UAH", compare);
        let [from, to] = ["2026-11-01", "2026-11-07"].map(|day| day.parse().unwrap());
        assert_eq!(revenue(Compare::Previous), "Дохід (грн), попередній період");
        assert_eq!(revenue(Compare::Year), "Дохід (грн), рік тому");
        assert_eq!(revenue(Compare::Range { from, to }), "Дохід (грн), 01.11.2026 — 07.11.2026");
        assert_eq!(sideways(Locale::uk, Compare::Previous).join(" · "), "Показник · Значення · Попередній період");
        assert_eq!(sideways(Locale::en, Compare::Year).join(" · "), "Metric · Value · A year earlier");
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
