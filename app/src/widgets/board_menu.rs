//! The user's boards: one is chosen by a link, and made, renamed and deleted by plain forms.

use leptos::prelude::*;

use super::Failure;
use super::deletion::deletion;
use crate::arrange::use_arrangement;
use crate::board::{Tile, standard};
use crate::desk::use_desk;
use crate::functions::settings::{RENAME, SAVE};
use crate::i18n::{Locale, td_string};
use crate::language::use_locale;
use crate::settings::use_saved;
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
        .into_any()
    };
    let links = move || std::iter::once(String::new()).chain(names.get()).map(link).collect_view();
    let label = view! { <span>{td_string!(locale, boards.label)} ": " {move || title(arrangement.name.get())}</span> }
        .into_any();
    view! {
        <Popover label class="menu-right" key="b">
            <ul class="menu">{links}</ul>
            <Failure />
            {create(locale, arrangement.tiles)}
            {move || {
                let name = arrangement.name.get();
                (!name.is_empty()).then(|| edit(locale, &name))
            }}
        </Popover>
    }
    .into_any()
}

fn create(locale: Locale, tiles: Memo<Vec<Tile>>) -> AnyView {
    let text = |tiles: &Vec<Tile>| serde_json::to_string(tiles).unwrap_or_default();
    view! {
        <form method="post" action=SAVE class="menu-form">
            <input type="hidden" name="kind" value="board" />
            <label>
                {td_string!(locale, boards.new)} <input type="text" name="name" maxlength="60" required autocomplete="off" />
            </label>
            <div class="two">
                <button class="button" name="value" value=move || tiles.with(text)>
                    {td_string!(locale, boards.copy)}
                </button>
                <button class="button" name="value" value=text(&standard())>
                    {td_string!(locale, boards.create)}
                </button>
            </div>
        </form>
    }
    .into_any()
}

fn edit(locale: Locale, name: &str) -> AnyView {
    let (renamed, shown) = (name.to_owned(), name.to_owned());
    let delete = view! { <summary class="button">{td_string!(locale, boards.delete)}</summary> }.into_any();
    view! {
        <form method="post" action=RENAME class="menu-form">
            <input type="hidden" name="kind" value="board" />
            <input type="hidden" name="name" value=renamed />
            <label>
                {td_string!(locale, boards.name)}
                <input type="text" name="to" maxlength="60" required autocomplete="off" value=shown />
            </label>
            <button class="button">{td_string!(locale, boards.rename)}</button>
        </form>
        {deletion(locale, "board", name.to_owned(), delete)}
    }
    .into_any()
}
