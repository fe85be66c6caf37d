//! The dashboard: arranges the widgets and loads what they ask for, together.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::board::{self, Board};
use crate::desk::provide_desk;
use crate::i18n::td_string;
use crate::language::use_locale;
use crate::query::read_view;
use crate::widgets::{Alert, Footer, Header, ScopeBar};

/// The dashboard of a period.
#[component]
pub fn Dispatcher() -> impl IntoView {
    let locale = use_locale();
    let asked = read_view();
    let refused = Memo::new(move |_| asked.get().err());
    #[cfg(feature = "ssr")]
    if let Some(error) = refused.get_untracked() {
        crate::context::refused(error);
    }
    let tiles = RwSignal::new(board::standard());
    provide_desk(asked, move |view| {
        let shown = tiles.get_untracked().into_iter().filter(|tile| !tile.hidden);
        shown.flat_map(|tile| tile.widget.queries(view)).collect()
    });
    view! {
        <Title text=td_string!(locale, title) />
        <Header />
        <main id="content" class="board">
            <ScopeBar />
            {move || match refused.get() {
                Some(error) => view! { <Alert error /> }.into_any(),
                None => view! { <Board tiles=tiles.into() /> }.into_any(),
            }}
        </main>
        <Footer />
    }
    .into_any()
}
