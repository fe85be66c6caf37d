//! The dashboard's pages, server functions and files, as the host serves them.

use std::sync::Arc;

use app::context::{Asker, Host};
use app::functions::tracking::Counts;
use app::routes::HOME;
use app::settings::Settings;
use axum::Router;
use axum::extract::{Extension, Path, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use http::header::CONTENT_SECURITY_POLICY;
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use leptos::context::{provide_context, use_context};
use leptos::nonce::use_nonce;
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list};

use crate::auth::Identity;
use crate::client::ClientAddress;
use crate::config::Config;
use crate::error::ApiError;
use crate::headers::page_policy;
use crate::page::apology;
use crate::state::AppState;
use crate::track::cookie::VisitorCookie;

/// The pages and the server functions, at the addresses that the dashboard itself declares.
pub fn pages(state: &AppState) -> Router<AppState> {
    let (host, config) = (state.clone(), state.config.clone());
    let counters = Arc::clone(&state.counters);
    let counts: Arc<dyn Fn() -> Counts + Send + Sync> = Arc::new(move || counters.counts());
    let context = move || {
        let parts = use_context::<Parts>();
        let identity = parts.as_ref().and_then(|parts| parts.extensions.get::<Identity>().cloned());
        provide_context(Host {
            store: host.store.clone(),
            viewer: identity.as_ref().and_then(Identity::user).cloned(),
            settings: parts.as_ref().and_then(|parts| parts.extensions.get::<Settings>().cloned()).unwrap_or_default(),
            build: host.assets.build().into(),
            currency: config.store.currency.as_str().into(),
            asker: parts.as_ref().map(|parts| asker(parts, &config)).unwrap_or_default(),
            exclusions: host.exclusions.clone(),
            counts: Arc::clone(&counts),
        });
        // Server functions have no nonce: their answers are no documents.
        if let (Some(nonce), Some(answer)) = (use_nonce(), use_context::<ResponseOptions>())
            && let Ok(policy) = HeaderValue::try_from(page_policy(&nonce, config.admin_origin().as_ref()))
        {
            answer.insert_header(CONTENT_SECURITY_POLICY, policy);
        }
    };
    let options = state.leptos.clone();
    Router::new()
        .leptos_routes_with_context(state, generate_route_list(app::App), context, move || app::shell(options.clone()))
}

/// Reads what the user has saved, for the one page that shows it: rendering does not wait, so it is there before.
pub async fn settings(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Some(viewer) = identity.user().filter(|_| request.uri().path() == HOME) {
        match state.store.settings(&viewer.name).await {
            Ok(stored) => request.extensions_mut().insert(Settings::from(stored)),
            Err(error) => return ApiError::from(error).into_response(),
        };
    }
    next.run(request).await
}

/// Whom the tracking layer would see, did this request go to the shop.
fn asker(parts: &Parts, config: &Config) -> Asker {
    Asker {
        address: ClientAddress::of(parts, &config.tracking).0.to_string(),
        visitor: VisitorCookie::of(&parts.headers).map(|cookie| cookie.key().0),
    }
}

/// `GET /admin-panel/pkg/{build}/{file}`: the browser's files, for anyone.
pub async fn asset(
    State(state): State<AppState>,
    Path((build, file)): Path<(String, String)>,
    request: Request,
) -> Response {
    state.assets.answer(&build, &file, request).await
}

/// `/admin-panel/` is `/admin-panel`.
pub async fn without_slash(request: Request) -> Response {
    let query = request.uri().query().map_or_else(String::new, |query| format!("?{query}"));
    Redirect::permanent(&format!("/admin-panel{query}")).into_response()
}

/// There is no such page.
pub async fn missing() -> Response {
    apology(StatusCode::NOT_FOUND)
}
