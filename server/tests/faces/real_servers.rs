//! Web servers that were not written here: nginx and Python's `http.server`, each in its own folder and on a free port of loopback.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A running server; it ends with the value.
pub struct RealServer {
    process: Child,
    /// Where it listens.
    pub address: SocketAddr,
    folder: TempDir,
}

impl RealServer {
    /// nginx with `server { … }` holding `directives`, its root being [`Self::root`].
    pub fn nginx(directives: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = free_address();
        let place = folder.path().display();
        fs::create_dir(folder.path().join("root")).unwrap();
        let configuration = format!(
            "daemon off; master_process off; pid {place}/pid; error_log {place}/error.log;
            events {{ }}
            http {{
                access_log off; default_type application/octet-stream; types {{ text/html html; text/css css; }}
                client_body_temp_path {place}/body; proxy_temp_path {place}/proxy; fastcgi_temp_path {place}/fastcgi;
                uwsgi_temp_path {place}/uwsgi; scgi_temp_path {place}/scgi;
                server {{ listen {address}; root {place}/root; {directives} }}
            }}"
        );
        fs::write(folder.path().join("nginx.conf"), configuration).unwrap();
        let program = ["/usr/sbin/nginx", "/usr/bin/nginx"].into_iter().find(|path| Path::new(path).exists());
        let mut command = Command::new(program.expect("nginx is installed (apt-get install nginx-light)"));
        command.arg("-p").arg(folder.path()).arg("-c").arg(folder.path().join("nginx.conf"));
        command.arg("-e").arg(folder.path().join("error.log"));
        Self::start(command, address, folder)
    }

    /// Python's `http.server`, which speaks HTTP/1.0.
    pub fn python() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = free_address();
        fs::create_dir(folder.path().join("root")).unwrap();
        let mut command = Command::new("python3");
        command.args(["-m", "http.server", "--bind", "127.0.0.1", "--directory"]);
        command.arg(folder.path().join("root")).arg(address.port().to_string());
        Self::start(command, address, folder)
    }

    fn start(mut command: Command, address: SocketAddr, folder: TempDir) -> Self {
        let silent = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let server = Self { process: silent.spawn().unwrap(), address, folder };
        let patience = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(address).is_err() {
            assert!(Instant::now() < patience, "{command:?} does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    /// The folder whose files it serves.
    pub fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }
}

impl Drop for RealServer {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}

/// A port on which nobody listens.
pub fn free_address() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}
