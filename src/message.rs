//! What the shop's server and imports say: JSON that becomes messages, every field of it checked.
//!
//! [`events`] and [`order`] read the bodies of requests, [`line`] a line of an import, [`told`] and [`original`] what a page's
//! script says. What they give can be stored as it is;
//! only whether a session is known is left for the store to say.

mod address;
mod bad_field;
mod event;
mod fields;
mod order;
mod page;
mod session;
mod spend;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::bad_field::BadField;
pub use self::event::Event;
use self::fields::Fields;
pub use self::order::{MAX_NUMBER, bad_order};
pub use self::page::{MAX_CLAIMS, Page, Told, original, page, told};
pub use self::session::SessionLine;
pub use self::spend::SpendLine;
use crate::model::visitor::VisitorKey;
use crate::model::{Millis, OrderMessage};

/// A body holds at most so many events.
pub const MAX_EVENTS: usize = 1000;

/// What has to be known to check a message.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Now.
    pub now: Millis,
    /// The store's currency: `UAH`.
    pub currency: &'a str,
    /// Kinds of actions that the shop uses beside the known ones.
    pub extra_actions: &'a [String],
}

/// Whose something is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The session that the sender calls so; or our own id of it.
    Session(String),
    /// The visitor whose cookie holds this, or whom the sender calls so.
    Visitor(String),
    /// The session with this short code, in the form of [`crate::model::code::plain`].
    Code(String),
    /// The visitor whom we know by this key.
    Key(VisitorKey),
    /// Nobody who is known.
    Nobody,
}

/// What can be acknowledged: it is stored, or it waits on the disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// What visitors did: all of it is stored, or nothing.
    Events(Vec<Event>),
    /// The state of an order.
    Order {
        /// The order.
        order: OrderMessage,
        /// Whose it is.
        owner: Owner,
    },
}

/// A message with the time at which it arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// What was said.
    pub message: Message,
    /// When.
    pub at: Millis,
}

/// A line of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A session.
    Session(Box<SessionLine>),
    /// Something done in a session.
    Action(Event),
    /// The state of an order.
    Order(OrderMessage, Owner),
    /// What a day of a campaign cost.
    Spend(SpendLine),
}

/// Reads `{"events": […]}` of 1 to [`MAX_EVENTS`] action lines, each with a session or a visitor.
pub fn events(body: &[u8], context: &Context) -> Result<Vec<Event>, BadField> {
    let mut fields = Fields::of(json(body, "body")?, "body")?;
    let allowed = || format!("a list of 1 to {MAX_EVENTS} events");
    let list = match fields.take("events") {
        None => return Err(BadField::missing("events", allowed())),
        Some(Value::Array(list)) if (1..=MAX_EVENTS).contains(&list.len()) => list,
        Some(Value::Array(list)) => {
            return Err(BadField::new("events", &format!("a list of {}", list.len()), allowed()));
        }
        Some(other) => return Err(BadField::new("events", &other.to_string(), allowed())),
    };
    fields.end("events")?;
    let read = |(place, value)| event::event(value, context).map_err(|bad| bad.inside(&format!("events[{place}]")));
    list.into_iter().enumerate().map(read).collect()
}

/// Reads the state of the order `number`: an order line without type and number.
pub fn order(number: &str, body: &[u8], context: &Context) -> Result<(OrderMessage, Owner), BadField> {
    order::order(number, json(body, "body")?, context)
}

/// Reads a line of an import.
pub fn line(text: &[u8], context: &Context) -> Result<Line, BadField> {
    let mut fields = Fields::of(json(text, "line")?, "line")?;
    let allowed = "one of session, action, order, spend";
    let Some(kind) = fields.take("type") else { return Err(BadField::missing("type", allowed)) };
    match kind.as_str() {
        Some("session") => session::session(fields, context).map(|session| Line::Session(Box::new(session))),
        Some("action") => event::of_fields(fields, context).map(Line::Action),
        Some("order") => order::numbered(fields, context).map(|(order, owner)| Line::Order(order, owner)),
        Some("spend") => spend::spend(fields, context).map(Line::Spend),
        Some(other) => Err(BadField::new("type", other, allowed)),
        None => Err(BadField::new("type", &kind.to_string(), allowed)),
    }
}

fn json(text: &[u8], field: &str) -> Result<Value, BadField> {
    serde_json::from_slice(text).map_err(|error| {
        let came = String::from_utf8_lossy(&text[..text.len().min(256)]);
        BadField::new(field, &came, format!("JSON ({error})"))
    })
}

#[cfg(test)]
mod tests;
