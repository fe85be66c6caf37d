//! The reverse proxy in front of servers that were not written here.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use futures_util::{SinkExt, StreamExt, stream};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use server::track::proxy::{Options, Upstream, service};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tower::ServiceExt;

use crate::real_servers::{RealServer, free_address};

const MEGABYTE: usize = 1 << 20;

/// Puts the proxy in front of `upstream`, as the host does, and returns its address.
async fn in_front_of(upstream: SocketAddr, options: Options) -> SocketAddr {
    let upstream: Upstream = format!("http://{upstream}").parse().unwrap();
    let proxy = service(upstream, options);
    // As a handler and not as a service: there axum puts in the lengths that it believes to be missing.
    let router = Router::new().fallback(move |request: Request<Body>| proxy.oneshot(request));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

fn request(server: SocketAddr, target: &str) -> http::request::Builder {
    Request::builder().uri(format!("http://{server}{target}")).header("host", "shop.example")
}

async fn send(request: Request<Body>) -> Response<Incoming> {
    let client = Client::builder(TokioExecutor::new()).build_http();
    timeout(Duration::from_secs(20), client.request(request)).await.expect("an answer in time").unwrap()
}

async fn bytes_of(answer: Response<Incoming>) -> Bytes {
    answer.into_body().collect().await.unwrap().to_bytes()
}

async fn text_at(server: SocketAddr, target: &str) -> String {
    let answer = send(request(server, target).body(Body::empty()).unwrap()).await;
    String::from_utf8(bytes_of(answer).await.to_vec()).unwrap()
}

/// What an answer says, without what belongs to the connection that it came by.
async fn essence(answer: Response<Incoming>) -> (StatusCode, HeaderMap, Bytes) {
    let status = answer.status();
    let mut headers = answer.headers().clone();
    for name in ["date", "connection", "keep-alive", "transfer-encoding"] {
        headers.remove(name);
    }
    (status, headers, bytes_of(answer).await)
}

/// Bytes without a pattern, the same on each run.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    })
    .flatten()
    .take(length)
    .collect()
}

/// Fills `server` with files and asks for each of them in several ways, with and without the proxy.
async fn compare_answers(server: &RealServer) {
    let root = server.root();
    fs::create_dir(root.join("folder")).unwrap();
    for (name, content) in [
        ("index.html", "<!doctype html><title>Крамниця</title>\r\n".as_bytes()),
        ("folder/index.html", b"<p>in a folder</p>"),
        ("кава.html", "<p>кава</p>".as_bytes()),
        ("empty.bin", b""),
        ("noise.bin", &noise(300_000)),
        ("style.css", b"body { color: green }"),
        // No gzip at all: whoever unpacked it on the way would fail.
        ("style.css.gz", b"\x1f\x8b\x08 packed elsewhere"),
    ] {
        fs::write(root.join(name), content).unwrap();
    }
    let proxy = in_front_of(server.address, Options::default()).await;
    let tag = send(request(server.address, "/noise.bin").body(Body::empty()).unwrap()).await;
    let tag = tag.headers().get("etag").cloned();
    let modified = "Fri, 20 Nov 2099 09:15:00 GMT";

    let mut cases = vec![];
    for target in [
        "/",
        "/index.html?utm_source=%D1%96",
        "/%D0%BA%D0%B0%D0%B2%D0%B0.html",
        "/empty.bin",
        "/noise.bin",
        "/style.css",
        "/style.css.gz",
        "/folder",
        "/folder/",
        "/missing",
        "/folder/../style.css",
        "//folder//index.html",
        "/no-content",
    ] {
        for method in [Method::GET, Method::HEAD] {
            cases.push(request(server.address, target).method(method.clone()));
            cases.push(request(server.address, target).method(method).header("accept-encoding", "gzip, br"));
        }
    }
    for range in ["bytes=10-99", "bytes=-1", "bytes=999999999-", "lines=1"] {
        cases.push(request(server.address, "/noise.bin").header("range", range));
    }
    cases.push(request(server.address, "/noise.bin").header("if-modified-since", modified));
    if let Some(tag) = tag {
        cases.push(request(server.address, "/noise.bin").header("if-none-match", tag));
    }
    for method in ["POST", "OPTIONS", "DELETE", "BREW"] {
        cases.push(request(server.address, "/style.css").method(method));
    }

    for case in cases {
        let direct = case.body(Body::empty()).unwrap();
        let mut through = direct.clone_without_body();
        let target = direct.uri().path_and_query().unwrap().as_str().to_owned();
        *through.uri_mut() = format!("http://{proxy}{target}").parse().unwrap();
        let about = format!("{} {target} {:?}", direct.method(), direct.headers());
        let expected = essence(send(direct).await).await;
        assert_eq!(essence(send(through).await).await, expected, "{about}");
    }
}

/// A second request like the first.
trait CloneWithoutBody {
    fn clone_without_body(&self) -> Request<Body>;
}

impl CloneWithoutBody for Request<Body> {
    fn clone_without_body(&self) -> Self {
        let mut twin = Request::new(Body::empty());
        *twin.method_mut() = self.method().clone();
        *twin.uri_mut() = self.uri().clone();
        *twin.headers_mut() = self.headers().clone();
        twin
    }
}

#[tokio::test]
async fn answers_of_nginx_pass_byte_for_byte() {
    let configuration = "index index.html; gzip_static on; gzip on; gzip_types application/octet-stream; location = /no-content { return 204; }";
    compare_answers(&RealServer::nginx(configuration)).await;
}

#[tokio::test]
async fn answers_of_python_pass_byte_for_byte() {
    compare_answers(&RealServer::python()).await;
}

#[tokio::test]
async fn paths_and_queries_arrive_as_written() {
    let nginx = RealServer::nginx("location / { return 200 $request_uri; }");
    let proxy = in_front_of(nginx.address, Options::default()).await;
    for target in [
        "/",
        "/?",
        "/a%2Fb/..%2f/?x=%zz&&y",
        "/a/./b/../c//d/",
        "/%d0%ba?q=%D0%BA&q=",
        "/a;b=c,d:e@f!$'()*+~",
        "/?a[]=1&b={c}|^`",
        "/caf\u{e9}?\u{456}=\u{457}",
        "/?utm_campaign=%00&x=%ff",
    ] {
        // Written by hand, so that no client improves it.
        let mut connection = TcpStream::connect(proxy).await.unwrap();
        let head = format!("GET {target} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n");
        connection.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{target}: {answer}");
        assert_eq!(answer.split_once("\r\n\r\n").unwrap().1, target);
    }
}

#[tokio::test]
async fn the_storefront_hears_what_it_should_and_no_more() {
    let nginx = RealServer::nginx(
        r#"location / { return 200 "$http_host|$http_x_forwarded_host|$http_x_forwarded_proto|$http_x_forwarded_for|$http_cookie|$http_connection|$http_x_hop|$http_expect|$http_accept_encoding"; }"#,
    );
    let visit = |proxy| {
        request(proxy, "/")
            .header("cookie", "a=1; ud_login=secret; ud_vid=v")
            .header("cookie", "__Host-ud_login=secret")
            .header("connection", "keep-alive, x-hop")
            .header("x-hop", "1")
            .header("x-forwarded-for", "203.0.113.7")
            .header("x-forwarded-proto", "https")
            .header("x-forwarded-host", "front.example")
            .body(Body::empty())
            .unwrap()
    };
    let proxy = in_front_of(nginx.address, Options::default()).await;
    let heard = bytes_of(send(visit(proxy)).await).await;
    assert_eq!(heard, "shop.example|shop.example|http|203.0.113.7, 127.0.0.1|a=1; ud_vid=v||||");

    let options = Options { trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()], ..Options::default() };
    let proxy = in_front_of(nginx.address, options).await;
    let heard = bytes_of(send(visit(proxy)).await).await;
    assert_eq!(heard, "shop.example|front.example|https|203.0.113.7, 127.0.0.1|a=1; ud_vid=v||||");
}

#[tokio::test]
async fn large_chunked_answers_stream_through() {
    let nginx = RealServer::nginx("gzip on; gzip_types application/octet-stream; gzip_comp_level 1;");
    fs::write(nginx.root().join("large"), noise(20 * MEGABYTE)).unwrap();
    let proxy = in_front_of(nginx.address, Options::default()).await;
    let ask = |server| request(server, "/large").header("accept-encoding", "gzip").body(Body::empty()).unwrap();
    let answer = send(ask(proxy)).await;
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    assert!(!answer.headers().contains_key("content-length"));
    let (passed, direct) = (bytes_of(answer).await, bytes_of(send(ask(nginx.address)).await).await);
    assert!(passed.len() > 20 * MEGABYTE);
    assert!(passed == direct, "{} bytes against {}", passed.len(), direct.len());
}

#[tokio::test]
async fn uploads_of_any_size_arrive_whole() {
    let nginx = RealServer::nginx("client_max_body_size 0; location / { dav_methods PUT; }");
    let proxy = in_front_of(nginx.address, Options::default()).await;
    let content = Bytes::from(noise(20 * MEGABYTE));
    let chunks: Vec<_> =
        content.chunks(40_000).map(|chunk| Ok::<_, std::io::Error>(content.slice_ref(chunk))).collect();
    for (name, body) in [("/sized", Body::from(content.clone())), ("/chunked", Body::from_stream(stream::iter(chunks)))]
    {
        let answer = send(request(proxy, name).method(Method::PUT).body(body).unwrap()).await;
        assert_eq!(answer.status(), StatusCode::CREATED, "{name}");
        assert!(fs::read(nginx.root().join(&name[1..])).unwrap() == content, "{name}");
    }
}

#[tokio::test]
async fn a_body_is_sent_only_when_it_is_wanted() {
    let nginx = RealServer::nginx("location / { dav_methods PUT; }");
    let proxy = in_front_of(nginx.address, Options::default()).await;
    let mut connection = TcpStream::connect(proxy).await.unwrap();
    let head = "PUT /note HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n";
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut interim = [0; 25];
    timeout(Duration::from_secs(5), connection.read_exact(&mut interim)).await.unwrap().unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    connection.write_all(b"hello").await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    assert_eq!(fs::read(nginx.root().join("note")).unwrap(), b"hello");
}

#[tokio::test]
async fn websockets_pass_both_ways() {
    let upstream = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = upstream.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((connection, _)) = upstream.accept().await {
            tokio::spawn(async move {
                let mut socket = tokio_tungstenite::accept_async(connection).await.unwrap();
                socket.send(Message::text("вітаю")).await.unwrap();
                while let Some(Ok(message)) = socket.next().await {
                    if message.is_binary() || message.is_text() {
                        socket.send(message).await.unwrap();
                    }
                }
            });
        }
    });
    let proxy = in_front_of(address, Options::default()).await;
    let connection = TcpStream::connect(proxy).await.unwrap();
    let (mut socket, answer) =
        tokio_tungstenite::client_async("ws://shop.example/live?x=%2F", connection).await.unwrap();
    assert_eq!(answer.status(), StatusCode::SWITCHING_PROTOCOLS);
    assert!(!answer.headers().contains_key("content-length"));
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::text("вітаю"));
    for message in [Message::text("від покупця"), Message::binary(noise(MEGABYTE))] {
        socket.send(message.clone()).await.unwrap();
        assert!(socket.next().await.unwrap().unwrap() == message);
    }
    socket.close(None).await.unwrap();
    while let Some(message) = timeout(Duration::from_secs(5), socket.next()).await.expect("the upstream closes too") {
        assert!(message.unwrap().is_close());
    }
}

#[tokio::test]
async fn an_upgrade_that_is_declined_is_an_ordinary_answer() {
    let nginx = RealServer::nginx("location / { return 200 \"$http_upgrade|$http_connection\"; }");
    let proxy = in_front_of(nginx.address, Options::default()).await;
    for (protocol, heard) in [("websocket", "websocket|upgrade"), ("h2c", "|")] {
        let request = request(proxy, "/").header("connection", "Upgrade").header("upgrade", protocol);
        let answer = send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(bytes_of(answer).await, heard);
    }
}

/// An upstream that answers each connection's first request with `answer`, and then closes or keeps silent.
async fn scripted(answer: &'static [u8], close: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut head = [0; 4096];
            let _read = connection.read(&mut head).await.unwrap();
            connection.write_all(answer).await.unwrap();
            if !close {
                open.push(connection);
            }
        }
    });
    address
}

async fn assert_apology(server: SocketAddr, status: StatusCode) {
    let answer = send(request(server, "/?secret=1").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status(), status);
    assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let page = String::from_utf8(bytes_of(answer).await.to_vec()).unwrap();
    assert!(page.contains("Магазин") && page.contains("Please try again"), "{page}");
    assert!(!page.contains("127.0.0.1") && !page.contains("secret") && !page.contains("error"), "{page}");
}

#[tokio::test]
async fn an_absent_upstream_is_a_502_and_a_slow_one_a_504() {
    let quick = || Options { answer_timeout: Duration::from_millis(300), ..Options::default() };
    let nobody = in_front_of(free_address(), quick()).await;
    assert_apology(nobody, StatusCode::BAD_GATEWAY).await;
    let head = send(request(nobody, "/").method(Method::HEAD).body(Body::empty()).unwrap()).await;
    assert_eq!((head.status(), bytes_of(head).await.len()), (StatusCode::BAD_GATEWAY, 0));

    for (answer, close, status) in [
        (&b""[..], false, StatusCode::GATEWAY_TIMEOUT),
        (b"", true, StatusCode::BAD_GATEWAY),
        (b"SSH-2.0-OpenSSH\r\n\r\n", true, StatusCode::BAD_GATEWAY),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
            false,
            StatusCode::BAD_GATEWAY,
        ),
    ] {
        let proxy = in_front_of(scripted(answer, close).await, quick()).await;
        assert_apology(proxy, status).await;
    }
}

#[tokio::test]
async fn a_slow_upload_is_not_a_slow_upstream() {
    let nginx = RealServer::nginx("location / { dav_methods PUT; }");
    let options = Options { answer_timeout: Duration::from_millis(400), ..Options::default() };
    let proxy = in_front_of(nginx.address, options).await;
    let drops = stream::iter(0..10).then(|drop: u8| async move {
        sleep(Duration::from_millis(100)).await;
        Ok::<_, std::io::Error>(vec![b'0' + drop])
    });
    let answer = send(request(proxy, "/slow").method(Method::PUT).body(Body::from_stream(drops)).unwrap()).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    assert_eq!(fs::read(nginx.root().join("slow")).unwrap(), b"0123456789");
}

#[tokio::test]
async fn an_answer_that_breaks_off_does_not_look_whole() {
    for answer in [
        &b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"[..],
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
    ] {
        let proxy = in_front_of(scripted(answer, true).await, Options::default()).await;
        let answer = send(request(proxy, "/").body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert!(answer.into_body().collect().await.is_err());
    }
}

#[tokio::test]
async fn trailers_follow_their_body() {
    let answer =
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n4\r\nbody\r\n0\r\nX-Sum: 42\r\n\r\n";
    let proxy = in_front_of(scripted(answer, false).await, Options::default()).await;
    let request = request(proxy, "/").header("te", "trailers").body(Body::empty()).unwrap();
    let body = send(request).await.into_body().collect().await.unwrap();
    assert_eq!(body.trailers().unwrap()["x-sum"], "42");
    assert_eq!(body.to_bytes(), "body");
}

#[tokio::test]
async fn a_connection_that_died_while_idle_costs_no_visitor_a_page() {
    // Says that it keeps the connection, and closes it when the next request comes.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut head = [0; 4096];
                let _first = connection.read(&mut head).await.unwrap();
                connection.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await.unwrap();
                let _second = connection.read(&mut head).await.unwrap();
            });
        }
    });
    let proxy = in_front_of(address, Options::default()).await;
    for _ in 0..4 {
        assert_eq!(text_at(proxy, "/").await, "ok");
    }
    // A form is never sent twice.
    let post = request(proxy, "/").method(Method::POST).body(Body::from("a=1")).unwrap();
    assert_eq!(send(post).await.status(), StatusCode::BAD_GATEWAY);
}

/// An upstream that pours out bytes without end; tells how many were taken, and then that it was cut off.
async fn fountain() -> (SocketAddr, tokio::sync::watch::Receiver<(usize, bool)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (state, seen) = tokio::sync::watch::channel((0, false));
    tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut head = [0; 4096];
        let _read = connection.read(&mut head).await.unwrap();
        connection.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n").await.unwrap();
        let water = vec![7; 64 * 1024];
        while connection.write_all(&water).await.is_ok() {
            state.send_modify(|(poured, _)| *poured += water.len());
        }
        state.send_modify(|(_, cut)| *cut = true);
    });
    (address, seen)
}

#[tokio::test]
async fn a_visitor_who_does_not_read_holds_the_upstream_back_and_one_who_leaves_ends_it() {
    let (address, mut seen) = fountain().await;
    let proxy = in_front_of(address, Options::default()).await;
    let answer = send(request(proxy, "/").body(Body::empty()).unwrap()).await;
    // What the kernel's buffers hold on both sides is taken; then it stands still.
    let mut before = 0;
    loop {
        sleep(Duration::from_millis(500)).await;
        let poured = seen.borrow().0;
        assert!(poured < 64 * MEGABYTE, "{poured} bytes wait somewhere");
        if poured == before && poured > 0 {
            break;
        }
        before = poured;
    }
    drop(answer);
    timeout(Duration::from_secs(5), seen.wait_for(|(_, cut)| *cut)).await.expect("the upstream is let go").unwrap();
}

#[tokio::test]
async fn a_visitor_who_leaves_before_the_answer_cancels_the_question() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = in_front_of(listener.local_addr().unwrap(), Options::default()).await;
    let mut visitor = TcpStream::connect(proxy).await.unwrap();
    visitor.write_all(b"GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n").await.unwrap();
    let (mut asked, _) = listener.accept().await.unwrap();
    let mut head = [0; 4096];
    assert!(asked.read(&mut head).await.unwrap() > 0);
    drop(visitor);
    let end = timeout(Duration::from_secs(5), asked.read(&mut head)).await.expect("the question is taken back");
    assert!(matches!(end, Ok(0) | Err(_)), "{end:?}");
}

#[tokio::test]
async fn an_answer_without_a_body_does_not_get_a_length_of_zero() {
    for (method, answer) in [
        (Method::HEAD, &b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"[..]),
        (Method::HEAD, b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"),
        (Method::GET, b"HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n"),
        (Method::DELETE, b"HTTP/1.1 204 No Content\r\n\r\n"),
    ] {
        let proxy = in_front_of(scripted(answer, false).await, Options::default()).await;
        let head = format!("{method} / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n");
        let mut connection = TcpStream::connect(proxy).await.unwrap();
        connection.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("\r\n\r\n") && !answer.contains("content-length"), "{method}: {answer}");
    }
}
