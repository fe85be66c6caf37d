//! The server under load, as a process of its own with a new database, and what can be learnt of it from outside.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::http::Connection;

/// The kernel counts a process's time in hundredths of a second, on every Linux.
const TICK: Duration = Duration::from_millis(10);
/// So long a server may take to write what waits in its queue.
const DRAIN: Duration = Duration::from_mins(1);

/// A running server; ended and removed with all its files when dropped.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    process: Child,
    folder: TempDir,
    binary: PathBuf,
    database: String,
}

/// What a server is started with.
struct Launch<'a> {
    root: &'a Path,
    folder: TempDir,
    database: String,
    config: String,
    /// What is done before it serves: commands of the program.
    before: &'a [&'a [&'a str]],
}

/// What its counters say.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Counted {
    /// Page views that are stored.
    pub page_views: u64,
    /// Requests that were dropped, by reason.
    pub dropped: Vec<(String, u64)>,
    /// Jobs that wait.
    pub queue: u64,
    /// Batches that are stored …
    pub batches: u64,
    /// … and those of them whose oldest action waited for longer than it should.
    pub late_batches: u64,
}

impl Server {
    /// Starts `root`'s release build on a new SQLite file, with the tracking layer or without.
    pub fn start(root: &Path, is_tracked: bool) -> Result<Self> {
        let geo: Vec<_> = ["ipv4", "ipv6"].map(|of| root.join(format!("target/geo/dbip-city-{of}.mmdb"))).into();
        // The load names its clients' addresses as a proxy on this machine would.
        let config = format!(
            "[tracking]\nenabled = {is_tracked}\ntrusted_proxies = [\"127.0.0.1\"]\n[geo]\ndatabases = {}\n",
            serde_json::to_string(&geo)?
        );
        let (folder, database) = (new_folder()?, "sqlite:bench.db".to_owned());
        Self::launch(Launch { root, folder, database, config, before: &[&["migrate"]] })
    }

    /// Starts `root`'s release build on `database` (`None`: a new SQLite file) with demo data of a year.
    pub fn with_demo(root: &Path, database: Option<String>, sessions: u64) -> Result<Self> {
        let (folder, sessions) = (new_folder()?, sessions.to_string());
        let database = database.unwrap_or_else(|| "sqlite:bench.db".to_owned());
        let demo = ["demo", "--sessions", &sessions, "--days", "365", "--seed", "1"];
        let config = "[geo]\ndatabases = []\n".to_owned();
        Self::launch(Launch { root, folder, database, config, before: &[&demo] })
    }

    fn launch(launch: Launch) -> Result<Self> {
        let Launch { root, folder, database, config, before } = launch;
        fs::write(folder.path().join("Leptos.toml"), config)?;
        let binary =
            std::env::var_os("BENCH_BINARY").map_or_else(|| root.join("target/release/dispatcher"), Into::into);
        let command = |words: &[&str]| {
            let mut command = Command::new(&binary);
            command.current_dir(folder.path()).env_clear().args(words);
            command.env("DATABASE_URL", &database).env("DISPATCHER_SITE_ROOT", root.join("target/site"));
            command.env("DISPATCHER_ADDR", "127.0.0.1:0").env("RUST_LOG", "warn");
            // Workbooks are made on a disk and not in memory.
            command.env("TMPDIR", folder.path());
            command
        };
        for words in before {
            ensure!(command(words).stdout(Stdio::null()).status()?.success(), "the database could not be made");
        }
        let mut process = command(&["serve"]).stdout(Stdio::piped()).spawn().context("the server cannot be started")?;
        let stdout = process.stdout.take().context("the server has no output")?;
        let line = BufReader::new(stdout).lines().next().context("the server did not start: see above")??;
        let address = line.rsplit('/').next().unwrap_or_default().parse().with_context(|| format!("“{line}”"))?;
        Ok(Self { address, process, folder, binary, database })
    }

    /// The bytes that its process holds in memory now.
    pub fn memory(&self) -> Result<u64> {
        self.status("VmRSS:")
    }

    /// From now on the peak is counted anew.
    pub fn forget_peak(&self) -> Result<()> {
        Ok(fs::write(format!("/proc/{}/clear_refs", self.process.id()), "5")?)
    }

    /// The most bytes that its process has held in memory since [`Self::forget_peak`].
    pub fn peak_memory(&self) -> Result<u64> {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)).context("/proc/PID/status")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
    }

    /// The processor's time that it has used, in user and kernel mode, all threads together.
    pub fn cpu(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id()))?;
        // The name in brackets may hold anything; after it the fields are plain: the 12th and 13th are the times.
        let after_name = stat.rsplit_once(") ").context("/proc/PID/stat has no name")?.1;
        let ticks = after_name.split(' ').skip(11).take(2).map(str::parse::<u32>).sum::<Result<u32, _>>()?;
        Ok(TICK * ticks)
    }

    /// Its counters.
    pub fn counted(&self, runtime: &Runtime) -> Result<Counted> {
        let text = runtime.block_on(async {
            let request = b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
            anyhow::Ok(Connection::open(self.address).await?.ask(request).await?.body)
        })?;
        let mut counted = Counted::default();
        for line in String::from_utf8_lossy(&text).lines().filter(|line| !line.starts_with('#')) {
            let (name, value) = line.rsplit_once(' ').context("a line of /metrics has no value")?;
            let value = value.parse()?;
            if name == "dispatcher_recorded_total{kind=\"page_view\"}" {
                counted.page_views = value;
            } else if name == "dispatcher_queue_length" {
                counted.queue = value;
            } else if name.starts_with("dispatcher_batches_total") {
                counted.batches += value;
                counted.late_batches += if name.contains("late") { value } else { 0 };
            } else if let Some(reason) = name.strip_prefix("dispatcher_dropped_total{reason=\"") {
                counted.dropped.push((reason.trim_end_matches("\"}").to_owned(), value));
            }
        }
        Ok(counted)
    }

    /// Waits until `requests` are stored or dropped, and returns what became of them.
    pub fn drained(&self, runtime: &Runtime, requests: u64) -> Result<Counted> {
        let start = Instant::now();
        loop {
            let counted = self.counted(runtime)?;
            let done = counted.page_views + counted.dropped.iter().map(|(_, count)| count).sum::<u64>();
            if done >= requests && counted.queue == 0 {
                return Ok(counted);
            }
            if start.elapsed() > DRAIN {
                bail!("after {DRAIN:?} only {done} of {requests} requests were stored or dropped");
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Makes a token of that scope.
    pub fn token(&self, scope: &str) -> Result<String> {
        let made = self.command(&["token", "add", scope, "--scope", scope]).output()?;
        ensure!(made.status.success(), "no token: {}", String::from_utf8_lossy(&made.stderr));
        let printed = String::from_utf8(made.stdout)?;
        Ok(printed.trim().lines().last().context("no token was printed")?.to_owned())
    }

    /// Makes an administrator, and returns the password.
    pub fn administrator(&self, email: &str) -> Result<String> {
        // Of a server that is gone when it is measured.
        let password = format!("measured-{}", std::process::id());
        let mut command = self.command(&["user", "add", email, "--role", "admin", "--password-stdin"]);
        let mut made = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
        made.stdin.take().context("no pipe")?.write_all(password.as_bytes())?;
        ensure!(made.wait()?.success(), "no user could be made");
        Ok(password)
    }

    /// `dispatcher …` on its database.
    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.current_dir(self.folder.path()).env_clear().env("DATABASE_URL", &self.database).args(words);
        command
    }

    /// How many actions of `kind` there are, counted by Python's reader of the file.
    pub fn rows(&self, kind: &str) -> Result<u64> {
        const COUNT: &str = "import sqlite3, sys; database, kind = sys.argv[1:]; \
            print(sqlite3.connect(database).execute('select count(*) from action where kind = ?', [kind]).fetchone()[0])";
        let database = self.folder.path().join("bench.db");
        let counted = Command::new("python3").args(["-c", COUNT]).arg(database).arg(kind).output()?;
        ensure!(
            counted.status.success(),
            "the rows could not be counted: {}",
            String::from_utf8_lossy(&counted.stderr)
        );
        Ok(String::from_utf8(counted.stdout)?.trim().parse()?)
    }
}

fn new_folder() -> Result<TempDir> {
    Ok(tempfile::Builder::new().prefix("dispatcher-bench-").tempdir()?)
}

impl Drop for Server {
    fn drop(&mut self) {
        // It is measured already, and its files go with it.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
