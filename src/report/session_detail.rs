//! Everything that is known of one session.

use serde::{Deserialize, Serialize};

use super::session_list::SessionRow;
use crate::model::action::ActionKind;
use crate::model::page::without_numbers;
use crate::model::touch::ClickId;
use crate::model::visitor::Client;
use crate::model::{Id, Millis, Money, OrderStatus, PaymentStatus, Role};

/// At most so many actions are shown, the newest ones.
pub const MOST_ACTIONS: usize = 50;
/// At most so many other sessions of the visitor are shown, the newest ones.
pub const MOST_SESSIONS: usize = 50;

/// A session with its actions, its orders and its visitor's other sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionDetail {
    /// What the list shows of it.
    pub session: SessionRow,
    /// The path on which it landed.
    pub landing_page: String,
    /// The referring address, whole.
    pub referrer: Option<String>,
    /// The click ids of the link that opened it.
    pub click_ids: Vec<ClickId>,
    /// Device, operating system and browser, with their versions.
    pub client: Client,
    /// The touch that it is credited to.
    pub touch: TouchLabels,
    /// The first touch of its visitor.
    pub first_touch: Option<TouchLabels>,
    /// The last touch of its visitor.
    pub last_touch: Option<TouchLabels>,
    /// Whole seconds from its start to its last page view or action.
    pub duration: i64,
    /// When its visitor registered with the shop in it.
    pub registered_at: Option<Millis>,
    /// The same in the store's time zone: `2026-11-22 14:05:09`.
    pub registered_local: Option<String>,
    /// The newest actions, the newest first.
    pub actions: Vec<ActionRow>,
    /// How many actions there are.
    pub total_actions: usize,
    /// Its orders, the newest first.
    pub orders: Vec<OrderRow>,
    /// The visitor's newest other sessions, the newest first.
    pub other_sessions: Vec<SessionRow>,
}

/// What a touch is counted under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TouchLabels {
    /// The source.
    pub source: String,
    /// The medium.
    pub medium: String,
    /// The campaign, or `N/A`.
    pub campaign: String,
    /// The content, or `N/A`.
    pub content: String,
    /// The term.
    pub term: Option<String>,
    /// The channel group's key.
    pub channel: String,
    /// The platform of the click id.
    pub click_platform: Option<String>,
    /// The referring host.
    pub referrer_host: Option<String>,
}

/// One action of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionRow {
    /// Its id.
    pub id: Id,
    /// When it was done.
    pub at: Millis,
    /// When it was done, in the store's time zone: `2026-11-22 14:05:09`.
    pub at_local: String,
    /// What was done.
    pub kind: ActionKind,
    /// The path of the page on which it was done.
    pub page: Option<String>,
    /// The shop's own id of the product.
    pub product_id: Option<String>,
    /// The product's name.
    pub product_name: Option<String>,
    /// The cart's or order's value.
    pub value: Option<Money>,
    /// The order's number; `None` when there is none or the asker may not see it.
    pub order: Option<String>,
    /// What was searched for.
    pub query: Option<String>,
    /// What it earned.
    pub points: i64,
}

/// One order of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRow {
    /// Its id.
    pub id: Id,
    /// The shop's number; `None` when the asker may not see it.
    pub number: Option<String>,
    /// When it was placed.
    pub created_at: Millis,
    /// When it was placed, in the store's time zone: `2026-11-22 14:05:09`.
    pub created_local: String,
    /// What the buyer owes after discounts.
    pub total: Money,
    /// What was given back.
    pub refunded: Money,
    /// How much is paid.
    pub payment_status: PaymentStatus,
    /// When it was paid in full.
    pub paid_at: Option<Millis>,
    /// Where it is.
    pub status: OrderStatus,
}

impl SessionDetail {
    /// The session as `role` may see it: viewers see no addresses and no orders' numbers.
    #[must_use]
    pub fn seen_by(mut self, role: Role) -> Self {
        self.session = self.session.seen_by(role);
        self.other_sessions = self.other_sessions.into_iter().map(|row| row.seen_by(role)).collect();
        if role < Role::Analyst {
            let actions = self.actions.iter_mut().filter_map(|action| action.order.take());
            let numbers: Vec<String> =
                self.orders.iter_mut().filter_map(|order| order.number.take()).chain(actions).collect();
            let pages = self.actions.iter_mut().filter_map(|action| action.page.as_mut());
            for page in pages.chain([&mut self.landing_page]).chain(&mut self.referrer) {
                *page = without_numbers(page, &numbers);
            }
        }
        self
    }
}
