//! A visitor's session: what it opened with, and the running count of what happened in it.

use std::net::IpAddr;

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
    /// The client's address.
    pub ip: Option<IpAddr>,
    /// The browser's `User-Agent`.
    pub user_agent: String,
    /// What happened.
    pub tally: Tally,
}

/// What happened in a session, counted as it goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many pages were shown.
    pub page_views: i64,
    /// How many other actions there were.
    pub actions: i64,
    /// Points of all actions that are no conversions.
    pub points: i64,
    /// The set of known kinds that occurred, by [`ActionKind::bit`].
    pub had: i64,
    /// What its orders and leads make of it.
    pub sales: Sales,
}

impl Tally {
    /// Counts one more action.
    pub fn count(&mut self, action: &NewAction, points: i64) {
        if action.kind == ActionKind::PageView {
            self.page_views += 1;
        } else {
            self.actions += 1;
        }
        if !action.kind.is_conversion() {
            self.points += points;
            self.had |= action.kind.bit();
        }
    }

    /// At most one page was shown and nothing else was done.
    pub fn is_bounce(&self) -> bool {
        self.page_views <= 1 && self.actions == 0
    }

    /// All points, conversions included.
    pub fn all_points(&self) -> i64 {
        self.points + self.sales.points
    }
}

/// What the orders of a session make of it. Derived from the orders each time one of them changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sales {
    /// Has an order that is a lead now.
    pub has_lead: bool,
    /// Has an order that is a purchase now.
    pub has_purchase: bool,
    /// The kinds of its standing lead and purchase actions, by [`ActionKind::bit`]: an order that was prepaid
    /// and then paid had both.
    pub had: i64,
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

impl Sales {
    /// What `sales` make of their session.
    pub fn of<'a>(sales: impl IntoIterator<Item = Sale<'a>>) -> Self {
        let mut all = Self::default();
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
            if lead_at.is_some() || conversion == Conversion::Lead {
                all.had |= ActionKind::Lead.bit();
            }
            if conversion == Conversion::Purchase {
                all.had |= ActionKind::Purchase.bit();
            }
            all.converted_at = all.converted_at.into_iter().chain(at).min();
            all.points += points_of(order, conversion, lead_at.is_some());
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

fn points_of(order: &OrderMessage, conversion: Conversion, had_lead: bool) -> i64 {
    let bonus = |conversion| order.bonus_base(conversion).whole() / 100;
    match conversion {
        Conversion::Lead => ActionKind::Lead.points() + bonus(Conversion::Lead),
        Conversion::Purchase => {
            let lead = if had_lead { ActionKind::Lead.points() + bonus(Conversion::Lead) } else { 0 };
            lead + ActionKind::Purchase.points() + bonus(Conversion::Purchase)
        }
    }
}
