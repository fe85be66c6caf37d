//! What strangers, forged forms and hostile texts come to in the demo shop.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fault_s3_nobody_without_a_write_token_makes_a_paid_order() {
    let world = World::sqlite("").await;
    world.start_writer();
    let (read, write) = (world.token("reads", Scope::Read).await, world.token("shop", Scope::Write).await);
    let login = world.log_in("anna@shop.test", Role::Admin).await;
    let body = r#"{"created_at": "2026-11-22T10:00:00Z", "total": "1499.00", "payment_status": "paid"}"#;
    let put = || world.ask("PUT", "/api/v1/orders/N1").json(body);
    for (ask, status) in
        [(put(), 401), (put().bearer("forged"), 401), (put().bearer(&read), 403), (put().cookie(&login), 403)]
    {
        assert_eq!(ask.send().await.status.as_u16(), status);
        assert!(world.state.store.order("N1").await.unwrap().is_none(), "{status}");
    }
    assert_eq!(put().bearer(&write).send().await.status, StatusCode::OK);
    assert!(world.state.store.order("N1").await.unwrap().is_some());
}

#[tokio::test]
async fn fault_s4_no_address_and_no_stranger_marks_an_order_paid() {
    let shop = shop();
    let (mut buyer, mut stranger) = (Browser::new(shop.clone(), true), Browser::new(shop, true));
    buyer.add("tee", "1").await;
    let pay = buyer.order(&[]).await.location.unwrap();
    let thanks = pay.replace("/pay/", "/thanks/");
    for query in ["", "?outcome=full", "?status=success&paid=1", "?orderId=1&orderRef=1"] {
        let (pay, thanks) = (format!("{pay}{query}"), format!("{thanks}{query}"));
        assert_eq!(buyer.open(&pay).await.status, StatusCode::OK, "{pay}");
        assert!(buyer.open(&thanks).await.text.contains("Ще не оплачено"), "{thanks}");
        assert_eq!(stranger.open(&pay).await.status, StatusCode::NOT_FOUND, "{pay}");
        assert_eq!(stranger.open(&thanks).await.status, StatusCode::NOT_FOUND, "{thanks}");
        assert_eq!(stranger.send(&pay, &[("outcome", "full")]).await.status, StatusCode::NOT_FOUND, "{pay}");
    }
    let states: Vec<_> = buyer.orders().await.iter().map(|order| order.payment_status).collect();
    assert_eq!(states, [PaymentStatus::Unpaid]);
    assert_eq!(stranger.heard().await, []);
}

#[tokio::test]
async fn nobody_sees_the_order_of_another() {
    let shop = shop();
    let mut buyer = Browser::new(shop.clone(), true);
    buyer.add("tee", "1").await;
    let pay = buyer.order(&[]).await.location.unwrap();
    let thanks = pay.replace("/pay/", "/thanks/");
    let mut stranger = Browser::new(shop, true);
    for cookie in [None, Some("ff".repeat(16)), Some(String::new())] {
        if let Some(token) = cookie {
            stranger.cookies.insert("shop_order".into(), token);
        }
        let missing = stranger.open("/thanks/TWC20112026N01").await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND);
        for target in [&pay, &thanks] {
            let page = stranger.open(target).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND);
            let number = target.rsplit('/').next().unwrap();
            assert_eq!(
                page.text.replace(number, ""),
                missing
                    .text
                    .replace("TWC20112026N01", "")
                    .replace("/thanks/", if *target == pay { "/pay/" } else { "/thanks/" })
            );
        }
        assert_eq!(stranger.send(&pay, &[("outcome", "full")]).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(stranger.heard().await, []);
    assert_eq!(buyer.open(&thanks).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_and_not_told() {
    let mut browser = Browser::new(shop(), true);
    for (target, status) in [
        ("/product/nothing", StatusCode::NOT_FOUND),
        ("/product/tee/", StatusCode::NOT_FOUND),
        ("/product/%00", StatusCode::NOT_FOUND),
        ("/product/%ff", StatusCode::NOT_FOUND),
        ("/thanks/%ff%fe", StatusCode::NOT_FOUND),
        ("/product/..%2ftee", StatusCode::NOT_FOUND),
        ("/nothing?utm_source=%D1%8F", StatusCode::NOT_FOUND),
        ("/pictures/tee", StatusCode::NOT_FOUND),
        ("/pictures/..%2fshop.css", StatusCode::NOT_FOUND),
        ("/search", StatusCode::OK),
        ("/search?q=%20%00%20", StatusCode::OK),
        ("/catalog?shelf=%3Cb%3E&shelf", StatusCode::OK),
        ("/checkout", StatusCode::OK),
    ] {
        let page = browser.open(target).await;
        assert_eq!(page.status, status, "{target}");
        assert!(page.text.starts_with("<!DOCTYPE html>"), "{target}");
    }
    let head = browser.ask(Request::head("/product/tee").body(Body::empty()).unwrap()).await;
    assert_eq!((head.status, head.text.as_str()), (StatusCode::OK, ""));
    for (fields, status) in [
        (vec![("action", "add"), ("product", "nothing")], StatusCode::NOT_FOUND),
        (vec![], StatusCode::NOT_FOUND),
        (vec![("action", "steal"), ("product", "tee")], StatusCode::UNPROCESSABLE_ENTITY),
        (vec![("action", "remove"), ("product", "tee")], StatusCode::SEE_OTHER),
    ] {
        assert_eq!(browser.send("/cart", &fields).await.status, status, "{fields:?}");
    }
    for quantity in ["0", "-1", "21", "1e9", "4294967296", "99999999999999999999", "1.5", "٢", "one"] {
        assert_eq!(browser.add("tee", quantity).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{quantity}");
    }
    assert!(browser.open("/checkout").await.text.contains("Кошик порожній"));
    let empty = browser.order(&[]).await;
    assert_eq!((empty.status, empty.text.contains("Кошик порожній")), (StatusCode::UNPROCESSABLE_ENTITY, true));
    assert_eq!(browser.heard().await, []);

    // At most twenty of a thing: the rest is not taken, and not told.
    for _ in 0..3 {
        browser.add("tee", "15").await;
    }
    assert_eq!(browser.heard().await.len(), 2);
    assert_eq!(browser.cookies["shop_cart"], "tee:20");

    for (field, value) in [("pay_type", "free"), ("phone", "0"), ("name", ""), ("email", "x"), ("city", "\u{0}")] {
        let page = browser.order(&[(field, value)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(page.text.contains(&format!("id=\"{field}-fault\"")), "{field}");
    }
    assert_eq!(browser.heard().await, []);
    let pay = browser.order(&[]).await.location.unwrap();
    let page = browser.send(&pay, &[("outcome", "free")]).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(browser.orders().await.len(), 1);
}

#[tokio::test]
async fn what_visitors_type_is_shown_as_text() {
    let mut browser = Browser::new(shop(), true);
    let hostile = "\"><script>alert(1)</script>'&";
    let query = url::form_urlencoded::byte_serialize(hostile.as_bytes()).collect::<String>();
    let mut pages = vec![browser.open(&format!("/search?q={query}")).await.text];
    pages.push(browser.open(&format!("/%22%3E%3Cscript%3E?q={query}&lang={query}")).await.text);
    browser.add("tee", "1").await;
    let all = [("name", hostile), ("phone", hostile), ("email", hostile), ("city", hostile), ("attempt", hostile)];
    pages.push(browser.order(&all).await.text);
    for page in pages {
        // The page's one script is a file.
        let own = r#"<script src="/t.js" defer></script>"#;
        assert!(!page.replace(own, "").contains("<script") && !page.contains("value=\"\">"), "{page}");
        assert!(page.contains("&lt;script&gt;alert(1)"), "{page}");
    }
    // Long searches are cut before they are shown or told.
    browser.heard().await;
    browser.open(&format!("/search?q={}", "%D1%8F".repeat(5000))).await;
    let [Heard::Action(_, search)] = &browser.heard().await[..] else { panic!("one search") };
    assert_eq!(search.query.as_deref().map(|query| query.chars().count()), Some(100));
}

#[tokio::test]
async fn forms_of_other_sites_change_nothing() {
    let mut browser = Browser::new(shop(), true);
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site"), ("origin", "null")] {
        let body = Body::from("action=add&product=tee");
        let page = browser.ask(Request::post("/cart").header(name, value).body(body).unwrap()).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
    }
    assert!(browser.cookies.is_empty() && browser.heard().await.is_empty());
    let big = Body::from(vec![b'a'; 20_000]);
    assert_eq!(browser.ask(Request::post("/cart").body(big).unwrap()).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let put = Request::builder().method(Method::PUT).uri("/cart").body(Body::empty()).unwrap();
    assert_eq!(browser.ask(put).await.status, StatusCode::METHOD_NOT_ALLOWED);
}
