//! Turning the pages of a table or list.

use std::sync::Arc;

use leptos::prelude::*;

use super::exports::may_export;
use crate::format;
use crate::i18n::{Locale, td_string};
use crate::query::MAX_PAGE;

/// The address of a page.
pub type ToPage = Arc<dyn Fn(usize) -> String + Send + Sync>;

/// Which rows are shown and the links to the pages before and after, which may follow the address; nothing when all are on one
/// page.
pub fn pages(locale: Locale, title: &'static str, page: usize, rows: usize, total: usize, to: &ToPage) -> AnyView {
    if total <= rows {
        return ().into_any();
    }
    let last = total.div_ceil(rows);
    let number = |number: usize| format::count(locale, i64::try_from(number).unwrap_or(i64::MAX));
    let (first, end) = (number((page - 1) * rows + 1), number((page * rows).min(total)));
    let range = format!("{first}–{end}");
    let link = |page: Option<usize>, name: &'static str, rel: &'static str| match page {
        Some(page) => {
            let to = Arc::clone(to);
            view! { <a class="button small" href=move || to(page) rel=rel data-noscroll>{name}</a> }.into_any()
        }
        None => view! { <span class="button small off">{name}</span> }.into_any(),
    };
    let before = (page > 1).then(|| page - 1);
    let after = (page < last.min(MAX_PAGE)).then_some(page + 1);
    let rest = (page == MAX_PAGE && last > MAX_PAGE)
        .then(|| if may_export() { td_string!(locale, table.rest) } else { td_string!(locale, table.narrow) });
    view! {
        <nav class="pages" aria-label=format!("{}: {title}", td_string!(locale, table.pages))>
            <span class="muted">{format!("{range} {} {}", td_string!(locale, table.of), number(total))} {rest}</span>
            {link(before, td_string!(locale, table.before), "prev")}
            {link(after, td_string!(locale, table.after), "next")}
        </nav>
    }
    .into_any()
}
