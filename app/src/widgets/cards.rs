//! The four cards on top: the period in numbers.

use leptos::prelude::*;
use utm_dispatcher::model::Period;
use utm_dispatcher::report::{Metric, Report, ReportQuery, Table};

use super::{Answers, Panel, Stat};
use crate::error::AppError;
use crate::format;
use crate::frame::use_frame;
use crate::i18n::{t, t_string, use_i18n};
use crate::labels::{self, I18n};

/// What the cards ask.
pub fn query(period: Period) -> ReportQuery {
    ReportQuery::new(Report::General, period)
}

/// Sessions, conversions, revenue and visitors of the period.
#[component]
pub fn Cards(
    /// What the page's widgets asked together.
    answers: Resource<Result<Answers, AppError>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let currency = use_frame().currency;
    let draw = move |answers: Answers| answers.table(Report::General).map(|table| cards(i18n, table, &currency));
    view! {
        <Panel title=Signal::derive(move || labels::report(i18n, Report::General).to_owned()) data=answers draw bare=true />
    }
}

fn cards(i18n: I18n, table: &Table, currency: &str) -> impl IntoView + use<> {
    let total = |metric: Metric| {
        let (unit, _) = metric.definition();
        format::value(i18n.get_locale(), table.total(metric), unit, currency)
    };
    let rate = t!(i18n, cards.cr, value = total(Metric::Cr)).into_any();
    let average = t!(i18n, cards.aov, value = total(Metric::Aov)).into_any();
    view! {
        <dl class="cards">
            <Stat label=t_string!(i18n, cards.sessions) value=total(Metric::Sessions) tone="violet" />
            <Stat label=t_string!(i18n, cards.conversions) value=total(Metric::Conversions) note=rate tone="green" />
            <Stat label=t_string!(i18n, cards.revenue) value=total(Metric::Revenue) note=average tone="amber" />
            <Stat label=t_string!(i18n, cards.visitors) value=total(Metric::Visitors) tone="blue" />
        </dl>
    }
    .into_any()
}
