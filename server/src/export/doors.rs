//! `/export/{report}.{csv,xlsx,json}`: every report in every format, and the dashboard as one workbook.

use app::i18n::Locale;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::middleware::from_fn;
use axum::response::Response;
use axum::routing::get;
use http::Method;
use utm_dispatcher::report::{BadQuery, Compare, Report, ReportQuery};

use super::csv::Separator;
use super::file::{self, Style};
use super::{Format, dashboard, json};
use crate::auth::guard;
use crate::error::ApiError;
use crate::rest::openapi::parameters::{self, path};
use crate::rest::openapi::schema::word;
use crate::rest::openapi::{self, Described, Who};
use crate::state::{AppState, now};

/// What the dashboard's workbook takes of a query.
const OF_DASHBOARD: [&str; 9] = ["period", "from", "to", "compare", "align", "match", "filter", "basis", "mode"];

/// A route for each file; every other path is the storefront's.
pub fn routes() -> Router<AppState> {
    let kinds = Report::ALL.iter().flat_map(|report| Format::ALL.map(|format| (*report, format)));
    let reports = kinds.fold(Router::new(), |router, (report, format)| {
        let answer = move |State(state): State<AppState>, method: Method, RawQuery(query): RawQuery| async move {
            one(&state, report, format, &method, query.as_deref().unwrap_or_default()).await
        };
        let files = get(answer).route_layer(from_fn(guard::export_api)).fallback(only_get);
        router.route(&format!("/export/{report}.{}", format.extension()), files)
    });
    let whole = get(whole).route_layer(from_fn(guard::export_api)).fallback(only_get);
    reports.route("/export/dashboard.xlsx", whole)
}

/// What the files say of themselves.
pub fn operations() -> Vec<Described> {
    // Whatever else lies under `/export/` is the storefront's, and so is its answer.
    let of_shop = || openapi::other("No report has this name: the storefront answers.", "text/html");
    let name = || path("report", "Which report.", word(Report::ALL.iter().map(|report| report.key())));
    let file = |format: Format| {
        let ending = format.extension();
        let about = format!("A report as {}. Not for viewers.", ending.to_uppercase());
        openapi::get(format!("/export/{{report}}.{ending}"), &format!("export_{ending}"), &about)
            .within("files", Who::Reader)
            .takes([name()])
            .takes(parameters::file())
            .takes((format != Format::Json).then(parameters::language))
            .takes((format == Format::Csv).then(parameters::separator))
            .answers(200, if format == Format::Json { json::described() } else { file::described(format) })
            .refuses([400])
            .answers(404, of_shop())
    };
    let whole = openapi::get(
        "/export/dashboard.xlsx",
        "export_dashboard",
        "The whole dashboard as a workbook: a sheet for each report and one of the newest 10,000 sessions. \
         The earlier period stands beside totals and time unless `compare=none`. Not for viewers.",
    )
    .within("files", Who::Reader)
    .takes(parameters::file().into_iter().filter(|parameter| OF_DASHBOARD.contains(&parameter.name.as_str())))
    .takes([parameters::language()])
    .answers(200, file::described(Format::Xlsx))
    .refuses([400]);
    Format::ALL.map(file).into_iter().chain([whole]).collect()
}

async fn only_get() -> ApiError {
    ApiError::Method("GET, HEAD")
}

async fn one(
    state: &AppState,
    report: Report,
    format: Format,
    method: &Method,
    query: &str,
) -> Result<Response, ApiError> {
    let (style, query) = style(format, query)?;
    let query = ReportQuery::parse(report, &query)?;
    file::answer(state, &query, style, method == Method::HEAD, now()).await
}

async fn whole(State(state): State<AppState>, method: Method, RawQuery(query): RawQuery) -> Result<Response, ApiError> {
    let (style, query) = style(Format::Xlsx, query.as_deref().unwrap_or_default())?;
    let mut names = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split('=').next().unwrap_or(pair));
    if let Some(other) = names.clone().find(|name| !OF_DASHBOARD.contains(name)) {
        return Err(BadQuery::new("query", other, format!("only {}, lang", OF_DASHBOARD.join(", "))).into());
    }
    let mut asked = ReportQuery::parse(Report::General, &query)?;
    // Where nothing is said of it the earlier period stands beside, as on the dashboard.
    if !names.any(|name| name == "compare") {
        asked.compare = Compare::Previous;
    }
    dashboard::answer(&state, asked, style, method == Method::HEAD, now()).await
}

/// How the file is to be written, and the rest of the query: what is asked.
fn style(format: Format, query: &str) -> Result<(Style, String), ApiError> {
    let mut style = Style { format, locale: Locale::uk, separator: Separator::Comma, fills_gaps: false };
    let mut rest = Vec::new();
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("lang", "uk")) => style.locale = Locale::uk,
            Some(("lang", "en")) => style.locale = Locale::en,
            Some(("lang", other)) => return Err(BadQuery::new("lang", other, "uk or en".to_owned()).into()),
            Some(("separator", text)) => style.separator = separator(text)?,
            _ => rest.push(pair),
        }
    }
    Ok((style, rest.join("&")))
}

/// Reads `separator`.
pub(super) fn separator(text: &str) -> Result<Separator, BadQuery> {
    match text {
        "comma" => Ok(Separator::Comma),
        "semicolon" => Ok(Separator::Semicolon),
        other => Err(BadQuery::new("separator", other, "comma or semicolon".to_owned())),
    }
}
