//! What things are called: every metric, dimension, report and device in the reader's language. The matches are
//! exhaustive, so that the compiler asks for a label.

mod given;
mod value;

use utm_dispatcher::model::action::ActionKind;
use utm_dispatcher::model::order::Conversion;
use utm_dispatcher::model::visitor::Device;
use utm_dispatcher::model::{ExclusionKind, OrderStatus, PaymentStatus, Period};
use utm_dispatcher::report::{Compare, Dimension, Filter, Key, Metric, Operator, Report, SessionField, Subject};

pub use given::{choices, given, is_of_few, stored};
pub use value::{countries, is_coded, keys_named, text, tick, value, weekday_short};

use crate::board::Width;
use crate::format;
use crate::i18n::{Locale, td_string};

/// The heading of a metric's column.
pub fn metric(locale: Locale, metric: Metric) -> &'static str {
    match metric {
        Metric::Sessions => td_string!(locale, metric.sessions),
        Metric::Visitors => td_string!(locale, metric.visitors),
        Metric::NewVisitors => td_string!(locale, metric.new_visitors),
        Metric::ReturningVisitors => td_string!(locale, metric.returning_visitors),
        Metric::PageViews => td_string!(locale, metric.page_views),
        Metric::PagesPerSession => td_string!(locale, metric.pages_per_session),
        Metric::Duration => td_string!(locale, metric.duration),
        Metric::BounceRate => td_string!(locale, metric.bounce_rate),
        Metric::ProductViews => td_string!(locale, metric.product_views),
        Metric::AddToCart => td_string!(locale, metric.add_to_cart),
        Metric::RemoveFromCart => td_string!(locale, metric.remove_from_cart),
        Metric::InitiateCheckout => td_string!(locale, metric.initiate_checkout),
        Metric::Searches => td_string!(locale, metric.searches),
        Metric::Leads => td_string!(locale, metric.leads),
        Metric::Purchases => td_string!(locale, metric.purchases),
        Metric::Conversions => td_string!(locale, metric.conversions),
        Metric::Cr => td_string!(locale, metric.cr),
        Metric::Orders => td_string!(locale, metric.orders),
        Metric::Revenue => td_string!(locale, metric.revenue),
        Metric::Refunds => td_string!(locale, metric.refunds),
        Metric::Aov => td_string!(locale, metric.aov),
        Metric::RevenuePerSession => td_string!(locale, metric.revenue_per_session),
        Metric::Points => td_string!(locale, metric.points),
        Metric::PointsPerSession => td_string!(locale, metric.points_per_session),
        Metric::Spend => td_string!(locale, metric.spend),
        Metric::Clicks => td_string!(locale, metric.clicks),
        Metric::Impressions => td_string!(locale, metric.impressions),
        Metric::Cpc => td_string!(locale, metric.cpc),
        Metric::Cpa => td_string!(locale, metric.cpa),
        Metric::Roas => td_string!(locale, metric.roas),
        Metric::Roi => td_string!(locale, metric.roi),
        Metric::Profit => td_string!(locale, metric.profit),
        Metric::Share => td_string!(locale, metric.share),
        Metric::FunnelProductView => td_string!(locale, metric.funnel_product_view),
        Metric::FunnelAddToCart => td_string!(locale, metric.funnel_add_to_cart),
        Metric::FunnelInitiateCheckout => td_string!(locale, metric.funnel_initiate_checkout),
        Metric::FunnelLead => td_string!(locale, metric.funnel_lead),
        Metric::FunnelPurchase => td_string!(locale, metric.funnel_purchase),
        Metric::ProductViewRate => td_string!(locale, metric.product_view_rate),
        Metric::AddToCartRate => td_string!(locale, metric.add_to_cart_rate),
        Metric::InitiateCheckoutRate => td_string!(locale, metric.initiate_checkout_rate),
        Metric::LeadRate => td_string!(locale, metric.lead_rate),
        Metric::PurchaseRate => td_string!(locale, metric.purchase_rate),
        Metric::AddToCartStepRate => td_string!(locale, metric.add_to_cart_step_rate),
        Metric::InitiateCheckoutStepRate => td_string!(locale, metric.initiate_checkout_step_rate),
        Metric::LeadStepRate => td_string!(locale, metric.lead_step_rate),
        Metric::PurchaseStepRate => td_string!(locale, metric.purchase_step_rate),
    }
}

/// The heading of a dimension's column.
pub fn dimension(locale: Locale, dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Channel => td_string!(locale, dimension.channel),
        Dimension::Source => td_string!(locale, dimension.source),
        Dimension::Medium => td_string!(locale, dimension.medium),
        Dimension::Campaign => td_string!(locale, dimension.campaign),
        Dimension::Content => td_string!(locale, dimension.content),
        Dimension::Term => td_string!(locale, dimension.term),
        Dimension::SourceMedium => td_string!(locale, dimension.source_medium),
        Dimension::ClickPlatform => td_string!(locale, dimension.click_platform),
        Dimension::Referrer => td_string!(locale, dimension.referrer),
        Dimension::LandingPage => td_string!(locale, dimension.landing_page),
        Dimension::Country => td_string!(locale, dimension.country),
        Dimension::Region => td_string!(locale, dimension.region),
        Dimension::City => td_string!(locale, dimension.city),
        Dimension::DeviceType => td_string!(locale, dimension.device_type),
        Dimension::DeviceBrand => td_string!(locale, dimension.device_brand),
        Dimension::Os => td_string!(locale, dimension.os),
        Dimension::OsVersion => td_string!(locale, dimension.os_version),
        Dimension::Browser => td_string!(locale, dimension.browser),
        Dimension::BrowserVersion => td_string!(locale, dimension.browser_version),
        Dimension::Language => td_string!(locale, dimension.language),
        Dimension::VisitorType => td_string!(locale, dimension.visitor_type),
        Dimension::Hour => td_string!(locale, dimension.hour),
        Dimension::Weekday => td_string!(locale, dimension.weekday),
        Dimension::Day => td_string!(locale, dimension.day),
        Dimension::Week => td_string!(locale, dimension.week),
        Dimension::Month => td_string!(locale, dimension.month),
        Dimension::Product => td_string!(locale, dimension.product),
        Dimension::SearchTerm => td_string!(locale, dimension.search_term),
    }
}

/// The heading of a column of the list of sessions.
pub fn field(locale: Locale, field: SessionField) -> &'static str {
    match field {
        SessionField::Id => td_string!(locale, field.id),
        SessionField::StartedAt => td_string!(locale, field.started_at),
        SessionField::LastSeen => td_string!(locale, field.last_seen),
        SessionField::Source => td_string!(locale, field.source),
        SessionField::Medium => td_string!(locale, field.medium),
        SessionField::Campaign => td_string!(locale, field.campaign),
        SessionField::Content => td_string!(locale, field.content),
        SessionField::Term => td_string!(locale, field.term),
        SessionField::Channel => td_string!(locale, field.channel),
        SessionField::Ip => td_string!(locale, field.ip),
        SessionField::Country => td_string!(locale, field.country),
        SessionField::City => td_string!(locale, field.city),
        SessionField::DeviceType => td_string!(locale, field.device_type),
        SessionField::Os => td_string!(locale, field.os),
        SessionField::Browser => td_string!(locale, field.browser),
        SessionField::VisitCount => td_string!(locale, field.visit_count),
        SessionField::PageViews => td_string!(locale, field.page_views),
        SessionField::Points => td_string!(locale, field.points),
        SessionField::Conversion => td_string!(locale, field.conversion),
        SessionField::ConvertedAt => td_string!(locale, field.converted_at),
        SessionField::Revenue => td_string!(locale, field.revenue),
    }
}

/// The heading of any column.
pub fn column(locale: Locale, key: Key) -> &'static str {
    match key {
        Key::Dimension(one) => dimension(locale, one),
        Key::Metric(one) => metric(locale, one),
        Key::Field(one) => field(locale, one),
    }
}

/// The title of a report's panel.
pub fn report(locale: Locale, report: Report) -> &'static str {
    match report {
        Report::General => td_string!(locale, report.general),
        Report::Timeseries => td_string!(locale, report.timeseries),
        Report::Channels => td_string!(locale, report.channels),
        Report::Sources => td_string!(locale, report.sources),
        Report::Campaigns => td_string!(locale, report.campaigns),
        Report::Content => td_string!(locale, report.content),
        Report::Terms => td_string!(locale, report.terms),
        Report::Funnel => td_string!(locale, report.funnel),
        Report::GeoCountries => td_string!(locale, report.geo_countries),
        Report::GeoCities => td_string!(locale, report.geo_cities),
        Report::Devices => td_string!(locale, report.devices),
        Report::Browsers => td_string!(locale, report.browsers),
        Report::OperatingSystems => td_string!(locale, report.operating_systems),
        Report::LandingPages => td_string!(locale, report.landing_pages),
        Report::Products => td_string!(locale, report.products),
        Report::Searches => td_string!(locale, report.searches),
        Report::ReturningVisitors => td_string!(locale, report.returning_visitors),
        Report::Sessions => td_string!(locale, report.sessions),
        Report::Explore => td_string!(locale, report.explore),
    }
}

/// What the help page is called, and the way back from it: for the host, which renders it.
pub fn help(locale: Locale) -> [&'static str; 2] {
    [td_string!(locale, help), td_string!(locale, tracking.back)]
}

/// A width of a widget.
pub fn width(locale: Locale, width: Width) -> &'static str {
    match width {
        Width::Third => td_string!(locale, arrange.third),
        Width::Half => td_string!(locale, arrange.half),
        Width::TwoThirds => td_string!(locale, arrange.two_thirds),
        Width::Full => td_string!(locale, arrange.full),
    }
}

/// The heading of a report's panel.
pub fn panel(locale: Locale, of: Report) -> &'static str {
    match of {
        Report::Sessions => td_string!(locale, sessions.title),
        other => report(locale, other),
    }
}

/// How much of an order is paid.
pub fn payment(locale: Locale, status: PaymentStatus) -> &'static str {
    match status {
        PaymentStatus::Unpaid => td_string!(locale, payment.unpaid),
        PaymentStatus::Checking => td_string!(locale, payment.checking),
        PaymentStatus::Prepaid => td_string!(locale, payment.prepaid),
        PaymentStatus::Partial => td_string!(locale, payment.partial),
        PaymentStatus::Paid => td_string!(locale, payment.paid),
    }
}

/// Where an order is.
pub fn order(locale: Locale, status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::New => td_string!(locale, order.new),
        OrderStatus::Prep => td_string!(locale, order.prep),
        OrderStatus::Ship => td_string!(locale, order.ship),
        OrderStatus::Done => td_string!(locale, order.done),
        OrderStatus::Returned => td_string!(locale, order.returned),
        OrderStatus::Cancelled => td_string!(locale, order.cancelled),
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
            format!("{} — {}", format::day(from), format::day(to))
        }
    }
}

/// Which earlier days are compared with.
pub fn compare(locale: Locale, compare: Compare) -> String {
    match compare {
        Compare::None => td_string!(locale, compare.none).to_owned(),
        Compare::Previous => td_string!(locale, compare.previous).to_owned(),
        Compare::Year => td_string!(locale, compare.year).to_owned(),
        Compare::Range { from, to } => period(locale, Period::Range { from, to }),
    }
}

/// What the earlier days are called beside the current ones: `Попередній період`, `Рік тому`, `01.11.2026 — 07.11.2026`.
pub fn earlier(locale: Locale, compare: Compare) -> String {
    match compare {
        Compare::None | Compare::Previous => td_string!(locale, timeseries.earlier).to_owned(),
        Compare::Year => td_string!(locale, compare.matching).to_owned(),
        Compare::Range { from, to } => period(locale, Period::Range { from, to }),
    }
}

/// What a filter looks at.
pub fn subject(locale: Locale, subject: Subject) -> &'static str {
    match subject {
        Subject::Dimension(one) => dimension(locale, one),
        Subject::Action => td_string!(locale, filter.action),
        Subject::Order => td_string!(locale, filter.order),
        Subject::Visitor => td_string!(locale, filter.visitor),
        Subject::Anything => td_string!(locale, filter.anything),
    }
}

/// How a filter compares.
pub fn operator(locale: Locale, operator: Operator) -> &'static str {
    match operator {
        Operator::Is => td_string!(locale, filter.is),
        Operator::Not => td_string!(locale, filter.not),
        Operator::Contains => td_string!(locale, filter.contains),
        Operator::Starts => td_string!(locale, filter.starts),
        Operator::Empty => td_string!(locale, filter.empty),
        Operator::Has => td_string!(locale, filter.has),
    }
}

/// A filter in words: `Джерело: facebook, instagram`, `Країна: Україна`, `Кампанія містить зима`.
pub fn filter(locale: Locale, filter: &Filter) -> String {
    // Parts of texts are looked for in what is stored.
    let is_exact = matches!(filter.operator, Operator::Is | Operator::Not | Operator::Has);
    let subject = subject(locale, filter.subject);
    let named = |key: &String| if is_exact { given(locale, filter.subject, key) } else { key.clone() };
    let values = filter.values.iter().map(named).collect::<Vec<_>>().join(", ");
    match filter.operator {
        Operator::Is | Operator::Has => format!("{subject}: {values}"),
        Operator::Empty => format!("{subject}: {}", operator(locale, Operator::Empty)),
        other => format!("{subject} {} {values}", operator(locale, other)),
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

/// What a visitor did; a kind of the shop's own by its key.
pub fn action(locale: Locale, kind: &ActionKind) -> String {
    let label = match kind.key() {
        "page_view" => td_string!(locale, action.page_view),
        "product_view" => td_string!(locale, action.product_view),
        "add_to_cart" => td_string!(locale, action.add_to_cart),
        "remove_from_cart" => td_string!(locale, action.remove_from_cart),
        "initiate_checkout" => td_string!(locale, action.initiate_checkout),
        "lead" => td_string!(locale, action.lead),
        "purchase" => td_string!(locale, action.purchase),
        "search" => td_string!(locale, action.search),
        "click" => td_string!(locale, action.click),
        "registration" => td_string!(locale, action.registration),
        "scroll" => td_string!(locale, action.scroll),
        "time_on_page" => td_string!(locale, action.time_on_page),
        "custom_print_start" => td_string!(locale, action.custom_print_start),
        "custom_print_step_enter" => td_string!(locale, action.custom_print_step_enter),
        "custom_print_step_complete" => td_string!(locale, action.custom_print_step_complete),
        "custom_print_add_to_cart" => td_string!(locale, action.custom_print_add_to_cart),
        "custom_print_send_to_manager" => td_string!(locale, action.custom_print_send_to_manager),
        "custom_print_safe_exit" => td_string!(locale, action.custom_print_safe_exit),
        "custom_print_moderation_result" => td_string!(locale, action.custom_print_moderation_result),
        "survey_start" => td_string!(locale, action.survey_start),
        "survey_answer" => td_string!(locale, action.survey_answer),
        "survey_back" => td_string!(locale, action.survey_back),
        "survey_skip" => td_string!(locale, action.survey_skip),
        "survey_close" => td_string!(locale, action.survey_close),
        "survey_complete" => td_string!(locale, action.survey_complete),
        "survey_dismiss" => td_string!(locale, action.survey_dismiss),
        other => other,
    };
    label.to_owned()
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
        all_differ(SessionField::ALL, field);
        all_differ(&[Device::Desktop, Device::Mobile, Device::Tablet, Device::Unknown], device);
        all_differ(&ExclusionKind::ALL, exclusion_kind);
        all_differ(&[Conversion::Lead, Conversion::Purchase], conversion);
        all_differ(&PaymentStatus::ALL, payment);
        all_differ(&OrderStatus::ALL, order);
    }

    #[test]
    fn filters_in_words() {
        let cases = [
            ("action:has:purchase|add_to_cart", "Дія: Покупка, Додано в кошик", "Action: Purchase, Added to cart"),
            ("action:has:own_kind", "Дія: own_kind", "Action: own_kind"),
            ("country:not:UA", "Країна не дорівнює Україна", "Country is not Ukraine"),
            ("city:contains:Lviv", "Місто містить Lviv", "City contains Lviv"),
            ("term:empty", "Ключове слово: порожньо", "Term: is empty"),
        ];
        for (text, uk, en) in cases {
            assert_eq!(filter(Locale::uk, &text.parse().unwrap()), uk);
            assert_eq!(filter(Locale::en, &text.parse().unwrap()), en);
        }
    }

    #[test]
    fn earlier_days_are_called_what_they_are() {
        let day = |text: &str| text.parse().unwrap();
        let range = Compare::Range { from: day("2026-11-01"), to: day("2026-11-07") };
        assert_eq!(earlier(Locale::uk, Compare::Previous), "Попередній період");
        assert_eq!(earlier(Locale::uk, Compare::Year), "Рік тому");
        assert_eq!(earlier(Locale::en, Compare::Year), "A year earlier");
        assert_eq!(earlier(Locale::uk, range), "01.11.2026 — 07.11.2026");
    }

    #[test]
    fn periods_in_words() {
        let range = Period::Range { from: "2026-11-01".parse().unwrap(), to: "2026-11-22".parse().unwrap() };
        assert_eq!(period(Locale::uk, Period::AllTime), "Весь час");
        assert_eq!(period(Locale::en, Period::Today), "Today");
        assert_eq!(period(Locale::uk, range), "01.11.2026 — 22.11.2026");
    }

    /// Every text of a locale.
    fn texts(of: &serde_json::Value, all: &mut HashSet<String>) {
        match of {
            serde_json::Value::Object(inner) => inner.values().for_each(|one| texts(one, all)),
            serde_json::Value::String(text) => drop(all.insert(text.trim_end_matches(':').to_owned())),
            _ => {}
        }
    }

    #[test]
    fn the_guides_call_things_as_the_page_does() {
        let guides = [
            (include_str!("../../docs/marketers.md"), include_str!("../locales/uk.json")),
            (include_str!("../../docs/marketers.en.md"), include_str!("../locales/en.json")),
        ];
        for (guide, locale) in guides {
            let mut known = HashSet::new();
            texts(&serde_json::from_str(locale).unwrap(), &mut known);
            let names: Vec<_> = guide.split("**").skip(1).step_by(2).collect();
            assert!(names.len() > 20, "{}", names.len());
            for name in names {
                // `Витрати на рекламу (грн)` is named with the currency, `Дошка: Основна` with the board.
                let bare = name.split(" (").next().unwrap();
                assert!(bare.split(": ").all(|part| known.contains(part)), "{name}");
            }
        }
    }
}
