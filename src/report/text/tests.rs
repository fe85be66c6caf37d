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
        vec(cells, 5),
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
            let cursor = has_cursor.then(|| Cursor(cells[..=dimensions.len()].to_vec()));
            ReportQuery {
                compare,
                align: if align { Align::Elapsed } else { Align::Full },
                matching: if matching { Match::Weekday } else { Match::Date },
                filters,
                sort: sort.map(|place| Sort { key: keys[place % keys.len()], direction }),
                dimensions: Some(dimensions),
                metrics: Some(metrics),
                limit,
                cursor,
                basis: if basis { Basis::Order } else { Basis::Session },
                mode: if mode { Mode::Independent } else { Mode::Nested },
                ..ReportQuery::new(Report::Explore, period)
            }
        })
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
