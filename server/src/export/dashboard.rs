//! The whole dashboard as one workbook: a sheet for each report, all of one moment.

use app::labels;
use axum::response::Response;
use utm_dispatcher::model::Millis;
use utm_dispatcher::report::{Compare, Report, ReportQuery};

use super::Format;
use super::file::{Style, of_unknown_length, permit, table_sheet, with_headers, workbook};
use super::name::file_name;
use super::table::Words;
use crate::error::ApiError;
use crate::state::AppState;

/// Its sheets, from left to right.
const SHEETS: [Report; 9] = [
    Report::General,
    Report::Timeseries,
    Report::Channels,
    Report::Sources,
    Report::Campaigns,
    Report::Content,
    Report::Devices,
    Report::GeoCountries,
    Report::Funnel,
];

/// The workbook of the period and filters of `asked`. Without another wish the earlier period stands beside the current
/// one.
pub async fn answer(
    state: &AppState,
    asked: ReportQuery,
    style: Style,
    is_head: bool,
    now: Millis,
) -> Result<Response, ApiError> {
    let period = asked.period;
    let queries = SHEETS.map(|report| of(report, &asked));
    for query in &queries {
        query.check()?;
    }
    let permit = permit(state).await?;
    let tables = state.store.reports(&queries, now).await?;
    let name = file_name("dashboard", period, Format::Xlsx, now, state.store.tz());
    if is_head {
        return Ok(with_headers(of_unknown_length(), Format::Xlsx, &name, None));
    }
    let currency = state.config.store.currency.clone();
    let fill = move |_: &_, book: &mut _| {
        let words = Words { locale: style.locale, currency: &currency };
        SHEETS
            .iter()
            .zip(&tables)
            .try_for_each(|(report, table)| table_sheet(book, labels::report(style.locale, *report), table, words))
    };
    let (body, length) = workbook(state, permit, fill).await?;
    Ok(with_headers(body, Format::Xlsx, &name, length))
}

/// What a sheet asks; only totals and time are set beside the earlier period.
fn of(report: Report, asked: &ReportQuery) -> ReportQuery {
    let is_compared = matches!(report, Report::General | Report::Timeseries | Report::Funnel);
    let compare = match asked.compare {
        Compare::None => Compare::Previous,
        wish => wish,
    };
    let compare = if is_compared { compare } else { Compare::None };
    ReportQuery { report, compare, ..asked.clone() }
}
