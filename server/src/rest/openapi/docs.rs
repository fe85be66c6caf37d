//! `/api/docs`: the API's description for people, drawn by Swagger UI, which the build brings along.

use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use maud::{DOCTYPE, html};

use crate::state::AppState;

/// The page; it shows the same to everybody.
pub fn page(state: &AppState) -> Response {
    let files = format!("/admin-panel/pkg/{}", state.assets.build());
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                link rel="icon" type="image/svg+xml" href=(app::ICON);
                title { "UTM Dispatcher: API" }
                link rel="stylesheet" href={ (files) "/swagger-ui.css" };
            }
            body {
                div id="docs" {}
                noscript { p { "The description itself: " a href="/openapi.json" { "/openapi.json" } } }
                script src={ (files) "/swagger-ui-bundle.js" } {}
                script src={ (files) "/docs.js" } {}
            }
        }
    };
    let mut answer = page.into_response();
    let headers = answer.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    let scripts =
        state.config.admin_origin().map_or_else(|| "'self'".to_owned(), |origin| format!("{origin}/admin-panel/pkg/"));
    let policy = format!(
        "default-src 'none'; script-src {scripts}; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    );
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    answer
}
