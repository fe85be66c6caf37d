//! When sessions come: the hours of each day of the week, the brighter the more.

use std::collections::HashMap;

use leptos::prelude::*;
use maud::html;
use utm_dispatcher::report::{Compare, Dimension, Metric, Report, ReportQuery, Table, Unit, Value};

use super::Panel;
use super::empty::empty;
use crate::desk::{Answers, use_desk};
use crate::format;
use crate::i18n::{Locale, td_string};
use crate::labels;
use crate::language::use_locale;
use crate::query::View;
use crate::ui::written;

const HOURS: i64 = 24;
const DAYS: i64 = 7;
/// The hours of a week.
const ROWS: usize = 24 * 7;

/// What is asked.
pub fn query(view: &View) -> ReportQuery {
    ReportQuery {
        compare: Compare::None,
        dimensions: Some(vec![Dimension::Weekday, Dimension::Hour]),
        metrics: Some(vec![Metric::Sessions, Metric::Conversions]),
        limit: Some(ROWS),
        ..view.query(Report::Explore)
    }
}

/// The hours of the week.
#[component]
pub fn Heatmap() -> impl IntoView {
    let locale = use_locale();
    let draw = move |answers: Answers| {
        let table = answers.table(&query(&answers.view))?;
        if table.rows.is_empty() {
            return Ok(empty(locale, &answers.view));
        }
        Ok(grid(locale, &answers.view, &Hours::of(table)))
    };
    view! { <Panel title=td_string!(locale, heatmap.title) data=use_desk().answers draw /> }
}

/// Sessions and conversions by weekday and hour.
struct Hours {
    cells: HashMap<(i64, i64), (i64, i64)>,
    most: i64,
}

impl Hours {
    fn of(table: &Table) -> Self {
        let cells: HashMap<_, _> = table
            .rows
            .iter()
            .filter_map(|row| match row[..] {
                [Value::Whole(day), Value::Whole(hour), Value::Whole(sessions), Value::Whole(conversions)] => {
                    Some(((day, hour), (sessions, conversions)))
                }
                _ => None,
            })
            .collect();
        let most = cells.values().map(|(sessions, _)| *sessions).max().unwrap_or(0).max(1);
        Self { cells, most }
    }

    fn at(&self, day: i64, hour: i64) -> (i64, i64) {
        self.cells.get(&(day, hour)).copied().unwrap_or_default()
    }

    /// How bright an hour is, in hundredths of the brightest.
    fn heat(&self, sessions: i64) -> i64 {
        (sessions * 100 + self.most / 2) / self.most
    }
}

fn grid(locale: Locale, view: &View, hours: &Hours) -> AnyView {
    let title = td_string!(locale, heatmap.title);
    let headings = (0..HOURS).map(|hour| view! { <th scope="col">{format!("{hour:02}")}</th> }.into_any());
    let rows = (1..=DAYS).map(|day| {
        let of_day = view.narrowed(Dimension::Weekday, &Value::Whole(day));
        let cells = (0..HOURS).map(|hour| cell(locale, &of_day, hours, day, hour));
        view! {
            <tr>
                <th scope="row">
                    <a href=of_day.href() data-noscroll>
                        <abbr title=labels::value(
                            locale,
                            Dimension::Weekday,
                            &Value::Whole(day),
                        )>{labels::weekday_short(locale, day)}</abbr>
                    </a>
                </th>
                {cells.collect_view()}
            </tr>
        }
        .into_any()
    });
    view! {
        <div class="table-scroll" role="region" tabindex="0" aria-label=title>
            <table class="heatmap">
                <caption class="sr-only">{td_string!(locale, heatmap.about)}</caption>
                <thead>
                    <tr>
                        <td></td>
                        {headings.collect_view()}
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn cell(locale: Locale, of_day: &View, hours: &Hours, day: i64, hour: i64) -> AnyView {
    let (sessions, conversions) = hours.at(day, hour);
    if sessions == 0 {
        return written(html! { td.hour { "0" } });
    }
    let count = |metric, count| {
        format!("{}: {}", labels::metric(locale, metric), format::value(locale, &Value::Whole(count), Unit::Count, ""))
    };
    let title = format!(
        "{}, {}. {}, {}",
        labels::value(locale, Dimension::Weekday, &Value::Whole(day)),
        labels::value(locale, Dimension::Hour, &Value::Whole(hour)),
        count(Metric::Sessions, sessions),
        count(Metric::Conversions, conversions),
    );
    let href = of_day.narrowed(Dimension::Hour, &Value::Whole(hour)).href();
    written(html! {
        td.hour style={ "--heat:" (hours.heat(sessions)) } {
            a href=(href) title=(title) data-noscroll { (format::count(locale, sessions)) }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hour_of_the_week_has_a_place() {
        let row = |day, hour, sessions| [day, hour, sessions, 1].map(Value::Whole).to_vec();
        let hours = Hours::of(&Table { rows: vec![row(1, 0, 3), row(7, 23, 300)], ..Table::default() });
        assert_eq!(hours.at(7, 23), (300, 1));
        assert_eq!(hours.at(2, 5), (0, 0));
        assert_eq!((hours.heat(300), hours.heat(3), hours.heat(0)), (100, 1, 0));
        assert!(query(&View::default()).check().is_ok());
    }
}
