//! Single sessions: the list page by page, searched, and one of them with everything around it.

use crate::world::on_both;

on_both!(the_list_is_read_page_by_page, sessions_are_searched, a_session_in_detail);

mod cases {
    use utm_dispatcher::model::action::ActionKind;
    use utm_dispatcher::model::order::Conversion;
    use utm_dispatcher::model::{Id, Money, NewAction, Period, Role};
    use utm_dispatcher::report::{Report, ReportQuery, SessionField, Value};
    use utm_dispatcher::store::Store;

    use super::super::shop::{Visit, paid, plain, shop};
    use crate::world::{MINUTE, NOON, World, fact, hit, key, order, page_view};

    fn asked(text: &str) -> ReportQuery {
        ReportQuery::parse(Report::Sessions, text).unwrap()
    }

    async fn ids(store: &Store, text: &str) -> Vec<i64> {
        store.session_page(&asked(text), NOON).await.unwrap().rows.iter().map(|row| row.id.0).collect()
    }

    pub async fn the_list_is_read_page_by_page(world: World) {
        // Three start at the same instant.
        let visits = (0..11).map(|place| plain(place, NOON - (place / 3) * MINUTE, "google")).collect();
        let store = shop(NOON, visits, vec![]).open(&world).await;
        let whole = ids(&store, "period=today").await;
        assert_eq!(whole.len(), 11);
        let (mut paged, mut next) = (Vec::new(), None);
        loop {
            let page =
                store.session_page(&ReportQuery { cursor: next, ..asked("period=today&limit=4") }, NOON).await.unwrap();
            assert_eq!(page.total_rows, 11);
            paged.extend(page.rows.iter().map(|row| row.id.0));
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        assert_eq!(paged, whole);
        let (mut chunked, mut after) = (Vec::new(), None);
        loop {
            let chunk = store.session_chunk(&asked("period=today"), after, 3, NOON).await.unwrap();
            let Some(last) = chunk.last() else { break };
            after = Some((last.started_at, last.id));
            chunked.extend(chunk.iter().map(|row| row.id.0));
        }
        assert_eq!(chunked, whole);
        let table = store.report(&asked("period=today&limit=2"), NOON).await.unwrap();
        let id = table.columns.iter().position(|column| column.key.key() == SessionField::Id.key()).unwrap();
        let shown: Vec<_> = table.rows.iter().map(|row| row[id].clone()).collect();
        assert_eq!(shown, [Value::Whole(whole[0]), Value::Whole(whole[1])]);
        assert_eq!((table.total_rows, table.next.is_some()), (11, true));
        assert!(store.sessions(Period::Today, 5, NOON).await.unwrap().len() == 5);
    }

    pub async fn sessions_are_searched(world: World) {
        let visit = |place: i64, campaign: &str| Visit {
            campaign: Some(campaign.into()),
            ..plain(place, NOON - place, "google")
        };
        let visits = vec![visit(0, "Зима"), visit(1, "літо"), visit(2, "N7")];
        let world_of = shop(NOON, visits, vec![paid("N7", 0, NOON), paid("77", 1, NOON)]);
        let store = world_of.open(&world).await;
        // The newest visit is the last in time: the first of the list above.
        let [summer, winter, n7] = ["літо", "Зима", "N7"]
            .map(|name| world_of.visits.iter().find(|visit| visit.campaign.as_deref() == Some(name)).unwrap().id);
        let ordered = |number: &str| {
            world_of.visits[world_of.orders.iter().find(|sold| sold.number == number).unwrap().visit.unwrap()].id
        };
        assert_eq!(ids(&store, "period=today&filter=campaign:contains:ИМ").await, [winter]);
        assert_eq!(ids(&store, "period=today&filter=order:is:77").await, [ordered("77")]);
        let mut found = ids(&store, "period=today&filter=anything:contains:n7").await;
        assert_eq!(found, [n7]);
        found = ids(&store, "period=today&filter=anything:contains:N7").await;
        found.sort_unstable();
        let mut both = vec![n7, ordered("N7")];
        both.sort_unstable();
        both.dedup();
        assert_eq!(found, both);
        let visitor = world_of.visits.iter().find(|visit| visit.id == summer).unwrap().visitor + 1;
        assert_eq!(ids(&store, &format!("period=today&filter=visitor:is:{visitor}")).await, [summer]);
        assert!(ids(&store, "period=today&filter=order:is:none").await.is_empty());
    }

    pub async fn a_session_in_detail(World { store, .. }: World) {
        let anna = hit("anna", "instagram", "Зима");
        store.ingest(&[page_view(&anna, NOON - 600 * MINUTE)]).await.unwrap();
        let later = hit("anna", "google", "");
        store.ingest(&[page_view(&later, NOON)]).await.unwrap();
        let search = NewAction { query: Some("ґудзик <b>".into()), ..NewAction::new(ActionKind::Search) };
        let searches: Vec<_> = (1..60).map(|minute| fact(&later, NOON + minute * 1000, search.clone())).collect();
        store.ingest(&searches).await.unwrap();
        for (number, at) in [("N1", NOON + 1), ("N2", NOON + 2)] {
            store
                .apply_order(
                    order(number, at, utm_dispatcher::model::PaymentStatus::Paid),
                    Some(&key("anna")),
                    NOON + 9,
                )
                .await
                .unwrap();
        }
        let rows = store.sessions(Period::Today, 10, NOON).await.unwrap();
        let detail = store.session_detail(rows[0].id).await.unwrap().unwrap();
        assert_eq!(detail.session, rows[0]);
        assert_eq!((detail.session.visit_count, detail.session.conversion), (2, Some(Conversion::Purchase)));
        assert_eq!((detail.session.source.as_str(), detail.touch.campaign.as_str()), ("google", "N/A"));
        assert_eq!(detail.first_touch.as_ref().map(|touch| touch.campaign.as_str()), Some("Зима"));
        assert_eq!(detail.last_touch, Some(detail.touch.clone()));
        assert_eq!((detail.landing_page.as_str(), detail.duration), ("/", 59));
        // A page, 59 searches and two purchases; the newest 50 are shown.
        assert_eq!((detail.total_actions, detail.actions.len()), (62, 50));
        assert!(detail.actions.windows(2).all(|pair| (pair[0].at, pair[0].id) > (pair[1].at, pair[1].id)));
        assert_eq!(detail.actions[0].query.as_deref(), Some("ґудзик <b>"));
        assert_eq!(
            detail.orders.iter().map(|order| order.number.as_deref().unwrap()).collect::<Vec<_>>(),
            ["N2", "N1"]
        );
        assert_eq!(detail.orders[0].total, Money(149_900));
        assert_eq!(detail.other_sessions.iter().map(|row| row.id).collect::<Vec<_>>(), [rows[1].id]);
        assert_eq!(detail.session.local.started_at, "2026-11-22 12:00:00");
        assert_eq!((detail.registered_at, detail.registered_local.as_deref()), (None, None));
        let joined = fact(&later, NOON + 61_000, NewAction::new(ActionKind::Registration));
        store.ingest(&[joined]).await.unwrap();
        let registered = store.session_detail(rows[0].id).await.unwrap().unwrap();
        assert_eq!(registered.registered_at, Some(NOON + 61_000));
        assert_eq!(registered.registered_local.as_deref(), Some("2026-11-22 12:01:01"));
        assert!(detail.session.ip.is_some());

        let seen = detail.clone().seen_by(Role::Viewer);
        assert_eq!((seen.session.ip, seen.orders[0].number.clone()), (None, None));
        assert!(seen.actions.iter().all(|action| action.order.is_none()));
        assert_eq!(detail.clone().seen_by(Role::Analyst), detail);
        assert_eq!(store.session_detail(Id(1)).await.unwrap(), None);
    }
}
