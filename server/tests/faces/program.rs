//! The program itself as a process of its own, and programs that talk to it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST, SET_COOKIE, USER_AGENT};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use sqlx::{Connection, PgConnection, SqliteConnection};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::timeout;

const BROWSER: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36";
/// Its spool's size, in every test that does not say another.
const CONFIG: &str = "[spool]\nfile = \"spool\"\nsize = 4194304\n";

/// A server and the folder in which it lives. It may be started again and again.
pub struct Program {
    pub dir: TempDir,
    pub url: String,
    pub addr: SocketAddr,
    child: Option<Child>,
}

impl Program {
    /// Runs on a new SQLite database.
    pub async fn sqlite() -> Self {
        let mut program = Self::new(None, CONFIG);
        program.start(&[]).await;
        program
    }

    /// A server that does not run yet, on the database at `url` or on one in its folder.
    pub fn new(url: Option<String>, config: &str) -> Self {
        let dir = TempDir::new().unwrap();
        std::fs::write(dir.path().join("Leptos.toml"), config).unwrap();
        let url = url.unwrap_or_else(|| format!("sqlite:{}", dir.path().join("store.db").display()));
        Self { dir, url, addr: ([127, 0, 0, 1], 0).into(), child: None }
    }

    /// A server on a new database of the server that `TEST_POSTGRES_URL` names; `None` without one.
    pub async fn postgres() -> Option<Self> {
        Some(Self::new(Some(crate::world::postgres_database().await?), CONFIG))
    }

    /// The command `dispatcher` with `arguments` in the server's folder; `wrapper` runs it, if it is not empty.
    pub fn command(&self, wrapper: &[&str], arguments: &[&str]) -> Command {
        let program = env!("CARGO_BIN_EXE_dispatcher");
        let mut words = wrapper.iter().copied().chain([program]);
        let mut command = Command::new(words.next().unwrap());
        command.args(words).args(arguments).args(["--config", "Leptos.toml", "--database-url", &self.url]);
        command.current_dir(self.dir.path()).kill_on_drop(true).stdout(Stdio::piped()).stdin(Stdio::null());
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("DISPATCHER_")) {
            command.env_remove(name);
        }
        command
    }

    /// Starts it under `wrapper` and waits until it listens.
    pub async fn start(&mut self, wrapper: &[&str]) {
        let log = std::fs::File::options().create(true).append(true).open(self.log()).unwrap();
        let mut command = self.command(wrapper, &["serve", "--addr", "127.0.0.1:0", "--site-root", "site"]);
        let mut child = command.stderr(log).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = timeout(Duration::from_mins(1), lines.next_line()).await.unwrap().unwrap();
        let first = first.unwrap_or_else(|| panic!("{}", std::fs::read_to_string(self.log()).unwrap()));
        self.addr = first.strip_prefix("listening on http://").unwrap().parse().unwrap();
        self.child = Some(child);
    }

    /// What it said on stderr.
    pub fn log(&self) -> PathBuf {
        self.dir.path().join("log")
    }

    /// Its process, or that of what it was wrapped in.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id().unwrap()
    }

    /// Ends it without a warning.
    pub async fn kill(&mut self) {
        self.child.take().unwrap().kill().await.unwrap();
    }

    /// Sends SIGTERM and waits for the end.
    pub async fn stop(&mut self) -> (ExitStatus, Duration) {
        let began = Instant::now();
        signal("TERM", self.pid());
        (self.wait().await, began.elapsed())
    }

    /// Waits for the end.
    pub async fn wait(&mut self) -> ExitStatus {
        let mut child = self.child.take().unwrap();
        timeout(Duration::from_secs(30), child.wait()).await.expect("it ends").unwrap()
    }

    /// A new token of scope write.
    pub async fn token(&self) -> String {
        self.new_token("shop", "write").await
    }

    /// A new token of scope read.
    pub async fn read_token(&self) -> String {
        self.new_token("reports", "read").await
    }

    async fn new_token(&self, name: &str, scope: &str) -> String {
        let mut command = self.command(&[], &["token", "add", name, "--scope", scope]);
        let done = command.output().await.unwrap();
        assert!(done.status.success());
        String::from_utf8(done.stdout).unwrap().lines().last().unwrap().to_owned()
    }

    /// A connection to it.
    pub async fn connect(&self) -> Client {
        Client::connect(self.addr).await.unwrap()
    }

    /// What `/readyz` says.
    pub async fn ready(&self) -> Value {
        self.connect().await.get("/readyz").await.unwrap().1
    }

    /// The one number that a statement gives, read past the server.
    pub async fn number(&self, query: &str) -> u64 {
        let number: i64 = self.rows(&format!("select cast(({query}) as bigint)")).await[0];
        number.try_into().unwrap()
    }

    /// The one column that a statement gives, read past the server.
    pub async fn rows<T>(&self, query: &str) -> Vec<T>
    where
        T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
        T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        let query = sqlx::AssertSqlSafe(query.to_owned());
        if self.url.starts_with("sqlite:") {
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::query_scalar(query).fetch_all(&mut connection).await.unwrap()
        } else {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            sqlx::query_scalar(query).fetch_all(&mut connection).await.unwrap()
        }
    }

    /// The folder in which it lives.
    pub fn folder(&self) -> &Path {
        self.dir.path()
    }
}

/// Sends a signal to a process of ours.
pub fn signal(name: &str, pid: u32) {
    let sent = std::process::Command::new("sh").args(["-c", &format!("kill -{name} {pid}")]).status().unwrap();
    assert!(sent.success(), "{name} to {pid}");
}

/// A connection that is kept open. Everything on it fails once the server is gone.
pub struct Client {
    connection: SendRequest<Full<Bytes>>,
    token: String,
    /// The visitor's cookie, once one was given.
    pub cookie: Option<String>,
}

impl Client {
    pub async fn connect(addr: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(addr).await?;
        stream.set_nodelay(true)?;
        let (connection, driver) = handshake(TokioIo::new(stream)).await.map_err(std::io::Error::other)?;
        tokio::spawn(driver);
        Ok(Self { connection, token: String::new(), cookie: None })
    }

    /// The same, with a token.
    pub fn with_token(self, token: &str) -> Self {
        Self { token: format!("Bearer {token}"), ..self }
    }

    /// The status and, if it is JSON, the body of an answer.
    pub async fn send(&mut self, method: Method, target: &str, body: String) -> hyper::Result<(StatusCode, Value)> {
        self.connection.ready().await?;
        let mut request = Request::builder().method(method).uri(target);
        request =
            request.header(HOST, "127.0.0.1").header(USER_AGENT, BROWSER).header(CONTENT_TYPE, "application/json");
        if !self.token.is_empty() {
            request = request.header(AUTHORIZATION, &self.token);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }
        let answer = self.connection.send_request(request.body(Full::new(body.into())).unwrap()).await?;
        for line in answer.headers().get_all(SET_COOKIE) {
            let pair = line.to_str().unwrap().split(';').next().unwrap();
            if pair.starts_with("ud_vid=") {
                self.cookie = Some(pair.to_owned());
            }
        }
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
    }

    pub async fn get(&mut self, target: &str) -> hyper::Result<(StatusCode, Value)> {
        self.send(Method::GET, target, String::new()).await
    }
}
