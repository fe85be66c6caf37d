//! The newest sessions, one line each.

use std::sync::Arc;

use leptos::prelude::*;
use utm_dispatcher::model::Role;
use utm_dispatcher::report::{
    Align, Compare, Dimension, Filter, Operator, Report, ReportQuery, SessionPage, SessionRow, Subject,
};

use super::empty::{empty, not_found};
use super::narrow::{narrow, place};
use super::pages::{ToPage, pages};
use super::{ExportLinks, Panel, TableSearch};
use crate::desk::{Desk, use_desk};
use crate::format::NONE;
use crate::frame::use_frame;
use crate::functions::sessions::{SHOWN, sessions};
use crate::i18n::{Locale, td_string};
use crate::labels;
use crate::language::use_locale;
use crate::query::View;

/// The newest sessions of the period.
#[component]
pub fn RecentSessions() -> impl IntoView {
    let locale = use_locale();
    let frame = use_frame();
    let build = StoredValue::new(frame.build);
    let desk = use_desk();
    let query = Memo::new(move |_| query(&desk.view.get()));
    let page = Memo::new(move |_| desk.view.get().table(Report::Sessions).page);
    let (turn, has_news) = (RwSignal::new(0_u64), RwSignal::new(false));
    let last = StoredValue::new(None);
    let of = StoredValue::new((query.get_untracked(), page.get_untracked()));
    let found = Resource::new(
        move || (query.get(), page.get(), turn.get()),
        move |(query, page, _)| async move {
            let key = (query, page);
            match sessions(build.get_value(), key.0.clone(), page).await {
                // What was there stays, and may be asked for again.
                Err(error) if error.may_pass() && of.try_get_value().as_ref() == Some(&key) => {
                    let last = last.try_get_value().flatten().ok_or(error)?;
                    has_news.try_set(true);
                    Ok(last)
                }
                Err(error) => Err(error),
                Ok(found) => {
                    of.try_set_value(key);
                    Ok((page, found))
                }
            }
        },
    );
    // In the browser alone, as effects are.
    Effect::new(move || {
        if let Some(Ok(found)) = found.get() {
            last.set_value(Some(found));
        }
    });
    Effect::new(move |before: Option<u64>| {
        let tick = desk.tick.get();
        if before.is_some_and(|before| before != tick) {
            if is_read() { has_news.set(true) } else { turn.update(|turn| *turn += 1) }
        }
        tick
    });
    Effect::new(move || {
        query.track();
        page.track();
        turn.track();
        has_news.set(false);
    });
    let show = move |_| {
        desk.is_quiet.set(false);
        turn.update(|turn| *turn += 1);
        focus_rows();
    };
    let news = move || {
        has_news.get().then(|| {
            view! {
                <button type="button" class="button small" on:click=show>
                    {td_string!(locale, sessions.news)}
                </button>
            }
            .into_any()
        })
    };
    // Orders' numbers are for those who may see them.
    let search = frame.viewer.is_some_and(|viewer| viewer.role >= Role::Analyst).then(|| {
        view! { <TableSearch report=Report::Sessions what=td_string!(locale, filter.anything) /> }
    });
    let draw = move |(page, found): (usize, SessionPage)| Ok(list(locale, desk, page, found));
    view! {
        <Panel title=labels::panel(locale, Report::Sessions) data=found draw>
            <div class="table-tools">{search} <span class="news" role="status">{news}</span> <ExportLinks query=query.into() /></div>
        </Panel>
    }
    .into_any()
}

/// Which sessions are listed.
fn query(view: &View) -> ReportQuery {
    let mut query = ReportQuery { compare: Compare::None, align: Align::Full, ..view.query(Report::Sessions) };
    let find = view.table(Report::Sessions).find;
    if !find.is_empty() {
        query.filters.push(Filter::new(Subject::Anything, Operator::Contains, &find));
    }
    query
}

/// Is somebody reading the list, or will they come back to a row of it? Its rows must not move meanwhile. Who has no pointer that
/// tells is asked.
fn is_read() -> bool {
    #[cfg(feature = "hydrate")]
    {
        const READ: &str = "dialog[open], #sessions:is(:hover, :focus-within)";
        let is_there = document().query_selector(READ).is_ok_and(|found| found.is_some());
        let has_pointer = window().match_media("(any-hover: hover)");
        is_there || !has_pointer.ok().flatten().is_some_and(|media| media.matches())
    }
    #[cfg(not(feature = "hydrate"))]
    false
}

/// The button that had the focus goes; the rows that it brought are next.
fn focus_rows() {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast;

        let rows = document().query_selector("#sessions .table-scroll").ok().flatten();
        if let Some(rows) = rows.and_then(|rows| rows.dyn_into::<web_sys::HtmlElement>().ok()) {
            // What cannot be focused does no harm.
            drop(rows.focus());
        }
    }
}

fn list(locale: Locale, desk: Desk, page: usize, found: SessionPage) -> AnyView {
    if found.rows.is_empty() {
        let view = desk.view.get_untracked();
        let is_search = !view.table(Report::Sessions).find.is_empty();
        return if is_search { not_found(locale, Report::Sessions) } else { empty(locale, &view) };
    }
    let title = td_string!(locale, sessions.title);
    let page = page.min(found.total_rows.div_ceil(SHOWN)).max(1);
    // What the other tables show may change while these rows stay.
    let to: ToPage = Arc::new(move |page| desk.view.with(|view| turned(view, page)));
    let pages = pages(locale, title, page, SHOWN, found.total_rows, &to);
    view! {
        <div class="table-scroll" role="region" tabindex="0" aria-label=title>
            <table class="data-table sessions">
                <caption class="sr-only">{title}</caption>
                <thead>
                    <tr>
                        <th scope="col">{td_string!(locale, sessions.date)}</th>
                        <th scope="col">{td_string!(locale, sessions.source)}</th>
                        <th scope="col">{td_string!(locale, sessions.campaign)}</th>
                        <th scope="col">{td_string!(locale, sessions.device)}</th>
                        <th scope="col">{td_string!(locale, sessions.place)}</th>
                        <th scope="col">{td_string!(locale, sessions.conversion)}</th>
                        <th scope="col">{td_string!(locale, sessions.actions)}</th>
                    </tr>
                </thead>
                <tbody>{found.rows.into_iter().map(|row| line(locale, desk, row)).collect_view()}</tbody>
            </table>
        </div>
        {pages}
    }
    .into_any()
}

/// The address of another page of the list.
fn turned(view: &View, page: usize) -> String {
    view.with_table(Report::Sessions, view.table(Report::Sessions).turned(page)).href()
}

fn line(locale: Locale, desk: Desk, row: SessionRow) -> AnyView {
    let conversion = row.conversion.map_or_else(
        || NONE.into_any(),
        |kind| view! { <span class="tone-good">"✓ " {labels::conversion(locale, kind)}</span> }.into_any(),
    );
    let campaign = row.utm.campaign.map(|campaign| narrow(locale, desk.view, Dimension::Campaign, &campaign));
    let campaign = campaign.unwrap_or_else(|| NONE.into_any());
    let label = format!("{}: {}", td_string!(locale, sessions.detail), row.started_local);
    view! {
        <tr>
            <th scope="row" class="date">
                {row.started_local}
            </th>
            <td>{narrow(locale, desk.view, Dimension::Source, &row.source)}</td>
            <td>{campaign}</td>
            <td>{narrow(locale, desk.view, Dimension::DeviceType, row.device.key())}</td>
            <td>{place(locale, desk.view, &row.place)}</td>
            <td>{conversion}</td>
            <td>
                <a
                    class="button small"
                    href=move || desk.view.get().with_session(Some(row.id)).href()
                    aria-label=label
                    aria-haspopup="dialog"
                    data-noscroll
                >
                    {td_string!(locale, sessions.detail)}
                </a>
            </td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_page_keeps_what_the_other_tables_show() {
        let view = View::read("period=week&sources.sort=-cr&sessions.page=2&sessions.find=N1").unwrap();
        assert_eq!(turned(&view, 3), "/admin-panel?period=week&sources.sort=-cr&sessions.page=3&sessions.find=N1");
        assert_eq!(turned(&view, 1), "/admin-panel?period=week&sources.sort=-cr&sessions.find=N1");
    }
}
