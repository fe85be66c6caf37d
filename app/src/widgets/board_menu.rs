//! The user's boards: one is chosen by a link, and made, renamed and deleted by forms that work without scripts.

use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::Failure;
use crate::arrange::use_arrangement;
use crate::board::{Tile, standard};
use crate::desk::use_desk;
use crate::i18n::{Locale, td, td_string};
use crate::language::use_locale;
use crate::settings::{Saved, use_saved};
use crate::ui::Popover;

/// The button with the board's name, and the box with the others.
#[component]
pub fn BoardMenu() -> impl IntoView {
    let locale = use_locale();
    let (view, saved, arrangement) = (use_desk().view, use_saved(), use_arrangement());
    let title = move |name: String| if name.is_empty() { td_string!(locale, boards.main).to_owned() } else { name };
    let names = Memo::new(move |_| {
        let names = saved.settings.get().boards.into_iter().map(|board| board.name).filter(|name| !name.is_empty());
        names.collect::<Vec<_>>()
    });
    follow(names);
    let link = move |name: String| {
        let to = (!name.is_empty()).then(|| name.clone());
        let current = name.clone();
        view! {
            <li>
                <a
                    href=move || view.get().with_board(to.clone()).href()
                    aria-current=move || (arrangement.name.get() == current).then_some("page")
                    data-noscroll
                >
                    {title(name)}
                </a>
            </li>
        }
    };
    let links = move || std::iter::once(String::new()).chain(names.get()).map(link).collect_view();
    let label =
        view! { <span>{td!(locale, boards.label)} ": " {move || title(arrangement.name.get())}</span> }.into_any();
    view! {
        <Popover label class="menu-right" key="b">
            <ul class="menu">{links}</ul>
            <Failure />
            {create(locale, saved, arrangement.tiles)}
            {move || {
                let name = arrangement.name.get();
                (!name.is_empty()).then(|| edit(locale, saved, name))
            }}
        </Popover>
    }
    .into_any()
}

/// Goes to a board that has just got its name, and away from one that has just gone.
fn follow(names: Memo<Vec<String>>) {
    let view = use_desk().view;
    let navigate = use_navigate();
    Effect::new(move |known: Option<Vec<String>>| {
        let names = names.get();
        if let Some(known) = known {
            let current = view.get_untracked();
            let new = names.iter().find(|name| !known.contains(name)).cloned();
            let is_gone = current.board.as_ref().is_some_and(|board| known.contains(board) && !names.contains(board));
            if new.is_some() || is_gone {
                let options = NavigateOptions { scroll: false, ..NavigateOptions::default() };
                navigate(&current.with_board(new).href(), options);
            }
        }
        names
    });
}

fn create(locale: Locale, saved: Saved, tiles: Memo<Vec<Tile>>) -> AnyView {
    let text = |tiles: &Vec<Tile>| serde_json::to_string(tiles).unwrap_or_default();
    view! {
        <ActionForm action=saved.save attr:class="menu-form">
            <input type="hidden" name="kind" value="board" />
            <label>
                {td!(locale, boards.new)} <input type="text" name="name" maxlength="60" required autocomplete="off" />
            </label>
            <div class="two">
                <button class="button" name="value" value=move || tiles.with(text)>
                    {td!(locale, boards.copy)}
                </button>
                <button class="button" name="value" value=text(&standard())>
                    {td!(locale, boards.create)}
                </button>
            </div>
        </ActionForm>
    }
    .into_any()
}

fn edit(locale: Locale, saved: Saved, name: String) -> AnyView {
    let deleted = name.clone();
    view! {
        <ActionForm action=saved.rename attr:class="menu-form">
            <input type="hidden" name="kind" value="board" />
            <input type="hidden" name="name" value=name.clone() />
            <label>
                {td!(locale, boards.name)}
                <input type="text" name="to" maxlength="60" required autocomplete="off" value=name.clone() />
            </label>
            <button class="button">{td!(locale, boards.rename)}</button>
        </ActionForm>
        <ActionForm action=saved.delete attr:class="menu-form">
            <input type="hidden" name="kind" value="board" />
            <input type="hidden" name="name" value=deleted />
            <button class="button">{td!(locale, boards.delete)}</button>
        </ActionForm>
    }
    .into_any()
}
