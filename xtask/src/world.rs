//! The map of the world for the dashboard: visionscarto's atlas, which shows Crimea as Ukraine, as the GeoJSON that
//! ECharts reads, each country by its code of two letters.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// Left out: nobody shops there, and it takes a third of the height.
const ANTARCTICA: &str = "AQ";

/// The parts of TopoJSON that the atlas uses.
#[derive(Deserialize)]
struct Atlas {
    arcs: Vec<Vec<[i64; 2]>>,
    transform: Transform,
    objects: Objects,
}

#[derive(Deserialize)]
struct Transform {
    scale: [f64; 2],
    translate: [f64; 2],
}

#[derive(Deserialize)]
struct Objects {
    countries: Countries,
}

#[derive(Deserialize)]
struct Countries {
    geometries: Vec<Geometry>,
}

/// Rings are lists of arcs; one counted from −1 downwards runs backwards.
#[derive(Deserialize)]
#[serde(tag = "type")]
enum Geometry {
    Polygon { arcs: Vec<Vec<i64>>, properties: Properties },
    MultiPolygon { arcs: Vec<Vec<Vec<i64>>>, properties: Properties },
}

#[derive(Deserialize)]
struct Properties {
    a3: String,
}

type Point = [f64; 2];
type Polygon = Vec<Vec<Point>>;

#[derive(Serialize)]
struct GeoJson {
    r#type: &'static str,
    features: Vec<Feature>,
}

#[derive(Serialize)]
struct Feature {
    r#type: &'static str,
    properties: Name,
    geometry: Shape,
}

#[derive(Serialize)]
struct Name {
    name: String,
}

#[derive(Serialize)]
struct Shape {
    r#type: &'static str,
    coordinates: Vec<Polygon>,
}

/// Reads the atlas at `from` and returns the map that the browser loads.
pub fn geo_json(from: &Path) -> Result<Vec<u8>> {
    let features = countries(from)?.into_iter().map(|(code, coordinates)| Feature {
        r#type: "Feature",
        properties: Name { name: code },
        geometry: Shape { r#type: "MultiPolygon", coordinates },
    });
    Ok(serde_json::to_vec(&GeoJson { r#type: "FeatureCollection", features: features.collect() })?)
}

/// The polygons of each country.
fn countries(from: &Path) -> Result<BTreeMap<String, Vec<Polygon>>> {
    let text = std::fs::read_to_string(from).with_context(|| from.display().to_string())?;
    let atlas: Atlas = serde_json::from_str(&text)?;
    let arcs: Vec<Vec<Point>> = atlas.arcs.iter().map(|arc| decode(arc, &atlas.transform)).collect();
    let mut countries = BTreeMap::<String, Vec<Polygon>>::new();
    for geometry in atlas.objects.countries.geometries {
        let (polygons, properties) = match geometry {
            Geometry::Polygon { arcs, properties } => (vec![arcs], properties),
            Geometry::MultiPolygon { arcs, properties } => (arcs, properties),
        };
        let code = code(&properties.a3)?;
        if code == ANTARCTICA {
            continue;
        }
        let polygon = |rings: &Vec<Vec<i64>>| rings.iter().map(|ring| join(ring, &arcs)).collect();
        countries.entry(code.to_owned()).or_default().extend(polygons.iter().map(polygon));
    }
    Ok(countries)
}

/// The two letters of a country that the atlas names by three. Parts that are no countries of their own in ISO 3166 belong
/// to the one that they are of.
fn code(given: &str) -> Result<&'static str> {
    Ok(match given {
        "CYN" => "CY",
        "SOL" => "SO",
        "XKX" => "XK",
        other => rust_iso3166::from_alpha3(other).with_context(|| format!("{other} is no country"))?.alpha2,
    })
}

/// Differences of whole numbers become degrees, with as many decimals as can be seen.
fn decode(arc: &[[i64; 2]], transform: &Transform) -> Vec<Point> {
    let mut at = [0, 0];
    let mut points = Vec::with_capacity(arc.len());
    for step in arc {
        at = [at[0] + step[0], at[1] + step[1]];
        points.push([0, 1].map(|axis| degrees(at[axis], transform.scale[axis], transform.translate[axis])));
    }
    points
}

#[expect(clippy::cast_precision_loss, reason = "a few hundred thousand steps across the world")]
fn degrees(at: i64, scale: f64, translate: f64) -> f64 {
    ((at as f64 * scale + translate) * 100.0).round() / 100.0
}

/// The arcs of a ring, one after the other; each begins where the one before ended.
fn join(ring: &[i64], arcs: &[Vec<Point>]) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    for place in ring {
        points.pop();
        // −1 is the first arc backwards, −2 the second.
        let arc = usize::try_from(if *place < 0 { !place } else { *place }).ok().and_then(|place| arcs.get(place));
        let arc = arc.into_iter().flatten().copied();
        if *place < 0 { points.extend(arc.rev()) } else { points.extend(arc) }
    }
    unbroken(points)
}

/// A ring that crosses the 180th meridian goes on beyond it; else its sides would run around the world.
fn unbroken(mut ring: Vec<Point>) -> Vec<Point> {
    if ring.windows(2).any(|side| (side[0][0] - side[1][0]).abs() > 180.0) {
        for [x, _] in ring.iter_mut().filter(|point| point[0] < 0.0) {
            *x += 360.0;
        }
    }
    ring
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Is the point inside? Each side of the polygon that a ray to the east crosses changes that.
    fn holds(polygons: &[Polygon], [x, y]: Point) -> bool {
        let crossed = |ring: &Vec<Point>| {
            let sides = ring.windows(2).filter(|side| {
                let ([x1, y1], [x2, y2]) = (side[0], side[1]);
                (y1 > y) != (y2 > y) && x < (x2 - x1) * (y - y1) / (y2 - y1) + x1
            });
            sides.count() % 2 == 1
        };
        polygons.iter().any(|rings| rings.iter().filter(|ring| crossed(ring)).count() % 2 == 1)
    }

    #[test]
    fn crimea_is_ukraine() {
        let atlas = Path::new(env!("CARGO_MANIFEST_DIR")).join("../node_modules").join(crate::site::ATLAS);
        let countries = countries(&atlas).unwrap();
        let at = |point| -> Vec<&str> {
            countries.iter().filter(|(_, shape)| holds(shape, point)).map(|(code, _)| code.as_str()).collect()
        };
        assert_eq!(at([34.10, 44.95]), ["UA"], "Simferopol");
        assert_eq!(at([37.80, 48.00]), ["UA"], "Donetsk");
        assert_eq!(at([30.52, 50.45]), ["UA"], "Kyiv");
        assert_eq!(at([21.01, 52.23]), ["PL"], "Warsaw");
        assert_eq!(at([37.62, 55.76]), ["RU"], "Moscow");
        assert_eq!(at([-30.0, 40.0]), [""; 0], "the Atlantic");
        assert!(countries.len() > 170);
        assert!(countries.keys().all(|code| code.len() == 2 && code != ANTARCTICA), "{:?}", countries.keys());
        for ring in countries.values().flatten().flatten() {
            assert_eq!(ring.first(), ring.last(), "a ring is closed");
            assert!(ring.windows(2).all(|side| (side[0][0] - side[1][0]).abs() < 180.0), "a side around the world");
        }
    }
}
