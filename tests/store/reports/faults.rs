//! The wrong numbers of the past, each by its name, and the odd shops at the edges.

use crate::world::on_both;

on_both!(
    fault_n1_the_evening_belongs_to_the_local_day,
    fault_n2_a_week_has_seven_days_and_a_month_thirty,
    fault_n3_no_instant_is_in_both_periods,
    fault_n4_visitors_are_browsers_and_not_addresses,
    fault_n5_what_was_called_off_is_no_revenue,
    fault_n13_no_step_has_more_sessions_than_the_one_before,
    fault_n17_direct_is_who_came_from_nowhere,
    fault_n18_no_conversion_has_no_price,
    ten_thousand_campaigns,
    places_that_are_not_known_are_told,
    spend_of_a_day_that_is_cut_is_told,
    all_time_of_an_empty_shop_is_one_empty_day,
    an_earlier_period_without_a_day_has_no_rows,
    the_clock_is_read_in_stretches_of_any_length,
    spend_outside_the_sessions_passes_filters_of_the_clock,
    orders_are_found_by_what_was_done_before_the_period,
    a_country_is_found_by_letters_and_by_name,
    what_each_campaign_cost_and_brought,
);

mod cases {
    use utm_dispatcher::model::action::ActionKind;
    use utm_dispatcher::model::{Millis, OrderStatus};
    use utm_dispatcher::report::{BadQuery, Dimension, Metric, Report, ReportQuery, Table, Value, Warning};
    use utm_dispatcher::store::{Store, StoreError};

    use super::super::shop::{Sold, Spent, Visit, did, paid, plain, shop, spent};
    use crate::world::{MINUTE, NOON, World};

    const HOUR: Millis = 60 * MINUTE;
    const DAY: Millis = 24 * HOUR;

    async fn ask(store: &Store, report: Report, text: &str) -> Table {
        store.report(&ReportQuery::parse(report, text).unwrap(), NOON).await.unwrap()
    }

    fn on(day: &str, amount: i64) -> Spent {
        spent(day.parse().unwrap(), "N/A", amount)
    }

    fn whole(value: &Value) -> i64 {
        if let Value::Whole(whole) = value { *whole } else { panic!("{value:?}") }
    }

    fn pairs(table: &Table) -> Vec<(String, i64)> {
        let label = |value: &Value| match value {
            Value::Text(text) => text.clone(),
            other => format!("{other:?}"),
        };
        table.rows.iter().map(|row| (label(&row[0]), whole(&row[1]))).collect()
    }

    pub async fn fault_n1_the_evening_belongs_to_the_local_day(world: World) {
        // 00:30 in Kyiv is the evening before in UTC.
        let visits = [-12 * HOUR - 1, -12 * HOUR, -11 * HOUR - 30 * MINUTE];
        let store = shop(NOON, visits.map(|at| plain(0, NOON + at, "google")).into(), vec![]).open(&world).await;
        let days = ask(&store, Report::Timeseries, "from=2026-11-21&to=2026-11-22").await;
        assert_eq!(pairs(&days), [("2026-11-21".into(), 1), ("2026-11-22".into(), 2)]);
        let hours = ask(&store, Report::Timeseries, "period=today&dimensions=hour").await;
        assert_eq!((hours.rows.len(), &hours.rows[0][..2]), (24, &[Value::Whole(0), Value::Whole(2)][..]));
    }

    pub async fn fault_n2_a_week_has_seven_days_and_a_month_thirty(world: World) {
        let visits = (0..40).map(|day| plain(day, NOON - day * DAY, "google")).collect();
        let store = shop(NOON, visits, vec![]).open(&world).await;
        for (text, days) in [("period=today", 1), ("period=week", 7), ("period=month", 30)] {
            let table = ask(&store, Report::Timeseries, text).await;
            assert_eq!(table.rows.len(), days, "{text}");
            assert_eq!(whole(table.total(Metric::Sessions)), i64::try_from(days).unwrap(), "{text}");
        }
    }

    pub async fn fault_n3_no_instant_is_in_both_periods(world: World) {
        let midnight = NOON - 12 * HOUR;
        let times =
            [midnight - DAY - 1, midnight - DAY, midnight - 1, midnight, NOON - DAY - 1, NOON - DAY, NOON - DAY + HOUR];
        let store = shop(NOON, times.map(|at| plain(0, at, "google")).into(), vec![]).open(&world).await;
        let both =
            |table: &Table| (whole(table.total(Metric::Sessions)), whole(table.previous_total(Metric::Sessions)));
        assert_eq!(both(&ask(&store, Report::General, "period=today&compare=previous").await), (1, 5));
        // As much of yesterday as of today: up to noon.
        assert_eq!(both(&ask(&store, Report::General, "period=today&compare=previous&align=elapsed").await), (1, 2));
        let series = ask(&store, Report::Timeseries, "period=today&compare=previous&dimensions=hour").await;
        let earlier = series.previous.unwrap();
        assert_eq!(earlier.rows.len(), series.rows.len());
        assert_eq!(&earlier.rows[12][..2], &[Value::Whole(12), Value::Whole(1)]);
    }

    pub async fn fault_n4_visitors_are_browsers_and_not_addresses(world: World) {
        // All have the same address: none.
        let visits = [0, 0, 1, 2]
            .iter()
            .enumerate()
            .map(|(place, visitor)| plain(*visitor, NOON - MINUTE * i64::try_from(place).unwrap(), "google"));
        let store = shop(NOON, visits.collect(), vec![]).open(&world).await;
        let table = ask(&store, Report::General, "period=today").await;
        assert_eq!([Metric::Sessions, Metric::Visitors].map(|metric| whole(table.total(metric))), [4, 3]);
        let sources = ask(&store, Report::Sources, "period=today&dimensions=source,hour&metrics=visitors").await;
        assert_eq!(whole(sources.total(Metric::Visitors)), 3, "visitors of rows do not add up");
    }

    pub async fn fault_n5_what_was_called_off_is_no_revenue(world: World) {
        let orders = vec![
            paid("a", 0, NOON),
            Sold { refunded: 40_000, ..paid("b", 0, NOON) },
            Sold { refunded: 100_000, ..paid("c", 0, NOON) },
            Sold { status: OrderStatus::Cancelled, ..paid("d", 0, NOON) },
            Sold { status: OrderStatus::Returned, ..paid("e", 0, NOON) },
            Sold { visit: None, ..paid("f", 0, NOON - DAY) },
        ];
        let store = shop(NOON, vec![plain(0, NOON, "google")], orders).open(&world).await;
        let figures =
            |table: &Table| [Metric::Orders, Metric::Revenue, Metric::Refunds].map(|metric| whole(table.total(metric)));
        assert_eq!(figures(&ask(&store, Report::General, "period=week").await), [3, 160_000, 140_000]);
        assert_eq!(figures(&ask(&store, Report::General, "period=week&basis=order").await), [4, 260_000, 140_000]);
        let by_source = ask(&store, Report::Explore, "period=week&dimensions=source&metrics=revenue&basis=order").await;
        assert_eq!(pairs(&by_source), [("google".into(), 160_000), ("(not attributed)".into(), 100_000)]);
        let yesterday = ask(&store, Report::General, "from=2026-11-21&to=2026-11-21&basis=order").await;
        assert_eq!(figures(&yesterday), [1, 100_000, 0]);
    }

    pub async fn fault_n13_no_step_has_more_sessions_than_the_one_before(world: World) {
        let done = |kinds: &[ActionKind]| kinds.iter().map(|kind| did(kind.clone(), None)).collect();
        let visits = vec![
            Visit { done: done(&[ActionKind::ProductView]), ..plain(0, NOON, "google") },
            Visit { done: done(&[ActionKind::InitiateCheckout]), ..plain(1, NOON + 1, "google") },
            plain(2, NOON + 2, "google"),
        ];
        let store = shop(NOON, visits, vec![paid("a", 2, NOON)]).open(&world).await;
        let steps = [
            Metric::FunnelProductView,
            Metric::FunnelAddToCart,
            Metric::FunnelInitiateCheckout,
            Metric::FunnelLead,
            Metric::FunnelPurchase,
        ];
        let funnel = |table: &Table| steps.map(|step| whole(table.total(step)));
        let nested = ask(&store, Report::Funnel, "period=today").await;
        assert_eq!(funnel(&nested), [3, 2, 2, 1, 1]);
        assert_eq!(nested.total(Metric::AddToCartStepRate), &Value::Fraction { of: 200, per: 3 });
        assert_eq!(funnel(&ask(&store, Report::Funnel, "period=today&mode=independent").await), [1, 0, 1, 0, 1]);
        let by_source = ask(&store, Report::Funnel, "period=today&dimensions=source").await;
        assert_eq!(pairs(&by_source), [("google".into(), 3)]);
    }

    pub async fn fault_n17_direct_is_who_came_from_nowhere(world: World) {
        let visits = vec![plain(0, NOON, "direct"), plain(1, NOON, "direct")];
        let store = shop(NOON, visits, vec![]).open(&world).await;
        assert_eq!(pairs(&ask(&store, Report::Sources, "period=today").await), [("direct".into(), 2)]);
        for text in ["period=today&filter=source:is:direct", "period=today&filter=source:empty&filter=campaign:is:N/A"]
        {
            assert_eq!(whole(ask(&store, Report::General, text).await.total(Metric::Sessions)), 2, "{text}");
        }
    }

    pub async fn fault_n18_no_conversion_has_no_price(world: World) {
        let mut shop = shop(NOON, vec![plain(0, NOON, "google")], vec![]);
        shop.spend.push(Spent { clicks: 0, ..on("2026-11-22", 5000) });
        let store = shop.open(&world).await;
        let text = "period=today&dimensions=campaign&metrics=spend,cpa,cpc,roi,profit";
        let table = ask(&store, Report::Explore, text).await;
        let expected = [
            Value::Text("N/A".into()),
            Value::Whole(5000),
            Value::Null,
            Value::Null,
            Value::Fraction { of: -500_000, per: 5000 },
            Value::Whole(-5000),
        ];
        assert_eq!(table.rows, [expected]);
        // What spend cannot have is refused before the database is asked.
        let query = ReportQuery {
            dimensions: Some(vec![Dimension::City]),
            metrics: Some(vec![Metric::Spend]),
            ..ReportQuery::new(Report::Explore, utm_dispatcher::model::Period::Today)
        };
        let refused = store.report(&query, NOON).await;
        assert!(matches!(refused, Err(StoreError::BadQuery(BadQuery { parameter: "metrics", .. }))));
    }

    pub async fn ten_thousand_campaigns(world: World) {
        let visit = |place: i64| Visit {
            campaign: Some(format!("Кампанія_{place:05}")),
            ..plain(place, NOON - place * MINUTE / 20, "google")
        };
        let store = shop(NOON, (0..10_000).map(visit).collect(), vec![]).open(&world).await;
        let all = ask(&store, Report::Campaigns, "period=today&limit=100").await;
        assert_eq!((all.rows.len(), all.total_rows, all.next.is_some()), (100, 10_000, true));
        let found =
            ask(&store, Report::Campaigns, "period=today&filter=campaign:contains:КАМПАН&compare=previous").await;
        assert_eq!((found.rows.len(), whole(found.total(Metric::Sessions))), (10_000, 10_000));
        let some = ask(&store, Report::General, "period=today&filter=campaign:contains:_0999|_0500").await;
        assert_eq!(whole(some.total(Metric::Sessions)), 20);
    }

    pub async fn places_that_are_not_known_are_told(world: World) {
        let visits = vec![Visit { country: Some("UA".into()), ..plain(0, NOON, "google") }, plain(1, NOON, "google")];
        let store = shop(NOON, visits, vec![]).open(&world).await;
        let told = |table: Table| table.warnings;
        assert_eq!(told(ask(&store, Report::GeoCountries, "period=today").await), [Warning::WithoutPlace(1)]);
        assert_eq!(told(ask(&store, Report::GeoCities, "period=today").await), [Warning::WithoutPlace(2)]);
        assert_eq!(told(ask(&store, Report::Sources, "period=today").await), []);
    }

    pub async fn spend_of_a_day_that_is_cut_is_told(world: World) {
        let mut shop = shop(NOON, vec![plain(0, NOON, "google"), plain(1, NOON - DAY + HOUR, "google")], vec![]);
        shop.spend = vec![on("2026-11-22", 300), on("2026-11-21", 500), on("2026-11-20", 900)];
        let store = shop.open(&world).await;
        let asked = "dimensions=campaign&metrics=sessions,spend&compare=previous";
        let cut = ask(&store, Report::Explore, &format!("period=today&{asked}&align=elapsed")).await;
        let whole_days = ask(&store, Report::Explore, &format!("period=today&{asked}")).await;
        let over = ask(&store, Report::Explore, &format!("from=2026-11-21&to=2026-11-21&{asked}&align=elapsed")).await;
        let earlier =
            |table: &Table| [Metric::Sessions, Metric::Spend].map(|metric| whole(table.previous_total(metric)));
        // The session of yesterday's afternoon is left out; what was spent has no hour.
        assert_eq!((earlier(&cut), earlier(&whole_days), earlier(&over)), ([0, 500], [1, 500], [0, 900]));
        assert_eq!(cut.warnings, [Warning::WholeSpend("2026-11-21".parse().unwrap())]);
        assert_eq!((whole_days.warnings, over.warnings), (vec![], vec![]));
        let no_spend = ask(&store, Report::General, "period=today&compare=previous&align=elapsed").await;
        assert_eq!(no_spend.warnings, []);
    }

    pub async fn an_earlier_period_without_a_day_has_no_rows(world: World) {
        // All the time there was is one day: the half before it has none.
        let store = shop(NOON, vec![plain(0, NOON, "direct")], vec![]).open(&world).await;
        for clock in ["month", "week", "day", "weekday", "hour", "month,source"] {
            let text = format!("period=all_time&compare=previous&dimensions={clock}&metrics=sessions");
            let table = ask(&store, Report::Explore, &text).await;
            assert_eq!(whole(table.total(Metric::Sessions)), 1, "{clock}");
            let previous = table.previous.unwrap();
            assert_eq!(previous.totals.iter().map(Value::fraction).next_back().flatten(), Some((0, 1)), "{clock}");
        }
    }

    pub async fn the_clock_is_read_in_stretches_of_any_length(world: World) {
        let visits = vec![plain(0, NOON - 60 * DAY, "google"), plain(1, NOON, "google")];
        let store = shop(NOON, visits, vec![]).open(&world).await;
        let of_september = "filter=month:is:2026-09";
        // A long stretch beside a short one, and the other way round.
        let long = "2015-01-01..2026-11-28";
        let table = ask(&store, Report::General, &format!("period=month&compare={long}&{of_september}")).await;
        let both =
            |table: &Table| (whole(table.total(Metric::Sessions)), whole(table.previous_total(Metric::Sessions)));
        assert_eq!(both(&table), (0, 1));
        let text = format!("from=2015-01-01&to=2026-11-28&compare=2026-09-01..2026-09-30&{of_september}");
        assert_eq!(both(&ask(&store, Report::General, &text).await), (1, 1));
        // From summer to winter time: an hour longer than its days.
        for to in ["2026-10-31", "2026-11-01", "2026-11-02"] {
            let text = format!("from=2016-10-25&to={to}&{of_september}");
            assert_eq!(whole(ask(&store, Report::General, &text).await.total(Metric::Sessions)), 1, "{text}");
        }
        // Nothing that is stored lies in it: no row, above all none of another day.
        let before = ask(&store, Report::Timeseries, "from=1971-01-01&to=2001-12-31&dimensions=month").await;
        assert_eq!(pairs(&before), []);
    }

    pub async fn spend_outside_the_sessions_passes_filters_of_the_clock(world: World) {
        let mut shop = shop(NOON, vec![plain(0, NOON, "google")], vec![]);
        shop.spend = vec![on("2026-09-10", 700), on("2026-12-01", 30), on("2026-11-22", 5)];
        let store = shop.open(&world).await;
        for days in ["period=all_time", "from=2010-01-01&to=2030-12-31"] {
            let of = async |filter: &str| {
                let text = format!("{days}&dimensions=campaign&metrics=spend&filter={filter}");
                whole(ask(&store, Report::Explore, &text).await.total(Metric::Spend))
            };
            assert_eq!(of("month:is:2026-09").await, 700, "{days}");
            assert_eq!(of("day:not:2026-09-10").await, 35, "{days}");
            assert_eq!(of("month:starts:2026-1").await, 35, "{days}");
            let series = ask(&store, Report::Explore, &format!("{days}&dimensions=month&metrics=spend")).await;
            let expected = [("2026-09", 700), ("2026-10", 0), ("2026-11", 5), ("2026-12", 30)];
            assert_eq!(pairs(&series), expected.map(|(month, spend)| (month.to_owned(), spend)), "{days}");
        }
    }

    pub async fn orders_are_found_by_what_was_done_before_the_period(world: World) {
        let done = vec![did(ActionKind::ProductView, Some("Tee")), did(ActionKind::Search, Some("Boots"))];
        let visits = vec![Visit { done, ..plain(0, NOON - 9 * DAY, "google") }, plain(1, NOON, "google")];
        let orders = vec![
            Sold { paid_at: Some(NOON), ..paid("a", 0, NOON - 9 * DAY) },
            paid("b", 1, NOON),
            Sold { visit: None, ..paid("c", 0, NOON) },
        ];
        let store = shop(NOON, visits, orders).open(&world).await;
        let orders = async |filter: &str| {
            let text = format!("period=today&basis=order&metrics=orders&filter={filter}");
            whole(ask(&store, Report::Explore, &text).await.total(Metric::Orders))
        };
        for filter in ["product:is:Tee", "product:contains:te", "search_term:starts:boo", "search_term:is:Boots"] {
            assert_eq!(orders(filter).await, 1, "{filter}");
        }
        assert_eq!(orders("product:contains:nothing").await, 0);
    }

    pub async fn what_each_campaign_cost_and_brought(world: World) {
        let of = |visit: Visit, campaign: &str| Visit { campaign: Some(campaign.into()), ..visit };
        let visits = vec![
            of(plain(0, NOON - DAY, "google"), "winter"),
            of(plain(1, NOON, "google"), "winter"),
            // The same name elsewhere is another campaign.
            of(plain(2, NOON, "bing"), "winter"),
            plain(3, NOON, "google"),
        ];
        let orders = vec![paid("a", 0, NOON), Sold { refunded: 30_000, ..paid("b", 1, NOON) }];
        let spend =
            |day: &str, campaign: &str, amount| Spent { clicks: 40, ..spent(day.parse().unwrap(), campaign, amount) };
        let mut shop = shop(NOON, visits, orders);
        shop.spend = vec![
            spend("2026-11-21", "winter", 30_000),
            spend("2026-11-22", "winter", 20_000),
            spend("2026-11-22", "lost", 5_000),
            // Before the week.
            spend("2026-11-15", "winter", 90_000),
        ];
        let store = shop.open(&world).await;
        let metrics = "spend,revenue,profit,roi,roas,cpa,cpc";
        let text = format!("period=week&dimensions=source,campaign&metrics={metrics}&sort=-spend");
        let table = ask(&store, Report::Explore, &text).await;
        let line = |cells: &[Value]| -> Vec<String> {
            let cells = cells.iter().zip(&table.columns);
            let written = cells.map(|(cell, column)| match (cell, column.unit()) {
                (Value::Text(text), _) => text.clone(),
                (cell, unit) => unit.and_then(|unit| cell.decimal(unit)).unwrap_or_default(),
            });
            written.collect()
        };
        let rows: Vec<_> = table.rows.iter().map(|row| line(row).join(" ")).collect();
        assert_eq!(
            rows,
            [
                "google winter 500.00 1700.00 1200.00 240.00 3.40 250.00 6.25",
                "google lost 50.00 0.00 -50.00 -100.00 0.00  1.25",
                "bing winter 0.00 0.00 0.00    ",
                "google N/A 0.00 0.00 0.00    ",
            ]
        );
        assert_eq!(line(&table.totals).join(" "), "  550.00 1700.00 1150.00 209.09 3.09 275.00 4.58");
    }

    pub async fn a_country_is_found_by_letters_and_by_name(world: World) {
        let from = |place: i64, country: &str| Visit { country: Some(country.into()), ..plain(place, NOON, "google") };
        let visits = vec![from(0, "UA"), from(1, "UA"), from(2, "PL"), plain(3, NOON, "google")];
        let store = shop(NOON, visits, vec![]).open(&world).await;
        for (filter, sessions) in [
            ("is:UA", 2),
            ("is:Ukraine", 2),
            ("is:Ukraine|PL", 3),
            ("not:Ukraine", 2),
            ("contains:KRAIN", 2),
            ("starts:pol", 1),
            ("is:ukraine", 0),
            ("empty", 1),
        ] {
            let table = ask(&store, Report::General, &format!("period=today&filter=country:{filter}")).await;
            assert_eq!(whole(table.total(Metric::Sessions)), sessions, "{filter}");
        }
        let rows = ask(&store, Report::GeoCountries, "period=today&filter=country:is:Ukraine&metrics=sessions").await;
        assert_eq!(pairs(&rows), [("UA".to_owned(), 2)], "rows keep the letters, whatever they are asked by");
    }

    pub async fn all_time_of_an_empty_shop_is_one_empty_day(world: World) {
        let store = shop(NOON, vec![], vec![]).open(&world).await;
        let series = ask(&store, Report::Timeseries, "period=all_time&compare=previous").await;
        assert_eq!(pairs(&series), [("2026-11-22".into(), 0)]);
        assert_eq!(whole(series.previous_total(Metric::Sessions)), 0);
        // A period far longer than anything stored costs nothing.
        let long = ask(&store, Report::Timeseries, "from=1970-01-01&to=9999-12-31&dimensions=month").await;
        assert_eq!(pairs(&long), [("2026-11".into(), 0)]);
        for report in Report::ALL {
            let table = ask(&store, *report, "period=month").await;
            assert!(table.totals.iter().all(|value| matches!(value, Value::Null | Value::Whole(0))), "{report}");
        }
    }
}
