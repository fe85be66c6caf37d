//! The world: everything that happens in the shop, visit after visit, in the order of time.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;
use utm_dispatcher::model::period::local_day;
use utm_dispatcher::model::touch::ClickId;
use utm_dispatcher::model::visitor::{Client, Hit, Place};
use utm_dispatcher::model::{Millis, Money, NewAction, OrderMessage, Touch};
use utm_dispatcher::tracking::{self, Origin, Params, utm};

use super::calendar::{self, Day, Mood};
use super::campaigns::{CAMPAIGNS, Campaign, Click};
use super::chance::Chance;
use super::journey::{self, Intent};
use super::orders::{self, Placed};
use super::people::{Crowd, Person};
use super::{Actions, Options};

/// A session with all that was done in it.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The how manieth visitor of the world it is whose session this is.
    pub visitor: usize,
    /// 1 for the visitor's first session, 2 for the next …
    pub ordinal: i64,
    /// The request that opened it.
    pub hit: Hit,
    /// What the browser is.
    pub client: Arc<Client>,
    /// Where the address lies.
    pub place: Arc<Place>,
    /// What was done, the earliest first, beginning with the request itself. Orders speak for themselves.
    pub steps: Vec<(Millis, NewAction)>,
    /// The states of each order of the session, the first one first.
    pub orders: Vec<Vec<OrderMessage>>,
    /// The states of an order that somebody else placed by telephone at that time: nobody knows whose it is.
    pub by_telephone: Option<Vec<OrderMessage>>,
}

/// Yields every visit of a world once.
pub struct World {
    until: Millis,
    tz: Tz,
    actions: Actions,
    chance: Chance,
    days: VecDeque<Day>,
    /// The day in hand, and when its remaining sessions open.
    today: Option<(Day, VecDeque<Millis>)>,
    crowd: Crowd,
    visitors: usize,
    numbers: BTreeMap<NaiveDate, u32>,
    touches: HashMap<(String, Option<&'static str>, Option<&'static str>), Touch>,
}

impl World {
    /// The world of `options` that ends at `until`, in the zone `tz`.
    pub fn new(options: &Options, until: Millis, tz: Tz) -> Self {
        let mut chance = Chance::new(options.seed);
        let days = calendar::days(until, options.days, options.sessions, tz, &mut chance);
        Self {
            until,
            tz,
            actions: options.actions,
            chance,
            days: days.into(),
            today: None,
            crowd: Crowd::default(),
            visitors: 0,
            numbers: BTreeMap::new(),
            touches: HashMap::new(),
        }
    }

    /// When the next session opens, and on what day.
    fn next_start(&mut self) -> Option<(NaiveDate, Mood, Millis)> {
        loop {
            if let Some((day, starts)) = &mut self.today
                && let Some(start) = starts.pop_front()
            {
                return Some((day.date, day.mood, start));
            }
            let day = self.days.pop_front()?;
            let starts = day.starts(&mut self.chance).into();
            self.today = Some((day, starts));
        }
    }

    fn campaign(&mut self, date: NaiveDate, mood: Mood, person: Option<&Person>) -> &'static Campaign {
        let weight = |campaign: &Campaign| match person {
            Some(person) if !person.follows(campaign.app) => 0,
            person => campaign.weight(person.is_none(), date, mood.season),
        };
        &CAMPAIGNS[self.chance.weighted(CAMPAIGNS.iter().map(weight))]
    }

    fn visit(&mut self, start: Millis, mood: Mood, campaign: &Campaign, person: &mut Person) -> Visit {
        person.sessions += 1;
        let intent = intent(campaign, mood, person, &mut self.chance);
        let mut journey = journey::walk(start, campaign.landing, intent, campaign.basket, &mut self.chance);
        person.has_cart = matches!(intent, Intent::Fill | Intent::Checkout);
        journey.steps.retain(|(at, _)| *at < self.until);
        if self.actions == Actions::Few {
            journey.steps = journey::thin(journey.steps);
        }
        let basket = journey.basket.filter(|basket| basket.at < self.until);
        let orders: Vec<_> = basket.map(|basket| self.order(basket.at, basket.total, mood)).into_iter().collect();
        let by_telephone = (!orders.is_empty() && self.chance.percent(5)).then(|| {
            let (at, price) = (orders[0][0].created_at, orders[0][0].total + orders[0][0].discount);
            self.order(at, price, mood)
        });
        person.last_seen = journey.steps.last().map_or(start, |(at, _)| *at);
        // The order itself keeps the page open a little longer than the last step.
        let ordered_at = orders.first().and_then(|states| states.first()).map(|state| state.created_at);
        person.last_seen = person.last_seen.max(ordered_at.unwrap_or_default());
        let path = journey.steps.first().and_then(|(_, action)| action.page.clone()).unwrap_or_default();
        Visit {
            visitor: person.number,
            ordinal: person.sessions,
            hit: self.hit(start, path, campaign, person),
            client: Arc::clone(&person.client),
            place: Arc::clone(&person.place),
            steps: journey.steps,
            orders,
            by_telephone,
        }
    }

    /// The states of a new order, as far as they lie within the world.
    fn order(&mut self, at: Millis, price: Money, mood: Mood) -> Vec<OrderMessage> {
        let day = local_day(at, self.tz);
        let count = self.numbers.entry(day).or_default();
        *count += 1;
        let number = format!("DEMO{}N{count:02}", day.format("%d%m%Y"));
        let mut states = orders::tale(&Placed { number, at, price, discount: mood.discount }, &mut self.chance);
        states.retain(|state| state.updated_at < Some(self.until));
        states
    }

    fn hit(&mut self, at: Millis, path: String, campaign: &Campaign, person: &Person) -> Hit {
        let Click { link, id, referrer } = campaign.click(&mut self.chance);
        let click_name = id.as_ref().map(|(name, _)| *name);
        let click_ids: Vec<ClickId> =
            id.into_iter().map(|(name, value)| ClickId { name: name.to_owned(), value }).collect();
        let touch = self
            .touches
            .entry((link, click_name, referrer))
            .or_insert_with_key(|(link, ..)| touch_of(link, &click_ids, referrer));
        let fbclid = click_ids.iter().find(|id| id.name == "fbclid");
        Hit {
            at,
            visitor: person.key.clone(),
            before: Vec::new(),
            utm: touch.utm.clone(),
            touch: touch.clone(),
            meta_cookies: (fbclid.map(|id| format!("fb.1.{at}.{}", id.value)), fbclid.map(|_| person.fbp.clone())),
            click_ids,
            path,
            referrer: referrer.map(str::to_owned),
            ip: Some(person.ip),
            agent: person.browser.agent(person.language),
        }
    }
}

impl Iterator for World {
    type Item = Visit;

    fn next(&mut self) -> Option<Visit> {
        let (date, mood, start) = self.next_start()?;
        if self.chance.percent(34) {
            // Taken out while it is in use: it is cheap, and joins again as one who was here lately.
            let mut crowd = std::mem::take(&mut self.crowd);
            let found = crowd.somebody(start, &mut self.chance).map(|person| {
                let campaign = self.campaign(date, mood, Some(person));
                person.come_again(&mut self.chance);
                self.visit(start, mood, campaign, person)
            });
            self.crowd = crowd;
            if found.is_some() {
                return found;
            }
        }
        let campaign = self.campaign(date, mood, None);
        let mut person = Person::new(self.visitors, campaign, start, &mut self.chance);
        self.visitors += 1;
        let visit = self.visit(start, mood, campaign, &mut person);
        self.crowd.join(person);
        Some(visit)
    }
}

/// What a link and the page on which it stood come to, by the rules of live traffic.
fn touch_of(link: &str, click_ids: &[ClickId], referrer: Option<&str>) -> Touch {
    let reading = utm::read(&Params::parse(link.as_bytes()));
    let origin = referrer.and_then(|referrer| Origin::of(referrer, &[]));
    tracking::touch(reading, click_ids, origin.as_ref())
}

fn intent(campaign: &Campaign, mood: Mood, person: &Person, chance: &mut Chance) -> Intent {
    let cart = if person.has_cart { 2 } else { 1 };
    let orders = (campaign.orders * mood.conversion * person.keen * cart / 10_000).min(6000);
    let carts = 350 + orders * 2;
    let roll = chance.below(10_000);
    if roll < orders {
        Intent::Buy
    } else if roll < orders + carts {
        if chance.percent(38) { Intent::Checkout } else { Intent::Fill }
    } else if chance.percent(campaign.bounces) {
        Intent::Leave
    } else {
        Intent::Look
    }
}
