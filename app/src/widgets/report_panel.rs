//! A report as a panel of its own: a table, nothing else.

use leptos::prelude::*;
use utm_dispatcher::report::Report;

use super::{DataTable, Panel};
use crate::desk::{Answers, table_query, use_desk};
use crate::labels;
use crate::language::use_locale;

/// The panel of `report`.
#[component]
pub fn ReportPanel(
    /// What it shows.
    report: Report,
) -> impl IntoView {
    let locale = use_locale();
    let title = labels::report(locale, report);
    let draw = move |answers: Answers| {
        let table = answers.table(&table_query(&answers.view, report))?.clone();
        Ok(view! { <DataTable title table /> })
    };
    view! { <Panel title data=use_desk().answers draw /> }
}
