//! Where an address lies, read from MaxMind database files: those of npm's `@ip-location-db`, and MaxMind's own.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use maxminddb::{MaxMindDbError, Mmap, Reader};
use serde::Deserialize;
use utm_dispatcher::model::visitor::Place;

/// The longest name of a place that is kept, in characters.
const MAX_NAME: usize = 100;

/// The databases, the best first.
#[derive(Debug, Default)]
pub struct Geo {
    readers: Vec<Reader<Mmap>>,
}

/// A database that could not be opened. The server runs without it: some places stay unknown.
#[derive(Debug, thiserror::Error)]
#[error("geo database {path}: {error}")]
pub struct NotOpened {
    path: PathBuf,
    error: MaxMindDbError,
}

/// A record of either shape. Flat: `{"country_code": "UA", "city": "Lviv", "state1": "Lviv"}`. MaxMind's:
/// `{"country": {"iso_code": "UA"}, "city": {"names": {"en": "Lviv"}}, "subdivisions": [{"names": {"en": "…"}}]}`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Record<'a> {
    country_code: Option<&'a str>,
    state1: Option<&'a str>,
    #[serde(borrow)]
    city: Option<City<'a>>,
    #[serde(borrow)]
    country: Option<Country<'a>>,
    #[serde(borrow)]
    subdivisions: Vec<Named<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum City<'a> {
    Flat(&'a str),
    Nested(#[serde(borrow)] Named<'a>),
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Country<'a> {
    iso_code: Option<&'a str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Named<'a> {
    #[serde(borrow)]
    names: Names<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Names<'a> {
    en: Option<&'a str>,
}

impl Geo {
    /// Opens the databases of `paths`, and says which could not be.
    pub fn open<P: AsRef<Path>>(paths: &[P]) -> (Self, Vec<NotOpened>) {
        let mut geo = Self::default();
        let mut missing = Vec::new();
        for path in paths {
            match open(path.as_ref()) {
                Ok(reader) => geo.readers.push(reader),
                Err(error) => missing.push(NotOpened { path: path.as_ref().to_owned(), error }),
            }
        }
        (geo, missing)
    }

    /// Where `ip` lies: what the first database says that knows its country. What a database cannot answer, such as
    /// an IPv6 address in a file for IPv4, is unknown.
    pub fn place(&self, ip: IpAddr) -> Place {
        let ip = ip.to_canonical();
        self.readers.iter().find_map(|reader| place(reader, ip)).unwrap_or_default()
    }
}

#[expect(
    unsafe_code,
    reason = "a memory map is undefined behaviour if another process cuts the file off under it: \
                                the build gives a new file the old name instead, and so must whoever updates it"
)]
fn open(path: &Path) -> Result<Reader<Mmap>, MaxMindDbError> {
    // SAFETY: see the reason above; on the heap the city files would take 134 MB.
    unsafe { Reader::open_mmap(path) }
}

fn place(reader: &Reader<Mmap>, ip: IpAddr) -> Option<Place> {
    let record: Record = reader.lookup(ip).ok()?.decode().ok()??;
    let country = record.country_code.or(record.country.and_then(|country| country.iso_code));
    let country = country.filter(|code| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic()))?;
    let city = match record.city {
        Some(City::Flat(name)) => Some(name),
        Some(City::Nested(named)) => named.names.en,
        None => None,
    };
    let region = record.state1.or(record.subdivisions.first().and_then(|region| region.names.en));
    Some(Place {
        country: Some(country.to_ascii_uppercase()),
        region: region.and_then(name),
        city: city.and_then(name),
    })
}

fn name(text: &str) -> Option<String> {
    let name: String = text.trim().chars().filter(|char| !char.is_control()).take(MAX_NAME).collect();
    (!name.is_empty()).then_some(name)
}
