//! What the shop's server tells: events and orders. Each is answered once it is on the disk, 200 in the database and
//! 202 in the spool.

use axum::body::{Body, Bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use axum::{Json, Router};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde_json::json;
use utm_dispatcher::message::{self, Context, Message, Owner, Received};
use utm_dispatcher::model::{Id, Millis, Money};
use utm_dispatcher::store::{Applied, StoredOrder};
use utm_dispatcher::tracking::{Exclusions, key};
use utoipa::ToSchema;

use super::body::whole;
use super::openapi::Described;
use super::time;
use crate::auth::guard;
use crate::config::Config;
use crate::error::ApiError;
use crate::state::{AppState, now};
use crate::track::queue::{NotTaken, Taken};

pub mod told;

/// The doors, for tokens of scope write.
pub fn routes() -> Router<AppState> {
    let for_writers = |methods: MethodRouter<AppState>| methods.route_layer(from_fn(guard::write_api));
    Router::new()
        .route("/api/v1/events", for_writers(post(put_events)).fallback(async || ApiError::Method("POST")))
        .route(
            "/api/v1/orders/{number}",
            for_writers(get(order).put(put_order)).fallback(async || ApiError::Method("GET, HEAD, PUT")),
        )
}

/// What the doors say of themselves.
pub fn operations(config: &Config) -> [Described; 3] {
    told::operations(config)
}

async fn put_events(State(state): State<AppState>, request: Request) -> Result<Response, ApiError> {
    let at = now();
    let body = json_body(&state, request).await?;
    let mut events = message::events(&body, &context(&state, at)).map_err(ApiError::BadField)?;
    let sent = events.len();
    // Now and not later: what waits in the spool is what will be stored.
    let exclusions = state.exclusions.now();
    events.retain(|event| !is_excluded(&event.owner, &exclusions));
    let (kept, excluded) = (events.len(), sent - events.len());
    let taken = if events.is_empty() {
        Taken::Stored(Applied::Events { stored: 0, duplicate: 0, dropped: 0 })
    } else {
        state.recorder.message(Received { message: Message::Events(events), at }).await?
    };
    state.counters.dropped_many("excluded", excluded as u64);
    let answer = match taken {
        Taken::Stored(Applied::Events { stored, duplicate, dropped }) => {
            json!({ "stored": stored, "duplicate": duplicate, "dropped": dropped + excluded })
        }
        Taken::Stored(_) => json!({ "stored": kept, "duplicate": 0, "dropped": excluded }),
        Taken::Spooled => json!({ "spooled": kept, "dropped": excluded }),
    };
    Ok(answered(taken, answer))
}

/// Is it a visitor whom an administrator does not want counted? Of a session only the database knows whose it is.
fn is_excluded(owner: &Owner, exclusions: &Exclusions) -> bool {
    match owner {
        Owner::Visitor(name) if !exclusions.visitors.is_empty() => exclusions.visitors.contains(&key::of_name(name)),
        _ => false,
    }
}

async fn put_order(
    State(state): State<AppState>,
    number: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    let at = now();
    let number = number_of(number)?;
    let body = json_body(&state, request).await?;
    let (order, owner) = message::order(&number, &body, &context(&state, at)).map_err(ApiError::BadField)?;
    // The order counts, the visitor does not.
    let owner = if is_excluded(&owner, &state.exclusions.now()) { Owner::Nobody } else { owner };
    let taken = state.recorder.message(Received { message: Message::Order { order, owner }, at }).await?;
    let result = match taken {
        Taken::Stored(Applied::Created) => "created",
        Taken::Stored(Applied::Merged) => "merged",
        Taken::Stored(Applied::Ignored | Applied::Events { .. }) => "ignored",
        Taken::Spooled => "spooled",
    };
    // What is stored is stored, even if the database goes away before it shows it.
    let stored = if taken == Taken::Spooled { None } else { state.store.order(&number).await.ok().flatten() };
    Ok(answered(taken, Stored { number, result, order: stored.map(OrderAnswer::of) }))
}

/// `GET /api/v1/orders/{number}`: the order as it is stored, with the buyer's e-mail and telephone: they are the shop's
/// own.
async fn order(
    State(state): State<AppState>,
    number: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    let stored = state.store.order(&number_of(number)?).await?.ok_or(ApiError::NotFound)?;
    Ok(private(StatusCode::OK, OrderAnswer::of(stored)))
}

impl From<NotTaken> for ApiError {
    fn from(error: NotTaken) -> Self {
        match error {
            NotTaken::Refused(bad) => Self::BadField(bad),
            NotTaken::Failed(error) => Self::Store(error),
            NotTaken::Away => Self::Away,
        }
    }
}

fn context(state: &AppState, now: Millis) -> Context<'_> {
    let config = &state.config;
    Context { now, currency: &config.store.currency, extra_actions: &config.tracking.extra_actions }
}

fn number_of(path: Result<Path<String>, PathRejection>) -> Result<String, ApiError> {
    path.map(|Path(number)| number).map_err(|_| ApiError::BadParameter {
        parameter: "number",
        came: "what is no UTF-8 once its percent signs are read".to_owned(),
        allowed: "an order's number, percent-encoded".to_owned(),
    })
}

/// The body of a request that says that it is JSON, or says nothing.
async fn json_body(state: &AppState, request: Request<Body>) -> Result<Bytes, ApiError> {
    if !is_json(request.headers()) {
        return Err(ApiError::NotJson);
    }
    whole(request.into_body(), state.config.limits.body).await
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(said) = headers.get(CONTENT_TYPE) else { return true };
    let kind = said.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

fn answered(taken: Taken, answer: impl Serialize) -> Response {
    private(if taken == Taken::Spooled { StatusCode::ACCEPTED } else { StatusCode::OK }, answer)
}

fn private(status: StatusCode, answer: impl Serialize) -> Response {
    (status, [(CACHE_CONTROL, "private, no-store")], Json(answer)).into_response()
}

/// An order in the words of an order line, with what it became.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderAnswer {
    number: String,
    /// The session that it is linked to.
    #[schema(value_type = Option<i64>)]
    session: Option<Id>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    #[schema(value_type = String)]
    total: Money,
    #[schema(value_type = String)]
    discount: Money,
    pay_type: String,
    payment_status: &'static str,
    #[schema(format = DateTime)]
    paid_at: Option<String>,
    status: &'static str,
    #[schema(value_type = String)]
    refunded: Money,
    /// When it became a lead.
    #[schema(format = DateTime)]
    lead_at: Option<String>,
    /// When it became a purchase.
    #[schema(format = DateTime)]
    purchase_at: Option<String>,
}

impl OrderAnswer {
    fn of(stored: StoredOrder) -> Self {
        let StoredOrder { order, lead_at, purchase_at } = stored;
        let (state, session) = (order.state, order.session);
        Self {
            number: state.number,
            session: session.map(|(_, session)| session),
            created_at: time(state.created_at),
            updated_at: state.updated_at.map(time),
            email: state.email,
            phone: state.phone,
            total: state.total,
            discount: state.discount,
            pay_type: state.pay_type,
            payment_status: state.payment_status.key(),
            paid_at: state.paid_at.map(time),
            status: state.status.key(),
            refunded: state.refunded,
            lead_at: lead_at.map(time),
            purchase_at: purchase_at.map(time),
        }
    }
}

/// What became of an order's message.
#[derive(Debug, Serialize, ToSchema)]
pub struct Stored {
    number: String,
    /// `created`, `merged`, `ignored` (it says nothing new) or `spooled`.
    result: &'static str,
    /// The order as it is stored now; null while the message waits in the spool.
    order: Option<OrderAnswer>,
}
