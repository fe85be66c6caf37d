//! What a visitor did, and the points that it earns.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Id, Millis, Money};

/// The kind of an action. Its key is the same word in SQL, JSON and URLs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub enum ActionKind {
    /// A page was shown.
    PageView,
    /// A product's page was shown.
    ProductView,
    /// A product went into the cart.
    AddToCart,
    /// A product left the cart.
    RemoveFromCart,
    /// The checkout was opened.
    InitiateCheckout,
    /// A prepayment was received.
    Lead,
    /// An order was paid in full.
    Purchase,
    /// The shop was searched.
    Search,
    /// Something was clicked.
    Click,
    /// Somebody became a customer with an account.
    Registration,
    /// Any other kind that the shop uses: earns no points and is no step of the funnel.
    Other(String),
}

impl ActionKind {
    /// The kinds that have rules of their own.
    pub const KNOWN: [Self; 10] = [
        Self::PageView,
        Self::ProductView,
        Self::AddToCart,
        Self::RemoveFromCart,
        Self::InitiateCheckout,
        Self::Lead,
        Self::Purchase,
        Self::Search,
        Self::Click,
        Self::Registration,
    ];

    /// Kinds of the shop's pages that earn nothing: each an [`Self::Other`].
    pub const WITHOUT_POINTS: [&str; 16] = [
        "scroll",
        "time_on_page",
        "custom_print_start",
        "custom_print_step_enter",
        "custom_print_step_complete",
        "custom_print_add_to_cart",
        "custom_print_send_to_manager",
        "custom_print_safe_exit",
        "custom_print_moderation_result",
        "survey_start",
        "survey_answer",
        "survey_back",
        "survey_skip",
        "survey_close",
        "survey_complete",
        "survey_dismiss",
    ];

    /// The kind's key: `add_to_cart`.
    pub fn key(&self) -> &str {
        match self {
            Self::PageView => "page_view",
            Self::ProductView => "product_view",
            Self::AddToCart => "add_to_cart",
            Self::RemoveFromCart => "remove_from_cart",
            Self::InitiateCheckout => "initiate_checkout",
            Self::Lead => "lead",
            Self::Purchase => "purchase",
            Self::Search => "search",
            Self::Click => "click",
            Self::Registration => "registration",
            Self::Other(key) => key,
        }
    }

    /// The keys of every kind that may be named: of all known ones, and the shop's own.
    pub fn keys(extra: &[String]) -> impl Iterator<Item = &str> {
        Self::KNOWN.iter().map(Self::key).chain(Self::WITHOUT_POINTS).chain(extra.iter().map(String::as_str))
    }

    /// The points of the first such action in a session, before the bonus of an order.
    pub fn points(&self) -> i64 {
        match self {
            Self::PageView | Self::Click => 1,
            Self::ProductView => 3,
            Self::AddToCart => 10,
            Self::RemoveFromCart => -5,
            Self::InitiateCheckout => 20,
            Self::Lead => 50,
            Self::Purchase => 100,
            Self::Search => 2,
            Self::Registration | Self::Other(_) => 0,
        }
    }

    /// Is this a conversion, whose points stand and fall with its order?
    pub fn is_conversion(&self) -> bool {
        matches!(self, Self::Lead | Self::Purchase)
    }
}

impl fmt::Display for ActionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

impl From<String> for ActionKind {
    fn from(key: String) -> Self {
        Self::KNOWN.into_iter().find(|kind| kind.key() == key).unwrap_or(Self::Other(key))
    }
}

impl From<&str> for ActionKind {
    fn from(key: &str) -> Self {
        Self::from(key.to_owned())
    }
}

impl From<ActionKind> for String {
    fn from(kind: ActionKind) -> Self {
        kind.key().to_owned()
    }
}

/// What a storefront says that a visitor did, before it has a place in a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewAction {
    /// What was done.
    pub kind: ActionKind,
    /// The path of the page on which it was done.
    pub page: Option<String>,
    /// The shop's own id of the product.
    pub product_id: Option<String>,
    /// The product's name as it was shown.
    pub product_name: Option<String>,
    /// The cart's or order's value.
    pub value: Option<Money>,
    /// The order's number.
    pub order: Option<String>,
    /// What was searched for.
    pub query: Option<String>,
    /// What else is told of it: a JSON object as text, at most 4 KB.
    pub metadata: Option<String>,
    /// Does only a browser say so? Then it makes no sale, and what its page measures by itself is no deed.
    pub is_claim: bool,
}

/// What stands for the order of a lead or purchase that a browser claims, so that it is taken for none of the shop's.
/// Longer than any order's number.
const CLAIMED: &str = "what a browser claims is kept, but it earns nothing and converts nobody";

impl NewAction {
    /// An action of `kind` about which nothing more is known.
    pub fn new(kind: ActionKind) -> Self {
        Self {
            kind,
            page: None,
            product_id: None,
            product_name: None,
            value: None,
            order: None,
            query: None,
            metadata: None,
            is_claim: false,
        }
    }

    /// An action of `kind` that a browser claims.
    pub fn claim(kind: ActionKind) -> Self {
        Self { is_claim: true, ..Self::new(kind) }
    }

    /// What makes a second action of the same kind in a session a repeat: the path of a page view, the text
    /// of a search, the order of a conversion, else the product.
    pub fn subject(&self) -> &str {
        match self.kind {
            ActionKind::PageView => self.page.as_deref(),
            ActionKind::Search => self.query.as_deref(),
            ActionKind::Lead | ActionKind::Purchase if self.is_claim => Some(CLAIMED),
            ActionKind::Lead | ActionKind::Purchase => self.order.as_deref(),
            _ => self.product_id.as_deref(),
        }
        .unwrap_or_default()
    }

    /// The points that it earns: none for a repeat and for a sale that is only claimed; a conversion adds one for each
    /// whole hundred of its value.
    pub fn points(&self, repeated: bool) -> i64 {
        if repeated || (self.is_claim && self.kind.is_conversion()) {
            return 0;
        }
        let bonus = if self.kind.is_conversion() { self.value.unwrap_or_default().whole() / 100 } else { 0 };
        self.kind.points() + bonus
    }

    /// Did the page measure it by itself: how long it was read, and how far down? That neither opens a session nor ends
    /// a bounce.
    pub fn is_measurement(&self) -> bool {
        self.is_claim && matches!(self.kind.key(), "time_on_page" | "scroll")
    }
}

/// A stored action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// Its own id.
    pub id: Id,
    /// Whose it is.
    pub visitor_id: Id,
    /// The session that it belongs to.
    pub session_id: Id,
    /// When it was done.
    pub at: Millis,
    /// What was done.
    pub what: NewAction,
    /// What it earned.
    pub points: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn action(kind: ActionKind, value: i64) -> NewAction {
        NewAction { value: Some(Money(value)), order: Some("7".into()), ..NewAction::new(kind) }
    }

    #[test]
    fn points_by_kind_bonus_and_repeat() {
        let cases = [
            (action(ActionKind::Purchase, 149_900), false, 114),
            (action(ActionKind::Lead, 20_000), false, 52),
            (action(ActionKind::Purchase, 9_999), false, 100),
            (action(ActionKind::AddToCart, 149_900), false, 10),
            (action(ActionKind::RemoveFromCart, 0), false, -5),
            (action(ActionKind::Other("scroll".into()), 0), false, 0),
            (action(ActionKind::Purchase, 149_900), true, 0),
        ];
        for (action, repeated, points) in cases {
            assert_eq!(action.points(repeated), points, "{action:?}");
        }
    }

    #[test]
    fn keys_are_read_back() {
        for kind in ActionKind::KNOWN {
            assert_eq!(ActionKind::from(kind.key()), kind);
        }
        assert_eq!(ActionKind::from("survey_start"), ActionKind::Other("survey_start".into()));
    }

    #[test]
    fn a_repeat_is_told_by_the_subject_of_its_kind() {
        let mut search = NewAction::new(ActionKind::Search);
        search.query = Some("футболка".into());
        search.product_id = Some("17".into());
        assert_eq!(search.subject(), "футболка");
        search.kind = ActionKind::AddToCart;
        assert_eq!(search.subject(), "17");
        search.kind = ActionKind::Purchase;
        assert_eq!(search.subject(), "");
    }

    #[test]
    fn a_claimed_sale_is_none() {
        for kind in [ActionKind::Lead, ActionKind::Purchase] {
            let claim = NewAction { value: Some(Money(149_900)), ..NewAction::claim(kind.clone()) };
            assert_eq!(claim.points(false), 0);
            assert_ne!(claim.subject(), NewAction::new(kind).subject(), "no repeat of what the shop says");
            assert!(claim.subject().chars().count() > 64, "no order's number");
        }
        assert_eq!(NewAction::claim(ActionKind::AddToCart).points(false), 10);
    }
}
