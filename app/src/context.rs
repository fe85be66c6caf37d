//! What the host gives to pages and server functions, and the questions that every one of them begins with.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use http::header::{ACCEPT, REFERER};
use http::request::Parts;
use http::{Method, StatusCode};
use leptos::prelude::*;
use leptos::server_fn::error::ServerFnUrlError;
use leptos_axum::ResponseOptions;
use utm_dispatcher::model::{Millis, Role, SettingKind, Viewer};
use utm_dispatcher::report::text::pairs;
use utm_dispatcher::store::{Store, StoreError};
use utm_dispatcher::tracking::LiveExclusions;

use crate::error::AppError;
use crate::frame::Frame;
use crate::functions::tracking::Counts;
use crate::query::with_parameter;
use crate::routes::HOME;
use crate::settings::Settings;
use crate::theme;

/// The parameter in which the answer to a refused form tells the page why.
const REFUSED: &str = "__err";

/// What the host provides as context for each request.
#[derive(Clone)]
pub struct Host {
    /// The store that answers.
    pub store: Store,
    /// Who asks; `None` when nobody is logged in.
    pub viewer: Option<Viewer>,
    /// What they have saved; read for the dashboard's page alone.
    pub settings: Settings,
    /// The build's id, as it stands in `/admin-panel/pkg/{build}/`.
    pub build: Arc<str>,
    /// The store's currency by ISO 4217: `UAH`.
    pub currency: Arc<str>,
    /// Whom the shop's tracking would see in the asker.
    pub asker: Asker,
    /// Whose requests are not counted now.
    pub exclusions: LiveExclusions,
    /// Gives what the process has counted since it started.
    pub counts: Arc<dyn Fn() -> Counts + Send + Sync>,
}

/// Whom the shop's tracking would see in the asker.
#[derive(Clone, Debug, Default)]
pub struct Asker {
    /// The address.
    pub address: String,
    /// The key of the visitor's cookie, if the browser has one.
    pub visitor: Option<String>,
}

/// All that the host provides.
pub fn host() -> Result<Host, AppError> {
    use_context::<Host>().ok_or(AppError::Unavailable)
}

/// Who asks, if they may do what `role` may.
pub fn viewer(role: Role) -> Result<Viewer, AppError> {
    let viewer = use_context::<Host>().and_then(|host| host.viewer).ok_or(AppError::NotLoggedIn)?;
    if viewer.role < role { Err(AppError::Forbidden) } else { Ok(viewer) }
}

/// The store, for a page of the build `build`; a page of another build is told to reload itself.
pub fn store(build: &str) -> Result<Store, AppError> {
    let host = host()?;
    if *host.build == *build { Ok(host.store) } else { Err(AppError::Stale) }
}

/// The current instant.
pub fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}

/// What every page knows without asking; empty while routes are listed.
pub fn frame() -> Frame {
    use_context::<Host>().map_or_else(Frame::default, |host| Frame {
        viewer: host.viewer,
        currency: host.currency.to_string(),
        today: host.store.local_time(now()).chars().take(10).collect(),
        actions: host.store.extra_actions().to_vec(),
        build: host.build.to_string(),
        theme: theme::of_request(),
    })
}

/// What the user has saved, and why the form that led here was refused; nothing while routes are listed.
pub fn settings() -> Settings {
    let settings = use_context::<Host>().map(|host| host.settings).unwrap_or_default();
    let search = use_context::<Parts>().and_then(|parts| parts.uri.query().map(str::to_owned));
    let pairs = search.and_then(|search| pairs(&search).ok()).unwrap_or_default();
    let error = pairs.into_iter().find(|(name, _)| name == REFUSED);
    Settings { refused: error.map(|(_, error)| ServerFnUrlError::decode_err(&error)), ..settings }
}

/// Lets the answer to a plain form that saved or renamed a board lead to that board, on the dashboard as it was.
pub fn lead_to(kind: SettingKind, name: &str) {
    let Some(parts) = use_context::<Parts>().filter(is_plain_form).filter(|_| kind == SettingKind::Board) else {
        return;
    };
    let referer = parts.headers.get(REFERER).and_then(|referer| referer.to_str().ok()).unwrap_or_default();
    let mut search = referer.split_once('?').map_or("", |(_, search)| search).to_owned();
    for (parameter, value) in [(REFUSED, None), ("__path", None), ("board", Some(name))] {
        search = with_parameter("", &search, parameter, value);
    }
    leptos_axum::redirect(&format!("{HOME}{search}"));
}

/// Gives the HTTP answer the status of an error.
pub fn refused(error: AppError) -> AppError {
    set_status(error.status_code());
    error
}

/// The store's failure as the asker may see it; the log gets the whole of it.
#[expect(clippy::needless_pass_by_value, reason = "stands where errors are mapped")]
pub fn failed(error: StoreError) -> AppError {
    refused(told(&error))
}

/// The same, without a word to HTTP.
fn told(error: &StoreError) -> AppError {
    if let Some(bad) = error.bad_query() {
        return bad.clone().into();
    }
    tracing::error!(%error, "a dashboard query failed");
    AppError::Unavailable
}

/// Answers of which some may be failures. The status of the HTTP answer is theirs only if there is nothing else.
pub fn some<T>(answers: Vec<Result<T, StoreError>>) -> Result<Vec<Result<T, AppError>>, AppError> {
    if answers.iter().any(Result::is_ok) {
        return Ok(answers.into_iter().map(|answer| answer.map_err(|error| told(&error))).collect());
    }
    // They have one cause, most likely.
    answers.into_iter().find_map(Result::err).map_or_else(|| Ok(Vec::new()), |error| Err(failed(error)))
}

/// Sets the status of the HTTP answer, unless it is on its way already. The answer to a plain form is left alone: it leads
/// back to the page, with the error in its address.
pub fn set_status(code: u16) {
    if use_context::<Parts>().is_some_and(|parts| is_plain_form(&parts)) {
        return;
    }
    if let (Some(response), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(code)) {
        response.set_status(status);
    }
}

/// Was the request sent by a form and not by a script?
fn is_plain_form(parts: &Parts) -> bool {
    let accepts = parts.headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    parts.method == Method::POST && accepts.contains("text/html")
}
