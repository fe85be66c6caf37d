//! `/api/utm/…`: the endpoints of the system that this one replaces, with its field names.

use axum::handler::Handler;
use axum::middleware::from_fn;
use axum::routing::{MethodRouter, get};

use crate::auth::guard;
use crate::error::ApiError;
use crate::export::original::export_csv;
use crate::state::AppState;

mod compare;
mod detail;
mod geo;
mod groups;
mod roi;
mod sessions;
mod whole;

/// An endpoint: the name in its path, what answers.
pub type Endpoint = (&'static str, fn() -> MethodRouter<AppState>);

/// Every endpoint.
pub const ENDPOINTS: [Endpoint; 15] = [
    ("general_stats", || read(whole::general_stats)),
    ("sources", || read(groups::sources)),
    ("campaigns", || read(groups::campaigns)),
    ("content", || read(groups::content)),
    ("funnel", || read(whole::funnel)),
    ("geo", || read(geo::geo)),
    ("devices", || read(groups::devices)),
    ("browsers", || read(groups::browsers)),
    ("operating_systems", || read(groups::operating_systems)),
    ("returning_visitors", || read(whole::returning_visitors)),
    ("sessions", || read(sessions::sessions)),
    ("{id}/session_detail", || read(detail::session_detail)),
    ("compare", || read(compare::compare)),
    ("roi", || read(roi::roi)),
    ("export_csv", || get(export_csv).route_layer(from_fn(guard::export_api)).fallback(only_get)),
];

/// What else lies here is nothing. (A catch-all cannot stand beside the id.)
pub const NOTHING: [&str; 6] =
    ["/api/utm/", "/api/utm//", "/api/utm//{*rest}", "/api/utm/{id}", "/api/utm/{id}/", "/api/utm/{id}/{*rest}"];

/// The paths of an endpoint: hyphen or underscore, with or without the last slash.
pub fn spellings(name: &str) -> impl Iterator<Item = String> {
    let mut names = vec![name.to_owned(), name.replace('_', "-")];
    names.dedup();
    names.into_iter().flat_map(|name| ["", "/"].map(|end| format!("/api/utm/{name}{end}")))
}

/// An endpoint that only reads, for those who may.
fn read<H: Handler<T, AppState>, T: 'static>(handler: H) -> MethodRouter<AppState> {
    get(handler).route_layer(from_fn(guard::read_api)).fallback(only_get)
}

async fn only_get() -> ApiError {
    ApiError::Method("GET, HEAD")
}

/// There is no such endpoint.
pub async fn missing() -> ApiError {
    ApiError::NotFound
}

/// The English short name of a country of ISO 3166-1.
pub fn country_name(code: &str) -> Option<&'static str> {
    rust_iso3166::from_alpha2(code).map(|country| country.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_has_its_spellings() {
        assert_eq!(
            spellings("general_stats").collect::<Vec<_>>(),
            ["/api/utm/general_stats", "/api/utm/general_stats/", "/api/utm/general-stats", "/api/utm/general-stats/"]
        );
        assert_eq!(spellings("sources").count(), 2);
    }

    #[test]
    fn countries_have_english_names() {
        assert_eq!(country_name("UA"), Some("Ukraine"));
        assert_eq!(country_name("ua"), None);
        assert_eq!(country_name("ZZ"), None);
    }
}
