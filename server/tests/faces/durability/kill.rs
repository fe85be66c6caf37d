//! The process is killed in the middle of its work, again and again; and what `fsync` it does before it says so.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use http::Method;
use serde_json::json;
use tokio::task::JoinSet;

use super::shop::{Acknowledged, Sender, drained};
use crate::program::{Program, signal};

const ROUNDS: usize = 20;
const CONNECTIONS: usize = 6;
/// Acknowledged events and orders in each round.
const WRITES: usize = 500;

async fn kill_rounds(mut program: Program) {
    program.start(&[]).await;
    let token = program.token().await;
    let mut senders = Vec::new();
    for number in 0..CONNECTIONS {
        senders.push(Sender::new(number, &program, &token).await);
    }
    let began = Instant::now();
    for round in 0..ROUNDS {
        if round > 0 {
            program.start(&[]).await;
        }
        let written = Arc::new(AtomicUsize::new(0));
        let (addr, mut sending) = (program.addr, JoinSet::new());
        for mut sender in senders.drain(..) {
            let (written, mut before) = (Arc::clone(&written), sender.acknowledged.writes());
            sending.spawn(async move {
                let count = |so_far: &Acknowledged| {
                    written.fetch_add(so_far.writes() - before, Ordering::Relaxed);
                    before = so_far.writes();
                    true
                };
                let count = std::sync::Mutex::new(count);
                sender.send(addr, |so_far| (count.lock().unwrap())(so_far)).await;
                sender
            });
        }
        while written.load(Ordering::Relaxed) < WRITES {
            assert!(began.elapsed() < Duration::from_mins(5), "round {round}: {}", written.load(Ordering::Relaxed));
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // Every connection is in the middle of something.
        program.kill().await;
        senders = sending.join_all().await;
    }
    program.start(&[]).await;
    let mut all = Acknowledged::default();
    for sender in &mut senders {
        // Until what was not answered is.
        sender.send(program.addr, |_| false).await;
        all.add(sender.acknowledged.clone());
    }
    drained(&program).await;
    assert_eq!(program.stop().await.0.code(), Some(0));
    println!("{ROUNDS} rounds in {:?}", began.elapsed());
    assert!(all.writes() >= ROUNDS * WRITES, "{}", all.writes());
    all.check(&program).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_kills_lose_nothing_acknowledged_on_sqlite() {
    kill_rounds(Program::new(None, "[spool]\nfile = \"spool\"\nsize = 1048576\n")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_kills_lose_nothing_acknowledged_on_postgres() {
    if let Some(program) = Program::postgres().await {
        kill_rounds(program).await;
    }
}

/// A kill does not show a missing fsync: what a process wrote stays with the system. So each call is watched.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn between_each_message_and_its_answer_the_log_is_synced() {
    const MESSAGES: usize = 20;
    let mut program = Program::new(None, "[spool]\nfile = \"spool\"\nsize = 1048576\n");
    let calls = "trace=fsync,fdatasync,read,recvfrom,write,writev,sendto,sendmsg";
    program.start(&["strace", "-f", "-y", "-q", "-s", "32", "-o", "calls", "-e", calls]).await;
    let token = program.token().await;
    let mut sender = Sender::new(0, &program, &token).await;
    let answered = AtomicUsize::new(0);
    sender.send(program.addr, |_| answered.fetch_add(1, Ordering::Relaxed) < MESSAGES).await;
    let mut client = program.connect().await.with_token(&token);
    // The same once more changes nothing, and is on the disk already: but this is what it says.
    let order = json!({ "created_at": "2026-11-22T10:00:00Z", "total": "1.00", "payment_status": "paid" }).to_string();
    assert_eq!(client.send(Method::PUT, "/api/v1/orders/last", order).await.unwrap().0, 200);
    let strace = program.pid();
    let children = std::fs::read_to_string(format!("/proc/{strace}/task/{strace}/children")).unwrap();
    children.split_whitespace().for_each(|pid| signal("TERM", pid.parse().unwrap()));
    let _ended = program.wait().await;

    let calls = std::fs::read_to_string(program.folder().join("calls")).unwrap();
    let (mut open, mut synced, mut messages) = (None, 0, 0);
    let mut unfinished = std::collections::BTreeSet::new();
    for line in calls.lines() {
        let (pid, call) = line.split_once(' ').unwrap();
        let call = call.trim_start();
        let is_sync = call.starts_with("fsync(") || call.starts_with("fdatasync(");
        if is_sync && call.contains("store.db-wal>") && call.contains("unfinished") {
            unfinished.insert(pid);
        }
        let is_resumed =
            (call.starts_with("<... fsync") || call.starts_with("<... fdatasync")) && unfinished.remove(pid);
        if (is_resumed || (is_sync && call.contains("store.db-wal>"))) && call.ends_with("= 0") {
            synced += 1;
        }
        if call.contains("\"POST /api/v1/events") || call.contains("\"PUT /api/v1/orders") {
            assert!(open.replace(line).is_none(), "one after the other: {line}");
            (synced, messages) = (0, messages + 1);
        } else if let Some(message) = open.take_if(|_| call.contains("\"HTTP/1.1 ")) {
            assert!(call.contains("\"HTTP/1.1 200"), "{message}\n{line}");
            assert!(synced > 0, "nothing was synced between these:\n{message}\n{line}");
        }
    }
    assert_eq!((messages, open), (MESSAGES + 1, None), "every message was seen");
}
