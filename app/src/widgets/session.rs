//! The dialog with all that is known of one session.

mod actions;
mod facts;
mod orders;

use leptos::html::H2;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use utm_dispatcher::model::Id;
use utm_dispatcher::report::{SessionDetail, SessionRow};

use super::Panel;
use super::panel::Waiting;
use crate::desk::use_desk;
use crate::frame::use_frame;
use crate::functions::sessions::session;
use crate::i18n::{Locale, td_string};
use crate::language::use_locale;
use crate::ui::Dialog;

/// The heading's id.
const HEADING: &str = "session-title";

/// The session that the address bar names, in a dialog; nothing while it names none.
#[component]
pub fn SessionDialog() -> impl IntoView {
    let locale = use_locale();
    let build = StoredValue::new(use_frame().build);
    let view = use_desk().view;
    let id = Memo::new(move |_| view.get().session);
    let open = Signal::derive(move || id.get().is_some());
    let close = move || view.get().with_session(None).href();
    let navigate = use_navigate();
    let closed = Callback::new(move |()| {
        let here = NavigateOptions { scroll: false, ..NavigateOptions::default() };
        navigate(&view.get_untracked().with_session(None).href(), here);
    });
    let back_to = Signal::derive(move || {
        id.get().map_or_else(String::new, |Id(id)| format!("#sessions tbody a[href$='session={id}']"))
    });
    let heading = NodeRef::<H2>::new();
    focus_on_change(heading, id);
    let detail = Resource::new(
        move || id.get(),
        move |id| async move {
            match id {
                Some(id) => session(build.get_value(), id).await.map(Some),
                None => Ok(None),
            }
        },
    );
    // One that has been opened is on its way: until it is there its place is kept.
    let draw = move |detail: Option<SessionDetail>| {
        Ok(match detail {
            Some(detail) => whole(locale, &detail),
            None => (move || open.get().then(|| view! { <Waiting /> }.into_any())).into_any(),
        })
    };
    view! {
        <Dialog open closed labelled_by=HEADING class="session-dialog" back_to>
            <header class="dialog-head">
                <h2 id=HEADING tabindex="-1" node_ref=heading>
                    {td_string!(locale, session.title)}
                </h2>
                <a class="dialog-close" href=close aria-label=td_string!(locale, session.close) data-noscroll>
                    "×"
                </a>
            </header>
            <Panel title=td_string!(locale, session.facts) data=detail draw bare=true />
        </Dialog>
    }
    .into_any()
}

/// Gives the focus to the heading when another session takes the place of the one that is shown: the link that led there
/// is gone.
fn focus_on_change(heading: NodeRef<H2>, id: Memo<Option<Id>>) {
    Effect::new(move |before: Option<Option<Id>>| {
        let id = id.get();
        if let (Some(Some(before)), Some(id), Some(heading)) = (before, id, heading.get_untracked())
            && before != id
        {
            // A heading that cannot be focused does no harm.
            drop(heading.focus());
        }
        id
    });
}

fn whole(locale: Locale, detail: &SessionDetail) -> AnyView {
    let currency = use_frame().currency;
    view! {
        {facts::columns(locale, detail)}
        {actions::list(locale, detail, &currency)}
        {orders::list(locale, detail, &currency)}
        {others(locale, detail)}
    }
    .into_any()
}

/// The visitor's other sessions, each a link that opens it.
fn others(locale: Locale, detail: &SessionDetail) -> AnyView {
    if detail.other_sessions.is_empty() {
        return ().into_any();
    }
    let view = use_desk().view;
    let one = |row: &SessionRow| {
        let id = row.id;
        let campaign = row.utm.campaign.clone().map(|campaign| format!(" · {campaign}"));
        let mark = row.conversion.map(|_| view! { <span class="tone-good">" ✓"</span> }.into_any());
        view! {
            <li>
                <a href=move || view.get().with_session(Some(id)).href() data-noscroll>
                    {row.started_local.clone()}
                    " · "
                    <bdi>{row.source.clone()} {campaign}</bdi>
                </a>
                {mark}
            </li>
        }
        .into_any()
    };
    view! {
        <section class="session-part">
            <h3>{td_string!(locale, session.others)} " (" {detail.other_sessions.len()} ")"</h3>
            <ul class="session-others">{detail.other_sessions.iter().map(one).collect_view()}</ul>
        </section>
    }
    .into_any()
}
