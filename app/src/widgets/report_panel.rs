//! A report as a panel of its own: a table with its tools, and what stands above it.

use leptos::prelude::*;
use utm_dispatcher::report::Report;

use super::{Panel, TableTools, data_table};
use crate::desk::{Answers, use_desk};
use crate::labels;
use crate::language::use_locale;

/// The panel of `report`.
#[component]
pub fn ReportPanel(
    /// What it shows.
    report: Report,
    /// What stands above the table.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let locale = use_locale();
    let draw = move |answers: Answers| data_table(report, &answers);
    view! {
        <Panel title=labels::panel(locale, report) data=use_desk().answers draw>
            {children.map(|children| children())}
            <TableTools report />
        </Panel>
    }
    .into_any()
}
