//! The demo world in a database: stored as it was made, equal to what live traffic would have made of it.

use std::sync::Arc;

use chrono_tz::Tz;
use server::demo::{self, Actions, DemoError, Options, run};
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;
use utm_dispatcher::model::{Millis, Money, Period};
use utm_dispatcher::report::{Metric, Report, ReportQuery, Table, Value};
use utm_dispatcher::store::{Fact, Store};

use crate::world::on_both;

/// 2026-11-30T12:00:00Z
const MONDAY: Millis = 1_796_040_000_000;

const CONFIG: &str = "";

on_both!(a_world_is_stored_whole_and_only_once);

mod cases {
    use super::*;
    use crate::world::World;

    pub async fn a_world_is_stored_whole_and_only_once(World { state, .. }: World) {
        let store = &state.store;
        let mut heard = Vec::new();
        let summary = run(store, &options(7000), MONDAY, |summary| heard.push(summary.sessions)).await.unwrap();
        assert_eq!((summary.sessions, heard.as_slice()), (7000, [5000, 7000].as_slice()));
        let table = general(store).await;
        assert_eq!(*table.total(Metric::Sessions), Value::Whole(7000));
        assert_eq!(*table.total(Metric::Visitors), Value::Whole(i64::try_from(summary.visitors).unwrap()));
        assert_eq!(*table.total(Metric::Revenue), Value::Whole(summary.revenue.0));
        assert!(summary.revenue > Money::ZERO);
        let refused = run(store, &options(10), MONDAY, |_| {}).await;
        assert!(matches!(refused, Err(DemoError::NotEmpty)));
        assert_eq!(general(store).await, table);
    }
}

fn options(sessions: u64) -> Options {
    Options { sessions, days: 60, seed: 3, until: None, actions: Actions::Full }
}

async fn open(url: &str) -> Store {
    let store = Store::connect(url, Tz::Europe__Kyiv, 50_000).await.unwrap();
    store.migrate().await.unwrap();
    store
}

fn file(dir: &TempDir, name: &str) -> String {
    format!("sqlite:{}", dir.path().join(name).display())
}

async fn general(store: &Store) -> Table {
    store.report(&ReportQuery::new(Report::General, Period::AllTime), MONDAY).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn live_traffic_would_have_made_the_same() {
    let dir = TempDir::new().unwrap();
    let (bulk, live) = (open(&file(&dir, "bulk.db")).await, open(&file(&dir, "live.db")).await);
    run(&bulk, &options(500), MONDAY, |_| {}).await.unwrap();
    let mut messages = Vec::new();
    for visit in demo::World::new(&options(500), MONDAY, bulk.tz()) {
        let hit = Arc::new(visit.hit);
        let fact = |(at, action)| {
            let (client, place) = (Arc::clone(&visit.client), Arc::clone(&visit.place));
            Fact { hit: Arc::clone(&hit), client, place, at, action }
        };
        live.ingest(&visit.steps.into_iter().map(fact).collect::<Vec<_>>()).await.unwrap();
        let own = visit.orders.into_iter().flatten().map(|state| (Some(hit.visitor.clone()), state));
        let strange = visit.by_telephone.into_iter().flatten().map(|state| (None, state));
        messages.extend(own.chain(strange));
    }
    messages.sort_by_key(|(_, state)| state.updated_at);
    assert!(messages.len() > 50);
    for (buyer, state) in messages {
        let now = state.updated_at.unwrap();
        live.apply_order(state, buyer.as_ref(), now).await.unwrap();
    }
    assert_eq!(general(&bulk).await, general(&live).await);
    for query in EVERYTHING_BUT_IDS {
        let (bulk, live) = (rows(&file(&dir, "bulk.db"), query).await, rows(&file(&dir, "live.db"), query).await);
        assert!(bulk.len() > 10);
        assert_eq!(bulk, live);
    }
}

const EVERYTHING_BUT_IDS: [&str; 4] = [
    "select json_array(k.key, v.first_seen, v.last_seen, v.sessions, v.first_touch_id, v.last_touch_id, s.started_at) \
     from visitor v join visitor_key k on k.visitor_id = v.id join session s on s.id = v.session_id order by k.key",
    "select json_array(k.key, ordinal, started_at, last_seen, touch_id, client_id, place_id, landing_id, click_ids, fbc, \
     fbp, referrer, ip, user_agent, duration, is_first, is_bounce, page_views, product_views, add_to_cart, \
     remove_from_cart, initiate_checkout, searches, other_actions, action_points, sale_points, points, had_lead, \
     has_lead, has_purchase, is_converted, converted_at, orders, revenue, refunds) \
     from session s join visitor_key k on k.visitor_id = s.visitor_id order by k.key, ordinal",
    "select json_array(k.key, s.ordinal, at, kind, subject, page_id, product_id, product_name, value, order_number, \
     query, a.points) from action a join session s on s.id = a.session_id \
     join visitor_key k on k.visitor_id = a.visitor_id order by k.key, at, kind, subject, a.points",
    "select json_array(k.key, s.ordinal, o.number, created_at, updated_at, email, phone, total, discount, pay_type, \
     payment_status, paid_at, status, refunded, lead_at, purchase_at, n.visitor_id = o.visitor_id, n.id = o.id) \
     from orders o left join session s on s.id = o.session_id left join visitor_key k on k.visitor_id = o.visitor_id \
     join order_number n on n.number = o.number order by o.number",
];

async fn rows(url: &str, query: &'static str) -> Vec<String> {
    let mut connection = SqliteConnection::connect(url).await.unwrap();
    sqlx::query_scalar(query).fetch_all(&mut connection).await.unwrap()
}
