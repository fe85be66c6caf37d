//! The host: listens, tracks, serves the dashboard and writes.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{any, get, post};
use http_body_util::Limited;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::trace::TraceLayer;

use crate::auth::guard;
use crate::rest::{health, messages, openapi, utm, v1};
use crate::state::AppState;

pub mod assets;
pub mod auth;
pub mod cli;
pub mod client;
pub mod config;
pub mod dashboard;
pub mod demo;
pub mod error;
pub mod export;
pub mod geo;
pub mod headers;
pub mod help;
pub mod jobs;
pub mod listen;
pub mod live;
pub mod metrics;
pub mod page;
pub mod rest;
pub mod serve;
pub mod state;
pub mod storefront;
pub mod track;

/// Every route and layer. `doors` are those for the shop's pages ([`track::collect::router`]). What is not ours goes to
/// `storefront`, through no layer that would change its answers.
pub fn router(state: AppState, doors: Router, storefront: Router) -> Router {
    let dashboard = dashboard::pages(&state)
        .layer(from_fn_with_state(state.clone(), dashboard::settings))
        .route("/admin-panel/help", get(help::help))
        .layer(from_fn(guard::dashboard))
        // A whole dashboard is tables, links and the answers they were made of: a fourteenth of its size on the wire.
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(6)))
        // It refuses by itself: what opens it follows no redirect to a login.
        .route("/admin-panel/live", get(live::live))
        .route("/admin-panel/login", post(auth::login))
        .route("/admin-panel/logout", post(auth::logout))
        .layer(from_fn_with_state(state.clone(), guard::own_origin))
        .route("/admin-panel/", any(dashboard::without_slash))
        .route("/admin-panel/{*rest}", any(dashboard::missing));
    let api = utm::ENDPOINTS
        .iter()
        .flat_map(|endpoint| utm::spellings(endpoint.name).map(move |path| (path, endpoint)))
        .fold(Router::new(), |api, (path, endpoint)| api.route(&path, (endpoint.route)()));
    let api = utm::NOTHING.iter().fold(api, |api, path| api.route(path, any(utm::missing)));
    // Kept by shared caches, so never behind what renews the cookie of a login.
    let files = Router::new()
        .route("/admin-panel/pkg/{build}/{*file}", get(dashboard::asset))
        .layer(from_fn_with_state(state.clone(), guard::admin_host));
    let monitors = Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics));
    let body = state.config.limits.body;
    let own = dashboard
        .merge(api)
        .merge(v1::routes())
        .merge(openapi::routes(&state.config))
        .merge(export::doors::routes())
        .layer(from_fn_with_state(state.clone(), guard::admin_host))
        .merge(monitors)
        .merge(messages::routes())
        .layer(from_fn_with_state(state.clone(), guard::identify))
        .merge(files)
        .merge(doors.layer(from_fn_with_state(state.clone(), guard::other_hosts)).with_state(()))
        .layer(from_fn(move |request, next| bounded(body, request, next)))
        .layer(from_fn_with_state(state.clone(), headers::protect))
        .with_state(state.clone());
    own.fallback_service(storefront.layer(from_fn_with_state(state, guard::other_hosts)))
        .layer(CatchPanicLayer::new())
        // Failures are logged where they are answered.
        .layer(TraceLayer::new_for_http().on_failure(()))
}

/// Cuts a request's body off after `most` bytes.
async fn bounded(most: usize, request: Request, next: Next) -> Response {
    next.run(request.map(|body| axum::body::Body::new(Limited::new(body, most)))).await
}
