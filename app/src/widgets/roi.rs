//! The calculator of what advertising earns: counted in the browser as one types, by the core's own formulas.

use std::collections::BTreeMap;

use leptos::prelude::*;
use utm_dispatcher::model::Money;
use utm_dispatcher::report::{Compare, Dimension, Metric, Report, ReportQuery, Roi, Table, Unit, Value};

use super::Panel;
use crate::desk::{Answers, use_desk};
use crate::error::AppError;
use crate::format::{self, Tone};
use crate::frame::use_frame;
use crate::i18n::{Locale, td_string};
use crate::labels;
use crate::language::use_locale;
use crate::query::View;

/// So many campaigns have an input of their own.
const CAMPAIGNS: usize = 20;

/// What the calculator asks: the period's sums, what was imported of spend, and both by campaign. Filters that spend cannot
/// be told apart by leave the spend out.
pub fn queries(view: &View) -> Vec<ReportQuery> {
    vec![view.query(Report::General), spend(view), campaigns(view)]
}

fn spend(view: &View) -> ReportQuery {
    ReportQuery { metrics: Some(vec![Metric::Spend]), compare: Compare::None, ..view.query(Report::General) }
}

fn campaigns(view: &View) -> ReportQuery {
    let query = ReportQuery {
        // Two sources may have campaigns of one name.
        dimensions: Some(vec![Dimension::Source, Dimension::Campaign]),
        metrics: Some(vec![Metric::Revenue, Metric::Conversions, Metric::Spend]),
        compare: Compare::None,
        limit: Some(CAMPAIGNS),
        ..view.query(Report::Explore)
    };
    if query.check().is_ok() {
        return query;
    }
    ReportQuery { metrics: Some(vec![Metric::Revenue, Metric::Conversions]), ..query }
}

/// What one input counts with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Sums {
    revenue: Money,
    conversions: i64,
    /// What was imported.
    spend: Option<Money>,
}

/// What was typed, by source and campaign; the whole period's under an empty name.
type Typed = RwSignal<BTreeMap<String, String>>;

/// How amounts are written on this page.
#[derive(Clone)]
struct Words {
    locale: Locale,
    currency: String,
}

/// The calculator.
#[component]
pub fn RoiCalculator() -> impl IntoView {
    let locale = use_locale();
    let desk = use_desk();
    let words = Words { locale, currency: use_frame().currency };
    let typed: Typed = RwSignal::new(BTreeMap::new());
    #[cfg(feature = "hydrate")]
    remember(desk.view, typed);
    let draw = move |answers: Answers| calculator(&words, typed, &answers);
    view! { <Panel title=td_string!(locale, roi.title) data=desk.answers draw /> }
}

/// Keeps what is typed in the browser's storage, for each period with its filters.
#[cfg(feature = "hydrate")]
fn remember(view: Signal<View>, typed: Typed) {
    use crate::ui::storage;

    let key = Memo::new(move |_| {
        let scope = view.get().scope;
        format!("roi {}", ReportQuery { compare: Compare::None, align: <_>::default(), ..scope })
    });
    Effect::new(move || {
        let kept = storage::get(&key.get()).and_then(|text| serde_json::from_str(&text).ok());
        typed.set(kept.unwrap_or_default());
    });
    Effect::new(move |was: Option<String>| {
        let all = typed.get();
        let key = key.get_untracked();
        // What has just been read is not written.
        if was.as_ref() == Some(&key) {
            let text = if all.is_empty() { None } else { serde_json::to_string(&all).ok() };
            storage::put(&key, &text.unwrap_or_default());
        }
        key
    });
}

fn calculator(words: &Words, typed: Typed, answers: &Answers) -> Result<AnyView, AppError> {
    let locale = words.locale;
    let general = answers.table(&answers.view.query(Report::General))?;
    let spend = answers.possible(&spend(&answers.view))?;
    let campaigns = answers.table(&campaigns(&answers.view))?;
    let all = Sums {
        revenue: Money(whole(general.total(Metric::Revenue))),
        conversions: whole(general.total(Metric::Conversions)),
        spend: spend.map(|table| Money(whole(table.total(Metric::Spend)))).filter(|spend| *spend != Money::ZERO),
    };
    let note = match (spend.is_some(), all.spend.is_some()) {
        (false, _) => td_string!(locale, roi.impossible).into_any(),
        (true, true) => td_string!(locale, roi.imported).into_any(),
        (true, false) => td_string!(locale, roi.none_imported).into_any(),
    };
    Ok(view! {
        {grid(words, typed, &all)}
        <p class="muted">{note}</p>
        {by_campaign(words, typed, campaigns)}
    }
    .into_any())
}

/// The six cards of the whole period.
fn grid(words: &Words, typed: Typed, sums: &Sums) -> AnyView {
    let locale = words.locale;
    let currency =
        if words.currency == "UAH" { td_string!(locale, roi.uah).to_owned() } else { words.currency.clone() };
    let revenue = words.money(&Value::Whole(sums.revenue.0));
    let sum = counted(typed, String::new(), sums);
    let tone = move || sum.get().map_or("", |sum| Tone::of_roi(&sum.roi()).class());
    let cell = |label: AnyView, text: Signal<String>| {
        view! {
            <div class="roi-card plain">
                <dt>{label}</dt>
                <dd>{text}</dd>
            </div>
        }
        .into_any()
    };
    let (of, in_currency, with_x) = (words.clone(), words.clone(), words.clone());
    let with_profit = words.clone();
    view! {
        <dl class="roi">
            <div class="roi-card spend">
                <dt>
                    <label for="roi-spend">{td_string!(locale, roi.spend)} " (" {currency.clone()} ")"</label>
                </dt>
                <dd>{input(words, typed, String::new(), sums, Some("roi-spend"))}</dd>
            </div>
            <div class="roi-card revenue">
                <dt>{td_string!(locale, roi.revenue)} " (" {currency} ")"</dt>
                <dd>{revenue}</dd>
            </div>
            <div class="roi-card">
                <dt>"ROI (%)"</dt>
                <dd class=tone>{Signal::derive(move || of.show(sum.get(), Roi::roi, Unit::Percent))}</dd>
            </div>
            {cell(
                td_string!(locale, roi.profit).into_any(), Signal::derive(move || with_profit.show(sum.get(), profit, Unit::Money)),
            )}
            {cell(
                "ROAS".into_any(), Signal::derive(move || with_x.show(sum.get(), Roi::roas, Unit::Number)),
            )}
            {cell(
                td_string!(locale, roi.cost).into_any(), Signal::derive(move || in_currency.show(sum.get(), Roi::cost_per_conversion, Unit::Money)),
            )}
        </dl>
    }
    .into_any()
}

fn by_campaign(words: &Words, typed: Typed, table: &Table) -> AnyView {
    let locale = words.locale;
    let cell = |row: &[Value], metric| table.column_of(metric).and_then(|place| row.get(place)).map_or(0, whole);
    let lines = table.rows.iter().filter_map(|row| {
        let (Value::Text(source), Value::Text(campaign)) = (row.first()?, row.get(1)?) else { return None };
        let sums = Sums {
            revenue: Money(cell(row, Metric::Revenue)),
            conversions: cell(row, Metric::Conversions),
            spend: Some(Money(cell(row, Metric::Spend))).filter(|spend| *spend != Money::ZERO),
        };
        (!campaign.is_empty()).then(|| line(words, typed, [source, campaign], &sums))
    });
    let lines = lines.collect_view();
    if lines.is_empty() {
        return ().into_any();
    }
    view! {
        <details class="roi-campaigns">
            <summary class="button">{td_string!(locale, roi.by_campaign)}</summary>
            <div class="table-scroll" role="region" tabindex="0" aria-label=td_string!(locale, roi.by_campaign)>
                <table class="data-table">
                    <thead>
                        <tr>
                            <th scope="col">{labels::dimension(locale, Dimension::Source)}</th>
                            <th scope="col">{labels::dimension(locale, Dimension::Campaign)}</th>
                            <th scope="col">{td_string!(locale, roi.spend)}</th>
                            <th scope="col" class="number">{td_string!(locale, roi.revenue)}</th>
                            <th scope="col" class="number">"ROI (%)"</th>
                            <th scope="col" class="number">{td_string!(locale, roi.profit)}</th>
                            <th scope="col" class="number">"ROAS"</th>
                            <th scope="col" class="number">{td_string!(locale, roi.cost)}</th>
                        </tr>
                    </thead>
                    <tbody>{lines}</tbody>
                </table>
            </div>
        </details>
    }
    .into_any()
}

fn line(words: &Words, typed: Typed, names: [&String; 2], sums: &Sums) -> AnyView {
    let name = names.map(String::as_str).join(" / ");
    let sum = counted(typed, name.clone(), sums);
    let revenue = words.money(&Value::Whole(sums.revenue.0));
    let figure = |figure: fn(Roi) -> Value, unit: Unit| {
        let words = words.clone();
        Signal::derive(move || words.show(sum.get(), figure, unit))
    };
    let tone = move || sum.get().map_or("", |sum| Tone::of_roi(&sum.roi()).class());
    let heads = names.map(|name| view! { <th scope="row"><bdi>{name.clone()}</bdi></th> }.into_any());
    view! {
        <tr>
            {heads.into_iter().collect_view()}
            <td>{input(words, typed, name, sums, None)}</td>
            <td class="number">{revenue}</td>
            <td class="number">
                <span class=tone>{figure(Roi::roi, Unit::Percent)}</span>
            </td>
            <td class="number">{figure(profit, Unit::Money)}</td>
            <td class="number">{figure(Roi::roas, Unit::Number)}</td>
            <td class="number">{figure(Roi::cost_per_conversion, Unit::Money)}</td>
        </tr>
    }
    .into_any()
}

fn profit(sum: Roi) -> Value {
    Value::Whole(sum.profit().0)
}

/// What is counted from what stands in the input; nothing while that is no amount.
fn counted(typed: Typed, name: String, sums: &Sums) -> Signal<Option<Roi>> {
    let Sums { revenue, conversions, spend: imported } = *sums;
    Signal::derive(move || {
        let spend = match typed.with(|typed| typed.get(&name).map(|text| read(text))) {
            Some(spend) => spend?,
            None => imported.unwrap_or_default(),
        };
        Some(Roi { spend, revenue, conversions })
    })
}

/// The amount that was typed: none is 0.
fn read(text: &str) -> Option<Money> {
    if text.trim().is_empty() { Some(Money::ZERO) } else { Money::typed(text).ok() }
}

/// The input of a spend: what was typed, else what was imported.
fn input(words: &Words, typed: Typed, name: String, sums: &Sums, id: Option<&'static str>) -> AnyView {
    let locale = words.locale;
    let imported = sums.spend.map_or_else(String::new, |spend| format::amount(locale, spend));
    let (shown, judged) = (name.clone(), name.clone());
    let label = id.is_none().then(|| format!("{}: {name}", td_string!(locale, roi.spend)));
    let own = imported.clone();
    let text = move || typed.with(|typed| typed.get(&shown).cloned()).unwrap_or_else(|| own.clone());
    let is_wrong =
        Signal::derive(move || typed.with(|typed| typed.get(&judged).is_some_and(|text| read(text).is_none())));
    let put = move |event| {
        let text = event_target_value(&event);
        typed.update(|typed| {
            if text == imported {
                typed.remove(&name)
            } else {
                typed.insert(name.clone(), text)
            };
        });
    };
    view! {
        <input
            type="text"
            inputmode="decimal"
            autocomplete="off"
            maxlength="40"
            id=id
            aria-label=label
            aria-invalid=move || is_wrong.get().to_string()
            value=text.clone()
            prop:value=text
            on:input=put
        />
        {move || {
            is_wrong
                .get()
                .then(|| view! { <span class="field-error" role="alert">{td_string!(locale, roi.wrong)}</span> }.into_any())
        }}
    }
    .into_any()
}

impl Words {
    fn money(&self, value: &Value) -> String {
        format::value(self.locale, value, Unit::Money, &self.currency)
    }

    /// A figure with two decimals, 0 where it has no value; a dash while there is no sum to count from.
    fn show(&self, sum: Option<Roi>, figure: fn(Roi) -> Value, unit: Unit) -> String {
        let Some(sum) = sum else { return format::NONE.to_owned() };
        let value = match figure(sum) {
            Value::Null => Value::Whole(0),
            value => value,
        };
        format::value(self.locale, &value, unit, &self.currency)
    }
}

fn whole(value: &Value) -> i64 {
    if let Value::Whole(whole) = value { *whole } else { 0 }
}

#[cfg(test)]
mod tests {
    use utm_dispatcher::model::Period;
    use utm_dispatcher::report::{Filter, Operator, Subject};

    use super::*;

    #[test]
    fn filters_on_places_leave_the_spend_out_of_campaigns() {
        let view = View::of(Period::Month);
        assert!(queries(&view).iter().all(|query| query.check().is_ok()));
        let city = Filter::new(Subject::Dimension(Dimension::City), Operator::Is, "Київ");
        let narrowed = view.with_filters(vec![city]);
        let asked: Vec<_> = queries(&narrowed).into_iter().map(|query| query.check().is_ok()).collect();
        assert_eq!(asked, [true, false, true]);
        let source = Filter::new(Subject::Dimension(Dimension::Source), Operator::Is, "google");
        assert!(queries(&view.with_filters(vec![source])).iter().all(|query| query.check().is_ok()));
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn campaigns_of_one_name_are_told_apart_by_their_source() {
        use utm_dispatcher::report::{Column, Key};

        let query = campaigns(&View::of(Period::Month));
        assert_eq!(query.dimensions(), [Dimension::Source, Dimension::Campaign]);
        let text = |text: &str| Value::Text(text.to_owned());
        let keys =
            [Key::Dimension(Dimension::Source), Key::Dimension(Dimension::Campaign), Key::Metric(Metric::Revenue)];
        let table = Table {
            columns: keys.map(|key| Column { key }).into(),
            rows: vec![
                vec![text("google"), text("winter"), Value::Whole(100_000)],
                vec![text("facebook"), text("winter"), Value::Whole(50_000)],
            ],
            ..Table::default()
        };
        let page = Owner::new().with(|| {
            let typed = RwSignal::new([("google / winter".to_owned(), "250".to_owned())].into());
            let words = Words { locale: Locale::uk, currency: "UAH".into() };
            by_campaign(&words, typed, &table).to_html().replace("<!>", "")
        });
        let lines: Vec<_> = page.split("<tr>").skip(2).collect();
        let [google, facebook] = lines[..] else { panic!("{page}") };
        // Revenue, return and profit.
        for figure in ["<bdi>google</bdi>", "<bdi>winter</bdi>", "300,00%", "750,00\u{a0}₴"] {
            assert!(google.contains(figure), "{figure} in {google}");
        }
        assert!(facebook.contains("<bdi>facebook</bdi>") && facebook.contains("500,00\u{a0}₴"), "{facebook}");
    }

    #[test]
    fn figures_have_two_decimals_and_zeros_without_data() {
        let words = Words { locale: Locale::uk, currency: "UAH".into() };
        let sum = |spend, revenue, conversions| Some(Roi { spend: Money(spend), revenue: Money(revenue), conversions });
        let cases = [
            (sum(100_000, 350_000, 7), ["250,00%", "3,50", "142,86\u{a0}₴"]),
            (sum(0, 350_000, 0), ["0,00%", "0,00", "0,00\u{a0}₴"]),
            (sum(200_000, 100_000, 3), ["−50,00%", "0,50", "666,67\u{a0}₴"]),
            (None, ["—", "—", "—"]),
        ];
        for (sum, [roi, roas, cost]) in cases {
            assert_eq!(words.show(sum, Roi::roi, Unit::Percent), roi);
            assert_eq!(words.show(sum, Roi::roas, Unit::Number), roas);
            assert_eq!(words.show(sum, Roi::cost_per_conversion, Unit::Money), cost);
        }
    }
}
