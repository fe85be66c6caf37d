//! What stands above a table: its search, the choice of columns, copying and files.

use leptos::prelude::*;
use utm_dispatcher::report::{Dimension, Metric, Report, ReportQuery};

use super::copy::tab_separated;
use crate::desk::{table_query, use_desk};
use crate::format;
use crate::i18n::{Locale, td_string};
use crate::labels;
use crate::language::use_locale;
use crate::ui::{CopyButton, Popover};
use crate::widgets::{ExportLinks, ViewForm};

/// The tools of the table of `report`.
#[component]
pub fn TableTools(
    /// Which table.
    report: Report,
) -> impl IntoView {
    let locale = use_locale();
    let desk = use_desk();
    // What is shown is copied; what is asked, on all pages, goes into a file.
    let copied = move || {
        let (text, rows) = tab_separated(locale, report, &desk.answers.get_untracked()?.ok()?).ok()?;
        let rows = format::count(locale, i64::try_from(rows).unwrap_or(i64::MAX));
        Some((text, format!("{} {rows}", td_string!(locale, table.copied))))
    };
    let query = Signal::derive(move || ReportQuery { limit: None, ..table_query(&desk.view.get(), report) });
    view! {
        <div class="table-tools">
            {has_names(report).then(|| view! { <TableSearch report /> })}
            <Columns report />
            <CopyButton text=copied label=td_string!(locale, table.copy) />
            <ExportLinks query />
        </div>
    }
    .into_any()
}

/// Are the rows told apart by names that one may look for? Nobody looks for one of two kinds of visitors, or for an hour.
fn has_names(report: Report) -> bool {
    !matches!(
        report.definition().dimensions.last(),
        None | Some(
            Dimension::VisitorType
                | Dimension::Hour
                | Dimension::Weekday
                | Dimension::Day
                | Dimension::Week
                | Dimension::Month
        )
    )
}

/// The field in which rows are looked for.
#[component]
pub fn TableSearch(
    /// Which table.
    report: Report,
    /// What is looked for, in place of the rows' names.
    #[prop(optional)]
    what: Option<&'static str>,
) -> impl IntoView {
    let locale = use_locale();
    let view = use_desk().view;
    let kept = Signal::derive(move || {
        let view = view.get();
        view.with_table(report, view.table(report).finding(""))
    });
    let find = move || view.get().table(report).find;
    let label = format!("{}: {}", td_string!(locale, table.search), labels::report(locale, report));
    view! {
        <ViewForm kept class="table-search">
            <input
                type="search"
                name=format!("{report}.find")
                aria-label=label
                placeholder=what.unwrap_or(td_string!(locale, table.search))
                maxlength="512"
                value=find
                prop:value=find
            />
            <button class="button small" type="submit" aria-label=td_string!(locale, table.look)></button>
        </ViewForm>
    }
    .into_any()
}

/// The choice of columns. The boxes are made when it is opened: they are many, and so are the tables.
#[component]
fn Columns(
    /// Which table.
    report: Report,
) -> impl IntoView {
    let locale = use_locale();
    let view = use_desk().view;
    let opened = RwSignal::new(false);
    let choice = move || if opened.get() { boxes(locale, report) } else { every(locale, report) };
    view! {
        <Popover label=td_string!(locale, table.columns).into_any() class="columns" opened>
            {choice}
            <a
                class="button quiet"
                href=move || {
                    let view = view.get();
                    view.with_table(report, view.table(report).with_metrics(None)).href()
                }
                data-noscroll
            >
                {td_string!(locale, table.own_columns)}
            </a>
        </Popover>
    }
    .into_any()
}

/// The metrics that the table may show, those that it shows by itself first.
fn metrics(query: &ReportQuery) -> Vec<Metric> {
    let own = query.report.definition().metrics;
    let others = Metric::ALL.iter().filter(|metric| !own.contains(metric));
    own.iter().chain(others).copied().filter(|metric| query.can_count(*metric)).collect()
}

/// What there is without a script: all columns at once.
fn every(locale: Locale, report: Report) -> AnyView {
    let view = use_desk().view;
    let all = move || {
        let view = view.get();
        let metrics = metrics(&view.query(report));
        view.with_table(report, view.table(report).with_metrics(Some(metrics))).href()
    };
    view! {
        <a class="button quiet" href=all data-noscroll>
            {td_string!(locale, table.all_columns)}
        </a>
    }
    .into_any()
}

fn boxes(locale: Locale, report: Report) -> AnyView {
    let view = use_desk().view;
    let kept = Signal::derive(move || {
        let view = view.get();
        view.with_table(report, view.table(report).with_metrics(None))
    });
    let name = format!("{report}.columns");
    let boxes = move || {
        let shown = table_query(&view.get(), report);
        let name = name.clone();
        let one = move |metric: Metric| {
            let is_shown = shown.metrics().contains(&metric);
            view! {
                <label class="choice">
                    <input type="checkbox" name=name.clone() value=metric.key() checked=is_shown prop:checked=is_shown />
                    <span>{labels::metric(locale, metric)}</span>
                </label>
            }
        };
        metrics(&view.get().query(report)).into_iter().map(one).collect_view()
    };
    view! {
        <ViewForm kept class="scope-form">
            <fieldset class="column-choice">
                <legend>{td_string!(locale, table.columns)}</legend>
                {boxes}
            </fieldset>
            <button class="button primary" type="submit">
                {td_string!(locale, scope.apply)}
            </button>
        </ViewForm>
    }
    .into_any()
}
