//! Where sessions come from: a chart of the first sources above the table of all that are shown.

use leptos::prelude::*;
use utm_dispatcher::model::Period;
use utm_dispatcher::report::{Metric, Report, ReportQuery};

use super::{Answers, DataTable, LineChart, Panel};
use crate::error::AppError;
use crate::i18n::td_string;
use crate::labels;
use crate::language::use_locale;

/// How many sources the table shows.
const ROWS: usize = 20;
/// How many of them the chart shows.
const POINTS: usize = 10;

/// What the widget asks.
pub fn query(period: Period) -> ReportQuery {
    ReportQuery { limit: Some(ROWS), ..ReportQuery::new(Report::Sources, period) }
}

/// The sources of the period.
#[component]
pub fn Sources(
    /// What the page's widgets asked together.
    answers: Resource<Result<Answers, AppError>>,
) -> impl IntoView {
    let locale = use_locale();
    let title = labels::report(locale, Report::Sources);
    let chart = move || answers.get()?.ok()?.table(Report::Sources).ok().cloned();
    let draw = move |answers: Answers| {
        let table = answers.table(Report::Sources)?.clone();
        let metrics = &[Metric::Sessions, Metric::Conversions, Metric::Cr, Metric::Revenue, Metric::Aov];
        Ok(view! { <DataTable title table metrics /> })
    };
    view! {
        <Panel title data=answers draw>
            <LineChart
                table=chart
                metrics=&[Metric::Sessions, Metric::Conversions]
                points=POINTS
                label=td_string!(locale, sources.chart)
            />
        </Panel>
    }
}
