//! A visitor's session: what it opened with, and the running count of what happened in it.

use super::action::{ActionKind, NewAction};
use super::order::{Conversion, OrderMessage};
use super::touch::ClickId;
use super::{Id, Millis, Money};

/// A session ends when nothing happened in it for longer than this.
pub const TIMEOUT: Millis = 30 * 60 * 1000;

/// A stored session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its own id.
    pub id: Id,
    /// Whose it is.
    pub visitor_id: Id,
    /// 1 for the visitor's first session, 2 for the next …
    pub ordinal: i64,
    /// When it opened.
    pub started_at: Millis,
    /// Its last page view or action.
    pub last_seen: Millis,
    /// What it opened with: fixed from then on.
    pub opening: Opening,
    /// What happened.
    pub tally: Tally,
    /// What its orders make of it.
    pub sales: Sales,
}

/// What a session opened with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The dictionary row of its touch.
    pub touch_id: i64,
    /// The dictionary row of its client.
    pub client_id: i64,
    /// The dictionary row of its place.
    pub place_id: i64,
    /// The dictionary row of its landing page.
    pub landing_id: i64,
    /// The click ids of the link that opened it.
    pub click_ids: Vec<ClickId>,
    /// Meta's cookies `_fbc` and `_fbp`.
    pub meta_cookies: (Option<String>, Option<String>),
    /// The referring address, whole.
    pub referrer: Option<String>,
    /// What is kept of the client's address.
    pub ip: Option<String>,
    /// The browser's `User-Agent`.
    pub user_agent: String,
}

/// What happened in a session, counted as it goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many pages were shown.
    pub page_views: i64,
    /// How often a product was shown.
    pub product_views: i64,
    /// How often something went into the cart.
    pub add_to_cart: i64,
    /// How often something left the cart.
    pub remove_from_cart: i64,
    /// How often the checkout was opened.
    pub initiate_checkout: i64,
    /// How often the shop was searched.
    pub searches: i64,
    /// How many actions of other kinds there were.
    pub other_actions: i64,
    /// Points of all actions that are no conversions.
    pub points: i64,
}

impl Tally {
    /// Counts one more action.
    pub fn count(&mut self, action: &NewAction, points: i64) {
        if action.is_measurement() {
            return;
        }
        let counter = match action.kind {
            ActionKind::PageView => &mut self.page_views,
            ActionKind::ProductView => &mut self.product_views,
            ActionKind::AddToCart => &mut self.add_to_cart,
            ActionKind::RemoveFromCart => &mut self.remove_from_cart,
            ActionKind::InitiateCheckout => &mut self.initiate_checkout,
            ActionKind::Search => &mut self.searches,
            ActionKind::Lead
            | ActionKind::Purchase
            | ActionKind::Click
            | ActionKind::Registration
            | ActionKind::Other(_) => &mut self.other_actions,
        };
        *counter += 1;
        if !action.kind.is_conversion() {
            self.points += points;
        }
    }

    /// At most one page was shown and nothing else was done.
    pub fn is_bounce(&self) -> bool {
        let Self { page_views, product_views, add_to_cart, remove_from_cart, .. } = self;
        let shopping = product_views + add_to_cart + remove_from_cart + self.initiate_checkout;
        *page_views <= 1 && shopping + self.searches + self.other_actions == 0
    }
}

/// What the orders of a session make of it. Derived from the orders each time one of them changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sales {
    /// Has an order that is a lead now.
    pub has_lead: bool,
    /// Has an order that is a purchase now.
    pub has_purchase: bool,
    /// Has a lead action that stands: an order that was prepaid and then paid had both.
    pub had_lead: bool,
    /// The earliest standing conversion.
    pub converted_at: Option<Millis>,
    /// Orders that count into revenue.
    pub orders: i64,
    /// Their totals less refunds.
    pub revenue: Money,
    /// Their refunds.
    pub refunds: Money,
    /// Points of the standing conversions.
    pub points: i64,
}

/// An order beside the times at which it became a lead and a purchase, as its actions have them.
#[derive(Clone, Copy, Debug)]
pub struct Sale<'a> {
    /// The order's state.
    pub order: &'a OrderMessage,
    /// When the lead action was made.
    pub lead_at: Option<Millis>,
    /// When the purchase action was made.
    pub purchase_at: Option<Millis>,
}

/// A lead that no order stands behind: the shop said that a prepayment was received.
#[derive(Clone, Copy, Debug)]
pub struct BareLead {
    /// When.
    pub at: Millis,
    /// What it earned.
    pub points: i64,
}

impl Sales {
    /// What a session's orders, and its leads without an order, make of it.
    pub fn of<'a>(sales: impl IntoIterator<Item = Sale<'a>>, bare_leads: impl IntoIterator<Item = BareLead>) -> Self {
        let mut all = Self::default();
        for BareLead { at, points } in bare_leads {
            all.has_lead = true;
            all.had_lead = true;
            all.converted_at = all.converted_at.into_iter().chain([at]).min();
            all.points += points;
        }
        for Sale { order, lead_at, purchase_at } in sales {
            if order.is_revenue() {
                all.orders += 1;
                all.revenue = all.revenue + (order.total - order.refunded);
                all.refunds = all.refunds + order.refunded;
            }
            let Some(conversion) = order.conversion() else { continue };
            let at = match conversion {
                Conversion::Lead => lead_at,
                Conversion::Purchase => lead_at.into_iter().chain(purchase_at).min(),
            };
            all.has_lead |= conversion == Conversion::Lead;
            all.has_purchase |= conversion == Conversion::Purchase;
            all.had_lead |= lead_at.is_some() || conversion == Conversion::Lead;
            all.converted_at = all.converted_at.into_iter().chain(at).min();
            all.points += sale_points(order, conversion, lead_at.is_some());
        }
        all
    }

    /// The session's conversion: a purchase before a lead.
    pub fn conversion(&self) -> Option<Conversion> {
        match (self.has_purchase, self.has_lead) {
            (true, _) => Some(Conversion::Purchase),
            (false, true) => Some(Conversion::Lead),
            (false, false) => None,
        }
    }
}

/// What a standing order earns: its lead, when it had one, and its purchase.
fn sale_points(order: &OrderMessage, conversion: Conversion, had_lead: bool) -> i64 {
    let lead = order.points(Conversion::Lead);
    match conversion {
        Conversion::Lead => lead,
        Conversion::Purchase => order.points(Conversion::Purchase) + if had_lead { lead } else { 0 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{OrderStatus, PaymentStatus};

    fn order(payment_status: PaymentStatus, status: OrderStatus, refunded: i64) -> OrderMessage {
        OrderMessage {
            number: "N1".into(),
            created_at: 0,
            updated_at: None,
            email: None,
            phone: None,
            total: Money(149_900),
            discount: Money::ZERO,
            pay_type: "prepay_200".into(),
            payment_status,
            paid_at: None,
            status,
            refunded: Money(refunded),
        }
    }

    #[test]
    fn a_prepaid_order_is_a_lead_and_becomes_a_purchase() {
        let prepaid = order(PaymentStatus::Prepaid, OrderStatus::New, 0);
        let lead = Sales::of([Sale { order: &prepaid, lead_at: Some(5), purchase_at: None }], []);
        assert_eq!((lead.conversion(), lead.converted_at, lead.points), (Some(Conversion::Lead), Some(5), 52));
        assert_eq!((lead.orders, lead.revenue), (0, Money::ZERO));

        let paid = order(PaymentStatus::Paid, OrderStatus::New, 0);
        let both = Sales::of([Sale { order: &paid, lead_at: Some(5), purchase_at: Some(9) }], []);
        assert_eq!((both.conversion(), both.converted_at), (Some(Conversion::Purchase), Some(5)));
        assert_eq!((both.has_lead, both.orders, both.revenue), (false, 1, Money(149_900)));
        assert_eq!((both.points, both.had_lead, both.has_purchase), (52 + 114, true, true));
    }

    #[test]
    fn what_no_longer_stands_takes_everything_back_but_a_full_refund_still_shows_its_refund() {
        let cancelled = order(PaymentStatus::Paid, OrderStatus::Cancelled, 0);
        assert_eq!(Sales::of([Sale { order: &cancelled, lead_at: None, purchase_at: Some(9) }], []), Sales::default());
        let refunded = order(PaymentStatus::Paid, OrderStatus::Done, 149_900);
        let sales = Sales::of([Sale { order: &refunded, lead_at: None, purchase_at: Some(9) }], []);
        assert_eq!((sales.conversion(), sales.points, sales.converted_at), (None, 0, None));
        assert_eq!((sales.orders, sales.revenue, sales.refunds), (1, Money::ZERO, Money(149_900)));
    }

    #[test]
    fn a_lead_without_an_order_converts() {
        let sales = Sales::of([], [BareLead { at: 7, points: 50 }, BareLead { at: 3, points: 0 }]);
        assert_eq!((sales.conversion(), sales.converted_at, sales.points), (Some(Conversion::Lead), Some(3), 50));
    }

    #[test]
    fn a_bounce_is_one_page_and_nothing_else() {
        let mut tally = Tally::default();
        assert!(tally.is_bounce());
        tally.count(&NewAction::new(ActionKind::PageView), 1);
        assert!(tally.is_bounce());
        tally.count(&NewAction::new(ActionKind::ProductView), 3);
        assert!(!tally.is_bounce());
        assert_eq!((tally.page_views, tally.product_views, tally.points), (1, 1, 4));
    }

    #[test]
    fn what_a_page_measures_ends_no_bounce() {
        let mut tally = Tally::default();
        tally.count(&NewAction::new(ActionKind::PageView), 1);
        tally.count(&NewAction::claim("time_on_page".into()), 0);
        tally.count(&NewAction::claim("scroll".into()), 0);
        assert!(tally.is_bounce());
        tally.count(&NewAction::new("scroll".into()), 0);
        assert!(!tally.is_bounce(), "what the shop's server says is a deed");
    }
}
