//! Every endpoint of the original's API with numbers that were counted by hand, on both databases.

use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::json;
use utm_dispatcher::model::{Role, Scope};

use self::known::{DAY, fill};
use crate::world::{Answer, World, on_both};

mod counted;
mod detail;
pub mod known;
mod pages;

const CONFIG: &str = "";

on_both!(
    every_number_is_as_counted_by_hand,
    periods_beside_each_other,
    lists_go_on_where_they_broke_off,
    sessions_in_full,
    fault_s8_viewers_see_no_addresses_and_no_orders,
    fault_u1_bad_input_is_named,
);

/// What an analyst's token gets.
async fn get(world: &World, token: &str, path: &str) -> Answer {
    let answer = world.get(&format!("/api/utm/{path}")).bearer(token).send().await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
    answer
}

mod cases {
    use super::*;
    pub use crate::utm::detail::{fault_s8_viewers_see_no_addresses_and_no_orders, sessions_in_full};
    pub use crate::utm::pages::lists_go_on_where_they_broke_off;

    pub async fn every_number_is_as_counted_by_hand(world: World) {
        fill(&world).await;
        let token = world.token("reads", Scope::Read).await;
        for (name, more, expected) in counted::cases() {
            for spelling in [name.to_owned(), name.replace('_', "-")] {
                for end in ["", "/"] {
                    let path = format!("{spelling}{end}?{DAY}{more}");
                    assert_eq!(get(&world, &token, &path).await.json(), expected, "{path}");
                }
            }
        }
        let analyst = world.log_in("analyst@shop.test", Role::Analyst).await;
        let seen = world.get(&format!("/api/utm/sources/?{DAY}")).cookie(&analyst).send().await;
        assert_eq!(seen.json(), get(&world, &token, &format!("sources/?{DAY}")).await.json());
    }

    pub async fn periods_beside_each_other(world: World) {
        let token = world.token("reads", Scope::Read).await;
        let nothing = json!({"total_sessions": 0, "total_conversions": 0, "conversion_rate": 0, "total_revenue": 0.0,
                             "avg_order_value": 0});
        let still = json!({"sessions": 0.0, "conversions": 0.0, "conversion_rate": 0.0, "revenue": 0.0,
                           "avg_order_value": 0.0});
        for period in ["today", "week", "month", "all_time"] {
            let answer = get(&world, &token, &format!("compare/?period={period}")).await.json();
            assert_eq!(answer, json!({"current": nothing, "previous": nothing, "change": still}), "{period}");
        }
        fill(&world).await;
        let before = json!({"total_sessions": 1, "total_conversions": 1, "conversion_rate": 100.0,
                            "total_revenue": 500.0, "avg_order_value": 500.0});
        assert_eq!(
            get(&world, &token, &format!("compare/?{DAY}&align=elapsed")).await.json(),
            json!({
                "current": {"total_sessions": 4, "total_conversions": 2, "conversion_rate": 50.0,
                            "total_revenue": 1499.0, "avg_order_value": 1499.0},
                "previous": before,
                "change": {"sessions": 300.0, "conversions": 100.0, "conversion_rate": -50.0, "revenue": 199.8,
                           "avg_order_value": 199.8},
            })
        );
        // Both days were long ago: all time is halved, and they lie in the older half.
        let halves = get(&world, &token, "compare/?period=all_time").await.json();
        assert_eq!((&halves["current"], &halves["previous"]["total_sessions"]), (&nothing, &json!(5)));
        assert_eq!(halves["change"]["revenue"], json!(-100.0));
        let first = get(&world, &token, "compare?from=2026-03-19&to=2026-03-19").await.json();
        assert_eq!((&first["current"], &first["previous"]), (&before, &nothing));
        assert_eq!(first["change"]["conversion_rate"], json!(100.0));
        assert_eq!(first["change"]["sessions"], json!(100.0));
        for align in ["full", "elapsed"] {
            let ages = get(&world, &token, &format!("compare?from=1970-01-01&to=9999-12-31&align={align}")).await;
            assert_eq!(ages.json()["current"]["total_sessions"], json!(5), "{align}");
        }
    }

    pub async fn fault_u1_bad_input_is_named(world: World) {
        fill(&world).await;
        let token = world.token("reads", Scope::Read).await;
        let cases = [
            ("general_stats/?period=yesterday", "period"),
            ("returning-visitors/?period=", "period"),
            ("funnel/?from=2026-03-20", "to"),
            ("funnel/?to=2026-03-20", "from"),
            ("funnel/?from=2026-03-21&to=2026-03-20", "from"),
            ("funnel/?from=20.03.2026&to=2026-03-20", "from"),
            ("funnel/?mode=nest", "mode"),
            ("campaigns/?source=", "source"),
            ("campaigns/?source=%00", "source"),
            ("content/?campaign=a%00b", "campaign"),
            ("content/?limit=0", "limit"),
            ("geo/?limit=1001", "limit"),
            ("devices/?limit=many", "limit"),
            ("browsers/?limit=1.5", "limit"),
            ("operating_systems/?limit=-1", "limit"),
            ("sources/?cursor=", "cursor"),
            ("sources/?cursor=x", "cursor"),
            ("sources/?cursor=w1", "cursor"),
            ("sources/?cursor=w1,tdirect,tdirect", "cursor"),
            ("sessions/?cursor=w1,tdirect", "cursor"),
            ("sessions/?cursor=w99999999999999999999,w1", "cursor"),
            ("geo/?cursor=", "cursor"),
            ("geo/?cursor=%3B", "cursor"),
            ("geo/?cursor=w1,tUA", "cursor"),
            ("geo/?cursor=%3Bw1,tUA", "cursor"),
            ("compare/?period=year", "period"),
            ("compare/?align=half", "align"),
            ("roi/?ad_spend=", "ad_spend"),
            ("roi/?ad_spend=-1", "ad_spend"),
            ("roi/?ad_spend=NaN", "ad_spend"),
            ("roi/?ad_spend=Infinity", "ad_spend"),
            ("roi/?ad_spend=-Infinity", "ad_spend"),
            ("roi/?ad_spend=1e999", "ad_spend"),
            ("roi/?ad_spend=12,5", "ad_spend"),
            ("abc/session_detail/", "id"),
            ("-1/session-detail", "id"),
            ("1.0/session_detail", "id"),
            ("9007199254740992/session_detail/", "id"),
            ("%FF/session_detail/", "id"),
        ];
        for (path, parameter) in cases {
            let answer = world.get(&format!("/api/utm/{path}")).bearer(&token).send().await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}: {}", answer.text());
            assert_eq!(answer.header(CONTENT_TYPE), "application/problem+json", "{path}");
            let problem = answer.json();
            assert_eq!(problem["parameter"], parameter, "{path}");
            for field in ["came", "allowed", "error", "detail"] {
                assert!(problem[field].is_string(), "{field} of {problem}");
            }
        }
        let long = world.get(&format!("/api/utm/campaigns/?source={}", "x".repeat(513))).bearer(&token).send().await;
        assert_eq!((long.status, &long.json()["parameter"]), (StatusCode::BAD_REQUEST, &json!("source")));
        assert_eq!(long.json()["came"].as_str().unwrap().len(), 100);
    }
}

#[tokio::test]
async fn fault_s7_no_endpoint_tells_of_the_database() {
    let world = World::sqlite(CONFIG).await;
    let token = world.token("reads", Scope::Read).await;
    world.state.store.close().await;
    for server::rest::utm::Endpoint { name, .. } in server::rest::utm::ENDPOINTS {
        let path = format!("/api/utm/{}/", name.replace("{id}", "1"));
        let answer = world.get(&path).bearer(&token).send().await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        let text = answer.text().to_lowercase();
        assert!(["sql", "pool", "database", "closed", "select"].iter().all(|word| !text.contains(word)), "{text}");
    }
}

#[tokio::test]
async fn whatever_else_lies_there_is_nothing() {
    let world = World::sqlite(CONFIG).await;
    let token = world.token("reads", Scope::Read).await;
    for path in ["", "/", "//", "5", "5/", "5//", "5/detail", "5/session_detail/x", "5/session_detail//", "sources/x"] {
        let answer = world.get(&format!("/api/utm/{path}")).bearer(&token).send().await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}: {}", answer.text());
        assert!(answer.json()["error"].is_string(), "{path}");
    }
}
