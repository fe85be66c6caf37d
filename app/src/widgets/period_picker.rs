//! Days of one's own choice.

use leptos::prelude::*;
use utm_dispatcher::model::Period;

use super::ScopeForm;
use crate::desk::use_desk;
use crate::frame::use_frame;
use crate::i18n::td_string;
use crate::labels;
use crate::language::use_locale;
use crate::ui::Popover;

/// The button with the chosen days, and the form that chooses others.
#[component]
pub fn PeriodPicker() -> impl IntoView {
    let locale = use_locale();
    let view = use_desk().view;
    let today = use_frame().today;
    let range = move || {
        let period = view.get().scope.period;
        if let Period::Range { from, to } = period { Some((period, from, to)) } else { None }
    };
    let name = move || {
        range().map_or_else(
            || td_string!(locale, period.range).into_any(),
            |(period, ..)| labels::period(locale, period).into_any(),
        )
    };
    let label =
        view! { <span class="period-range" aria-current=move || range().map(|_| "page")>{name}</span> }.into_any();
    let (first, last) = (today.clone(), today);
    let from = move || range().map_or_else(|| first.clone(), |(_, from, _)| from.to_string());
    let to = move || range().map_or_else(|| last.clone(), |(.., to)| to.to_string());
    view! {
        <Popover label class="periods-own">
            <ScopeForm replaces=&["period", "from", "to"]>
                <label>
                    {td_string!(locale, period.from)}
                    <input type="date" name="from" required min="1970-01-01" value=from />
                </label>
                <label>
                    {td_string!(locale, period.to)}
                    <input type="date" name="to" required min="1970-01-01" value=to />
                </label>
            </ScopeForm>
        </Popover>
    }
    .into_any()
}
