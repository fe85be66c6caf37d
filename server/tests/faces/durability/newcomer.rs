//! The database is away as a visitor comes for the first time and orders; then the process ends before it is back.

use http::Method;
use serde_json::json;
use sqlx::{Connection, SqliteConnection};

use super::postgres::Postgres;
use super::shop::drained;
use crate::program::Program;

/// How the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Kill,
    Term,
}

/// A new visitor's page view, event and order while nothing is stored; then the end. Returns the visitor's name.
async fn order_unseen(program: &mut Program, token: &str, end: End) -> String {
    let mut browser = program.connect().await;
    browser.get("/?utm_source=facebook").await.unwrap();
    let visitor = browser.cookie.unwrap().split_once('=').unwrap().1.to_owned();
    let at = chrono::Utc::now().to_rfc3339();
    let mut shop = program.connect().await.with_token(token);
    let event = json!({ "id": "e1", "visitor": visitor, "at": at, "action": "add_to_cart", "product_id": "17" });
    let event = json!({ "events": [event] }).to_string();
    assert_eq!(shop.send(Method::POST, "/api/v1/events", event).await.unwrap().0, 202);
    let order = json!({ "visitor": visitor, "created_at": at, "total": "1499.00", "payment_status": "paid" });
    assert_eq!(shop.send(Method::PUT, "/api/v1/orders/X", order.to_string()).await.unwrap().0, 202);
    match end {
        End::Kill => program.kill().await,
        End::Term => {
            let (_, took) = program.stop().await;
            assert!(took.as_secs() < 10, "{took:?}");
        }
    }
    visitor
}

/// Does the spool's file name the visitor?
fn names(program: &Program, visitor: &str) -> bool {
    let spool = std::fs::read(program.folder().join("spool")).unwrap();
    spool.windows(visitor.len()).any(|bytes| bytes == visitor.as_bytes())
}

/// Nobody is erased of whom something waits; then everything that was acknowledged is there once, and is this visitor's.
async fn is_theirs(program: &mut Program, visitor: &str) {
    let erase = program.command(&[], &["erase", "--visitor", visitor]).output().await.unwrap();
    let said = String::from_utf8(erase.stderr).unwrap();
    assert_eq!(erase.status.code(), Some(1), "{said}");
    assert!(said.starts_with("dispatcher: nothing was erased: 2 messages wait in the spool spool "), "{said}");
    assert!(names(program, visitor));

    program.start(&[]).await;
    drained(program).await;
    assert_eq!(program.stop().await.0.code(), Some(0));
    assert!(!names(program, visitor), "what is stored is left in the spool");
    for (query, expected) in [
        ("select count(*) from action where kind = 'add_to_cart'", 1),
        ("select count(*) from action where kind = 'purchase'", 1),
        ("select count(*) from visitor", 1),
        ("select count(*) from orders where number = 'X' and session_id is not null", 1),
        ("select count(*) from session where add_to_cart = 1 and orders = 1 and revenue = 149900", 1),
        ("select count(*) from session", 1),
    ] {
        assert_eq!(program.number(query).await, expected, "{query}");
    }
}

async fn on_sqlite(end: End) {
    let mut program = Program::sqlite().await;
    let token = program.token().await;
    let mut other = SqliteConnection::connect(&program.url).await.unwrap();
    sqlx::query("begin exclusive").execute(&mut other).await.unwrap();
    let visitor = order_unseen(&mut program, &token, end).await;
    sqlx::query("rollback").execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    is_theirs(&mut program, &visitor).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_visitors_acknowledged_order_survives_a_kill_while_the_database_is_away() {
    on_sqlite(End::Kill).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_visitors_acknowledged_order_survives_a_stop_while_the_database_is_away() {
    on_sqlite(End::Term).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_visitors_acknowledged_order_survives_a_kill_while_postgres_is_away() {
    if std::env::var_os("TEST_POSTGRES_URL").is_none() {
        eprintln!("skipped: it starts a PostgreSQL server of its own, but only where others are tested too");
        return;
    }
    let postgres = Postgres::new();
    let mut program = Program::new(Some(postgres.url()), "[spool]\nfile = \"spool\"\nsize = 1048576\n");
    program.start(&[]).await;
    let token = program.token().await;
    // While the database is away, tokens are good that the server knew before.
    let known = program.connect().await.with_token(&token).get("/api/v1/orders/X").await.unwrap();
    assert_eq!(known.0, 404);
    postgres.stop();
    let visitor = order_unseen(&mut program, &token, End::Kill).await;
    postgres.start();
    is_theirs(&mut program, &visitor).await;
}
