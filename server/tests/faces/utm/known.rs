//! A shop's two days, small enough to be counted by hand.

use std::path::Path;

use clap::Parser;
use server::cli::Cli;

use crate::world::World;

/// The day that is asked about.
pub const DAY: &str = "from=2026-03-20&to=2026-03-20";

/// Four sessions of three visitors on the day, and one on the day before; times are of Kyiv.
const LINES: &str = r#"
{"type":"session","id":"s5","visitor":"v4","started_at":"2026-03-19T12:00:00+02:00","last_seen":"2026-03-19T12:01:00+02:00","url":"https://shop.test/?utm_source=google&utm_medium=cpc&utm_campaign=spring"}
{"type":"session","id":"s1","visitor":"v1","started_at":"2026-03-20T09:15:00+02:00","last_seen":"2026-03-20T09:25:00+02:00","url":"https://shop.test/product/tee?utm_source=FB&utm_medium=cpc&utm_campaign=winter&utm_content=blue&utm_term=tee","referrer":"https://l.facebook.com/","ip":"203.0.113.9","geo":{"country":"UA","city":"Kyiv"},"device":{"type":"mobile","brand":"Samsung","os":"Android","browser":"Chrome Mobile"}}
{"type":"session","id":"s3","visitor":"v2","started_at":"2026-03-20T10:00:00+02:00","last_seen":"2026-03-20T10:05:00+02:00","url":"https://shop.test/?utm_source=facebook&utm_medium=cpc&utm_campaign=winter&utm_content=red","geo":{"country":"PL","city":"Warsaw"},"device":{"type":"desktop","os":"Windows","browser":"Chrome"}}
{"type":"session","id":"s4","visitor":"v3","started_at":"2026-03-20T11:00:00+02:00","last_seen":"2026-03-20T11:00:00+02:00","url":"https://shop.test/?utm_source=google&utm_medium=cpc&utm_campaign=spring","device":{"type":"tablet"}}
{"type":"session","id":"s2","visitor":"v1","started_at":"2026-03-20T15:00:00+02:00","last_seen":"2026-03-20T15:00:00+02:00","url":"https://shop.test/","geo":{"country":"UA","city":"Kyiv"},"device":{"type":"mobile","os":"Android","browser":"Chrome Mobile"}}
{"type":"action","id":"a1","session":"s1","at":"2026-03-20T09:16:00+02:00","action":"product_view","page":"/product/tee","product_id":"17","product_name":"Футболка"}
{"type":"action","id":"a2","session":"s1","at":"2026-03-20T09:17:00+02:00","action":"add_to_cart","product_id":"17","product_name":"Футболка","value":"499.00"}
{"type":"action","id":"a3","session":"s1","at":"2026-03-20T09:18:00+02:00","action":"initiate_checkout"}
{"type":"action","id":"a4","session":"s3","at":"2026-03-20T10:01:00+02:00","action":"product_view","product_id":"17"}
{"type":"order","number":"N1","session":"s1","created_at":"2026-03-20T09:20:00+02:00","email":"anna@shop.test","total":"1499.00","currency":"UAH","pay_type":"online_full","payment_status":"paid","paid_at":"2026-03-20T09:21:00+02:00"}
{"type":"order","number":"N2","session":"s3","created_at":"2026-03-20T10:03:00+02:00","total":"600.00","currency":"UAH","pay_type":"prepay_200","payment_status":"prepaid"}
{"type":"order","number":"N3","session":"s5","created_at":"2026-03-19T12:01:00+02:00","total":"500.00","currency":"UAH","pay_type":"online_full","payment_status":"paid","paid_at":"2026-03-19T12:01:00+02:00"}
"#;

/// Stores them.
pub async fn fill(world: &World) {
    import(world, LINES).await;
}

/// Stores `lines` as `dispatcher import` does.
pub async fn import(world: &World, lines: &str) {
    let dir = tempfile::TempDir::new().unwrap();
    let file = |name: &str, text: &str| {
        std::fs::write(dir.path().join(name), text).unwrap();
        dir.path().join(name)
    };
    let (lines, config) = (file("lines", lines), file("Leptos.toml", ""));
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    let url = world.state.config.database.url.0.clone();
    let arguments = [
        "dispatcher".to_owned(),
        "import".to_owned(),
        path(&lines),
        "--database-url".to_owned(),
        url,
        "--config".to_owned(),
        path(&config),
    ];
    Cli::parse_from(arguments).run().await.unwrap();
}
