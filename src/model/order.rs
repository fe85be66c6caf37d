//! What the shop sold, and how messages about it are merged.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::action::{ActionKind, NewAction};
use super::{Id, Millis, Money};

/// How much of an order is paid. The order of the variants is the order in which a payment moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PaymentStatus {
    /// Nothing was paid.
    #[default]
    Unpaid,
    /// A payment is being checked.
    Checking,
    /// A prepayment was received.
    Prepaid,
    /// A part was received; counts as [`Self::Prepaid`].
    Partial,
    /// Paid in full.
    Paid,
}

impl PaymentStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [Self::Unpaid, Self::Checking, Self::Prepaid, Self::Partial, Self::Paid];

    /// The status as databases and APIs write it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Unpaid => "unpaid",
            Self::Checking => "checking",
            Self::Prepaid => "prepaid",
            Self::Partial => "partial",
            Self::Paid => "paid",
        }
    }

    /// What an order of that status is worth while it stands.
    pub fn conversion(self) -> Option<Conversion> {
        match self {
            Self::Paid => Some(Conversion::Purchase),
            Self::Prepaid | Self::Partial => Some(Conversion::Lead),
            Self::Unpaid | Self::Checking => None,
        }
    }

    /// How far the payment has come; `prepaid` and `partial` stand side by side.
    fn rank(self) -> u8 {
        match self {
            Self::Unpaid => 0,
            Self::Checking => 1,
            Self::Prepaid | Self::Partial => 2,
            Self::Paid => 3,
        }
    }
}

/// Where an order is. The order of the variants is the order in which it moves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderStatus {
    /// Placed.
    #[default]
    New,
    /// Being packed.
    Prep,
    /// On its way.
    Ship,
    /// Received.
    Done,
    /// Sent back.
    Returned,
    /// Called off.
    Cancelled,
}

impl OrderStatus {
    /// Every status.
    pub const ALL: [Self; 6] = [Self::New, Self::Prep, Self::Ship, Self::Done, Self::Returned, Self::Cancelled];

    /// The status as databases and APIs write it.
    pub fn key(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Prep => "prep",
            Self::Ship => "ship",
            Self::Done => "done",
            Self::Returned => "returned",
            Self::Cancelled => "cancelled",
        }
    }

    /// Was the order called off or sent back?
    pub fn is_void(self) -> bool {
        matches!(self, Self::Cancelled | Self::Returned)
    }
}

/// Why a text is no status: the text, and what is allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is none of {1}")]
pub struct NotStatus(String, String);

fn find<T: Copy>(all: &[T], key: fn(T) -> &'static str, text: &str) -> Result<T, NotStatus> {
    all.iter().copied().find(|status| key(*status) == text).ok_or_else(|| {
        let allowed: Vec<_> = all.iter().map(|status| key(*status)).collect();
        NotStatus(text.to_owned(), allowed.join(", "))
    })
}

impl FromStr for PaymentStatus {
    type Err = NotStatus;
    fn from_str(text: &str) -> Result<Self, NotStatus> {
        find(&Self::ALL, Self::key, text)
    }
}

impl FromStr for OrderStatus {
    type Err = NotStatus;
    fn from_str(text: &str) -> Result<Self, NotStatus> {
        find(&Self::ALL, Self::key, text)
    }
}

impl fmt::Display for PaymentStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

impl fmt::Display for OrderStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// What an order is worth to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Conversion {
    /// A prepayment was received.
    Lead,
    /// Paid in full.
    Purchase,
}

impl Conversion {
    /// Its key, as APIs and files write it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Purchase => "purchase",
        }
    }
}

/// What the shop says of an order: its whole state as of `updated_at`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderMessage {
    /// The shop's number, unique.
    pub number: String,
    /// When the order was placed.
    pub created_at: Millis,
    /// The shop's own time of this state; `None` when it keeps none.
    pub updated_at: Option<Millis>,
    /// The buyer's e-mail.
    pub email: Option<String>,
    /// The buyer's telephone.
    pub phone: Option<String>,
    /// What the buyer owes after discounts.
    pub total: Money,
    /// The discount that `total` is already less by.
    pub discount: Money,
    /// How it is paid: `online_full`, `prepay_200`, `cod`.
    pub pay_type: String,
    /// How much is paid.
    pub payment_status: PaymentStatus,
    /// When it was paid in full.
    pub paid_at: Option<Millis>,
    /// Where it is.
    pub status: OrderStatus,
    /// What was given back.
    pub refunded: Money,
}

/// Why an order message is refused, with the field at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadOrder {
    /// More was given back than was owed.
    #[error("refunded: {refunded} is not between 0.00 and the total of {total}")]
    Refunded {
        /// What came.
        refunded: Money,
        /// The order's total.
        total: Money,
    },
    /// A negative amount.
    #[error("{field}: {amount} is below 0.00")]
    Negative {
        /// The field's name.
        field: &'static str,
        /// What came.
        amount: Money,
    },
    /// An empty or overlong number.
    #[error("number: 1 to 64 characters, none of them a control character")]
    Number,
}

/// The fixed prepayment of the pay type `prepay_200`.
const PREPAYMENT: Money = Money(20_000);

impl OrderMessage {
    /// Checks what every order must satisfy.
    pub fn check(&self) -> Result<(), BadOrder> {
        let length = self.number.chars().count();
        if length == 0 || length > 64 || self.number.chars().any(char::is_control) {
            return Err(BadOrder::Number);
        }
        for (field, amount) in [("total", self.total), ("discount", self.discount)] {
            if amount < Money::ZERO {
                return Err(BadOrder::Negative { field, amount });
            }
        }
        if self.refunded < Money::ZERO || self.refunded > self.total {
            return Err(BadOrder::Refunded { refunded: self.refunded, total: self.total });
        }
        Ok(())
    }

    /// The state after this message on top of `stored`; `None` when it is older and changes nothing.
    ///
    /// A newer `updated_at` replaces all. With an equal one, or when either has none, payment and status only move on,
    /// `refunded` only grows, and the other fields come from this message: so the state is to be checked once more, as
    /// more may have been given back than is owed now.
    pub fn over(self, stored: &Self) -> Option<Self> {
        match (self.updated_at, stored.updated_at) {
            (Some(new), Some(old)) if new < old => None,
            (Some(new), Some(old)) if new > old => Some(self),
            _ => {
                let payment_status = if self.payment_status.rank() >= stored.payment_status.rank() {
                    self.payment_status
                } else {
                    stored.payment_status
                };
                Some(Self {
                    updated_at: self.updated_at.or(stored.updated_at),
                    payment_status,
                    status: self.status.max(stored.status),
                    refunded: self.refunded.max(stored.refunded),
                    ..self
                })
            }
        }
    }

    /// Does the order stand: neither called off, sent back nor wholly refunded?
    pub fn stands(&self) -> bool {
        let is_refunded = self.total > Money::ZERO && self.refunded >= self.total;
        !self.status.is_void() && !is_refunded
    }

    /// What the order is worth to its session; `None` while it does not stand or nothing was received.
    pub fn conversion(&self) -> Option<Conversion> {
        self.payment_status.conversion().filter(|_| self.stands())
    }

    /// The lead or purchase action that this state makes, and when, unless the order made it before: at `lead_at`,
    /// at `purchase_at`. A state without a time of its own was told at `now`.
    pub fn due(
        &self,
        lead_at: Option<Millis>,
        purchase_at: Option<Millis>,
        now: Millis,
    ) -> Option<(Conversion, Millis)> {
        let at = self.updated_at.unwrap_or(now);
        match self.payment_status.conversion()? {
            Conversion::Lead => lead_at.is_none().then_some((Conversion::Lead, at)),
            Conversion::Purchase => purchase_at.is_none().then(|| (Conversion::Purchase, self.paid_at.unwrap_or(at))),
        }
    }

    /// Does the order count into revenue: paid, neither called off nor sent back?
    pub fn is_revenue(&self) -> bool {
        self.payment_status == PaymentStatus::Paid && !self.status.is_void()
    }

    /// What the order's lead or purchase is worth: the prepayment, or the total.
    pub fn value(&self, conversion: Conversion) -> Money {
        match conversion {
            Conversion::Lead if self.pay_type == "prepay_200" => PREPAYMENT.min(self.total),
            Conversion::Lead | Conversion::Purchase => self.total,
        }
    }

    /// The lead or purchase action that the order makes.
    pub fn action(&self, conversion: Conversion) -> NewAction {
        let kind = match conversion {
            Conversion::Lead => ActionKind::Lead,
            Conversion::Purchase => ActionKind::Purchase,
        };
        NewAction { value: Some(self.value(conversion)), order: Some(self.number.clone()), ..NewAction::new(kind) }
    }

    /// The points of the order's lead or purchase while it stands.
    pub fn points(&self, conversion: Conversion) -> i64 {
        self.action(conversion).points(false)
    }
}

/// A stored order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its own id.
    pub id: Id,
    /// The visitor and session that it is credited to; `None` when it is not attributed.
    pub session: Option<(Id, Id)>,
    /// Its state.
    pub state: OrderMessage,
}

#[cfg(test)]
mod law;
