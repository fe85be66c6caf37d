//! Imports: sessions as they are given, everything once, in whatever order it comes.

use crate::world::on_both;

on_both!(
    a_file_twice_changes_nothing,
    a_session_is_one_as_given,
    earlier_sessions_are_counted_anew,
    dropped_sessions_drop_what_was_done_in_them,
    what_is_referred_to_comes_first,
    fault_e5_a_status_that_changed_elsewhere_converts_and_is_taken_back,
    spend_is_replaced,
);

mod cases {
    use utm_dispatcher::message::{Event, Owner, SpendLine};
    use utm_dispatcher::model::action::ActionKind;
    use utm_dispatcher::model::visitor::{Client, Hit, Place};
    use utm_dispatcher::model::{Millis, Money, NewAction, OrderMessage, OrderStatus, PaymentStatus};
    use utm_dispatcher::store::{Entry, Imported, ImportedSession};
    use utm_dispatcher::tracking::key;

    use crate::world::{MINUTE, NOON, World, hit, order, page_view};

    fn session(name: &str, visitor: &str, source: &str, at: Millis) -> Entry {
        let hit = Hit { at, visitor: key::of_name(visitor), ..hit("", source, "") };
        let (client, place) = (Client::default(), Place::default());
        Entry::Session(Box::new(ImportedSession { name: name.into(), hit, client, place, last_seen: at + 5 * MINUTE }))
    }

    fn of(session: &str) -> Owner {
        Owner::Session(session.into())
    }

    fn action(id: &str, session: &str, at: Millis, kind: &str) -> Entry {
        Entry::Action(Event { id: id.into(), owner: of(session), at, action: NewAction::new(ActionKind::from(kind)) })
    }

    fn spend(day: &str, amount: i64) -> Entry {
        Entry::Spend(SpendLine {
            day: day.into(),
            source: "facebook".into(),
            medium: "cpc".into(),
            campaign: "winter".into(),
            content: "N/A".into(),
            amount: Money(amount),
            clicks: 3,
            impressions: 40,
        })
    }

    const EVERYTHING: &str = "select (select count(*) from session) * 1000000 + (select count(*) from action) * 100000 \
        + (select sum(points) from session) * 100 + (select count(*) from orders) * 10 + (select count(*) from spend)";

    pub async fn a_file_twice_changes_nothing(world: World) {
        let purchase = NewAction { order: Some("N1".into()), ..NewAction::new(ActionKind::Purchase) };
        let lines = [
            session("s1", "v1", "google", NOON),
            action("a1", "s1", NOON + 1, "add_to_cart"),
            Entry::Action(Event { id: "a2".into(), owner: of("s1"), at: NOON + 2, action: purchase }),
            Entry::Order(order("N1", NOON + 2, PaymentStatus::Paid), of("s1")),
            Entry::Order(order("N2", NOON + 2, PaymentStatus::Prepaid), Owner::Visitor("v1".into())),
            session("s1", "v2", "other", NOON + 9),
            spend("2026-11-20", 120_000),
        ];
        let new = Imported::New;
        let first = world.store.import(&lines).await.unwrap();
        assert_eq!(first, [&new, &new, &new, &new, &new, &Imported::Duplicate, &new].map(Clone::clone));
        let after = world.number(EVERYTHING).await;
        assert_eq!(after, 1_000_000 + 3 * 100_000 + (10 + 114 + 64) * 100 + 20 + 1);
        let again = world.store.import(&lines).await.unwrap();
        assert_eq!(again, vec![Imported::Duplicate; lines.len()]);
        // One by one as well, as another process would.
        for line in lines {
            let again = world.another_process(50_000).await.import(&[line]).await.unwrap();
            assert_eq!(again, [Imported::Duplicate]);
        }
        assert_eq!(world.number(EVERYTHING).await, after);
        assert_eq!(world.number("select count(*) from visitor").await, 1);
    }

    pub async fn a_session_is_one_as_given(world: World) {
        // Within half an hour, from the same link: two, because they are given as two.
        let lines = [session("s1", "v1", "google", NOON), session("s2", "v1", "google", NOON + MINUTE)];
        world.store.import(&lines).await.unwrap();
        assert_eq!(world.number("select count(*) from session where duration = 300 and page_views = 0").await, 2);
        assert_eq!(world.number("select sum(is_bounce) from session").await, 2);
        let stored = world.store.import(&[action("a1", "s2", NOON + MINUTE, "product_view")]).await.unwrap();
        assert_eq!(stored, [Imported::New]);
        assert_eq!(world.number("select sum(is_bounce) * 10 + sum(product_views) from session").await, 11);
        // Where it ended is told: what was done after that makes it no longer.
        world.store.import(&[action("a2", "s2", NOON + 20 * MINUTE, "click")]).await.unwrap();
        assert_eq!(world.number("select other_actions * 1000 + duration from session where ordinal = 2").await, 1300);
        // Live traffic and the shop's events go on where the import ends.
        let live = Hit { visitor: key::of_name("v1"), ..hit("", "google", "") };
        assert_eq!(world.store.ingest(&[page_view(&live, NOON + 7 * MINUTE)]).await.unwrap().sessions, 0);
        assert_eq!(world.number("select page_views * 1000 + duration from session where ordinal = 2").await, 1360);
    }

    pub async fn earlier_sessions_are_counted_anew(world: World) {
        let later = [session("s3", "v1", "tiktok", NOON + 90 * MINUTE), session("s2", "v1", "google", NOON)];
        world.store.import(&later).await.unwrap();
        world.store.import(&[session("s1", "v1", "facebook", NOON - 90 * MINUTE)]).await.unwrap();
        for (ordinal, source) in [(1, "facebook"), (2, "google"), (3, "tiktok")] {
            let found = format!(
                "select s.ordinal * 10 + s.is_first from session s join touch t on t.id = s.touch_id \
                 where t.source = '{source}'"
            );
            assert_eq!(world.number(&found).await, ordinal * 10 + i64::from(ordinal == 1), "{source}");
        }
        let touches = "select count(*) from visitor v join touch f on f.id = v.first_touch_id \
                       join touch l on l.id = v.last_touch_id where f.source = 'facebook' and l.source = 'tiktok' \
                       and v.sessions = 3";
        assert_eq!(world.number(touches).await, 1);
    }

    pub async fn dropped_sessions_drop_what_was_done_in_them(world: World) {
        let lines = [
            Entry::Dropped("bot".into()),
            action("a1", "bot", NOON, "add_to_cart"),
            Entry::Order(order("N1", NOON, PaymentStatus::Paid), of("bot")),
        ];
        let (dropped, new) = (Imported::Dropped, Imported::New);
        assert_eq!(world.store.import(&lines).await.unwrap(), [&dropped, &dropped, &new].map(Clone::clone));
        // It is remembered by later runs; the sale is one, though nobody's.
        let again = world.store.import(&lines).await.unwrap();
        assert_eq!(again, [&dropped, &dropped, &Imported::Duplicate].map(Clone::clone));
        let more = world.store.import(&[action("a2", "bot", NOON, "click")]).await.unwrap();
        assert_eq!(more, [Imported::Dropped]);
        let rows = "select (select count(*) from session) + (select count(*) from action) * 10 \
                    + (select count(*) from orders where visitor_id = 0) * 100";
        assert_eq!(world.number(rows).await, 100);
    }

    pub async fn what_is_referred_to_comes_first(world: World) {
        let lines = [
            action("a1", "s1", NOON, "click"),
            session("s1", "v1", "google", NOON),
            action("a2", "s1", NOON, "click"),
            Entry::Order(order("N1", NOON, PaymentStatus::Paid), of("nowhere")),
        ];
        let became = world.store.import(&lines).await.unwrap();
        let refused = |place: usize| match &became[place] {
            Imported::Refused(bad) => bad.to_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(0), "session: “s1” came; allowed is a session of a line before this one");
        assert_eq!(refused(3), "session: “nowhere” came; allowed is the id of a session that is known");
        assert_eq!((&became[1], &became[2]), (&Imported::New, &Imported::New));
        assert_eq!(world.number("select count(*) from action").await, 1);
        assert_eq!(world.number("select count(*) from orders").await, 0);
    }

    pub async fn fault_e5_a_status_that_changed_elsewhere_converts_and_is_taken_back(world: World) {
        // Cash on delivery: paid when the carrier says so, sent back a day later.
        let at = |minute: i64, state: OrderMessage| {
            let updated_at = Some(NOON + minute * MINUTE);
            Entry::Order(OrderMessage { pay_type: "cod".into(), updated_at, ..state }, of("s1"))
        };
        let placed = at(1, order("N1", NOON, PaymentStatus::Unpaid));
        let paid = OrderMessage { status: OrderStatus::Done, ..order("N1", NOON, PaymentStatus::Paid) };
        let returned = OrderMessage { status: OrderStatus::Returned, ..paid.clone() };
        let figures = "select is_converted * 1000000 + revenue + sale_points from session";
        world.store.import(&[session("s1", "v1", "google", NOON), placed.clone()]).await.unwrap();
        assert_eq!(world.number(figures).await, 0);
        world.store.import(&[at(2, paid.clone())]).await.unwrap();
        assert_eq!(world.number(figures).await, 1_000_000 + 149_900 + 114);
        assert_eq!(world.number("select converted_at from session").await, NOON + 2 * MINUTE);
        world.store.import(&[at(3, returned), at(2, paid), placed]).await.unwrap();
        assert_eq!(world.number(figures).await, 0);
        assert_eq!(world.number("select points from action where kind = 'purchase'").await, 0);
    }

    pub async fn spend_is_replaced(world: World) {
        let became = |lines: Vec<Entry>| {
            let store = world.store.clone();
            async move { store.import(&lines).await.unwrap() }
        };
        let (new, duplicate) = (Imported::New, Imported::Duplicate);
        assert_eq!(became(vec![spend("2026-11-20", 5), spend("2026-11-21", 7)]).await, [&new, &new].map(Clone::clone));
        assert_eq!(became(vec![spend("2026-11-20", 6), spend("2026-11-20", 9)]).await, [&new, &new].map(Clone::clone));
        assert_eq!(became(vec![spend("2026-11-20", 9)]).await, [duplicate]);
        assert_eq!(world.number("select sum(amount) * 100 + count(*) from spend").await, 1602);
    }
}
