//! The program itself: started, visited by many at once, stopped by a signal; and nothing that it answered is lost.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use http::header::{COOKIE, HOST, SET_COOKIE, USER_AGENT};
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::program::{Program, signal};

const BROWSER: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36";
const PAGES: [&str; 4] = ["/", "/catalog", "/search?q=%D0%BA%D1%96%D1%82", "/cart"];
const CONNECTIONS: u64 = 8;

/// A browser's connection, with its cookie.
struct Browser {
    connection: SendRequest<Empty<Bytes>>,
    cookie: Option<String>,
}

impl Browser {
    async fn connect(addr: SocketAddr) -> Self {
        let stream = TcpStream::connect(addr).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (connection, driver) = handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(driver);
        Self { connection, cookie: None }
    }

    /// The status and the whole text of the answer.
    async fn get(&mut self, target: &str) -> hyper::Result<(StatusCode, Bytes)> {
        self.connection.ready().await?;
        let mut request = Request::get(target).header(HOST, "127.0.0.1").header(USER_AGENT, BROWSER);
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }
        let answer = self.connection.send_request(request.body(Empty::new()).unwrap()).await?;
        for line in answer.headers().get_all(SET_COOKIE) {
            let pair = line.to_str().unwrap().split(';').next().unwrap();
            if pair.starts_with("ud_vid=") {
                self.cookie = Some(pair.to_owned());
            }
        }
        let status = answer.status();
        Ok((status, answer.into_body().collect().await?.to_bytes()))
    }
}

/// Page views, as they are stored and as their sessions count them.
async fn page_views(process: &Program) -> u64 {
    // In one statement: the writer goes on.
    let both = "select cast((select coalesce(sum(page_views), 0) from session) as text) || ' ' || \
                cast((select count(*) from action where kind = 'page_view') as text)";
    let both: Vec<String> = process.rows(both).await;
    let (counted, stored) = both[0].split_once(' ').unwrap();
    assert_eq!(counted, stored);
    stored.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_pages_are_ten_thousand_rows() {
    const EACH: u64 = 10_000 / CONNECTIONS;
    let began = Instant::now();
    let mut process = Program::sqlite().await;
    let mut browsers = JoinSet::new();
    for number in 0..CONNECTIONS {
        let mut browser = Browser::connect(process.addr).await;
        browsers.spawn(async move {
            for (count, page) in (0..EACH).zip(PAGES.iter().cycle().skip(usize::try_from(number).unwrap())) {
                // Somebody else, now and then.
                if count % 25 == 0 {
                    browser.cookie = None;
                }
                let (status, _) = browser.get(page).await.unwrap();
                assert_eq!(status, 200, "{page}");
            }
        });
    }
    while let Some(ended) = browsers.join_next().await {
        ended.unwrap();
    }
    let asked = began.elapsed();
    let (status, metrics) = Browser::connect(process.addr).await.get("/metrics").await.unwrap();
    let metrics = std::str::from_utf8(&metrics).unwrap();
    assert!(status == 200 && metrics.contains("dispatcher_recorded_total"), "{status} {metrics}");
    assert!(!metrics.contains("dispatcher_dropped_total{"), "{metrics}");
    let (status, ending) = process.stop().await;
    println!("10,000 pages in {asked:?}, the end in {ending:?}");
    assert_eq!(status.code(), Some(0));
    assert!(ending < Duration::from_secs(10), "{ending:?}");
    assert_eq!(page_views(&process).await, 10_000);
    assert_eq!(process.number("select count(*) from visitor").await, 10_000 / 25);
    assert_eq!(process.number("select count(*) from session").await, 10_000 / 25);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_in_the_middle_loses_nothing_that_was_answered() {
    let mut process = Program::sqlite().await;
    let (asked, answered) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let mut browsers = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let mut browser = Browser::connect(process.addr).await;
        let (asked, answered) = (Arc::clone(&asked), Arc::clone(&answered));
        browsers.spawn(async move {
            for page in PAGES.iter().cycle() {
                asked.fetch_add(1, Ordering::Relaxed);
                // A connection that ends between two pages is no fault.
                let Ok((status, text)) = browser.get(page).await else { return };
                assert_eq!(status, 200, "{page}");
                assert!(text.ends_with(b"</html>"), "{page} is whole");
                answered.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    while answered.load(Ordering::Relaxed) < 200 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let (status, ending) = process.stop().await;
    while let Some(ended) = browsers.join_next().await {
        ended.unwrap();
    }
    assert_eq!(status.code(), Some(0));
    assert!(ending < Duration::from_secs(10), "{ending:?}");
    let stored = page_views(&process).await;
    let (asked, answered) = (asked.load(Ordering::Relaxed), answered.load(Ordering::Relaxed));
    assert!((answered..=asked).contains(&stored), "{answered} answered, {stored} stored, {asked} asked");
    assert!(answered < asked, "every browser was in the middle of something");
    let refused = TcpStream::connect(process.addr).await;
    assert!(refused.is_err(), "nobody listens any more");
}

/// By the command line, while the server runs on the same database.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fault_p1_a_person_is_erased_while_the_server_runs() {
    let mut process = Program::sqlite().await;
    let mut browser = Browser::connect(process.addr).await;
    for page in PAGES {
        assert_eq!(browser.get(page).await.unwrap().0, 200);
    }
    while page_views(&process).await < PAGES.len() as u64 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let visitor = process.number("select id from visitor").await;
    let erase = async |name: &str| process.command(&[], &["erase", "--visitor", name]).output().await.unwrap();
    let done = erase(&visitor.to_string()).await;
    let said = String::from_utf8(done.stdout).unwrap();
    assert!(done.status.success() && said.starts_with("found: visitors 1, sessions 1, actions 5, orders 0"), "{said}");
    for name in [visitor.to_string().as_str(), "anna", "99999999999999999999"] {
        let done = erase(name).await;
        assert_eq!(done.status.code(), Some(1), "{done:?}");
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!(said.lines().last(), Some("dispatcher: nothing was found by this visitor"), "{name}");
    }
    assert_eq!(process.number("select count(*) from audit").await, 1);
    assert_eq!(process.number("select count(*) from session where ip is not null or user_agent <> ''").await, 0);
    // Whoever comes back is somebody new.
    assert_eq!(browser.get("/").await.unwrap().0, 200);
    while page_views(&process).await < 1 + PAGES.len() as u64 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(process.number("select count(*) from session where is_first = 1").await, 2);
    assert!(process.stop().await.0.success());
}

#[tokio::test]
async fn bytes_that_no_client_library_sends() {
    let mut process = Program::sqlite().await;
    let lines: [(&[u8], &[&[u8]]); 6] = [
        ("/?utm_campaign=Зима".as_bytes(), &[b"200"]),
        // Refused as no HTTP, or shown as usual: never a fault of ours.
        (b"/?utm_campaign=\xff\xfe", &[b"200", b"400"]),
        (b"/\xff", &[b"400", b"404"]),
        (b"/?utm_campaign=a\0b", &[b"400"]),
        (b"/%00", &[b"404"]),
        (b"/product/%FF%00", &[b"400", b"404"]),
    ];
    for (target, allowed) in lines {
        let mut stream = TcpStream::connect(process.addr).await.unwrap();
        let agent = BROWSER.as_bytes();
        let parts: [&[u8]; 5] = [b"GET ", target, b" HTTP/1.1\r\nHost: shop.test\r\nUser-Agent: ", agent, b"\r\n"];
        stream.write_all(&parts.concat()).await.unwrap();
        stream.write_all(b"Connection: close\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        timeout(Duration::from_secs(10), stream.read_to_end(&mut answer)).await.unwrap().unwrap();
        let status = answer.get(9..12).unwrap_or_default();
        assert!(allowed.contains(&status), "{}: {}", target.escape_ascii(), status.escape_ascii());
    }
    // One that asks slowly must not hold up the end.
    let mut idle = TcpStream::connect(process.addr).await.unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\nHost: shop.test\r\n").await.unwrap();
    let (status, ending) = process.stop().await;
    assert_eq!(status.code(), Some(0));
    assert!(ending < Duration::from_secs(10), "{ending:?}");
    assert!(page_views(&process).await >= 1);
    let of_winter = "select count(*) from session s join touch t on t.id = s.touch_id where t.utm_campaign = 'Зима'";
    assert_eq!(process.number(of_winter).await, 1);
}

/// Every call of the process that could reach somebody is watched while it finds out where visitors are.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fault_p3_no_address_is_told_to_a_third_party() {
    let places = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/maxmind-shape.mmdb");
    let config = format!(
        "[spool]\nfile = \"spool\"\nsize = 1048576\n[geo]\ndatabases = [\"{places}\"]\n\
         [tracking]\ntrusted_proxies = [\"127.0.0.1\"]\n"
    );
    let mut process = Program::new(None, &config);
    process.start(&["strace", "-f", "-q", "-o", "calls", "-e", "trace=connect,sendto,sendmsg,sendmmsg,accept4"]).await;
    let mut stream = TcpStream::connect(process.addr).await.unwrap();
    for address in ["198.51.100.7", "203.0.113.7", "192.0.2.1"] {
        let request =
            format!("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: {BROWSER}\r\nX-Forwarded-For: {address}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200", "{address}");
        // The rest of the page is of no interest.
        drop(std::mem::replace(&mut stream, TcpStream::connect(process.addr).await.unwrap()));
    }
    while page_views(&process).await < 3 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let known = "select count(*) from session s join place p on p.id = s.place_id where p.country = 'UA'";
    assert_eq!(process.number(known).await, 2, "places were looked up");
    let strace = process.pid();
    let children = std::fs::read_to_string(format!("/proc/{strace}/task/{strace}/children")).unwrap();
    children.split_whitespace().for_each(|pid| signal("TERM", pid.parse().unwrap()));
    let _ended = process.wait().await;
    let calls = std::fs::read_to_string(process.folder().join("calls")).unwrap();
    assert!(calls.contains("accept4("), "calls were seen");
    let outgoing: Vec<_> = calls
        .lines()
        .filter(|call| !call.contains("accept4"))
        .filter(|call| call.contains("connect(") || call.contains("sin_addr") || call.contains("sin6_addr"))
        .filter(|call| call.contains("AF_INET"))
        .collect();
    assert_eq!(outgoing, Vec::<&str>::new());
}
