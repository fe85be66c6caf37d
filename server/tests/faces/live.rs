//! Live dashboards: who may listen, what they hear and when, and when it ends.

mod listener;
mod processes;

use std::time::Duration;

use http::header::ORIGIN;
use server::live::follow;
use server::state::now;
use tokio::time::{Instant, sleep, timeout};
use utm_dispatcher::model::live::{Happening, ON_SITE};
use utm_dispatcher::model::order::Conversion;
use utm_dispatcher::model::{Money, Role};
use utm_dispatcher::tracking::Rules;

use self::listener::Listener;
use crate::track::site::{Site, visitor_cookie};
use crate::world::{OWN_ORIGIN, World, on_both};

const CONFIG: &str = "[site]\npublic_url = \"http://shop.test\"\n";
const PATH: &str = "/admin-panel/live";

on_both!(what_happens_is_heard_within_a_second, the_end_of_a_login_is_the_end, counts_are_right_after_a_restart);

/// A shop with somebody who follows its log.
fn shop(world: World) -> Site {
    tokio::spawn(follow(world.state.store.clone(), world.state.live.clone()));
    Site::with_doors(world, Rules::default())
}

mod cases {
    use super::*;

    pub async fn what_happens_is_heard_within_a_second(world: World) {
        let admin = world.log_in("admin@shop.test", Role::Admin).await;
        let site = shop(world);
        let mut listener = Listener::connect(&site.world, &admin).await;
        let first = listener.frame().await;
        assert_eq!((first.now_on_site, first.moments.len()), (0, 0));

        let page = site.get("/?utm_source=instagram&utm_campaign=winter", &[]).await;
        let began = Instant::now();
        let frame = listener.frame_with(|frame| !frame.moments.is_empty()).await;
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        assert_eq!(frame.now_on_site, 1);
        assert_ne!(frame.version, first.version);
        let moment = &frame.moments[0];
        assert_eq!((moment.what.clone(), moment.source.as_str()), (Happening::Session, "instagram"));

        // A sale, told by the shop's server; and one that is nobody's, which is in no session's figures.
        let buyer = visitor_cookie(&page).unwrap();
        let began = Instant::now();
        let headers = [("cookie", buyer.as_bytes()), ("origin", OWN_ORIGIN.as_bytes())];
        assert_eq!(site.post("/order/N1", &headers, "").await.status, 200);
        site.settle().await;
        let frame = listener.frame_with(|frame| !frame.moments.is_empty()).await;
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        let sold: Vec<_> = frame.moments.iter().map(|moment| (moment.what.clone(), moment.amount)).collect();
        assert_eq!(sold, [(Happening::Conversion(Conversion::Purchase), Some(Money(149_900)))]);
        assert_eq!(frame.now_on_site, 1);

        // Whoever comes later learns what happened of late.
        let mut late = Listener::connect(&site.world, &admin).await;
        let whole = late.frame().await;
        assert_eq!((whole.now_on_site, whole.moments.len()), (1, 2), "{whole:?}");
        site.finish().await;
    }

    pub async fn the_end_of_a_login_is_the_end(world: World) {
        let (one, other) =
            (world.log_in("one@shop.test", Role::Admin).await, world.log_in("other@shop.test", Role::Admin).await);
        let site = shop(world);
        let (mut leaves, mut stays) =
            (Listener::connect(&site.world, &one).await, Listener::connect(&site.world, &other).await);
        leaves.frame().await;
        stays.frame().await;

        let began = Instant::now();
        assert_eq!(site.world.post("/admin-panel/logout").cookie(&one).send().await.status, 303);
        assert_eq!(leaves.end().await, Some(4401));
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
        let refused = Listener::try_connect(&site.world, &[("cookie", &one), ("origin", OWN_ORIGIN)]).await;
        assert_eq!(refused.err(), Some(401));

        // Another process disables somebody.
        site.get("/", &[]).await;
        stays.frame_with(|frame| frame.now_on_site == 1).await;
        let elsewhere = server::state::open_store(&site.world.state.config).await.unwrap();
        assert!(elsewhere.disable_user("other@shop.test").await.unwrap());
        assert_eq!(stays.end().await, Some(4401));
        site.finish().await;
    }

    pub async fn counts_are_right_after_a_restart(world: World) {
        let admin = world.log_in("admin@shop.test", Role::Admin).await;
        let site = Site::with_doors(world, Rules::default());
        for _ in 0..3 {
            site.get("/", &[]).await;
        }
        let done = site.finish().await;
        // Somebody who left six minutes ago.
        let gone = now() - ON_SITE - 60_000;
        let insert = format!(
            "insert into change (id, at, about, news) \
             values (1000000, {gone}, 'facts', '{{\"visitors\":[[7,{gone}]],\"sales\":[],\"actions\":[],\"sessions\":[]}}')"
        );
        done.rows(&insert).await;
        // A server that starts now has only the log to go by.
        tokio::spawn(follow(done.world.state.store.clone(), done.world.state.live.clone()));
        let mut listener = Listener::connect(&done.world, &admin).await;
        let whole = listener.frame().await;
        assert_eq!((whole.now_on_site, whole.moments.len()), (3, 3), "{whole:?}");
    }
}

#[tokio::test]
async fn who_may_not_listen_is_refused_before_the_upgrade() {
    let world = World::sqlite(CONFIG).await;
    let cookies = [
        world.log_in("viewer@shop.test", Role::Viewer).await,
        world.log_in("analyst@shop.test", Role::Analyst).await,
        world.log_in("admin@shop.test", Role::Admin).await,
    ];
    let [viewer, analyst, admin] = cookies.each_ref().map(String::as_str);
    let cases: [(&[(&str, &str)], u16); 9] = [
        (&[("origin", OWN_ORIGIN)], 401),
        (&[("origin", OWN_ORIGIN), ("cookie", "ud_login=nothing")], 401),
        (&[("origin", OWN_ORIGIN), ("authorization", "Bearer nothing"), ("cookie", admin)], 401),
        (&[("origin", OWN_ORIGIN), ("cookie", viewer)], 101),
        (&[("origin", OWN_ORIGIN), ("cookie", analyst)], 101),
        (&[("origin", "https://evil.example"), ("cookie", admin)], 403),
        (&[("origin", "null"), ("cookie", admin)], 403),
        // A browser always names an origin.
        (&[("cookie", admin)], 403),
        (&[("origin", OWN_ORIGIN), ("cookie", admin)], 101),
    ];
    for (headers, status) in cases {
        let answer = Listener::try_connect(&world, headers).await.err().unwrap_or(101);
        assert_eq!(answer, status, "{headers:?}");
    }
    let plain = world.get(PATH).cookie(admin).header(ORIGIN, OWN_ORIGIN).send().await;
    assert_eq!((plain.status.as_u16(), plain.header("upgrade")), (426, "websocket"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_keep_their_distance_and_a_slow_client_skips_some() {
    let world = World::sqlite(CONFIG).await;
    let admin = world.log_in("admin@shop.test", Role::Admin).await;
    let site = shop(world);
    let mut quick = Listener::connect(&site.world, &admin).await;
    // Its connection takes two frames at most before somebody has to read.
    let mut slow = Listener::connect(&site.world, &admin).await;
    quick.frame().await;

    let began = Instant::now();
    let (mut times, mut pages) = (Vec::new(), 0);
    while began.elapsed() < Duration::from_secs(4) {
        // Somebody new each time: every commit has something to tell.
        site.get(&format!("/?utm_campaign={}", "x".repeat(200)), &[]).await;
        pages += 1;
        if let Ok(frame) = timeout(Duration::from_millis(15), quick.frame()).await {
            times.push((Instant::now(), frame));
        }
    }
    assert!((8..=18).contains(&times.len()), "{} frames of {pages} commits", times.len());
    let gaps: Vec<Duration> = times.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    // The clock of who listens is not the one of who sends.
    let close = gaps.iter().filter(|gap| **gap < Duration::from_millis(180)).count();
    assert!(close <= 1, "{gaps:?}");

    let last = times.last().unwrap().1.now_on_site;
    sleep(Duration::from_millis(700)).await; // the last page is told of
    let mut heard = Vec::new();
    while let Ok(frame) = timeout(Duration::from_millis(700), slow.frame()).await {
        heard.push(frame);
    }
    assert!(heard.len() < times.len() / 2, "{} frames of {}", heard.len(), times.len());
    let newest = heard.last().unwrap();
    assert!(newest.now_on_site >= last, "{} and {last}", newest.now_on_site);
    // It has missed frames, not what they told of late.
    let expected = pages.min(50);
    assert_eq!(newest.moments.len(), expected);
    site.finish().await;
}

#[tokio::test]
async fn connections_are_bounded_and_end_with_the_server() {
    let world = World::sqlite(CONFIG).await;
    let admin = world.log_in("admin@shop.test", Role::Admin).await;
    tokio::spawn(follow(world.state.store.clone(), world.state.live.clone()));
    let headers = [("origin", OWN_ORIGIN), ("cookie", admin.as_str())];
    let mut listeners = Vec::new();
    let refused = loop {
        match Listener::try_connect(&world, &headers).await {
            Ok(listener) => listeners.push(listener),
            Err(status) => break status,
        }
        assert!(listeners.len() < 1_000);
    };
    assert_eq!((refused, listeners.len()), (503, 256));
    drop(listeners.split_off(200));
    let began = Instant::now();
    let mut last = loop {
        if let Ok(listener) = Listener::try_connect(&world, &headers).await {
            break listener;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "places become free");
        sleep(Duration::from_millis(20)).await;
    };
    // Whatever a client says ends it: there is nothing to say.
    last.say("hello").await;
    assert_eq!(last.end().await, Some(1008));

    let began = Instant::now();
    let end = tokio::spawn({
        let live = world.state.live.clone();
        async move { live.end().await }
    });
    for listener in &mut listeners {
        assert_eq!(listener.end().await, Some(1001));
    }
    end.await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}
