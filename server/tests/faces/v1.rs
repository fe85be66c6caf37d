//! `/api/v1`: the catalogue, any report with any query, single sessions, and the document that tells of all this.

use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LINK};
use serde_json::{Value, json};
use utm_dispatcher::model::{Role, Scope};
use utm_dispatcher::report::{Dimension, Metric, Report};

use crate::utm::known::{DAY, fill, import};
use crate::world::{Answer, World, on_both};

const CONFIG: &str = "";

on_both!(
    a_report_as_counted_by_hand,
    rows_go_on_where_they_broke_off,
    who_has_an_answer_gets_none_again,
    fault_u1_bad_questions_are_named,
    fault_s8_viewers_see_nobody,
    fault_s8_no_path_tells_a_viewer_a_number,
    a_session_with_everything_around_it,
);

/// Two sessions that begin where an order's number stands in the address.
const PAGES_OF_ORDERS: &str = r#"
{"type":"session","id":"p1","visitor":"p1","started_at":"2026-03-20T17:00:00+02:00","url":"https://shop.test/thanks/SECRET-17"}
{"type":"session","id":"p2","visitor":"p2","started_at":"2026-03-20T18:00:00+02:00","url":"https://shop.test/thanks/SECRET-18","referrer":"https://mail.test/orders/SECRET-18?from=letter"}
{"type":"action","id":"p3","session":"p2","at":"2026-03-20T18:00:01+02:00","action":"page_view","page":"/pay/SECRET-18"}
{"type":"action","id":"p4","session":"p2","at":"2026-03-20T18:00:02+02:00","action":"page_view","page":"/account/SECRET-18/print"}
{"type":"order","number":"SECRET-18","session":"p2","created_at":"2026-03-20T18:00:03+02:00","total":"600.00","currency":"UAH","pay_type":"online_full","payment_status":"paid","paid_at":"2026-03-20T18:00:03+02:00"}
"#;

async fn get(world: &World, token: &str, path: &str) -> Answer {
    let answer = world.get(&format!("/api/v1/{path}")).bearer(token).send().await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
    answer
}

mod cases {
    use super::*;

    pub async fn a_report_as_counted_by_hand(world: World) {
        fill(&world).await;
        let token = world.token("reads", Scope::Read).await;
        let metrics = "metrics=sessions,visitors,cr,revenue,aov,spend,roi";
        let path = format!("reports/sources?{DAY}&compare=previous&{metrics}&dimensions=source&sort=source");
        let answer = get(&world, &token, &path).await;
        assert_eq!(answer.header(CONTENT_TYPE), "application/json");
        assert_eq!(answer.header(CACHE_CONTROL), "private, no-cache");
        let column = |key: &str, unit: &str| json!({ "key": key, "kind": "metric", "unit": unit });
        assert_eq!(
            answer.json(),
            json!({
                "query": format!("{DAY}&compare=previous&{metrics}&sort=source"),
                "columns": [
                    { "key": "source", "kind": "dimension" }, column("sessions", "count"), column("visitors", "count"),
                    column("cr", "percent"), column("revenue", "money"), column("aov", "money"),
                    column("spend", "money"), column("roi", "percent"),
                ],
                "rows": [
                    ["direct", 1, 1, 0.0, "0.00", null, "0.00", null],
                    ["facebook", 2, 2, 100.0, "1499.00", "1499.00", "0.00", null],
                    ["google", 1, 1, 0.0, "0.00", null, "0.00", null],
                ],
                "totals": [null, 4, 3, 50.0, "1499.00", "1499.00", "0.00", null],
                "previous": {
                    "rows": [
                        ["direct", 0, 0, null, "0.00", null, "0.00", null],
                        ["facebook", 0, 0, null, "0.00", null, "0.00", null],
                        ["google", 1, 1, 100.0, "500.00", "500.00", "0.00", null],
                    ],
                    "totals": [null, 1, 1, 100.0, "500.00", "500.00", "0.00", null],
                },
                "total_rows": 3, "next": null, "warnings": [],
            })
        );
        let places = get(&world, &token, &format!("reports/geo_countries?{DAY}")).await.json();
        assert_eq!(places["warnings"], json!(["1 sessions without place"]));
        assert_eq!(places["query"], DAY, "what goes without saying is left out");
        // Every report answers, and what it says of itself it takes again.
        for report in Report::ALL {
            let one = get(&world, &token, &format!("reports/{report}?{DAY}&limit=1000")).await.json();
            assert_eq!(one["query"], DAY, "{report}");
            // Nobody searched on that day.
            assert_eq!(one["rows"].as_array().unwrap().is_empty(), *report == Report::Searches, "{report}");
        }
    }

    pub async fn rows_go_on_where_they_broke_off(world: World) {
        fill(&world).await;
        let token = world.token("reads", Scope::Read).await;
        for (report, key) in [("campaigns", 2), ("sessions", 0)] {
            let whole = get(&world, &token, &format!("reports/{report}?{DAY}")).await.json();
            let (mut rows, mut address) = (Vec::new(), format!("reports/{report}?{DAY}&limit=1"));
            loop {
                let answer = get(&world, &token, &address).await;
                let (page, link) = (answer.json(), answer.header(LINK).to_owned());
                assert_eq!((&page["total_rows"], &page["totals"]), (&whole["total_rows"], &whole["totals"]));
                rows.extend(page["rows"].as_array().unwrap().iter().cloned());
                if page["next"].is_null() {
                    assert_eq!(link, "");
                    break;
                }
                let next = link.strip_prefix("</api/v1/").and_then(|link| link.strip_suffix(">; rel=\"next\""));
                next.unwrap().clone_into(&mut address);
            }
            assert_eq!(Value::from(rows.clone()), whole["rows"], "{report}");
            assert!(rows.len() >= 3 && rows[0][key] != rows[1][key], "{report}: {rows:?}");
        }
    }

    pub async fn who_has_an_answer_gets_none_again(world: World) {
        let token = world.token("reads", Scope::Read).await;
        for path in ["reports", &format!("reports/sources?{DAY}")] {
            let first = get(&world, &token, path).await;
            let tag = first.header(ETAG).to_owned();
            let ask = || world.get(&format!("/api/v1/{path}")).bearer(&token).header(IF_NONE_MATCH, tag.clone());
            let again = ask().send().await;
            assert_eq!((again.status, again.header(ETAG), again.body.len()), (StatusCode::NOT_MODIFIED, &*tag, 0));
            if path != "reports" {
                fill(&world).await;
                let changed = ask().send().await;
                assert_eq!(changed.status, StatusCode::OK);
                assert_ne!(changed.header(ETAG), tag);
            }
        }
        // Nobody gets an answer of another by its tag.
        let tag = get(&world, &token, "reports").await.header(ETAG).to_owned();
        let nobody = world.get("/api/v1/reports").header(IF_NONE_MATCH, tag).send().await;
        assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
    }

    pub async fn fault_u1_bad_questions_are_named(world: World) {
        let token = world.token("reads", Scope::Read).await;
        let refused = [
            ("reports/sources?period=yesterday", "period"),
            ("reports/sources?colour=red", "query"),
            ("reports/sources?Period=week", "query"),
            ("reports/sources?from=2026-03-20", "to"),
            ("reports/sources?to=2026-03-20", "from"),
            ("reports/sources?from=2026-03-21&to=2026-03-20", "from"),
            ("reports/sources?period=week&from=2026-03-20&to=2026-03-21", "period"),
            ("reports/sources?from=2026-02-30&to=2026-03-21", "from"),
            ("reports/sources?limit=0", "limit"),
            ("reports/sources?limit=1001", "limit"),
            ("reports/sources?limit=ten", "limit"),
            ("reports/sources?cursor=x", "cursor"),
            ("reports/sources?cursor=w1", "cursor"),
            ("reports/sources?metrics=money", "metrics"),
            ("reports/sources?metrics=", "metrics"),
            ("reports/sources?metrics=sessions,sessions", "metrics"),
            ("reports/sources?dimensions=colour", "dimensions"),
            ("reports/sources?sort=-revenue&metrics=sessions", "sort"),
            ("reports/sources?filter=source", "filter"),
            ("reports/sources?filter=source:like:a", "filter"),
            ("reports/explore?dimensions=city&metrics=spend", "metrics"),
            ("reports/explore?dimensions=product&metrics=revenue", "metrics"),
            ("reports/sources?compare=yesterday", "compare"),
            ("reports/sources?align=half", "align"),
            ("reports/sources?match=moon", "match"),
            ("reports/sources?basis=day", "basis"),
            ("reports/sources?mode=wild", "mode"),
            ("reports/sources?period=week&period=month", "period"),
            ("reports/sessions?metrics=sessions", "metrics"),
            ("reports/sources?filter=%FF", "query"),
            ("reports/sources?filter=action:has:nonsense", "filter"),
            ("reports/sessions?filter=action:has:lead%7Cnonsense", "filter"),
            ("reports/sources?cursor=tx,tx", "cursor"),
            ("sessions/9007199254740992", "id"),
        ];
        for (path, parameter) in refused {
            let answer = world.get(&format!("/api/v1/{path}")).bearer(&token).send().await;
            let body = answer.json();
            assert_eq!((answer.status.as_u16(), &body["parameter"]), (400, &json!(parameter)), "{path}: {body}");
            assert_eq!(answer.header(CONTENT_TYPE), "application/problem+json");
            for member in ["type", "title", "detail", "came", "allowed"] {
                assert!(body[member].is_string(), "{path}: {member}");
            }
            assert_eq!(body["status"], 400);
        }
        let refusal = async |path: &str| world.get(&format!("/api/v1/{path}")).bearer(&token).send().await.json();
        let kinds = refusal("reports/sources?filter=action:has:nonsense").await["allowed"].to_string();
        assert!(kinds.contains("add_to_cart, ") && kinds.contains(", survey_start, "), "{kinds}");
        for limit in ["0", "1001"] {
            let refused = refusal(&format!("reports/sources?limit={limit}")).await;
            assert_eq!(
                (&refused["came"], &refused["allowed"]),
                (&json!(limit), &json!("a whole number from 1 to 1000"))
            );
        }
        assert_eq!(refusal("reports/sessions?sort=-revenue").await["came"], "-revenue");
    }

    pub async fn fault_s8_viewers_see_nobody(world: World) {
        fill(&world).await;
        let viewer = world.log_in("viewer@shop.test", Role::Viewer).await;
        let token = world.token("reads", Scope::Read).await;
        let list = format!("reports/sessions?{DAY}");
        let seen = world.get(&format!("/api/v1/{list}")).cookie(&viewer).send().await;
        let whole = get(&world, &token, &list).await;
        let place = |body: &Value| body["columns"].as_array().unwrap().iter().position(|it| it["key"] == "ip").unwrap();
        let addresses = |body: &Value| -> Vec<Value> {
            body["rows"].as_array().unwrap().iter().map(|row| row[place(body)].clone()).collect()
        };
        assert!(addresses(&whole.json()).contains(&json!("203.0.113.9")));
        assert!(addresses(&seen.json()).iter().all(Value::is_null));
        let id = whole.json()["rows"][3][0].as_i64().unwrap();
        let session = world.get(&format!("/api/v1/sessions/{id}")).cookie(&viewer).send().await;
        assert_eq!(session.json()["orders"][0]["number"], Value::Null);
        for secret in ["203.0.113.9", "N1", "anna@shop.test"] {
            assert!(!seen.text().contains(secret) && !session.text().contains(secret), "{secret}");
        }
        for filter in ["order:is:N1", "anything:contains:N1"] {
            let path = format!("/api/v1/{list}&filter={filter}");
            assert_eq!(world.get(&path).cookie(&viewer).send().await.status, StatusCode::FORBIDDEN, "{filter}");
            assert_eq!(get(&world, &token, &path["/api/v1/".len()..]).await.json()["total_rows"], 1, "{filter}");
        }
    }

    pub async fn fault_s8_no_path_tells_a_viewer_a_number(world: World) {
        fill(&world).await;
        import(&world, PAGES_OF_ORDERS).await;
        let viewer = world.log_in("viewer@shop.test", Role::Viewer).await;
        let token = world.token("reads", Scope::Read).await;
        let list = get(&world, &token, &format!("reports/sessions?{DAY}")).await.json();
        let ids: Vec<i64> = list["rows"].as_array().unwrap()[..2].iter().map(|row| row[0].as_i64().unwrap()).collect();
        let mut paths = vec![format!("/api/v1/reports/landing_pages?{DAY}"), format!("/api/v1/reports/sessions?{DAY}")];
        for id in &ids {
            paths.extend([format!("/api/v1/sessions/{id}"), format!("/api/utm/{id}/session_detail/")]);
        }
        for path in &paths {
            let seen = world.get(path).cookie(&viewer).send().await;
            assert_eq!(seen.status, StatusCode::OK, "{path}");
            assert!(!seen.text().contains("SECRET"), "{path}: {}", seen.text());
        }
        // Whoever may see the numbers sees them where they belong, and one page of thanks.
        let whole = get(&world, &token, &format!("sessions/{}", ids[0])).await.json();
        assert_eq!(whole["orders"][0]["number"], "SECRET-18");
        let pages: Vec<_> = whole["actions"].as_array().unwrap().iter().map(|action| action["page"].clone()).collect();
        assert_eq!(pages, [Value::Null, json!("/account/SECRET-18/print"), json!("/pay/…")]);
        // Two pages, as they earn their points, under one name.
        assert_eq!(whole["actions"][2]["points"], 1);
        let landings = get(&world, &token, &format!("reports/landing_pages?{DAY}&metrics=sessions")).await.json();
        assert!(landings["rows"].as_array().unwrap().contains(&json!(["/thanks/…", 2])), "{landings}");
        let searched = format!("reports/landing_pages?{DAY}&filter=landing_page:contains:SECRET");
        assert_eq!(get(&world, &token, &searched).await.json()["total_rows"], 0);
    }

    pub async fn a_session_with_everything_around_it(world: World) {
        fill(&world).await;
        let token = world.token("reads", Scope::Read).await;
        let list = get(&world, &token, &format!("reports/sessions?{DAY}")).await.json();
        let id = list["rows"][3][0].as_i64().unwrap();
        let mut answer = get(&world, &token, &format!("sessions/{id}")).await.json();
        assert_eq!(answer["session"]["id"], id);
        assert_eq!(answer["session"]["revenue"], "1499.00");
        assert_eq!((&answer["landing_page"], &answer["duration"]), (&json!("/product/tee"), &json!(600)));
        assert_eq!(answer["registered_at"], Value::Null);
        assert_eq!(answer["touch"]["campaign"], "winter");
        assert_eq!(answer["device"]["brand"], "Samsung");
        assert_eq!(answer["total_actions"], 4);
        let kinds: Vec<_> = answer["actions"].as_array().unwrap().iter().map(|it| it["action"].clone()).collect();
        assert_eq!(kinds, ["purchase", "initiate_checkout", "add_to_cart", "product_view"]);
        assert_eq!(answer["actions"][2]["value"], "499.00");
        assert_eq!(answer["other_sessions"].as_array().unwrap().len(), 1);
        assert_eq!(
            answer["orders"].take(),
            json!([{ "number": "N1", "created_at": "2026-03-20T07:20:00.000Z", "total": "1499.00", "refunded": "0.00",
                     "payment_status": "paid", "paid_at": "2026-03-20T07:21:00.000Z", "status": "new" }])
        );
    }
}

#[tokio::test]
async fn the_catalogue_tells_all_that_can_be_asked() {
    let world = World::sqlite("[store]\ntimezone = \"Europe/Warsaw\"\n").await;
    let token = world.token("reads", Scope::Read).await;
    let catalogue = get(&world, &token, "reports").await.json();
    assert_eq!((&catalogue["currency"], &catalogue["timezone"]), (&json!("UAH"), &json!("Europe/Warsaw")));
    let keys = |list: &str, key: &str| -> Vec<String> {
        let entries = catalogue[list].as_array().unwrap();
        assert!(entries.iter().all(|entry| !entry["description"].as_str().unwrap().is_empty()), "{list}");
        entries.iter().map(|entry| entry[key].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(keys("reports", "id"), Report::ALL.iter().map(|it| it.key()).collect::<Vec<_>>());
    assert_eq!(keys("metrics", "key"), Metric::ALL.iter().map(|it| it.key()).collect::<Vec<_>>());
    assert_eq!(keys("dimensions", "key"), Dimension::ALL.iter().map(|it| it.key()).collect::<Vec<_>>());
    assert_eq!(keys("filters", "key").len(), Dimension::ALL.len() + 4);
    let entry = |list: &str, key: &str| catalogue[list].as_array().unwrap().iter().find(|it| it["key"] == key).unwrap();
    assert_eq!(entry("metrics", "revenue")["unit"], "money");
    assert_eq!(entry("metrics", "revenue")["description"], "Their totals less what was refunded.");
    assert!(!entry("metrics", "spend")["dimensions"].as_array().unwrap().contains(&json!("city")));
    assert_eq!(entry("filters", "action")["operators"], json!(["has"]));
    assert_eq!(entry("filters", "source")["operators"], json!(["is", "not", "contains", "starts", "empty"]));
    // What it says that can be asked is answered.
    for metric in catalogue["metrics"].as_array().unwrap() {
        let dimensions = metric["dimensions"].as_array().unwrap();
        let path = format!(
            "reports/explore?metrics={}&dimensions={}",
            metric["key"].as_str().unwrap(),
            dimensions[0].as_str().unwrap()
        );
        get(&world, &token, &path).await;
    }
}

#[tokio::test]
async fn the_document_and_its_reader_need_nothing_from_elsewhere() {
    let world = World::sqlite("[site]\npublic_url = \"https://shop.test\"\n").await;
    let document = world.get("/openapi.json").send().await;
    assert_eq!(document.header(CONTENT_TYPE), "application/json");
    let body = document.json();
    assert_eq!(body["servers"][0]["url"], "https://shop.test");
    assert_eq!(body["components"]["securitySchemes"]["login"]["name"], "__Host-ud_login");
    let known = world.get("/openapi.json").header(IF_NONE_MATCH, document.header(ETAG)).send().await;
    assert_eq!(known.status, StatusCode::NOT_MODIFIED);

    // Whatever it tells of is there, and is ours: no method that it does not name is taken.
    for (path, item) in body["paths"].as_object().unwrap() {
        let path = path.replace("{id}", "1").replace("{report}", "sources").replace("{number}", "N1");
        let answer = world.ask("DELETE", &path).send().await;
        let allowed = answer.header("allow").to_owned();
        if !["/healthz", "/readyz", "/metrics"].contains(&&*path) {
            assert_eq!(answer.header(CONTENT_TYPE), "application/problem+json", "{path}");
        }
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        for method in item.as_object().unwrap().keys() {
            assert!(allowed.contains(&method.to_uppercase()), "{path}: {method} is not among {allowed}");
        }
    }

    let page = world.get("/api/docs").send().await;
    let build = world.state.assets.build();
    for file in ["swagger-ui.css", "swagger-ui-bundle.js", "docs.js"] {
        assert!(page.text().contains(&format!("\"/admin-panel/pkg/{build}/{file}\"")), "{file}");
    }
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("script-src https://shop.test/admin-panel/pkg/;") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert!(!page.text().contains("<script>"));
}
