//! `/api/utm/export-csv/`: the four files of the replaced system.

use app::i18n::Locale;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::Method;
use utm_dispatcher::report::{Metric, Report, ReportQuery};

use super::Format;
use super::csv::Separator;
use super::doors::separator;
use super::file::{self, Style};
use crate::error::ApiError;
use crate::rest::openapi::Described;
use crate::rest::openapi::parameters::{days, query, separator as separator_parameter};
use crate::rest::openapi::schema::{any_of, whole, word};
use crate::rest::query::{Parameters, bad};
use crate::state::{AppState, now};

/// How many sessions a file holds unless asked otherwise.
const SESSIONS: usize = 1000;
/// How many rows of the other types.
const GROUPS: usize = 100;
/// The most that a number may ask for; `all` has no limit.
const MOST: usize = 1_000_000;

/// `GET /api/utm/export-csv/?type=sessions&period=month&limit=all&separator=semicolon`.
pub async fn export_csv(
    State(state): State<AppState>,
    method: Method,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let parameters = Parameters::read(query.as_deref());
    let (report, metrics) = kind(&parameters)?;
    let limit = limit(&parameters, if report.is_list() { SESSIONS } else { GROUPS })?;
    let separator = parameters.value("separator").map_or(Ok(Separator::Comma), separator)?;
    let asked = ReportQuery::new(report, parameters.period()?);
    let query = ReportQuery { metrics: metrics.map(<[Metric]>::to_vec), limit, ..asked };
    let style = Style { format: Format::Csv, locale: Locale::uk, separator, fills_gaps: true };
    file::answer(&state, &query, style, method == Method::HEAD, now()).await
}

/// What it takes and gives, for the API's description.
pub fn describe(it: Described) -> Described {
    let kinds = word(["sessions", "sources", "campaigns", "content"]).default(Some("sessions".into()));
    let all = word(["all"]).build();
    let limit = any_of([all, whole(1, 1_000_000).build()]);
    let about = "`all`, or at most so many rows; 1,000 sessions or 100 rows of the other types if left out.";
    it.takes([query("type", "Which file.", kinds)])
        .takes(days())
        .takes([query("limit", about, limit), separator_parameter()])
        .answers(200, file::described(Format::Csv))
}

/// Which file: its report, and its metrics where they are fewer than the report's own.
fn kind(parameters: &Parameters) -> Result<(Report, Option<&'static [Metric]>), ApiError> {
    match parameters.value("type").unwrap_or("sessions") {
        "sessions" => Ok((Report::Sessions, None)),
        "sources" => Ok((Report::Sources, None)),
        "campaigns" => Ok((
            Report::Campaigns,
            Some(&[Metric::Sessions, Metric::Conversions, Metric::Cr, Metric::Revenue, Metric::Aov]),
        )),
        "content" => Ok((Report::Content, Some(&[Metric::Sessions, Metric::Conversions, Metric::Cr, Metric::Revenue]))),
        other => Err(bad("type", other, "sessions, sources, campaigns or content")),
    }
}

/// At most so many rows; `None` for all.
fn limit(parameters: &Parameters, default: usize) -> Result<Option<usize>, ApiError> {
    match parameters.value("limit") {
        None => Ok(Some(default)),
        Some("all") => Ok(None),
        Some(text) => {
            // `parse` would take a sign.
            let digits = text.bytes().all(|byte| byte.is_ascii_digit()).then_some(text);
            let limit = digits.and_then(|text| text.parse().ok()).filter(|limit| (1..=MOST).contains(limit));
            limit.map(Some).ok_or_else(|| bad("limit", text, "all, or a whole number from 1 to 1000000"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_and_types_are_checked() {
        let read = |query: &str| {
            let parameters = Parameters::read(Some(query));
            let (report, _) = kind(&parameters).map_err(|error| error.to_string())?;
            limit(&parameters, 7).map(|limit| (report, limit)).map_err(|error| error.to_string())
        };
        assert_eq!(read(""), Ok((Report::Sessions, Some(7))));
        assert_eq!(read("type=content&limit=all"), Ok((Report::Content, None)));
        assert_eq!(read("type=campaigns&limit=1000000&foo=bar"), Ok((Report::Campaigns, Some(1_000_000))));
        for query in ["limit=0", "limit=1000001", "limit=-1", "limit=%2B5", "limit=ALL", "limit=", "limit=1e3"] {
            assert!(read(query).unwrap_err().starts_with("limit: "), "{query}");
        }
        for query in ["type=", "type=general", "type=../../etc", "type=Sources"] {
            assert!(read(query).unwrap_err().starts_with("type: "), "{query}");
        }
    }
}
