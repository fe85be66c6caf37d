//! A PostgreSQL server of a test's own, that may be stopped.

use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::program::signal;
use crate::real_servers::free_address;

/// A running server; it ends with the value.
pub struct Postgres {
    folder: TempDir,
    programs: String,
    port: u16,
}

impl Postgres {
    /// A new and empty one.
    pub fn new() -> Self {
        let found = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/postgres-bin")).output().unwrap();
        assert!(found.status.success(), "PostgreSQL's programs are installed (scripts/setup test)");
        let programs = String::from_utf8(found.stdout).unwrap().trim().to_owned();
        let folder = TempDir::new().unwrap();
        if is_root() {
            let owned = Command::new("chown").arg("postgres:").arg(folder.path()).status().unwrap();
            assert!(owned.success(), "PostgreSQL's user owns its folder");
        }
        let server = Self { folder, programs, port: free_address().port() };
        let options = ["--username=dispatcher", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"];
        server.run("initdb", &options);
        server.start();
        server
    }

    /// Its database's address.
    pub fn url(&self) -> String {
        format!("postgres://dispatcher@127.0.0.1:{}/postgres", self.port)
    }

    /// Starts it again.
    pub fn start(&self) {
        let place = self.folder.path().display();
        let options = format!("-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories='{place}'", self.port);
        let log = format!("--log={place}/log");
        self.run("pg_ctl", &["start", "--wait", "--silent", &log, "--options", &options]);
    }

    /// Ends it and every connection to it.
    pub fn stop(&self) {
        self.run("pg_ctl", &["stop", "--mode=fast", "--silent"]);
    }

    /// Every process of it stands still: connections stay open and nothing comes. Or goes on, with `CONT`.
    pub fn signal(&self, name: &str) {
        let data = self.folder.path().join("data/postmaster.pid");
        let postmaster = std::fs::read_to_string(data).unwrap().lines().next().unwrap().parse().unwrap();
        signal(name, postmaster);
        let children = format!("/proc/{postmaster}/task/{postmaster}/children");
        for child in std::fs::read_to_string(children).unwrap().split_whitespace() {
            // A worker that has just done its work is gone by now, and need not stand still.
            let _gone = Command::new("sh").args(["-c", &format!("kill -{name} {child}")]).output().unwrap();
        }
    }

    fn run(&self, program: &str, options: &[&str]) {
        let program = Path::new(&self.programs).join(program);
        let mut command = if is_root() { Command::new("runuser") } else { Command::new(&program) };
        if is_root() {
            command.args(["-u", "postgres", "--"]).arg(&program);
        }
        command.arg("--pgdata").arg(self.folder.path().join("data")).args(options);
        command.current_dir(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        assert!(command.status().unwrap().success(), "{command:?}");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if self.folder.path().join("data/postmaster.pid").exists() {
            self.signal("CONT");
            self.run("pg_ctl", &["stop", "--mode=immediate", "--silent"]);
        }
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| std::os::unix::fs::MetadataExt::uid(&process) == 0)
}
