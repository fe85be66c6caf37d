//! The original's API: its fields and numbers, on both databases.

use std::sync::Arc;

use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use serde_json::{Value, json};
use utm_dispatcher::model::action::ActionKind;
use utm_dispatcher::model::touch::{Touch, Utm};
use utm_dispatcher::model::visitor::{Agent, Client, Device, Hit, Place, VisitorKey};
use utm_dispatcher::model::{Millis, Money, NewAction, OrderMessage, OrderStatus, PaymentStatus, Role, Scope};
use utm_dispatcher::store::Fact;

use crate::world::{World, on_both};

const CONFIG: &str = "";

on_both!(numbers_and_fields_are_the_originals, bad_parameters_are_named);

mod cases {
    use super::*;

    pub async fn numbers_and_fields_are_the_originals(world: World) {
        let token = world.token("reads", Scope::Read).await;
        let get = async |path: &str| {
            let answer = world.get(path).bearer(&token).send().await;
            assert_eq!((answer.status, answer.header(CACHE_CONTROL)), (StatusCode::OK, "private, no-store"), "{path}");
            assert_eq!(answer.header(CONTENT_TYPE), "application/json");
            answer.json()
        };
        assert_eq!(
            get("/api/utm/general_stats/").await,
            json!({
                "total_sessions": 0, "unique_visitors": 0, "total_conversions": 0, "conversion_rate": 0,
                "total_revenue": 0.0, "avg_order_value": 0, "total_score": 0, "avg_score_per_session": 0,
            })
        );
        assert_eq!(get("/api/utm/sources").await, json!([]));

        let now = server::state::now();
        let (first, second, third) = (hit("a", "instagram", now), hit("b", "instagram", now), hit("c", "", now));
        for hit in [&first, &second, &third] {
            world.state.store.ingest(&[page_view(hit)]).await.unwrap();
        }
        let buyer = Some(&first.visitor);
        world.state.store.apply_order(order("TWC1", now, 10_005), buyer, now).await.unwrap();
        world.state.store.apply_order(order("TWC2", now, 10_000), buyer, now).await.unwrap();

        let general = get("/api/utm/general_stats/?period=all_time&unknown=1").await;
        // Two purchases of 100 points and 1 for each whole 100, and three page views.
        let expected = json!({
            "total_sessions": 3, "unique_visitors": 3, "total_conversions": 1, "conversion_rate": 33.33,
            "total_revenue": 200.05, "avg_order_value": 100.02, "total_score": 205, "avg_score_per_session": 68.33,
        });
        assert_eq!(general, expected);
        assert_eq!(
            get("/api/utm/sources/?period=week").await,
            json!([
                {"utm_source": "instagram", "sessions": 2, "conversions": 1, "conversion_rate": 50.0,
                 "revenue": 200.05, "avg_order_value": 100.02, "total_score": 204},
                {"utm_source": "direct", "sessions": 1, "conversions": 0, "conversion_rate": 0.0,
                 "revenue": 0.0, "avg_order_value": 0, "total_score": 1},
            ])
        );
        assert_eq!(get("/api/utm/sources/?period=week&limit=1").await.as_array().unwrap().len(), 1);

        let sessions = get("/api/utm/sessions/").await;
        let converted = sessions.as_array().unwrap().iter().find(|row| row["is_converted"] == true).unwrap();
        let mut converted = converted.clone();
        let fields = converted.as_object_mut().unwrap();
        let (id, key) = (fields.remove("id").unwrap(), fields.remove("session_key").unwrap());
        assert!(id.as_i64().unwrap() < 1 << 53 && key.as_str().unwrap().len() == 40);
        for time in ["first_seen", "last_seen", "converted_at"] {
            let text = fields.remove(time).unwrap();
            let text = text.as_str().unwrap();
            assert!(text.ends_with('Z') && chrono::DateTime::parse_from_rfc3339(text).is_ok(), "{time}: {text}");
        }
        let expected = json!({
            "utm_source": "instagram", "utm_medium": null, "utm_campaign": "осінь", "utm_content": null, "utm_term": null,
            "source": "instagram", "medium": "social", "channel": "organic_social", "ip_address": "203.0.113.9",
            "country": "UA", "country_name": "Ukraine", "city": "Lviv", "device_type": "mobile", "os_name": "Android",
            "browser_name": "Chrome Mobile", "is_converted": true, "conversion_type": "purchase",
        });
        assert_eq!(converted, expected);

        let viewer = world.log_in("viewer@shop.test", Role::Viewer).await;
        let seen = world.get("/api/utm/sessions/").cookie(&viewer).send().await.json();
        assert_eq!(seen.as_array().unwrap().len(), 3);
        assert!(seen.as_array().unwrap().iter().all(|row| row["ip_address"] == Value::Null), "{seen}");
    }

    pub async fn bad_parameters_are_named(world: World) {
        let token = world.token("reads", Scope::Read).await;
        let cases = [
            ("general_stats/?period=yesterday", "period", "yesterday"),
            ("sources/?period=", "period", ""),
            ("sources/?limit=0", "limit", "0"),
            ("sessions/?limit=1001", "limit", "1001"),
            ("sessions/?limit=-5", "limit", "-5"),
            ("sessions/?limit=%D0%B4%D0%B5%D1%81%D1%8F%D1%82%D1%8C", "limit", "десять"),
            ("sessions/?limit=%00%FF", "limit", "\0\u{fffd}"),
        ];
        for (path, parameter, came) in cases {
            let answer = world.get(&format!("/api/utm/{path}")).bearer(&token).send().await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
            assert_eq!(answer.header(CONTENT_TYPE), "application/problem+json");
            let problem = answer.json();
            assert_eq!((&problem["parameter"], &problem["came"]), (&json!(parameter), &json!(came)), "{path}");
            assert_eq!((&problem["status"], &problem["title"]), (&json!(400), &json!("Bad Request")));
            for field in ["type", "detail", "allowed", "error"] {
                assert!(problem[field].is_string(), "{field} of {problem}");
            }
        }
    }
}

#[tokio::test]
async fn without_a_login_an_api_says_how_to_ask() {
    let world = World::sqlite(CONFIG).await;
    let answer = world.get("/api/utm/sessions/").send().await;
    assert_eq!((answer.status, answer.header(WWW_AUTHENTICATE)), (StatusCode::UNAUTHORIZED, "Bearer"));
    assert_eq!(answer.json()["status"], 401);
    let nothing = world.get("/api/utm/cohort_analysis/").send().await;
    assert_eq!((nothing.status, &nothing.json()["status"]), (StatusCode::NOT_FOUND, &json!(404)));
}

#[tokio::test]
async fn a_failing_database_tells_nothing_of_itself() {
    let world = World::sqlite(CONFIG).await;
    let token = world.token("reads", Scope::Read).await;
    world.state.store.close().await;
    let answer = world.get("/api/utm/sessions/").bearer(&token).send().await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    let text = answer.text().to_lowercase();
    assert!(["sql", "pool", "database", "closed"].iter().all(|word| !text.contains(word)), "{text}");
}

fn hit(name: &str, source: &str, at: Millis) -> Hit {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let (source, campaign) = (some(source), some(source).map(|_| "осінь".to_owned()));
    let utm = Utm { source: source.clone(), campaign, ..Utm::default() };
    let is_direct = source.is_none();
    let touch = Touch {
        utm: utm.clone(),
        source: source.unwrap_or_else(|| "direct".into()),
        medium: if is_direct { "none" } else { "social" }.into(),
        channel: if is_direct { "direct" } else { "organic_social" }.into(),
        ..Touch::default()
    };
    Hit {
        at,
        visitor: VisitorKey(format!("c{name}")),
        before: vec![],
        utm,
        click_ids: vec![],
        meta_cookies: (None, None),
        touch,
        path: "/".into(),
        referrer: None,
        ip: Some([203, 0, 113, 9].into()),
        agent: Agent { user_agent: "Mozilla/5.0".into(), ..Agent::default() },
    }
}

fn page_view(hit: &Hit) -> Fact {
    let client = Client {
        device: Device::Mobile,
        os: Some("Android".into()),
        browser: Some("Chrome Mobile".into()),
        ..Client::default()
    };
    Fact {
        hit: Arc::new(hit.clone()),
        client: Arc::new(client),
        place: Arc::new(Place { country: Some("UA".into()), region: None, city: Some("Lviv".into()) }),
        at: hit.at,
        action: NewAction { page: Some("/".into()), ..NewAction::new(ActionKind::PageView) },
    }
}

fn order(number: &str, at: Millis, minor: i64) -> OrderMessage {
    OrderMessage {
        number: number.into(),
        created_at: at,
        updated_at: None,
        email: None,
        phone: None,
        total: Money(minor),
        discount: Money::ZERO,
        pay_type: "online_full".into(),
        payment_status: PaymentStatus::Paid,
        paid_at: Some(at),
        status: OrderStatus::New,
        refunded: Money::ZERO,
    }
}
