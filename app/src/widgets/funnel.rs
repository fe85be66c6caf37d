//! How far sessions come: a tile for each stage with what is lost on the way, and bars.

use charming::Chart as Options;
use charming::component::{Axis, Grid};
use charming::datatype::DataPointItem;
use charming::element::{AxisLabel, AxisType, Color, ColorStop, ItemStyle, SplitLine, Tooltip, Trigger};
use charming::series::Bar;
use leptos::prelude::*;
use utm_dispatcher::report::{Filter, Metric, Mode, Operator, Report, Subject, Table, Value};

use super::Panel;
use super::choice::choice;
use crate::desk::{Answers, use_desk};
use crate::format::{self, NONE};
use crate::i18n::{Locale, td_string};
use crate::labels;
use crate::language::use_locale;
use crate::query::View;
use crate::ui::{Chart, Drawing, Mark};

/// A stage: its count, its share of all sessions, the action that leads there, the token of its colour.
type Stage = (Metric, Option<Metric>, Option<&'static str>, &'static str);

const STAGES: [Stage; 6] = [
    (Metric::Sessions, None, None, "--violet"),
    (Metric::FunnelProductView, Some(Metric::ProductViewRate), Some("product_view"), "--blue"),
    (Metric::FunnelAddToCart, Some(Metric::AddToCartRate), Some("add_to_cart"), "--amber"),
    (Metric::FunnelInitiateCheckout, Some(Metric::InitiateCheckoutRate), Some("initiate_checkout"), "--pink"),
    (Metric::FunnelLead, Some(Metric::LeadRate), Some("lead"), "--red"),
    (Metric::FunnelPurchase, Some(Metric::PurchaseRate), Some("purchase"), "--green"),
];

/// The funnel of the period.
#[component]
pub fn Funnel() -> impl IntoView {
    let locale = use_locale();
    let answers = use_desk().answers;
    let drawing = Box::new(move || {
        let answers = answers.get()?.ok()?;
        let table = answers.table(&answers.view.query(Report::Funnel)).ok()?;
        (*table.total(Metric::Sessions) != Value::Whole(0)).then(|| drawing(locale, &answers.view, table))
    });
    let draw = move |answers: Answers| {
        answers.table(&answers.view.query(Report::Funnel)).map(|table| tiles(locale, &answers.view, table))
    };
    let chart = view! {
        <Chart
            drawing
            write=Box::new(move |number| format::axis(locale, number))
            label=td_string!(locale, funnel.chart)
            class="low"
        />
    }
    .into_any();
    view! {
        <div class="funnel">
            <Panel title=td_string!(locale, funnel.title) data=answers draw foot=chart>
                {modes(locale)}
            </Panel>
        </div>
    }
}

fn modes(locale: Locale) -> AnyView {
    let options = [
        (Mode::Nested, td_string!(locale, funnel.nested).to_owned()),
        (Mode::Independent, td_string!(locale, funnel.independent).to_owned()),
    ];
    choice(td_string!(locale, funnel.mode), options, |view, mode| view.scope.mode == mode, View::with_mode)
}

fn stage_name(locale: Locale, metric: Metric) -> &'static str {
    match metric {
        Metric::FunnelProductView => td_string!(locale, funnel.product_view),
        Metric::FunnelAddToCart => td_string!(locale, funnel.add_to_cart),
        Metric::FunnelInitiateCheckout => td_string!(locale, funnel.initiate_checkout),
        Metric::FunnelLead => td_string!(locale, funnel.lead),
        Metric::FunnelPurchase => td_string!(locale, funnel.purchase),
        other => labels::metric(locale, other),
    }
}

fn written(locale: Locale, table: &Table, metric: Metric) -> String {
    format::value(locale, table.total(metric), metric.definition().0, "")
}

/// The share of all sessions; all of them are the first stage.
fn share(locale: Locale, table: &Table, rate: Option<Metric>) -> String {
    match rate {
        Some(rate) => written(locale, table, rate),
        None if *table.total(Metric::Sessions) == Value::Whole(0) => NONE.to_owned(),
        None => format::value(locale, &Value::Whole(100), Metric::Cr.definition().0, ""),
    }
}

/// How a stage differs from the one before: `−63,21%`, and whether that is a loss. Each stage alone may have more than the one
/// before; `None` where there was nothing to lose.
fn step(locale: Locale, before: &Value, now: &Value) -> Option<(String, bool)> {
    let (Value::Whole(before), Value::Whole(now)) = (before, now) else { return None };
    let share = Value::Fraction { of: (now - before) * 100, per: *before };
    let is_loss = now <= before;
    let sign = if is_loss { "" } else { "+" };
    (*before > 0).then(|| (format!("{sign}{}", format::value(locale, &share, Metric::Cr.definition().0, "")), is_loss))
}

/// The dashboard with the sessions alone that came as far as a stage.
fn narrowed(view: &View, action: Option<&str>) -> Option<String> {
    let filter = Filter::new(Subject::Action, Operator::Has, action?);
    let mut filters = view.scope.filters.clone();
    filters.retain(|other| other.subject != Subject::Action);
    filters.push(filter);
    Some(view.with_filters(filters).href())
}

fn tiles(locale: Locale, view: &View, table: &Table) -> AnyView {
    let mut before: Option<&Value> = None;
    let tiles = STAGES.map(|(metric, rate, action, _)| {
        let now = table.total(metric);
        let step = before.and_then(|before| step(locale, before, now)).map(|(share, is_loss)| {
            let (class, words) = if is_loss {
                ("stage-loss", td_string!(locale, funnel.loss))
            } else {
                ("stage-gain", td_string!(locale, funnel.gain))
            };
            view! {
                <span class=class>{words} " " {share}</span>
            }
            .into_any()
        });
        before = Some(now);
        let name = stage_name(locale, metric);
        let name = match narrowed(view, action) {
            Some(href) => view! { <a href=href data-noscroll>{name}</a> }.into_any(),
            None => name.into_any(),
        };
        view! {
            <li class="stage" data-stage=metric.key()>
                <span class="stage-name">{name}</span>
                <span class="stage-count">{written(locale, table, metric)}</span>
                <span class="stage-share">{share(locale, table, rate)}</span>
                {step}
            </li>
        }
        .into_any()
    });
    let rate = format!("{} {}", td_string!(locale, funnel.rate), written(locale, table, Metric::PurchaseRate));
    view! {
        <p class="funnel-rate">{rate}</p>
        <ol class="stages">{tiles.into_iter().collect_view()}</ol>
    }
    .into_any()
}

fn drawing(locale: Locale, view: &View, table: &Table) -> Drawing {
    let marks = STAGES.map(|(metric, rate, action, _)| Mark {
        lines: vec![
            stage_name(locale, metric).to_owned(),
            format!("{} ({})", written(locale, table, metric), share(locale, table, rate)),
        ],
        href: narrowed(view, action),
    });
    Drawing::new(&options(locale, table), marks.into())
}

/// Horizontal bars, the first stage on top.
fn options(locale: Locale, table: &Table) -> Options {
    let names: Vec<_> = STAGES.iter().map(|(metric, ..)| stage_name(locale, *metric).to_owned()).collect();
    let bars = STAGES.map(|(metric, _, _, color)| {
        let stops = vec![ColorStop::new(0.0, "--raised"), ColorStop::new(1.0, color)];
        let gradient = Color::LinearGradient { x: 0.0, y: 0.0, x2: 1.0, y2: 0.0, color_stops: stops };
        let style = ItemStyle::new().color(gradient).border_color(color).border_width(2).border_radius(8);
        let value = format::plotted(table.total(metric), metric.definition().0).unwrap_or_default();
        DataPointItem::new(value).item_style(style)
    });
    Options::new()
        .tooltip(Tooltip::new().trigger(Trigger::Item))
        .grid(Grid::new().top(0).right(4).bottom(0).left(0).contain_label(true))
        .x_axis(
            Axis::new()
                .type_(AxisType::Value)
                .axis_label(AxisLabel::new().show(false))
                .split_line(SplitLine::new().show(false)),
        )
        .y_axis(Axis::new().type_(AxisType::Category).inverse(true).data(names))
        .series(Bar::new().name(td_string!(locale, funnel.count)).bar_width("72%").data(bars.to_vec()))
}

#[cfg(test)]
mod tests {
    use utm_dispatcher::report::{Column, Key};

    use super::*;

    fn table() -> Table {
        let counts = [1000, 600, 200, 100, 0, 25].map(Value::Whole);
        let metrics = STAGES.map(|(metric, ..)| metric);
        Table {
            columns: metrics.map(|metric| Column { key: Key::Metric(metric) }).into(),
            totals: counts.into(),
            ..Table::default()
        }
    }

    #[test]
    fn bars_have_a_gradient_and_a_border_each() {
        let json = serde_json::to_value(options(Locale::uk, &table())).unwrap();
        let names = ["Сесії", "Перегляди товарів", "В кошик", "Оформлення", "Ліди", "Покупки"];
        assert_eq!(json["yAxis"]["data"], serde_json::json!(names));
        assert_eq!(json["yAxis"]["inverse"], true);
        let bar = &json["series"][0]["data"][2];
        assert_eq!(bar["value"], 200.0);
        assert_eq!(bar["itemStyle"]["borderWidth"], 2.0);
        assert_eq!(bar["itemStyle"]["borderRadius"], 8.0);
        assert_eq!(bar["itemStyle"]["borderColor"], "--amber");
        assert_eq!(bar["itemStyle"]["color"]["colorStops"][1]["color"], "--amber");
        assert_eq!(json["series"][0]["name"], "Кількість");
    }

    #[test]
    fn a_stage_leads_to_the_sessions_that_reached_it() {
        let marks =
            drawing(Locale::en, &View::read("filter=action:has:lead&filter=source:is:x").unwrap(), &table()).marks;
        assert_eq!(marks[0].href, None);
        let href = marks[2].href.as_deref().unwrap();
        assert_eq!(href, "/admin-panel?period=today&filter=source:is:x&filter=action:has:add_to_cart");
    }

    #[test]
    fn what_is_lost_at_each_step() {
        let step = |before, now| step(Locale::uk, &Value::Whole(before), &Value::Whole(now));
        assert_eq!(step(1000, 368), Some(("−63,20%".to_owned(), true)));
        assert_eq!(step(3, 3), Some(("0,00%".to_owned(), true)));
        assert_eq!(step(0, 0), None);
        assert_eq!(step(100, 125), Some(("+25,00%".to_owned(), false)), "a gain is no loss");
    }
}
