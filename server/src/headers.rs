//! Headers that every answer of our own carries; the storefront's answers stay as they are.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

use crate::config::Origin;
use crate::state::AppState;

/// For answers that say nothing themselves: they are no documents, so nothing may be loaded by them.
const SEALED: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Adds what the answer does not have yet.
pub async fn protect(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    let headers = answer.headers_mut();
    let mut add = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    add(CONTENT_SECURITY_POLICY, SEALED);
    add(X_CONTENT_TYPE_OPTIONS, "nosniff");
    add(X_FRAME_OPTIONS, "DENY");
    add(REFERRER_POLICY, "same-origin");
    add(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    add(CACHE_CONTROL, "private, no-store");
    if state.config.is_https() {
        add(STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    answer
}

/// The policy of a dashboard page whose inline scripts carry `nonce`.
///
/// Scripts come from our own folder alone, not from the whole site: a storefront on the same host must not lend its
/// files. `'strict-dynamic'` would not do: browsers then want a nonce on Leptos' preload links, which have none.
/// Attributes of style are allowed: charts and bars set them.
pub fn page_policy(nonce: &str, origin: Option<&Origin>) -> String {
    let scripts = origin.map_or_else(|| "'self'".to_owned(), |origin| format!("{origin}/admin-panel/pkg/"));
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'wasm-unsafe-eval' {scripts}; \
         style-src 'self' 'nonce-{nonce}'; style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
}
