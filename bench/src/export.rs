//! How long a file of every session takes, and how much memory it needs.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde::Serialize;
use tokio::runtime::Runtime;

use crate::http::download;
use crate::reports::Shop;
use crate::scenarios::number;

/// An export may need so much more than the process holds at rest.
const MOST: u64 = 50 << 20;

/// The file of every session in one format.
#[derive(Clone, Debug, Serialize)]
struct Made {
    format: &'static str,
    seconds: f64,
    bytes: u64,
    /// Bytes of memory above what the process held before.
    memory: u64,
}

/// The files of every session of one store.
#[derive(Debug, Serialize)]
pub struct Export {
    database: String,
    sessions: u64,
    made: Vec<Made>,
}

impl Export {
    /// Downloads every session in each format.
    pub fn measure(shop: &Shop, runtime: &Runtime) -> Result<Self> {
        let mut made = Vec::new();
        // So that caches that are there anyway are full: what is measured is the export.
        runtime.block_on(download(shop.server.address, &file(shop, "csv", "limit=20000")))?;
        for format in ["csv", "json", "xlsx"] {
            let rest = shop.server.memory()?;
            shop.server.forget_peak()?;
            let start = Instant::now();
            let bytes = runtime.block_on(download(shop.server.address, &file(shop, format, "period=all_time")))?;
            let seconds = start.elapsed().as_secs_f64();
            let memory = shop.server.peak_memory()?.saturating_sub(rest);
            made.push(Made { format, seconds, bytes, memory });
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(Self { database: shop.database.clone(), sessions: shop.sessions, made })
    }

    /// Exports that need too much memory.
    pub fn complaints(&self) -> Vec<String> {
        let large = self.made.iter().filter(|made| made.memory > MOST);
        large
            .map(|made| {
                format!("export on {}: {} bytes above the process at rest: {made:?}", self.database, made.memory)
            })
            .collect()
    }
}

fn file(shop: &Shop, format: &str, query: &str) -> Vec<u8> {
    shop.request(&format!("/export/sessions.{format}?{query}"), "close")
}

impl fmt::Display for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "export of {} sessions on {}", self.sessions, self.database)?;
        writeln!(f, "format      seconds         MB   MB of memory above rest")?;
        for Made { format, seconds, bytes, memory } in &self.made {
            let [bytes, memory] = [bytes, memory].map(|bytes| number(*bytes) / 1e6);
            writeln!(f, "{format:<8}{seconds:>11.1}{bytes:>11.1}{memory:>26.1}")?;
        }
        Ok(())
    }
}
