//! The JSON of every named report and of every endpoint of the original, pinned on a small shop.

use std::fmt::Write;

use serde_json::Value;
use server::rest::utm::ENDPOINTS;
use utm_dispatcher::model::Scope;
use utm_dispatcher::report::Report;

use crate::utm::known::{DAY, fill, import};
use crate::world::{World, on_both};

const CONFIG: &str = "";

/// What the shop's two days lack: searches, spend, a page of its own, a product that has no name.
const MORE: &str = r#"
{"type":"action","id":"a5","session":"s3","at":"2026-03-20T10:02:00+02:00","action":"search","metadata":{"query":"футболка"}}
{"type":"action","id":"a6","session":"s3","at":"2026-03-20T10:02:30+02:00","action":"product_view","product_id":"18"}
{"type":"action","id":"a7","session":"s4","at":"2026-03-20T11:00:00+02:00","action":"page_view","page":"/"}
{"type":"spend","date":"2026-03-20","source":"facebook","medium":"cpc","campaign":"winter","content":"blue","amount":"120.00","currency":"UAH","clicks":31,"impressions":4200}
{"type":"spend","date":"2026-03-19","source":"google","medium":"cpc","campaign":"spring","content":"","amount":"80.50","currency":"UAH","clicks":7,"impressions":900}
"#;

/// What is another with every run.
const DRAWN: [&str; 4] = ["id", "session_id", "session_key", "visitor_id"];

on_both!(the_json_of_every_report, the_json_of_every_endpoint);

/// What is asked of the shop beside its reports as they are.
const ASKED: [(Report, &str); 6] = [
    (Report::General, "compare=previous"),
    (Report::Timeseries, "compare=previous&dimensions=hour&metrics=sessions,revenue"),
    (Report::Campaigns, "compare=previous&limit=1"),
    (Report::Explore, "dimensions=source,medium,campaign&metrics=spend,clicks,impressions,cpc,cpa,roas,roi,profit"),
    (Report::Explore, "dimensions=source&metrics=orders,revenue,refunds,aov&basis=order"),
    (Report::Funnel, "dimensions=device_type&mode=independent"),
];

/// `value` with `…` for what is drawn at random.
fn steady(mut value: Value) -> Value {
    match &mut value {
        Value::Array(all) => all.iter_mut().for_each(|one| *one = steady(one.take())),
        Value::Object(all) => {
            for (name, one) in all.iter_mut() {
                *one = if DRAWN.contains(&name.as_str()) { Value::from("…") } else { steady(one.take()) };
            }
        }
        _ => {}
    }
    value
}

/// A line for each member, and for each entry of a list.
fn lines(value: &Value) -> String {
    let mut text = String::new();
    let mut line = |head: &str, value: &Value| writeln!(text, "{head}{value}").unwrap();
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::Array(entries) if entries.iter().any(|entry| entry.is_array() || entry.is_object()) => {
                        line(&format!("{name}:"), &Value::from(entries.len()));
                        for entry in entries {
                            line("  ", entry);
                        }
                    }
                    other => line(&format!("{name}: "), other),
                }
            }
        }
        Value::Array(entries) => {
            for entry in entries {
                line("", entry);
            }
        }
        other => line("", other),
    }
    text
}

mod cases {
    use super::*;

    pub async fn the_json_of_every_report(world: World) {
        fill(&world).await;
        import(&world, MORE).await;
        let token = world.token("reads", Scope::Read).await;
        let mut all = String::new();
        for (report, more) in Report::ALL.iter().map(|report| (*report, "")).chain(ASKED) {
            let query = if more.is_empty() { DAY.to_owned() } else { format!("{DAY}&{more}") };
            let answer = world.get(&format!("/api/v1/reports/{report}?{query}")).bearer(&token).send().await;
            let mut answer = answer.json();
            if report.is_list() {
                // A session's id is drawn at random.
                answer["rows"].as_array_mut().unwrap().iter_mut().for_each(|row| row[0] = Value::from("…"));
            }
            write!(all, "-- {report}?{query}\n{}\n", lines(&answer)).unwrap();
        }
        insta::assert_snapshot!("reports", all);
    }

    pub async fn the_json_of_every_endpoint(world: World) {
        fill(&world).await;
        import(&world, MORE).await;
        let token = world.token("reads", Scope::Read).await;
        let get = async |path: &str| {
            world.get(&format!("/api/utm/{path}?{DAY}&ad_spend=100")).bearer(&token).send().await.json()
        };
        let sessions = get("sessions/").await;
        let id = sessions.as_array().unwrap().last().unwrap()["id"].to_string();
        let mut all = String::new();
        // What is exported is no JSON.
        for endpoint in ENDPOINTS.iter().filter(|endpoint| endpoint.name != "export_csv") {
            let answer = get(&format!("{}/", endpoint.name.replace("{id}", &id))).await;
            write!(all, "-- {}\n{}\n", endpoint.name, lines(&steady(answer))).unwrap();
        }
        insta::assert_snapshot!("endpoints", all);
    }
}
