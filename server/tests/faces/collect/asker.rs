//! Whose pages may tell anything.

use http::header::{ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_ORIGIN};
use serde_json::json;
use utm_dispatcher::tracking::Rules;

use super::{COLLECT, CONFIG, ELSEWHERE, TRACK_EVENT, body};
use crate::track::site::{Header, Site, ask};
use crate::world::World;

#[tokio::test]
async fn only_our_own_pages_and_allowed_ones_tell_anything() {
    let site = Site::with_doors(World::sqlite(CONFIG).await, Rules::default());
    let view = |url: &str| body(url, &json!([{"type": "page_view"}]));
    let refused: [&[Header]; 6] = [
        &[("referer", b"https://evil.test/")],
        &[("origin", b"https://evil.test")],
        &[("origin", b"null")],
        &[("origin", b"\xff")],
        &[("sec-fetch-site", b"cross-site")],
        &[("origin", b"https://evil.test"), ("host", b"evil.test")],
    ];
    for headers in refused {
        for (method, path) in [("POST", COLLECT), ("OPTIONS", COLLECT), ("POST", TRACK_EVENT), ("OPTIONS", TRACK_EVENT)]
        {
            let answer = ask(&site.app, method, path, headers, &view("http://shop.test/")).await;
            assert_eq!(answer.status, 403, "{method} {path} {headers:?}");
            assert!(answer.headers.get(ACCESS_CONTROL_ALLOW_ORIGIN).is_none(), "{method} {path} {headers:?}");
        }
    }
    for path in [COLLECT, TRACK_EVENT] {
        let answer = ask(&site.app, "OPTIONS", path, &[ELSEWHERE], "").await;
        assert_eq!(
            (answer.status.as_u16(), answer.header(ACCESS_CONTROL_ALLOW_ORIGIN)),
            (204, "https://www.shop.test")
        );
        assert_eq!(answer.header(ACCESS_CONTROL_ALLOW_HEADERS), "Content-Type");
    }
    // A page speaks for its own site alone, and hears what it did wrong.
    for url in
        ["https://evil.test/", "https://www.shop.test.evil.test/", "https://www.shop.test:81/", "http://shop.test/"]
    {
        let answer = site.post(COLLECT, &[ELSEWHERE], &view(url)).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["field"]), (422, &json!("url")), "{url}");
        assert_eq!(answer.header(ACCESS_CONTROL_ALLOW_ORIGIN), "https://www.shop.test");
    }
    let unknown = site
        .post(COLLECT, &[ELSEWHERE], &body("https://www.shop.test/", &json!([{"type": "click"}, {"type": "buy"}])))
        .await;
    assert_eq!((unknown.status.as_u16(), &unknown.json()["field"]), (422, &json!("events[1].type")));
    let allowed = unknown.json()["allowed"].to_string();
    assert!(allowed.contains("add_to_cart") && allowed.contains("quick_view"), "{allowed}");
    let large = body("https://www.shop.test/", &json!([{"type": "click", "metadata": {"x": "x".repeat(64 * 1024)}}]));
    assert_eq!(site.post(COLLECT, &[ELSEWHERE], &large).await.status, 413);
    let many = body("https://www.shop.test/", &json!(vec![json!({"type": "click"}); 51]));
    assert_eq!(site.post(COLLECT, &[ELSEWHERE], &many).await.json()["field"], "events");
    assert_eq!(site.finish().await.count("action").await, 0);
}

#[tokio::test]
async fn a_call_that_names_no_site_is_our_own_pages() {
    let site = Site::with_doors(World::sqlite(CONFIG).await, Rules::default());
    let ours: [&[Header]; 2] = [&[], &[("referer", b"http://shop.test/any/tee")]];
    for headers in ours {
        site.tell(headers, "http://shop.test/", json!([{"type": "page_view"}])).await;
        let answer = site.post(TRACK_EVENT, headers, r#"{"event_type": "add_to_cart", "product_id": 17}"#).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["stored"]), (200, &json!(true)), "{headers:?}");
        let theirs = site.post(COLLECT, headers, &body("https://evil.test/", &json!([{"type": "page_view"}]))).await;
        assert_eq!((theirs.status.as_u16(), &theirs.json()["field"]), (422, &json!("url")), "{headers:?}");
    }
    assert_eq!(site.finish().await.count("action").await, 4);
}
