//! What is written is read back, and what cannot be asked is refused by name.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;
use crate::report::filter::{Operator, Subject};
use crate::report::table::Value;
use crate::report::{Dimension, Metric};

fn days() -> impl Strategy<Value = (chrono::NaiveDate, chrono::NaiveDate)> {
    let first = chrono::NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
    (0_u64..30_000, 0_u64..400).prop_map(move |(start, length)| {
        let from = first + chrono::Days::new(start);
        (from, from + chrono::Days::new(length))
    })
}

fn filters() -> impl Strategy<Value = Filter> {
    let texts = [Dimension::Source, Dimension::Campaign, Dimension::City, Dimension::Product, Dimension::LandingPage];
    let operators = [Operator::Is, Operator::Not, Operator::Contains, Operator::Starts];
    let values = vec("\\PC{1,12}", 1..4);
    let by_text = (select(texts.to_vec()), select(operators.to_vec()), values)
        .prop_map(|(dimension, operator, values)| Filter { subject: Subject::Dimension(dimension), operator, values });
    let empty = select(Dimension::ALL).prop_map(|dimension| Filter {
        subject: Subject::Dimension(dimension),
        operator: Operator::Empty,
        values: vec![],
    });
    let hour =
        (0_u8..24).prop_map(|hour| Filter::new(Subject::Dimension(Dimension::Hour), Operator::Is, &hour.to_string()));
    let had = Just(Filter::new(Subject::Action, Operator::Has, "add_to_cart"));
    prop_oneof![4 => by_text, 1 => empty, 1 => hour, 1 => had]
}

fn queries() -> impl Strategy<Value = ReportQuery> {
    let period = prop_oneof![select(Period::NAMED.to_vec()), days().prop_map(|(from, to)| Period::Range { from, to }),];
    let compare = prop_oneof![
        Just(Compare::None),
        Just(Compare::Previous),
        Just(Compare::Year),
        days().prop_map(|(from, to)| Compare::Range { from, to }),
    ];
    let dimensions = [Dimension::Source, Dimension::City, Dimension::Hour, Dimension::Month, Dimension::VisitorType];
    let metrics = [Metric::Sessions, Metric::Cr, Metric::Revenue, Metric::FunnelLead, Metric::Share];
    let columns = (subsequence(dimensions.to_vec(), 0..=4), subsequence(metrics.to_vec(), 1..=5))
        .prop_flat_map(|(dimensions, metrics)| (Just(dimensions).prop_shuffle(), Just(metrics).prop_shuffle()));
    let flags = any::<[bool; 5]>();
    let cells = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::Whole),
        (any::<i64>(), 1_i64..1_000_000).prop_map(|(of, per)| Value::Fraction { of, per }),
        "\\PC{0,10}".prop_map(Value::Text),
    ];
    (
        period,
        compare,
        columns,
        vec(filters(), 0..4),
        (of(0_usize..9), any::<bool>()),
        of(1_usize..5000),
        vec(cells, 6),
        flags,
    )
        .prop_map(|(period, compare, (dimensions, metrics), filters, (sort, falls), limit, cells, flags)| {
            let [align, matching, basis, mode, has_cursor] = flags;
            let keys: Vec<Key> = dimensions
                .iter()
                .map(|one| Key::Dimension(*one))
                .chain(metrics.iter().map(|one| Key::Metric(*one)))
                .collect();
            let direction = if falls { Direction::Falling } else { Direction::Rising };
            let query = ReportQuery {
                compare,
                align: if align { Align::Elapsed } else { Align::Full },
                matching: if matching { Match::Weekday } else { Match::Date },
                filters,
                sort: sort.map(|place| Sort { key: keys[place % keys.len()], direction }),
                dimensions: Some(dimensions),
                metrics: Some(metrics),
                limit,
                basis: if basis { Basis::Order } else { Basis::Session },
                mode: if mode { Mode::Independent } else { Mode::Nested },
                ..ReportQuery::new(Report::Explore, period)
            };
            let cursor = has_cursor.then(|| cursor(&query, cells));
            ReportQuery { cursor, ..query }
        })
}

/// A place between rows of `query`: as many of `cells` as it takes, each null where no such cell can stand.
fn cursor(query: &ReportQuery, cells: Vec<Value>) -> Cursor {
    let sorted = query.sorted_by().map(|sort| sort.key);
    let keys = sorted.into_iter().chain(query.dimensions().iter().copied().map(Key::Dimension));
    let can_stand = |key: Key, cell: &Value| match key {
        Key::Dimension(Dimension::Hour) => matches!(cell, Value::Whole(_)),
        Key::Dimension(_) => matches!(cell, Value::Text(_)),
        _ => !matches!(cell, Value::Text(_)),
    };
    Cursor(keys.zip(cells).map(|(key, cell)| if can_stand(key, &cell) { cell } else { Value::Null }).collect())
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(query in queries()) {
        let text = query.to_string();
        prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic()), "{}", text);
        let read = ReportQuery::parse(Report::Explore, &text);
        prop_assert_eq!(read.as_ref(), Ok(&query.normalised()), "{}", text);
        prop_assert_eq!(read.unwrap().to_string(), text);
    }

    #[test]
    fn no_text_is_too_strange_to_refuse(text in "(period|filter|sort|cursor|limit|x)?=?[ -~\\PC]{0,40}") {
        if let Err(refused) = ReportQuery::parse(Report::Sources, &text) {
            prop_assert!(refused.came.chars().count() <= 100 && !refused.allowed.is_empty());
        }
    }
}

#[test]
fn what_goes_without_saying_is_left_out() {
    let cases = [
        ("", "period=today"),
        ("period=month&compare=none&align=full&match=date&basis=session&mode=nested", "period=month"),
        ("period=month&sort=-sessions&dimensions=source", "period=month"),
        ("limit=20&period=week&sort=-revenue", "period=week&sort=-revenue&limit=20"),
        (
            "from=2026-11-01&to=2026-11-22&compare=2025-11-01..2025-11-22",
            "from=2026-11-01&to=2026-11-22&compare=2025-11-01..2025-11-22",
        ),
        (
            "filter=campaign%3Ais%3Aa+b%7Cc&filter=term:empty",
            "period=today&filter=campaign:is:a%20b%7Cc&filter=term:empty",
        ),
    ];
    for (text, normal) in cases {
        assert_eq!(ReportQuery::parse(Report::Sources, text).map(|query| query.to_string()).as_deref(), Ok(normal));
    }
    let series = ReportQuery::parse(Report::Timeseries, "sort=day").unwrap();
    assert_eq!(series.to_string(), "period=today");
}

#[test]
fn fault_u1_what_cannot_be_asked_is_named() {
    let cases = [
        ("period=yesterday", "period"),
        ("period=", "period"),
        ("period=week&period=month", "period"),
        ("period=week&from=2026-11-01&to=2026-11-02", "period"),
        ("from=2026-11-01", "to"),
        ("to=2026-11-01", "from"),
        ("from=2026-11-31&to=2026-12-01", "from"),
        ("from=2026-11-02&to=2026-11-01", "from"),
        ("from=1969-12-31&to=2026-03-01", "from"),
        ("from=+2026-03-1&to=2026-03-01", "from"),
        ("compare=last", "compare"),
        ("compare=2026-11-02..2026-11-01", "compare"),
        ("align=both", "align"),
        ("match=day", "match"),
        ("basis=money", "basis"),
        ("mode=strict", "mode"),
        ("metrics=sessions,gold", "metrics"),
        ("metrics=", "metrics"),
        ("metrics=cr,cr", "metrics"),
        ("dimensions=colour", "dimensions"),
        ("dimensions=source,source", "dimensions"),
        ("dimensions=source,medium,campaign,content,term,city", "dimensions"),
        ("dimensions=product,search_term&metrics=sessions", "dimensions"),
        ("sort=-city", "sort"),
        ("sort=", "sort"),
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=%2B5", "limit"),
        ("limit=1.5", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("cursor=nonsense", "cursor"),
        ("cursor=w1", "cursor"),
        ("filter=colour:is:red", "filter"),
        ("colour=red", "query"),
        ("period=%ff", "query"),
    ];
    for (text, parameter) in cases {
        let refused = ReportQuery::parse(Report::Sources, text).unwrap_err();
        assert_eq!(refused.parameter, parameter, "{text}: {refused}");
    }
}

#[test]
fn a_refusal_repeats_what_came() {
    let too_many = "filter=term:empty&".repeat(crate::report::query::MAX_FILTERS + 1);
    let cases = [
        (Report::Sessions, "sort=-revenue", "-revenue"),
        (Report::Sessions, "compare=previous", "previous"),
        (Report::Sessions, "compare=2026-11-01..2026-11-02", "2026-11-01..2026-11-02"),
        (Report::Sessions, "metrics=cr,sessions", "cr,sessions"),
        (Report::Sources, "metrics=", ""),
        (Report::Sources, "metrics=cr,cr", "cr,cr"),
        (Report::Sources, "dimensions=source,source", "source,source"),
        (Report::Explore, "dimensions=product,search_term&metrics=sessions", "product,search_term"),
        (Report::Sources, "sort=-city", "-city"),
        (Report::Sources, "compare=2026-11-02..2026-11-01", "2026-11-02..2026-11-01"),
        (Report::Sources, "filter=hour:is:24", "hour:is:24"),
        (Report::Sources, "filter=hour:is:%2532%2535", "hour:is:%32%35"),
        (Report::Sources, too_many.as_str(), "term:empty"),
    ];
    for (report, text, came) in cases {
        let refused = ReportQuery::parse(report, text).unwrap_err();
        assert_eq!(refused.came, came, "{text}: {refused}");
    }
}

#[test]
fn a_cursor_holds_cells_of_its_table() {
    let goes_on = |text: &str| match ReportQuery::parse(Report::Explore, text) {
        Ok(_) => true,
        Err(refused) => {
            assert_eq!(refused.parameter, "cursor", "{text}");
            false
        }
    };
    let cases = [
        ("dimensions=source&metrics=sessions", "w1,tx", true),
        ("dimensions=source&metrics=sessions", "n,n", true),
        ("dimensions=source&metrics=cr", "f1_3,tx", true),
        ("dimensions=source&metrics=sessions", "tx,tx", false),
        ("dimensions=source&metrics=sessions", "w1,w1", false),
        ("dimensions=source&metrics=sessions&sort=source", "tx,tx", true),
        ("dimensions=source&metrics=sessions&sort=source", "w1,tx", false),
        ("dimensions=hour,source&metrics=sessions", "w1,w1,tx", true),
        ("dimensions=hour,source&metrics=sessions", "w1,t1,tx", false),
        ("dimensions=hour,source&metrics=sessions", "f1_2,w1,tx", false),
    ];
    for (table, cursor, expected) in cases {
        assert_eq!(goes_on(&format!("{table}&cursor={cursor}")), expected, "{table}: {cursor}");
    }
}

#[test]
fn what_a_dimension_cannot_have_is_refused_by_name() {
    let cases = [
        ("dimensions=city&metrics=spend", "metrics", "spend"),
        ("dimensions=source&metrics=sessions,roi&filter=city:is:Kyiv", "metrics", "roi"),
        ("metrics=spend&filter=action:has:lead", "metrics", "spend"),
        ("dimensions=hour&metrics=cpc", "metrics", "cpc"),
        ("dimensions=product&metrics=sessions,revenue", "metrics", "revenue"),
        ("dimensions=search_term&metrics=points", "metrics", "points"),
        ("dimensions=product&metrics=bounce_rate", "metrics", "bounce_rate"),
        ("dimensions=product&metrics=page_views", "metrics", "page_views"),
    ];
    for (text, parameter, came) in cases {
        let refused = ReportQuery::parse(Report::Explore, text).unwrap_err();
        assert_eq!((refused.parameter, refused.came.as_str()), (parameter, came), "{text}");
    }
    for text in [
        "dimensions=source,campaign,day&metrics=spend,roi,roas,cpa,cpc,profit&filter=source_medium:is:x / y",
        "dimensions=product&metrics=sessions,cr,product_views,visitors,share,funnel_purchase",
        "dimensions=source&metrics=revenue&filter=product:is:Tee",
    ] {
        assert_eq!(ReportQuery::parse(Report::Explore, text).map(|_| ()), Ok(()), "{text}");
    }
    assert_eq!(ReportQuery::parse(Report::Sessions, "metrics=cr").unwrap_err().parameter, "metrics");
    assert!(ReportQuery::parse(Report::Sessions, "filter=anything:contains:N1&limit=50").is_ok());
}
