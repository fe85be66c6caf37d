//! What the dashboard is narrowed to: a chip for each filter, and the form that adds or changes one.

use leptos::prelude::*;
use utm_dispatcher::model::Role;
use utm_dispatcher::report::{Dimension, Filter, Operator, Subject};

use super::ScopeForm;
use crate::desk::use_desk;
use crate::frame::use_frame;
use crate::i18n::{Locale, td_string};
use crate::labels;
use crate::language::use_locale;
use crate::query::{FILTER_AT, FILTER_OPERATOR, FILTER_SUBJECT, FILTER_VALUES, View};
use crate::ui::Popover;

/// The chips of all filters and the button that adds one.
#[component]
pub fn Filters() -> impl IntoView {
    let locale = use_locale();
    let view = use_desk().view;
    let filters = Memo::new(move |_| view.get().scope.filters);
    let chips = move || {
        let chips = filters.get().into_iter().enumerate().map(|(at, filter)| chip(locale, view, at, filter));
        chips.collect_view()
    };
    let clear = move || {
        (filters.get().len() > 1).then(|| {
            view! {
                <a class="button quiet" href=move || view.get().with_filters(Vec::new()).href() data-noscroll>
                    {td_string!(locale, filter.clear)}
                </a>
            }
            .into_any()
        })
    };
    view! {
        <div class="filters" role="group" aria-label=td_string!(locale, filter.title)>
            {chips}
            <Popover label=td_string!(locale, filter.add).into_any() key="f">
                <FilterForm />
            </Popover>
            {clear}
        </div>
    }
    .into_any()
}

fn chip(locale: Locale, view: Signal<View>, at: usize, filter: Filter) -> AnyView {
    let name = labels::filter(locale, &filter);
    let without = move || {
        let view = view.get();
        let mut filters = view.scope.filters.clone();
        if at < filters.len() {
            filters.remove(at);
        }
        view.with_filters(filters).href()
    };
    let remove = format!("{}: {name}", td_string!(locale, filter.remove));
    view! {
        <span class="chip">
            <Popover label=name.into_any()>
                <FilterForm at filter />
            </Popover>
            <a class="chip-remove" href=without aria-label=remove data-noscroll>
                "×"
            </a>
        </span>
    }
    .into_any()
}

/// The form of one filter: of a new one, or of the one at place `at`.
#[component]
fn FilterForm(
    /// Its place among the filters.
    #[prop(optional)]
    at: Option<usize>,
    /// What it says now.
    #[prop(optional)]
    filter: Option<Filter>,
) -> impl IntoView {
    let locale = use_locale();
    let chosen = filter.as_ref().map_or(Subject::Dimension(Dimension::Source), |filter| filter.subject);
    let operator = filter.as_ref().map_or(Operator::Is, |filter| filter.operator);
    let values = filter.map(|filter| filter.values.join("\n")).unwrap_or_default();
    // Viewers do not search by what identifies people: the server would refuse it.
    let is_analyst = use_frame().viewer.is_some_and(|viewer| viewer.role >= Role::Analyst);
    let subjects = Dimension::ALL.iter().copied().map(Subject::Dimension).chain([Subject::Action]);
    let subjects = subjects.chain(is_analyst.then_some(Subject::Anything));
    let subjects = subjects.map(move |subject| {
        view! {
            <option value=subject.key() selected=subject == chosen>
                {labels::subject(locale, subject)}
            </option>
        }
        .into_any()
    });
    let operators = [Operator::Is, Operator::Not, Operator::Contains, Operator::Starts, Operator::Empty, Operator::Has];
    let operators = operators.map(move |one| {
        view! {
            <option value=one.key() selected=one == operator>
                {labels::operator(locale, one)}
            </option>
        }
        .into_any()
    });
    view! {
        <ScopeForm replaces=&[]>
            {at.map(|at| view! { <input type="hidden" name=FILTER_AT value=at.to_string() /> }.into_any())}
            <label>
                {td_string!(locale, filter.subject)} <select name=FILTER_SUBJECT>{subjects.collect_view()}</select>
            </label>
            <label>
                {td_string!(locale, filter.operator)} <select name=FILTER_OPERATOR>{operators.collect_view()}</select>
            </label>
            <label>
                {td_string!(locale, filter.values)} <textarea name=FILTER_VALUES rows="3" spellcheck="false">
                    {values}
                </textarea>
            </label>
        </ScopeForm>
    }
    .into_any()
}
