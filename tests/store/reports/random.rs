//! The engine against the plain loops of `reference.rs`, on random shops and random questions.

use chrono::{DateTime, Duration};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::{Config, TestRunner};
use utm_dispatcher::model::Period;
use utm_dispatcher::model::action::ActionKind;
use utm_dispatcher::report::query::{Align, Basis, Compare, Match, Mode};
use utm_dispatcher::report::{
    Dimension, Direction, Filter, Key, Metric, Operator, Report, ReportQuery, Sort, Subject, Table,
};

use super::reference::{Answer, Cell, answer, values};
use super::shop::{Shop, shops};
use crate::world::{World, on_both};

on_both!(the_engine_agrees_with_plain_loops);

/// What is asked of a shop, before it is known which shop.
#[derive(Clone, Debug)]
struct Wish {
    period: u8,
    compare: u8,
    flags: [bool; 5],
    dimensions: Vec<Dimension>,
    metrics: Vec<Metric>,
    filters: Vec<Wished>,
    sort: usize,
    page: Option<usize>,
}

/// A filter, before it is known what there is to be found.
#[derive(Clone, Debug)]
enum Wished {
    /// As it stands.
    Said(&'static str),
    /// On any subject, with values at these places among the shop's own, of which a part may be enough.
    Found(Subject, usize, Vec<usize>),
}

const FILTERS: [&str; 28] = [
    "source:is:google|Facebook",
    "source:not:direct",
    "source:contains:ЯНДЕКС|O'NEIL \"%25\"",
    "source:starts:🦊|FACE",
    "source:empty",
    "source:is:(not attributed)",
    "medium:empty",
    "campaign:is:N/A",
    "campaign:contains:зИМ",
    "campaign:contains:%25_A\\",
    "campaign:not:Зима|зима_2",
    "source_medium:contains:/ CPC",
    "term:empty",
    "term:starts:чоб",
    "country:not:UA",
    "city:contains:ōs|iv",
    "device_type:is:mobile",
    "landing_page:starts:/К",
    "visitor_type:is:new",
    "visitor_type:contains:RET",
    "hour:not:10|12",
    "weekday:is:1|7",
    "month:contains:-1",
    "day:starts:2026-1",
    "action:has:add_to_cart|purchase",
    "action:has:click|lead",
    "product:is:Tee|Футболка",
    "product:not:tee %25",
];

fn wishes() -> impl Strategy<Value = Wish> {
    let dimensions = prop_oneof![
        1 => Just(vec![]),
        5 => subsequence(Dimension::ALL.to_vec(), 1..=2).prop_shuffle(),
        3 => select(vec![
            Dimension::Hour, Dimension::Weekday, Dimension::Day, Dimension::Week, Dimension::Month, Dimension::Product,
            Dimension::SearchTerm, Dimension::Source, Dimension::Campaign,
        ])
        .prop_map(|dimension| vec![dimension]),
    ];
    let metrics = subsequence(Metric::ALL.to_vec(), 1..=8).prop_shuffle();
    let said = select(FILTERS.to_vec()).prop_map(Wished::Said);
    let subjects: Vec<Subject> = Subject::all().filter(|subject| *subject != Subject::Anything).collect();
    let places = proptest::collection::vec(0_usize..1000, 1..=3);
    let found = (select(subjects), 0_usize..5, places)
        .prop_map(|(subject, operator, places)| Wished::Found(subject, operator, places));
    let filters = proptest::collection::vec(prop_oneof![1 => said, 2 => found], 1..=2);
    let filters = prop_oneof![2 => Just(vec![]), 3 => filters];
    (0_u8..8, 0_u8..6, any::<[bool; 5]>(), dimensions, metrics, filters, 0_usize..12, proptest::option::of(1_usize..4))
        .prop_map(|(period, compare, flags, dimensions, metrics, filters, sort, page)| Wish {
            period,
            compare,
            flags,
            dimensions,
            metrics,
            filters,
            sort,
            page,
        })
}

impl Wished {
    fn of(&self, shop: &Shop) -> Filter {
        let (subject, operator, places) = match self {
            Self::Said(text) => return text.parse().unwrap(),
            Self::Found(subject, operator, places) => (*subject, *operator, places),
        };
        let operators = subject.operators();
        let operator = operators[operator % operators.len()];
        let values = match operator {
            Operator::Empty => vec![],
            _ => places.iter().map(|place| value(shop, subject, operator, *place)).collect(),
        };
        Filter { subject, operator, values }
    }
}

/// The value at `place` among those that `subject` has in the shop, or one that it has not.
fn value(shop: &Shop, subject: Subject, operator: Operator, place: usize) -> String {
    let mut all: Vec<String> = match subject {
        Subject::Dimension(dimension) => values(shop, dimension),
        Subject::Action => ActionKind::KNOWN.iter().map(|kind| kind.key().to_owned()).collect(),
        Subject::Order => shop.orders.iter().map(|sold| sold.number.clone()).collect(),
        Subject::Visitor => (0..9).map(|id: i64| id.to_string()).collect(),
        Subject::Anything => vec![],
    };
    all.push(nothing(subject).to_owned());
    let whole = all[place % all.len()].clone();
    if !matches!(operator, Operator::Contains | Operator::Starts) {
        return whole;
    }
    // A part of it, in other letters.
    let skipped = if operator == Operator::Contains { place % 2 } else { 0 };
    let part: String = whole.chars().skip(skipped).take(1 + place % 4).collect();
    let part = if part.is_empty() { whole } else { part };
    if place.is_multiple_of(3) { part.to_uppercase() } else { part }
}

/// A value of the right shape that is in no shop, or in few.
fn nothing(subject: Subject) -> &'static str {
    match subject {
        Subject::Dimension(Dimension::VisitorType) => "returning",
        Subject::Dimension(Dimension::Hour | Dimension::Weekday) => "3",
        Subject::Dimension(Dimension::Day | Dimension::Week) => "2026-11-16",
        Subject::Dimension(Dimension::Month) => "2026-11",
        Subject::Dimension(Dimension::Country) => "Ukraine",
        Subject::Action => "survey_start",
        Subject::Visitor => "77",
        Subject::Dimension(_) | Subject::Order | Subject::Anything => "(not attributed)",
    }
}

impl Wish {
    /// The question, without the metrics that it cannot have; `None` when none is left.
    fn of(&self, shop: &Shop) -> Option<ReportQuery> {
        let today = DateTime::from_timestamp_millis(shop.now)?.with_timezone(&shop.tz).date_naive();
        let period = match self.period {
            0 => Period::Today,
            1 => Period::Week,
            2 => Period::Month,
            3 => Period::AllTime,
            4 => Period::Range { from: today - Duration::days(20), to: today - Duration::days(2) },
            5 => Period::Range { from: today - Duration::days(4200), to: today + Duration::days(9) },
            // On the edge of what is long, over changes of the clocks.
            6 => Period::Range { from: today - Duration::days(3659), to: today },
            _ => Period::Range { from: today - Duration::days(500), to: today + Duration::days(3) },
        };
        let compare = match self.compare {
            0 | 1 => Compare::None,
            2 => Compare::Previous,
            3 => Compare::Year,
            4 => Compare::Range { from: today - Duration::days(90), to: today - Duration::days(40) },
            _ => Compare::Range { from: today - Duration::days(4300), to: today - Duration::days(1) },
        };
        let [elapsed, weekday, by_order, independent, falls] = self.flags;
        let mut query = ReportQuery {
            compare,
            align: if elapsed { Align::Elapsed } else { Align::Full },
            matching: if weekday { Match::Weekday } else { Match::Date },
            basis: if by_order { Basis::Order } else { Basis::Session },
            mode: if independent { Mode::Independent } else { Mode::Nested },
            filters: self.filters.iter().map(|filter| filter.of(shop)).collect(),
            dimensions: Some(self.dimensions.clone()),
            ..ReportQuery::new(Report::Explore, period)
        };
        let alone = |metric: &Metric| ReportQuery { metrics: Some(vec![*metric]), ..query.clone() }.check().is_ok();
        let metrics: Vec<Metric> = self.metrics.iter().copied().filter(alone).collect();
        let keys: Vec<Key> = self
            .dimensions
            .iter()
            .map(|one| Key::Dimension(*one))
            .chain(metrics.iter().map(|one| Key::Metric(*one)))
            .collect();
        let direction = if falls { Direction::Falling } else { Direction::Rising };
        if self.sort < 9 && !metrics.is_empty() {
            query.sort = Some(Sort { key: keys[self.sort % keys.len()], direction });
        }
        query.metrics = Some(metrics);
        query.check().is_ok().then_some(query)
    }
}

fn cells(rows: &[Vec<utm_dispatcher::report::Value>]) -> Vec<Vec<Cell>> {
    rows.iter().map(|row| row.iter().map(Cell::from).collect()).collect()
}

fn seen(table: &Table) -> Answer {
    let line = |row: &Vec<_>| cells(std::slice::from_ref(row)).remove(0);
    Answer {
        rows: cells(&table.rows),
        totals: line(&table.totals),
        previous: table.previous.as_ref().map(|previous| (cells(&previous.rows), line(&previous.totals))),
    }
}

async fn check(world: &World, shop: &Shop, wishes: &[Wish]) -> Result<(), TestCaseError> {
    let store = shop.open(world).await;
    for (wish, query) in wishes.iter().filter_map(|wish| Some((wish, wish.of(shop)?))) {
        let table = store.report(&query, shop.now).await.unwrap();
        let expected = answer(shop, &query);
        prop_assert_eq!(table.total_rows, expected.rows.len(), "{}", query);
        prop_assert_eq!(&seen(&table), &expected, "{} of {:?}", query, shop);
        // The same page by page.
        let Some(limit) = wish.page else { continue };
        // Years of days need not be read day by day.
        let limit = limit.max(expected.rows.len() / 5);
        let (mut rows, mut next) = (Vec::new(), None);
        loop {
            let page = ReportQuery { limit: Some(limit), cursor: next, ..query.clone() };
            let page = store.report(&page, shop.now).await.unwrap();
            prop_assert_eq!(page.total_rows, expected.rows.len());
            rows.extend(page.rows);
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        prop_assert_eq!(&rows, &table.rows, "{}", query);
    }
    store.close().await;
    Ok(())
}

mod cases {
    use super::*;

    pub async fn the_engine_agrees_with_plain_loops(world: World) {
        let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(12);
        let config = Config { cases, max_shrink_iters: 300, failure_persistence: None, ..Config::default() };
        let questions = (shops(), proptest::collection::vec(wishes(), 24));
        let run = |(shop, wishes): (Shop, Vec<Wish>)| {
            let runtime = tokio::runtime::Handle::current();
            tokio::task::block_in_place(|| runtime.block_on(check(&world, &shop, &wishes)))
        };
        TestRunner::new(config).run(&questions, run).unwrap();
    }
}
