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
    pub channel: String,
    pub campaign: Option<String>,
    pub content: Option<String>,
    pub term: Option<String>,
    pub click_platform: Option<String>,
    pub referrer: Option<String>,
    pub country: Option<String>,
    pub region: Option<String>,
    pub city: Option<String>,
    pub device: Device,
    pub brand: Option<String>,
    pub os: Option<String>,
    pub os_version: Option<String>,
    pub browser: Option<String>,
    pub browser_version: Option<String>,
    pub language: Option<String>,
    pub path: String,
    pub done: Vec<Done>,
}

#[derive(Clone, Debug)]
pub struct Done {
    pub kind: ActionKind,
    /// The product's name, or what was searched for.
    pub what: Option<String>,
    /// The shop's own id of the product.
    pub product_id: Option<String>,
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
    pub content: String,
    pub amount: i64,
    pub clicks: i64,
    pub impressions: i64,
}

pub const SOURCES: [&str; 7] = ["direct", "google", "Facebook", "ЯндексЪ", "o'neil \"%\"", "🦊_", "مرحبا"];
pub const MEDIUMS: [&str; 3] = ["none", "cpc", "email"];
pub const CAMPAIGNS: [&str; 4] = ["Зима", "зима_2", "100%_a\\b", "N/A2"];
pub const CONTENTS: [&str; 2] = ["Синій", "red_1"];
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

fn some(all: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    of(text(all))
}

/// How long ago: mostly a few days, sometimes years, sometimes to the minute of a midnight.
fn ago() -> impl Strategy<Value = Millis> {
    prop_oneof![
        4 => 0..4 * DAY,
        3 => 0..70 * DAY,
        1 => prop_oneof![3 => 300 * DAY..800 * DAY, 1 => 3500 * DAY..4500 * DAY],
        2 => (0_i64..40, -2_i64..3).prop_map(|(days, minutes)| days * DAY + minutes * MINUTE),
    ]
}

prop_compose! {
    fn visit()(
        (visitor, ago, seconds) in (0_i64..8, ago(), 0_i64..4000),
        (source, medium, channel) in (text(&SOURCES), text(&MEDIUMS), text(&["paid_search", "email", "other"])),
        (campaign, content, term) in (some(&CAMPAIGNS), some(&CONTENTS), some(&["shoes", "Чоботи"])),
        (click_platform, referrer) in (some(&["google_ads", "meta"]), some(&["t.co", "блог.укр"])),
        (country, region, city) in (some(&["UA", "PL"]), some(&["Львівська", "Mazowieckie"]), some(&CITIES)),
        (device, brand) in (select(vec![Device::Mobile, Device::Desktop, Device::Unknown]), some(&["Apple", "Samsung"])),
        (os, os_version) in (some(&["Android", "iOS"]), some(&["14", "17.5"])),
        (browser, browser_version, language) in (some(&["Chrome", "Safari"]), some(&["137", "9"]), some(&["uk", "en"])),
        path in text(&["/", "/product/tee", "/каталог"]),
        done in vec(done(), 0..5),
    ) -> (Millis, Visit) {
        let visit = Visit {
            id: 0, visitor, is_first: false, started_at: 0, seconds, source, medium, channel, campaign, content, term,
            click_platform, referrer, country, region, city, device, brand, os, os_version, browser, browser_version,
            language, path, done,
        };
        (ago, visit)
    }
}

fn done() -> impl Strategy<Value = Done> {
    let of_products = vec![ActionKind::ProductView, ActionKind::AddToCart, ActionKind::RemoveFromCart];
    let product = (select(of_products), some(&PRODUCTS), some(&["17", "18"]));
    let plain = select(vec![ActionKind::PageView, ActionKind::InitiateCheckout, ActionKind::Click, ActionKind::Lead]);
    prop_oneof![
        3 => plain.prop_map(|kind| (kind, None, None)),
        3 => product,
        1 => text(&["ґудзик", "boots"]).prop_map(|query| (ActionKind::Search, Some(query), None)),
    ]
    .prop_flat_map(|done| (Just(done), 0_i64..120))
    .prop_map(|((kind, what, product_id), points)| Done { kind, what, product_id, points })
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

fn spent_days() -> impl Strategy<Value = (i64, Spent)> {
    let or_none = |name: Option<String>| name.unwrap_or_else(|| "N/A".into());
    // Mostly beside the visits, sometimes long before them or still to come.
    let ago = prop_oneof![4 => 0_i64..60, 1 => 60_i64..4500, 1 => -20_i64..0];
    let names = (text(&SOURCES), text(&MEDIUMS), some(&CAMPAIGNS), some(&CONTENTS));
    (ago, names, 0_i64..500_000, 0_i64..50, 0_i64..9000).prop_map(
        move |(ago, (source, medium, campaign, content), amount, clicks, impressions)| {
            let (campaign, content, day) = (or_none(campaign), or_none(content), NaiveDate::default());
            (ago, Spent { day, source, medium, campaign, content, amount, clicks, impressions })
        },
    )
}

/// Any shop.
pub fn shops() -> impl Strategy<Value = Shop> {
    (select(MOMENTS.to_vec()), vec(visit(), 0..30), vec(sold(), 0..12), vec(spent_days(), 0..10)).prop_map(
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
    let key = |spent: &Spent| {
        let Spent { source, medium, campaign, content, .. } = spent.clone();
        (spent.day, source, medium, campaign, content)
    };
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
        channel: "other".into(),
        campaign: None,
        content: None,
        term: None,
        click_platform: None,
        referrer: None,
        country: None,
        region: None,
        city: None,
        device: Device::Mobile,
        brand: None,
        os: None,
        os_version: None,
        browser: None,
        browser_version: None,
        language: None,
        path: "/".into(),
        done: vec![],
    }
}

/// Something done, of no worth.
pub fn did(kind: ActionKind, what: Option<&str>) -> Done {
    Done { kind, what: what.map(str::to_owned), product_id: None, points: 0 }
}

/// What `campaign` of google cost on a day: one click, ten times shown.
pub fn spent(day: NaiveDate, campaign: &str, amount: i64) -> Spent {
    let [source, medium, campaign, content] = ["google", "none", campaign, "N/A"].map(str::to_owned);
    Spent { day, source, medium, campaign, content, amount, clicks: 1, impressions: 10 }
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
        for Spent { day, source, medium, campaign, content, amount, clicks, impressions } in &self.spend {
            let texts = [source, medium, campaign, content].map(|text| format!("'{}'", text.replace('\'', "''")));
            let values = format!("'{day}', {}, {amount}, {clicks}, {impressions}", texts.join(", "));
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
    what.product_id.clone_from(&done.product_id);
    what
}

fn ready(visit: &Visit, ordinal: i64, tally: Tally, sales: Sales) -> ReadySession {
    let [campaign, content, term] = [&visit.campaign, &visit.content, &visit.term].map(Clone::clone);
    let utm = Utm { campaign, content, term, ..Utm::default() };
    let touch = Touch {
        utm: utm.clone(),
        source: visit.source.clone(),
        medium: visit.medium.clone(),
        channel: visit.channel.clone(),
        click_platform: visit.click_platform.clone(),
        referrer_host: visit.referrer.clone(),
        ..Touch::default()
    };
    let client = Client {
        device: visit.device,
        brand: visit.brand.clone(),
        model: None,
        os: visit.os.clone(),
        os_version: visit.os_version.clone(),
        browser: visit.browser.clone(),
        browser_version: visit.browser_version.clone(),
        language: visit.language.clone(),
    };
    let place = Place { country: visit.country.clone(), region: visit.region.clone(), city: visit.city.clone() };
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
        client: Arc::new(client),
        place: Arc::new(place),
        last_seen: visit.started_at + visit.seconds * 1000,
        tally,
        sales,
    }
}
