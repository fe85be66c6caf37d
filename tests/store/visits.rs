//! Visits become sessions: by time, by campaign, by visitor, exactly once.

use crate::world::on_both;

on_both!(
    one_visit_is_one_session,
    gaps_and_campaigns_open_sessions,
    repeats_earn_nothing,
    late_events_join_the_session_that_holds_them,
    two_processes_agree_on_a_visitor,
    hostile_values_are_stored_as_text,
    new_values_are_capped,
    a_lead_without_an_order_converts,
    parallel_batches_lose_nothing,
    pages_of_orders_are_one_page,
);

mod cases {
    use utm_dispatcher::model::action::ActionKind;
    use utm_dispatcher::model::order::Conversion;
    use utm_dispatcher::model::{NewAction, Period};
    use utm_dispatcher::report::{Metric, Report, ReportQuery, SessionRow, Table, Value};
    use utm_dispatcher::store::{Ingested, Store};

    use crate::world::{MINUTE, NOON, World, clicked, fact, hit, page_view};

    async fn sessions(store: &Store) -> Vec<SessionRow> {
        store.sessions(Period::AllTime, 1000, NOON).await.unwrap()
    }

    async fn general(store: &Store) -> Table {
        store.report(&ReportQuery::new(Report::General, Period::AllTime), NOON).await.unwrap()
    }

    pub async fn one_visit_is_one_session(World { store, .. }: World) {
        let anna = hit("anna", "instagram", "Зимова_колекція");
        let batch = [page_view(&anna, NOON), page_view(&anna, NOON + MINUTE)];
        assert_eq!(store.ingest(&batch).await.unwrap(), Ingested { sessions: 1, actions: 2, others: 0 });
        assert_eq!(store.ingest(&[page_view(&anna, NOON + 2 * MINUTE)]).await.unwrap().sessions, 0);

        let rows = sessions(&store).await;
        assert_eq!(rows.len(), 1);
        let row = &rows[0];
        assert_eq!((row.started_at, row.last_seen), (NOON, NOON + 2 * MINUTE));
        assert_eq!(row.started_local, "22.11.2026 12:00");
        assert_eq!((row.source.as_str(), row.utm.campaign.as_deref()), ("instagram", Some("Зимова_колекція")));
        assert_eq!((row.place.city.as_deref(), row.ip.as_deref()), (Some("Lviv"), Some("203.0.113.7")));
        assert_eq!((row.os.as_deref(), row.conversion), (Some("Android"), None));
    }

    pub async fn gaps_and_campaigns_open_sessions(World { store, .. }: World) {
        let plain = hit("anna", "", "");
        let winter = hit("anna", "facebook", "winter");
        let clicks = clicked(hit("anna", "", ""), "gclid", "x1");
        let batch = [
            page_view(&plain, NOON),
            page_view(&plain, NOON + 30 * MINUTE),
            page_view(&plain, NOON + 60 * MINUTE + 1),
            page_view(&winter, NOON + 61 * MINUTE),
            page_view(&winter, NOON + 62 * MINUTE),
            page_view(&plain, NOON + 63 * MINUTE),
            page_view(&clicks, NOON + 64 * MINUTE),
            page_view(&hit("borys", "", ""), NOON + 64 * MINUTE),
        ];
        // One by one, as they would come: each batch has to find what the last one left.
        for fact in &batch {
            store.ingest(std::slice::from_ref(fact)).await.unwrap();
        }
        let starts: Vec<_> = sessions(&store).await.iter().rev().map(|row| (row.started_at - NOON) / MINUTE).collect();
        assert_eq!(starts, [0, 60, 61, 64, 64]);
        assert_eq!(general(&store).await.total(Metric::Visitors), &Value::Whole(2));
    }

    pub async fn repeats_earn_nothing(World { store, .. }: World) {
        let anna = hit("anna", "", "");
        let add =
            |product: &str| NewAction { product_id: Some(product.into()), ..NewAction::new(ActionKind::AddToCart) };
        store.ingest(&[page_view(&anna, NOON), fact(&anna, NOON + 1, add("17"))]).await.unwrap();
        store.ingest(&[page_view(&anna, NOON + 2), fact(&anna, NOON + 3, add("17"))]).await.unwrap();
        store.ingest(&[fact(&anna, NOON + 4, add("18")), fact(&anna, NOON + 5, add("18"))]).await.unwrap();
        assert_eq!(general(&store).await.total(Metric::Points), &Value::Whole(1 + 10 + 10));
    }

    pub async fn late_events_join_the_session_that_holds_them(World { store, .. }: World) {
        let plain = hit("anna", "", "");
        store.ingest(&[page_view(&plain, NOON), page_view(&plain, NOON + 20 * MINUTE)]).await.unwrap();
        store.ingest(&[page_view(&hit("anna", "google", "x"), NOON + 40 * MINUTE)]).await.unwrap();
        let late = page_view(&hit("anna", "tiktok", "y"), NOON + 10 * MINUTE);
        assert_eq!(store.ingest(&[late]).await.unwrap(), Ingested { sessions: 0, actions: 1, others: 0 });
        let rows = sessions(&store).await;
        assert_eq!(rows.iter().map(|row| row.source.as_str()).collect::<Vec<_>>(), ["google", "direct"]);
        assert_eq!(rows[1].last_seen, NOON + 20 * MINUTE);
    }

    pub async fn two_processes_agree_on_a_visitor(world: World) {
        let other = world.another_process(50_000).await;
        let anna = hit("anna", "", "");
        for minute in 0..10 {
            let (one, two) =
                ([page_view(&anna, NOON + minute * MINUTE)], [page_view(&anna, NOON + minute * MINUTE + 5)]);
            let (one, two) = tokio::join!(world.store.ingest(&one), other.ingest(&two));
            one.unwrap();
            two.unwrap();
        }
        assert_eq!(sessions(&world.store).await.len(), 1);
        let general = general(&world.store).await;
        assert_eq!(
            (general.total(Metric::Visitors), general.total(Metric::Points)),
            (&Value::Whole(1), &Value::Whole(1))
        );
    }

    pub async fn hostile_values_are_stored_as_text(World { store, .. }: World) {
        let evil = "'; drop table session; -- \u{202e}<script>%_";
        let mut anna = hit("anna", evil, evil);
        anna.path = format!("/{evil}");
        anna.referrer = Some(evil.into());
        anna.agent.user_agent = evil.into();
        let search = NewAction { query: Some(evil.into()), ..NewAction::new(ActionKind::Search) };
        store.ingest(&[page_view(&anna, NOON), fact(&anna, NOON + 1, search)]).await.unwrap();
        let rows = sessions(&store).await;
        assert_eq!((rows.len(), rows[0].utm.campaign.as_deref()), (1, Some(evil)));
        let sources = store.report(&ReportQuery::new(Report::Sources, Period::AllTime), NOON).await.unwrap();
        assert_eq!(sources.rows[0][0], Value::Text(evil.into()));
    }

    pub async fn new_values_are_capped(world: World) {
        let store = world.another_process(5).await;
        for place in 0..10 {
            let visit = hit(&format!("v{place}"), &format!("source{place}"), "");
            store.ingest(&[page_view(&visit, NOON + place)]).await.unwrap();
        }
        let sources = store.report(&ReportQuery::new(Report::Sources, Period::AllTime), NOON).await.unwrap();
        let row =
            |name: &str| sources.rows.iter().find(|row| row[0] == Value::Text(name.into())).map(|row| row[1].clone());
        assert_eq!(row("source0"), Some(Value::Whole(1)));
        assert_eq!(row("source4"), Some(Value::Whole(1)));
        assert_eq!(row("(other)"), Some(Value::Whole(5)));
        assert_eq!(sources.total(Metric::Sessions), &Value::Whole(10));

        // A reload of such a page is the same session, though its campaign was not kept.
        let again = page_view(&hit("v9", "source9", ""), NOON + 10);
        assert_eq!(store.ingest(&[again]).await.unwrap().sessions, 0);

        let tomorrow = NOON + 24 * 60 * MINUTE;
        store.ingest(&[page_view(&hit("new", "fresh", ""), tomorrow)]).await.unwrap();
        let sources = store.report(&ReportQuery::new(Report::Sources, Period::AllTime), NOON).await.unwrap();
        assert!(sources.rows.iter().any(|row| row[0] == Value::Text("fresh".into())));
    }

    pub async fn a_lead_without_an_order_converts(World { store, .. }: World) {
        let anna = hit("anna", "", "");
        store.ingest(&[page_view(&anna, NOON), fact(&anna, NOON + 1, NewAction::new(ActionKind::Lead))]).await.unwrap();
        let rows = sessions(&store).await;
        assert_eq!((rows[0].conversion, rows[0].converted_at), (Some(Conversion::Lead), Some(NOON + 1)));
        assert_eq!(general(&store).await.total(Metric::Points), &Value::Whole(51));
        // A purchase without an order never converts.
        let borys = hit("borys", "", "");
        store.ingest(&[fact(&borys, NOON, NewAction::new(ActionKind::Purchase))]).await.unwrap();
        assert_eq!(general(&store).await.total(Metric::Conversions), &Value::Whole(1));
    }

    pub async fn parallel_batches_lose_nothing(World { store, .. }: World) {
        let tasks: Vec<_> = (0..8)
            .map(|task| {
                let store = store.clone();
                tokio::spawn(async move {
                    for round in 0..10 {
                        // Every task meets the same visitors, in its own order.
                        let mut people: Vec<_> = (0..6).map(|who| hit(&format!("v{who}"), "", "")).collect();
                        people.rotate_left((task + round) % 6);
                        let facts: Vec<_> = people
                            .iter()
                            .map(|hit| {
                                let page = format!("/{task}/{round}");
                                let view = NewAction { page: Some(page), ..NewAction::new(ActionKind::PageView) };
                                fact(hit, NOON + i64::try_from(round).unwrap(), view)
                            })
                            .collect();
                        store.ingest(&facts).await.unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let general = general(&store).await;
        assert_eq!(general.total(Metric::Sessions), &Value::Whole(6));
        // Every page is another one, so each view earned its point.
        assert_eq!(general.total(Metric::Points), &Value::Whole(8 * 10 * 6));
    }

    pub async fn pages_of_orders_are_one_page(world: World) {
        let visit = |who: &str, path: &str| {
            let mut hit = hit(who, "", "");
            path.clone_into(&mut hit.path);
            fact(&hit, NOON, NewAction { page: Some(path.to_owned()), ..NewAction::new(ActionKind::PageView) })
        };
        let visits = ["/a", "/b", "/c", "/d", "/thanks/N1", "/pay/N2", "/thanks/N3", "/pay"];
        let facts: Vec<_> = visits.iter().map(|path| visit(path, path)).collect();
        world.store.ingest(&facts).await.unwrap();
        // As they were stored before numbers were left out.
        for (path, old) in [("/a", "/thanks/A1"), ("/b", "/thanks/B1"), ("/c", "/pay/C1")] {
            world.run(&format!("update page set path = '{old}' where path = '{path}'")).await;
        }
        world.run(include_str!("../../migrations/0015_pages.sql")).await;
        let expected = ["/d", "/pay", "/pay/…", "/pay/…", "/thanks/…", "/thanks/…", "/thanks/…", "/thanks/…"];
        for of in ["session s on s.landing_id = g.id", "action a on a.page_id = g.id"] {
            let mut paths = world.texts(&format!("select g.path from page g join {of}")).await;
            paths.sort();
            assert_eq!(paths, expected, "{of}");
        }
        let mut pages = world.texts("select path from page").await;
        pages.sort();
        assert_eq!(pages, ["/d", "/pay", "/pay/…", "/thanks/…"]);
    }
}
