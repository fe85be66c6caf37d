//! Single sessions: every field, and what not everybody sees.

use http::StatusCode;
use serde_json::{Value, json};
use utm_dispatcher::model::{Role, Scope};

use super::get;
use super::known::{DAY, fill};
use crate::world::World;

pub async fn sessions_in_full(world: World) {
    fill(&world).await;
    let token = world.token("reads", Scope::Read).await;
    let list = get(&world, &token, &format!("sessions/?{DAY}")).await.json();
    let campaigns: Vec<_> = list.as_array().unwrap().iter().map(|row| row["utm_campaign"].clone()).collect();
    assert_eq!(campaigns, [json!(null), json!("spring"), json!("winter"), json!("winter")]);
    assert_eq!(
        (&list[0]["source"], &list[0]["medium"], &list[0]["utm_source"]),
        (&json!("direct"), &json!("none"), &json!(null))
    );

    let mut session = list[3].clone();
    let id = session["id"].as_i64().unwrap();
    for path in ["session_detail", "session_detail/", "session-detail", "session-detail/"] {
        let detail = get(&world, &token, &format!("{id}/{path}")).await.json();
        for (name, value) in [
            ("device_brand", json!("Samsung")),
            ("visit_count", json!(1)),
            ("landing_page", json!("/product/tee")),
            ("referrer", json!("https://l.facebook.com/")),
        ] {
            session[name] = value;
        }
        assert_eq!(detail["session"], session, "what the list says, and more");
    }
    let key = session["session_key"].as_str().unwrap().to_owned();
    assert!(key.len() == 40 && key.bytes().all(|byte| byte.is_ascii_hexdigit()), "{key}");
    for name in ["id", "session_key", "device_brand", "visit_count", "landing_page", "referrer"] {
        session.as_object_mut().unwrap().remove(name).unwrap();
    }
    assert_eq!(
        session,
        json!({
            "utm_source": "facebook", "utm_medium": "cpc", "utm_campaign": "winter", "utm_content": "blue",
            "utm_term": "tee", "source": "facebook", "medium": "cpc", "channel": "paid_social",
            "ip_address": "203.0.113.9", "country": "UA", "country_name": "Ukraine", "city": "Kyiv",
            "device_type": "mobile", "os_name": "Android", "browser_name": "Chrome Mobile",
            "first_seen": "2026-03-20T07:15:00.000Z", "last_seen": "2026-03-20T07:25:00.000Z",
            "is_converted": true, "conversion_type": "purchase", "converted_at": "2026-03-20T07:21:00.000Z",
        })
    );

    let mut detail = get(&world, &token, &format!("{id}/session_detail/")).await.json();
    for row in ["actions", "orders"].iter().flat_map(|list| detail[list].as_array().unwrap()) {
        assert!(row["id"].as_i64().unwrap() < 1 << 53);
    }
    let without_id = |rows: &mut Value| {
        rows.as_array_mut().unwrap().iter_mut().for_each(|row| drop(row.as_object_mut().unwrap().remove("id")));
        rows.take()
    };
    let action = |kind: &str, label: &str, at: &str, points: i64| {
        json!({"action_type": kind, "action_type_display": label, "page_path": null, "product_id": null,
               "product_name": null, "cart_value": null, "order_number": null, "points_earned": points,
               "timestamp": format!("2026-03-20T07:{at}:00.000Z")})
    };
    let mut purchase = action("purchase", "Покупка", "21", 114);
    (purchase["order_number"], purchase["cart_value"]) = (json!("N1"), json!(1499.0));
    let mut cart = action("add_to_cart", "Додано в кошик", "17", 10);
    (cart["product_id"], cart["product_name"], cart["cart_value"]) = (json!("17"), json!("Футболка"), json!(499.0));
    let mut product = action("product_view", "Перегляд товару", "16", 3);
    (product["product_id"], product["product_name"]) = (json!("17"), json!("Футболка"));
    product["page_path"] = json!("/product/tee");
    let checkout = action("initiate_checkout", "Початок оформлення", "18", 20);
    assert_eq!(without_id(&mut detail["actions"]), json!([purchase, checkout, cart, product]));
    assert_eq!(
        without_id(&mut detail["orders"]),
        json!([{"order_number": "N1", "total_sum": 1499.0, "payment_status": "paid", "status": "new",
                "created": "2026-03-20T07:20:00.000Z"}])
    );

    let nobody = world.get("/api/utm/1/session_detail/").bearer(&token).send().await;
    assert_eq!((nobody.status, &nobody.json()["error"]), (StatusCode::NOT_FOUND, &json!("Session not found")));
}

pub async fn fault_s8_viewers_see_no_addresses_and_no_orders(world: World) {
    fill(&world).await;
    let viewer = world.log_in("viewer@shop.test", Role::Viewer).await;
    let token = world.token("reads", Scope::Read).await;
    let list = world.get(&format!("/api/utm/sessions/?{DAY}")).cookie(&viewer).send().await;
    let id = list.json()[3]["id"].clone();
    assert!(list.json().as_array().unwrap().iter().all(|row| row["ip_address"].is_null()));
    let path = format!("{id}/session_detail/");
    let seen = world.get(&format!("/api/utm/{path}")).cookie(&viewer).send().await;
    assert_eq!(seen.status, StatusCode::OK);
    let whole = get(&world, &token, &path).await;
    for secret in ["203.0.113.9", "\"N1\"", "anna@shop.test"] {
        assert!(!seen.text().contains(secret) && !list.text().contains(secret), "{secret}");
    }
    assert!(!whole.text().contains("anna@shop.test"), "nobody is shown e-mails here");
    let mut expected = whole.json();
    expected["session"]["ip_address"] = Value::Null;
    expected["orders"][0]["order_number"] = Value::Null;
    expected["actions"][0]["order_number"] = Value::Null;
    assert_eq!(seen.json(), expected, "all else is there");

    // Another session of the same visitor has another one: it cannot be what their cookie holds.
    let keys: std::collections::HashSet<_> =
        list.json().as_array().unwrap().iter().map(|row| row["session_key"].to_string()).collect();
    assert_eq!(keys.len(), 4);
}
