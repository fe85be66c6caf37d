//! `/api/utm/…`: the endpoints of the system that this one replaces, with its field names.

use axum::handler::Handler;
use axum::middleware::from_fn;
use axum::routing::{MethodRouter, get};

use crate::auth::guard;
use crate::error::ApiError;
use crate::export::original::{self, export_csv};
use crate::rest::openapi::parameters::{days, page, path, query};
use crate::rest::openapi::schema::{list, numbers, shape, text, whole as whole_number, word};
use crate::rest::openapi::{self, Described, Who};
use crate::state::AppState;

mod compare;
pub mod detail;
mod geo;
mod groups;
mod roi;
mod sessions;
mod whole;

pub use detail::UtmSessionDetail;
pub use sessions::UtmSession;

/// One endpoint.
pub struct Endpoint {
    /// Its name in the path.
    pub name: &'static str,
    /// What it tells, in a sentence.
    pub about: &'static str,
    /// What answers.
    pub route: fn() -> MethodRouter<AppState>,
    /// What it takes and gives.
    pub describe: fn(Described) -> Described,
}

/// Every endpoint.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        name: "general_stats",
        about: "The period in numbers.",
        route: || read(whole::general_stats),
        describe: |it| it.takes(days()).gives(200, "The numbers.", numbers(&whole::GENERAL)),
    },
    Endpoint {
        name: "sources",
        about: "Sessions by source.",
        route: || read(groups::sources),
        describe: |it| groups::SOURCES.describe(it),
    },
    Endpoint {
        name: "campaigns",
        about: "Sessions by campaign and source.",
        route: || read(groups::campaigns),
        describe: |it| groups::CAMPAIGNS.describe(it),
    },
    Endpoint {
        name: "content",
        about: "Sessions by creative and campaign.",
        route: || read(groups::content),
        describe: |it| groups::CONTENT.describe(it),
    },
    Endpoint {
        name: "funnel",
        about: "How far sessions come. Every rate is of all sessions.",
        route: || read(whole::funnel),
        describe: |it| {
            let mode = word(["nested", "independent"]).default(Some("nested".into()));
            it.takes(days()).takes([query("mode", "Does a later step imply the earlier ones?", mode)]).gives(
                200,
                "The steps.",
                numbers(&whole::FUNNEL),
            )
        },
    },
    Endpoint {
        name: "geo",
        about: "Sessions by country and by city. Both lists go on together.",
        route: || read(geo::geo),
        describe: |it| it.takes(days()).takes(page(geo::LIMIT)).gives_list(geo::shape()),
    },
    Endpoint {
        name: "devices",
        about: "Sessions by form of device.",
        route: || read(groups::devices),
        describe: |it| groups::DEVICES.describe(it),
    },
    Endpoint {
        name: "browsers",
        about: "Sessions by browser.",
        route: || read(groups::browsers),
        describe: |it| groups::BROWSERS.describe(it),
    },
    Endpoint {
        name: "operating_systems",
        about: "Sessions by operating system.",
        route: || read(groups::operating_systems),
        describe: |it| groups::OPERATING_SYSTEMS.describe(it),
    },
    Endpoint {
        name: "returning_visitors",
        about: "First visits beside later ones.",
        route: || read(whole::returning_visitors),
        describe: |it| {
            let fields = whole::RETURNING.map(|(name, _, metric)| (name, metric));
            it.takes(days()).gives(200, "The numbers.", numbers(&fields))
        },
    },
    Endpoint {
        name: "sessions",
        about: "Single sessions, the newest first. Viewers see no addresses.",
        route: || read(sessions::sessions),
        describe: |it| {
            let rows = openapi::rows(list(shape::<UtmSession>()))
                .link("detail", openapi::link("utm_session_detail", "id", "$response.body#/0/id"))
                .link("session", openapi::link("session", "id", "$response.body#/0/id"));
            it.takes(days()).takes(page(sessions::LIMIT)).answers(200, rows)
        },
    },
    Endpoint {
        name: "{id}/session_detail",
        about: "One session with what was done and bought in it.",
        route: || read(detail::session_detail),
        describe: |it| {
            let id = whole_number(0, detail::ID_END - 1);
            it.takes([path("id", "The session's id.", id)])
                .gives(200, "The session.", shape::<UtmSessionDetail>())
                .refuses([404])
        },
    },
    Endpoint {
        name: "compare",
        about: "A period beside the one before it, with the changes.",
        route: || read(compare::compare),
        describe: |it| {
            let align = word(["full", "elapsed"]).default(Some("full".into()));
            let about = "`elapsed` cuts the last earlier day at the clock's time of now.";
            it.takes(days()).takes([query("align", about, align)]).gives(200, "Both.", compare::shape())
        },
    },
    Endpoint {
        name: "roi",
        about: "What a sum that was spent has brought.",
        route: || read(roi::roi),
        describe: |it| {
            let sum = text().pattern(Some(r"^[0-9]{1,11}(\.[0-9]{1,2})?$")).default(Some("0".into()));
            it.takes(days()).takes([query("ad_spend", "The sum, in the store's currency.", sum)]).gives(
                200,
                "The numbers.",
                numbers(&roi::FIELDS),
            )
        },
    },
    Endpoint {
        name: "export_csv",
        about: "Sessions, sources, campaigns or content as CSV. Not for viewers.",
        route: || get(export_csv).route_layer(from_fn(guard::export_api)).fallback(only_get),
        describe: original::describe,
    },
];

/// What the endpoints say of themselves.
pub fn operations() -> impl Iterator<Item = Described> {
    ENDPOINTS.iter().map(|Endpoint { name, about, describe, .. }| {
        let id = format!("utm_{}", name.trim_start_matches("{id}/"));
        let it = openapi::get(format!("/api/utm/{name}/"), &id, about).within("original", Who::Reader).refuses([400]);
        describe(it)
    })
}

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
}
