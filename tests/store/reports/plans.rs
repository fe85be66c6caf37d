//! The SQL of every report: pinned, read through indexes, and never more of it for more rows.

use crate::world::on_both;

on_both!(
    the_sql_of_every_report,
    no_fact_is_read_whole,
    fault_f1_more_rows_need_no_more_statements,
    fault_f3_nothing_is_read_that_is_not_shown,
    fault_f4_every_index_has_a_use,
    what_queries_have_in_common_is_asked_once,
);

mod cases {
    use utm_dispatcher::model::action::ActionKind;
    use utm_dispatcher::model::{Id, Period};
    use utm_dispatcher::report::{Report, ReportQuery};
    use utm_dispatcher::store::{Explained, Store};

    use super::super::shop::{Shop, Visit, did, paid, plain, shop, spent};
    use crate::world::{NOON, World};

    const HOUR: i64 = 60 * 60 * 1000;

    fn asked(report: Report, text: &str) -> ReportQuery {
        ReportQuery::parse(report, text).unwrap()
    }

    /// `count` visits, one each hour until noon, every tenth with an order.
    fn many(count: i64) -> Shop {
        let visit = |place: i64| Visit {
            campaign: Some(format!("c{place}")),
            done: vec![did(ActionKind::ProductView, Some("Tee")), did(ActionKind::Search, Some("tee"))],
            ..plain(place, NOON - (count - place) * HOUR, "google")
        };
        let order =
            |place: i64| paid(&format!("N{place}"), usize::try_from(place).unwrap(), NOON - (count - place) * HOUR);
        shop(NOON, (0..count).map(visit).collect(), (0..count).step_by(10).map(order).collect())
    }

    /// Every report with every one of `days` and of `compared`; a list of sessions is compared with nothing.
    fn everything<'a>(days: &[&'a str], compared: &[&'a str]) -> Vec<(Report, (&'a str, &'a str))> {
        let mut all = Vec::new();
        for report in Report::ALL {
            for days in days {
                let compared = compared.iter().filter(|text| text.is_empty() || !report.is_list());
                all.extend(compared.map(|compared| (*report, (*days, *compared))));
            }
        }
        all
    }

    async fn texts(store: &Store, query: &ReportQuery) -> Vec<String> {
        store
            .explain(std::slice::from_ref(query), NOON)
            .await
            .unwrap()
            .into_iter()
            .map(|explained| explained.text)
            .collect()
    }

    pub async fn the_sql_of_every_report(world: World) {
        let store = many(20).open(&world).await;
        let mut all = Vec::new();
        for report in Report::ALL {
            all.push(format!("-- {report}\n{}\n", texts(&store, &asked(*report, "period=week")).await.join(";\n")));
        }
        let more = [
            (Report::Timeseries, "period=month&dimensions=hour"),
            (Report::Timeseries, "from=2026-10-01&to=2026-11-02&dimensions=week&compare=previous"),
            (Report::Timeseries, "from=2026-10-01&to=2026-11-02&dimensions=month"),
            (Report::Explore, "period=week&dimensions=weekday,campaign&metrics=spend,revenue,cpa&basis=order"),
            (
                Report::Explore,
                "period=week&metrics=funnel_lead&mode=independent&filter=product:not:Tee&filter=city:empty",
            ),
            (Report::Sessions, "period=week&filter=action:has:lead|survey_start&filter=order:is:N1&limit=5"),
        ];
        for (report, text) in more {
            all.push(format!("-- {report}?{text}\n{}\n", texts(&store, &asked(report, text)).await.join(";\n")));
        }
        insta::assert_snapshot!("sql", all.concat());
    }

    pub async fn no_fact_is_read_whole(world: World) {
        let mut shop = many(6000);
        let today = chrono::DateTime::from_timestamp_millis(NOON).unwrap().date_naive();
        shop.spend = (0..300).map(|ago| spent(today - chrono::Duration::days(ago), "c1", 1)).collect();
        let store = shop.open(&world).await;
        world.run("analyze").await;
        let compared = ["", "&compare=previous", "&compare=year&basis=order"];
        let of_reports = |days: &str| -> Vec<ReportQuery> {
            let all = everything(&[days], &compared).into_iter();
            all.map(|(report, (days, compared))| asked(report, &format!("{days}{compared}&limit=10"))).collect()
        };
        let more = [
            (Report::Explore, "period=today&metrics=orders&basis=order&filter=product:contains:te"),
            (Report::Explore, "period=today&metrics=orders&basis=order&filter=search_term:starts:te"),
            (Report::Explore, "period=today&dimensions=source&metrics=revenue,orders&basis=order"),
            (Report::Explore, "period=today&dimensions=campaign,day&metrics=spend,roi"),
            (Report::Campaigns, "period=today&filter=product:contains:te&filter=source:is:google"),
            (Report::Products, "period=today&filter=product:starts:te&filter=campaign:contains:C1"),
            (Report::Funnel, "period=today&dimensions=hour&filter=action:has:survey_start"),
            (Report::Explore, "period=today&dimensions=campaign&metrics=spend&filter=campaign:contains:c"),
            (Report::Sessions, "period=today&filter=anything:contains:N10&limit=5"),
            (Report::Sessions, "period=today&filter=order:is:N10&limit=5"),
        ];
        let more = more.map(|(report, text)| asked(report, text));
        reads_no_fact_whole(&store, &[of_reports("from=2026-11-10&to=2026-11-10"), more.into()].concat()).await;
        // A month is much of so small a shop, and PostgreSQL reads little tables whole to join them. In a large one it
        // looks up row by row.
        if !world.url.starts_with("sqlite:") {
            let name = world.texts("select current_database()::text").await.remove(0);
            for kind in ["hashjoin", "mergejoin"] {
                world.run(&format!("alter database {name} set enable_{kind} = off")).await;
            }
        }
        let store = world.another_process(50_000).await;
        reads_no_fact_whole(&store, &of_reports("period=month")).await;
    }

    async fn reads_no_fact_whole(store: &Store, queries: &[ReportQuery]) {
        for query in queries {
            let statements = store.explain(std::slice::from_ref(query), NOON).await.unwrap();
            holds_to_indexes(&format!("{}?{query}", query.report), &statements);
        }
        holds_to_indexes("a session", &store.explain_session(newest(store).await).await.unwrap());
    }

    fn holds_to_indexes(what: &str, statements: &[Explained]) {
        for Explained { text, plan } in statements {
            let steps: Vec<&str> = plan.iter().map(|step| step.trim()).collect();
            let is_whole = (0..steps.len()).any(|place| is_whole(&steps[place..]));
            assert!(!is_whole, "{what}\n{text}\n{plan:#?}");
        }
    }

    async fn newest(store: &Store) -> Id {
        store.sessions(Period::AllTime, 1, NOON).await.unwrap()[0].id
    }

    /// Does the first of these steps read a fact from end to end?
    fn is_whole(steps: &[&str]) -> bool {
        // SQLite names the alias, PostgreSQL the table.
        let scans =
            |alias: &&str| steps[0] == format!("SCAN {alias}") || steps[0].starts_with(&format!("SCAN {alias} "));
        let is_of = |table: &&str| {
            let reads = |how: &str| steps[0].contains(&format!("{how} on {table} "));
            let of_index = steps[0].contains("Index") && steps[0].contains(&format!(" on {table} "));
            let is_bounded = steps.get(1).is_some_and(|next| next.starts_with("Index Cond"));
            reads("Seq Scan") || (of_index && !is_bounded)
        };
        ["s", "a", "x", "o", "o2", "d"].iter().any(scans) || ["session", "action", "orders", "spend"].iter().any(is_of)
    }

    pub async fn fault_f3_nothing_is_read_that_is_not_shown(world: World) {
        let store = many(20).open(&world).await;
        for report in Report::ALL {
            let texts = texts(&store, &asked(*report, "period=week&limit=5")).await;
            let of_actions = [Report::Products, Report::Searches].contains(report);
            assert_eq!(texts.iter().any(|text| text.contains("action ")), of_actions, "{report}: {texts:#?}");
            assert!(texts.iter().all(|text| !text.contains("orders o")), "{report}: {texts:#?}");
        }
    }

    pub async fn fault_f4_every_index_has_a_use(world: World) {
        // The original had 32 on its sessions and 11 on its actions. What is not here slows every visit down: say why.
        let wanted = [
            // Reports and the list, of a period.
            ("session", "session_started_at"),
            // What is old and still identifies somebody.
            ("session", "session_identifies"),
            // A session's actions; is this one a repeat?
            ("action", "action_session"),
            // What was sold in a session, and on a day.
            ("orders", "orders_session"),
            ("orders", "orders_counted_at"),
        ];
        for table in ["session", "action", "orders", "spend"] {
            let all = if world.url.starts_with("sqlite:") {
                format!(
                    "select name from sqlite_master where type = 'index' and tbl_name = '{table}' and sql is not null"
                )
            } else {
                format!(
                    "select indexname::text from pg_indexes where schemaname = current_schema() and \
                     tablename = '{table}' and indexname not like '%_pkey'"
                )
            };
            let mut found = world.texts(&all).await;
            found.sort();
            let mut expected: Vec<_> =
                wanted.iter().filter(|(of, _)| *of == table).map(|(_, name)| (*name).to_owned()).collect();
            expected.sort();
            assert_eq!(found, expected, "{table}");
        }
    }

    pub async fn what_queries_have_in_common_is_asked_once(world: World) {
        let mut shop = many(300);
        shop.spend.push(spent("2026-11-21".parse().unwrap(), "c299", 700));
        let store = shop.open(&world).await;
        let filter = "filter=campaign:contains:C2";
        let mut queries: Vec<ReportQuery> = [
            (Report::General, "period=week&compare=previous"),
            (Report::Funnel, "period=week&compare=previous"),
            (Report::Funnel, "period=week&compare=previous&mode=independent"),
            (Report::General, "period=week&compare=previous&align=elapsed"),
            (Report::Explore, "period=week&dimensions=campaign&metrics=spend,revenue,roi&basis=order&compare=previous"),
            (Report::Sessions, "period=week&limit=3"),
        ]
        .map(|(report, text)| asked(report, text))
        .into();
        let alike = [Report::Channels, Report::Sources, Report::Campaigns, Report::Devices, Report::Products];
        queries.extend(alike.map(|report| asked(report, &format!("period=week&{filter}"))));
        let together = store.reports(&queries, NOON).await.unwrap();
        // One that has answered nothing yet.
        let apart = world.another_process(1_000).await;
        for (query, table) in queries.iter().zip(&together) {
            assert_eq!(&apart.report(query, NOON).await.unwrap(), table, "{}?{query}", query.report);
            assert!(!table.rows.is_empty(), "{}?{query}", query.report);
        }
        // Once the campaigns that hold it for each kind of rows, once all rows together, once those that touches tell apart, and each
        // other by its dimensions.
        let filtered = store.explain(&queries[6..], NOON).await.unwrap();
        assert_eq!(filtered.len(), 2 + 1 + 1 + 2, "{filtered:#?}");
        let compared = store.explain(&queries[..2], NOON).await.unwrap();
        assert_eq!(compared.len(), 2, "{compared:#?}");
    }

    pub async fn fault_f1_more_rows_need_no_more_statements(world: World) {
        let queries = [
            (Report::General, "period=all_time", 1),
            (Report::Sources, "period=all_time", 2),
            (Report::Campaigns, "period=all_time", 2),
            (Report::Campaigns, "period=month&compare=previous", 4),
            // The filter's campaigns are looked up once.
            (Report::Campaigns, "period=all_time&filter=campaign:contains:c", 3),
            (Report::Timeseries, "period=all_time", 3),
            (Report::Explore, "period=month&dimensions=campaign&metrics=sessions,revenue,spend&basis=order", 6),
            (Report::Sessions, "period=all_time", 2),
        ];
        let mut counts = Vec::new();
        for count in [3, 700] {
            let store = many(count).open(&world).await;
            for (report, text, statements) in queries {
                assert_eq!(texts(&store, &asked(report, text)).await.len(), statements, "{report}?{text} of {count}");
            }
            let mut of_reports = Vec::new();
            for (report, (days, compared)) in everything(&["period=all_time", "period=month"], &["", "&compare=year"]) {
                let query = asked(report, &format!("{days}{compared}&filter=product:contains:te"));
                of_reports.push((query.clone(), texts(&store, &query).await.len()));
            }
            let of_session = store.explain_session(newest(&store).await).await.unwrap().len();
            counts.push((of_reports, of_session));
        }
        assert_eq!(counts[0], counts[1]);
    }
}
