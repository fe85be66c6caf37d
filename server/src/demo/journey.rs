//! What people do between the page on which they land and the order.

use utm_dispatcher::model::action::ActionKind;
use utm_dispatcher::model::session::TIMEOUT;
use utm_dispatcher::model::{Millis, Money, NewAction};

use super::campaigns::Landing;
use super::chance::Chance;
use crate::storefront::products::{PRODUCTS, Product};

/// How far a visit goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Leaves at once.
    Leave,
    /// Looks around.
    Look,
    /// Puts something into the cart and leaves it there.
    Fill,
    /// Opens the checkout and thinks better of it.
    Checkout,
    /// Places an order.
    Buy,
}

/// What is ordered.
#[derive(Clone, Debug)]
pub struct Basket {
    /// When.
    pub at: Millis,
    /// What it costs before discounts.
    pub total: Money,
}

/// A visit as it went.
#[derive(Clone, Debug)]
pub struct Journey {
    /// What was done, and when; the earliest first.
    pub steps: Vec<(Millis, NewAction)>,
    /// What was ordered.
    pub basket: Option<Basket>,
}

const SECOND: Millis = 1000;
/// No two steps lie further apart.
const LONGEST_PAUSE: Millis = 25 * 60 * SECOND;
/// How often each product is looked at, compared with the others; the first ones sell best.
const LIKING: [u64; 12] = [22, 20, 9, 14, 10, 13, 12, 7, 6, 8, 7, 9];
const SEARCHES: [&str; 16] = [
    "худі",
    "футболка",
    "чашка",
    "термос",
    "шкарпетки",
    "подарунок",
    "чорне худі",
    "наплічник",
    "свічка",
    "hoodie",
    "сертифікат",
    "рукавички",
    "кепка",
    "постер дніпро",
    "xl",
    "знижки",
];

struct Walk<'a> {
    chance: &'a mut Chance,
    at: Millis,
    steps: Vec<(Millis, NewAction)>,
    cart: Vec<&'static Product>,
}

/// A visit that begins at `start` on the page where `landing` leads, and goes as far as `intent`. `basket` is how
/// likely a further thing goes into the cart, in per cent.
pub fn walk(start: Millis, landing: Landing, intent: Intent, basket: u64, chance: &mut Chance) -> Journey {
    let mut walk = Walk { chance, at: start, steps: Vec::with_capacity(12), cart: Vec::new() };
    let landed_on = walk.land(landing);
    let mut ordered = None;
    match intent {
        Intent::Leave => {}
        Intent::Look => {
            let pages = 1 + walk.chance.below(6);
            walk.look(pages);
        }
        Intent::Fill | Intent::Checkout | Intent::Buy => {
            let pages = walk.chance.below(3);
            walk.look(pages);
            walk.fill(landed_on, basket);
            if intent != Intent::Fill {
                walk.check_out();
            }
            if intent == Intent::Buy {
                walk.wait(40, 420);
                ordered = Some(Basket { at: walk.at, total: walk.total() });
            }
        }
    }
    Journey { steps: walk.steps, basket: ordered }
}

impl Walk<'_> {
    /// Waits so many seconds, rarely much longer.
    fn wait(&mut self, least: i64, most: i64) {
        let far = if self.chance.percent(3) { 9 } else { 1 };
        self.at += (self.chance.between(least * SECOND, most * SECOND) * far).min(LONGEST_PAUSE);
    }

    fn act(&mut self, action: NewAction) {
        self.steps.push((self.at, action));
    }

    fn view(&mut self, path: &str) {
        self.act(on(path, ActionKind::PageView));
    }

    /// Shows a product's page and returns the product.
    fn show(&mut self) -> &'static Product {
        let product = &PRODUCTS[self.chance.weighted(LIKING.into_iter())];
        let path = format!("/product/{}", product.slug);
        self.view(&path);
        self.act(about(product, on(&path, ActionKind::ProductView)));
        product
    }

    fn land(&mut self, landing: Landing) -> Option<&'static Product> {
        let landing = match landing {
            Landing::Anywhere => {
                [Landing::Home, Landing::Catalog, Landing::Product][self.chance.weighted([30, 25, 45].into_iter())]
            }
            given => given,
        };
        match landing {
            Landing::Product => return Some(self.show()),
            Landing::Catalog => self.view("/catalog"),
            Landing::Home | Landing::Anywhere => self.view("/"),
        }
        None
    }

    fn look(&mut self, pages: u64) {
        for _ in 0..pages {
            self.wait(6, 110);
            match self.chance.below(100) {
                0..52 => {
                    self.show();
                    if self.chance.percent(18) {
                        self.wait(3, 40);
                        let path = self.steps.last().and_then(|(_, action)| action.page.clone()).unwrap_or_default();
                        self.act(on(&path, ActionKind::Click));
                    }
                }
                52..80 => self.view("/catalog"),
                80..90 => self.search(),
                _ => self.view("/"),
            }
        }
    }

    fn search(&mut self) {
        let query = self.chance.one_of(&SEARCHES).map(|query| (*query).to_owned());
        self.view("/search");
        self.act(NewAction { query, ..on("/search", ActionKind::Search) });
    }

    fn fill(&mut self, landed_on: Option<&'static Product>, basket: u64) {
        let mut next = landed_on.filter(|_| self.steps.len() <= 2);
        loop {
            let product = next.take().unwrap_or_else(|| {
                self.wait(8, 90);
                self.show()
            });
            self.wait(12, 150);
            self.cart.push(product);
            self.act(self.change(product, ActionKind::AddToCart));
            if self.cart.len() >= 5 || !self.chance.percent(basket) {
                break;
            }
        }
        if self.cart.len() > 1 && self.chance.percent(20) {
            let place = self.chance.place(self.cart.len());
            self.wait(5, 60);
            self.view("/cart");
            self.wait(4, 50);
            let product = self.cart.remove(place);
            self.act(self.change(product, ActionKind::RemoveFromCart));
        }
    }

    fn check_out(&mut self) {
        self.wait(5, 80);
        self.view("/cart");
        self.wait(6, 90);
        self.view("/checkout");
        let value = Some(self.total());
        self.act(NewAction { value, ..on("/checkout", ActionKind::InitiateCheckout) });
    }

    /// What the shop tells of a change of the cart, which was made already.
    fn change(&self, product: &Product, kind: ActionKind) -> NewAction {
        NewAction { value: Some(self.total()), ..about(product, on("/cart", kind)) }
    }

    fn total(&self) -> Money {
        self.cart.iter().map(|product| product.price).sum()
    }
}

fn on(path: &str, kind: ActionKind) -> NewAction {
    NewAction { page: Some(path.to_owned()), ..NewAction::new(kind) }
}

fn about(product: &Product, action: NewAction) -> NewAction {
    NewAction { product_id: Some(product.id.to_owned()), product_name: Some(product.name.uk.to_owned()), ..action }
}

/// The steps that are worth keeping where room is short: page views up to the third, and no clicks, but for those
/// without which two neighbours would lie so far apart that they were two sessions. Who looked on stays one who did.
pub fn thin(steps: Vec<(Millis, NewAction)>) -> Vec<(Millis, NewAction)> {
    let (mut pages, mut last) = (0, Millis::MIN);
    let mut kept = Vec::with_capacity(steps.len());
    for (at, action) in steps {
        let is_key = match action.kind {
            ActionKind::PageView => {
                pages += 1;
                pages <= 3
            }
            ActionKind::Click => false,
            _ => true,
        };
        // With a pause after it, the longest gap is just as long as a session stays open.
        let is_kept = is_key || at.saturating_sub(last) > TIMEOUT - LONGEST_PAUSE;
        if is_kept {
            last = at;
            kept.push((at, action));
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(journey: &Journey) -> Vec<&str> {
        journey.steps.iter().map(|(_, action)| action.kind.key()).collect()
    }

    #[test]
    fn a_visit_goes_as_far_as_it_means_to() {
        for seed in 0..300 {
            let mut chance = Chance::new(seed);
            let leaves = walk(0, Landing::Home, Intent::Leave, 30, &mut chance);
            assert_eq!(kinds(&leaves), ["page_view"]);
            let looks = walk(0, Landing::Anywhere, Intent::Look, 30, &mut chance);
            assert!(looks.steps.len() > 1 && !kinds(&looks).contains(&"add_to_cart"));
            let fills = walk(0, Landing::Product, Intent::Fill, 30, &mut chance);
            assert!(kinds(&fills).contains(&"add_to_cart") && !kinds(&fills).contains(&"initiate_checkout"));
            let thinks = walk(0, Landing::Catalog, Intent::Checkout, 30, &mut chance);
            assert!(kinds(&thinks).contains(&"initiate_checkout") && thinks.basket.is_none());
            let buys = walk(0, Landing::Product, Intent::Buy, 60, &mut chance);
            let basket = buys.basket.unwrap();
            assert!(basket.total > Money::ZERO && basket.at > buys.steps.last().unwrap().0);
        }
    }

    #[test]
    fn steps_follow_each_other_within_the_session_and_thin_ones_too() {
        for seed in 0..500 {
            let journey = walk(0, Landing::Anywhere, Intent::Buy, 80, &mut Chance::new(seed));
            let thinned = thin(journey.steps.clone());
            for steps in [&journey.steps, &thinned] {
                assert!(steps.windows(2).all(|pair| (0..=TIMEOUT).contains(&(pair[1].0 - pair[0].0))), "{seed}");
            }
            assert!(thinned.len() <= journey.steps.len());
            let of = |kind| thinned.iter().filter(|(_, action)| action.kind == kind).count();
            assert!(of(ActionKind::PageView) < 9 && of(ActionKind::InitiateCheckout) == 1, "{seed}");
        }
    }
}
