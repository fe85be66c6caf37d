//! Reports on stored visits: grouped, sorted, bounded by local days, the same on both databases.

mod faults;
mod list;
mod plans;
mod random;
mod reference;
mod shop;

use crate::world::on_both;

on_both!(
    an_empty_store_answers_with_zeros,
    sources_are_grouped_and_sorted,
    periods_are_local_days,
    a_snapshot_is_whole,
    one_that_fails_takes_no_other_with_it,
    an_answer_holds_until_any_process_writes,
    many_questions_are_answered_as_each_by_itself,
);

mod cases {
    use utm_dispatcher::model::{Money, OrderMessage, PaymentStatus, Period};
    use utm_dispatcher::report::{Basis, Column, Metric, Report, ReportQuery, Unit, Value};

    use crate::world::{MINUTE, NOON, World, hit, key, order, page_view};

    const HOUR: i64 = 60 * MINUTE;

    pub async fn an_empty_store_answers_with_zeros(World { store, .. }: World) {
        for period in Period::NAMED {
            let general = store.report(&ReportQuery::new(Report::General, period), NOON).await.unwrap();
            assert_eq!(general.total(Metric::Sessions), &Value::Whole(0), "{period}");
            assert_eq!(general.total(Metric::Revenue), &Value::Whole(0));
            assert_eq!(general.total(Metric::Cr), &Value::Null);
            let sources = store.report(&ReportQuery::new(Report::Sources, period), NOON).await.unwrap();
            assert_eq!((sources.rows.len(), sources.total_rows), (0, 0));
            assert!(store.sessions(period, 10, NOON).await.unwrap().is_empty());
        }
    }

    pub async fn an_answer_holds_until_any_process_writes(world: World) {
        let store = &world.store;
        let sessions = async |now| {
            let general = store.report(&ReportQuery::new(Report::General, Period::Week), now).await.unwrap();
            general.total(Metric::Sessions).clone()
        };
        store.ingest(&[page_view(&hit("a", "google", ""), NOON)]).await.unwrap();
        assert_eq!(sessions(NOON).await, Value::Whole(1));
        // The log of changes does not hear of this, but PostgreSQL numbers whatever is written.
        world.run("update session set started_at = 0").await;
        let is_known = world.url.starts_with("sqlite:");
        assert_eq!(sessions(NOON + 1).await, Value::Whole(i64::from(is_known)));
        assert_eq!(sessions(NOON + MINUTE).await, Value::Whole(0), "days begin with a minute");
        let other = world.another_process(1_000).await;
        other.ingest(&[page_view(&hit("b", "google", ""), NOON)]).await.unwrap();
        assert_eq!(sessions(NOON + MINUTE).await, Value::Whole(1));
        store.ingest(&[page_view(&hit("c", "google", ""), NOON)]).await.unwrap();
        assert_eq!(sessions(NOON + MINUTE).await, Value::Whole(2));
    }

    pub async fn many_questions_are_answered_as_each_by_itself(world: World) {
        let store = &world.store;
        for (who, source) in [("a", "google"), ("b", "google"), ("c", "olx"), ("d", "")] {
            store.ingest(&[page_view(&hit(who, source, who), NOON)]).await.unwrap();
        }
        for (number, who, total) in [("N1", "a", 149_900), ("N2", "c", 100)] {
            let message = OrderMessage { total: Money(total), ..order(number, NOON + 1, PaymentStatus::Paid) };
            store.apply_order(message, Some(&key(who)), NOON + 2).await.unwrap();
        }
        let reports = Report::ALL.iter().filter(|report| !report.is_list());
        let mut queries: Vec<ReportQuery> = reports.map(|report| ReportQuery::new(*report, Period::Week)).collect();
        let metrics = Some(vec![Metric::Visitors, Metric::Revenue, Metric::Share]);
        queries.push(ReportQuery { metrics, ..ReportQuery::new(Report::Sources, Period::Week) });
        let by_order = |report| ReportQuery { basis: Basis::Order, ..ReportQuery::new(report, Period::Week) };
        queries.insert(0, by_order(Report::Channels));
        queries.insert(0, by_order(Report::Sources));
        // Two readers share the first ones; later ones hold, beside a question that is new.
        for later in [0, 1] {
            queries.push(ReportQuery { limit: Some(1 + later), ..ReportQuery::new(Report::Campaigns, Period::Week) });
            let together = store.reports(&queries, NOON).await.unwrap();
            // One that has answered nothing yet.
            let apart = world.another_process(1_000).await;
            for (query, table) in queries.iter().zip(&together) {
                assert_eq!(*table, apart.report(query, NOON).await.unwrap(), "{query:?}");
            }
        }
    }

    pub async fn sources_are_grouped_and_sorted(World { store, .. }: World) {
        let visits = [("a", "google"), ("b", "google"), ("c", "Яндекс"), ("d", "apple"), ("e", "")];
        for (who, source) in visits {
            store.ingest(&[page_view(&hit(who, source, ""), NOON)]).await.unwrap();
        }
        for (number, who, total) in [("N1", "a", 149_900), ("N2", "a", 50_001), ("N3", "d", 100)] {
            let message = OrderMessage { total: Money(total), ..order(number, NOON + 1, PaymentStatus::Paid) };
            store.apply_order(message, Some(&key(who)), NOON + 2).await.unwrap();
        }
        let query = ReportQuery { limit: Some(3), ..ReportQuery::new(Report::Sources, Period::Today) };
        let table = store.report(&query, NOON).await.unwrap();
        let row = |place: usize| -> Vec<String> {
            let units = table.columns.iter().map(Column::unit);
            table.rows[place]
                .iter()
                .zip(units)
                .map(|(value, unit)| match (value, unit) {
                    (Value::Text(text), _) => text.clone(),
                    (value, Some(unit)) => value.decimal(unit).unwrap_or_else(|| "—".into()),
                    (value, None) => format!("{value:?}"),
                })
                .collect()
        };
        assert_eq!(row(0), ["google", "2", "1", "50.00", "1999.01", "999.50", "221"]);
        assert_eq!(row(1), ["apple", "1", "1", "100.00", "1.00", "1.00", "101"]);
        assert_eq!(row(2), ["direct", "1", "0", "0.00", "0.00", "—", "1"]);
        assert_eq!((table.rows.len(), table.total_rows), (3, 4));
        assert_eq!(table.total(Metric::Revenue).decimal(Unit::Money).as_deref(), Some("2000.01"));
    }

    pub async fn periods_are_local_days(World { store, .. }: World) {
        // Noon in Kyiv; local midnight was twelve hours ago.
        let starts = [("a", 0), ("b", -12), ("c", -13), ("d", -6 * 24 - 12), ("e", -6 * 24 - 13), ("f", -40 * 24)];
        for (who, hours) in starts {
            store.ingest(&[page_view(&hit(who, "", ""), NOON + hours * HOUR)]).await.unwrap();
        }
        let cases = [(Period::Today, 2), (Period::Week, 4), (Period::Month, 5), (Period::AllTime, 6)];
        for (period, sessions) in cases {
            let table = store.report(&ReportQuery::new(Report::General, period), NOON).await.unwrap();
            assert_eq!(table.total(Metric::Sessions), &Value::Whole(sessions), "{period}");
            assert_eq!(store.sessions(period, 100, NOON).await.unwrap().len(), usize::try_from(sessions).unwrap());
        }
    }

    pub async fn a_snapshot_is_whole(World { store, .. }: World) {
        let writer = {
            let store = store.clone();
            tokio::spawn(async move {
                for who in 0..60 {
                    store.ingest(&[page_view(&hit(&format!("v{who}"), "x", ""), NOON)]).await.unwrap();
                }
            })
        };
        let queries = [Report::General, Report::Sources].map(|report| ReportQuery::new(report, Period::AllTime));
        for _ in 0..30 {
            let tables = store.reports(&queries, NOON).await.unwrap();
            assert_eq!(tables[0].total(Metric::Sessions), tables[1].total(Metric::Sessions));
        }
        writer.await.unwrap();
    }

    pub async fn one_that_fails_takes_no_other_with_it(world: World) {
        let World { store, .. } = &world;
        store.ingest(&[page_view(&hit("a", "google", ""), NOON)]).await.unwrap();
        let answers = async |texts: &[&str]| -> Vec<String> {
            let queries: Vec<_> = texts.iter().map(|text| ReportQuery::parse(Report::General, text).unwrap()).collect();
            let answers = store.each_report(&queries, NOON).await.into_iter();
            let words = answers.map(|answer| match answer {
                Ok(table) => format!("{:?}", table.totals),
                Err(error) if error.bad_query().is_some() => "cannot be asked".to_owned(),
                Err(_) => "failed".to_owned(),
            });
            words.collect()
        };
        let (sessions, visitors) = ("period=today&metrics=sessions", "period=today&metrics=visitors");
        let (spend, clicks) = ("period=today&metrics=spend", "period=today&metrics=clicks");
        let strange = "period=today&metrics=sessions&filter=action:has:dance";
        let one = "[Whole(1)]";
        assert_eq!(answers(&[sessions, strange, visitors]).await, [one, "cannot be asked", one]);
        world.run("alter table spend rename to gone").await;
        assert_eq!(answers(&[sessions, spend, strange, visitors]).await, [one, "failed", "cannot be asked", one]);
        assert_eq!(answers(&[spend]).await, ["failed"]);
        assert_eq!(
            answers(&[spend, strange, clicks, sessions]).await,
            ["failed", "cannot be asked", "failed", "failed"]
        );
        assert!(answers(&[]).await.is_empty());
    }
}
