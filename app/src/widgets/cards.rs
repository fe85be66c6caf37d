//! The four cards on top: the period in numbers.

use leptos::prelude::*;
use utm_dispatcher::report::{Metric, Report, ReportQuery, Table};

use super::{Panel, Stat};
use crate::desk::{Answers, use_desk};
use crate::format;
use crate::frame::use_frame;
use crate::i18n::{Locale, td, td_string};
use crate::labels;
use crate::language::use_locale;
use crate::query::View;

/// What the cards ask.
pub fn queries(view: &View) -> Vec<ReportQuery> {
    vec![view.query(Report::General)]
}

/// Sessions, conversions, revenue and visitors of the period.
#[component]
pub fn Cards() -> impl IntoView {
    let locale = use_locale();
    let currency = use_frame().currency;
    let draw = move |answers: Answers| {
        answers.table(&answers.view.query(Report::General)).map(|table| cards(locale, table, &currency))
    };
    view! {
        <Panel title=labels::report(locale, Report::General) data=use_desk().answers draw bare=true />
    }
}

fn cards(locale: Locale, table: &Table, currency: &str) -> impl IntoView + use<> {
    let total = |metric: Metric| {
        let (unit, _) = metric.definition();
        format::value(locale, table.total(metric), unit, currency)
    };
    let rate = td!(locale, cards.cr, value = total(Metric::Cr)).into_any();
    let average = td!(locale, cards.aov, value = total(Metric::Aov)).into_any();
    view! {
        <dl class="cards">
            <Stat label=td_string!(locale, cards.sessions) value=total(Metric::Sessions) tone="violet" />
            <Stat label=td_string!(locale, cards.conversions) value=total(Metric::Conversions) note=rate tone="green" />
            <Stat label=td_string!(locale, cards.revenue) value=total(Metric::Revenue) note=average tone="amber" />
            <Stat label=td_string!(locale, cards.visitors) value=total(Metric::Visitors) tone="blue" />
        </dl>
    }
    .into_any()
}
