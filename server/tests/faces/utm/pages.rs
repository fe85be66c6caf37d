//! Lists, a page after another.

use http::header::LINK;
use serde_json::{Value, json};
use utm_dispatcher::model::Scope;

use super::get;
use super::known::{DAY, fill};
use crate::world::{Answer, World};

pub async fn lists_go_on_where_they_broke_off(world: World) {
    fill(&world).await;
    let token = world.token("reads", Scope::Read).await;
    for name in ["sources", "campaigns", "content", "devices", "browsers", "operating-systems", "sessions"] {
        let whole = get(&world, &token, &format!("{name}/?{DAY}")).await;
        assert_eq!(whole.header(LINK), "", "{name}");
        let mut path = format!("{name}/?{DAY}&limit=1&x=%D1%84");
        let mut rows = Vec::new();
        while !path.is_empty() {
            let answer = get(&world, &token, &path).await;
            let page = answer.json();
            assert_eq!(page.as_array().unwrap().len(), 1, "{path}");
            rows.extend(page.as_array().unwrap().clone());
            path = following(&answer);
        }
        assert_eq!(whole.json(), Value::from(rows), "{name}");
    }
    let whole = get(&world, &token, "geo/?from=2026-03-19&to=2026-03-20").await.json();
    let mut path = "geo/?from=2026-03-19&to=2026-03-20&limit=2".to_owned();
    let (mut countries, mut cities) = (Vec::new(), Vec::new());
    while !path.is_empty() {
        let answer = get(&world, &token, &path).await;
        let page = answer.json();
        countries.extend(page["countries"].as_array().unwrap().clone());
        cities.extend(page["cities"].as_array().unwrap().clone());
        path = following(&answer);
    }
    assert_eq!(whole, json!({"countries": countries, "cities": cities}));
}

/// Where `Link` leads, without the part that all addresses have.
fn following(answer: &Answer) -> String {
    let link = answer.header(LINK);
    if link.is_empty() {
        return String::new();
    }
    let address = link.strip_prefix("</api/utm/").unwrap().strip_suffix(">; rel=\"next\"").unwrap();
    assert!(address.contains("x=%D1%84") || address.starts_with("geo"), "{address}");
    address.to_owned()
}
