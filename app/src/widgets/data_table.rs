//! A report as a table: rows that unfold, between headings that sort and a line of totals.

mod copy;
mod lines;
mod tools;

use std::sync::Arc;

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use maud::{Markup, html};
use utm_dispatcher::report::{Dimension, Direction, Key, Metric, Report, ReportQuery, Table, Unit, Value};

use self::lines::{Line, Shown, dimensions};
pub use self::tools::{TableSearch, TableTools};
use super::change::change;
use super::empty::{empty, not_found};
use super::pages::{ToPage, pages};
use crate::desk::{Answers, ROWS};
use crate::error::AppError;
use crate::format::{self, Tone};
use crate::frame::use_frame;
use crate::i18n::{Locale, td_string};
use crate::labels;
use crate::language::use_locale;
use crate::query::{TableView, View};
use crate::ui::written;

/// Draws the table of `report`, out of the answers to all that the page has asked.
pub fn data_table(report: Report, answers: &Answers) -> Result<AnyView, AppError> {
    let locale = use_locale();
    let Shown { query, table, page, lines } = Shown::of(report, answers)?;
    let drawn = Drawing {
        locale,
        currency: &use_frame().currency,
        report,
        view: &answers.view,
        asked: answers.view.table(report),
        query: &query,
        table,
        dimensions: dimensions(table),
    };
    if table.rows.is_empty() {
        return Ok(drawn.nothing());
    }
    let title = labels::report(locale, report);
    let (view, asked) = (drawn.view.clone(), drawn.asked.clone());
    let to: ToPage = Arc::new(move |page| view.with_table(report, asked.turned(page)).href());
    let pages = pages(locale, title, page, ROWS, table.total_rows, &to);
    let dropped = drawn.dropped();
    let follow = follow(lines.iter().map(Line::narrowed));
    Ok(view! {
        {dropped}
        <div class="table-scroll" role="region" tabindex="0" aria-label=title>
            <table class="data-table narrows">
                <caption class="sr-only">{title}</caption>
                <thead>
                    <tr>{table.columns.iter().map(|column| drawn.heading(column.key)).collect_view()}</tr>
                </thead>
                <tbody on:click=follow>{lines.iter().map(|line| drawn.line(line)).collect_view()}</tbody>
                {drawn.totals()}
            </table>
        </div>
        {pages}
    }
    .into_any())
}

/// Lets a click on a row's number lead to the dashboard narrowed to that row, for whoever points: its names are links.
fn follow(rows: impl Iterator<Item = View>) -> impl Fn(MouseEvent) + 'static {
    #[cfg(feature = "hydrate")]
    let (rows, go) = (rows.map(|view| view.href()).collect::<Vec<_>>(), leptos_router::hooks::use_navigate());
    #[cfg(not(feature = "hydrate"))]
    drop(rows);
    move |event| {
        #[cfg(feature = "hydrate")]
        if let Some(row) = row_of(&event).and_then(|place| rows.get(place)) {
            go(row, leptos_router::NavigateOptions { scroll: false, ..Default::default() });
        }
        #[cfg(not(feature = "hydrate"))]
        let _ = event;
    }
}

/// The place of the row whose number was clicked. Who marks numbers, to copy them, means none.
#[cfg(feature = "hydrate")]
fn row_of(event: &MouseEvent) -> Option<usize> {
    use wasm_bindgen::JsCast;

    let marked = window().get_selection().ok().flatten().is_some_and(|selection| !selection.is_collapsed());
    let target = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    let row = target.closest("td.number").ok()??.closest("tr").ok()??;
    let row = row.dyn_into::<web_sys::HtmlTableRowElement>().ok()?;
    usize::try_from(row.section_row_index()).ok().filter(|_| !marked)
}

/// The class that says how many rows a line is beneath.
fn depth(line: &Line<'_>) -> &'static str {
    match line.depth {
        0 => "",
        1 => "depth-1",
        2 => "depth-2",
        _ => "depth-3",
    }
}

/// What all parts of a table are drawn with.
struct Drawing<'a> {
    locale: Locale,
    currency: &'a str,
    report: Report,
    view: &'a View,
    asked: TableView,
    query: &'a ReportQuery,
    table: &'a Table,
    dimensions: Vec<Dimension>,
}

impl Drawing<'_> {
    /// The address of the dashboard with this table as `asked`.
    fn address(&self, asked: TableView) -> String {
        self.view.with_table(self.report, asked).href()
    }

    fn nothing(&self) -> AnyView {
        if self.asked.find.is_empty() { empty(self.locale, self.view) } else { not_found(self.locale, self.report) }
    }

    /// Says which of the chosen columns cannot stand beside the filters.
    fn dropped(&self) -> AnyView {
        let chosen = self.asked.metrics.iter().flatten();
        let dropped: Vec<_> = chosen
            .filter(|metric| !self.query.metrics().contains(metric))
            .map(|metric| labels::metric(self.locale, *metric))
            .collect();
        if dropped.is_empty() {
            return ().into_any();
        }
        view! { <p class="muted table-note">{td_string!(self.locale, table.dropped)} " " {dropped.join(", ")}</p> }
            .into_any()
    }

    fn heading(&self, key: Key) -> AnyView {
        let own = ReportQuery { sort: None, ..self.query.clone() }.sorted_by();
        let now = self.query.sorted_by();
        let direction = now.filter(|sort| sort.key == key).map(|sort| match sort.direction {
            Direction::Rising => "ascending",
            Direction::Falling => "descending",
        });
        let class = if let Key::Metric(_) = key { "number" } else { "" };
        view! {
            <th scope="col" class=class aria-sort=direction>
                <a class="sort" href=self.address(self.asked.sorted(key, now, own)) data-noscroll>
                    {labels::column(self.locale, key)}
                </a>
            </th>
        }
        .into_any()
    }

    fn line(&self, line: &Line<'_>) -> AnyView {
        let names = line.names();
        if line.place.is_none() {
            return self.more(line);
        }
        let share = self.share(line);
        let has_share = share.is_some();
        let (last, columns) = (names.len().saturating_sub(1), self.dimensions.len());
        let heads = names.into_iter().enumerate().map(|(place, (dimension, value))| {
            let words = labels::value(self.locale, dimension, value);
            let unfold = (place == 0).then(|| self.unfold(line, &words)).flatten();
            let width = if line.depth > 0 { columns } else { 1 };
            let above = line.above.narrowed(dimension, value).href();
            written(html! {
                th scope="row" colspan=[(width > 1).then_some(width)] {
                    span.row-name {
                        @if let Some(unfold) = unfold { (unfold) " " }
                        a href=(above) data-noscroll { bdi { (words) } }
                    }
                    // As wide as the row says: its name stays in place while the share changes.
                    @if place == last && has_share { span.row-share { span {} } }
                }
            })
        });
        view! {
            <tr class=depth(line) style=share.map(|share| format!("--share:{share}%"))>
                {heads.collect_view()} {self.numbers(line.table, line.cells(), line.before())}
            </tr>
        }
        .into_any()
    }

    /// The link that unfolds a row or folds it.
    fn unfold(&self, line: &Line<'_>, words: &str) -> Option<Markup> {
        let is_open = line.is_open?;
        let label = if is_open { td_string!(self.locale, table.fold) } else { td_string!(self.locale, table.unfold) };
        let href = self.address(self.asked.toggled(&line.path));
        Some(html! {
            a.unfold href=(href) aria-expanded=(is_open) aria-label={ (label) ": " (words) } data-noscroll {}
        })
    }

    /// The row's share of all sessions, in hundredths.
    fn share(&self, line: &Line<'_>) -> Option<String> {
        let sessions = line.cells().get(line.table.column_of(Metric::Sessions)?)?;
        let (Value::Whole(own), Value::Whole(all)) = (sessions, self.table.total(Metric::Sessions)) else {
            return None;
        };
        let share = Value::Fraction { of: own * 100, per: *all };
        share.decimal(Unit::Percent)
    }

    /// The line that stands for rows that are not shown.
    fn more(&self, line: &Line<'_>) -> AnyView {
        let columns = self.table.columns.len();
        let count = format::count(self.locale, i64::try_from(line.hidden()).unwrap_or(i64::MAX));
        view! {
            <tr class=depth(line)>
                <td colspan=columns.to_string()>
                    <span class="row-name">
                        <a href=line.above.href() data-noscroll>
                            {format!("{} (+{count})", td_string!(self.locale, table.all))}
                        </a>
                    </span>
                </td>
            </tr>
        }
        .into_any()
    }

    /// The cells of this table's metrics, out of a row of `table`.
    fn numbers(&self, table: &Table, row: &[Value], before: Option<&[Value]>) -> Vec<AnyView> {
        let cell = |metric: &Metric| {
            let place = table.column_of(*metric);
            let value = place.and_then(|place| row.get(place)).unwrap_or(&Value::Null);
            let before = place.and_then(|place| before?.get(place));
            self.number(*metric, value, before)
        };
        self.query.metrics().iter().map(cell).collect()
    }

    fn number(&self, metric: Metric, value: &Value, before: Option<&Value>) -> AnyView {
        let (unit, _) = metric.definition();
        let tone = if metric == Metric::Cr { Tone::of(value).map_or("", Tone::class) } else { "" };
        // What is the same, or not known, needs no word.
        let is_other = |before: &&Value| *before != value && value.fraction().is_some() && before.fraction().is_some();
        let change = before
            .filter(is_other)
            .map(|before| change(self.locale, metric, value, before, self.currency, self.query.compare));
        let value = format::value(self.locale, value, unit, self.currency);
        written(html! { td class={ "number " (tone) } { (value) @if let Some(change) = change { " " (change) } } })
    }

    fn totals(&self) -> Option<AnyView> {
        let rest = self.dimensions.len().checked_sub(1)?;
        let before = self.table.previous.as_ref().map(|previous| previous.totals.as_slice());
        let foot = view! {
            <tfoot>
                <tr>
                    <th scope="row">{td_string!(self.locale, table.total)}</th>
                    {(0..rest).map(|_| view! { <td></td> }.into_any()).collect_view()}
                    {self.numbers(self.table, &self.table.totals, before)}
                </tr>
            </tfoot>
        }
        .into_any();
        Some(foot.into_any())
    }
}
