//! The numbers again, by plain loops over the facts and by the rules alone: shares nothing with the engine.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use utm_dispatcher::model::action::ActionKind;
use utm_dispatcher::model::{Millis, OrderStatus, PaymentStatus};
use utm_dispatcher::report::{
    Basis, Dimension as D, Direction, Filter, Key, Metric as M, Mode, Operator, ReportQuery, Subject, Value,
};

use self::days::{Days, buckets, clock, days, is_in, local};
use self::filters::{fits, had, passes, unattributed};
use self::measures::line;
use super::shop::{Shop, Sold, Spent, Visit};

mod days;
mod filters;
mod measures;

/// A cell: a text or an exact number.
#[derive(Clone, Debug)]
pub enum Cell {
    Null,
    Text(String),
    Number(i128, i128),
}

impl PartialEq for Cell {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Text(one), Self::Text(two)) => one == two,
            (Self::Number(a, b), Self::Number(c, d)) => a * d == c * b,
            _ => false,
        }
    }
}

impl From<&Value> for Cell {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Text(text) => Self::Text(text.clone()),
            Value::Whole(whole) => Self::Number(i128::from(*whole), 1),
            Value::Fraction { of, per } => Self::Number(i128::from(*of), i128::from(*per)),
        }
    }
}

/// What the engine has to answer.
#[derive(Debug, PartialEq)]
pub struct Answer {
    pub rows: Vec<Vec<Cell>>,
    pub totals: Vec<Cell>,
    pub previous: Option<(Vec<Vec<Cell>>, Vec<Cell>)>,
}

/// What belongs to one row.
#[derive(Clone, Default)]
struct Group<'a> {
    visits: Vec<&'a Visit>,
    /// Orders that count, by the basis.
    orders: Vec<&'a Sold>,
    spend: Vec<&'a Spent>,
    /// Actions with their visit, when rows are told apart by what was done.
    actions: Vec<&'a super::shop::Done>,
}

type Key2 = Vec<Option<String>>;

pub fn answer(shop: &Shop, query: &ReportQuery) -> Answer {
    let (current, earlier) = days(shop, query);
    let (rows, total) = groups(shop, query, current);
    let mut cells: Vec<(Key2, Vec<Cell>)> =
        rows.iter().map(|(key, group)| (key.clone(), line(shop, query, key, group, &total))).collect();
    let sort = query.sorted_by().unwrap();
    let dimensions = query.dimensions().len();
    let column = match sort.key {
        Key::Dimension(dimension) => query.dimensions().iter().position(|one| *one == dimension).unwrap(),
        Key::Metric(metric) => dimensions + query.metrics().iter().position(|one| *one == metric).unwrap(),
        Key::Field(_) => unreachable!(),
    };
    cells.sort_by(|(_, one), (_, two)| {
        let mut order = ordered(&one[column], &two[column], sort.direction == Direction::Falling);
        for place in 0..dimensions {
            order = order.then(ordered(&one[place], &two[place], false));
        }
        order
    });
    let previous = earlier.map(|days| {
        let (rows, total) = groups(shop, query, days);
        let beside: Vec<Option<BTreeMap<String, String>>> = query
            .dimensions()
            .iter()
            .map(|dimension| {
                let in_time = matches!(dimension, D::Day | D::Week | D::Month);
                let of = |days| buckets(shop, query, *dimension, days);
                in_time.then(|| of(current).into_iter().zip(of(days)).collect())
            })
            .collect();
        let lines = cells.iter().map(|(key, _)| {
            let key: Key2 = key
                .iter()
                .zip(&beside)
                .map(|(value, beside)| match (beside, value) {
                    (Some(beside), Some(value)) => beside.get(value).cloned(),
                    (Some(_), None) => None,
                    (None, value) => value.clone(),
                })
                .collect();
            let nothing = Group::default();
            line(shop, query, &key, rows.get(&key).unwrap_or(&nothing), &total)
        });
        (lines.collect(), line(shop, query, &vec![None; dimensions], &total, &total))
    });
    let totals = line(shop, query, &vec![None; dimensions], &total, &total);
    Answer { rows: cells.into_iter().map(|(_, line)| line).collect(), totals, previous }
}

fn ordered(one: &Cell, two: &Cell, falls: bool) -> Ordering {
    let flip = |order: Ordering| if falls { order.reverse() } else { order };
    match (one, two) {
        (Cell::Null, Cell::Null) => Ordering::Equal,
        (Cell::Null, _) => Ordering::Greater,
        (_, Cell::Null) => Ordering::Less,
        (Cell::Text(one), Cell::Text(two)) => flip(one.chars().cmp(two.chars())),
        (Cell::Number(a, b), Cell::Number(c, d)) => flip((a * d).cmp(&(c * b))),
        _ => unreachable!(),
    }
}

fn counted_at(sold: &Sold) -> Millis {
    sold.paid_at.unwrap_or(sold.created_at)
}

fn is_revenue(sold: &Sold) -> bool {
    sold.payment == PaymentStatus::Paid && !matches!(sold.status, OrderStatus::Cancelled | OrderStatus::Returned)
}

fn stands(sold: &Sold) -> bool {
    let refunded = sold.total > 0 && sold.refunded >= sold.total;
    !matches!(sold.status, OrderStatus::Cancelled | OrderStatus::Returned) && !refunded
}

/// Which facts a metric is made of: visits, orders, spend.
fn needs(metric: M) -> (bool, bool, bool) {
    match metric {
        M::Spend | M::Clicks | M::Impressions | M::Cpc => (false, false, true),
        M::Cpa => (true, false, true),
        M::Roas | M::Roi | M::Profit => (false, true, true),
        M::Orders | M::Revenue | M::Refunds | M::Aov => (false, true, false),
        M::RevenuePerSession => (true, true, false),
        _ => (true, false, false),
    }
}

fn groups<'a>(shop: &'a Shop, query: &ReportQuery, days: Days) -> (BTreeMap<Key2, Group<'a>>, Group<'a>) {
    let needed: Vec<_> = query.metrics().iter().map(|metric| needs(*metric)).collect();
    let of_orders = needed.iter().any(|(_, orders, _)| *orders);
    let of_visits = needed.iter().any(|(visits, ..)| *visits) || (of_orders && query.basis == Basis::Session);
    let of_spend = needed.iter().any(|(.., spend)| *spend);
    let of_actions = query.dimensions().iter().copied().find(|one| matches!(one, D::Product | D::SearchTerm));
    let mut rows: BTreeMap<Key2, Group> = BTreeMap::new();
    let mut total = Group::default();
    if let ([dimension], None) = (query.dimensions(), of_actions)
        && matches!(dimension, D::Hour | D::Weekday | D::Day | D::Week | D::Month)
    {
        let own = query.filters.iter().filter(|filter| filter.subject == Subject::Dimension(*dimension));
        let own: Vec<_> = own.collect();
        for bucket in buckets(shop, query, *dimension, days) {
            if own.iter().all(|filter| fits(filter, Some(&bucket), None)) {
                rows.insert(vec![Some(bucket)], Group::default());
            }
        }
    }
    for (place, visit) in shop.visits.iter().enumerate() {
        if !of_visits || !is_in(shop, days, visit.started_at) {
            continue;
        }
        let orders = shop.orders.iter().filter(|sold| sold.visit == Some(place) && query.basis == Basis::Session);
        let orders: Vec<&Sold> = orders.collect();
        if passes(shop, query, visit, place, visit.started_at, None) {
            total.visits.push(visit);
            total.orders.extend(&orders);
            if of_actions.is_none() {
                let group = rows.entry(key(shop, query, Some(visit), visit.started_at, None)).or_default();
                group.visits.push(visit);
                group.orders.extend(&orders);
            }
        }
        let Some(dimension) = of_actions else { continue };
        for done in &visit.done {
            let Some(what) = shown(done, dimension) else { continue };
            if passes(shop, query, visit, place, visit.started_at, Some((dimension, what))) {
                let group = rows.entry(key(shop, query, Some(visit), visit.started_at, Some(what))).or_default();
                group.actions.push(done);
                if !group.visits.iter().any(|other| other.id == visit.id) {
                    group.visits.push(visit);
                }
            }
        }
    }
    for sold in shop.orders.iter().filter(|_| of_orders && query.basis == Basis::Order) {
        let at = counted_at(sold);
        let visit = sold.visit.map(|place| (place, &shop.visits[place]));
        let passes = match visit {
            Some((place, visit)) => passes(shop, query, visit, place, at, None),
            None => query.filters.iter().all(|filter| unattributed(shop, filter, at)),
        };
        if is_revenue(sold) && is_in(shop, days, at) && passes {
            total.orders.push(sold);
            rows.entry(key(shop, query, visit.map(|(_, visit)| visit), at, None)).or_default().orders.push(sold);
        }
    }
    for spent in shop.spend.iter().filter(|_| of_spend) {
        let in_days = days.range.is_none_or(|(from, to)| from <= spent.day && spent.day <= to);
        let value = |dimension| Some(spend_value(spent, dimension));
        let fits = |filter: &Filter| match filter.subject {
            Subject::Dimension(dimension) => fits(filter, value(dimension).as_ref(), label(dimension)),
            _ => unreachable!(),
        };
        if in_days && query.filters.iter().all(fits) {
            total.spend.push(spent);
            let key = query.dimensions().iter().map(|dimension| value(*dimension)).collect();
            rows.entry(key).or_default().spend.push(spent);
        }
    }
    if query.dimensions().is_empty() {
        rows = BTreeMap::from([(vec![], total.clone())]);
    }
    (rows, total)
}

fn key(shop: &Shop, query: &ReportQuery, visit: Option<&Visit>, at: Millis, what: Option<&str>) -> Key2 {
    let value = |dimension: &D| match dimension {
        D::Product | D::SearchTerm => what.map(str::to_owned),
        D::Hour | D::Weekday | D::Day | D::Week | D::Month => Some(clock(*dimension, local(at, shop.tz))),
        _ => visit.map_or_else(|| Some("(not attributed)".to_owned()), |visit| value(visit, *dimension)),
    };
    query.dimensions().iter().map(value).collect()
}

fn value(visit: &Visit, dimension: D) -> Option<String> {
    let always = |text: &str| Some(text.to_owned());
    match dimension {
        D::Channel => always(&visit.channel),
        D::Source => always(&visit.source),
        D::Medium => always(&visit.medium),
        D::Campaign => always(visit.campaign.as_deref().unwrap_or("N/A")),
        D::Content => always(visit.content.as_deref().unwrap_or("N/A")),
        D::Term => visit.term.clone(),
        D::ClickPlatform => visit.click_platform.clone(),
        D::Referrer => visit.referrer.clone(),
        D::SourceMedium => Some(format!("{} / {}", visit.source, visit.medium)),
        D::LandingPage => always(&visit.path),
        D::Country => visit.country.clone(),
        D::Region => visit.region.clone(),
        D::City => visit.city.clone(),
        D::DeviceType => always(visit.device.key()),
        D::DeviceBrand => visit.brand.clone(),
        D::Os => visit.os.clone(),
        D::OsVersion => visit.os_version.clone(),
        D::Browser => visit.browser.clone(),
        D::BrowserVersion => visit.browser_version.clone(),
        D::Language => visit.language.clone(),
        D::VisitorType => always(if visit.is_first { "new" } else { "returning" }),
        D::Hour | D::Weekday | D::Day | D::Week | D::Month | D::Product | D::SearchTerm => {
            unreachable!("{dimension} is read elsewhere")
        }
    }
}

/// Every different value that `dimension` has in the shop.
pub fn values(shop: &Shop, dimension: D) -> Vec<String> {
    let mut values: Vec<String> = match dimension {
        D::Product | D::SearchTerm => {
            let done = shop.visits.iter().flat_map(|visit| &visit.done);
            done.filter_map(|done| shown(done, dimension)).map(str::to_owned).collect()
        }
        D::Hour | D::Weekday | D::Day | D::Week | D::Month => {
            let visited = shop.visits.iter().map(|visit| local(visit.started_at, shop.tz));
            let spent = shop.spend.iter().map(|spent| spent.day.and_hms_opt(0, 0, 0).unwrap());
            visited.chain(spent).map(|at| clock(dimension, at)).collect()
        }
        _ => shop.visits.iter().filter_map(|visit| value(visit, dimension)).collect(),
    };
    values.sort();
    values.dedup();
    values
}

/// A stored country as people call it.
fn country(code: &str) -> &str {
    match code {
        "UA" => "Ukraine",
        "PL" => "Poland",
        other => other,
    }
}

fn spend_value(spent: &Spent, dimension: D) -> String {
    match dimension {
        D::Source => spent.source.clone(),
        D::Medium => spent.medium.clone(),
        D::Campaign => spent.campaign.clone(),
        D::Content => spent.content.clone(),
        D::SourceMedium => format!("{} / {}", spent.source, spent.medium),
        _ => clock(dimension, spent.day.and_hms_opt(0, 0, 0).unwrap()),
    }
}

fn shown(done: &super::shop::Done, dimension: D) -> Option<&str> {
    let is_search = done.kind == ActionKind::Search;
    match dimension {
        D::SearchTerm => done.what.as_deref().filter(|_| is_search),
        // By its name, else by its id.
        _ => done.what.as_deref().filter(|_| !is_search).or(done.product_id.as_deref()),
    }
}

fn label(dimension: D) -> Option<&'static str> {
    match dimension {
        D::Source => Some("direct"),
        D::Medium => Some("none"),
        D::Campaign | D::Content => Some("N/A"),
        _ => None,
    }
}
