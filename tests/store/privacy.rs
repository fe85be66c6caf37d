//! What identifies goes; figures stay.

use crate::world::on_both;

on_both!(
    fault_p1_what_identifies_can_be_erased_and_grows_old,
    fault_p2_forgetting_visits_keeps_their_history,
    addresses_are_cut_when_they_are_old,
    an_erased_visitor_is_nobody_to_come_back_to,
    a_visitor_is_erased_by_whatever_names_them,
    an_email_is_found_in_whatever_case_it_was_written,
    what_is_told_of_forgotten_visits_is_forgotten_too,
);

mod cases {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    use utm_dispatcher::message::{Event, Message, Owner, Received};
    use utm_dispatcher::model::action::ActionKind;
    use utm_dispatcher::model::visitor::Hit;
    use utm_dispatcher::model::{AddressPolicy, Millis, Money, NewAction, OrderMessage, PaymentStatus, Period};
    use utm_dispatcher::report::{Key, Metric, Report, ReportQuery, Value};
    use utm_dispatcher::store::{Applied, Forgotten, Whom};
    use utm_dispatcher::tracking::key::of_name;

    use crate::world::{MINUTE, NOON, World, clicked, fact, hit, key, order, page_view};

    const DAY: Millis = 24 * 60 * MINUTE;
    /// How many people there are.
    const PEOPLE: usize = 4;

    /// Stands in everything that identifies a person but the address.
    fn mark(who: usize) -> String {
        format!("person{who}x")
    }

    fn address(who: usize) -> [u8; 4] {
        [198, 51, 100, 10 + u8::try_from(who).unwrap()]
    }

    fn person(who: usize, campaign: usize) -> Hit {
        let mark = mark(who);
        let mut hit = hit(&mark, ["", "facebook", "google"][campaign], ["", "winter", "winter"][campaign]);
        if campaign > 0 {
            hit = clicked(hit, "gclid", &format!("click-{mark}"));
        }
        hit.meta_cookies = (Some(format!("fb.1.{mark}")), Some(format!("fb.2.{mark}")));
        hit.referrer = Some(format!("https://blog.example/post?reader={mark}"));
        hit.ip = Some(address(who).into());
        hit.agent.user_agent = format!("Mozilla/5.0 ({mark})");
        hit
    }

    /// What somebody does: who, how many minutes after the last, from which campaign, what.
    type Step = (usize, i64, usize, usize);

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        prop::collection::vec((0..PEOPLE, prop_oneof![1..20_i64, 40..4000_i64], 0..3_usize, 0..6_usize), 30..60)
    }

    /// Stores a history, in which everybody appears and orders, and returns when it ended.
    async fn live(world: &World, round: &str, steps: &[Step]) -> Millis {
        let mut at = NOON;
        let everybody = (0..PEOPLE).map(|who| (who, 50, 1, 5));
        for (number, (who, gap, campaign, what)) in everybody.chain(steps.iter().copied()).enumerate() {
            at += gap * MINUTE;
            let hit = person(who, campaign);
            let mut facts = vec![page_view(&hit, at)];
            let with_product = |kind| NewAction { product_id: Some("17".into()), ..NewAction::new(kind) };
            match what {
                1 => facts.push(fact(&hit, at + 1, with_product(ActionKind::AddToCart))),
                2 => {
                    let query = Some(format!("подарунок {}", mark(who)));
                    facts.push(fact(
                        &hit,
                        at + 1,
                        NewAction {
                            query,
                            metadata: Some(format!("{{\"by\":\"{}\"}}", mark(who))),
                            ..NewAction::new(ActionKind::Search)
                        },
                    ));
                }
                3 => facts.push(fact(&hit, at + 1, NewAction::new(ActionKind::Lead))),
                _ => {}
            }
            world.store.ingest(&facts).await.unwrap();
            if what == 4 {
                world.store.session_code(&hit.visitor, at + 1).await.unwrap().unwrap();
            }
            if what == 5 {
                let mut message = order(&format!("{round}{number}"), at + 2, PaymentStatus::Paid);
                message.email = Some(format!("{}@Example.com", mark(who)));
                message.phone = Some(format!("+380 {}", mark(who)));
                message.refunded = Money(if number % 3 == 0 { 50_000 } else { 0 });
                // Every fourth one comes without its visitor.
                let buyer = (number % 4 != 3).then_some(&hit.visitor);
                world.store.apply_order(message, buyer, at + 2).await.unwrap();
            }
        }
        at + MINUTE
    }

    /// These count different visitors.
    const OF_VISITORS: [Metric; 2] = [Metric::Visitors, Metric::ReturningVisitors];

    /// Every figure but the number of different visitors.
    async fn figures(world: &World, now: Millis) -> Vec<Vec<Value>> {
        let mut all = Vec::new();
        for report in [Report::General, Report::Sources] {
            for period in Period::NAMED {
                let table = world.store.report(&ReportQuery::new(report, period), now).await.unwrap();
                let kept = |row: &Vec<Value>| {
                    let cells = table.columns.iter().zip(row);
                    let cells = cells.filter(|(column, _)| !OF_VISITORS.map(Key::Metric).contains(&column.key));
                    cells.map(|(_, value)| value.clone()).collect::<Vec<_>>()
                };
                all.extend(table.rows.iter().map(kept));
                all.push(kept(&table.totals));
            }
        }
        all
    }

    /// Where `text` stands, in whatever column of whatever table.
    async fn places_of(world: &World, text: &str) -> Vec<String> {
        let mut places = Vec::new();
        for column in world.columns().await {
            let Some((table, column)) = column.strip_suffix(" text").and_then(|name| name.split_once('.')) else {
                continue;
            };
            let found = world.number(&format!("select count(*) from {table} where {column} like '%{text}%'")).await;
            if found > 0 {
                places.push(format!("{table}.{column}"));
            }
        }
        places
    }

    /// Where the visitor's id stands.
    async fn places_of_id(world: &World, id: i64) -> Vec<String> {
        let mut places = Vec::new();
        for column in world.columns().await {
            let name = column.split(' ').next().unwrap();
            let (table, column) = name.split_once('.').unwrap();
            if (column == "visitor_id" || name == "visitor.id")
                && world.number(&format!("select count(*) from {table} where {column} = {id}")).await > 0
            {
                places.push(name.to_owned());
            }
        }
        places
    }

    async fn id_of(world: &World, who: usize) -> i64 {
        world.number(&format!("select visitor_id from visitor_key where key = '{}'", key(&mark(who)).0)).await
    }

    async fn assert_gone(world: &World, who: usize, id: i64) {
        assert_eq!(places_of(world, &mark(who)).await, Vec::<String>::new(), "{}", mark(who));
        let address = address(who).map(|byte| byte.to_string()).join(".");
        assert_eq!(places_of(world, &address).await, Vec::<String>::new());
        assert_eq!(places_of_id(world, id).await, Vec::<String>::new());
    }

    /// Histories, the same in each run.
    fn histories(count: usize) -> Vec<Vec<Step>> {
        let mut runner = TestRunner::deterministic();
        (0..count).map(|_| steps().new_tree(&mut runner).unwrap().current()).collect()
    }

    const ROWS: [&str; 5] = ["session", "action", "orders", "order_number", "session_visitor"];

    async fn row_counts(world: &World) -> Vec<i64> {
        let mut counts = Vec::new();
        for table in ROWS {
            counts.push(world.number(&format!("select count(*) from {table}")).await);
        }
        counts
    }

    pub async fn fault_p1_what_identifies_can_be_erased_and_grows_old(world: World) {
        for (round, steps) in histories(3).iter().enumerate() {
            let now = live(&world, &format!("R{round}N"), steps).await;
            let (before, rows) = (figures(&world, now).await, row_counts(&world).await);
            let ids = [id_of(&world, 0).await, id_of(&world, 1).await, id_of(&world, 2).await, id_of(&world, 3).await];
            assert!(places_of(&world, &mark(0)).await.len() >= 8, "what is to be removed is there");

            let email = Whom::Email(format!("{}@example.COM", mark(0)));
            let done = world.store.erase(&email, "anna", now).await.unwrap();
            assert!(done.visitors >= 1 && done.sessions > 0 && done.actions > 0 && done.orders > 0, "{done:?}");
            assert_gone(&world, 0, ids[0]).await;
            assert_eq!(world.store.erase(&email, "anna", now).await.unwrap(), Forgotten::default(), "nothing is left");

            // An order that came without its visitor says nothing of them: it is found by its own number and e-mail.
            world.store.erase(&Whom::Visitor(ids[1].to_string()), "anna", now).await.unwrap();
            assert_eq!(places_of_id(&world, ids[1]).await, Vec::<String>::new());
            let left: BTreeSet<_> = places_of(&world, &mark(1)).await.into_iter().collect();
            assert!(left.iter().all(|place| place.starts_with("orders.")), "{left:?}");
            world.store.erase(&Whom::Email(format!("{}@example.com", mark(1))), "anna", now).await.unwrap();
            assert_gone(&world, 1, ids[1]).await;

            let number = format!("select number from orders where visitor_id = {} limit 1", ids[2]);
            let number = world.texts(&number).await.remove(0);
            world.store.erase(&Whom::Order(number.clone()), "anna", now).await.unwrap();
            assert_eq!(places_of_id(&world, ids[2]).await, Vec::<String>::new());
            world.store.erase(&Whom::Email(format!("{}@example.com", mark(2))), "anna", now).await.unwrap();
            assert_gone(&world, 2, ids[2]).await;

            // Whoever was not erased is as before; figures and rows are, too.
            assert!(places_of(&world, &mark(3)).await.len() >= 8);
            assert_eq!((figures(&world, now).await, row_counts(&world).await), (before.clone(), rows), "round {round}");
            let lines = world.texts("select who || ' ' || what || ' ' || detail from audit").await;
            assert!(lines.len() >= 3 && lines.iter().all(|line| line.starts_with("anna erase by ")), "{lines:?}");

            // The rest grows old.
            let mut passes = 0;
            while world.store.forget_before(now, 3, now).await.unwrap() != Forgotten::default() {
                passes += 1;
                assert!(passes < 200, "it comes to an end");
            }
            assert_gone(&world, 3, ids[3]).await;
            assert_eq!(figures(&world, now).await, before);

            // What the shop says later of an order still finds its session.
            let mut refund = order(&number, now, PaymentStatus::Paid);
            (refund.email, refund.refunded) = (None, refund.total);
            refund.updated_at = Some(now);
            assert_eq!(world.store.apply_order(refund, None, now).await.unwrap(), Applied::Merged);
            let settled = format!(
                "select s.refunds from session s join orders o on o.visitor_id = s.visitor_id and o.session_id = s.id \
                 where o.number = '{number}'"
            );
            assert!(world.number(&settled).await >= 149_900);
        }
    }

    /// All that is stored of each session but what identifies.
    async fn histories_of(world: &World) -> Vec<String> {
        let identifying = ["visitor_id", "identifies", "click_ids", "fbc", "fbp", "referrer", "ip", "user_agent"];
        let columns = world.columns().await;
        let columns = columns.iter().filter_map(|column| column.split(' ').next()?.strip_prefix("session."));
        let kept: Vec<_> = columns
            .filter(|column| !identifying.contains(column))
            .map(|column| format!("coalesce(cast({column} as text), '-')"))
            .collect();
        assert!(kept.len() >= 30, "{kept:?}");
        world.texts(&format!("select {} from session order by id", kept.join(" || ' ' || "))).await
    }

    pub async fn fault_p2_forgetting_visits_keeps_their_history(world: World) {
        let now = live(&world, "P", &histories(1)[0]).await;
        let (before, rows, sessions) =
            (figures(&world, now).await, row_counts(&world).await, histories_of(&world).await);
        let linked = "select count(*) from orders o join session s on s.visitor_id = o.visitor_id and s.id = o.session_id \
                      join order_number n on n.number = o.number and n.visitor_id = o.visitor_id and n.id = o.id \
                      join session_visitor v on v.session_id = s.id and v.visitor_id = s.visitor_id";
        let links = world.number(linked).await;
        let middle = world.number("select (min(started_at) + max(started_at)) / 2 from session").await;
        let old = world.number(&format!("select count(*) from session where started_at < {middle}")).await;
        let mut forgotten = 0;
        loop {
            let done = world.store.forget_before(middle, 2, now).await.unwrap();
            if done == Forgotten::default() {
                break;
            }
            forgotten += done.sessions;
        }
        assert_eq!(i64::try_from(forgotten).unwrap(), old);
        assert_eq!((figures(&world, now).await, row_counts(&world).await), (before, rows));
        assert_eq!(histories_of(&world).await, sessions, "nothing else of a session changes");
        assert_eq!(world.number(linked).await, links, "orders stay with their sessions");
        let holds = "ip is not null or user_agent <> '' or click_ids is not null or fbc is not null or fbp is not null";
        for (when, expected) in [("<", 0), (">=", i64::try_from(sessions.len()).unwrap() - old)] {
            let sql = format!("select count(*) from session where started_at {when} {middle} and ({holds})");
            assert_eq!(world.number(&sql).await, expected, "{when}");
        }
        assert_eq!(world.number("select count(*) from session where identifies = 0 and referrer like '%?%'").await, 0);
        // Whoever comes back is known by their cookie still, and their visits are counted on.
        let visits = |who| {
            format!(
                "select v.sessions from visitor v join visitor_key k on k.visitor_id = v.id where k.key = '{}'",
                key(&mark(who)).0
            )
        };
        let had = world.number(&visits(3)).await;
        world.store.ingest(&[page_view(&person(3, 0), now + DAY)]).await.unwrap();
        assert_eq!(world.number(&visits(3)).await, had + 1);
    }

    pub async fn addresses_are_cut_when_they_are_old(world: World) {
        for (who, at) in [(0, NOON), (1, NOON + 1), (2, NOON + DAY)] {
            world.store.ingest(&[page_view(&person(who, 0), at)]).await.unwrap();
        }
        let mut six = person(3, 0);
        six.ip = Some("2001:db8:1:2::7".parse().unwrap());
        world.store.ingest(&[page_view(&six, NOON)]).await.unwrap();
        let before = figures(&world, NOON + DAY).await;
        let cut = |limit| world.store.cut_addresses_before(NOON + DAY, AddressPolicy::Cut, limit);
        assert_eq!((cut(2).await.unwrap(), cut(2).await.unwrap(), cut(2).await.unwrap()), (2, 1, 0));
        let addresses = || world.texts("select ip from session order by started_at, ip");
        assert_eq!(
            addresses().await,
            ["198.51.100.0/24", "2001:db8:1::/48", "198.51.100.0/24", "198.51.100.12"],
            "the last one is not old yet"
        );
        assert_eq!(figures(&world, NOON + DAY).await, before);
        assert_eq!(world.number("select count(*) from session where user_agent <> '' and ip is not null").await, 4);

        // Cut or left out at once.
        for (policy, expected) in [(AddressPolicy::Cut, "198.51.100.0/24"), (AddressPolicy::None, "")] {
            let store = world.another_process(50_000).await.keeping(policy);
            let visit = Hit { visitor: key(&format!("{policy:?}")), ..person(0, 0) };
            store.ingest(&[page_view(&visit, NOON + 2 * DAY)]).await.unwrap();
            let sql = format!(
                "select coalesce(s.ip, '') from session s join visitor_key k on k.visitor_id = s.visitor_id \
                 where k.key = '{}'",
                visit.visitor.0
            );
            assert_eq!(world.texts(&sql).await, [expected]);
        }
    }

    pub async fn an_erased_visitor_is_nobody_to_come_back_to(world: World) {
        let hit = person(0, 1);
        world.store.ingest(&[page_view(&hit, NOON)]).await.unwrap();
        let code = world.store.session_code(&hit.visitor, NOON).await.unwrap().unwrap();
        let id = id_of(&world, 0).await;
        for nobody in [Whom::Email(String::new()), Whom::Visitor("0".into()), Whom::Order("N?".into())] {
            assert_eq!(world.store.erase(&nobody, "anna", NOON).await.unwrap(), Forgotten::default());
        }
        // Something of theirs is stored at the same moment: it is kept, by whichever visitor it finds.
        let other = world.another_process(50_000).await;
        let (whom, view) = (Whom::Visitor(id.to_string()), [page_view(&hit, NOON + MINUTE)]);
        let (done, stored) = tokio::join!(world.store.erase(&whom, "anna", NOON), other.ingest(&view));
        assert_eq!((done.unwrap().visitors, stored.unwrap().actions), (1, 1));
        assert_eq!(world.number("select count(*) from action").await, 2);
        assert_eq!(places_of_id(&world, id).await, Vec::<String>::new());
        assert_eq!(places_of(&world, code.as_str()).await, Vec::<String>::new());

        world.store.ingest(&[page_view(&hit, NOON + DAY)]).await.unwrap();
        world.store.erase(&Whom::Visitor(id_of(&world, 0).await.to_string()), "anna", NOON + DAY).await.unwrap();
        assert_gone(&world, 0, id).await;
        assert!(world.store.forget_log().await.unwrap());
        if let Some(path) = world.url.strip_prefix("sqlite:") {
            for file in [path.to_owned(), format!("{path}-wal")] {
                let bytes = std::fs::read(&file).unwrap();
                let mark = mark(0);
                assert!(!bytes.windows(mark.len()).any(|window| window == mark.as_bytes()), "{file} holds it still");
            }
        }
    }

    pub async fn a_visitor_is_erased_by_whatever_names_them(world: World) {
        // A cookie, and names of the shop's own: a number that is nobody's id is one, or that is too large for an id.
        for name in ["0123456789abcdef0123456789abcdef", "client-17", "42", "99999999999999999999"] {
            let visit = Hit { visitor: of_name(name), ..person(0, 1) };
            world.store.ingest(&[page_view(&visit, NOON)]).await.unwrap();
            let erase = async || world.store.erase(&Whom::Visitor(name.into()), "anna", NOON).await.unwrap();
            assert_eq!((erase().await.visitors, erase().await), (1, Forgotten::default()), "{name}");
        }
        assert_eq!(world.number("select count(*) from visitor_key").await, 0);
    }

    pub async fn an_email_is_found_in_whatever_case_it_was_written(world: World) {
        let (store, hit) = (&world.store, person(0, 1));
        store.ingest(&[page_view(&hit, NOON)]).await.unwrap();
        let spellings = ["Олена@Приклад.укр", "олена@приклад.укр", "ОЛЕНА@ПРИКЛАД.УКР", "олена@інший.укр"];
        for (number, email) in spellings.into_iter().enumerate() {
            let told = order(&format!("N{number}"), NOON + 1, PaymentStatus::Paid);
            let buyer = (number == 0).then_some(&hit.visitor);
            store.apply_order(OrderMessage { email: Some(email.into()), ..told }, buyer, NOON + 1).await.unwrap();
        }
        let done = store.erase(&Whom::Email("олена@ПРИКЛАД.укр".into()), "anna", NOON + 2).await.unwrap();
        assert_eq!((done.visitors, done.sessions, done.orders), (1, 1, 3));
        assert_eq!(world.texts("select email from orders where email is not null").await, ["олена@інший.укр"]);
    }

    pub async fn what_is_told_of_forgotten_visits_is_forgotten_too(world: World) {
        let (hit, later) = (person(0, 1), NOON + 2 * DAY);
        world.store.ingest(&[page_view(&hit, NOON)]).await.unwrap();
        let mut message = OrderMessage { email: None, ..order("N1", NOON + 1, PaymentStatus::Unpaid) };
        world.store.apply_order(message.clone(), Some(&hit.visitor), NOON + 1).await.unwrap();
        let forget = async || {
            let mut sessions = 0;
            loop {
                let done = world.store.forget_before(NOON + DAY, 10, later).await.unwrap();
                if done == Forgotten::default() {
                    return sessions;
                }
                sessions += done.sessions;
            }
        };
        assert_eq!((forget().await, forget().await), (1, 0));

        // Its number leads an order to the visit still …
        message.email = Some(format!("{}@example.com", mark(0)));
        (message.phone, message.updated_at) = (Some(mark(0)), Some(later));
        assert_eq!(world.store.apply_order(message, None, later).await.unwrap(), Applied::Merged);
        assert_eq!(places_of(&world, &mark(0)).await.len(), 2);
        assert_eq!((forget().await, forget().await), (1, 0));
        assert_eq!(places_of(&world, &mark(0)).await, Vec::<String>::new());

        // … and the name of the visit an event.
        let owner = Owner::Session(world.number("select id from session").await.to_string());
        let action = NewAction { query: Some(mark(0)), ..NewAction::new(ActionKind::Search) };
        let event = Event { id: "late".into(), owner, at: NOON + MINUTE, action };
        let told = Received { message: Message::Events(vec![event]), at: later };
        world.store.apply(&[told]).await.unwrap().remove(0).unwrap();
        assert!(!places_of(&world, &mark(0)).await.is_empty());
        assert_eq!((forget().await, forget().await), (1, 0));
        assert_eq!(places_of(&world, &mark(0)).await, Vec::<String>::new());
        let together = "select count(*) from session s join orders o on o.visitor_id = s.visitor_id \
                        and o.session_id = s.id where s.searches = 1";
        assert_eq!(world.number(together).await, 1);
    }
}
