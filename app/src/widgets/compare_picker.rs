//! Which earlier days stand beside the period.

use leptos::prelude::*;
use utm_dispatcher::report::{Align, Compare, Match};

use super::ScopeForm;
use crate::desk::use_desk;
use crate::frame::use_frame;
use crate::i18n::td_string;
use crate::labels;
use crate::language::use_locale;
use crate::query::{COMPARE_FROM, COMPARE_TO};
use crate::ui::Popover;

/// The parameters that the form replaces.
const REPLACED: [&str; 3] = ["compare", "align", "match"];

/// The button with the comparison, and the form that chooses another.
#[component]
pub fn ComparePicker() -> impl IntoView {
    let locale = use_locale();
    let view = use_desk().view;
    let today = use_frame().today;
    let scope = move || view.get().scope;
    let label = view! {
        <span>{td_string!(locale, compare.title)} ": " {move || labels::compare(locale, scope().compare)}</span>
    }
    .into_any();
    let choice = move |key: &'static str, fits: fn(Compare) -> bool, text: AnyView| {
        view! {
            <label class="choice">
                <input type="radio" name="compare" value=key checked=move || fits(scope().compare) />
                <span>{text}</span>
            </label>
        }
        .into_any()
    };
    let days = move || if let Compare::Range { from, to } = scope().compare { Some((from, to)) } else { None };
    let from = move || days().map_or_else(String::new, |(from, _)| from.to_string());
    let to = move || days().map_or_else(String::new, |(_, to)| to.to_string());
    view! {
        <Popover label class="compared">
            <ScopeForm replaces=&REPLACED>
                <fieldset>
                    <legend>{td_string!(locale, compare.with)}</legend>
                    {choice("previous", |compare| compare == Compare::Previous, td_string!(locale, compare.previous).into_any())}
                    {choice("year", |compare| compare == Compare::Year, td_string!(locale, compare.year).into_any())}
                    {choice("none", |compare| compare == Compare::None, td_string!(locale, compare.none).into_any())}
                    {choice(
                        "custom",
                        |compare| matches!(compare, Compare::Range { .. }),
                        td_string!(locale, compare.custom).into_any(),
                    )}
                    <div class="two">
                        <label>
                            {td_string!(locale, period.from)}
                            <input type="date" name=COMPARE_FROM min="1970-01-01" max=today.clone() value=from />
                        </label>
                        <label>
                            {td_string!(locale, period.to)}
                            <input type="date" name=COMPARE_TO min="1970-01-01" max=today value=to />
                        </label>
                    </div>
                </fieldset>
                <label>
                    {td_string!(locale, compare.align)}
                    <select name="align">
                        <option value="elapsed" selected=move || scope().align == Align::Elapsed>
                            {td_string!(locale, compare.elapsed)}
                        </option>
                        <option value="full" selected=move || scope().align == Align::Full>
                            {td_string!(locale, compare.full)}
                        </option>
                    </select>
                </label>
                <label>
                    {td_string!(locale, compare.matching)}
                    <select name="match">
                        <option value="date" selected=move || scope().matching == Match::Date>
                            {td_string!(locale, compare.date)}
                        </option>
                        <option value="weekday" selected=move || scope().matching == Match::Weekday>
                            {td_string!(locale, compare.weekday)}
                        </option>
                    </select>
                </label>
            </ScopeForm>
        </Popover>
    }
    .into_any()
}
