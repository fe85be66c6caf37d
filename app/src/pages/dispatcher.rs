//! The dashboard: arranges the widgets and loads what they ask for, together.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::arrange::{provide_arrangement, resume};
use crate::board::{Board, Widget};
use crate::desk::provide_desk;
use crate::i18n::td_string;
use crate::language::use_locale;
use crate::live::Live;
use crate::query::read_view;
use crate::settings::provide_saved;
use crate::ui::shortcuts;
use crate::widgets::{Alert, ArrangeBar, Footer, Header, Kept, LiveToasts, ScopeBar, SessionDialog, cards};

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
    provide_saved();
    let arrangement = provide_arrangement(move || asked.get().ok()?.board);
    // Sorted, as nothing is asked anew when tiles change places.
    let shown = Memo::new(move |_| {
        let tiles = arrangement.tiles.get().into_iter().filter(|tile| !tile.hidden);
        let mut widgets: Vec<_> = tiles.map(|tile| tile.widget).collect();
        widgets.sort_unstable();
        widgets
    });
    let desk =
        provide_desk(asked, move |view| shown.get().into_iter().flat_map(|widget| widget.queries(view)).collect());
    Live::provide().keep_fresh(desk, move || {
        if shown.get().contains(&Widget::Cards) { cards::queries(&desk.view.get()) } else { Vec::new() }
    });
    resume(arrangement);
    shortcuts::listen();
    view! {
        <Title text=td_string!(locale, title) />
        <Header />
        <main id="main" class="board" class:turning=move || desk.is_turning.get()>
            <ScopeBar />
            <Kept />
            <ArrangeBar />
            {move || match refused.get() {
                Some(error) => view! { <Alert error /> }.into_any(),
                None => view! { <Board arrangement /> }.into_any(),
            }}
        </main>
        <SessionDialog />
        <LiveToasts />
        <Footer />
    }
    .into_any()
}
