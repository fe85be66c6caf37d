//! Laws of the messages: whatever comes is read or refused by name, and what is read can be written down.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::tracking::text;

/// Noon in Kyiv on 2026-11-22, in UAH, with one kind of action of the shop's own.
pub static CONTEXT: LazyLock<Context<'static>> =
    LazyLock::new(|| Context { now: 1_795_341_600_000, currency: "UAH", extra_actions: &EXTRA_ACTIONS });
static EXTRA_ACTIONS: LazyLock<Vec<String>> = LazyLock::new(|| vec!["wishlist".to_owned()]);

fn action_line() -> Value {
    json!({"id": "a1", "session": "s1", "at": "2026-11-22T10:00:00Z", "action": "purchase", "value": "5.00"})
}

fn order_line() -> Value {
    json!({"session": "s1", "created_at": "2026-11-22T10:00:00Z", "total": "1499.00", "payment_status": "paid"})
}

#[test]
fn a_list_of_events_names_index_and_field() {
    let mut second = action_line();
    second["value"] = json!("-1");
    let refused = events(json!({"events": [action_line(), second]}).to_string().as_bytes(), &CONTEXT).unwrap_err();
    assert_eq!(refused.field, "events[1].value");
    assert!(refused.to_string().starts_with("events[1].value: “-1” came; allowed is an amount"), "{refused}");

    let body = |events: Value| json!({ "events": events }).to_string();
    let thousand = |count| body(Value::Array(vec![action_line(); count]));
    assert_eq!(events(thousand(1000).as_bytes(), &CONTEXT).unwrap().len(), 1000);
    for bad in
        [thousand(1001), body(json!([])), body(json!(5)), body(json!(null)), "{}".into(), "[]".into(), "{".into()]
    {
        assert!(events(bad.as_bytes(), &CONTEXT).is_err());
    }
    let refused = events(br#"{"events": [], "more": 1}"#, &CONTEXT).unwrap_err();
    assert_eq!(refused.field, "events");
}

#[test]
fn lines_are_told_apart_by_their_type() {
    let typed = |kind: &str, mut line: Value| {
        line["type"] = json!(kind);
        super::line(line.to_string().as_bytes(), &CONTEXT)
    };
    assert!(matches!(typed("action", action_line()), Ok(Line::Action(_))));
    let mut order = order_line();
    order["number"] = json!("N1");
    assert!(matches!(typed("order", order), Ok(Line::Order(..))));
    assert_eq!(typed("order", order_line()).unwrap_err().field, "number");
    let session = json!({"id": "s1", "visitor": "v1", "started_at": "2026-11-22T10:00:00Z"});
    assert!(matches!(typed("session", session), Ok(Line::Session(_))));
    let spend = json!({"date": "2026-11-20", "source": "fb", "amount": "1.00"});
    assert!(matches!(typed("spend", spend), Ok(Line::Spend(_))));
    assert_eq!(typed("visit", json!({})).unwrap_err().field, "type");
    assert_eq!(super::line(b"{}", &CONTEXT).unwrap_err().field, "type");
    assert_eq!(super::line(b"\xff", &CONTEXT).unwrap_err().field, "line");
}

#[test]
fn messages_are_written_down_and_read_back() {
    let all = events(json!({"events": [action_line()]}).to_string().as_bytes(), &CONTEXT).unwrap();
    let (order, owner) = super::order("N1", order_line().to_string().as_bytes(), &CONTEXT).unwrap();
    let key = Owner::Key(VisitorKey("cabc".into()));
    for message in
        [Message::Events(all), Message::Order { order: order.clone(), owner }, Message::Order { order, owner: key }]
    {
        let received = Received { message, at: 5 };
        let written = serde_json::to_string(&received).unwrap();
        assert_eq!(serde_json::from_str::<Received>(&written).unwrap(), received, "{written}");
    }
}

/// JSON with the names that are known, so that chance gets somewhere.
fn any_json() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        proptest::sample::select(vec![
            "type",
            "id",
            "session",
            "visitor",
            "started_at",
            "at",
            "action",
            "value",
            "metadata",
            "number",
            "created_at",
            "total",
            "payment_status",
            "refunded",
            "code",
            "date",
            "source",
            "amount",
            "url",
            "utm",
            "geo",
            "device",
            "events",
            "user_agent",
            "ip",
            "country",
            "product_id",
            "query",
            "page",
        ])
        .prop_map(str::to_owned),
        ".{0,5}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        proptest::sample::select(vec![
            "session",
            "action",
            "order",
            "spend",
            "2026-11-22T10:00:00Z",
            "2026-11-20",
            "purchase",
            "paid",
            "1499.00",
            "UAH",
            "s1",
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 40, 12, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            proptest::collection::btree_map(name.clone(), inner, 0..10)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn read_all(body: &[u8], number: &str) -> Vec<BadField> {
    let mut refused = Vec::new();
    refused.extend(events(body, &CONTEXT).err());
    refused.extend(super::order(number, body, &CONTEXT).err());
    refused.extend(super::line(body, &CONTEXT).err());
    refused
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(body: Vec<u8>, number in ".{0,70}") {
        for bad in read_all(&body, &number) {
            prop_assert!(bad.to_string().chars().all(text::is_plain));
        }
    }

    #[test]
    fn any_json_is_read_or_refused(json in any_json(), number in ".{0,5}") {
        for bad in read_all(json.to_string().as_bytes(), &number) {
            prop_assert!(bad.to_string().chars().all(text::is_plain), "{bad}");
            prop_assert!(bad.to_string().chars().count() < 2000);
        }
    }

    #[test]
    fn what_is_read_holds_nothing_that_must_not_be_stored(
        name in "\\PC{0,20}|[\\s\\S]{0,20}", page in "[\\s\\S]{0,40}", meta in "[\\s\\S]{0,40}"
    ) {
        let mut line = action_line();
        line["product_name"] = json!(name);
        line["page"] = json!(page);
        line["metadata"] = json!({"note": meta});
        let read = event::event(line, &CONTEXT).unwrap().action;
        for kept in [read.product_name, read.page, read.metadata.clone()].into_iter().flatten() {
            prop_assert!(kept.chars().all(text::is_plain), "{kept:?}");
        }
        let back: Value = serde_json::from_str(&read.metadata.unwrap()).unwrap();
        prop_assert_eq!(&back["note"], &json!(meta));
    }
}
