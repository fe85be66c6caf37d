//! The demo shop, walked through by its forms as a browser without scripts does it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use server::storefront::products::PRODUCTS;
use server::storefront::{Options, router};
use server::track::layer::Tracker;
use server::track::queue::{Job, MessageJob, NotTaken, Recorder, queue};
use server::track::visit::Visit;
use tokio::sync::mpsc;
use tower::ServiceExt;
use utm_dispatcher::message::{Event, Message, Owner, Received};
use utm_dispatcher::model::action::ActionKind;
use utm_dispatcher::model::visitor::VisitorKey;
use utm_dispatcher::model::{Money, NewAction, OrderMessage, PaymentStatus, Role, Scope};
use utm_dispatcher::store::Applied;
use utm_dispatcher::tracking::Rules;

use crate::track::site::{Site, ask, tracked, visitor_cookie};
use crate::world::World;

mod strangers;

/// What a visit was told, in order.
#[derive(Debug, PartialEq)]
enum Heard {
    Action(ActionKind, NewAction),
    Order(OrderMessage),
}

/// A browser in front of the shop, with its cookies and with somebody who listens to its visit.
struct Browser {
    shop: Router,
    cookies: BTreeMap<String, String>,
    recorder: Recorder,
    hear: mpsc::UnboundedSender<Heard>,
    heard: mpsc::UnboundedReceiver<Heard>,
}

struct Page {
    status: StatusCode,
    location: Option<String>,
    text: String,
}

fn shop() -> Router {
    router(Options { zone: chrono_tz::Europe::Kyiv, secure_cookies: false })
}

impl Browser {
    /// `store_works` false: every order is declined.
    fn new(shop: Router, store_works: bool) -> Self {
        let (recorder, mut jobs) = queue(100, Arc::default());
        let (hear, heard) = mpsc::unbounded_channel();
        let orders = hear.clone();
        tokio::spawn(async move {
            while let Some(job) = jobs.recv().await {
                let Job::Message(MessageJob { message, reply }) = job else {
                    panic!("only orders go past the visit: {job:?}")
                };
                let Message::Order { order, .. } = message.message else { panic!("a shop tells no events") };
                // Before the answer, which the page waits for.
                orders.send(Heard::Order(order)).unwrap();
                reply.send(if store_works { Ok(Applied::Created) } else { Err(NotTaken::Away) }).unwrap();
            }
        });
        Self { shop, cookies: BTreeMap::new(), recorder, hear, heard }
    }

    async fn raw(&mut self, mut request: Request<Body>) -> Response<Body> {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        request.headers_mut().insert("host", "shop.example".parse().unwrap());
        if !cookies.is_empty() {
            request.headers_mut().insert(COOKIE, cookies.join("; ").parse().unwrap());
        }
        let visit = Visit::new(self.recorder.clone(), None, Some(VisitorKey("c1".into())), 0);
        request.extensions_mut().insert(visit.clone());
        let answer = self.shop.clone().oneshot(request).await.unwrap();
        for action in visit.take() {
            self.hear.send(Heard::Action(action.kind.clone(), action)).unwrap();
        }
        for line in answer.headers().get_all(SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            assert!(line.contains("HttpOnly") && line.contains("SameSite=Lax") && line.contains("Path=/"), "{line}");
            if line.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    async fn ask(&mut self, request: Request<Body>) -> Page {
        let answer = self.raw(request).await;
        let status = answer.status();
        let location = answer.headers().get(LOCATION).map(|location| location.to_str().unwrap().to_owned());
        let text = answer.into_body().collect().await.unwrap().to_bytes();
        Page { status, location, text: String::from_utf8(text.to_vec()).unwrap() }
    }

    async fn open(&mut self, target: &str) -> Page {
        self.ask(Request::get(target).body(Body::empty()).unwrap()).await
    }

    async fn send(&mut self, target: &str, fields: &[(&str, &str)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(target).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(request.header("origin", "http://shop.example").body(Body::from(body)).unwrap()).await
    }

    async fn add(&mut self, slug: &str, quantity: &str) -> Page {
        self.send("/cart", &[("action", "add"), ("product", slug), ("quantity", quantity)]).await
    }

    /// Sends the checkout form with these fields changed.
    async fn order(&mut self, changed: &[(&str, &str)]) -> Page {
        let usual = [
            ("name", "Олена"),
            ("phone", "+380 67 123 45 67"),
            ("email", "olena@example.com"),
            ("city", "Львів, 12"),
            ("pay_type", "online_full"),
        ];
        let rest = usual.into_iter().filter(|(name, _)| changed.iter().all(|(other, _)| other != name));
        let fields: Vec<_> = rest.chain(changed.iter().copied()).collect();
        self.send("/checkout", &fields).await
    }

    /// What was told since the last time.
    async fn heard(&mut self) -> Vec<Heard> {
        // Lets the listener's task run: on this one thread it hears all that was told.
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        std::iter::from_fn(|| self.heard.try_recv().ok()).collect()
    }

    async fn orders(&mut self) -> Vec<OrderMessage> {
        let orders = self.heard().await.into_iter();
        orders.filter_map(|heard| if let Heard::Order(order) = heard { Some(order) } else { None }).collect()
    }
}

fn action(kind: ActionKind, page: &str) -> NewAction {
    NewAction { page: Some(page.to_owned()), ..NewAction::new(kind) }
}

fn with_product(kind: ActionKind, page: &str, slug: &str, value: Option<Money>) -> Heard {
    let product = PRODUCTS.iter().find(|product| product.slug == slug).unwrap();
    let (id, name) = (Some(product.id.to_owned()), Some(product.name.uk.to_owned()));
    Heard::Action(kind.clone(), NewAction { product_id: id, product_name: name, value, ..action(kind, page) })
}

#[tokio::test]
async fn the_whole_way_to_a_paid_order() {
    let mut browser = Browser::new(shop(), true);
    for (target, shown) in [("/", "Речі, до яких звикають"), ("/catalog", "/product/tee"), ("/search?q=чашка", "Косів")]
    {
        let target = target.replace("чашка", "%D1%87%D0%B0%D1%88%D0%BA%D0%B0");
        let page = browser.open(&target).await;
        assert!(page.status == StatusCode::OK && page.text.contains(shown), "{target}: {}", page.text);
    }
    assert!(browser.open("/product/tee").await.text.contains("749\u{a0}₴"));
    assert_eq!(browser.add("tee", "2").await.location.as_deref(), Some("/cart"));
    assert_eq!(browser.add("mug", "1").await.status, StatusCode::SEE_OTHER);
    assert!(browser.open("/cart").await.text.contains("1\u{a0}918\u{a0}₴"));
    browser.send("/cart", &[("action", "remove"), ("product", "mug")]).await;
    browser.send("/cart", &[("action", "set"), ("product", "tee"), ("quantity", "2")]).await;
    assert!(browser.open("/checkout").await.text.contains("name=\"pay_type\""));

    let search = NewAction { query: Some("чашка".into()), ..action(ActionKind::Search, "/search") };
    let checkout = NewAction { value: Some(Money(149_800)), ..action(ActionKind::InitiateCheckout, "/checkout") };
    assert_eq!(
        browser.heard().await,
        [
            Heard::Action(ActionKind::Search, search),
            with_product(ActionKind::ProductView, "/product/tee", "tee", None),
            with_product(ActionKind::AddToCart, "/cart", "tee", Some(Money(149_800))),
            with_product(ActionKind::AddToCart, "/cart", "mug", Some(Money(191_800))),
            with_product(ActionKind::RemoveFromCart, "/cart", "mug", Some(Money(149_800))),
            Heard::Action(ActionKind::InitiateCheckout, checkout),
        ]
    );

    let pay = browser.order(&[]).await.location.unwrap();
    let number = pay.strip_prefix("/pay/").unwrap().to_owned();
    assert!(!browser.cookies.contains_key("shop_cart"), "the cart is empty now");
    assert!(browser.open(&pay).await.text.contains("Сплатити 1\u{a0}498\u{a0}₴"));
    assert_eq!(browser.send(&pay, &[("outcome", "fail")]).await.location, Some(format!("{pay}?failed")));
    assert!(browser.open(&format!("{pay}?failed")).await.text.contains("Банк відхилив"));
    let thanks = browser.send(&pay, &[("outcome", "full")]).await.location.unwrap();
    assert_eq!(thanks, format!("/thanks/{number}"));
    let page = browser.open(&thanks).await;
    assert!(page.text.contains("Оплачено повністю") && page.text.contains(&number));

    let orders = browser.orders().await;
    let states: Vec<_> = orders.iter().map(|order| (order.payment_status, order.paid_at.is_some())).collect();
    assert_eq!(states, [(PaymentStatus::Unpaid, false), (PaymentStatus::Unpaid, false), (PaymentStatus::Paid, true)]);
    assert!(orders.windows(2).all(|pair| pair[0].updated_at < pair[1].updated_at), "each state is newer: {orders:?}");
    let last = orders.last().unwrap();
    assert_eq!(
        (last.number.as_str(), last.total, last.pay_type.as_str()),
        (number.as_str(), Money(149_800), "online_full")
    );
    assert_eq!(last.email.as_deref(), Some("olena@example.com"));
    assert_eq!(last.phone.as_deref(), Some("+380 67 123 45 67"));

    // What was paid stays paid.
    assert_eq!(browser.send(&pay, &[("outcome", "fail")]).await.location, Some(thanks.clone()));
    assert_eq!(browser.open(&pay).await.location, Some(thanks));
    assert_eq!(browser.orders().await, []);
}

#[tokio::test]
async fn a_prepayment_and_cash_on_delivery() {
    let mut browser = Browser::new(shop(), true);
    browser.add("backpack", "1").await;
    let pay = browser.order(&[("pay_type", "prepay_200"), ("email", "")]).await.location.unwrap();
    let thanks = browser.send(&pay, &[("outcome", "prepay")]).await.location.unwrap();
    assert!(browser.open(&thanks).await.text.contains("Передоплату отримано"));
    browser.send(&pay, &[("outcome", "full")]).await;
    let orders = browser.orders().await;
    let states: Vec<_> = orders.iter().map(|order| (order.payment_status, order.pay_type.as_str())).collect();
    assert_eq!(
        states,
        [
            (PaymentStatus::Unpaid, "prepay_200"),
            (PaymentStatus::Prepaid, "prepay_200"),
            (PaymentStatus::Paid, "prepay_200"),
        ]
    );
    assert!(orders.iter().all(|order| order.email.is_none()));

    browser.add("cap", "1").await;
    let thanks = browser.order(&[("pay_type", "cod")]).await.location.unwrap();
    assert!(thanks.starts_with("/thanks/TWC"));
    assert!(browser.open(&thanks).await.text.contains("Оплата при отриманні"));
    let orders = browser.orders().await;
    assert_eq!((orders.len(), orders[0].payment_status), (1, PaymentStatus::Unpaid));
    // Both orders stay visible to the browser that placed them.
    assert_eq!(browser.open(&pay).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_same_form_sent_twice_is_one_order() {
    let mut browser = Browser::new(shop(), true);
    browser.add("tee", "1").await;
    let form = browser.open("/checkout").await.text;
    let attempt = form.split_once("name=\"attempt\" value=\"").unwrap().1[..32].to_owned();
    let cart = browser.cookies["shop_cart"].clone();
    let first = browser.order(&[("attempt", &attempt)]).await.location;
    browser.cookies.insert("shop_cart".into(), cart);
    let second = browser.order(&[("attempt", &attempt)]).await.location;
    assert!(first.is_some() && first == second);
    assert_eq!(browser.orders().await.len(), 1);
}

#[tokio::test]
async fn an_order_that_cannot_be_stored_is_not_confirmed() {
    let mut browser = Browser::new(shop(), false);
    browser.add("tee", "1").await;
    let page = browser.order(&[]).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.text.contains("Не вдалося прийняти замовлення") && page.text.contains("value=\"Олена\""));
    assert_eq!(browser.cookies.keys().map(String::as_str).collect::<Vec<_>>(), ["shop_cart"]);
}

#[tokio::test]
async fn fault_e10_a_failing_store_breaks_no_page_and_takes_nothing_back() {
    let shop = shop();
    let mut working = Browser::new(shop.clone(), true);
    let mut browser = Browser::new(shop, false);
    let broken = browser.recorder.clone();
    for target in ["/", "/catalog", "/product/tee"] {
        assert_eq!(browser.open(target).await.status, StatusCode::OK, "{target}");
    }
    assert_eq!(browser.add("tee", "1").await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.order(&[]).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(browser.open("/cart").await.text.contains("749\u{a0}₴"), "the cart is kept");
    browser.recorder = working.recorder.clone();
    let pay = browser.order(&[]).await.location.unwrap();
    browser.recorder = broken;
    assert_eq!(browser.send(&pay, &[("outcome", "full")]).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(browser.open(&pay).await.status, StatusCode::OK, "it is to be paid still");
    browser.recorder = working.recorder.clone();
    let paid = browser.send(&pay, &[("outcome", "full")]).await;
    assert_eq!(paid.location, Some(pay.replace("/pay/", "/thanks/")));
    let states: Vec<_> = working.orders().await.iter().map(|order| order.payment_status).collect();
    assert_eq!(states, [PaymentStatus::Unpaid, PaymentStatus::Paid]);
}

#[tokio::test]
async fn the_language_is_remembered() {
    let mut browser = Browser::new(shop(), true);
    assert!(browser.open("/").await.text.contains("<html lang=\"uk\">"));
    assert!(browser.open("/catalog?lang=en").await.text.contains("<html lang=\"en\">"));
    assert!(browser.open("/product/mug").await.text.contains("Kosiv mug"));
    assert!(browser.open("/?lang=xx").await.text.contains("<html lang=\"en\">"));
    assert!(browser.open("/?lang=uk").await.text.contains("<html lang=\"uk\">"));
    let [told] = &browser.heard().await[..] else { panic!("one product view") };
    assert_eq!(*told, with_product(ActionKind::ProductView, "/product/mug", "mug", None), "one name in reports");
}

#[tokio::test]
async fn every_link_of_the_shop_leads_somewhere() {
    let mut browser = Browser::new(shop(), true);
    let (mut known, mut next) = (std::collections::BTreeSet::new(), vec!["/".to_owned()]);
    while let Some(target) = next.pop() {
        if !known.insert(target.clone()) {
            continue;
        }
        let answer = browser.raw(Request::get(&target).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status(), StatusCode::OK, "{target}");
        let is_page = answer.headers()[CONTENT_TYPE] == "text/html; charset=utf-8";
        assert_eq!(answer.headers()[CACHE_CONTROL], if is_page { "private, no-cache" } else { "public, max-age=3600" });
        let text = String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap();
        let links = text.split(['"', ' ', '>']).zip(text.split(['"', ' ', '>']).skip(1));
        let links = links.filter(|(name, link)| is_page && ["href=", "src="].contains(name) && link.starts_with('/'));
        // The script is none of the shop's.
        let links = links.filter(|(_, link)| *link != "/t.js");
        next.extend(links.map(|(_, link)| link.replace("&amp;", "&")));
    }
    assert!(known.len() > 40, "{known:?}");
}

/// What is tracked is for reports alone: neither what anybody claims nor that it is forgotten changes a page.
#[tokio::test]
async fn fault_e9_what_is_tracked_changes_no_page() {
    let site = Site::of_pages(World::sqlite("").await);
    let state = &site.world.state;
    let tracker = Tracker::new(site.recorder.clone(), Rules::default(), Arc::clone(&state.counters), false);
    let app = tracked(shop(), tracker);
    let visitor = visitor_cookie(&ask(&app, "GET", "/", &[], "").await).unwrap();
    let pages = async || {
        let mut pages = Vec::new();
        for path in ["/", "/catalog", "/product/tee", "/cart", "/search?q=tee"] {
            let page = ask(&app, "GET", path, &[("cookie", visitor.as_bytes())], "").await;
            assert_eq!(page.status, 200, "{path}");
            pages.push(page.text().to_owned());
        }
        pages
    };
    let before = pages().await;
    site.settle().await;
    let name = visitor.split_once('=').unwrap().1;
    let at = server::state::now();
    let event = |(place, kind): (usize, &str)| Event {
        id: place.to_string(),
        owner: Owner::Visitor(name.to_owned()),
        at,
        action: NewAction::new(ActionKind::from(kind)),
    };
    let kinds = ["survey_dismiss", "survey_start", "registration", "lead", "purchase", "add_to_cart"];
    let events = Message::Events(kinds.into_iter().enumerate().map(event).collect());
    site.recorder.message(Received { message: events, at }).await.unwrap();
    assert_eq!(pages().await, before, "what was claimed is shown");
    site.settle().await;
    let forgotten = state.store.forget_before(i64::MAX, 100, at).await.unwrap();
    assert_eq!(forgotten.sessions, 1);
    assert_eq!(pages().await, before, "what was forgotten is missing");
    site.finish().await;
}
