//! What things are called: every metric, dimension, report and device in the reader's language. The matches are
//! exhaustive, so that the compiler asks for a label.

use utm_dispatcher::model::order::Conversion;
use utm_dispatcher::model::visitor::Device;
use utm_dispatcher::model::{ExclusionKind, Period};
use utm_dispatcher::report::{Dimension, Metric, Report};

use crate::i18n::{Locale, td_string};

/// The heading of a metric's column.
pub fn metric(locale: Locale, metric: Metric) -> &'static str {
    match metric {
        Metric::Sessions => td_string!(locale, metric.sessions),
        Metric::Visitors => td_string!(locale, metric.visitors),
        Metric::Purchases => td_string!(locale, metric.purchases),
        Metric::Leads => td_string!(locale, metric.leads),
        Metric::Conversions => td_string!(locale, metric.conversions),
        Metric::Cr => td_string!(locale, metric.cr),
        Metric::Orders => td_string!(locale, metric.orders),
        Metric::Revenue => td_string!(locale, metric.revenue),
        Metric::Aov => td_string!(locale, metric.aov),
        Metric::Points => td_string!(locale, metric.points),
        Metric::PointsPerSession => td_string!(locale, metric.points_per_session),
    }
}

/// The heading of a dimension's column.
pub fn dimension(locale: Locale, dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Source => td_string!(locale, dimension.source),
        Dimension::Medium => td_string!(locale, dimension.medium),
        Dimension::Campaign => td_string!(locale, dimension.campaign),
        Dimension::Channel => td_string!(locale, dimension.channel),
        Dimension::Country => td_string!(locale, dimension.country),
        Dimension::City => td_string!(locale, dimension.city),
        Dimension::DeviceType => td_string!(locale, dimension.device_type),
    }
}

/// The title of a report's panel.
pub fn report(locale: Locale, report: Report) -> &'static str {
    match report {
        Report::General => td_string!(locale, report.general),
        Report::Sources => td_string!(locale, report.sources),
    }
}

/// The name of a period; a range by its days.
pub fn period(locale: Locale, period: Period) -> String {
    match period {
        Period::Today => td_string!(locale, period.today).to_owned(),
        Period::Week => td_string!(locale, period.week).to_owned(),
        Period::Month => td_string!(locale, period.month).to_owned(),
        Period::AllTime => td_string!(locale, period.all_time).to_owned(),
        Period::Range { from, to } => {
            format!("{} — {}", from.format("%d.%m.%Y"), to.format("%d.%m.%Y"))
        }
    }
}

/// The form of a device.
pub fn device(locale: Locale, device: Device) -> &'static str {
    match device {
        Device::Desktop => td_string!(locale, device.desktop),
        Device::Mobile => td_string!(locale, device.mobile),
        Device::Tablet => td_string!(locale, device.tablet),
        Device::Unknown => td_string!(locale, device.unknown),
    }
}

/// The kind of a conversion.
pub fn conversion(locale: Locale, conversion: Conversion) -> &'static str {
    match conversion {
        Conversion::Lead => td_string!(locale, conversion.lead),
        Conversion::Purchase => td_string!(locale, conversion.purchase),
    }
}

/// The kind of an exclusion.
pub fn exclusion_kind(locale: Locale, kind: ExclusionKind) -> &'static str {
    match kind {
        ExclusionKind::Address => td_string!(locale, exclusions.address),
        ExclusionKind::Visitor => td_string!(locale, exclusions.visitor),
        ExclusionKind::UserAgent => td_string!(locale, exclusions.user_agent),
        ExclusionKind::Path => td_string!(locale, exclusions.path),
        ExclusionKind::Login => td_string!(locale, exclusions.login),
    }
}

/// What is recorded; a counter without words of its own by its key.
pub fn recorded(locale: Locale, key: &str) -> String {
    let label = match key {
        "page_view" => td_string!(locale, recorded.page_view),
        "action" => td_string!(locale, recorded.action),
        "session" => td_string!(locale, recorded.session),
        "other" => td_string!(locale, recorded.other),
        other => other,
    };
    label.to_owned()
}

/// Why something is not counted; a reason without words of its own by its key.
pub fn dropped(locale: Locale, key: &str) -> String {
    let label = match key {
        "bot" => td_string!(locale, dropped.bot),
        "referrer_spam" => td_string!(locale, dropped.referrer_spam),
        "excluded" => td_string!(locale, dropped.excluded),
        "method" => td_string!(locale, dropped.method),
        "fetch" => td_string!(locale, dropped.fetch),
        "prefetch" => td_string!(locale, dropped.prefetch),
        "asset" => td_string!(locale, dropped.asset),
        "no_page" => td_string!(locale, dropped.no_page),
        "queue_full" => td_string!(locale, dropped.queue_full),
        "late" => td_string!(locale, dropped.late),
        "refused" => td_string!(locale, dropped.refused),
        "stopping" => td_string!(locale, dropped.stopping),
        "no_random" => td_string!(locale, dropped.no_random),
        other => other,
    };
    label.to_owned()
}

/// What a program does; a category without words of its own by its key.
pub fn bot(locale: Locale, key: &str) -> String {
    let label = match key {
        "search" => td_string!(locale, bot.search),
        "ai" => td_string!(locale, bot.ai),
        "seo" => td_string!(locale, bot.seo),
        "monitoring" => td_string!(locale, bot.monitoring),
        "preview" => td_string!(locale, bot.preview),
        "library" => td_string!(locale, bot.library),
        "empty" => td_string!(locale, bot.empty),
        "automation" => td_string!(locale, bot.automation),
        "scanner" => td_string!(locale, bot.scanner),
        "feed" => td_string!(locale, bot.feed),
        "archive" => td_string!(locale, bot.archive),
        "advertising" => td_string!(locale, bot.advertising),
        "research" => td_string!(locale, bot.research),
        "other" => td_string!(locale, bot.other),
        other => other,
    };
    label.to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::fmt::Debug;

    use super::*;

    fn all_differ<T: Copy + Debug>(things: &[T], label: fn(Locale, T) -> &'static str) {
        for locale in [Locale::uk, Locale::en] {
            let labels: HashSet<_> = things.iter().map(|thing| label(locale, *thing)).collect();
            assert_eq!(labels.len(), things.len(), "{things:?} in {locale:?}");
        }
        for thing in things {
            assert_ne!(label(Locale::uk, *thing), "", "{thing:?}");
        }
    }

    #[test]
    fn nothing_is_called_like_its_neighbour() {
        all_differ(Metric::ALL, metric);
        all_differ(Dimension::ALL, dimension);
        all_differ(Report::ALL, report);
        all_differ(&[Device::Desktop, Device::Mobile, Device::Tablet, Device::Unknown], device);
        all_differ(&ExclusionKind::ALL, exclusion_kind);
        all_differ(&[Conversion::Lead, Conversion::Purchase], conversion);
    }

    #[test]
    fn periods_in_words() {
        let range = Period::Range { from: "2026-11-01".parse().unwrap(), to: "2026-11-22".parse().unwrap() };
        assert_eq!(period(Locale::uk, Period::AllTime), "Весь час");
        assert_eq!(period(Locale::en, Period::Today), "Today");
        assert_eq!(period(Locale::uk, range), "01.11.2026 — 22.11.2026");
    }
}
