//! A site for the tests of the tracking layer: pages of each sort, with the real queue, writer and database behind.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::middleware::from_fn_with_state;
use axum::response::{Html, IntoResponse, Redirect};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::header::{CACHE_CONTROL, HOST, SET_COOKIE, USER_AGENT};
use http::{HeaderName, HeaderValue, Request, StatusCode, Uri};
use server::state::now;
use server::track::code::Codes;
use server::track::collect;
use server::track::layer::{Tracker, track};
use server::track::person::ConsentMode;
use server::track::queue::Recorder;
use server::track::visit::Visit;
use server::track::writer::EndedEarly;
use sqlx::{Connection, PgConnection, SqliteConnection};
use tokio::task::JoinHandle;
use tower::ServiceExt;
use utm_dispatcher::message::{Message, Owner, Received};
use utm_dispatcher::model::action::ActionKind;
use utm_dispatcher::model::{Millis, Money, NewAction, OrderMessage, OrderStatus, PaymentStatus};
use utm_dispatcher::tracking::Rules;

use crate::world::{Answer, World};

pub const BROWSER: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36";
pub const PEER: [u8; 4] = [203, 0, 113, 7];
pub type Header<'a> = (&'a str, &'a [u8]);

/// Pages behind the layer, with everything that stands behind them.
pub struct Site {
    pub world: World,
    pub app: Router,
    pub recorder: Recorder,
    pub writer: JoinHandle<Result<(), EndedEarly>>,
}

impl Site {
    pub fn new(world: World, pages: Router, rules: Rules) -> Self {
        Self::asking(world, pages, rules, ConsentMode::Full)
    }

    pub fn asking(world: World, pages: Router, rules: Rules, consent: ConsentMode) -> Self {
        let recorder = world.state.recorder.clone();
        let tracker = Tracker::new(recorder.clone(), rules, Arc::clone(&world.state.counters), false)
            .asking(consent)
            .telling(Codes(world.state.store.clone()));
        Self { app: tracked(pages, tracker), recorder, writer: world.start_writer(), world }
    }

    pub fn of_pages(world: World) -> Self {
        Self::new(world, pages(), Rules::default())
    }

    /// The whole router: the pages, and our own paths beside them.
    pub fn with_doors(world: World, rules: Rules) -> Self {
        let (state, recorder) = (&world.state, world.state.recorder.clone());
        let tracker = Tracker::new(recorder.clone(), rules, Arc::clone(&state.counters), false);
        let tracker = Arc::new(tracker.telling(Codes(state.store.clone())));
        let doors = collect::router(Some(Arc::clone(&tracker)), Arc::clone(&state.config));
        let app = server::router(state.clone(), doors, pages().layer(from_fn_with_state(tracker, track)));
        Self { app, recorder, writer: world.start_writer(), world }
    }

    pub async fn get(&self, target: &str, headers: &[Header<'_>]) -> Answer {
        ask(&self.app, "GET", target, headers, "").await
    }

    pub async fn post(&self, target: &str, headers: &[Header<'_>], body: &str) -> Answer {
        ask(&self.app, "POST", target, headers, body).await
    }

    /// Waits until what was done so far is written.
    pub async fn settle(&self) {
        let order = paid(&format!("settle-{}", now()), 0);
        let message = Message::Order { order, owner: Owner::Nobody };
        self.recorder.message(Received { message, at: 0 }).await.unwrap();
    }

    /// Waits until everything is written.
    pub async fn finish(self) -> Finished {
        self.recorder.end().await;
        self.writer.await.unwrap().unwrap();
        Finished { world: self.world }
    }
}

/// A site whose writer has ended.
pub struct Finished {
    pub world: World,
}

impl Finished {
    pub async fn rows(&self, query: &str) -> Vec<String> {
        rows(&self.world, query).await
    }

    pub async fn count(&self, of: &str) -> u64 {
        self.rows(&format!("select cast(count(*) as text) from {of}")).await[0].parse().unwrap()
    }

    pub async fn page_views(&self) -> u64 {
        let rows = self.count("action where kind = 'page_view'").await;
        assert_eq!(self.world.state.counters.recorded_of("page_view"), rows, "what is counted is what is stored");
        rows
    }

    pub fn dropped(&self, reason: &str) -> u64 {
        self.world.state.counters.dropped_for(reason)
    }
}

/// The one column of text that `query` selects.
pub async fn rows(world: &World, query: &str) -> Vec<String> {
    let url = &world.state.config.database.url.0;
    let query = sqlx::AssertSqlSafe(query.to_owned());
    if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url).await.unwrap();
        sqlx::query_scalar(query).fetch_all(&mut connection).await.unwrap()
    } else {
        let mut connection = PgConnection::connect(url).await.unwrap();
        sqlx::query_scalar(query).fetch_all(&mut connection).await.unwrap()
    }
}

pub fn tracked(pages: Router, tracker: Tracker) -> Router {
    pages.layer(from_fn_with_state(Arc::new(tracker), track))
}

/// Header lines are added one after another; an agent and a host take the place of the usual ones.
pub async fn ask(app: &Router, method: &str, target: &str, headers: &[Header<'_>], body: &str) -> Answer {
    let mut request = Request::builder().method(method).uri(target.parse::<Uri>().unwrap());
    let lines = request.headers_mut().unwrap();
    lines.insert(HOST, HeaderValue::from_static("shop.test"));
    lines.insert(USER_AGENT, HeaderValue::from_static(BROWSER));
    for (name, value) in headers {
        let (name, value) = (name.parse::<HeaderName>().unwrap(), HeaderValue::from_bytes(value).unwrap());
        if name == HOST || name == USER_AGENT {
            lines.insert(name, value);
        } else {
            lines.append(name, value);
        }
    }
    let mut request = request.body(Body::from(body.to_owned())).unwrap();
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from((PEER, 40_000))));
    let (parts, body) = app.clone().oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, 1 << 24).await.unwrap().to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}

/// One page of each sort, and two forms.
pub fn pages() -> Router {
    let page = async || Html("<p>page");
    Router::new()
        .route("/", get(page).post(page))
        .route("/any/{*rest}", get(page))
        .route("/hints", get(async || ([("accept-ch", "DPR")], Html("<p>page"))))
        .route("/json", get(async || Json("page")))
        .route("/gone", get(async || (StatusCode::NOT_FOUND, Html("<p>page"))))
        .route("/broken", get(async || (StatusCode::INTERNAL_SERVER_ERROR, Html("<p>page"))))
        .route("/moved", get(async || Redirect::to("/")))
        .route("/public", get(async || ([(CACHE_CONTROL, "public, max-age=60")], Html("<p>page"))))
        .route("/add", post(add))
        .route("/add-on-sight", get(add))
        .route("/order/{number}", post(place))
        .route("/order-on-sight/{number}", get(place_on_sight))
}

pub async fn add(visit: Visit) -> Redirect {
    visit.record(NewAction { product_id: Some("17".into()), ..NewAction::new(ActionKind::AddToCart) });
    Redirect::to("/")
}

pub async fn place(visit: Visit, axum::extract::Path(number): axum::extract::Path<String>) -> axum::response::Response {
    match visit.put_order(paid(&number, now())).await {
        Ok(taken) => format!("{taken:?}").into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response(),
    }
}

/// A page that is opened and places an order.
pub async fn place_on_sight(visit: Visit, path: axum::extract::Path<String>) -> axum::response::Response {
    let _ = place(visit, path).await;
    Html("<p>page").into_response()
}

pub fn paid(number: &str, at: Millis) -> OrderMessage {
    OrderMessage {
        number: number.to_owned(),
        created_at: at,
        updated_at: Some(at),
        email: None,
        phone: None,
        total: Money(149_900),
        discount: Money::ZERO,
        pay_type: "online_full".into(),
        payment_status: PaymentStatus::Paid,
        paid_at: Some(at),
        status: OrderStatus::New,
        refunded: Money::ZERO,
    }
}

/// The `ud_vid` pair that the answer sets, as the browser sends it back.
pub fn visitor_cookie(answer: &Answer) -> Option<String> {
    let mut lines = answer.headers.get_all(SET_COOKIE).iter().map(|line| line.to_str().unwrap());
    let line = lines.find(|line| line.starts_with("ud_vid="))?;
    assert!(line.contains("HttpOnly") && line.contains("SameSite=Lax") && line.contains("Path=/"), "{line}");
    line.split(';').next().map(str::to_owned)
}

/// A request of a browser that keeps its cookies.
pub async fn shopping(site: &Site, jar: &mut Vec<String>, method: &str, target: &str, body: &str) -> Answer {
    let cookies = jar.join("; ");
    let mut headers: Vec<Header> =
        vec![("origin", b"http://shop.test"), ("content-type", b"application/x-www-form-urlencoded")];
    if !cookies.is_empty() {
        headers.push(("cookie", cookies.as_bytes()));
    }
    let answer = ask(&site.app, method, target, &headers, body).await;
    for line in answer.headers.get_all(SET_COOKIE) {
        let pair = line.to_str().unwrap().split(';').next().unwrap();
        let name = pair.split('=').next().unwrap();
        jar.retain(|other| other.split('=').next() != Some(name));
        jar.push(pair.to_owned());
    }
    answer
}
