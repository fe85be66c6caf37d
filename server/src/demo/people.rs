//! Who comes: people with a browser, a place, and a liking for the shop.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;

use utm_dispatcher::model::Millis;
use utm_dispatcher::model::session::TIMEOUT;
use utm_dispatcher::model::visitor::{Client, Place, VisitorKey};

use super::campaigns::Campaign;
use super::chance::Chance;
use super::clients::{App, BROWSERS, Browser};
use super::places;

/// Somebody who has been to the shop.
#[derive(Clone, Debug)]
pub struct Person {
    /// The how manieth visitor of the world.
    pub number: usize,
    /// The visitor's key.
    pub key: VisitorKey,
    /// What they browse with.
    pub browser: &'static Browser,
    /// What tracking makes of it.
    pub client: Arc<Client>,
    /// What it speaks.
    pub language: &'static str,
    /// Where they live.
    pub place: Arc<Place>,
    /// Their address.
    pub ip: IpAddr,
    /// How readily they buy, in per cent of an ordinary visitor.
    pub keen: u64,
    /// Did they leave something in the cart?
    pub has_cart: bool,
    /// How many sessions they have had.
    pub sessions: i64,
    /// The last thing that they did.
    pub last_seen: Millis,
    /// Meta's cookie `_fbp`.
    pub fbp: String,
}

impl Person {
    /// Somebody new, who follows a link of `campaign` at `at`.
    pub fn new(number: usize, campaign: &Campaign, at: Millis, chance: &mut Chance) -> Self {
        let browser = browser(campaign, chance);
        let (place, language) = places::place(chance);
        Self {
            number,
            key: VisitorKey(format!("{:016x}{:016x}", chance.bits(), chance.bits())),
            browser,
            client: Arc::new(browser.client(language)),
            language,
            place: Arc::new(place),
            ip: places::address(chance),
            keen: [40, 100, 200, 350][chance.weighted([30, 45, 20, 5].into_iter())],
            has_cart: false,
            sessions: 0,
            last_seen: at,
            fbp: format!("fb.1.{at}.{}", chance.below(1 << 30)),
        }
    }

    /// May they follow a link that is shown in `app`? An app's browser opens nothing but the links of that app.
    pub fn follows(&self, app: Option<App>) -> bool {
        self.browser.app.is_none() || self.browser.app == app
    }

    /// Comes again at `at`; phones change their address often.
    pub fn come_again(&mut self, chance: &mut Chance) {
        if chance.percent(if self.browser.is_desktop() { 8 } else { 45 }) {
            self.ip = places::address(chance);
        }
    }
}

fn browser(campaign: &Campaign, chance: &mut Chance) -> &'static Browser {
    let wants_desktop = chance.percent(campaign.desktops);
    let in_app = campaign.app.is_some() && !wants_desktop && chance.percent(70);
    let app = campaign.app.filter(|_| in_app);
    let weight = |browser: &Browser| {
        if browser.app == app && browser.is_desktop() == wants_desktop { browser.weight } else { 0 }
    };
    &BROWSERS[chance.weighted(BROWSERS.iter().map(weight))]
}

/// Those who may come again: the ones who came last, so that a world of any size fits into memory.
#[derive(Debug, Default)]
pub struct Crowd(VecDeque<Person>);

impl Crowd {
    /// More are forgotten: they clear their cookies, or never think of the shop again.
    const MOST: usize = 60_000;

    /// Somebody who could open a session at `at`; likelier one who came lately or left something in the cart.
    pub fn somebody(&mut self, at: Millis, chance: &mut Chance) -> Option<&mut Person> {
        let mut found = None;
        for _ in 0..3 {
            let back = chance.place(self.0.len()).min(chance.place(self.0.len()));
            let Some(place) = (self.0.len()).checked_sub(back + 1) else { break };
            let person = &self.0[place];
            if at - person.last_seen > TIMEOUT {
                found = Some(place);
                if person.has_cart {
                    break;
                }
            }
        }
        self.0.get_mut(found?)
    }

    /// Remembers somebody.
    pub fn join(&mut self, person: Person) {
        if self.0.len() == Self::MOST {
            self.0.pop_front();
        }
        self.0.push_back(person);
    }
}
