//! The log of changes: what one process commits, every process learns once.

use crate::world::{World, on_both};

on_both!(
    every_commit_is_told_once_to_every_process,
    what_happened_is_read_by_its_names,
    no_frame_holds_what_not_everybody_may_see,
    a_sale_that_comes_after_its_action_is_news,
    history_is_no_news,
    old_changes_go_and_numbers_go_on,
    an_erased_person_is_in_no_change,
    commits_of_other_processes_are_heard,
    a_log_longer_than_a_page_is_read_to_its_end,
);

mod cases {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::sync::Notify;
    use tokio::time::timeout;
    use utm_dispatcher::message::{Event, Message, Owner, Received};
    use utm_dispatcher::model::action::ActionKind;
    use utm_dispatcher::model::live::{Happening, Moment, NEWS_LASTS, ON_SITE};
    use utm_dispatcher::model::order::Conversion;
    use utm_dispatcher::model::{Id, Millis, Money, NewAction, PaymentStatus, Role, Setting, SettingKind};
    use utm_dispatcher::store::{About, CHANGES, Change, News, Reader, Whom};

    use super::now;
    use crate::world::{MINUTE, World, fact, hit, key, order, page_view};

    async fn read(world: &World, reader: &mut Reader) -> Vec<Change> {
        world.store.changes(reader).await.unwrap()
    }

    /// What all that is unread names, as moments.
    async fn moments(world: &World, reader: &mut Reader) -> Vec<Moment> {
        let (mut actions, mut sessions) = (Vec::new(), Vec::new());
        for change in read(world, reader).await {
            actions.extend(change.news.actions);
            actions.extend(change.news.sales);
            sessions.extend(change.news.sessions);
        }
        world.store.moments(&actions, &sessions).await.unwrap()
    }

    pub async fn every_commit_is_told_once_to_every_process(world: World) {
        let elsewhere = world.another_process(50_000).await;
        let (mut here, mut there) = (Reader::default(), Reader::default());
        assert_eq!(read(&world, &mut here).await, [], "nothing was written yet");
        let at = now();
        world.store.ingest(&[page_view(&hit("anna", "facebook", "winter"), at)]).await.unwrap();
        elsewhere.ingest(&[page_view(&hit("olha", "google", ""), at + 1)]).await.unwrap();
        for (store, reader) in [(&world.store, &mut here), (&elsewhere, &mut there)] {
            let changes = store.changes(reader).await.unwrap();
            assert_eq!(changes.len(), 2);
            for (change, seen_at) in changes.iter().zip([at, at + 1]) {
                assert!(change.about == About::Facts && (at..=now()).contains(&change.at), "{change:?}");
                let News { visitors, actions, sessions, .. } = &change.news;
                assert_eq!((visitors.len(), actions.len(), sessions.len()), (1, 1, 1));
                assert_eq!(visitors[0].1, seen_at);
                assert_eq!((visitors[0].0, visitors[0].0), (actions[0].0, sessions[0].0));
            }
            assert_eq!(store.changes(reader).await.unwrap(), [], "each is told once");
        }
        // Nothing of facts, but whoever looks has to be asked again.
        assert!(elsewhere.add_user("anna@shop.test", Role::Viewer, "hash", at).await.unwrap());
        let changes = read(&world, &mut here).await;
        assert!(
            changes.len() == 1 && changes[0].about == About::Access && changes[0].news == News::default(),
            "{changes:?}"
        );
        // A board is its user's own: no figure is another one.
        let board = Setting { kind: SettingKind::Board, name: "Ранок".into(), value: "[1]".into() };
        elsewhere.save_setting("anna@shop.test", &board, at).await.unwrap();
        let changes = read(&world, &mut here).await;
        assert!(changes.len() == 1 && changes[0].about == About::Settings, "{changes:?}");
    }

    pub async fn what_happened_is_read_by_its_names(world: World) {
        let mut reader = Reader::default();
        let (anna, at) = (hit("anna", "facebook", "winter"), now());
        let tee = NewAction {
            page: Some("/product/tee".into()),
            product_id: Some("17".into()),
            product_name: Some("Футболка".into()),
            value: Some(Money(49_900)),
            ..NewAction::new(ActionKind::AddToCart)
        };
        // What a page measures by itself is nobody's deed.
        let read = NewAction::claim(ActionKind::Other("time_on_page".into()));
        let facts = [page_view(&anna, at - 3), fact(&anna, at - 2, tee), fact(&anna, at - 1, read)];
        world.store.ingest(&facts).await.unwrap();
        world.store.apply_order(order("N1", at - 1, PaymentStatus::Paid), Some(&anna.visitor), at).await.unwrap();
        world.store.apply_order(order("N2", at - 1, PaymentStatus::Paid), None, at).await.unwrap();

        let moments = moments(&world, &mut reader).await;
        let what: Vec<_> = moments.iter().map(|moment| (moment.what.clone(), moment.at)).collect();
        let expected = [
            // Its first page view is not told twice, nor an order that is nobody's.
            (Happening::Session, at - 3),
            (Happening::Action(ActionKind::AddToCart), at - 2),
            (Happening::Conversion(Conversion::Purchase), at),
        ];
        assert_eq!(what, expected);
        for moment in &moments {
            assert_eq!((moment.source.as_str(), moment.campaign.as_str()), ("facebook", "winter"));
            assert_eq!((moment.place.city.as_deref(), moment.device.key()), (Some("Lviv"), "mobile"));
            assert_eq!(moment.session, moments[0].id);
            assert_eq!(moment.at_local, world.store.local_time(moment.at)[11..]);
        }
        let pages: Vec<_> = moments.iter().map(|moment| moment.page.as_deref()).collect();
        assert_eq!(pages, [Some("/"), Some("/product/tee"), None]);
        let products: Vec<_> = moments.iter().map(|moment| moment.product.as_deref()).collect();
        assert_eq!(products, [None, Some("Футболка"), None]);
        let amounts: Vec<_> = moments.iter().map(|moment| moment.amount).collect();
        assert_eq!(amounts, [None, None, Some(Money(149_900))], "the cart's value is no sale");
        assert_eq!(world.store.moments(&[(Id(1), Id(2))], &[(Id(3), Id(4))]).await.unwrap(), [], "gone by now");
    }

    pub async fn no_frame_holds_what_not_everybody_may_see(world: World) {
        let mut reader = Reader::default();
        let at = now();
        let mut anna = hit("anna", "facebook", "");
        anna.ip = Some([198, 51, 100, 77].into());
        anna.agent.user_agent = "Mozilla/5.0 (a secret agent)".into();
        anna.referrer = Some("https://blog.example/secret".into());
        let on = |path: &str| NewAction { page: Some(path.into()), ..NewAction::new(ActionKind::PageView) };
        let search = NewAction { query: Some("a secret gift".into()), ..NewAction::new(ActionKind::Search) };
        world.store.ingest(&[page_view(&anna, at - 9), fact(&anna, at - 8, search)]).await.unwrap();
        world
            .store
            .apply_order(order("SECRET-17", at - 7, PaymentStatus::Paid), Some(&anna.visitor), at)
            .await
            .unwrap();
        let pages = ["/thanks/SECRET-17", "/pay/secret-18", "/my/SECRET-17/print"];
        let facts: Vec<_> = pages.iter().zip(at..).map(|(path, at)| fact(&anna, at, on(path))).collect();
        // What a browser claims makes no sale.
        let claim = NewAction { value: Some(Money(1)), ..NewAction::claim(ActionKind::Purchase) };
        world.store.ingest(&[facts, vec![fact(&anna, at + 5, claim)]].concat()).await.unwrap();

        let moments = moments(&world, &mut reader).await;
        assert_eq!(moments.len(), 7, "{moments:#?}");
        let text = serde_json::to_string(&moments).unwrap();
        for hidden in ["secret", "SECRET", "198.51.100", "olena", "canna"] {
            assert!(!text.contains(hidden), "{hidden} in {text}");
        }
        for shown in ["/thanks/…", "/pay/…", "/my/…/print"] {
            assert!(text.contains(shown), "{shown} in {text}");
        }
        let sales = moments.iter().filter(|moment| matches!(moment.what, Happening::Conversion(_)));
        assert_eq!(sales.map(|moment| moment.amount).collect::<Vec<_>>(), [Some(Money(149_900))]);
    }

    pub async fn a_sale_that_comes_after_its_action_is_news(world: World) {
        let mut reader = Reader::default();
        let (anna, at) = (hit("anna", "", ""), now());
        world.store.ingest(&[page_view(&anna, at - 9)]).await.unwrap();
        moments(&world, &mut reader).await;
        let action = NewAction { order: Some("N1".into()), ..NewAction::new(ActionKind::Purchase) };
        let event = Event { id: "e1".into(), owner: Owner::Key(key("anna")), at: at - 5, action };
        world.store.apply(&[Received { message: Message::Events(vec![event]), at }]).await.unwrap();
        let told = moments(&world, &mut reader).await;
        assert_eq!(
            told.iter().map(|moment| &moment.what).collect::<Vec<_>>(),
            [&Happening::Action(ActionKind::Purchase)]
        );
        world.store.apply_order(order("N1", at - 6, PaymentStatus::Paid), Some(&anna.visitor), at).await.unwrap();
        let settled = moments(&world, &mut reader).await;
        assert_eq!(
            settled.iter().map(|moment| (moment.id, moment.what.clone())).collect::<Vec<_>>(),
            [(told[0].id, Happening::Conversion(Conversion::Purchase))]
        );
        // The same once more changes nothing, and is no news.
        world.store.apply_order(order("N1", at - 6, PaymentStatus::Paid), Some(&anna.visitor), at).await.unwrap();
        assert_eq!(moments(&world, &mut reader).await, []);
    }

    pub async fn history_is_no_news(world: World) {
        let mut reader = Reader::default();
        let long_ago = now() - NEWS_LASTS - MINUTE;
        let anna = hit("anna", "", "");
        world.store.ingest(&[page_view(&anna, long_ago)]).await.unwrap();
        let a_while_ago: Millis = now() - ON_SITE - MINUTE;
        world.store.ingest(&[page_view(&hit("olha", "", ""), a_while_ago)]).await.unwrap();
        let changes = read(&world, &mut reader).await;
        assert_eq!(changes[0].news, News::default(), "but reports differ");
        let News { visitors, actions, sessions, .. } = &changes[1].news;
        assert_eq!((visitors.len(), actions.len(), sessions.len()), (0, 1, 1), "she is not there any more");
    }

    pub async fn old_changes_go_and_numbers_go_on(world: World) {
        let mut reader = Reader::default();
        for minute in 0..3 {
            world.store.ingest(&[page_view(&hit("anna", "", ""), now() - minute)]).await.unwrap();
        }
        assert_eq!(read(&world, &mut reader).await.len(), 3);
        assert_eq!(world.store.prune_changes(now() - MINUTE).await.unwrap(), 0);
        assert_eq!(world.store.prune_changes(now() + MINUTE).await.unwrap(), 2, "the newest one stays");
        assert_eq!(read(&world, &mut reader).await, [], "and nobody is told of that");
        assert_eq!(world.number("select count(*) from change").await, 1);
        world.store.ingest(&[page_view(&hit("anna", "", ""), now())]).await.unwrap();
        assert_eq!(read(&world, &mut reader).await.len(), 1);
    }

    pub async fn an_erased_person_is_in_no_change(world: World) {
        let anna = hit("anna", "", "");
        world.store.ingest(&[page_view(&anna, now())]).await.unwrap();
        let visitor = world.number("select id from visitor").await;
        let named = format!("select count(*) from change where news like '%{visitor}%'");
        assert_eq!(world.number(&named).await, 1);
        world.store.erase(&Whom::Visitor("nobody".into()), "anna", now()).await.unwrap();
        assert_eq!(world.number(&named).await, 1, "nothing was erased");
        world.store.erase(&Whom::Visitor(visitor.to_string()), "anna", now()).await.unwrap();
        assert_eq!(world.number(&named).await, 0);
    }

    pub async fn commits_of_other_processes_are_heard(world: World) {
        let heard = Arc::new(Notify::new());
        let (store, notify) = (world.store.clone(), Arc::clone(&heard));
        let listening = tokio::spawn(async move {
            // Until the test ends it.
            loop {
                let _lost = store.hear_commits(|| notify.notify_one()).await;
            }
        });
        let within = |time| timeout(Duration::from_millis(time), heard.notified());
        within(10_000).await.expect("it begins with a call");
        within(400).await.expect_err("nobody writes");
        let elsewhere = world.another_process(50_000).await;
        elsewhere.ingest(&[page_view(&hit("anna", "", ""), now())]).await.unwrap();
        within(900).await.expect("another process has written");
        world.store.ingest(&[page_view(&hit("olha", "", ""), now())]).await.unwrap();
        within(900).await.expect("this process has written");
        if world.url.starts_with("postgres") {
            let end = "select count(pg_terminate_backend(pid)) from pg_stat_activity \
                       where datname = current_database() and query like 'LISTEN%'";
            assert_eq!(world.number(end).await, 1);
            within(10_000).await.expect("it listens anew, and what was missed is looked for");
            elsewhere.ingest(&[page_view(&hit("ivan", "", ""), now())]).await.unwrap();
            within(900).await.expect("and hears again");
        }
        listening.abort();
    }

    pub async fn a_log_longer_than_a_page_is_read_to_its_end(world: World) {
        world.store.ingest(&[page_view(&hit("anna", "", ""), now())]).await.unwrap();
        if world.url.starts_with("postgres") {
            // A transaction for each.
            let insert =
                "insert into change values (cast(cast(pg_current_xact_id() as text) as bigint), 0, 'facts', '')";
            world.run(&format!("do $$ begin for i in 1..{CHANGES} loop {insert}; commit; end loop; end $$")).await;
            // What came with the database from another server is nobody's news.
            world.run("insert into change values (1000000000, 0, 'facts', '')").await;
        } else {
            let rows: Vec<String> = (2..=CHANGES + 1).map(|number| format!("({number}, 0, 'facts', '')")).collect();
            world.run(&format!("insert into change (id, at, about, news) values {}", rows.join(", "))).await;
        }
        let mut reader = Reader::default();
        let (one, two, three) =
            (read(&world, &mut reader).await, read(&world, &mut reader).await, read(&world, &mut reader).await);
        assert_eq!((one.len(), two.len(), three.len()), (CHANGES, 1, 0));
    }
}

/// Now, by the clock of the machine.
fn now() -> i64 {
    i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap()
}

/// What was committed while a transaction with a lower number was open is told at once, and that one when it is over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_transaction_holds_up_nobody() {
    use sqlx::{Connection, Executor, PgConnection};
    use utm_dispatcher::store::Reader;

    use crate::world::{hit, page_view};

    let Some(world) = World::postgres().await else { return };
    let mut long = PgConnection::connect(&world.url).await.unwrap();
    long.execute("begin").await.unwrap();
    let insert = "insert into change (id, at, about, news) \
                  values (cast(cast(pg_current_xact_id() as text) as bigint), 7, 'facts', '')";
    long.execute(insert).await.unwrap();
    let mut reader = Reader::default();
    for name in ["anna", "olha"] {
        world.store.ingest(&[page_view(&hit(name, "", ""), now())]).await.unwrap();
        let changes = world.store.changes(&mut reader).await.unwrap();
        assert_eq!(changes.len(), 1, "{name}");
        assert_ne!(changes[0].at, 7);
    }
    long.execute("commit").await.unwrap();
    let changes = world.store.changes(&mut reader).await.unwrap();
    assert_eq!(changes.iter().map(|change| change.at).collect::<Vec<_>>(), [7]);
    assert_eq!(world.store.changes(&mut reader).await.unwrap(), []);
}
