//! Where sessions come from: a chart of the first sources above the table of all that are shown.

use leptos::prelude::*;
use utm_dispatcher::report::{Metric, Report};

use super::{DataTable, LineChart, Panel};
use crate::desk::{Answers, table_query, use_desk};
use crate::i18n::td_string;
use crate::labels;
use crate::language::use_locale;

/// How many of the table's rows the chart shows.
const POINTS: usize = 10;

/// The sources of the period.
#[component]
pub fn Sources() -> impl IntoView {
    let locale = use_locale();
    let answers = use_desk().answers;
    let title = labels::report(locale, Report::Sources);
    let table = |answers: &Answers| answers.table(&table_query(&answers.view, Report::Sources)).cloned();
    let chart = move || table(&answers.get()?.ok()?).ok();
    let draw = move |answers: Answers| {
        let table = table(&answers)?;
        Ok(view! { <DataTable title table /> })
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
