//! What the script of a page tells: claims of a browser, checked like any message and believed in nothing that is money.

use serde_json::{Map, Value};
use url::Url;

use super::event::{kind, metadata_text};
use super::fields::{Fields, MAX_ID, MAX_TEXT, MAX_URL};
use super::{BadField, Context, MAX_NUMBER, json};
use crate::model::NewAction;
use crate::model::action::ActionKind;
use crate::tracking::key::is_cookie;
use crate::tracking::text;

/// A body holds at most so many claims.
pub const MAX_CLAIMS: usize = 50;

/// The page that a script speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The page's own address.
    pub url: Url,
    /// The address that led to it.
    pub referrer: Option<String>,
    /// What the cookie of a page on another origin than ours holds.
    pub visitor: Option<String>,
    /// Does the visitor agree to be remembered? `None` if nobody asked.
    pub consent: Option<bool>,
}

/// What the script of a page tells in one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Where it was done.
    pub page: Page,
    /// What was done, 1 to [`MAX_CLAIMS`] claims.
    pub actions: Vec<NewAction>,
}

/// Reads the body of `POST /api/v1/collect`.
pub fn told(body: &[u8], context: &Context) -> Result<Told, BadField> {
    let mut fields = Fields::of(json(body, "body")?, "body")?;
    let page = page_of(&mut fields)?;
    let allowed = || format!("a list of 1 to {MAX_CLAIMS} events");
    let list = match fields.take("events") {
        None => return Err(BadField::missing("events", allowed())),
        Some(Value::Array(list)) if (1..=MAX_CLAIMS).contains(&list.len()) => list,
        Some(Value::Array(list)) => {
            return Err(BadField::new("events", &format!("a list of {}", list.len()), allowed()));
        }
        Some(other) => return Err(BadField::new("events", &other.to_string(), allowed())),
    };
    fields.end("url, referrer, visitor, consent, events")?;
    let read = |(place, value)| claim(value, context).map_err(|bad| bad.inside(&format!("events[{place}]")));
    let actions = list.into_iter().enumerate().map(read).collect::<Result<_, _>>()?;
    Ok(Told { page, actions })
}

/// Reads the body of `POST /api/v1/collect/code`: the page alone.
pub fn page(body: &[u8]) -> Result<Page, BadField> {
    let mut fields = Fields::of(json(body, "body")?, "body")?;
    let page = page_of(&mut fields)?;
    fields.end("url, referrer, visitor, consent")?;
    Ok(page)
}

fn page_of(fields: &mut Fields) -> Result<Page, BadField> {
    let url = url(fields)?;
    let referrer = fields.raw_text("referrer", MAX_URL)?;
    let visitor = visitor(fields)?;
    let consent = match fields.take("consent") {
        None => None,
        Some(Value::Bool(yes)) => Some(yes),
        Some(other) => return Err(BadField::new("consent", &other.to_string(), "true or false")),
    };
    Ok(Page { url, referrer, visitor, consent })
}

fn url(fields: &mut Fields) -> Result<Url, BadField> {
    let allowed = "the page's address, like https://shop.example/catalog";
    let Some(text) = fields.raw_text("url", MAX_URL)? else { return Err(BadField::missing("url", allowed)) };
    let url = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    url.ok_or_else(|| BadField::new("url", &text, allowed))
}

fn visitor(fields: &mut Fields) -> Result<Option<String>, BadField> {
    match fields.raw_text("visitor", MAX_ID)? {
        // A cookie's value is nobody's to read, not even in a refusal.
        Some(text) if !is_cookie(&text) => {
            Err(BadField::new("visitor", "something else", "what the cookie ud_vid holds"))
        }
        visitor => Ok(visitor),
    }
}

fn claim(value: Value, context: &Context) -> Result<NewAction, BadField> {
    let mut fields = Fields::of(value, "event")?;
    let mut action = NewAction::claim(kind(&mut fields, "type", context)?);
    action.product_id = fields.id("product_id", MAX_ID)?;
    action.product_name = fields.text("product_name", MAX_TEXT)?;
    let value = fields.amount("value")?;
    action.value = value.filter(|_| !action.kind.is_conversion());
    fields.currency(context)?;
    // Which order it was only the shop's server can say.
    fields.id("order", MAX_NUMBER)?;
    action.query = fields.text("query", MAX_TEXT)?;
    action.metadata = fields.object("metadata")?.map(metadata_text).transpose()?.flatten();
    fields.end("type, product_id, product_name, value, currency, order, query, metadata")?;
    with_query(action)
}

/// A search has to say what was searched for.
fn with_query(action: NewAction) -> Result<NewAction, BadField> {
    if action.kind == ActionKind::Search && action.query.is_none() {
        return Err(BadField::missing("query", "what was searched for"));
    }
    Ok(action)
}

/// Fields of the replaced system that only describe an event.
const NOTES: [&str; 5] = ["category_id", "lead_id", "survey_session_id", "question_id", "order_id"];

/// Reads the body of `POST /api/track-event/`, in the form of the replaced system: names that it did not know are left
/// alone.
pub fn original(body: &[u8], context: &Context) -> Result<NewAction, BadField> {
    let mut fields = Fields::of(json(body, "body")?, "body")?;
    let mut action = NewAction::claim(kind(&mut fields, "event_type", context)?);
    action.product_id = fields.id("product_id", MAX_ID)?;
    let value = fields.amount("cart_value")?;
    action.value = value.filter(|_| !action.kind.is_conversion());
    fields.id("order_number", MAX_NUMBER)?;
    let mut notes = Map::new();
    for name in NOTES {
        notes.extend(fields.id(name, MAX_ID)?.map(|id| (name.to_owned(), id.into())));
    }
    let metadata = fields.object("metadata")?;
    let told = |name| {
        let text = metadata.as_ref().and_then(|metadata| metadata.peek(name)).and_then(Value::as_str)?;
        text::some(text.as_bytes(), MAX_TEXT)
    };
    action.product_name = told("product_name");
    action.query = fields.text("query", MAX_TEXT)?.or_else(|| told("query"));
    if let Some(Value::Object(metadata)) = metadata.map(Fields::into_json) {
        notes.extend(metadata);
    }
    action.metadata = metadata_text(Fields::of(notes.into(), "metadata")?)?;
    with_query(action)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::CONTEXT;
    use super::*;
    use crate::model::Money;

    fn one(event: &Value) -> Result<NewAction, BadField> {
        let body = json!({ "url": "https://shop.example/", "events": [event] });
        told(body.to_string().as_bytes(), &CONTEXT).map(|mut told| told.actions.remove(0))
    }

    fn original(body: &Value) -> Result<NewAction, BadField> {
        super::original(body.to_string().as_bytes(), &CONTEXT)
    }

    #[test]
    fn every_field_is_read() {
        let body = json!({
            "url": "https://shop.example/%D1%97?utm_source=x#y", "referrer": "https://l.facebook.com/",
            "visitor": "0123456789abcdef0123456789abcdef", "consent": true,
            "events": [{"type": "page_view"}, {
                "type": "add_to_cart", "product_id": 17, "product_name": "Футболка\u{0}", "value": 499.1,
                "currency": "UAH", "query": null, "metadata": {"a": "b\u{7f}"},
            }],
        });
        let told = told(body.to_string().as_bytes(), &CONTEXT).unwrap();
        assert_eq!(told.page.url.as_str(), "https://shop.example/%D1%97?utm_source=x#y");
        assert_eq!(told.page.referrer.as_deref(), Some("https://l.facebook.com/"));
        assert_eq!(told.page.visitor.as_deref(), Some("0123456789abcdef0123456789abcdef"));
        assert_eq!(told.page.consent, Some(true));
        assert_eq!(told.actions[0], NewAction::claim(ActionKind::PageView));
        let added = &told.actions[1];
        assert_eq!((added.kind.key(), added.value), ("add_to_cart", Some(Money(49_910))));
        assert_eq!((added.product_id.as_deref(), added.product_name.as_deref()), (Some("17"), Some("Футболка")));
        assert_eq!(added.metadata.as_deref(), Some(r#"{"a":"b\u007f"}"#));
    }

    #[test]
    fn every_bad_field_is_named() {
        let good = json!({"type": "click"});
        for (name, value) in [
            ("url", json!(null)),
            ("url", json!("/catalog")),
            ("url", json!("javascript:alert(1)")),
            ("url", json!("file:///etc/passwd")),
            ("url", json!(format!("https://shop.example/{}", "a".repeat(4096)))),
            ("referrer", json!(5)),
            ("visitor", json!("0123456789ABCDEF0123456789ABCDEF")),
            ("visitor", json!("1")),
            ("consent", json!("yes")),
            ("events", json!(null)),
            ("events", json!([])),
            ("events", json!(vec![good.clone(); 51])),
            ("events", json!({})),
        ] {
            let mut body = json!({ "url": "https://shop.example/", "events": [good] });
            body[name] = value.clone();
            assert_eq!(told(body.to_string().as_bytes(), &CONTEXT).unwrap_err().field, name, "{value}");
        }
        for (name, value) in [
            ("type", json!("buy")),
            ("type", json!(null)),
            ("product_id", json!(1.5)),
            ("product_id", json!("x".repeat(256))),
            ("product_name", json!(["x"])),
            ("value", json!("-1")),
            ("value", json!(1e300)),
            ("value", json!("NaN")),
            ("currency", json!("USD")),
            ("order", json!("x".repeat(65))),
            ("query", json!("x".repeat(256))),
            ("metadata", json!([])),
            ("metadata", json!({"a": "x".repeat(4096)})),
        ] {
            let mut event = good.clone();
            event[name] = value.clone();
            assert_eq!(one(&event).unwrap_err().field, format!("events[0].{name}"), "{value}");
        }
        assert_eq!(one(&json!({"type": "search"})).unwrap_err().field, "events[0].query");
        let unknown = one(&json!({"type": "click", "points": 1000})).unwrap_err();
        assert_eq!(unknown.field, "events[0].points");
        for text in ["", "[]", "\u{0}", "{\"url\":", "null", &"[".repeat(1000)] {
            assert_eq!(told(text.as_bytes(), &CONTEXT).unwrap_err().field, "body", "{text}");
        }
    }

    #[test]
    fn fault_s2_a_browser_forges_no_sale() {
        for kind in ["lead", "purchase"] {
            let claims = [
                one(&json!({"type": kind, "order": "N1", "value": "9999999999.99"})),
                original(&json!({"event_type": kind, "order_number": "N1", "order_id": 7, "cart_value": 1e9})),
            ];
            for claim in claims.map(Result::unwrap) {
                assert_eq!((claim.value, claim.order.as_deref(), claim.points(false)), (None, None, 0), "{claim:?}");
            }
        }
        assert_eq!(one(&json!({"type": "add_to_cart", "value": "9999999999.99"})).unwrap().points(false), 10);
        assert!(original(&json!({"event_type": "add_to_cart", "cart_value": 1e300})).is_err());
    }

    #[test]
    fn the_originals_form_is_read() {
        let body = json!({
            "event_type": "add_to_cart", "product_id": 17, "category_id": 3, "cart_value": 499.5, "csrf": "x",
            "metadata": {"product_name": "Футболка", "size": "M"},
        });
        let action = original(&body).unwrap();
        assert_eq!((action.product_id.as_deref(), action.product_name.as_deref()), (Some("17"), Some("Футболка")));
        assert_eq!((action.kind.key(), action.value), ("add_to_cart", Some(Money(49_950))));
        let metadata: Value = serde_json::from_str(&action.metadata.unwrap()).unwrap();
        assert_eq!(metadata, json!({"product_name": "Футболка", "size": "M", "category_id": "3"}));
        let search = original(&json!({"event_type": "search", "metadata": {"query": "чашка"}})).unwrap();
        assert_eq!(search.query.as_deref(), Some("чашка"));
        for (field, body) in [
            ("event_type", json!({})),
            ("event_type", json!({"event_type": "buy"})),
            ("query", json!({"event_type": "search"})),
            ("product_id", json!({"event_type": "click", "product_id": {}})),
            ("product_id", json!({"event_type": "click", "product_id": 1.5})),
            ("cart_value", json!({"event_type": "click", "cart_value": "much"})),
            ("metadata", json!({"event_type": "click", "metadata": "x"})),
            ("metadata", json!({"event_type": "click", "metadata": {"x": "x".repeat(4096)}})),
            ("body", json!([])),
        ] {
            assert_eq!(original(&body).unwrap_err().field, field, "{body}");
        }
    }
}
