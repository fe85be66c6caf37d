//! Devices, systems, browsers and places as bars of their share of all sessions; the whole table folded away under them.

use leptos::prelude::*;
use maud::html;
use utm_dispatcher::report::{Dimension, Key, Metric, Report, Table, Unit, Value};

use super::twin::twin;
use super::{Panel, TableTools, data_table, world_map};
use crate::desk::{Answers, table_query, use_desk};
use crate::format;
use crate::i18n::{Locale, td_string};
use crate::labels;
use crate::language::use_locale;
use crate::query::View;
use crate::ui::written;

/// At most so many bars.
const BARS: usize = 8;

/// The panel of `report`: of countries with a map.
#[component]
pub fn Shares(
    /// What it shows.
    report: Report,
) -> impl IntoView {
    let locale = use_locale();
    let desk = use_desk();
    let title = labels::report(locale, report);
    // A table that somebody arranged is one that they look at.
    let is_arranged = desk.view.with_untracked(|view| view.tables.contains_key(&report));
    let open = RwSignal::new(is_arranged);
    let draw = move |answers: Answers| {
        let table = answers.table(&table_query(&answers.view, report))?.clone();
        if table.rows.is_empty() {
            return data_table(report, &answers);
        }
        let bars = bars(locale, title, &answers.view, &table);
        let rows = data_table(report, &answers)?;
        let table = view! {
            <TableTools report />
            {rows}
        };
        let table = twin(locale, open, table.into_any());
        Ok(view! {
            {bars}
            {table}
        }
        .into_any())
    };
    let map = (report == Report::GeoCountries).then(|| world_map::map(locale));
    view! {
        <Panel title data=desk.answers draw>
            {map}
        </Panel>
    }
    .into_any()
}

fn bars(locale: Locale, title: &'static str, view: &View, table: &Table) -> AnyView {
    let rows = table.rows.iter().take(BARS).map(|row| bar(locale, view, table, row));
    let label = format!("{title}: {}", td_string!(locale, shares.label));
    view! {
        <ol class="shares" aria-label=label>
            {rows.collect_view()}
        </ol>
    }
    .into_any()
}

fn bar(locale: Locale, view: &View, table: &Table, row: &[Value]) -> AnyView {
    let cell = |metric| table.column_of(metric).and_then(|place| row.get(place)).unwrap_or(&Value::Null);
    let share = share(table, cell(Metric::Sessions));
    let width = share.decimal(Unit::Percent).unwrap_or_default();
    let dimensions: Vec<(Dimension, &Value)> = dimensions(table).into_iter().zip(row).collect();
    let href = dimensions.iter().fold(view.clone(), |view, (dimension, value)| view.narrowed(*dimension, value)).href();
    let mut names = dimensions.iter().rev().map(|(dimension, value)| labels::value(locale, *dimension, value));
    let name = names.next().unwrap_or_default();
    let within = names.next();
    let rate = match cell(Metric::Cr) {
        Value::Null => None,
        rate => Some(format!("CR {}", format::value(locale, rate, Unit::Percent, ""))),
    };
    written(html! {
        li.share style={ "--share:" (width) "%" } {
            a.share-name href=(href) data-noscroll title=(td_string!(locale, shares.narrow)) {
                (name)
                @if let Some(within) = within { " " span.share-within { (within) } }
            }
            span.share-count { (format::value(locale, cell(Metric::Sessions), Unit::Count, "")) }
            span.share-part { (format::value(locale, &share, Unit::Percent, "")) }
            span.share-rate { @if let Some(rate) = rate { (rate) } }
        }
    })
}

fn dimensions(table: &Table) -> Vec<Dimension> {
    let keys = table.columns.iter().map(|column| column.key);
    keys.filter_map(|key| if let Key::Dimension(one) = key { Some(one) } else { None }).collect()
}

/// The share of all sessions; the chosen columns need not have it.
fn share(table: &Table, sessions: &Value) -> Value {
    match (sessions, table.total(Metric::Sessions)) {
        (Value::Whole(of), Value::Whole(per)) if *per > 0 => Value::Fraction { of: of * 100, per: *per },
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_all_sessions_and_not_of_those_on_the_page() {
        use utm_dispatcher::report::Column;
        let columns = [Key::Dimension(Dimension::Os), Key::Metric(Metric::Sessions)].map(|key| Column { key }).into();
        let table = Table { columns, totals: vec![Value::Null, Value::Whole(300)], ..Table::default() };
        let shown = |sessions| share(&table, &Value::Whole(sessions)).decimal(Unit::Percent);
        assert_eq!(shown(100).as_deref(), Some("33.33"));
        assert_eq!(shown(300).as_deref(), Some("100.00"));
        assert_eq!(share(&Table::default(), &Value::Whole(1)), Value::Null);
        assert_eq!(dimensions(&table), [Dimension::Os]);
    }
}
