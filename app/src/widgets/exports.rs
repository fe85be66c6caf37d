//! Files: the links beneath each table, and the buttons for what is asked for most.

use leptos::prelude::*;
use utm_dispatcher::model::Role;
use utm_dispatcher::report::{Align, Compare, Report, ReportQuery};

use crate::desk::use_desk;
use crate::format;
use crate::frame::use_frame;
use crate::i18n::{Locale, td_string};
use crate::language::use_locale;
use crate::query::View;
use crate::ui::Download;

/// May the reader take files? Viewers may not.
pub fn may_export() -> bool {
    use_frame().viewer.is_some_and(|viewer| viewer.role >= Role::Analyst)
}

/// The address of a file of what is asked.
fn file(locale: Locale, name: &str, query: &str) -> String {
    let language = if locale == Locale::en { "&lang=en" } else { "" };
    format!("/export/{name}?{query}{language}")
}

/// Links to what `query` asks as CSV and as a workbook.
#[component]
pub fn ExportLinks(
    /// What the files hold.
    query: Signal<ReportQuery>,
) -> impl IntoView {
    if !may_export() {
        return ().into_any();
    }
    let locale = use_locale();
    let link = move |format: &'static str, label: &'static str| {
        let href = Signal::derive(move || {
            let query = query.get();
            file(locale, &format!("{}.{format}", query.report), &query.to_string())
        });
        view! { <DownloadLink href class="button small" label=label.into_any() /> }
    };
    view! {
        {link("csv", "CSV")}
        {link("xlsx", "XLSX")}
    }
    .into_any()
}

/// The buttons that bring what is shown as files: sessions, sources, campaigns, creatives, the whole dashboard.
#[component]
pub fn Exports() -> impl IntoView {
    if !may_export() {
        return ().into_any();
    }
    let locale = use_locale();
    let view = use_desk().view;
    let button = move |class: &'static str, label: &'static str, address: fn(Locale, &View) -> String| {
        let href = Signal::derive(move || address(locale, &view.get()));
        let label = view! {
            <svg
                class="icon"
                viewBox="0 0 24 24"
                fill="none"
                stroke="currentColor"
                stroke-width="2"
                stroke-linecap="round"
                stroke-linejoin="round"
                aria-hidden="true"
            >
                <path d="M12 3v12m0 0 5-5m-5 5-5-5M4 17v2a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-2" />
            </svg>
            <span>{label}</span>
        }
        .into_any();
        view! { <DownloadLink href class label /> }
    };
    let title = td_string!(locale, exports.title);
    view! {
        <section class="panel exports">
            <h2 class="panel-title">{title}</h2>
            <div class="export-buttons">
                {button("export violet", td_string!(locale, exports.sessions), |locale, view| csv(locale, view, Report::Sessions))}
                {button("export green", td_string!(locale, exports.sources), |locale, view| csv(locale, view, Report::Sources))}
                {button(
                    "export amber",
                    td_string!(locale, exports.campaigns),
                    |locale, view| csv(locale, view, Report::Campaigns),
                )}
                {button("export pink", td_string!(locale, exports.content), |locale, view| csv(locale, view, Report::Content))}
                {button("export blue", td_string!(locale, exports.dashboard), whole)}
            </div>
        </section>
    }
    .into_any()
}

/// The whole report for the period and filters that are shown.
fn csv(locale: Locale, view: &View, report: Report) -> String {
    let query = ReportQuery { compare: Compare::None, align: Align::Full, ..view.query(report) };
    file(locale, &format!("{report}.csv"), &query.to_string())
}

/// The workbook of all that is shown. Without a word of the comparison it would have one.
fn whole(locale: Locale, view: &View) -> String {
    let query = view.query(Report::General);
    let unsaid = if query.compare == Compare::None { "&compare=none" } else { "" };
    file(locale, "dashboard.xlsx", &format!("{query}{unsaid}"))
}

#[component]
fn DownloadLink(
    /// The file's address.
    href: Signal<String>,
    /// The link's class.
    class: &'static str,
    /// What stands on it.
    label: AnyView,
) -> impl IntoView {
    let locale = use_locale();
    let progress =
        move |bytes: f64| format!("{} {}", td_string!(locale, exports.progress), format::size(locale, bytes));
    let failed: fn(u16) -> &'static str = match locale {
        Locale::uk => |status| failure(Locale::uk, status),
        Locale::en => |status| failure(Locale::en, status),
    };
    view! { <Download href class label progress failed /> }.into_any()
}

/// Why no file came, by the status of the answer; 0 is none.
fn failure(locale: Locale, status: u16) -> &'static str {
    match status {
        0 => td_string!(locale, error.offline),
        401 => td_string!(locale, error.not_logged_in),
        403 => td_string!(locale, error.forbidden),
        429 => td_string!(locale, exports.busy),
        _ => td_string!(locale, exports.failed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_says_what_to_do() {
        let words = [0, 401, 403, 429, 503].map(|status| failure(Locale::uk, status));
        for (place, one) in words.iter().enumerate() {
            assert!(!words[..place].contains(one), "{one}");
        }
        assert!(words[3].contains("Зачекайте"), "{}", words[3]);
    }

    #[test]
    fn the_workbook_is_compared_as_the_screen_is() {
        let cases = [
            ("period=all_time", "/export/dashboard.xlsx?period=all_time&align=elapsed&compare=none"),
            ("period=week&compare=none", "/export/dashboard.xlsx?period=week&align=elapsed&compare=none"),
            ("period=week", "/export/dashboard.xlsx?period=week&compare=previous&align=elapsed"),
            ("period=all_time&compare=year", "/export/dashboard.xlsx?period=all_time&compare=year&align=elapsed"),
        ];
        for (text, address) in cases {
            assert_eq!(whole(Locale::uk, &View::read(text).unwrap()), address);
        }
        assert!(whole(Locale::en, &View::default()).ends_with("&lang=en"));
    }
}
