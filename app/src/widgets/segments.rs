//! Segments: filters under a name. One is chosen by a link; made and deleted by plain forms.

use leptos::prelude::*;

use super::Failure;
use super::deletion::deletion;
use crate::desk::use_desk;
use crate::functions::settings::SAVE;
use crate::i18n::{Locale, td_string};
use crate::language::use_locale;
use crate::query::View;
use crate::settings::{Segment, use_saved};
use crate::ui::Popover;

/// The button with the active segment's name, and the box with all of them.
#[component]
pub fn Segments() -> impl IntoView {
    let locale = use_locale();
    let (view, saved) = (use_desk().view, use_saved());
    let filters = Memo::new(move |_| view.get().scope.filters);
    let segments = Memo::new(move |_| saved.settings.get().segments);
    let active = Memo::new(move |_| {
        let mut segments = segments.get().into_iter();
        segments.find(|segment| segment.query.filters == filters.get()).map(|segment| segment.name)
    });
    let name = move || active.get().unwrap_or_else(|| td_string!(locale, segments.label).to_owned());
    let label = view! { <span class:active=move || active.get().is_some()>{name}</span> }.into_any();
    let lines = move || {
        let lines = segments.get().into_iter().map(|segment| line(locale, view, active, segment));
        let lines = lines.collect_view();
        if lines.is_empty() {
            view! { <li class="muted">{td_string!(locale, segments.none)}</li> }.into_any()
        } else {
            lines.into_any()
        }
    };
    view! {
        <Popover label>
            <ul class="menu">{lines}</ul>
            <Failure />
            {move || {
                let is_new = !filters.get().is_empty() && active.get().is_none();
                is_new.then(|| form(locale, view.get_untracked().scope.to_string()))
            }}
        </Popover>
    }
    .into_any()
}

/// A segment's link, which takes its filters away when it is active, and what deletes it once that is confirmed.
fn line(locale: Locale, view: Signal<View>, active: Memo<Option<String>>, Segment { name, query }: Segment) -> AnyView {
    let label = format!("{}: {name}", td_string!(locale, segments.delete));
    let delete = view! {
        <summary class="button quiet" aria-label=label>
            "×"
        </summary>
    };
    let delete = deletion(locale, "segment", name.clone(), delete.into_any());
    let shown = name.clone();
    let is_active = Memo::new(move |_| active.get().as_ref() == Some(&name));
    let href = move || {
        let filters = if is_active.get() { Vec::new() } else { query.filters.clone() };
        view.get().with_filters(filters).href()
    };
    view! {
        <li>
            <a href=href aria-current=move || is_active.get().then_some("true") data-noscroll>
                {shown}
            </a>
            {delete}
        </li>
    }
    .into_any()
}

fn form(locale: Locale, value: String) -> AnyView {
    view! {
        <form method="post" action=SAVE class="menu-form">
            <input type="hidden" name="kind" value="segment" />
            <input type="hidden" name="value" value=value />
            <label>
                {td_string!(locale, segments.save)} <input type="text" name="name" maxlength="60" required autocomplete="off" />
            </label>
            <button class="button primary">{td_string!(locale, segments.keep)}</button>
        </form>
    }
    .into_any()
}
