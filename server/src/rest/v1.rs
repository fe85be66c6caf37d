//! `/api/v1/reports` and `/api/v1/sessions`: any report with any query, what there is to ask, single sessions.

use axum::Router;
use axum::handler::Handler;
use axum::middleware::from_fn;
use axum::routing::{MethodRouter, get};
use utm_dispatcher::report::Report;

use super::openapi::parameters::{self, path};
use super::openapi::schema::{shape, whole, word};
use super::openapi::{self, Described, Who, header};
use super::utm::detail::ID_END;
use crate::auth::guard;
use crate::error::ApiError;
use crate::export::json;
use crate::state::AppState;

mod catalogue;
mod report;
mod session;

pub use catalogue::Catalogue;
pub use session::SessionAnswer;

/// The addresses, for who may read.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/api/v1/reports", read(catalogue::catalogue))
        .route("/api/v1/reports/{id}", read(report::report))
        .route("/api/v1/sessions/{id}", read(session::session))
}

fn read<H: Handler<T, AppState>, T: 'static>(handler: H) -> MethodRouter<AppState> {
    get(handler).route_layer(from_fn(guard::read_api)).fallback(async || ApiError::Method("GET, HEAD"))
}

/// What they say of themselves.
pub fn operations() -> [Described; 3] {
    let id = word(Report::ALL.iter().map(|report| report.key()));
    let link = header("`<…>; rel=\"next\"`: where the rows go on, unless these are the last.");
    let table = openapi::json("The table. Null stands for what viewers may not see.", json::shape());
    let what = "What can be asked: reports, metrics, dimensions and filters, each with what it is.";
    let one = "A report with any query. A name that is no parameter is refused, and so is what cannot be counted.";
    [
        tagged(openapi::get("/api/v1/reports", "reports", what), openapi::json("The catalogue.", shape::<Catalogue>())),
        tagged(openapi::get("/api/v1/reports/{id}", "report", one), table.header("Link", link))
            .takes([path("id", "Which report.", id)])
            .takes(parameters::report(report::MOST))
            .refuses([400, 404]),
        tagged(
            openapi::get("/api/v1/sessions/{id}", "session", "One session with everything around it."),
            openapi::json("The session.", shape::<SessionAnswer>()),
        )
        .takes([path("id", "The session's id.", whole(0, ID_END - 1))])
        .refuses([400, 404]),
    ]
}

/// An operation for readers whose answer has a tag.
fn tagged(it: Described, answer: utoipa::openapi::ResponseBuilder) -> Described {
    let tag = header("What the answer is; sent back as `If-None-Match` it is answered by 304 while nothing changed.");
    let unchanged = utoipa::openapi::ResponseBuilder::new().description("It is what `If-None-Match` names.");
    it.within("reports", Who::Reader).answers(200, answer.header("ETag", tag)).answers(304, unchanged)
}
