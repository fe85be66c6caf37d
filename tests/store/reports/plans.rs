//! The SQL of every report: pinned, read through indexes, and never more of it for more rows.

use crate::world::on_both;

on_both!(the_sql_of_every_report, no_fact_is_read_whole, fault_f1_more_rows_need_no_more_statements);

mod cases {
    use utm_dispatcher::model::action::ActionKind;
    use utm_dispatcher::report::{Report, ReportQuery};
    use utm_dispatcher::store::Store;

    use super::super::shop::{Shop, Visit, did, paid, plain, shop};
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

    async fn texts(store: &Store, query: &ReportQuery) -> Vec<String> {
        store.explain(query, NOON).await.unwrap().into_iter().map(|explained| explained.text).collect()
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
        shop.spend = (0..300)
            .map(|ago| super::super::shop::Spent {
                day: today - chrono::Duration::days(ago),
                source: "google".into(),
                medium: "none".into(),
                campaign: "c1".into(),
                amount: 1,
                clicks: 1,
            })
            .collect();
        let store = shop.open(&world).await;
        world.run("analyze").await;
        let mut queries: Vec<ReportQuery> =
            Report::ALL.iter().map(|report| asked(*report, "from=2026-11-10&to=2026-11-10&limit=10")).collect();
        let more = [
            (Report::Sources, "from=2026-11-10&to=2026-11-10&compare=previous&basis=order"),
            (Report::Explore, "period=today&dimensions=source&metrics=revenue,orders&basis=order"),
            (Report::Explore, "period=today&dimensions=campaign,day&metrics=spend,roi"),
            (Report::Campaigns, "period=today&filter=product:contains:te&filter=source:is:google"),
            (Report::Products, "period=today&filter=product:starts:te&filter=campaign:contains:C1"),
            (Report::Funnel, "period=today&dimensions=hour&filter=action:has:survey_start"),
            (Report::Explore, "period=today&dimensions=campaign&metrics=spend&filter=campaign:contains:c"),
            (Report::Sessions, "period=today&filter=anything:contains:N10&limit=5"),
            (Report::Sessions, "period=today&filter=order:is:N10&limit=5"),
        ];
        queries.extend(more.map(|(report, text)| asked(report, text)));
        for query in queries {
            for explained in store.explain(&query, NOON).await.unwrap() {
                for step in &explained.plan {
                    // SQLite names the alias, PostgreSQL the table.
                    let step = step.trim();
                    let is_whole = ["s", "a", "x", "o", "o2", "d"]
                        .iter()
                        .any(|alias| step == format!("SCAN {alias}") || step.starts_with(&format!("SCAN {alias} ")))
                        || ["session ", "action ", "orders ", "spend "]
                            .iter()
                            .any(|table| step.contains(&format!("Seq Scan on {table}")));
                    assert!(!is_whole, "{}?{query}\n{}\n{:#?}", query.report, explained.text, explained.plan);
                }
            }
        }
    }

    pub async fn fault_f1_more_rows_need_no_more_statements(world: World) {
        let queries = [
            (Report::General, "period=all_time", 1),
            (Report::Sources, "period=all_time", 2),
            (Report::Campaigns, "period=all_time", 2),
            (Report::Campaigns, "period=month&compare=previous", 4),
            // The filter's campaigns are looked up before each of the two.
            (Report::Campaigns, "period=all_time&filter=campaign:contains:c", 4),
            (Report::Timeseries, "period=all_time", 3),
            (Report::Explore, "period=month&dimensions=campaign&metrics=sessions,revenue,spend&basis=order", 6),
            (Report::Sessions, "period=all_time", 2),
        ];
        for count in [3, 700] {
            let store = many(count).open(&world).await;
            for (report, text, statements) in queries {
                assert_eq!(texts(&store, &asked(report, text)).await.len(), statements, "{report}?{text} of {count}");
            }
        }
    }
}
