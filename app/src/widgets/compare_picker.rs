//! Which earlier days stand beside the period.

use chrono::NaiveDate;
use leptos::html::Input;
use leptos::prelude::*;
use utm_dispatcher::report::{Align, Compare, Match, ReportQuery};

use super::ScopeForm;
use crate::desk::use_desk;
use crate::i18n::{Locale, td_string};
use crate::labels;
use crate::language::use_locale;
use crate::query::{COMPARE_FROM, COMPARE_TO, CUSTOM};
use crate::ui::Popover;

/// The parameters that the form replaces.
const REPLACED: [&str; 3] = ["compare", "align", "match"];

/// The button with the comparison, and the form that chooses another.
#[component]
pub fn ComparePicker() -> impl IntoView {
    let locale = use_locale();
    let view = use_desk().view;
    let scope = move || view.get().scope;
    let label =
        view! { <span>{td_string!(locale, compare.title)} ": " {move || now(locale, &scope())}</span> }.into_any();
    let own = NodeRef::<Input>::new();
    let choice = move |one: &'static str, text: &'static str, place: NodeRef<Input>| {
        view! {
            <label class="choice">
                <input type="radio" name="compare" value=one checked=move || key(scope().compare) == one node_ref=place />
                <span>{text}</span>
            </label>
        }
        .into_any()
    };
    let day = move |name: &'static str, label: &'static str, of: fn(NaiveDate, NaiveDate) -> NaiveDate| {
        let day = move || match scope().compare {
            Compare::Range { from, to } => of(from, to).to_string(),
            _ => String::new(),
        };
        // Who names a day wants days of their own.
        let choose = move |_| {
            if let Some(own) = own.get_untracked() {
                own.set_checked(true);
            }
        };
        view! {
            <label>{label} <input type="date" name=name min="1970-01-01" value=day on:input=choose /></label>
        }
        .into_any()
    };
    let option = move |key: &'static str, text: &'static str, fits: fn(&ReportQuery) -> bool| {
        let is_chosen = move || fits(&scope());
        view! {
            <option value=key selected=is_chosen>
                {text}
            </option>
        }
        .into_any()
    };
    view! {
        <Popover label class="compared">
            <ScopeForm replaces=&REPLACED>
                <fieldset>
                    <legend>{td_string!(locale, compare.with)}</legend>
                    {choice("previous", td_string!(locale, compare.previous), NodeRef::new())}
                    {choice("year", td_string!(locale, compare.year), NodeRef::new())}
                    {choice("none", td_string!(locale, compare.none), NodeRef::new())}
                    {choice(CUSTOM, td_string!(locale, compare.custom), own)}
                    <div class="two">
                        {day(COMPARE_FROM, td_string!(locale, period.from), |from, _| from)}
                        {day(COMPARE_TO, td_string!(locale, period.to), |_, to| to)}
                    </div>
                </fieldset>
                <label>
                    {td_string!(locale, compare.align)}
                    <select name="align">
                        {option("elapsed", td_string!(locale, compare.elapsed), |scope| scope.align == Align::Elapsed)}
                        {option("full", td_string!(locale, compare.full), |scope| scope.align == Align::Full)}
                    </select>
                </label>
                <label>
                    {td_string!(locale, compare.matching)}
                    <select name="match">
                        {option("date", td_string!(locale, compare.date), |scope| scope.matching == Match::Date)}
                        {option("weekday", td_string!(locale, compare.weekday), |scope| scope.matching == Match::Weekday)}
                    </select>
                </label>
            </ScopeForm>
        </Popover>
    }
    .into_any()
}

/// What stands beside the period, or why nothing does.
fn now(locale: Locale, scope: &ReportQuery) -> String {
    if scope.compare != Compare::None && scope.whole_compare() == Compare::None {
        return td_string!(locale, compare.whole).to_owned();
    }
    labels::compare(locale, scope.compare)
}

/// The form's word for a comparison.
fn key(compare: Compare) -> &'static str {
    match compare {
        Compare::None => "none",
        Compare::Previous => "previous",
        Compare::Year => "year",
        Compare::Range { .. } => CUSTOM,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::View;

    #[test]
    fn the_bar_says_what_is_compared_and_why_nothing_is() {
        let cases = [
            ("period=week", "попередній період"),
            ("period=all_time", "немає, бо показано весь час"),
            ("period=all_time&compare=none", "немає"),
            ("period=all_time&compare=year", "рік тому"),
        ];
        for (text, words) in cases {
            assert_eq!(now(Locale::uk, &View::read(text).unwrap().scope), words, "{text}");
        }
    }
}
