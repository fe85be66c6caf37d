//! What the dashboard is narrowed to: a chip for each filter, and the form that adds or changes one.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
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
            <Popover label=view! { <bdi>{name}</bdi> }.into_any()>
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
    let frame = use_frame();
    let said = filter.unwrap_or_else(|| Filter {
        subject: Subject::Dimension(Dimension::Source),
        operator: Operator::Is,
        values: Vec::new(),
    });
    let (subject, operator) = (RwSignal::new(said.subject), RwSignal::new(said.operator));
    // Other subjects have other values: what was chosen of one is none of the next one's, and its elements are made anew.
    let turn = RwSignal::new(false);
    // The form begins anew when the address changes.
    let search = use_location().search;
    let (first, how) = (said.subject, said.operator);
    Effect::new(move || {
        search.track();
        subject.set(first);
        operator.set(how);
    });
    // Viewers do not search by what identifies people: the server would refuse it.
    let is_analyst = frame.viewer.as_ref().is_some_and(|viewer| viewer.role >= Role::Analyst);
    let subjects = Dimension::ALL.iter().copied().map(Subject::Dimension).chain([Subject::Action]);
    let subjects = subjects.chain(is_analyst.then_some(Subject::Anything));
    // One that links have and the form does not offer.
    let rare = matches!(said.subject, Subject::Order | Subject::Visitor).then_some(said.subject);
    let subjects = subjects
        .chain(rare)
        .map(|one| option(one.key().to_owned(), labels::subject(locale, one).to_owned(), one == said.subject));
    let subjects = subjects.collect_view();
    let on_subject = move |event| {
        let Ok(chosen) = Subject::try_from(event_target_value(&event)) else { return };
        let fits = offered(chosen, Operator::Is);
        if !fits.contains(&operator.get_untracked()) {
            operator.set(fits.first().copied().unwrap_or(Operator::Is));
        }
        subject.set(chosen);
        turn.update(|turn| *turn = !*turn);
    };
    let on_operator = move |event| {
        let word = event_target_value(&event);
        if let Some(chosen) = subject.get_untracked().operators().iter().find(|one| one.key() == word) {
            operator.set(*chosen);
        }
    };
    let operators = move || {
        let chosen = operator.get();
        let all = offered(subject.get(), chosen).into_iter();
        all.map(|one| option(one.key().to_owned(), labels::operator(locale, one).to_owned(), one == chosen))
            .collect_view()
    };
    let given = StoredValue::new((said, frame.actions));
    let values = move |of: bool| {
        move || {
            let (said, own) = given.get_value();
            (turn.get() == of).then(|| values(locale, subject.get(), operator.get(), &said, &own))
        }
    };
    view! {
        <ScopeForm replaces=&[]>
            {at.map(|at| view! { <input type="hidden" name=FILTER_AT value=at.to_string() /> }.into_any())}
            <label>
                {td_string!(locale, filter.subject)}
                <select name=FILTER_SUBJECT autocomplete="off" on:change=on_subject>
                    {subjects}
                </select>
            </label>
            <label>
                {td_string!(locale, filter.operator)}
                <select name=FILTER_OPERATOR autocomplete="off" on:change=on_operator>
                    {operators}
                </select>
            </label>
            {values(false)}
            {values(true)}
        </ScopeForm>
    }
    .into_any()
}

fn option(key: String, name: String, is_chosen: bool) -> AnyView {
    view! {
        <option value=key selected=is_chosen prop:selected=is_chosen>
            {name}
        </option>
    }
    .into_any()
}

/// The comparisons that the form offers. Where values are chosen from a few, parts of them are of no use, unless they were asked
/// for already.
fn offered(subject: Subject, chosen: Operator) -> Vec<Operator> {
    let is_of_few = labels::is_of_few(subject);
    let is_part = |operator: Operator| matches!(operator, Operator::Contains | Operator::Starts);
    let all = subject.operators().iter().copied();
    all.filter(|operator| !is_of_few || !is_part(*operator) || *operator == chosen).collect()
}

/// Where the values are typed or, of a few, chosen. `said` is what the filter says now.
fn values(locale: Locale, subject: Subject, operator: Operator, said: &Filter, own: &[String]) -> AnyView {
    let known: &[String] = if subject == said.subject { &said.values } else { &[] };
    let is_part = matches!(operator, Operator::Contains | Operator::Starts);
    if operator == Operator::Empty {
        return ().into_any();
    }
    let name = |key: &String| labels::given(locale, subject, key);
    if is_part || !labels::is_of_few(subject) {
        let shown = |key: &String| if is_part { key.clone() } else { name(key) };
        let typed = known.iter().map(shown).collect::<Vec<_>>().join("\n");
        let value = typed.clone();
        return view! {
            <label>
                {td_string!(locale, filter.values)}
                <textarea name=FILTER_VALUES rows="3" spellcheck="false" prop:required=true prop:value=value>
                    {typed}
                </textarea>
            </label>
        }
        .into_any();
    }
    let mut choices = labels::choices(locale, subject, own);
    // Such as the shop had once.
    let others: Vec<_> = known.iter().filter(|key| choices.iter().all(|(other, _)| other != *key)).cloned().collect();
    choices.extend(others.into_iter().map(|key| (key.clone(), name(&key))));
    let size = choices.len().min(8).to_string();
    let options = choices.into_iter().map(|(key, name)| {
        let is_chosen = known.contains(&key);
        option(key, name, is_chosen)
    });
    view! {
        <label>
            {td_string!(locale, filter.choose)}
            <select name=FILTER_VALUES multiple size=size autocomplete="off" prop:required=true>
                {options.collect_view()}
            </select>
        </label>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_offers_what_its_subject_can_do() {
        let keys = |subject: Subject, chosen| {
            offered(subject, chosen).into_iter().map(Operator::key).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(keys(Subject::Dimension(Dimension::Source), Operator::Is), "is not contains starts empty");
        assert_eq!(keys(Subject::Dimension(Dimension::Country), Operator::Is), "is not empty");
        assert_eq!(keys(Subject::Dimension(Dimension::Country), Operator::Starts), "is not starts empty");
        assert_eq!(keys(Subject::Action, Operator::Is), "has");
        assert_eq!(keys(Subject::Anything, Operator::Is), "contains");
        for subject in Subject::all() {
            let is_of_few = !labels::choices(Locale::uk, subject, &[]).is_empty();
            assert_eq!(labels::is_of_few(subject), is_of_few, "{subject:?}");
        }
    }
}
