//! The database's disk is full: no file of the server may grow beyond a size, which is lifted later.

use std::process::Command;
use std::time::Duration;

use super::shop::{Acknowledged, Sender, drained};
use crate::program::Program;

/// What a file may grow to: enough for the start, and for the spool.
const LIMIT: &str = "--fsize=1500000:unlimited";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_loses_nothing_acknowledged() {
    let mut program = Program::new(None, "[spool]\nfile = \"spool\"\nsize = 1048576\n");
    // Ignored, the signal of the limit becomes an error of the write, as a full disk's is.
    program.start(&["prlimit", LIMIT, "sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"]).await;
    let token = program.token().await;
    let mut sender = Sender::new(0, &program, &token).await;
    let is_spooled = |so_far: &Acknowledged| so_far.statuses.get(&202).copied().unwrap_or(0) >= 50;
    let send = sender.send(program.addr, |so_far| !is_spooled(so_far));
    tokio::time::timeout(Duration::from_mins(2), send).await.expect("the disk is full in time");
    assert!(sender.acknowledged.statuses[&200] > 0, "there was room at first");
    assert!(is_spooled(&sender.acknowledged), "{:?}", sender.acknowledged.statuses);
    let ready = program.ready().await;
    assert!(ready["spool"]["messages"].as_u64().unwrap() >= 50, "{ready}");
    assert_eq!(program.connect().await.get("/catalog").await.unwrap().0, 200, "the shop goes on");

    let pid = program.pid().to_string();
    assert!(Command::new("prlimit").args(["--pid", &pid, "--fsize=unlimited:unlimited"]).status().unwrap().success());
    drained(&program).await;
    let before = sender.acknowledged.statuses[&202];
    let stored = sender.acknowledged.statuses[&200];
    sender.send(program.addr, |so_far| so_far.statuses[&200] < stored + 5).await;
    assert_eq!(sender.acknowledged.statuses[&202], before, "the database takes them again");
    assert_eq!(program.stop().await.0.code(), Some(0));
    sender.acknowledged.check(&program).await;
}
