//! The whole dashboard as one workbook: a sheet for each report, all of one moment, and the newest sessions.

use app::labels;
use axum::response::Response;
use utm_dispatcher::model::Millis;
use utm_dispatcher::report::{Align, Compare, Report, ReportQuery};

use super::Format;
use super::file::{Content, Style, Writer, of_unknown_length, permit, with_headers, workbook};
use super::list::List;
use super::name::file_name;
use crate::error::ApiError;
use crate::state::AppState;

/// Its sheets of tables, from left to right.
const SHEETS: [Report; 17] = [
    Report::General,
    Report::Timeseries,
    Report::Funnel,
    Report::Channels,
    Report::Sources,
    Report::Campaigns,
    Report::Content,
    Report::Terms,
    Report::Devices,
    Report::OperatingSystems,
    Report::Browsers,
    Report::GeoCountries,
    Report::GeoCities,
    Report::LandingPages,
    Report::Products,
    Report::Searches,
    Report::ReturningVisitors,
];
/// At most so many sessions, the newest: all of them are a file of their own.
const SESSIONS: usize = 10_000;

/// The workbook of the period, filters and comparison of `asked`.
pub async fn answer(
    state: &AppState,
    asked: ReportQuery,
    style: Style,
    is_head: bool,
    now: Millis,
) -> Result<Response, ApiError> {
    let period = asked.period;
    let queries = SHEETS.map(|report| of(report, &asked));
    let sessions = ReportQuery { limit: Some(SESSIONS), ..of(Report::Sessions, &asked) };
    for query in queries.iter().chain([&sessions]) {
        query.check()?;
    }
    let permit = permit(state).await?;
    let tables = state.store.reports(&queries, now).await?;
    let sessions = List::open(&state.store, &sessions, now).await?;
    let name = file_name("dashboard", period, Format::Xlsx, now, state.store.tz());
    if is_head {
        return Ok(with_headers(of_unknown_length(), Format::Xlsx, &name, None));
    }
    let currency = state.config.store.currency.clone();
    let writer = Writer { style, currency, compare: asked.compare, tz: state.store.tz() };
    let fill = move |gone: &_, book: &mut _| {
        for (report, table) in SHEETS.into_iter().zip(tables) {
            writer.sheet(gone, book, labels::report(style.locale, report), Content::Table(table))?;
        }
        writer.sheet(gone, book, labels::panel(style.locale, Report::Sessions), Content::Sessions(sessions))
    };
    let (body, length) = workbook(state, permit, fill).await?;
    Ok(with_headers(body, Format::Xlsx, &name, length))
}

/// What a sheet asks; only totals and time are set beside the earlier period.
fn of(report: Report, asked: &ReportQuery) -> ReportQuery {
    let is_compared = matches!(report, Report::General | Report::Timeseries | Report::Funnel);
    let (compare, align) =
        if is_compared { (asked.whole_compare(), asked.align) } else { (Compare::None, Align::default()) };
    ReportQuery { report, compare, align, ..asked.clone() }
}
