//! What the API says of itself: `/openapi.json` (OpenAPI 3.1), and `/api/docs`, where people read it.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get as on_get;
use http::HeaderMap;
use utoipa::ToSchema;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, ComponentsBuilder, InfoBuilder, License, OpenApi, OpenApiBuilder, Paths, RefOr, Schema, Server,
};

use self::describe::CHAPTERS;
pub use self::describe::{Described, Who, get, header, json, link, other, post, put, rows};
use super::messages::{OrderAnswer, Stored};
use super::{etag, health, messages, utm, v1};
use crate::auth::cookie;
use crate::config::Config;
use crate::error::{ApiError, problem_shape};
use crate::export::doors;
use crate::state::AppState;
use crate::track::collect;

mod describe;
mod docs;
pub mod parameters;
pub mod schema;

/// The document and its reader, for anyone.
pub fn routes(config: &Config) -> Router<AppState> {
    // It says the same as long as the server runs.
    let text: &'static [u8] = serde_json::to_vec(&document(config)).unwrap_or_default().leak();
    let document = async move |headers: HeaderMap| -> Response { etag::json(&headers, etag::PUBLIC, text.into()) };
    let only_get = async || ApiError::Method("GET, HEAD");
    Router::new()
        .route("/openapi.json", on_get(document).fallback(only_get))
        .route("/api/docs", on_get(async |State(state): State<AppState>| docs::page(&state)).fallback(only_get))
}

/// The whole document.
pub fn document(config: &Config) -> OpenApi {
    let info = InfoBuilder::new()
        .title("UTM Dispatcher")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(License::new("MIT OR Apache-2.0")));
    let server = config.admin_origin().map_or_else(|| "/".to_owned(), |origin| origin.to_string());
    let tags = CHAPTERS.map(|(name, about)| TagBuilder::new().name(name).description(Some(about)).build());
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([Server::new(server)]))
        .tags(Some(tags))
        .paths(paths(config))
        .components(Some(components(config)))
        .build()
}

const ABOUT: &str = "Which advertising earns money: reports, single sessions, files, and what a shop tells. \
    `dispatcher token add NAME --scope read` makes a token. Bad input is answered by problem JSON (RFC 9457) that names \
    the parameter, what came and what is allowed.";

fn paths(config: &Config) -> Paths {
    let all = v1::operations()
        .into_iter()
        .chain(utm::operations())
        .chain(doors::operations())
        .chain(messages::operations(config))
        .chain(collect::operations(config))
        .chain(health::operations());
    let mut paths = Paths::new();
    for described in all {
        let (path, method) = (described.path.clone(), described.method.clone());
        paths.add_path_operation(path, vec![method], described.build());
    }
    paths
}

fn components(config: &Config) -> Components {
    let mut schemas: Vec<(String, RefOr<Schema>)> = Vec::new();
    add::<v1::Catalogue>(&mut schemas);
    add::<v1::SessionAnswer>(&mut schemas);
    add::<utm::UtmSession>(&mut schemas);
    add::<utm::UtmSessionDetail>(&mut schemas);
    add::<OrderAnswer>(&mut schemas);
    add::<Stored>(&mut schemas);
    schemas.push(("Problem".to_owned(), problem_shape().into()));
    let token =
        |about| SecurityScheme::Http(Http::builder().scheme(HttpAuthScheme::Bearer).description(Some(about)).build());
    let login =
        ApiKeyValue::with_description(cookie::name(config.is_https()), "The cookie of a login to the dashboard.");
    ComponentsBuilder::new()
        .schemas_from_iter(schemas)
        .security_scheme("read_token", token("A token of scope read, with an analyst's rights."))
        .security_scheme("write_token", token("A token of scope write."))
        .security_scheme("login", SecurityScheme::ApiKey(ApiKey::Cookie(login)))
        .response("Problem", describe::problem())
        .build()
}

/// Adds the shape of `T` and of all that it holds.
fn add<T: ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) {
    schemas.push((T::name().into_owned(), T::schema()));
    T::schemas(schemas);
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::Value;

    use super::*;

    fn text() -> Value {
        serde_json::to_value(document(&Config::default())).unwrap()
    }

    #[test]
    fn every_operation_says_what_it_is() {
        let document = text();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
        let (mut ids, chapters) = (HashSet::new(), CHAPTERS.map(|(name, _)| name));
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let at = format!("{method} {path}");
                assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{at}: its id comes twice");
                assert!(!operation["summary"].as_str().unwrap().is_empty(), "{at}");
                assert!(chapters.contains(&operation["tags"][0].as_str().unwrap()), "{at}");
                assert!(
                    operation["responses"].as_object().unwrap().keys().any(|status| status.starts_with('2')),
                    "{at}"
                );
                let asked = operation["parameters"].as_array();
                for parameter in asked.into_iter().flatten() {
                    assert!(!parameter["description"].as_str().unwrap().is_empty(), "{at}");
                }
            }
        }
        assert!(ids.len() > 25, "{ids:?}");
    }

    #[test]
    fn what_is_referred_to_is_there() {
        fn refs(value: &Value, found: &mut HashSet<String>) {
            match value {
                Value::Object(fields) => {
                    found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
                    fields.values().for_each(|value| refs(value, found));
                }
                Value::Array(items) => items.iter().for_each(|value| refs(value, found)),
                _ => {}
            }
        }
        let (document, mut found) = (text(), HashSet::new());
        refs(&document, &mut found);
        assert!(found.len() > 10, "{found:?}");
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
    }
}
