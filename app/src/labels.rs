//! What things are called: every metric, dimension, report and device in the reader's language. The matches are
//! exhaustive, so that the compiler asks for a label.

use leptos_i18n::I18nContext;
use utm_dispatcher::model::Period;
use utm_dispatcher::model::order::Conversion;
use utm_dispatcher::model::visitor::Device;
use utm_dispatcher::report::{Dimension, Metric, Report};

use crate::i18n::{Locale, t_string};

/// The translations in the language of the page.
pub type I18n = I18nContext<Locale>;

/// The heading of a metric's column.
pub fn metric(i18n: I18n, metric: Metric) -> &'static str {
    match metric {
        Metric::Sessions => t_string!(i18n, metric.sessions),
        Metric::Visitors => t_string!(i18n, metric.visitors),
        Metric::Purchases => t_string!(i18n, metric.purchases),
        Metric::Leads => t_string!(i18n, metric.leads),
        Metric::Conversions => t_string!(i18n, metric.conversions),
        Metric::Cr => t_string!(i18n, metric.cr),
        Metric::Orders => t_string!(i18n, metric.orders),
        Metric::Revenue => t_string!(i18n, metric.revenue),
        Metric::Aov => t_string!(i18n, metric.aov),
        Metric::Points => t_string!(i18n, metric.points),
        Metric::PointsPerSession => t_string!(i18n, metric.points_per_session),
    }
}

/// The heading of a dimension's column.
pub fn dimension(i18n: I18n, dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Source => t_string!(i18n, dimension.source),
        Dimension::Medium => t_string!(i18n, dimension.medium),
        Dimension::Campaign => t_string!(i18n, dimension.campaign),
        Dimension::Channel => t_string!(i18n, dimension.channel),
        Dimension::Country => t_string!(i18n, dimension.country),
        Dimension::City => t_string!(i18n, dimension.city),
        Dimension::DeviceType => t_string!(i18n, dimension.device_type),
    }
}

/// The title of a report's panel.
pub fn report(i18n: I18n, report: Report) -> &'static str {
    match report {
        Report::General => t_string!(i18n, report.general),
        Report::Sources => t_string!(i18n, report.sources),
    }
}

/// The name of a period; a range by its days.
pub fn period(i18n: I18n, period: Period) -> String {
    match period {
        Period::Today => t_string!(i18n, period.today).to_owned(),
        Period::Week => t_string!(i18n, period.week).to_owned(),
        Period::Month => t_string!(i18n, period.month).to_owned(),
        Period::AllTime => t_string!(i18n, period.all_time).to_owned(),
        Period::Range { from, to } => {
            format!("{} — {}", from.format("%d.%m.%Y"), to.format("%d.%m.%Y"))
        }
    }
}

/// The form of a device.
pub fn device(i18n: I18n, device: Device) -> &'static str {
    match device {
        Device::Desktop => t_string!(i18n, device.desktop),
        Device::Mobile => t_string!(i18n, device.mobile),
        Device::Tablet => t_string!(i18n, device.tablet),
        Device::Unknown => t_string!(i18n, device.unknown),
    }
}

/// The kind of a conversion.
pub fn conversion(i18n: I18n, conversion: Conversion) -> &'static str {
    match conversion {
        Conversion::Lead => t_string!(i18n, conversion.lead),
        Conversion::Purchase => t_string!(i18n, conversion.purchase),
    }
}
