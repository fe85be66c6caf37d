//! The newest sessions, one line each.

use leptos::prelude::*;
use utm_dispatcher::model::visitor::Place;
use utm_dispatcher::report::{Compare, Report, ReportQuery, SessionPage, SessionRow};

use super::Panel;
use crate::desk::use_desk;
use crate::format::NONE;
use crate::frame::use_frame;
use crate::functions::sessions::{SHOWN, sessions};
use crate::i18n::{Locale, td, td_string};
use crate::labels;
use crate::language::use_locale;

/// The newest sessions of the period.
#[component]
pub fn RecentSessions() -> impl IntoView {
    let locale = use_locale();
    let build = StoredValue::new(use_frame().build);
    let desk = use_desk();
    let query = Memo::new(move |_| {
        let query = ReportQuery { compare: Compare::None, ..desk.view.get().query(Report::Sessions) };
        ReportQuery { limit: Some(SHOWN), ..query }
    });
    let sessions = Resource::new(
        move || (query.get(), desk.tick.get()),
        move |(query, _)| async move { sessions(build.get_value(), query).await },
    );
    let title = td_string!(locale, sessions.title);
    view! { <Panel title data=sessions draw=move |page: SessionPage| Ok(list(locale, page.rows)) /> }
}

fn list(locale: Locale, rows: Vec<SessionRow>) -> AnyView {
    if rows.is_empty() {
        return view! { <p class="empty">{td!(locale, empty)}</p> }.into_any();
    }
    let title = td_string!(locale, sessions.title);
    view! {
        <div class="table-scroll" role="region" tabindex="0" aria-label=title>
            <table class="data-table sessions">
                <caption class="sr-only">{title}</caption>
                <thead>
                    <tr>
                        <th scope="col">{td!(locale, sessions.date)}</th>
                        <th scope="col">{td!(locale, sessions.source)}</th>
                        <th scope="col">{td!(locale, sessions.campaign)}</th>
                        <th scope="col">{td!(locale, sessions.device)}</th>
                        <th scope="col">{td!(locale, sessions.place)}</th>
                        <th scope="col">{td!(locale, sessions.conversion)}</th>
                    </tr>
                </thead>
                <tbody>{rows.into_iter().map(|row| line(locale, row)).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn line(locale: Locale, row: SessionRow) -> AnyView {
    let conversion = row.conversion.map_or_else(
        || NONE.into_any(),
        |kind| view! { <span class="tone-good">"✓ " {labels::conversion(locale, kind)}</span> }.into_any(),
    );
    view! {
        <tr>
            <th scope="row" class="date">
                {row.started_local}
            </th>
            <td>{row.source}</td>
            <td>{row.utm.campaign.unwrap_or_else(|| NONE.to_owned())}</td>
            <td>{labels::device(locale, row.device)}</td>
            <td>{place(&row.place)}</td>
            <td>{conversion}</td>
        </tr>
    }
    .into_any()
}

/// `Kyiv, UA`; what is known of it, or a dash.
fn place(place: &Place) -> String {
    match (&place.city, &place.country) {
        (Some(city), Some(country)) => format!("{city}, {country}"),
        (Some(one), None) | (None, Some(one)) => one.clone(),
        (None, None) => NONE.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_as_they_are_known() {
        let at = |city: Option<&str>, country: Option<&str>| {
            place(&Place { city: city.map(str::to_owned), country: country.map(str::to_owned), region: None })
        };
        assert_eq!(at(Some("Kyiv"), Some("UA")), "Kyiv, UA");
        assert_eq!(at(None, Some("UA")), "UA");
        assert_eq!(at(Some("Kyiv"), None), "Kyiv");
        assert_eq!(at(None, None), "—");
    }
}
