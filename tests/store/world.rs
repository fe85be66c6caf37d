//! An empty store for one test, and the people who visit it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono_tz::Tz;
use sqlx::{Connection, Executor, PgConnection, SqliteConnection};
use tempfile::TempDir;
use utm_dispatcher::model::action::ActionKind;
use utm_dispatcher::model::touch::{ClickId, Touch, Utm};
use utm_dispatcher::model::visitor::{Agent, Client, Device, Hit, Place, VisitorKey};
use utm_dispatcher::model::{Millis, Money, NewAction, OrderMessage, OrderStatus, PaymentStatus};
use utm_dispatcher::store::{Fact, Store};

/// 2026-11-22T10:00:00Z, noon in Kyiv.
pub const NOON: Millis = 1_795_341_600_000;
/// One minute.
pub const MINUTE: Millis = 60_000;

/// A store with the schema and nothing in it.
pub struct World {
    pub store: Store,
    pub url: String,
    _dir: Option<TempDir>,
}

impl World {
    /// In a file of its own.
    pub async fn sqlite() -> Self {
        let world = Self::sqlite_of(async |_| ()).await;
        world.store.migrate().await.unwrap();
        world
    }

    /// In a file that `make` gives a schema.
    pub async fn sqlite_of(make: impl AsyncFnOnce(&str)) -> Self {
        let dir = TempDir::new().unwrap();
        let url = format!("sqlite:{}", dir.path().join("store.db").display());
        let store = Store::connect(&url, Tz::Europe__Kyiv, 50_000).await.unwrap();
        make(&url).await;
        Self { store, url, _dir: Some(dir) }
    }

    /// In a database of its own on the server that `TEST_POSTGRES_URL` names; `None` without one.
    pub async fn postgres() -> Option<Self> {
        let url = postgres_database().await?;
        let store = Store::connect(&url, Tz::Europe__Kyiv, 50_000).await.unwrap();
        store.migrate().await.unwrap();
        Some(Self { store, url, _dir: None })
    }

    /// The one number that a statement gives, read past the store.
    pub async fn number(&self, sql: &str) -> i64 {
        let sql = sqlx::AssertSqlSafe(format!("select cast(({sql}) as bigint)"));
        if self.url.starts_with("sqlite:") {
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
        } else {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap()
        }
    }

    /// The texts that a statement gives, read past the store; null is none.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        let texts: Vec<Option<String>> = if self.url.starts_with("sqlite:") {
            let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
            sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
        } else {
            let mut connection = PgConnection::connect(&self.url).await.unwrap();
            sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap()
        };
        texts.into_iter().flatten().collect()
    }

    /// Every column of every table: `session.ip text`.
    pub async fn columns(&self) -> Vec<String> {
        let sql = if self.url.starts_with("sqlite:") {
            "select t.name || '.' || c.name || ' ' || lower(c.type) from sqlite_master t, pragma_table_info(t.name) c \
             where t.type = 'table' and t.name not like '_sqlx%'"
        } else {
            "select table_name || '.' || column_name || ' ' || data_type from information_schema.columns \
             where table_schema = current_schema() and table_name not like '_sqlx%'"
        };
        self.texts(sql).await
    }

    /// Runs a statement past the store.
    pub async fn run(&self, sql: &str) {
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        if self.url.starts_with("sqlite:") {
            SqliteConnection::connect(&self.url).await.unwrap().execute(sql).await.unwrap();
        } else {
            PgConnection::connect(&self.url).await.unwrap().execute(sql).await.unwrap();
        }
    }

    /// The same database, as another process would see it.
    pub async fn another_process(&self, max_new_values: u64) -> Store {
        Store::connect(&self.url, Tz::Europe__Kyiv, max_new_values).await.unwrap()
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
    let name = format!("store_{began}_{}_{number}", std::process::id());
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
                super::cases::$name(World::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(world) = World::postgres().await {
                    super::cases::$name(world).await;
                }
            }
        }
    )+ };
}
pub(crate) use on_both;

/// The key of the visitor called `name`.
pub fn key(name: &str) -> VisitorKey {
    VisitorKey(format!("c{name}"))
}

/// A request of `name` from `source`'s `campaign` (either may be empty).
pub fn hit(name: &str, source: &str, campaign: &str) -> Hit {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let utm = Utm { source: some(source), campaign: some(campaign), ..Utm::default() };
    let touch = Touch {
        utm: utm.clone(),
        source: some(source).unwrap_or_else(|| "direct".into()),
        medium: "none".into(),
        channel: "direct".into(),
        ..Touch::default()
    };
    Hit {
        at: NOON,
        visitor: key(name),
        before: vec![],
        utm,
        click_ids: vec![],
        meta_cookies: (None, None),
        touch,
        path: "/".into(),
        referrer: None,
        ip: Some([203, 0, 113, 7].into()),
        agent: Agent { user_agent: "Mozilla/5.0".into(), ..Agent::default() },
    }
}

/// The same request with a click id.
pub fn clicked(hit: Hit, name: &str, value: &str) -> Hit {
    Hit { click_ids: vec![ClickId { name: name.into(), value: value.into() }], ..hit }
}

/// A fact of that request.
pub fn fact(hit: &Hit, at: Millis, action: NewAction) -> Fact {
    Fact {
        hit: Arc::new(hit.clone()),
        client: Arc::new(Client { device: Device::Mobile, os: Some("Android".into()), ..Client::default() }),
        place: Arc::new(Place { country: Some("UA".into()), region: None, city: Some("Lviv".into()) }),
        at,
        action,
    }
}

/// A page view of that request.
pub fn page_view(hit: &Hit, at: Millis) -> Fact {
    fact(hit, at, NewAction { page: Some(hit.path.clone()), ..NewAction::new(ActionKind::PageView) })
}

/// An order of 1499.00 with that number and payment.
pub fn order(number: &str, at: Millis, payment_status: PaymentStatus) -> OrderMessage {
    OrderMessage {
        number: number.into(),
        created_at: at,
        updated_at: None,
        email: Some("olena@example.com".into()),
        phone: None,
        total: Money(149_900),
        discount: Money::ZERO,
        pay_type: "online_full".into(),
        payment_status,
        paid_at: None,
        status: OrderStatus::New,
        refunded: Money::ZERO,
    }
}
