//! Messages of the shop: events once and all or none, orders to whom they belong, many in one transaction.

use crate::world::on_both;

on_both!(
    events_are_stored_once,
    what_is_refused_takes_its_own_message_along_and_no_other,
    what_was_acknowledged_is_stored_as_far_as_it_can_be,
    whom_only_memory_knew_is_owed_a_visit,
    events_find_their_session,
    whole_seconds_mean_any_moment_of_the_second,
    a_registration_that_the_shop_tells_marks_session_and_visitor,
    what_comes_long_after_the_visit_does_not_stretch_it,
    counters_points_and_repeats_are_those_of_live_traffic,
    fault_e1_a_lead_is_a_prepayment_and_no_promise,
    fault_e4_a_prepayment_is_no_purchase_and_no_revenue,
    an_event_that_names_an_order_is_the_orders_own,
    a_visitors_order_goes_to_the_last_session_before_it,
    a_named_session_wins,
    fault_e3_three_hundred_parallel_messages_are_stored_once,
    a_late_fact_that_opens_an_earlier_session_renumbers,
    large_groups_are_stored_whole,
);

mod cases {
    use utm_dispatcher::message::{BadField, Event, Message, Owner, Received};
    use utm_dispatcher::model::action::ActionKind;
    use utm_dispatcher::model::{Millis, Money, NewAction, OrderMessage, PaymentStatus};
    use utm_dispatcher::store::{Applied, Store};
    use utm_dispatcher::tracking::key;

    use crate::world::{MINUTE, NOON, World, fact, hit, order, page_view};

    fn of(name: &str) -> Owner {
        Owner::Key(crate::world::key(name))
    }

    fn event(id: &str, owner: Owner, at: Millis, action: NewAction) -> Event {
        Event { id: id.into(), owner, at, action }
    }

    fn plain(id: &str, owner: Owner, at: Millis, kind: &str) -> Event {
        event(id, owner, at, NewAction::new(ActionKind::from(kind)))
    }

    fn events(events: Vec<Event>) -> Received {
        Received { message: Message::Events(events), at: NOON }
    }

    fn said(order: OrderMessage, owner: Owner) -> Received {
        Received { message: Message::Order { order, owner }, at: NOON }
    }

    fn stored(stored: usize, duplicate: usize) -> Applied {
        Applied::Events { stored, duplicate, dropped: 0 }
    }

    async fn one(store: &Store, message: Received) -> Result<Applied, BadField> {
        store.apply(&[message]).await.unwrap().remove(0)
    }

    async fn visit(store: &Store, name: &str, at: Millis) {
        store.ingest(&[page_view(&hit(name, "instagram", ""), at)]).await.unwrap();
    }

    pub async fn events_are_stored_once(world: World) {
        let store = &world.store;
        visit(store, "anna", NOON).await;
        let add = |id| plain(id, of("anna"), NOON + 1, "add_to_cart");
        let batch = events(vec![add("a1"), add("a2"), add("a1")]);
        assert_eq!(one(store, batch.clone()).await, Ok(stored(2, 1)));
        assert_eq!(one(store, batch).await, Ok(stored(0, 3)));
        // Another content under the same id changes nothing.
        assert_eq!(one(store, events(vec![plain("a1", of("anna"), NOON + 9, "search")])).await, Ok(stored(0, 1)));
        assert_eq!(world.number("select count(*) from action").await, 3);
        assert_eq!(world.number("select add_to_cart * 10 + searches from session").await, 20);
        assert_eq!(world.number("select points from session").await, 1 + 10);
    }

    pub async fn what_is_refused_takes_its_own_message_along_and_no_other(world: World) {
        let store = &world.store;
        visit(store, "anna", NOON).await;
        let click = |id, owner| plain(id, owner, NOON + 1, "click");
        let lost = Owner::Session("lost".into());
        let answers = store
            .apply(&[
                events(vec![click("a1", of("anna")), click("a2", lost.clone())]),
                events(vec![click("a1", of("anna"))]),
                said(order("N1", NOON, PaymentStatus::Paid), lost),
                said(
                    OrderMessage { refunded: Money(149_901), ..order("N2", NOON, PaymentStatus::Paid) },
                    Owner::Nobody,
                ),
                said(order("N3", NOON, PaymentStatus::Paid), Owner::Nobody),
            ])
            .await
            .unwrap();
        let field = |place: usize| answers[place].as_ref().unwrap_err().field.clone();
        assert_eq!(field(0), "events[1].session");
        assert_eq!(answers[1], Ok(stored(1, 0)));
        assert_eq!((field(2), field(3)), ("session".into(), "refunded".into()));
        assert_eq!(answers[4], Ok(Applied::Created));
        assert_eq!(world.number("select count(*) from action where kind = 'click'").await, 1);
        assert_eq!(world.number("select count(*) from orders").await, 1);
        // A number whose order was refused is still free.
        assert_eq!(one(store, said(order("N1", NOON, PaymentStatus::Paid), Owner::Nobody)).await, Ok(Applied::Created));
    }

    pub async fn what_was_acknowledged_is_stored_as_far_as_it_can_be(world: World) {
        let store = &world.store;
        visit(store, "anna", NOON).await;
        let click = |id, owner| plain(id, owner, NOON + 1, "click");
        let lost = || Owner::Session("lost".into());
        let batch = events(vec![click("a1", of("anna")), click("a2", lost()), click("a3", of("anna"))]);
        let paid = |number, owner| said(order(number, NOON + 1, PaymentStatus::Paid), owner);
        let messages = [batch, paid("N1", lost()), paid("N2", Owner::Code("lost".into())), paid("N3", of("anna"))];
        let answers = store.apply_acknowledged(&messages).await.unwrap();
        assert_eq!(answers.len(), 6, "one for each event and each order");
        assert_eq!(answers[1].as_ref().unwrap_err().field, "session");
        assert_eq!((&answers[0], &answers[2]), (&Ok(stored(1, 0)), &Ok(stored(1, 0))));
        assert_eq!(answers[3..], [Ok(Applied::Created), Ok(Applied::Created), Ok(Applied::Created)]);
        assert_eq!(world.number("select count(*) from action where kind = 'click'").await, 2);
        assert_eq!(world.number("select count(*) from orders where session_id is null").await, 2);
        // Whoever knows the buyer later says so.
        assert_eq!(one(store, paid("N1", of("anna"))).await, Ok(Applied::Merged));
        assert_eq!(world.number("select orders from session").await, 2);
    }

    pub async fn whom_only_memory_knew_is_owed_a_visit(world: World) {
        let store = &world.store;
        let click = |id: &str, name, at| plain(id, of(name), at, "click");
        let placed = |number, name, at| said(order(number, at, PaymentStatus::Paid), of(name));
        let messages = [
            placed("N1", "anna", NOON),
            events(vec![click("a1", "anna", NOON + 1), click("b1", "bohdan", NOON - 60 * MINUTE)]),
            events(vec![click("b2", "bohdan", NOON)]),
            // Told as it was placed, and told long afterwards.
            placed("N2", "vira", NOON - 30 * MINUTE),
            placed("N3", "hanna", NOON - 30 * MINUTE - 1),
        ];
        for _ in 0..2 {
            let answers = store.apply_acknowledged(&messages).await.unwrap();
            assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        }
        assert_eq!(
            world.texts("select number from orders where session_id is not null order by number").await,
            ["N1", "N2"]
        );
        let visits = "select source || ' ' || channel || ' ' || cast(s.other_actions as text) || ' ' || cast(s.orders as text) \
                      from session s join touch t on t.id = s.touch_id order by started_at";
        assert_eq!(world.texts(visits).await, ["direct direct 2 0", "direct direct 0 1", "direct direct 1 1"]);
        // Whoever was known only later did it in their first visit.
        visit(store, "dana", NOON).await;
        let early = events(vec![click("d1", "dana", NOON - 60 * MINUTE)]);
        one(store, early.clone()).await.unwrap_err();
        assert_eq!(store.apply_acknowledged(&[early]).await.unwrap(), [Ok(stored(1, 0))]);
        assert_eq!(world.number("select count(*) from session").await, 4);
        assert_eq!(world.number("select count(*) from visitor where sessions = 1").await, 4);
    }

    pub async fn whole_seconds_mean_any_moment_of_the_second(world: World) {
        let store = &world.store;
        visit(store, "anna", NOON + 300).await;
        let click = |id, at| events(vec![plain(id, of("anna"), at, "click")]);
        assert_eq!(one(store, click("a1", NOON)).await, Ok(stored(1, 0)));
        for (id, at) in [("a2", NOON + 299), ("a3", NOON - 1000)] {
            one(store, click(id, at)).await.unwrap_err();
        }
        for (number, at) in [("N1", NOON), ("N2", NOON + 299), ("N3", NOON - 1000)] {
            one(store, said(order(number, at, PaymentStatus::Paid), of("anna"))).await.unwrap();
        }
        let attributed = "select number from orders where session_id is not null";
        assert_eq!(world.texts(attributed).await, ["N1"]);
        assert_eq!(world.number("select duration from session").await, 0);
    }

    pub async fn a_registration_that_the_shop_tells_marks_session_and_visitor(world: World) {
        let store = &world.store;
        visit(store, "anna", NOON).await;
        for (id, at) in [("a1", NOON + 20), ("a2", NOON + 10), ("a3", NOON + 30)] {
            let told = event(id, of("anna"), at, NewAction::new(ActionKind::Registration));
            one(store, events(vec![told])).await.unwrap();
        }
        assert_eq!(world.number("select registered_at from session").await, NOON + 10);
        assert_eq!(world.number("select registered_at from visitor").await, NOON + 10);
    }

    pub async fn events_find_their_session(world: World) {
        let store = &world.store;
        let cookie = "0123456789abcdef0123456789abcdef";
        let mut anna = hit("anna", "instagram", "");
        anna.visitor = key::of_name(cookie);
        for minute in [0, 120, 240] {
            store.ingest(&[page_view(&anna, NOON + minute * MINUTE)]).await.unwrap();
        }
        let last = world.number("select id from session where ordinal = 3").await;
        let by_visitor = Owner::Visitor(cookie.into());
        let cases = [
            ("in the first", by_visitor.clone(), 29, Some(1)),
            ("long after the first", by_visitor.clone(), 100, Some(1)),
            ("at the start of the second", by_visitor.clone(), 120, Some(2)),
            ("long after all", by_visitor.clone(), 600, Some(3)),
            ("before all", by_visitor, -1, None),
            ("named by our id, whenever", Owner::Session(last.to_string()), 0, Some(3)),
            ("our id, written otherwise", Owner::Session(format!("0{last}")), 0, None),
            ("a stranger", Owner::Visitor("stranger".into()), 5, None),
        ];
        for (what, owner, minute, ordinal) in cases {
            let told = one(store, events(vec![plain(what, owner, NOON + minute * MINUTE, "click")])).await;
            assert_eq!(told.is_ok(), ordinal.is_some(), "{what}: {told:?}");
            if let Some(ordinal) = ordinal {
                let found = "select s.ordinal from action a join session s on s.id = a.session_id \
                             order by a.id desc limit 1";
                assert_eq!(world.number(found).await, ordinal, "{what}");
            }
        }
    }

    pub async fn what_comes_long_after_the_visit_does_not_stretch_it(world: World) {
        let store = &world.store;
        visit(store, "anna", NOON).await;
        let after = |id, minutes| events(vec![plain(id, of("anna"), NOON + minutes * MINUTE, "click")]);
        one(store, after("a1", 31)).await.unwrap();
        assert_eq!(world.number("select duration from session").await, 0);
        one(store, after("a2", 30)).await.unwrap();
        assert_eq!(world.number("select duration from session").await, 1800);
        one(store, after("a3", -5)).await.unwrap_err();
        assert_eq!(world.number("select other_actions from session").await, 2);
        assert_eq!(world.number("select count(*) from session where is_bounce = 0").await, 1);
    }

    pub async fn counters_points_and_repeats_are_those_of_live_traffic(world: World) {
        let store = &world.store;
        let cart = |product: &str| NewAction {
            product_id: Some(product.into()),
            value: Some(Money(49_900)),
            page: Some("/cart".into()),
            metadata: Some("{\"size\":\"M\"}".into()),
            ..NewAction::new(ActionKind::AddToCart)
        };
        let actions = || {
            let other = |kind: &str| NewAction::new(ActionKind::from(kind));
            let lead = NewAction { value: Some(Money(20_000)), ..other("lead") };
            vec![cart("1"), cart("1"), cart("2"), other("search"), other("survey_start"), lead, other("purchase")]
        };
        for name in ["live", "told"] {
            visit(store, name, NOON).await;
        }
        for (place, action) in actions().into_iter().enumerate() {
            let at = NOON + i64::try_from(place).unwrap();
            store.ingest(&[fact(&hit("live", "", ""), at, action.clone())]).await.unwrap();
            one(store, events(vec![event(&place.to_string(), of("told"), at, action)])).await.unwrap();
        }
        let differing = "select count(*) from (select distinct duration, is_bounce, page_views, add_to_cart, searches, \
                         other_actions, action_points, sale_points, points, has_lead, has_purchase, is_converted, \
                         converted_at from session) x";
        assert_eq!(world.number(differing).await, 1);
        assert_eq!(world.number("select min(points) from session").await, 1 + 10 + 10 + 2 + 52);
        let rows = "select count(*) from (select distinct at, kind, subject, page_id, product_id, value, points, metadata \
                    from action) x";
        assert_eq!(world.number(rows).await, 8);
        assert_eq!(world.number("select count(*) from action where metadata = '{\"size\":\"M\"}'").await, 6);
    }

    pub async fn fault_e1_a_lead_is_a_prepayment_and_no_promise(world: World) {
        visit(&world.store, "anna", NOON).await;
        let converted = || world.number("select is_converted * 10 + has_lead from session");
        // The invoice is out, and is being paid: nothing has come yet.
        for status in [PaymentStatus::Unpaid, PaymentStatus::Checking] {
            one(&world.store, said(order("N1", NOON, status), of("anna"))).await.unwrap();
            assert_eq!(converted().await, 0, "{status}");
        }
        one(&world.store, said(order("N1", NOON, PaymentStatus::Prepaid), of("anna"))).await.unwrap();
        assert_eq!(converted().await, 11);
    }

    pub async fn fault_e4_a_prepayment_is_no_purchase_and_no_revenue(world: World) {
        visit(&world.store, "anna", NOON).await;
        let prepaid = OrderMessage { pay_type: "prepay_200".into(), ..order("N1", NOON, PaymentStatus::Prepaid) };
        one(&world.store, said(prepaid, of("anna"))).await.unwrap();
        assert_eq!(world.number("select has_purchase + orders + revenue from session").await, 0);
        assert_eq!(world.number("select count(*) from action where kind = 'purchase'").await, 0);
        assert_eq!(world.number("select value from action where kind = 'lead'").await, 20_000);
    }

    pub async fn an_event_that_names_an_order_is_the_orders_own(world: World) {
        let store = &world.store;
        let purchase = |number: &str| NewAction { order: Some(number.into()), ..NewAction::new(ActionKind::Purchase) };
        let told = |who: &str, id: &str, number: &str| events(vec![event(id, of(who), NOON + 2, purchase(number))]);
        let paid = |who: &str, number: &str| said(order(number, NOON + 1, PaymentStatus::Paid), of(who));
        for who in ["first", "last", "never"] {
            visit(store, who, NOON).await;
        }
        // The event before the order …
        assert_eq!(one(store, told("first", "a1", "N1")).await, Ok(stored(1, 0)));
        assert_eq!(world.number("select sum(is_converted) + sum(points) from session").await, 3);
        assert_eq!(one(store, told("first", "a2", "N1")).await, Ok(stored(0, 1)), "told twice under two names");
        assert_eq!(one(store, paid("first", "N1")).await, Ok(Applied::Created));
        // … the order before the event …
        assert_eq!(one(store, paid("last", "N2")).await, Ok(Applied::Created));
        assert_eq!(one(store, told("last", "a3", "N2")).await, Ok(stored(0, 1)));
        // … both at once, and an order that never comes.
        let both = [paid("last", "N3"), told("last", "a4", "N3"), told("never", "a5", "N9")];
        let both = store.apply(&both).await.unwrap();
        assert_eq!(both, [Ok(Applied::Created), Ok(stored(1, 0)), Ok(stored(1, 0))]);

        assert_eq!(world.number("select count(*) from action where kind = 'purchase'").await, 4);
        assert_eq!(world.number("select sum(points) from action where kind = 'purchase'").await, 3 * 114);
        assert_eq!(world.number("select sum(is_converted) * 10 + sum(orders) from session").await, 23);
        assert_eq!(world.number("select sum(sale_points) from session").await, 3 * 114);
        assert_eq!(world.number("select sum(is_bounce) from session").await, 0);
        // What is seen later is no reason to call it a bounce again.
        store.ingest(&[page_view(&hit("last", "instagram", ""), NOON + 5)]).await.unwrap();
        assert_eq!(world.number("select sum(is_bounce) from session").await, 0);
    }

    pub async fn a_visitors_order_goes_to_the_last_session_before_it(world: World) {
        let store = &world.store;
        let mut anna = hit("anna", "instagram", "");
        anna.visitor = key::of_name("v1");
        for minute in [0, 120, 240] {
            store.ingest(&[page_view(&anna, NOON + minute * MINUTE)]).await.unwrap();
        }
        for (number, minute) in [("N0", -1), ("N1", 0), ("N2", 239), ("N3", 2400)] {
            let owner = Owner::Visitor("v1".into());
            one(store, said(order(number, NOON + minute * MINUTE, PaymentStatus::Paid), owner)).await.unwrap();
        }
        let ordinal = |number: &str| {
            format!(
                "coalesce((select s.ordinal from orders o join session s on s.id = o.session_id \
                 where o.number = '{number}'), 0)"
            )
        };
        for (number, expected) in [("N0", 0), ("N1", 1), ("N2", 2), ("N3", 3)] {
            assert_eq!(world.number(&ordinal(number)).await, expected, "{number}");
        }
    }

    pub async fn a_named_session_wins(world: World) {
        let store = &world.store;
        visit(store, "anna", NOON).await;
        visit(store, "borys", NOON).await;
        let session = world
            .number(
                "select s.id from session s join visitor_key k on k.visitor_id = s.visitor_id where k.key = 'cborys'",
            )
            .await;
        let paid = order("N1", NOON + 1, PaymentStatus::Paid);
        one(store, said(paid.clone(), of("anna"))).await.unwrap();
        let of_borys = "select coalesce(sum(revenue), 0) from session where id = ";
        assert_eq!(world.number(&format!("{of_borys} {session}")).await, 0);
        // The shop has asked: it was borys. His session has it all now, and anna's nothing.
        let named = said(paid.clone(), Owner::Session(session.to_string()));
        assert_eq!(one(store, named.clone()).await, Ok(Applied::Merged));
        assert_eq!(world.number(&format!("{of_borys} {session}")).await, 149_900);
        assert_eq!(world.number("select sum(revenue) + sum(sale_points) from session").await, 149_900 + 114);
        assert_eq!(world.number("select count(*) from action where kind = 'purchase'").await, 1);
        assert_eq!(world.number("select count(*) from orders").await, 1);
        let together = "select count(*) from action a join orders o on o.visitor_id = a.visitor_id \
                        and o.session_id = a.session_id join order_number n on n.visitor_id = o.visitor_id";
        assert_eq!(world.number(together).await, 2, "his page view and the purchase");
        // Whoever names no session leaves it there.
        assert_eq!(one(store, said(paid, of("anna"))).await, Ok(Applied::Ignored));
        assert_eq!(one(store, named).await, Ok(Applied::Ignored));
    }

    pub async fn fault_e3_three_hundred_parallel_messages_are_stored_once(world: World) {
        visit(&world.store, "anna", NOON).await;
        let other = world.another_process(50_000).await;
        let tasks: Vec<_> = (0..300)
            .map(|task| {
                let store = if task % 2 == 0 { world.store.clone() } else { other.clone() };
                // The payment provider and the returning buyer tell the same, in any order.
                let status = if task % 3 == 0 { PaymentStatus::Checking } else { PaymentStatus::Paid };
                let purchase = NewAction { order: Some("N1".into()), ..NewAction::new(ActionKind::Purchase) };
                let told = events(vec![
                    event("a1", of("anna"), NOON + 2, purchase),
                    plain("a2", of("anna"), NOON + 3, "add_to_cart"),
                ]);
                tokio::spawn(async move { store.apply(&[said(order("N1", NOON + 1, status), of("anna")), told]).await })
            })
            .collect();
        let (mut created, mut events) = (0, 0);
        for task in tasks {
            for answer in task.await.unwrap().unwrap() {
                match answer.unwrap() {
                    Applied::Created => created += 1,
                    Applied::Events { stored, duplicate, dropped } => {
                        assert_eq!((stored + duplicate, dropped), (2, 0));
                        events += stored;
                    }
                    Applied::Merged | Applied::Ignored => {}
                }
            }
        }
        assert_eq!(created, 1);
        assert!((1..=2).contains(&events), "the purchase is told by the event or by the order");
        assert_eq!(world.number("select count(*) from orders").await, 1);
        assert_eq!(world.number("select count(*) from action where kind = 'purchase'").await, 1);
        assert_eq!(world.number("select sum(points) from action where kind <> 'page_view'").await, 114 + 10);
        let session = "select orders * 1000000 + revenue + sale_points + add_to_cart from session";
        assert_eq!(world.number(session).await, 1_000_000 + 149_900 + 114 + 1);
    }

    pub async fn a_late_fact_that_opens_an_earlier_session_renumbers(world: World) {
        let store = &world.store;
        store.ingest(&[page_view(&hit("anna", "google", ""), NOON)]).await.unwrap();
        store.ingest(&[page_view(&hit("anna", "tiktok", ""), NOON + 100 * MINUTE)]).await.unwrap();
        store.ingest(&[page_view(&hit("anna", "facebook", ""), NOON - 100 * MINUTE)]).await.unwrap();
        let ordinal = |source: &str| {
            format!(
                "select s.ordinal * 10 + s.is_first from session s join touch t on t.id = s.touch_id \
                 where t.source = '{source}'"
            )
        };
        for (source, expected) in [("facebook", 11), ("google", 20), ("tiktok", 30)] {
            assert_eq!(world.number(&ordinal(source)).await, expected, "{source}");
        }
        let touches = "select count(*) from visitor v join touch f on f.id = v.first_touch_id \
                       join touch l on l.id = v.last_touch_id join session s on s.id = v.session_id \
                       where f.source = 'facebook' and l.source = 'tiktok' and s.ordinal = 3 and v.sessions = 3 \
                       and v.first_seen = ";
        assert_eq!(world.number(&format!("{touches} {}", NOON - 100 * MINUTE)).await, 1);
    }

    pub async fn large_groups_are_stored_whole(world: World) {
        let store = &world.store;
        let people: Vec<_> = (0..300).map(|who| page_view(&hit(&format!("v{who}"), "", ""), NOON)).collect();
        store.ingest(&people).await.unwrap();
        let batch = |batch: usize| {
            let event = |number: usize| {
                let id = format!("{batch}-{number}");
                plain(&id, of(&format!("v{}", (batch * 7 + number) % 300)), NOON + 1, "add_to_cart")
            };
            events((0..500).map(event).collect())
        };
        let messages: Vec<_> = (0..8).map(batch).collect();
        for _ in 0..2 {
            store.apply(&messages).await.unwrap().into_iter().for_each(|answer| assert!(answer.is_ok()));
        }
        assert_eq!(world.number("select sum(add_to_cart) from session").await, 4000);
        assert_eq!(world.number("select sum(points) from session").await, 300 * 11);
        assert_eq!(world.number("select count(*) from action").await, 4300);
    }
}
