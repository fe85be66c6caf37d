//! Whose requests are not counted: a form to add, and a list to switch on and off. Plain forms, so that it works
//! without scripts.

use leptos::form::ActionForm;
use leptos::prelude::*;
use utm_dispatcher::model::{Exclusion, ExclusionKind};

use super::Panel;
use crate::error::AppError;
use crate::frame::use_frame;
use crate::functions::tracking::{AddExclusion, DeleteExclusion, Overview, SwitchExclusion};
use crate::i18n::{Locale, td, td_string};
use crate::labels;
use crate::language::use_locale;

/// The exclusions, with the forms that edit them.
#[component]
pub fn Exclusions(
    /// What the page shows.
    overview: Resource<Result<Overview, AppError>>,
    /// Adds one.
    add: ServerAction<AddExclusion>,
    /// Switches one on or off.
    switch: ServerAction<SwitchExclusion>,
    /// Deletes one.
    delete: ServerAction<DeleteExclusion>,
) -> impl IntoView {
    let locale = use_locale();
    let login = StoredValue::new(use_frame().viewer.map(|viewer| viewer.name).unwrap_or_default());
    let failure = move || {
        [add.value().get(), switch.value().get(), delete.value().get()].into_iter().flatten().find_map(Result::err)
    };
    let draw = move |overview: Overview| {
        Ok(view! {
            {shortcuts(locale, add, &overview, login.get_value())}
            {list(locale, switch, delete, overview.exclusions)}
        })
    };
    view! {
        <Panel title=td_string!(locale, exclusions.title) data=overview draw>
            <p class="muted">{td_string!(locale, exclusions.lead)}</p>
            {move || {
                failure()
                    .map(|error| {
                        view! {
                            <p class="alert" role="alert">
                                {error.words(locale)}
                            </p>
                        }
                    })
            }}
            {form(locale, add)}
        </Panel>
    }
}

fn form(locale: Locale, add: ServerAction<AddExclusion>) -> AnyView {
    let kinds = ExclusionKind::ALL.map(|kind| {
        view! { <option value=kind.name()>{labels::exclusion_kind(locale, kind)}</option> }
    });
    view! {
        <ActionForm action=add attr:class="exclusion-form">
            <label>
                {td_string!(locale, exclusions.kind)} <select name="kind">{kinds}</select>
            </label>
            <label class="wide">
                {td_string!(locale, exclusions.value)} <input type="text" name="value" maxlength="512" required />
            </label>
            <label>
                {td_string!(locale, exclusions.note)} <input type="text" name="note" maxlength="255" />
            </label>
            <button class="button" type="submit">
                {td_string!(locale, exclusions.add)}
            </button>
        </ActionForm>
    }
    .into_any()
}

/// Forms of one button for what an administrator mostly wants: not to be counted.
fn shortcuts(locale: Locale, add: ServerAction<AddExclusion>, overview: &Overview, login: String) -> AnyView {
    let shortcut = |kind: ExclusionKind, value: String, words: AnyView| {
        let is_there = overview.exclusions.iter().any(|(one, _)| one.kind == kind && one.value == value);
        (!is_there && !value.is_empty()).then(|| {
            view! {
                <ActionForm action=add>
                    <input type="hidden" name="kind" value=kind.name() />
                    <input type="hidden" name="value" value=value />
                    <button class="button" type="submit">
                        {words}
                    </button>
                </ActionForm>
            }
        })
    };
    let address = overview.address.clone();
    let words = td!(locale, exclusions.my_address, address = address.clone()).into_any();
    view! {
        <div class="exclusion-shortcuts">
            {shortcut(ExclusionKind::Address, overview.address.clone(), words)}
            {shortcut(
                ExclusionKind::Visitor,
                overview.visitor.clone().unwrap_or_default(),
                td_string!(locale, exclusions.my_browser).into_any(),
            )} {shortcut(ExclusionKind::Login, login, td_string!(locale, exclusions.my_login).into_any())}
        </div>
    }
    .into_any()
}

fn list(
    locale: Locale,
    switch: ServerAction<SwitchExclusion>,
    delete: ServerAction<DeleteExclusion>,
    exclusions: Vec<(Exclusion, String)>,
) -> AnyView {
    if exclusions.is_empty() {
        return view! { <p class="empty">{td_string!(locale, exclusions.none)}</p> }.into_any();
    }
    let title = td_string!(locale, exclusions.title);
    let lines = exclusions.into_iter().map(|(exclusion, added)| line(locale, switch, delete, exclusion, added));
    view! {
        <div class="table-scroll" role="region" tabindex="0" aria-label=title>
            <table class="data-table exclusions">
                <caption class="sr-only">{title}</caption>
                <thead>
                    <tr>
                        <th scope="col">{td_string!(locale, exclusions.value)}</th>
                        <th scope="col">{td_string!(locale, exclusions.kind)}</th>
                        <th scope="col">{td_string!(locale, exclusions.note)}</th>
                        <th scope="col">{td_string!(locale, exclusions.added)}</th>
                        <th scope="col">{td_string!(locale, exclusions.state)}</th>
                        <th scope="col">{td_string!(locale, exclusions.edit)}</th>
                    </tr>
                </thead>
                <tbody>{lines.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn line(
    locale: Locale,
    switch: ServerAction<SwitchExclusion>,
    delete: ServerAction<DeleteExclusion>,
    exclusion: Exclusion,
    added: String,
) -> AnyView {
    let Exclusion { id, kind, value, note, is_active, created_by, .. } = exclusion;
    let (state, other) = if is_active {
        (td_string!(locale, exclusions.on), td_string!(locale, exclusions.switch_off))
    } else {
        (td_string!(locale, exclusions.off), td_string!(locale, exclusions.switch_on))
    };
    view! {
        <tr>
            <th scope="row">{value}</th>
            <td>{labels::exclusion_kind(locale, kind)}</td>
            <td>{note}</td>
            <td>{added} " " {created_by}</td>
            <td class:tone-good=is_active>{state}</td>
            <td class="edits">
                <ActionForm action=switch>
                    <input type="hidden" name="id" value=id.to_string() />
                    <input type="hidden" name="is_active" value=(!is_active).to_string() />
                    <button class="button" type="submit">
                        {other}
                    </button>
                </ActionForm>
                <ActionForm action=delete>
                    <input type="hidden" name="id" value=id.to_string() />
                    <button class="button" type="submit">
                        {td_string!(locale, exclusions.delete)}
                    </button>
                </ActionForm>
            </td>
        </tr>
    }
    .into_any()
}
