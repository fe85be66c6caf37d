//! The shapes of what the shop's server and its pages tell, for the API's description. They are as `src/message/` reads
//! them.

use serde_json::json;
use utm_dispatcher::message::{MAX_CLAIMS, MAX_EVENTS, MAX_NUMBER};
use utm_dispatcher::model::action::ActionKind;
use utm_dispatcher::model::{OrderStatus, PaymentStatus};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

use crate::config::Config;
use crate::rest::openapi::parameters::path;
use crate::rest::openapi::schema::{
    any_of, form, list, object, or_null, shape, text, text_or_null, time, whole, word, word_or_null,
};
use crate::rest::openapi::{self, Described, Who};

use super::{OrderAnswer, Stored};

/// A field and its shape.
type Field = (&'static str, RefOr<Schema>);

/// The doors of the shop's server.
pub fn operations(config: &Config) -> [Described; 3] {
    let number = || {
        path("number", "The shop's own number of the order.", text().min_length(Some(1)).max_length(Some(MAX_NUMBER)))
    };
    let count = || whole(0, i64::MAX);
    let stored = object([("stored", count()), ("duplicate", count()), ("dropped", count())]);
    let spooled = object([("spooled", count()), ("dropped", count())]);
    let about =
        "Tells what visitors did. All events of a call are stored, or none; one whose `id` is known is stored once.";
    let events = openapi::post("/api/v1/events", "put_events", about)
        .body(form([("events!", list(event(config)).min_items(Some(1)).max_items(Some(MAX_EVENTS)))]), event_example())
        .gives(200, "They are on the disk.", stored)
        .gives(202, "They wait on the disk until the database is back.", spooled)
        .refuses([400, 413, 415, 422]);
    let stored_order = openapi::json("It is on the disk.", shape::<Stored>())
        .link("order", openapi::link("get_order", "number", "$request.path.number"));
    let about = "Tells the state of an order. A message that comes again, or late, changes nothing.";
    let put = openapi::put("/api/v1/orders/{number}", "put_order", about)
        .takes([number()])
        .body(order(config), order_example())
        .answers(200, stored_order)
        .gives(202, "It waits on the disk until the database is back.", shape::<Stored>())
        .refuses([400, 413, 415, 422]);
    let get = openapi::get("/api/v1/orders/{number}", "get_order", "An order as it is stored, with its buyer.")
        .takes([number()])
        .gives(200, "The order.", shape::<OrderAnswer>())
        .refuses([400, 404]);
    [events, put, get].map(|door| door.within("shop", Who::Writer))
}

/// Something done, as the shop's server tells it.
fn event(config: &Config) -> ObjectBuilder {
    let own: [Field; 6] = [
        ("id!", id(255).into()),
        ("session", id_or_null(255)),
        ("visitor", id_or_null(255)),
        ("at!", time().into()),
        ("action!", kind(config).into()),
        ("page", text_or_null().max_length(Some(4096)).into()),
    ];
    form(own.into_iter().chain(details(config)))
}

/// An event of a page.
pub fn claim(config: &Config) -> ObjectBuilder {
    form([("type!", kind(config).into())].into_iter().chain(details(config)))
}

/// What every event may say.
fn details(config: &Config) -> [Field; 7] {
    [
        ("product_id", id_or_null(255)),
        ("product_name", text_or_null().max_length(Some(255)).into()),
        ("value", amount_or_null()),
        ("currency", currency(config)),
        ("order", id_or_null(MAX_NUMBER)),
        ("query", text_or_null().max_length(Some(255)).into()),
        ("metadata", or_null(Type::Object).into()),
    ]
}

/// The page that a script speaks for, and what it tells of it.
pub fn page(more: impl IntoIterator<Item = Field>) -> ObjectBuilder {
    let own: [Field; 4] = [
        ("url!", text().max_length(Some(4096)).description(Some("The page's own address.")).into()),
        ("referrer", text_or_null().max_length(Some(4096)).into()),
        ("visitor", text_or_null().pattern(Some("^[0-9a-f]{32}$")).into()),
        ("consent", or_null(Type::Boolean).into()),
    ];
    form(own.into_iter().chain(more))
}

/// The events of a page.
pub fn claims(config: &Config) -> Field {
    ("events!", list(claim(config)).min_items(Some(1)).max_items(Some(MAX_CLAIMS)).into())
}

/// An event in the form of the replaced system, which left unknown names alone.
pub fn original(config: &Config) -> ObjectBuilder {
    let ids = ["category_id", "lead_id", "survey_session_id", "question_id", "order_id"];
    let form = ids
        .into_iter()
        .fold(ObjectBuilder::new().schema_type(Type::Object), |form, name| form.property(name, id_or_null(255)));
    form.property("event_type", kind(config))
        .required("event_type")
        .property("product_id", id_or_null(255))
        .property("cart_value", amount_or_null())
        .property("order_number", id_or_null(MAX_NUMBER))
        .property("query", text_or_null().max_length(Some(255)))
        .property("metadata", or_null(Type::Object))
}

fn order(config: &Config) -> ObjectBuilder {
    let fields: [Field; 15] = [
        ("session", id_or_null(255)),
        ("visitor", id_or_null(255)),
        ("code", id_or_null(255)),
        ("created_at!", time().into()),
        ("updated_at", time_or_null()),
        ("email", text_or_null().max_length(Some(255)).into()),
        ("phone", text_or_null().max_length(Some(255)).into()),
        ("total!", amount()),
        ("discount", amount_or_null()),
        ("currency", currency(config)),
        ("pay_type", text_or_null().max_length(Some(64)).into()),
        ("payment_status!", word(PaymentStatus::ALL.map(PaymentStatus::key)).into()),
        ("paid_at", time_or_null()),
        ("status", word_or_null(OrderStatus::ALL.map(OrderStatus::key)).into()),
        ("refunded", amount_or_null()),
    ];
    form(fields)
}

fn kind(config: &Config) -> ObjectBuilder {
    word(ActionKind::keys(&config.tracking.extra_actions))
}

/// Somebody else's name of something: a text or a whole number.
fn id(most: usize) -> ObjectBuilder {
    let kinds = SchemaType::from_iter([Type::String, Type::Integer]);
    ObjectBuilder::new().schema_type(kinds).min_length(Some(1)).max_length(Some(most))
}

fn id_or_null(most: usize) -> RefOr<Schema> {
    id(most).schema_type(SchemaType::from_iter([Type::String, Type::Integer, Type::Null])).into()
}

fn amount() -> RefOr<Schema> {
    let written = text().pattern(Some(r"^[0-9]{1,11}(\.[0-9]{1,2})?$"));
    any_of([written, ObjectBuilder::new().schema_type(Type::Number).minimum(Some(0))]).into()
}

fn amount_or_null() -> RefOr<Schema> {
    any_of([amount(), ObjectBuilder::new().schema_type(Type::Null).into()]).into()
}

fn currency(config: &Config) -> RefOr<Schema> {
    word_or_null([config.store.currency.as_str()]).into()
}

fn time_or_null() -> RefOr<Schema> {
    time().schema_type(SchemaType::from_iter([Type::String, Type::Null])).into()
}

fn order_example() -> serde_json::Value {
    json!({ "visitor": "0123456789abcdef0123456789abcdef", "created_at": "2025-11-20T09:15:00+02:00",
        "total": "1499.00", "pay_type": "online_full", "payment_status": "paid" })
}

fn event_example() -> serde_json::Value {
    json!({ "events": [{ "id": "c-1", "visitor": "0123456789abcdef0123456789abcdef",
        "at": "2025-11-20T09:15:00+02:00", "action": "add_to_cart", "product_id": "17", "value": "499.00" }] })
}
