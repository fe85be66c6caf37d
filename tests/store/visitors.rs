//! Who a visitor is: keys that go on from one another, visit numbers, first and last touch, registration, codes.

use crate::world::on_both;

on_both!(
    a_new_key_goes_on_with_the_visit_of_the_one_before,
    only_one_of_two_processes_goes_on_with_a_visit,
    fault_c3_visit_numbers_are_true,
    fault_c4_each_session_keeps_its_own_touch,
    fault_c5_registration_marks_the_visit_that_led_to_it,
    fault_c6_actions_of_the_first_request_are_linked,
    a_code_names_the_session_that_goes_on,
    what_a_later_request_says_of_the_client_goes_for_the_session,
    forgotten_visits_count_on,
);

mod cases {
    use std::sync::Arc;

    use utm_dispatcher::model::action::ActionKind;
    use utm_dispatcher::model::visitor::{Client, Hit, VisitorKey};
    use utm_dispatcher::model::{Millis, NewAction, Period};
    use utm_dispatcher::report::{Metric, Report, ReportQuery, Value};
    use utm_dispatcher::store::Fact;

    use crate::world::{MINUTE, NOON, World, fact, hit, key, page_view};

    const DAY: Millis = 24 * 60 * MINUTE;

    /// The request of a browser that was known as `before` until now.
    fn after(before: &[&str], hit: Hit) -> Hit {
        Hit { before: before.iter().map(|name| key(name)).collect(), ..hit }
    }

    async fn one_by_one(world: &World, facts: &[Fact]) {
        for fact in facts {
            world.store.ingest(std::slice::from_ref(fact)).await.unwrap();
        }
    }

    pub async fn a_new_key_goes_on_with_the_visit_of_the_one_before(world: World) {
        let landing = hit("day", "facebook", "winter");
        let cookie = |name| after(&["day"], hit(name, "", ""));
        one_by_one(
            &world,
            &[
                page_view(&landing, NOON),
                page_view(&cookie("anna"), NOON + 30 * MINUTE),
                // The old key is nobody's any more: the next browser of the address begins anew, and so on.
                page_view(&cookie("borys"), NOON + 31 * MINUTE),
                page_view(&landing, NOON + 32 * MINUTE),
                page_view(&cookie("anna"), NOON + 33 * MINUTE),
                page_view(&cookie("vira"), NOON + 62 * MINUTE + 1),
                // Over midnight: what was yesterday's key, behind one that nobody had.
                page_view(&after(&["today", "day"], hit("halyna", "", "")), NOON + 62 * MINUTE),
            ],
        )
        .await;
        let views = |name: &str| {
            format!(
                "select coalesce(sum(s.page_views), 0) from session s join visitor_key k on k.visitor_id = s.visitor_id \
                 where k.key = 'c{name}'"
            )
        };
        for (name, expected) in [("anna", 3), ("borys", 1), ("vira", 1), ("halyna", 2), ("day", 0), ("today", 0)] {
            assert_eq!(world.number(&views(name)).await, expected, "{name}");
        }
        assert_eq!(world.number("select count(*) from visitor").await, 4);

        // The same within one batch.
        let landing = hit("evening", "google", "");
        let batch = [page_view(&landing, NOON), page_view(&after(&["evening"], hit("daryna", "", "")), NOON + 1)];
        assert_eq!(world.store.ingest(&batch).await.unwrap().sessions, 1);
        assert_eq!(world.number(&views("daryna")).await, 2);
    }

    pub async fn only_one_of_two_processes_goes_on_with_a_visit(world: World) {
        let other = world.another_process(50_000).await;
        for round in 0..20 {
            let (day, at) = (format!("day{round}"), NOON + round * DAY);
            world.store.ingest(&[page_view(&hit(&day, "facebook", ""), at)]).await.unwrap();
            let goes_on = |name: &str| [page_view(&after(&[&day], hit(&format!("{name}{round}"), "", "")), at + 1)];
            let (one, two) = (goes_on("anna"), goes_on("borys"));
            let (one, two) = tokio::join!(world.store.ingest(&one), other.ingest(&two));
            assert_eq!(one.unwrap().sessions + two.unwrap().sessions, 1, "one goes on, the other one begins");
            // One cookie in two processes at once is one visitor.
            let again = [page_view(&after(&[&day], hit(&format!("vira{round}"), "", "")), at + 2)];
            let (one, two) = tokio::join!(world.store.ingest(&again), other.ingest(&again));
            assert_eq!(one.unwrap().sessions + two.unwrap().sessions, 1);
        }
        assert_eq!(world.number("select count(*) from visitor").await, 60);
        assert_eq!(world.number("select count(*) from visitor_key").await, 60);
    }

    pub async fn fault_c3_visit_numbers_are_true(world: World) {
        let tagged = hit("anna", "facebook", "winter");
        let plain = hit("anna", "", "");
        one_by_one(
            &world,
            &[
                page_view(&plain, NOON),
                page_view(&tagged, NOON + MINUTE),
                // A reload of the tagged address is no visit.
                page_view(&tagged, NOON + 2 * MINUTE),
                page_view(&plain, NOON + 3 * MINUTE),
                // A visit without a tag is one.
                page_view(&plain, NOON + DAY),
                page_view(&tagged, NOON + 2 * DAY),
                page_view(&hit("borys", "", ""), NOON + 2 * DAY),
            ],
        )
        .await;
        for (ordinal, started, is_first) in
            [(1, NOON, 1), (2, NOON + MINUTE, 0), (3, NOON + DAY, 0), (4, NOON + 2 * DAY, 0)]
        {
            let sql = format!(
                "select count(*) from session s join visitor_key k on k.visitor_id = s.visitor_id where \
                 k.key = 'canna' and s.ordinal = {ordinal} and s.started_at = {started} and s.is_first = {is_first}"
            );
            assert_eq!(world.number(&sql).await, 1, "visit {ordinal}");
        }
        let general = ReportQuery::new(Report::General, Period::AllTime);
        let table = world.store.report(&general, NOON + 2 * DAY).await.unwrap();
        assert_eq!(
            (table.total(Metric::Sessions), table.total(Metric::Visitors)),
            (&Value::Whole(5), &Value::Whole(2))
        );
        assert_eq!(
            world.number(&format!("select count(*) from visitor where last_seen = {}", NOON + 2 * DAY)).await,
            2
        );
        assert_eq!(world.number("select max(sessions) from visitor").await, 4);
    }

    pub async fn fault_c4_each_session_keeps_its_own_touch(world: World) {
        let clicked =
            |campaign: &str, click: &str| crate::world::clicked(hit("anna", "google", campaign), "gclid", click);
        one_by_one(
            &world,
            &[
                page_view(&clicked("winter", "x1"), NOON),
                page_view(&clicked("spring", "x2"), NOON + MINUTE),
                page_view(&hit("anna", "", ""), NOON + 2 * MINUTE),
                page_view(&clicked("spring", "x3"), NOON + 3 * MINUTE),
            ],
        )
        .await;
        for (ordinal, campaign, click, views) in
            [(1, "winter", "x1", 1), (2, "spring", "x2", 2), (3, "spring", "x3", 1)]
        {
            let sql = format!(
                "select count(*) from session s join touch t on t.id = s.touch_id where s.ordinal = {ordinal} and \
                 t.campaign = '{campaign}' and s.click_ids like '%{click}%' and s.page_views = {views}"
            );
            assert_eq!(world.number(&sql).await, 1, "{campaign} {click}");
        }
        let touches = "select count(*) from visitor v join touch f on f.id = v.first_touch_id \
                       join touch l on l.id = v.last_touch_id where f.campaign = 'winter' and l.campaign = 'spring'";
        assert_eq!(world.number(touches).await, 1);
    }

    pub async fn fault_c5_registration_marks_the_visit_that_led_to_it(world: World) {
        let anna = hit("anna", "facebook", "winter");
        let plain = hit("anna", "", "");
        let register = |at| fact(&plain, at, NewAction::new(ActionKind::Registration));
        one_by_one(
            &world,
            &[
                page_view(&anna, NOON),
                register(NOON + MINUTE),
                register(NOON + 2 * MINUTE),
                // Logged in: the cookie is the same, and so is the visitor.
                page_view(&plain, NOON + 3 * MINUTE),
                page_view(&plain, NOON + DAY),
                page_view(&hit("borys", "", ""), NOON),
            ],
        )
        .await;
        let at = NOON + MINUTE;
        let marked = format!(
            "select count(*) from session s join visitor v on v.id = s.visitor_id join touch t on t.id = s.touch_id \
             where s.registered_at = {at} and v.registered_at = {at} and t.campaign = 'winter' and s.page_views = 2"
        );
        assert_eq!(world.number(&marked).await, 1);
        assert_eq!(world.number("select count(*) from session where registered_at is not null").await, 1);
        assert_eq!(world.number("select count(*) from visitor where registered_at is not null").await, 1);
        assert_eq!(world.number("select sum(points) from action where kind = 'registration'").await, 0);
        assert_eq!(world.number("select count(*) from session where is_bounce = 1").await, 2);
    }

    pub async fn fault_c6_actions_of_the_first_request_are_linked(world: World) {
        let anna = hit("anna", "facebook", "winter");
        let view = NewAction { product_id: Some("17".into()), ..NewAction::new(ActionKind::ProductView) };
        world.store.ingest(&[page_view(&anna, NOON), fact(&anna, NOON, view)]).await.unwrap();
        let linked = "select count(*) from action a join session s on s.visitor_id = a.visitor_id and s.id = a.session_id \
                      join session_visitor o on o.session_id = s.id and o.visitor_id = s.visitor_id \
                      join visitor v on v.id = s.visitor_id and v.session_id = s.id";
        assert_eq!(world.number(linked).await, 2);
    }

    pub async fn what_a_later_request_says_of_the_client_goes_for_the_session(world: World) {
        let view = |hints: Option<&str>, version: &str, at| {
            let mut hit = hit("anna", "", "");
            hit.agent.platform_version = hints.map(str::to_owned);
            let client = Client { os: Some("Windows".into()), os_version: Some(version.into()), ..Client::default() };
            Fact { client: Arc::new(client), ..page_view(&hit, at) }
        };
        let versions = "select c.os_version from session s join client c on c.id = s.client_id order by s.id";
        one_by_one(&world, &[view(None, "10", NOON)]).await;
        assert_eq!(world.texts(versions).await, ["10"]);
        one_by_one(&world, &[view(Some("15.0.0"), "11", NOON + 1)]).await;
        assert_eq!(world.texts(versions).await, ["11"]);
        // What says less changes nothing; and in one batch it is the same.
        one_by_one(&world, &[view(None, "10", NOON + 2)]).await;
        let later = [
            view(None, "10", NOON + DAY),
            view(Some("15.0.0"), "11", NOON + DAY + 1),
            view(None, "10", NOON + DAY + 2),
        ];
        world.store.ingest(&later).await.unwrap();
        assert_eq!(world.texts(versions).await, ["11", "11"]);
    }

    pub async fn forgotten_visits_count_on(world: World) {
        let view = |source, at| page_view(&hit("anna", source, ""), at);
        one_by_one(&world, &[view("google", NOON), view("tiktok", NOON + DAY), view("facebook", NOON + 9 * DAY)]).await;
        let done = world.store.forget_before(NOON + 2 * DAY, 10, NOON + 9 * DAY).await.unwrap();
        assert_eq!(done.sessions, 2);
        one_by_one(&world, &[view("instagram", NOON + 5 * DAY)]).await;
        let of_anna = "from visitor v join visitor_key k on k.visitor_id = v.id join session s on s.visitor_id = v.id";
        let numbers = format!(
            "select t.source || ' ' || s.ordinal || ' ' || s.is_first {of_anna} join touch t on t.id = s.touch_id \
             order by s.started_at"
        );
        assert_eq!(world.texts(&numbers).await, ["instagram 3 0", "facebook 4 0"]);
        let touches = format!(
            "select count(*) {of_anna} and s.id = v.session_id join touch f on f.id = v.first_touch_id \
             join touch l on l.id = v.last_touch_id where f.source = 'google' and l.source = 'facebook' \
             and v.sessions = 4 and v.first_seen = {NOON}"
        );
        assert_eq!(world.number(&touches).await, 1);
    }

    pub async fn a_code_names_the_session_that_goes_on(world: World) {
        let other = world.another_process(50_000).await;
        let anna = hit("anna", "", "");
        let code = |at| world.store.session_code(&anna.visitor, at);
        assert_eq!(code(NOON).await.unwrap(), None, "not stored yet");
        world.store.ingest(&[page_view(&anna, NOON), page_view(&hit("borys", "", ""), NOON)]).await.unwrap();
        let (one, two) = tokio::join!(code(NOON + MINUTE), other.session_code(&anna.visitor, NOON + MINUTE));
        let first = one.unwrap().unwrap();
        assert_eq!(two.unwrap(), Some(first.clone()), "two processes agree");
        assert_eq!(code(NOON + 30 * MINUTE).await.unwrap(), Some(first.clone()));
        assert_eq!(code(NOON + 30 * MINUTE + 1).await.unwrap(), None, "the visit is over");
        world.store.ingest(&[page_view(&anna, NOON + DAY)]).await.unwrap();
        let second = code(NOON + DAY).await.unwrap().unwrap();
        let others = world.store.session_code(&VisitorKey("cborys".into()), NOON).await.unwrap().unwrap();
        assert!(first != second && others != first && others != second);
        let named = format!(
            "select count(*) from session_code c join session s on s.visitor_id = c.visitor_id and s.id = c.session_id \
             where c.code = '{first}' and s.ordinal = 1"
        );
        assert_eq!(world.number(&named).await, 1);
    }
}
