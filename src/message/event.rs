//! What a visitor did, as the shop's server or an import says it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fields::{Fields, MAX_ID, MAX_TEXT, MAX_URL};
use super::{BadField, Context, MAX_NUMBER, Owner, address};
use crate::model::action::ActionKind;
use crate::model::{Millis, NewAction};
use crate::tracking::text;

/// Metadata has at most so many bytes, as JSON text.
const MAX_METADATA: usize = 4096;
/// A search has at most so many characters.
const MAX_QUERY: usize = 255;

const FIELDS: &str = "id, session, visitor, at, action, product_id, product_name, value, currency, order, query, page, \
                      metadata";

/// An action with the key that keeps it from being stored twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The sender's own id of it.
    pub id: String,
    /// Whose it is: a session or a visitor.
    pub owner: Owner,
    /// When it was done.
    pub at: Millis,
    /// What was done.
    pub action: NewAction,
}

/// Reads an event of a list.
pub fn event(value: Value, context: &Context) -> Result<Event, BadField> {
    of_fields(Fields::of(value, "event")?, context)
}

/// Reads an action line.
pub fn of_fields(mut fields: Fields, context: &Context) -> Result<Event, BadField> {
    let id = fields.needed_id("id", MAX_ID)?;
    let (session, visitor) = (fields.id("session", MAX_ID)?, fields.id("visitor", MAX_ID)?);
    let owner = match (session, visitor) {
        (Some(session), _) => Owner::Session(session),
        (None, Some(visitor)) => Owner::Visitor(visitor),
        (None, None) => return Err(BadField::missing("session", "the id of a session, or “visitor” in its place")),
    };
    let at = fields.needed_time("at", context)?;
    let mut action = NewAction::new(kind(&mut fields, "action", context)?);
    action.product_id = fields.id("product_id", MAX_ID)?;
    action.product_name = fields.text("product_name", MAX_TEXT)?;
    action.value = fields.amount("value")?;
    fields.currency(context)?;
    action.order = fields.id("order", MAX_NUMBER)?;
    action.page = fields.raw_text("page", MAX_URL)?.map(|page| address::path(&page));
    let metadata = fields.object("metadata")?;
    action.query = fields.text("query", MAX_QUERY)?;
    if action.kind == ActionKind::Search && action.query.is_none() {
        let told = metadata.as_ref().and_then(|metadata| metadata.peek("query")).and_then(Value::as_str);
        action.query = told.and_then(|query| text::some(query.as_bytes(), MAX_QUERY));
    }
    action.metadata = metadata.map(metadata_text).transpose()?.flatten();
    fields.end(FIELDS)?;
    Ok(Event { id, owner, at, action })
}

/// The kind of action that the field `name` says, one of those that are known.
pub fn kind(fields: &mut Fields, name: &str, context: &Context) -> Result<ActionKind, BadField> {
    let came = fields.id(name, MAX_TEXT)?;
    let all: Vec<_> = ActionKind::keys(context.extra_actions).collect();
    if let Some(key) = came.as_deref().filter(|key| all.contains(key)) {
        return Ok(ActionKind::from(key));
    }
    let allowed = format!("one of {}", all.join(", "));
    Err(came
        .map_or_else(|| BadField::missing(name, allowed.as_str()), |came| BadField::new(name, &came, allowed.as_str())))
}

/// The object as JSON text, every character that must not be stored written as its number.
pub fn metadata_text(fields: Fields) -> Result<Option<String>, BadField> {
    use std::fmt::Write;

    if fields.is_empty() {
        return Ok(None);
    }
    let mut safe = String::new();
    for c in fields.into_json().to_string().chars() {
        if text::is_plain(c) {
            safe.push(c);
        } else {
            // Only inside of strings does JSON hold such characters, all of four digits. Writing to a String cannot fail.
            let _ = write!(safe, "\\u{:04x}", u32::from(c));
        }
    }
    if safe.len() > MAX_METADATA {
        let allowed = format!("a JSON object of at most {MAX_METADATA} bytes");
        return Err(BadField::new("metadata", &format!("{} bytes", safe.len()), allowed));
    }
    Ok(Some(safe))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::CONTEXT;
    use super::*;
    use crate::model::Money;

    fn with(name: &str, value: Value) -> Result<Event, BadField> {
        let mut line = json!({"id": "a1", "session": "s1", "at": "2026-11-22T10:00:00Z", "action": "add_to_cart"});
        line[name] = value;
        event(line, &CONTEXT)
    }

    #[test]
    fn every_field_is_read() {
        let line = json!({
            "id": "a1", "session": "s1", "visitor": "v1", "at": "2026-11-22T10:00:00Z", "action": "add_to_cart",
            "product_id": 17, "product_name": "Футболка", "value": "499.00", "currency": "UAH", "order": "N1",
            "page": "https://shop.example/product/%D1%97?x=1#y", "query": "чашка", "metadata": {"a": "b\u{7f}"},
        });
        let Event { id, owner, at, action } = event(line, &CONTEXT).unwrap();
        assert_eq!((id.as_str(), owner, at), ("a1", Owner::Session("s1".into()), 1_795_341_600_000));
        assert_eq!(action.kind, ActionKind::AddToCart);
        assert_eq!((action.product_id.as_deref(), action.product_name.as_deref()), (Some("17"), Some("Футболка")));
        assert_eq!((action.value, action.order.as_deref()), (Some(Money(49_900)), Some("N1")));
        assert_eq!((action.page.as_deref(), action.query.as_deref()), (Some("/product/ї"), Some("чашка")));
        assert_eq!(action.metadata.as_deref(), Some(r#"{"a":"b\u007f"}"#));
    }

    #[test]
    fn the_original_kinds_and_the_shops_own_are_known_and_no_others() {
        for kind in ["page_view", "scroll", "custom_print_send_to_manager", "survey_dismiss", "wishlist"] {
            assert_eq!(with("action", json!(kind)).unwrap().action.kind.key(), kind);
        }
        for kind in [json!("PageView"), json!("buy"), json!(""), json!(1), json!(null)] {
            let refused = with("action", kind.clone()).unwrap_err();
            assert_eq!(refused.field, "action", "{kind}");
        }
    }

    #[test]
    fn every_bad_field_is_named() {
        let cases = [
            ("id", json!("")),
            ("id", json!(null)),
            ("session", json!(null)),
            ("session", json!("a\u{0}")),
            ("visitor", json!("x".repeat(256))),
            ("at", json!("2026-11-22 10:00")),
            ("product_id", json!([])),
            ("product_name", json!("x".repeat(256))),
            ("value", json!("-1.00")),
            ("currency", json!("USD")),
            ("order", json!("x".repeat(65))),
            ("query", json!({})),
            ("page", json!("/".repeat(4097))),
            ("metadata", json!("text")),
            ("metadata", json!({"a": "x".repeat(4096)})),
        ];
        for (name, value) in cases {
            assert_eq!(with(name, value.clone()).unwrap_err().field, name, "{value}");
        }
        let refused = with("utm_source", json!("x")).unwrap_err();
        assert_eq!(refused.field, "utm_source");
    }

    #[test]
    fn a_search_may_name_its_query_in_the_metadata() {
        let line = json!({"id": "a", "visitor": "v", "at": "2026-11-22T10:00:00Z", "action": "search",
            "metadata": {"query": "чашка"}});
        let read = event(line, &CONTEXT).unwrap();
        assert_eq!((read.owner, read.action.query.as_deref()), (Owner::Visitor("v".into()), Some("чашка")));
    }
}
