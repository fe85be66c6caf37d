//! What live dashboards show: what has just happened, and how many visitors there are.

use serde::{Deserialize, Serialize};

use super::action::ActionKind;
use super::order::Conversion;
use super::visitor::{Device, Place};
use super::{Id, Millis, Money};

/// A visitor is on the site for so long after the last page view or action of their own.
pub const ON_SITE: Millis = 5 * 60 * 1000;
/// What happened longer ago, and is only told now, is no news.
pub const NEWS_LASTS: Millis = 60 * 60 * 1000;
/// The feed holds at most so many moments.
pub const FEED: usize = 50;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Happening {
    /// A session opened.
    Session,
    /// Something was done.
    Action(ActionKind),
    /// A sale of which a prepayment or all was received.
    Conversion(Conversion),
}

/// Something that has just happened, as anyone may see it who may see the dashboard: it holds neither addresses nor
/// e-mails nor numbers of orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// The id of the action, or of the session that opened.
    pub id: Id,
    /// When.
    pub at: Millis,
    /// When, by the clock in the store's time zone: `14:05:09`.
    pub at_local: String,
    /// What.
    pub what: Happening,
    /// In which session.
    pub session: Id,
    /// The session's source.
    pub source: String,
    /// The session's campaign.
    pub campaign: String,
    /// The page on which it was done, or on which the session began.
    pub page: Option<String>,
    /// The product.
    pub product: Option<String>,
    /// What a sale is worth.
    pub amount: Option<Money>,
    /// Where the session's address lies.
    pub place: Place,
    /// The form of the device.
    pub device: Device,
}

/// What a live dashboard is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveFrame {
    /// Another number whenever reports may have changed.
    pub version: i64,
    /// How many visitors are on the site.
    pub now_on_site: usize,
    /// What has happened since the frame before, the oldest first; in the first one what has happened of late.
    pub moments: Vec<Moment>,
}
