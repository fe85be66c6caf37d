//! PostgreSQL stands still, then is gone for 20 seconds, while the shop and its visitors go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::sleep;

use super::postgres::Postgres;
use super::shop::{Acknowledged, Sender, drained};
use crate::program::{Client, Program};

const CONNECTIONS: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_is_away_for_twenty_seconds_and_nothing_acknowledged_is_lost() {
    if std::env::var_os("TEST_POSTGRES_URL").is_none() {
        assert!(
            std::env::var_os("CI").is_none(),
            "TEST_POSTGRES_URL must name a PostgreSQL server: `make test` starts one"
        );
        eprintln!("skipped: it starts a PostgreSQL server of its own, but only where others are tested too");
        return;
    }
    let postgres = Postgres::new();
    let mut program = Program::new(Some(postgres.url()), "[spool]\nfile = \"spool\"\nsize = 67108864\n");
    program.start(&[]).await;
    let token = program.token().await;
    let is_over = Arc::new(AtomicBool::new(false));
    let mut sending = JoinSet::new();
    for number in 0..CONNECTIONS {
        let mut sender = Sender::new(number, &program, &token).await;
        sender.pause = Duration::from_millis(20);
        let (addr, is_over) = (program.addr, Arc::clone(&is_over));
        sending.spawn(async move {
            while !is_over.load(Ordering::Relaxed) {
                sender.send(addr, |_| !is_over.load(Ordering::Relaxed)).await;
                sleep(Duration::from_millis(50)).await;
            }
            sender.send(addr, |_| false).await;
            sender.acknowledged
        });
    }
    let pages = tokio::spawn(look_at_pages(program.addr, Arc::clone(&is_over)));
    sleep(Duration::from_secs(2)).await;
    postgres.signal("STOP");
    sleep(Duration::from_secs(6)).await;
    let waiting = program.ready().await;
    assert_eq!(waiting["ready"], false, "{waiting}");
    assert!(waiting["spool"]["messages"].as_u64().is_some_and(|messages| messages > 0), "{waiting}");
    postgres.signal("CONT");
    sleep(Duration::from_secs(4)).await;
    postgres.stop();
    sleep(Duration::from_secs(20)).await;
    postgres.start();
    // Under load, until the database takes what comes.
    drained(&program).await;
    sleep(Duration::from_secs(1)).await;
    is_over.store(true, Ordering::Relaxed);
    let mut all = Acknowledged::default();
    for acknowledged in sending.join_all().await {
        all.add(acknowledged);
    }
    let (shown, slowest) = pages.await.unwrap();
    println!("{shown} pages, the slowest in {slowest:?}");
    assert!(shown > 300, "{shown} pages");
    assert!(all.statuses.keys().eq(&[200, 202]), "{:?}", all.statuses);
    drained(&program).await;
    assert_eq!(program.stop().await.0.code(), Some(0));
    all.check(&program).await;
    // Nor is a page view: they waited in memory.
    let counted = program.number("select sum(page_views) from session").await;
    assert!(counted >= shown + CONNECTIONS as u64, "{counted} of {shown} pages");
}

/// Opens pages until it is over: how many, and how long the slowest took. Each is answered as if nothing were.
async fn look_at_pages(addr: std::net::SocketAddr, is_over: Arc<AtomicBool>) -> (u64, Duration) {
    let mut browser = Client::connect(addr).await.unwrap();
    let (mut shown, mut slowest) = (0, Duration::ZERO);
    while !is_over.load(Ordering::Relaxed) {
        let began = Instant::now();
        let (status, _) = browser.get("/catalog").await.unwrap();
        assert_eq!(status, 200);
        slowest = slowest.max(began.elapsed());
        shown += 1;
        sleep(Duration::from_millis(20)).await;
    }
    (shown, slowest)
}
