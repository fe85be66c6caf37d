//! The period hour by hour or day by day, the earlier one dashed beside it.

use leptos::prelude::*;
use utm_dispatcher::model::Period;
use utm_dispatcher::report::{Compare, Dimension, Direction, Key, Metric, Report, ReportQuery, Sort, Table, Value};

use super::Panel;
use super::cards::with_spend;
use super::choice::choice;
use super::empty::empty;
use super::line_chart::{Series, lines};
use super::twin::twin;
use crate::desk::{Answers, use_desk};
use crate::format;
use crate::frame::use_frame;
use crate::functions::reports::MAX_ROWS;
use crate::i18n::{Locale, td_string};
use crate::labels;
use crate::language::use_locale;
use crate::query::{STRETCHES, TableView, View};
use crate::ui::{Chart, Drawing, Mark};

/// What is counted for each stretch; spend comes with it where it can be asked.
const METRICS: [Metric; 7] =
    [Metric::Sessions, Metric::Visitors, Metric::Conversions, Metric::Cr, Metric::Revenue, Metric::Aov, Metric::Points];
/// Periods of up to so many days are shown by day unless asked otherwise, longer ones by week.
const DAYS: i64 = 92;

/// What is asked: the newest stretches, should there be more than an answer may have.
pub fn query(view: &View) -> ReportQuery {
    let by = stretch(view);
    let sort = Some(Sort { key: Key::Dimension(by), direction: Direction::Falling });
    let query =
        ReportQuery { dimensions: Some(vec![by]), sort, limit: Some(MAX_ROWS), ..view.query(Report::Timeseries) };
    with_spend(query, &METRICS).normalised()
}

/// What a point stands for: what the address bar says (`timeseries.by=week`), else by the period's length.
fn stretch(view: &View) -> Dimension {
    let by_length = match view.scope.period {
        Period::Today => Dimension::Hour,
        Period::Range { from, to } if from == to => Dimension::Hour,
        Period::Range { from, to } if to.signed_duration_since(from).num_days() >= DAYS => Dimension::Week,
        Period::Week | Period::Month | Period::Range { .. } => Dimension::Day,
        Period::AllTime => Dimension::Week,
    };
    view.table(Report::Timeseries).by.unwrap_or(by_length)
}

/// What is drawn: the first of the columns that the address bar names (`timeseries.columns=revenue`), else sessions.
fn metric(view: &View) -> Metric {
    let chosen = view.table(Report::Timeseries).metrics.and_then(|metrics| metrics.first().copied());
    chosen.filter(|metric| query(view).metrics().contains(metric)).unwrap_or(Metric::Sessions)
}

/// The period over time.
#[component]
pub fn Timeseries() -> impl IntoView {
    let locale = use_locale();
    let frame = use_frame();
    let desk = use_desk();
    let open = RwSignal::new(false);
    let answers = desk.answers;
    let today = frame.today;
    let currency = frame.currency.clone();
    let drawing = Box::new(move || {
        let answers = answers.get()?.ok()?;
        let plot = Plot::of(locale, &answers, &today, &currency).ok()?;
        (!plot.table.rows.is_empty()).then(|| plot.drawing())
    });
    let (today, currency) = (use_frame().today, frame.currency);
    let draw = move |answers: Answers| {
        let plot = Plot::of(locale, &answers, &today, &currency)?;
        if plot.table.rows.is_empty() {
            return Ok(empty(locale, &answers.view));
        }
        Ok(twin(locale, open, plot.twin()))
    };
    let compare = Memo::new(move |_| desk.view.get().scope.whole_compare());
    let legend = Signal::derive(move || names(locale, compare.get()));
    view! {
        <Panel title=labels::report(locale, Report::Timeseries) data=answers draw>
            <div class="chart-head">{metrics(locale)} {stretches(locale)}</div>
            <Chart
                drawing
                write=Box::new(move |number| format::axis(locale, number))
                label=td_string!(locale, timeseries.chart)
                legend
                class="tall"
            />
        </Panel>
    }
}

/// The points of a metric over time, the oldest first: its rows in `over_time`, as they stand on a card.
pub fn known_points(view: &View, today: &str, over_time: &Table, metric: Metric) -> Vec<Option<f64>> {
    points(over_time, &over_time.rows, metric, goes_on(view, today) && stretch(view) == Dimension::Hour)
}

/// Does the period go on, so that nothing is known of its last hours?
fn goes_on(view: &View, today: &str) -> bool {
    match view.scope.period {
        Period::Range { to, .. } => to.to_string().as_str() >= today,
        Period::Today | Period::Week | Period::Month | Period::AllTime => true,
    }
}

/// The points of some rows of `table`, the oldest first. If `hours` are still to come, they are a gap and not a fall.
fn points(table: &Table, rows: &[Vec<Value>], metric: Metric, hours: bool) -> Vec<Option<f64>> {
    let Some(place) = table.column_of(metric) else { return Vec::new() };
    let cells = rows.iter().rev().filter_map(|row| row.get(place));
    let mut points: Vec<_> = cells.map(|value| format::plotted(value, metric.definition().0)).collect();
    if hours {
        for point in points.iter_mut().rev().take_while(|point| point.unwrap_or(0.0) == 0.0) {
            *point = None;
        }
    }
    points
}

/// What the lines are called.
fn names(locale: Locale, compare: Compare) -> Vec<String> {
    let now = td_string!(locale, timeseries.now).to_owned();
    let earlier = (compare != Compare::None).then(|| labels::earlier(locale, compare));
    [now].into_iter().chain(earlier).collect()
}

fn metrics(locale: Locale) -> AnyView {
    let options = METRICS.into_iter().chain([Metric::Spend, Metric::Roas]);
    let options = options.map(|metric| (metric, labels::metric(locale, metric).to_owned()));
    choice(
        td_string!(locale, timeseries.metric),
        options,
        |view, one| metric(view) == one,
        |view, one| {
            let metrics = Some(vec![one]).filter(|_| one != Metric::Sessions);
            view.with_table(Report::Timeseries, TableView { metrics, ..view.table(Report::Timeseries) })
        },
    )
}

fn stretches(locale: Locale) -> AnyView {
    let words = [
        td_string!(locale, timeseries.by_hour),
        td_string!(locale, timeseries.by_day),
        td_string!(locale, timeseries.by_week),
        td_string!(locale, timeseries.by_month),
    ];
    let options = STRETCHES.into_iter().zip(words.map(str::to_owned));
    choice(
        td_string!(locale, timeseries.by),
        options,
        |view, one| stretch(view) == one,
        |view, one| view.with_table(Report::Timeseries, TableView { by: Some(one), ..view.table(Report::Timeseries) }),
    )
}

/// What is drawn of an answer.
struct Plot<'a> {
    locale: Locale,
    view: &'a View,
    table: &'a Table,
    by: Dimension,
    metric: Metric,
    currency: &'a str,
    /// Does the period go on, so that nothing is known of its last hours?
    goes_on: bool,
}

impl<'a> Plot<'a> {
    fn of(
        locale: Locale,
        answers: &'a Answers,
        today: &str,
        currency: &'a str,
    ) -> Result<Self, crate::error::AppError> {
        let view = &answers.view;
        let goes_on = goes_on(view, today);
        let table = answers.table(&query(view))?;
        Ok(Self { locale, view, table, by: stretch(view), metric: metric(view), currency, goes_on })
    }

    /// Which earlier days stand beside.
    fn compare(&self) -> Compare {
        self.view.scope.whole_compare()
    }

    fn earlier(&self) -> &'a [Vec<Value>] {
        self.table.previous.as_ref().map_or(&[], |previous| &previous.rows)
    }

    fn points(&self, rows: &[Vec<Value>]) -> Vec<Option<f64>> {
        points(self.table, rows, self.metric, self.goes_on && self.by == Dimension::Hour)
    }

    fn drawing(&self) -> Drawing {
        let rows = self.table.rows.iter().rev().filter_map(|row| row.first());
        let ticks = rows.clone().map(|value| labels::tick(self.locale, self.by, value)).collect();
        let line = |(name, (rows, color, is_earlier))| Series { name, points: self.points(rows), color, is_earlier };
        // The names of the legend, and no line that it does not name.
        let drawn = [(&self.table.rows[..], "--chart-1", false), (self.earlier(), "--muted", true)];
        let series = names(self.locale, self.compare()).into_iter().zip(drawn).map(line).collect();
        Drawing::new(&lines(ticks, series), self.marks())
    }

    fn marks(&self) -> Vec<Mark> {
        let metric = labels::metric(self.locale, self.metric);
        let mut before = self.earlier().iter().rev();
        let mark = |row: &Vec<Value>| {
            let name = row.first().unwrap_or(&Value::Null);
            let mut lines = vec![self.name(row), format!("{metric}: {}", self.written(row))];
            lines.extend(before.next().map(|row| format!("{}: {}", self.name(row), self.written(row))));
            Mark { lines, href: Some(self.view.narrowed(self.by, name).href()) }
        };
        self.table.rows.iter().rev().map(mark).collect()
    }

    fn name(&self, row: &[Value]) -> String {
        labels::value(self.locale, self.by, row.first().unwrap_or(&Value::Null))
    }

    fn written(&self, row: &[Value]) -> String {
        let cell = self.table.column_of(self.metric).and_then(|place| row.get(place)).unwrap_or(&Value::Null);
        format::value(self.locale, cell, self.metric.definition().0, self.currency)
    }

    /// The same numbers as a table, the newest first.
    fn twin(&self) -> AnyView {
        let locale = self.locale;
        let has_earlier = self.table.previous.is_some();
        let mut earlier = self.earlier().iter();
        let rows = self.table.rows.iter().map(|row| {
            let name = row.first().unwrap_or(&Value::Null);
            let beside = earlier.next().map(|row| {
                view! {
                    <td>{self.name(row)}</td>
                    <td class="number">{self.written(row)}</td>
                }
                .into_any()
            });
            view! {
                <tr>
                    <th scope="row">
                        <a href=self.view.narrowed(self.by, name).href() data-noscroll>
                            {self.name(row)}
                        </a>
                    </th>
                    <td class="number">{self.written(row)}</td>
                    {beside}
                </tr>
            }
            .into_any()
        });
        let title = td_string!(locale, timeseries.table);
        let headings = has_earlier.then(|| {
            view! {
                <th scope="col">{labels::earlier(locale, self.compare())}</th>
                <th scope="col" class="number">
                    {labels::metric(locale, self.metric)}
                </th>
            }
            .into_any()
        });
        view! {
            <div class="table-scroll" role="region" tabindex="0" aria-label=title>
                <table class="data-table">
                    <caption class="sr-only">{title}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{labels::dimension(locale, self.by)}</th>
                            <th scope="col" class="number">
                                {labels::metric(locale, self.metric)}
                            </th>
                            {headings}
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
        }
        .into_any()
    }
}

#[cfg(test)]
mod tests {
    use utm_dispatcher::report::{Column, Previous};

    use super::*;

    fn view(text: &str) -> View {
        View::read(text).unwrap()
    }

    #[test]
    fn the_stretch_follows_the_period_until_somebody_chooses() {
        let cases = [
            ("period=today", Dimension::Hour),
            ("from=2026-11-01&to=2026-11-01", Dimension::Hour),
            ("period=month", Dimension::Day),
            ("from=2026-01-01&to=2026-04-02", Dimension::Day),
            ("from=2026-01-01&to=2026-04-03", Dimension::Week),
            ("period=all_time", Dimension::Week),
            ("period=month&timeseries.by=week", Dimension::Week),
        ];
        for (text, by) in cases {
            assert_eq!(query(&view(text)).dimensions(), [by], "{text}");
        }
        // It was chosen for other days.
        assert_eq!(view("period=month&timeseries.by=week").for_period(Period::Week).to_string(), "period=week");
        assert!(View::read("timeseries.by=source").is_err());
    }

    #[test]
    fn the_metric_is_the_one_that_is_asked_for() {
        let cases = [
            ("period=week", Metric::Sessions),
            ("period=week&timeseries.columns=revenue", Metric::Revenue),
            ("period=week&timeseries.columns=roas", Metric::Roas),
            ("period=week&timeseries.columns=roas&filter=country:is:UA", Metric::Sessions),
        ];
        for (text, chosen) in cases {
            assert_eq!(metric(&view(text)), chosen, "{text}");
        }
    }

    #[test]
    fn lines_are_named_by_what_is_compared() {
        let cases = [
            ("period=week", "Цей період · Попередній період"),
            ("period=week&compare=year", "Цей період · Рік тому"),
            ("period=week&compare=2026-01-01..2026-01-07", "Цей період · 01.01.2026 — 07.01.2026"),
            ("period=week&compare=none", "Цей період"),
            ("period=all_time", "Цей період"),
            ("period=all_time&compare=year", "Цей період · Рік тому"),
        ];
        for (text, lines) in cases {
            assert_eq!(names(Locale::uk, view(text).scope.whole_compare()).join(" · "), lines, "{text}");
        }
    }

    #[test]
    fn hours_to_come_are_a_gap_and_earlier_ones_stand_beside() {
        let row = |hour, sessions| vec![Value::Whole(hour), Value::Whole(sessions)];
        let table = Table {
            columns: [Key::Dimension(Dimension::Hour), Key::Metric(Metric::Sessions)].map(|key| Column { key }).into(),
            rows: vec![row(3, 0), row(2, 1200), row(1, 0), row(0, 7)],
            previous: Some(Previous { rows: vec![row(3, 5), row(2, 6), row(1, 0), row(0, 8)], totals: vec![] }),
            ..Table::default()
        };
        let view = View::default();
        let (by, metric) = (Dimension::Hour, Metric::Sessions);
        let plot = Plot { locale: Locale::uk, view: &view, table: &table, by, metric, currency: "UAH", goes_on: true };
        let drawing = plot.drawing();
        let json: serde_json::Value = serde_json::from_str(&drawing.options).unwrap();
        assert_eq!(json["xAxis"]["data"], serde_json::json!(["00:00", "01:00", "02:00", "03:00"]));
        assert_eq!(json["series"][0]["data"], serde_json::json!([7.0, 0.0, 1200.0, "-"]));
        assert_eq!(json["series"][1]["data"], serde_json::json!([8.0, 0.0, 6.0, 5.0]));
        let on_a_card = |search| known_points(&View::read(search).unwrap(), "2026-11-22", &table, Metric::Sessions);
        let gap = [Some(7.0), Some(0.0), Some(1200.0), None];
        assert_eq!(on_a_card("period=today"), gap);
        assert_eq!(on_a_card("from=2026-11-22&to=2026-11-22"), gap);
        let fall = [Some(7.0), Some(0.0), Some(1200.0), Some(0.0)];
        assert_eq!(on_a_card("from=2026-11-21&to=2026-11-21"), fall, "that day is over");
        assert_eq!(on_a_card("period=week"), fall, "those are days");
        assert_eq!(drawing.marks[2].lines, ["02:00", "Сесії: 1\u{202f}200", "02:00: 6"]);
        assert_eq!(drawing.marks[2].href.as_deref(), Some("/admin-panel?period=today&filter=hour:is:2"));
    }
}
