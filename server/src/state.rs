//! What every request handler may use.

use std::io;
use std::sync::Arc;

use anyhow::{Context, bail};
use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use tokio::sync::Semaphore;
use utm_dispatcher::model::Millis;
use utm_dispatcher::store::Store;
use utm_dispatcher::tracking::LiveExclusions;

use crate::assets::Assets;
use crate::auth::Auth;
use crate::config::{Config, DatabaseUrl};
use crate::geo::Geo;
use crate::live::Live;
use crate::metrics::Counters;
use crate::track::queue::Recorder;
use crate::track::spool::Spool;

/// So many exports are written at a time: each keeps a thread busy.
const EXPORTS: usize = 3;

/// What every request handler may use. Cheap to clone.
#[derive(Clone, Debug)]
pub struct AppState {
    /// What the server was told.
    pub config: Arc<Config>,
    /// The database.
    pub store: Store,
    /// Passwords and the count of failed logins.
    pub auth: Arc<Auth>,
    /// Where what happens is put in.
    pub recorder: Recorder,
    /// What the process counts.
    pub counters: Arc<Counters>,
    /// Whose requests are not counted now.
    pub exclusions: LiveExclusions,
    /// What live dashboards share.
    pub live: Arc<Live>,
    /// Where addresses lie.
    pub geo: Arc<Geo>,
    /// The browser's files.
    pub assets: Arc<Assets>,
    /// How many exports may still begin.
    pub exports: Arc<Semaphore>,
    /// What the dashboard's pages need to know of their files.
    pub leptos: LeptosOptions,
}

impl AppState {
    /// The state of a server on `store`, whose writer has the other end of `recorder`.
    pub fn new(config: Config, store: Store, recorder: Recorder) -> anyhow::Result<Self> {
        let (assets, geo) = (Assets::open(&config.site.site_root), Geo::open(&config.geo.databases));
        let leptos = LeptosOptions::builder()
            .output_name("dispatcher")
            .site_root(config.site.site_root.to_string_lossy().into_owned())
            // With the root `/admin-panel` this gives the address of the assets.
            .site_pkg_dir(format!("pkg/{}", assets.build()))
            .site_addr(config.site.addr)
            .build();
        Ok(Self {
            auth: Arc::new(Auth::new(&config.auth)?),
            config: Arc::new(config),
            store,
            counters: Arc::clone(recorder.counters()),
            recorder,
            exclusions: LiveExclusions::default(),
            live: Arc::default(),
            geo: Arc::new(geo),
            assets: Arc::new(assets),
            exports: Arc::new(Semaphore::new(EXPORTS)),
            leptos,
        })
    }

    /// What is not as it should be, though the server runs: for `/readyz` and the log.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = self.geo.warnings().to_vec();
        if !self.assets.is_complete() {
            warnings.push("the browser's files are missing: run `make build`".to_owned());
        }
        if self.config.site.public_url.is_none() && !self.config.site.addr.ip().is_loopback() {
            warnings.push("[site] public_url is not set: it should be on every server that others reach".to_owned());
        }
        if let Some(waiting) = self.recorder.spool().and_then(Spool::waiting) {
            warnings.push(format!("{} messages wait in the spool for the database", waiting.messages));
        }
        warnings
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}

/// Now.
pub fn now() -> Millis {
    chrono::Utc::now().timestamp_millis()
}

/// Opens the database of `config`.
pub async fn open_store(config: &Config) -> anyhow::Result<Store> {
    let url = &config.database.url;
    if !["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| url.0.starts_with(scheme)) {
        bail!(
            "the database's address is neither sqlite:PATH nor postgres://USER@HOST/NAME (DATABASE_URL, [database] url)"
        );
    }
    make_file(url)?;
    Store::connect(&url.0, config.store.timezone, config.tracking.max_new_values)
        .await
        .map(|store| store.keeping(config.privacy.address).knowing(&config.tracking.extra_actions))
        .with_context(|| format!("the database {url} cannot be opened"))
}

/// Opens the database of `config`, which has to be there: who only looks makes none.
pub async fn open_existing(config: &Config) -> anyhow::Result<Store> {
    if let Some(file) = config.database.url.file().filter(|file| !file.exists()) {
        bail!(
            "there is no database {}; `dispatcher migrate` makes it, --database-url names another one",
            file.display()
        );
    }
    open_store(config).await
}

/// Makes a new SQLite file and its folder, for their owner's eyes only: it will hold addresses and e-mails.
/// (SQLite gives the files beside it the same rights.)
fn make_file(url: &DatabaseUrl) -> anyhow::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};

    let Some(file) = url.file() else { return Ok(()) };
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.with_context(|| format!("the folder {} cannot be made", folder.display()))?;
    }
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(error).with_context(|| format!("the file {} cannot be made", file.display()))
        }
        _ => Ok(()),
    }
}
