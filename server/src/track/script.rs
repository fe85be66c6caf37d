//! `/t.js`: the script that counts on pages which do not pass the layer, and tells what only a page knows.

use std::sync::LazyLock;

use axum::response::IntoResponse;
use http::HeaderName;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};

/// The script without what only its readers need: comments, which have lines of their own, and indentation.
static SCRIPT: LazyLock<String> = LazyLock::new(|| {
    let lines = include_str!("script/t.js").lines().map(str::trim);
    let code: Vec<&str> = lines.filter(|line| !line.is_empty() && !line.starts_with("//")).collect();
    code.join("\n")
});

/// `GET /t.js`, for the pages of any site.
pub async fn show() -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (CACHE_CONTROL, "public, max-age=3600"),
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    (headers, SCRIPT.as_str())
}
