//! A whole server for one test: its router on a database of its own, and people who ask it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::response::IntoResponse;
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use http::{HeaderMap, HeaderName, Request, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use server::auth::{password, secret};
use server::config::{Config, DatabaseUrl};
use server::state::{AppState, now, open_store};
use server::track::collect;
use server::track::queue::{Job, queue};
use server::track::replay::drain;
use server::track::spool::Spool;
use server::track::writer::{self, EndedEarly};
use sqlx::{Connection, Executor, PgConnection};
use tempfile::TempDir;
use tokio::io::{DuplexStream, duplex};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tower::ServiceExt;
use utm_dispatcher::model::{Role, Scope};
use utm_dispatcher::tracking::Agents;

/// The password of everyone in a test.
pub const PASSWORD: &str = "кіт на даху";
/// Where the tests' browsers think they are.
pub const OWN_ORIGIN: &str = "http://shop.test";

/// A server with an empty database.
pub struct World {
    pub state: AppState,
    app: Router,
    /// What waits for the writer, until it is started.
    jobs: Mutex<Option<mpsc::Receiver<Job>>>,
    _dir: TempDir,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// One request, told step by step.
pub struct Ask<'a> {
    world: &'a World,
    method: &'static str,
    path: String,
    headers: Vec<(HeaderName, String)>,
    body: Vec<u8>,
    peer: [u8; 4],
}

impl World {
    /// On SQLite, configured by `toml`.
    pub async fn sqlite(toml: &str) -> Self {
        let dir = TempDir::new().unwrap();
        let url = format!("sqlite:{}", dir.path().join("data/store.db").display());
        Self::new(url, dir, toml).await
    }

    /// In a database of its own on the server that `TEST_POSTGRES_URL` names; `None` without one.
    pub async fn postgres(toml: &str) -> Option<Self> {
        Some(Self::new(postgres_database().await?, TempDir::new().unwrap(), toml).await)
    }

    async fn new(url: String, dir: TempDir, toml: &str) -> Self {
        let file = dir.path().join("Leptos.toml");
        std::fs::write(&file, toml).unwrap();
        let mut config = Config::read(Some(&file)).unwrap();
        config.database.url = DatabaseUrl(url);
        config.site.site_root = dir.path().join("site");
        std::fs::create_dir_all(dir.path().join("site/pkg")).unwrap();
        for (name, content) in [("dispatcher.js", "js"), ("dispatcher.js.br", "br"), ("dispatcher.wasm", "\0asm")] {
            std::fs::write(dir.path().join("site/pkg").join(name), content).unwrap();
        }
        let store = open_store(&config).await.unwrap();
        store.migrate().await.unwrap();
        config.spool.file = dir.path().join("spool");
        let (mut recorder, jobs) = queue(config.tracking.queue, Arc::default());
        if toml.contains("[spool]") {
            recorder = recorder.with_spool(Spool::open(&config.spool, &config.database.url).unwrap());
        }
        let state = AppState::new(config, store, recorder).unwrap();
        let storefront = Router::new().fallback(async || "storefront".into_response());
        // Doors behind which nobody keeps anything.
        let doors = collect::router(None, Arc::clone(&state.config));
        let jobs = Mutex::new(Some(jobs));
        Self { app: server::router(state.clone(), doors, storefront), state, jobs, _dir: dir }
    }

    /// Starts the writer: what waits in the queue and, with `[spool]` in the configuration, in the spool is stored.
    pub fn start_writer(&self) -> JoinHandle<Result<(), EndedEarly>> {
        let AppState { store, geo, counters, recorder, .. } = &self.state;
        let jobs = self.jobs.lock().unwrap().take().expect("it was not started before");
        if let Some(spool) = recorder.spool() {
            tokio::spawn(drain(recorder.clone(), spool.clone()));
        }
        writer::start(jobs, store.clone(), Agents::new(), Arc::clone(geo), Arc::clone(counters)).unwrap()
    }

    /// Adds someone with [`PASSWORD`].
    pub async fn add_user(&self, email: &str, role: Role) {
        let hash = password::hash(PASSWORD).unwrap();
        assert!(self.state.store.add_user(email, role, &hash, now()).await.unwrap());
    }

    /// Adds someone, logs them in and returns their cookie.
    pub async fn log_in(&self, email: &str, role: Role) -> String {
        self.add_user(email, role).await;
        self.try_login(email, PASSWORD).await.cookie().unwrap()
    }

    /// Sends the login form.
    pub async fn try_login(&self, email: &str, password: &str) -> Answer {
        self.post("/admin-panel/login").form(&[("email", email), ("password", password)]).send().await
    }

    /// Makes a token.
    pub async fn token(&self, name: &str, scope: Scope) -> String {
        let token = secret::new_token().unwrap();
        assert!(self.state.store.add_token(name, scope, &secret::hash(&token), now()).await.unwrap());
        token
    }

    /// A connection to it, of which neither side takes more than `buffer` bytes that nobody reads.
    pub fn dial(&self, buffer: usize) -> DuplexStream {
        let (client, server) = duplex(buffer);
        let app = self.app.clone();
        let answer = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([203, 0, 113, 7], 40_000))));
            app.clone().oneshot(request)
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(server), answer).with_upgrades());
        client
    }

    /// A request that looks.
    pub fn get(&self, path: &str) -> Ask<'_> {
        self.ask("GET", path)
    }

    /// A request that acts, from a page of our own.
    pub fn post(&self, path: &str) -> Ask<'_> {
        self.ask("POST", path).header(ORIGIN, OWN_ORIGIN)
    }

    /// A request of that method.
    pub fn ask(&self, method: &'static str, path: &str) -> Ask<'_> {
        let headers = vec![(HOST, "shop.test".to_owned())];
        Ask { world: self, method, path: path.to_owned(), headers, body: Vec::new(), peer: [203, 0, 113, 7] }
    }
}

impl Ask<'_> {
    /// With a header; an earlier one of that name is replaced.
    pub fn header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value.into()));
        self
    }

    /// With that cookie.
    pub fn cookie(self, cookie: &str) -> Self {
        self.header(COOKIE, cookie)
    }

    /// With that token.
    pub fn bearer(self, token: &str) -> Self {
        self.header(AUTHORIZATION, format!("Bearer {token}"))
    }

    /// From that address.
    pub fn from(self, peer: [u8; 4]) -> Self {
        Self { peer, ..self }
    }

    /// With these fields of a form.
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Self { body: body.into_bytes(), ..self }.header(CONTENT_TYPE, "application/x-www-form-urlencoded")
    }

    /// With this body, said to be JSON.
    pub fn json(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }.header(CONTENT_TYPE, "application/json")
    }

    /// Sends it and reads the whole answer.
    pub async fn send(self) -> Answer {
        let mut request = Request::builder().method(self.method).uri(&self.path);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        let mut request = request.body(Body::from(self.body)).unwrap();
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((self.peer, 40_000))));
        let (parts, body) = self.world.app.clone().oneshot(request).await.unwrap().into_parts();
        let body = to_bytes(body, 1 << 24).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }
}

impl Answer {
    /// A header's text, empty when absent.
    pub fn header(&self, name: impl AsRef<str>) -> &str {
        self.headers.get(name.as_ref()).map_or("", |value| value.to_str().unwrap())
    }

    /// Where it leads.
    pub fn location(&self) -> &str {
        self.header(LOCATION)
    }

    /// The cookie that it sets, as the browser sends it back.
    pub fn cookie(&self) -> Option<String> {
        let set = self.headers.get(SET_COOKIE)?.to_str().unwrap();
        set.split(';').next().map(str::to_owned)
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// Makes a new database and returns its address.
pub async fn postgres_database() -> Option<String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let Ok(server) = std::env::var("TEST_POSTGRES_URL") else {
        assert!(
            std::env::var("CI").is_err(),
            "TEST_POSTGRES_URL must name a PostgreSQL server: `make test` starts one"
        );
        eprintln!("skipped: TEST_POSTGRES_URL names no PostgreSQL server");
        return None;
    };
    // Ids of processes come again; a server may outlive many of them.
    let (began, number) = (std::time::UNIX_EPOCH.elapsed().unwrap().as_micros(), NEXT.fetch_add(1, Ordering::Relaxed));
    let name = format!("faces_{began}_{}_{number}", std::process::id());
    let mut connection = PgConnection::connect(&server).await.unwrap();
    connection.execute(sqlx::AssertSqlSafe(format!("create database {name}"))).await.unwrap();
    let mut url = url::Url::parse(&server).unwrap();
    url.set_path(&name);
    Some(url.into())
}

/// Makes of `async fn NAME(world: World)` in the module `cases` one test for each database.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => { $(
        mod $name {
            use crate::world::World;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::cases::$name(World::sqlite(super::CONFIG).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(world) = World::postgres(super::CONFIG).await {
                    super::cases::$name(world).await;
                }
            }
        }
    )+ };
}
pub(crate) use on_both;
