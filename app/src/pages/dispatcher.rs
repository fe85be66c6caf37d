//! The dashboard: arranges the widgets and loads what they ask for, together.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::frame::use_frame;
use crate::functions::reports::reports;
use crate::functions::sessions::recent_sessions;
use crate::i18n::td_string;
use crate::language::use_locale;
use crate::live::Live;
use crate::query::use_period;
use crate::widgets::{
    Alert, Answers, Cards, Footer, Header, LiveFeed, LiveStatus, LiveToasts, RecentSessions, Sources, cards, sources,
};

/// The dashboard of a period.
#[component]
pub fn Dispatcher() -> impl IntoView {
    let locale = use_locale();
    let build = StoredValue::new(use_frame().build);
    let period = use_period();
    let live = Live::provide();
    let refused = Memo::new(move |_| period.get().err());
    #[cfg(feature = "ssr")]
    if let Some(error) = refused.get_untracked() {
        crate::context::refused(error);
    }
    let answers = Resource::new(
        move || (period.get(), live.tick.get()),
        move |(period, _)| async move {
            let queries = vec![cards::query(period.clone()?), sources::query(period?)];
            let tables = reports(build.get_value(), queries.clone()).await?;
            Ok(Answers(queries.into_iter().zip(tables).collect()))
        },
    );
    let sessions = Resource::new(
        move || (period.get(), live.tick.get()),
        move |(period, _)| async move { recent_sessions(build.get_value(), period?).await },
    );
    view! {
        <Title text=td_string!(locale, title) />
        <Header period />
        <LiveStatus />
        <main id="content" class="board">
            {move || match refused.get() {
                Some(error) => view! { <Alert error /> }.into_any(),
                None => view! {
                    <Cards answers />
                    <LiveFeed />
                    <Sources answers />
                    <RecentSessions sessions />
                }
                .into_any(),
            }}
        </main>
        <LiveToasts />
        <Footer />
    }
    .into_any()
}
