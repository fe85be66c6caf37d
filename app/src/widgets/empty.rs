//! What stands where there is nothing to show: why, and what to do about it.

use leptos::prelude::*;
use utm_dispatcher::model::Period;
use utm_dispatcher::report::Report;

use crate::desk::use_desk;
use crate::i18n::{Locale, td_string};
use crate::query::View;
use crate::routes::HELP;

/// Nothing came for `view`: its filters are taken away by a link, else its period is widened; in a shop that has sent nothing yet
/// there is help.
pub fn empty(locale: Locale, view: &View) -> AnyView {
    if !view.scope.filters.is_empty() {
        let clear = |view: &View| view.with_filters(Vec::new());
        return nothing(td_string!(locale, nothing.filtered), td_string!(locale, nothing.clear), clear);
    }
    if view.scope.period != Period::AllTime {
        let widen = |view: &View| view.for_period(Period::AllTime);
        return nothing(td_string!(locale, empty), td_string!(locale, nothing.all_time), widen);
    }
    view! {
        <p class="empty">
            {td_string!(locale, nothing.ever)} " "
            // A page without scripts: the browser opens it.
            <a href=HELP rel="external">
                {td_string!(locale, nothing.connect)}
            </a>
        </p>
    }
    .into_any()
}

/// The search in the table of `report` found nothing.
pub fn not_found(locale: Locale, report: Report) -> AnyView {
    let view = use_desk().view;
    let all = move || {
        let view = view.get();
        view.with_table(report, view.table(report).finding("")).href()
    };
    line(td_string!(locale, table.not_found), td_string!(locale, table.all), Box::new(all))
}

fn nothing(why: &'static str, does: &'static str, lead: fn(&View) -> View) -> AnyView {
    let view = use_desk().view;
    line(why, does, Box::new(move || lead(&view.get()).href()))
}

fn line(why: &'static str, does: &'static str, href: Box<dyn Fn() -> String + Send + Sync>) -> AnyView {
    view! {
        <p class="empty">
            {why} " " <a href=href data-noscroll>
                {does}
            </a>
        </p>
    }
    .into_any()
}
