//! The doors of the shop's server: what is taken, what is refused, and what waits in the spool.

use std::time::Duration;

use http::header::{CONTENT_TYPE, RETRY_AFTER};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use utm_dispatcher::model::Scope;

use crate::world::{Answer, World, on_both};

const CONFIG: &str = "[tracking]\nextra_actions = [\"wishlist\"]\n";
const SPOOLED: &str = "[spool]\nsize = 20000\n";

fn order(total: &str, status: &str) -> String {
    let order = json!({ "created_at": "2026-11-22T10:00:00Z", "email": "olena@example.com", "phone": "+380671234567",
        "total": total, "payment_status": status, "pay_type": "online_full" });
    order.to_string()
}

async fn put(world: &World, token: &str, number: &str, body: String) -> Answer {
    world.ask("PUT", &format!("/api/v1/orders/{number}")).bearer(token).json(body).send().await
}

/// Waits until the spool is empty.
async fn drained(world: &World) {
    for _ in 0..400 {
        if world.get("/readyz").send().await.json()["spool"].is_null() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("messages are still in the spool");
}

mod cases {
    use super::*;
    use std::sync::Arc;

    use server::track::layer::Tracker;
    use utm_dispatcher::tracking::{Exclusions, Rules, key};

    use crate::track::site::{BROWSER, Site, ask, pages, rows, tracked, visitor_cookie};

    pub async fn an_order_is_put_and_read_back(world: World) {
        world.start_writer();
        let token = world.token("shop", Scope::Write).await;
        let created = put(&world, &token, "N%2F1%20%D1%97", order("1499.00", "unpaid")).await;
        assert_eq!((created.status.as_u16(), created.json()["result"].as_str()), (200, Some("created")), "{created:?}");
        let paid = put(&world, &token, "N%2F1%20%D1%97", order("1499.00", "paid")).await.json();
        assert_eq!(paid["result"], "merged");
        let stored = world.get("/api/v1/orders/N%2F1%20%D1%97").bearer(&token).send().await;
        assert_eq!((stored.status.as_u16(), stored.json()), (200, paid["order"].clone()));
        let expected = json!({ "number": "N/1 ї", "created_at": "2026-11-22T10:00:00.000Z", "total": "1499.00",
            "email": "olena@example.com", "phone": "+380671234567", "payment_status": "paid", "session": null });
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&stored.json()[name], value, "{name}");
        }
        assert!(stored.header("cache-control").contains("no-store"));
        let mut newer: Value = serde_json::from_str(&order("1499.00", "paid")).unwrap();
        newer["updated_at"] = json!("2026-11-22T12:00:00Z");
        assert_eq!(put(&world, &token, "N2", newer.to_string()).await.json()["result"], "created");
        newer["updated_at"] = json!("2026-11-22T11:00:00Z");
        assert_eq!(put(&world, &token, "N2", newer.to_string()).await.json()["result"], "ignored");
        assert_eq!(world.get("/api/v1/orders/N3").bearer(&token).send().await.status.as_u16(), 404);
    }

    pub async fn fault_c13_the_shops_server_brings_no_excluded_visitor(world: World) {
        let token = world.token("shop", Scope::Write).await;
        let site = Site::of_pages(world);
        let other = BROWSER.replace("137", "136");
        let mut visitors = Vec::new();
        for agent in [BROWSER, other.as_str()] {
            let page = site.get("/", &[("user-agent", agent.as_bytes())]).await;
            visitors.push(visitor_cookie(&page).unwrap().split_once('=').unwrap().1.to_owned());
        }
        let exclusions = &site.world.state.exclusions;
        let left_out = Exclusions { visitors: [key::of_cookie(&visitors[0])].into(), ..Exclusions::default() };
        exclusions.put(exclusions.ticket(), left_out);
        let at = chrono::Utc::now().to_rfc3339();
        let event = |id: &str, visitor: &str| json!({ "id": id, "visitor": visitor, "at": at, "action": "click" });
        let both = json!([event("a", &visitors[0]), event("b", &visitors[1])]);
        for (events, stored) in [(both, 1), (json!([event("c", &visitors[0])]), 0)] {
            let body = json!({ "events": events }).to_string();
            let answer = site.world.ask("POST", "/api/v1/events").bearer(&token).json(body).send().await;
            let expected = json!({ "stored": stored, "duplicate": 0, "dropped": 1 });
            assert_eq!((answer.status.as_u16(), answer.json()), (200, expected));
        }
        for (number, visitor) in ["N1", "N2"].into_iter().zip(&visitors) {
            let mut body: Value = serde_json::from_str(&order("1499.00", "paid")).unwrap();
            body["visitor"] = json!(visitor);
            body["created_at"] = json!(at);
            assert_eq!(put(&site.world, &token, number, body.to_string()).await.json()["result"], "created");
        }
        let done = site.finish().await;
        assert_eq!((done.dropped("excluded"), done.count("action where kind = 'click'").await), (2, 1));
        assert_eq!(done.count("session where has_purchase = 1").await, 1);
        assert_eq!(done.rows("select number from orders where session_id is not null").await, ["N2"]);
        assert_eq!(done.count("orders").await, 2);
    }

    pub async fn a_thousand_puts_at_once_are_one_order(world: World) {
        const PUTS: usize = 1000;
        let token = world.token("shop", Scope::Write).await;
        let site = Arc::new(Site::of_pages(world));
        let visitor = visitor_cookie(&site.get("/", &[]).await).unwrap();
        let visitor = visitor.split_once('=').unwrap().1;
        let mut body: Value = serde_json::from_str(&order("1499.00", "paid")).unwrap();
        body["visitor"] = json!(visitor);
        body["created_at"] = json!(chrono::Utc::now().to_rfc3339());
        let mut puts = JoinSet::new();
        for _ in 0..PUTS {
            let (site, token, body) = (Arc::clone(&site), token.clone(), body.to_string());
            puts.spawn(async move { put(&site.world, &token, "N1", body).await });
        }
        let answers = puts.join_all().await;
        // On a machine that is busy, some wait in the spool.
        assert!(answers.iter().all(|answer| answer.status.is_success()), "{answers:?}");
        assert!(answers.iter().filter(|answer| answer.json()["result"] == "created").count() <= 1);
        drained(&site.world).await;
        let done = Arc::into_inner(site).unwrap().finish().await;
        for of in [
            "orders",
            "order_number",
            "action where kind = 'purchase'",
            "session where has_purchase = 1 and orders = 1",
        ] {
            assert_eq!(done.count(of).await, 1, "{of}");
        }
    }

    pub async fn what_waited_in_the_spool_is_stored_in_its_order(world: World) {
        let token = world.token("shop", Scope::Write).await;
        let tracker =
            Tracker::new(world.state.recorder.clone(), Rules::default(), Arc::clone(&world.state.counters), false);
        let page = ask(&tracked(pages(), tracker), "GET", "/", &[], "").await;
        let visitor = visitor_cookie(&page).unwrap();
        let visitor = visitor.split_once('=').unwrap().1;
        // Nobody writes yet: the first one waits in vain, the others go behind it at once.
        for (number, total, status) in [("N1", "10.00", "unpaid"), ("N1", "20.00", "paid"), ("N2", "5.00", "paid")] {
            let answer = put(&world, &token, number, order(total, status)).await;
            assert_eq!(
                (answer.status.as_u16(), answer.json()["result"].as_str()),
                (202, Some("spooled")),
                "{answer:?}"
            );
        }
        let mut bought: Value = serde_json::from_str(&order("7.00", "paid")).unwrap();
        bought["visitor"] = json!(visitor);
        bought["created_at"] = json!(chrono::Utc::now().to_rfc3339());
        assert_eq!(put(&world, &token, "N4", bought.to_string()).await.status.as_u16(), 202);
        let event = json!({ "events": [{ "id": "e1", "session": "nobody's", "at": "2026-11-22T10:00:00Z", "action": "click" }] });
        let events = world.ask("POST", "/api/v1/events").bearer(&token).json(event.to_string()).send().await;
        assert_eq!((events.status.as_u16(), events.json()), (202, json!({ "spooled": 1, "dropped": 0 })));
        let answer = world.get("/readyz").send().await;
        let ready = answer.json();
        assert_eq!((answer.status.as_u16(), &ready["ready"]), (503, &json!(false)), "{ready}");
        assert_eq!(ready["spool"]["messages"], 5, "{ready}");
        assert!(ready["spool"]["since"].as_str().is_some_and(|since| since.starts_with("20")), "{ready}");
        assert!(ready["warnings"].to_string().contains("5 messages wait in the spool"), "{ready}");
        let metrics = world.get("/metrics").bearer(&world.token("reads", Scope::Read).await).send().await;
        assert!(metrics.text().contains("\ndispatcher_spool_messages 5\n"), "{}", metrics.text());

        world.start_writer();
        drained(&world).await;
        let answer = put(&world, &token, "N3", order("1.00", "paid")).await;
        assert_eq!(answer.json()["result"], "created", "the database answers again");
        let totals = "select number || ' ' || cast(total as text) || ' ' || payment_status from orders order by number";
        assert_eq!(rows(&world, totals).await, ["N1 2000 paid", "N2 500 paid", "N3 100 paid", "N4 700 paid"]);
        let attributed = "select number from orders where session_id is not null";
        assert_eq!(rows(&world, attributed).await, ["N4"], "the page was queued before, and is stored before");
        assert_eq!(world.state.counters.dropped_for("spool_refused"), 1, "a session that nobody knows");
        assert_eq!(world.get("/readyz").send().await.json()["ready"], true);
        assert_eq!(world.state.counters.recorded_of("spooled"), 5);
    }
}
mod put_and_read {
    use super::{CONFIG, cases, on_both};
    on_both!(an_order_is_put_and_read_back, fault_c13_the_shops_server_brings_no_excluded_visitor);
}
mod put_at_once {
    const CONFIG: &str = "[spool]\nsize = 4194304\n";

    use super::{cases, on_both};
    on_both!(a_thousand_puts_at_once_are_one_order);
}
mod spooled {
    use super::{SPOOLED as CONFIG, cases, on_both};
    on_both!(what_waited_in_the_spool_is_stored_in_its_order);
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let world = World::sqlite("[limits]\nbody = 5000\n").await;
    let token = world.token("shop", Scope::Write).await;
    let send = async |method, path: &str, body: &str| world.ask(method, path).bearer(&token).json(body).send().await;
    let event = |id: &str, value: &str| json!({ "id": id, "session": "s1", "at": "2026-11-22T10:00:00Z", "action": "click", "value": value });
    let second = json!({ "events": [event("a", "1.00"), event("b", "-1.00")] }).to_string();
    let negative = order("-1.00", "paid");
    let refunded =
        json!({ "created_at": "2026-11-22T10:00:00Z", "total": "5.00", "payment_status": "paid", "refunded": "6.00" });
    let refunded = refunded.to_string();
    let cases = [
        ("POST", "/api/v1/events", second.as_str(), "events[1].value"),
        ("POST", "/api/v1/events", "{\"events\": []}", "events"),
        ("POST", "/api/v1/events", "{", "body"),
        ("POST", "/api/v1/events", "\u{0}", "body"),
        ("PUT", "/api/v1/orders/N1", negative.as_str(), "total"),
        ("PUT", "/api/v1/orders/N1", refunded.as_str(), "refunded"),
        ("PUT", "/api/v1/orders/%00", refunded.as_str(), "number"),
    ];
    for (method, path, body, field) in cases {
        let answer = send(method, path, body).await;
        assert_eq!((answer.status.as_u16(), answer.header(CONTENT_TYPE)), (422, "application/problem+json"), "{body}");
        assert_eq!(answer.json()["field"], field, "{body}: {}", answer.text());
        assert!(answer.json()["allowed"].is_string() && answer.json()["detail"].as_str().unwrap().contains(field));
    }
    assert_eq!(send("PUT", "/api/v1/orders/%FF", &refunded).await.status.as_u16(), 400);
    let long = format!("{{\"events\": [{}]}}", " ".repeat(5000));
    for (method, path) in [("POST", "/api/v1/events"), ("PUT", "/api/v1/orders/N1")] {
        let answer = send(method, path, &long).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()["detail"].as_str()),
            (413, Some("the body is larger than 5000 bytes"))
        );
        for (kind, status) in
            [("text/plain", 415), ("application/x-www-form-urlencoded", 415), ("application/json; charset=utf-8", 422)]
        {
            let ask = world.ask(method, path).bearer(&token).json("[]").header(CONTENT_TYPE, kind);
            assert_eq!(ask.send().await.status.as_u16(), status, "{kind}");
        }
    }
}

#[tokio::test]
async fn a_full_spool_is_503_until_there_is_room() {
    let world = World::sqlite(SPOOLED).await;
    let token = world.token("shop", Scope::Write).await;
    let mut statuses = Vec::new();
    for number in 0..100 {
        let answer = put(&world, &token, &format!("N{number}"), order("1.00", "paid")).await;
        statuses.push(answer.status.as_u16());
        if answer.status == 503 {
            assert_eq!(answer.header(RETRY_AFTER), "10");
            break;
        }
    }
    let spooled = statuses.iter().filter(|status| **status == 202).count();
    assert_eq!((statuses.last(), spooled), (Some(&503), statuses.len() - 1), "{statuses:?}");
    assert!(spooled > 10);
    assert_eq!(world.state.counters.dropped_for("spool_full"), 1);
    world.start_writer();
    drained(&world).await;
    let number = put(&world, &token, "N1000", order("1.00", "paid")).await;
    assert_eq!(number.json()["result"], "created");
    for number in 0..spooled {
        assert_eq!(world.get(&format!("/api/v1/orders/N{number}")).bearer(&token).send().await.status.as_u16(), 200);
    }
}

#[test]
fn no_body_is_a_fault_of_ours() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (world, token) = runtime.block_on(async {
        let world = World::sqlite(CONFIG).await;
        world.start_writer();
        let token = world.token("shop", Scope::Write).await;
        (world, token)
    });
    let json_like = prop_oneof![
        any::<Vec<u8>>(),
        r#"\{"events": ?\[\{("(id|session|visitor|at|action|value|metadata|page)": ?("[\x00-\xff]{0,9}"|-?[0-9.e]{1,9}|null|\[\]|\{\}),?){0,6}\}\]\}"#
            .prop_map(String::into_bytes),
        r#"\{("(total|created_at|payment_status|code|session|refunded|x)": ?("[0-9a-zA-Z:.-]{0,20}"|-?[0-9.e]{1,9}|null|true),?){0,6}\}"#
            .prop_map(String::into_bytes),
    ];
    let number = prop_oneof!["[a-zA-Z0-9%._~-]{1,80}", "(%[0-9A-F]{2}){1,12}"];
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 300,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    runner
        .run(&(json_like, number), |(body, number)| {
            let status = runtime.block_on(async {
                let events = world.ask("POST", "/api/v1/events").bearer(&token).json(body.clone()).send().await;
                let path = format!("/api/v1/orders/{number}");
                let order = world.ask("PUT", &path).bearer(&token).json(body.clone()).send().await;
                let read = world.ask("GET", &path).bearer(&token).send().await;
                [events, order, read].map(|answer| answer.status.as_u16())
            });
            prop_assert!(status.iter().all(|status| *status < 500), "{status:?} for {}", body.escape_ascii());
            Ok(())
        })
        .unwrap();
}
