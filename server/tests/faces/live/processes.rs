//! Several processes on one database: what one commits, the dashboards of the others hear.

use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::Instant;
use utm_dispatcher::model::live::Happening;
use utm_dispatcher::model::order::Conversion;
use utm_dispatcher::model::{Money, Role};

use super::listener::Listener;
use crate::program::Program;
use crate::world::PASSWORD;

const OWNER: &str = "owner@shop.example";

/// Adds somebody who may look, and logs in.
async fn log_in(program: &Program) -> String {
    let role = Role::Admin.name();
    let mut add = program.command(&[], &["user", "add", OWNER, "--role", role, "--password-stdin"]);
    feed(&mut add, PASSWORD).await;
    let origin = format!("http://{}", program.addr);
    let form = [("email", OWNER), ("password", PASSWORD)];
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let answer = raw(program, &origin, &body).await;
    let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("a login has a cookie");
    cookie.split(';').next().unwrap().to_owned()
}

async fn raw(program: &Program, origin: &str, body: &str) -> String {
    use tokio::io::AsyncReadExt;

    let mut stream = TcpStream::connect(program.addr).await.unwrap();
    let head = format!(
        "POST /admin-panel/login HTTP/1.1\r\nHost: {}\r\nOrigin: {origin}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        program.addr,
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Runs a command with something on its standard input.
async fn feed(command: &mut tokio::process::Command, input: &str) {
    let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).await.unwrap();
    let done = child.wait_with_output().await.unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

async fn listen(program: &Program, login: &str) -> Listener {
    let (host, origin) = (program.addr.to_string(), format!("http://{}", program.addr));
    let wire = TcpStream::connect(program.addr).await.unwrap();
    Listener::over(Box::new(wire), &host, &[("origin", &origin), ("cookie", login)]).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_on_one_postgres_hear_of_each_others_visitors() {
    let Some(mut one) = Program::postgres().await else { return };
    one.start(&[]).await;
    let mut other = Program::new(Some(one.url.clone()), "[spool]\nfile = \"spool\"\nsize = 4194304\n");
    other.start(&[]).await;
    let login = log_in(&one).await;
    let (mut here, mut there) = (listen(&one, &login).await, listen(&other, &login).await);
    here.frame().await;
    there.frame().await;

    let mut browser = one.connect().await;
    let began = Instant::now();
    browser.get("/?utm_source=facebook").await.unwrap();
    let frame = there.frame_with(|frame| !frame.moments.is_empty()).await;
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!((frame.now_on_site, frame.moments[0].source.as_str()), (1, "facebook"));
    assert_eq!(here.frame_with(|frame| !frame.moments.is_empty()).await.now_on_site, 1);

    // One visitor in both is one visitor.
    let cookie = browser.cookie.clone();
    let mut again = other.connect().await;
    again.cookie = cookie;
    again.get("/catalog").await.unwrap();
    let frame = here.frame_with(|frame| !frame.moments.is_empty()).await;
    assert_eq!((frame.now_on_site, frame.moments[0].page.as_deref()), (1, Some("/catalog")));
    other.connect().await.get("/").await.unwrap();
    assert_eq!(here.frame_with(|frame| !frame.moments.is_empty()).await.now_on_site, 2);

    // Whoever starts now knows the same.
    let (status, ending) = other.stop().await;
    assert!(status.success() && ending < Duration::from_secs(10), "{status} in {ending:?}");
    assert_eq!(there.end().await, Some(1001));
    other.start(&[]).await;
    let mut there = listen(&other, &login).await;
    let whole = there.frame().await;
    assert_eq!((whole.now_on_site, whole.moments.len()), (2, 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_on_the_command_line_is_heard() {
    let mut program = Program::sqlite().await;
    let login = log_in(&program).await;
    let mut listener = listen(&program, &login).await;
    let first = listener.frame().await;
    let at = chrono::Utc::now().to_rfc3339();
    let agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/137.0.0.0 Safari/537.36";
    let lines = [
        json!({ "type": "session", "id": "s1", "visitor": "v1", "started_at": at, "user_agent": agent,
                "url": "https://shop.example/product/tee?utm_source=google&utm_campaign=winter" }),
        json!({ "type": "order", "number": "N1", "session": "s1", "created_at": at, "total": "1499.00",
                "payment_status": "paid" }),
        json!({ "type": "session", "id": "s0", "visitor": "v0", "started_at": "2024-01-02T03:04:05+02:00",
                "user_agent": agent, "url": "https://shop.example/" }),
    ];
    let lines = lines.map(|line| format!("{line}\n")).concat();
    feed(&mut program.command(&[], &["import", "-"]), &lines).await;
    let done = Instant::now();
    let frame = listener.frame_with(|frame| !frame.moments.is_empty()).await;
    assert!(done.elapsed() < Duration::from_secs(1), "{:?}", done.elapsed());
    assert_ne!(frame.version, first.version, "reports are to be asked for again");
    assert_eq!(frame.now_on_site, 1, "who came years ago is gone");
    let told: Vec<_> = frame.moments.iter().map(|moment| (moment.what.clone(), moment.amount)).collect();
    let sale = (Happening::Conversion(Conversion::Purchase), Some(Money(149_900)));
    assert!(told.len() == 2 && told.contains(&(Happening::Session, None)) && told.contains(&sale), "{told:?}");
    assert_eq!(frame.moments[0].page.as_deref(), Some("/product/tee"));
    assert!(program.stop().await.0.success());
}
