//! Random shops: visits, what was done in them, orders, spend; the facts beside the database that holds them.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone};
use chrono_tz::Tz;
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use utm_dispatcher::model::action::ActionKind;
use utm_dispatcher::model::session::{BareLead, Sale, Sales, Tally};
use utm_dispatcher::model::touch::{Touch, Utm};
use utm_dispatcher::model::visitor::{Agent, Client, Device, Hit, Place, VisitorKey};
use utm_dispatcher::model::{Action, Id, Millis, Money, NewAction, Order, OrderMessage, OrderStatus, PaymentStatus};
use utm_dispatcher::store::{ReadySession, Store, StoredOrder, Stretch};

use crate::world::World;

/// A shop and the moment from which it is looked at.
#[derive(Clone, Debug)]
pub struct Shop {
    pub tz: Tz,
    pub now: Millis,
    pub visits: Vec<Visit>,
    pub orders: Vec<Sold>,
    pub spend: Vec<Spent>,
}

#[derive(Clone, Debug)]
pub struct Visit {
    pub id: i64,
    pub visitor: i64,
    pub is_first: bool,
    pub started_at: Millis,
    pub seconds: i64,
    pub source: String,
    pub medium: String,
    pub campaign: Option<String>,
    pub term: Option<String>,
    pub country: Option<String>,
    pub city: Option<String>,
    pub device: Device,
    pub os: Option<String>,
    pub path: String,
    pub done: Vec<Done>,
}

#[derive(Clone, Debug)]
pub struct Done {
    pub kind: ActionKind,
    /// The product's name, or what was searched for.
    pub what: Option<String>,
    pub points: i64,
}

#[derive(Clone, Debug)]
pub struct Sold {
    pub number: String,
    /// The visit's place in the shop.
    pub visit: Option<usize>,
    pub created_at: Millis,
    pub paid_at: Option<Millis>,
    pub total: i64,
    pub refunded: i64,
    pub payment: PaymentStatus,
    pub status: OrderStatus,
    pub lead_at: Option<Millis>,
}

#[derive(Clone, Debug)]
pub struct Spent {
    pub day: NaiveDate,
    pub source: String,
    pub medium: String,
    pub campaign: String,
    pub amount: i64,
    pub clicks: i64,
}

pub const SOURCES: [&str; 7] = ["direct", "google", "Facebook", "ЯндексЪ", "o'neil \"%\"", "🦊_", "مرحبا"];
pub const MEDIUMS: [&str; 3] = ["none", "cpc", "email"];
pub const CAMPAIGNS: [&str; 4] = ["Зима", "зима_2", "100%_a\\b", "N/A2"];
pub const CITIES: [&str; 3] = ["Kyiv", "Lviv", "Ōsaka"];
pub const PRODUCTS: [&str; 3] = ["Tee", "Футболка", "tee %"];

const MINUTE: Millis = 60_000;
const DAY: Millis = 24 * 60 * MINUTE;

/// Zones with the local times from which shops are looked at: around changes of clocks, ends of months and years.
const MOMENTS: [(Tz, &str); 9] = [
    (Tz::Europe__Kyiv, "2026-11-22T10:30:00"),
    (Tz::Europe__Kyiv, "2026-03-29T12:00:00"),
    (Tz::Europe__Kyiv, "2026-03-30T00:05:00"),
    (Tz::Europe__Kyiv, "2026-10-25T23:59:00"),
    (Tz::UTC, "2028-02-29T08:00:00"),
    (Tz::America__Havana, "2026-11-01T15:00:00"),
    (Tz::Asia__Beirut, "2026-03-29T09:00:00"),
    (Tz::America__New_York, "2027-01-01T00:30:00"),
    (Tz::Asia__Kathmandu, "2026-12-31T20:00:00"),
];

fn text(all: &'static [&'static str]) -> impl Strategy<Value = String> {
    select(all.to_vec()).prop_map(str::to_owned)
}

/// How long ago: mostly a few days, sometimes years, sometimes to the minute of a midnight.
fn ago() -> impl Strategy<Value = Millis> {
    prop_oneof![
        4 => 0..4 * DAY,
        3 => 0..70 * DAY,
        1 => 300 * DAY..800 * DAY,
        2 => (0_i64..40, -2_i64..3).prop_map(|(days, minutes)| days * DAY + minutes * MINUTE),
    ]
}

prop_compose! {
    fn visit()(
        (visitor, ago, seconds) in (0_i64..8, ago(), 0_i64..4000),
        (source, medium) in (text(&SOURCES), text(&MEDIUMS)),
        (campaign, term) in (of(text(&CAMPAIGNS)), of(text(&["shoes", "Чоботи"]))),
        (country, city) in (of(text(&["UA", "PL"])), of(text(&CITIES))),
        (device, os) in (select(vec![Device::Mobile, Device::Desktop, Device::Unknown]), of(text(&["Android", "iOS"]))),
        path in text(&["/", "/product/tee", "/каталог"]),
        done in vec(done(), 0..5),
    ) -> (Millis, Visit) {
        let visit = Visit {
            id: 0, visitor, is_first: false, started_at: 0, seconds, source, medium, campaign, term, country, city, device, os,
            path, done,
        };
        (ago, visit)
    }
}

fn done() -> impl Strategy<Value = Done> {
    let product =
        (select(vec![ActionKind::ProductView, ActionKind::AddToCart, ActionKind::RemoveFromCart]), of(text(&PRODUCTS)));
    let plain = select(vec![ActionKind::PageView, ActionKind::InitiateCheckout, ActionKind::Click, ActionKind::Lead]);
    prop_oneof![
        3 => plain.prop_map(|kind| (kind, None)),
        3 => product,
        1 => text(&["ґудзик", "boots"]).prop_map(|query| (ActionKind::Search, Some(query))),
    ]
    .prop_flat_map(|(kind, what)| (Just(kind), Just(what), 0_i64..120))
    .prop_map(|(kind, what, points)| Done { kind, what, points })
}

prop_compose! {
    fn sold()(
        visit in of(0_usize..100),
        (created, paid) in (ago(), of(ago())),
        (total, refund) in (select(vec![0_i64, 1, 9_999, 149_900]), select(vec![0_i64, 1, 2])),
        payment in select(PaymentStatus::ALL.to_vec()),
        status in select(OrderStatus::ALL.to_vec()),
        had_lead in any::<bool>(),
    ) -> (Sold, Millis, Option<Millis>, bool) {
        let refunded = total * refund / 2;
        let sold = Sold {
            number: String::new(), visit, created_at: 0, paid_at: None, total, refunded, payment, status, lead_at: None,
        };
        (sold, created, paid, had_lead)
    }
}

fn spent() -> impl Strategy<Value = (i64, Spent)> {
    let campaign = of(text(&CAMPAIGNS)).prop_map(|campaign| campaign.unwrap_or_else(|| "N/A".into()));
    (0_i64..60, text(&SOURCES), text(&MEDIUMS), campaign, 0_i64..500_000, 0_i64..50).prop_map(
        |(ago, source, medium, campaign, amount, clicks)| {
            (ago, Spent { day: NaiveDate::default(), source, medium, campaign, amount, clicks })
        },
    )
}

/// Any shop.
pub fn shops() -> impl Strategy<Value = Shop> {
    (select(MOMENTS.to_vec()), vec(visit(), 0..30), vec(sold(), 0..12), vec(spent(), 0..10)).prop_map(
        |((tz, moment), visits, sold, spent)| {
            let moment: NaiveDateTime = moment.parse().unwrap();
            let now = tz.from_local_datetime(&moment).earliest().unwrap().timestamp_millis();
            let visits = in_time(now, visits);
            let orders = orders(now, sold, &visits);
            Shop { tz, now, spend: spend(now, spent), visits, orders }
        },
    )
}

fn in_time(now: Millis, visits: Vec<(Millis, Visit)>) -> Vec<Visit> {
    let mut visits: Vec<Visit> =
        visits.into_iter().map(|(ago, visit)| Visit { started_at: now - ago, ..visit }).collect();
    visits.sort_by_key(|visit| visit.started_at);
    let mut seen = std::collections::HashSet::new();
    for (place, visit) in visits.iter_mut().enumerate() {
        visit.id = 1000 + i64::try_from(place).unwrap();
        visit.is_first = seen.insert(visit.visitor);
    }
    visits
}

fn orders(now: Millis, sold: Vec<(Sold, Millis, Option<Millis>, bool)>, visits: &[Visit]) -> Vec<Sold> {
    let order = |(place, (sold, created, paid, had_lead)): (usize, (Sold, Millis, Option<Millis>, bool))| {
        let visit = sold.visit.filter(|_| !visits.is_empty()).map(|visit| visit % visits.len());
        let created_at = now - created;
        let is_prepaid = matches!(sold.payment, PaymentStatus::Prepaid | PaymentStatus::Partial);
        let lead_at = (is_prepaid || (had_lead && sold.payment == PaymentStatus::Paid)).then_some(created_at);
        Sold { number: format!("N{place}"), visit, created_at, paid_at: paid.map(|paid| now - paid), lead_at, ..sold }
    };
    sold.into_iter().enumerate().map(order).collect()
}

fn spend(now: Millis, told: Vec<(i64, Spent)>) -> Vec<Spent> {
    let today = DateTime::from_timestamp_millis(now).unwrap().date_naive();
    let mut days: Vec<Spent> =
        told.into_iter().map(|(ago, spent)| Spent { day: today - chrono::Duration::days(ago), ..spent }).collect();
    let key = |spent: &Spent| (spent.day, spent.source.clone(), spent.medium.clone(), spent.campaign.clone());
    days.sort_by_key(key);
    days.dedup_by_key(|spent| key(spent));
    days
}

/// A visit of `visitor` from `source` without anything else.
pub fn plain(visitor: i64, started_at: Millis, source: &str) -> Visit {
    Visit {
        id: 0,
        visitor,
        is_first: true,
        started_at,
        seconds: 0,
        source: source.into(),
        medium: "none".into(),
        campaign: None,
        term: None,
        country: None,
        city: None,
        device: Device::Mobile,
        os: None,
        path: "/".into(),
        done: vec![],
    }
}

/// Something done, of no worth.
pub fn did(kind: ActionKind, what: Option<&str>) -> Done {
    Done { kind, what: what.map(str::to_owned), points: 0 }
}

/// An order of 1000.00 of the visit at `place`.
pub fn paid(number: &str, place: usize, at: Millis) -> Sold {
    Sold {
        number: number.into(),
        visit: Some(place),
        created_at: at,
        paid_at: None,
        total: 100_000,
        refunded: 0,
        payment: PaymentStatus::Paid,
        status: OrderStatus::New,
        lead_at: None,
    }
}

/// A shop in Kyiv with these visits, numbered in their order.
pub fn shop(now: Millis, visits: Vec<Visit>, orders: Vec<Sold>) -> Shop {
    let visits = in_time(0, visits.into_iter().map(|visit| (-visit.started_at, visit)).collect());
    Shop { tz: Tz::Europe__Kyiv, now, visits, orders, spend: vec![] }
}

impl Shop {
    /// Puts the shop into the database, in the place of whatever is there.
    pub async fn open(&self, world: &World) -> Store {
        for table in
            ["action", "orders", "order_number", "session", "session_visitor", "visitor_key", "visitor", "spend"]
        {
            world.run(&format!("delete from {table}")).await;
        }
        let store = Store::connect(&world.url, self.tz, 50_000).await.unwrap();
        if !self.visits.is_empty() || !self.orders.is_empty() {
            store.load(self.stretch()).await.unwrap();
        }
        for Spent { day, source, medium, campaign, amount, clicks } in &self.spend {
            let [source, medium, campaign] = [source, medium, campaign].map(|text| text.replace('\'', "''"));
            let values = format!("'{day}', '{source}', '{medium}', '{campaign}', 'N/A', {amount}, {clicks}, {clicks}");
            world
                .run(&format!(
                    "insert into spend (day, source, medium, campaign, content, amount, clicks, impressions) \
                     values ({values})"
                ))
                .await;
        }
        store
    }

    fn stretch(&self) -> Stretch {
        let orders: Vec<StoredOrder> = (0..self.orders.len()).map(|place| self.stored(place)).collect();
        let mut ordinals = std::collections::HashMap::new();
        let mut actions = Vec::new();
        let sessions = self.visits.iter().enumerate().map(|(place, visit)| {
            let ordinal: &mut i64 = ordinals.entry(visit.visitor).or_default();
            *ordinal += 1;
            let mut tally = Tally::default();
            let mut leads = Vec::new();
            for done in &visit.done {
                let what = new_action(done);
                tally.count(&what, done.points);
                if done.kind == ActionKind::Lead {
                    leads.push(BareLead { at: visit.started_at, points: done.points });
                }
                let id = Id(1_000_000 + i64::try_from(actions.len()).unwrap());
                let (visitor_id, session_id) = (Id(visit.visitor + 1), Id(visit.id));
                actions.push(Action { id, visitor_id, session_id, at: visit.started_at, what, points: done.points });
            }
            let own = orders.iter().zip(&self.orders).filter(|(_, sold)| sold.visit == Some(place));
            let sales = own.map(|(stored, _)| Sale {
                order: &stored.order.state,
                lead_at: stored.lead_at,
                purchase_at: stored.purchase_at,
            });
            ready(visit, *ordinal, tally, Sales::of(sales, leads))
        });
        Stretch { sessions: sessions.collect(), actions, orders: orders.clone() }
    }

    fn stored(&self, place: usize) -> StoredOrder {
        let sold = &self.orders[place];
        let session = sold.visit.map(|visit| (Id(self.visits[visit].visitor + 1), Id(self.visits[visit].id)));
        let state = OrderMessage {
            number: sold.number.clone(),
            created_at: sold.created_at,
            updated_at: None,
            email: None,
            phone: None,
            total: Money(sold.total),
            discount: Money::ZERO,
            pay_type: "online_full".into(),
            payment_status: sold.payment,
            paid_at: sold.paid_at,
            status: sold.status,
            refunded: Money(sold.refunded),
        };
        let purchase_at = (sold.payment == PaymentStatus::Paid).then_some(sold.created_at);
        let id = Id(2_000_000 + i64::try_from(place).unwrap());
        StoredOrder { order: Order { id, session, state }, lead_at: sold.lead_at, purchase_at }
    }
}

fn new_action(done: &Done) -> NewAction {
    let mut what = NewAction::new(done.kind.clone());
    match done.kind {
        ActionKind::Search => what.query.clone_from(&done.what),
        _ => what.product_name.clone_from(&done.what),
    }
    what
}

fn ready(visit: &Visit, ordinal: i64, tally: Tally, sales: Sales) -> ReadySession {
    let utm = Utm { campaign: visit.campaign.clone(), term: visit.term.clone(), ..Utm::default() };
    let touch = Touch {
        utm: utm.clone(),
        source: visit.source.clone(),
        medium: visit.medium.clone(),
        channel: "other".into(),
        ..Touch::default()
    };
    let hit = Hit {
        before: Vec::new(),
        at: visit.started_at,
        visitor: VisitorKey(format!("c{}", visit.visitor)),
        utm,
        click_ids: vec![],
        meta_cookies: (None, None),
        touch,
        path: visit.path.clone(),
        referrer: None,
        ip: None,
        agent: Agent::default(),
    };
    ReadySession {
        id: Id(visit.id),
        visitor_id: Id(visit.visitor + 1),
        ordinal,
        hit,
        client: Arc::new(Client { device: visit.device, os: visit.os.clone(), ..Client::default() }),
        place: Arc::new(Place { country: visit.country.clone(), region: None, city: visit.city.clone() }),
        last_seen: visit.started_at + visit.seconds * 1000,
        tally,
        sales,
    }
}
