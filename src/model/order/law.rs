//! Every sequence of up to five messages about an order ends as the rules say, in whatever order and however often they come.

use super::*;

/// How many messages a sequence has at most.
const LONGEST: usize = 5;
/// The shop's own time of a state: it keeps none, an early one, a late one.
const TIMES: [Option<Millis>; 3] = [None, Some(1), Some(2)];

/// What a shop tells of one order.
const STATES: [State; 6] = {
    use OrderStatus as S;
    use PaymentStatus as P;
    [
        State { payment: P::Unpaid, status: S::New, refunded: 0, total: 1000, paid_at: None, email: Some("a") },
        State { payment: P::Prepaid, status: S::Prep, refunded: 0, total: 1000, paid_at: None, email: None },
        State { payment: P::Paid, status: S::Ship, refunded: 0, total: 900, paid_at: Some(7), email: Some("b") },
        State { payment: P::Paid, status: S::Done, refunded: 300, total: 900, paid_at: None, email: Some("b") },
        State { payment: P::Partial, status: S::Returned, refunded: 950, total: 950, paid_at: Some(8), email: None },
        State { payment: P::Unpaid, status: S::Cancelled, refunded: 0, total: 1000, paid_at: None, email: Some("a") },
    ]
};

#[derive(Clone, Copy)]
struct State {
    payment: PaymentStatus,
    status: OrderStatus,
    refunded: i64,
    total: i64,
    paid_at: Option<Millis>,
    email: Option<&'static str>,
}

fn messages() -> Vec<OrderMessage> {
    let message = |state: State, updated_at| OrderMessage {
        number: "N1".to_owned(),
        created_at: 0,
        updated_at,
        email: state.email.map(str::to_owned),
        phone: None,
        total: Money(state.total),
        discount: Money(1000 - state.total),
        pay_type: String::new(),
        payment_status: state.payment,
        paid_at: state.paid_at,
        status: state.status,
        refunded: Money(state.refunded),
    };
    STATES.into_iter().flat_map(|state| TIMES.map(|updated_at| message(state, updated_at))).collect()
}

/// What an order is, in the words of the rules: along each of these only later ones come.
const PAYMENTS: [&[&str]; 4] = [&["unpaid"], &["checking"], &["prepaid", "partial"], &["paid"]];
const STATUSES: [&str; 6] = ["new", "prep", "ship", "done", "returned", "cancelled"];

#[derive(Clone, Debug, PartialEq, Eq)]
struct Model {
    updated_at: Option<Millis>,
    payment: &'static str,
    status: &'static str,
    refunded: i64,
    /// Total, discount, paid at, e-mail: simply those of one message.
    others: (i64, i64, Option<Millis>, Option<String>),
}

impl Model {
    fn of(message: &OrderMessage) -> Self {
        let OrderMessage { total, discount, paid_at, email, .. } = message;
        Self {
            updated_at: message.updated_at,
            payment: message.payment_status.key(),
            status: message.status.key(),
            refunded: message.refunded.0,
            others: (total.0, discount.0, *paid_at, email.clone()),
        }
    }

    fn told(&self, message: &OrderMessage) -> Self {
        let said = Self::of(message);
        if let (Some(old), Some(new)) = (self.updated_at, said.updated_at) {
            if new < old {
                return self.clone();
            }
            if new > old {
                return said;
            }
        }
        let paid = |payment: &str| PAYMENTS.iter().position(|level| level.contains(&payment));
        let moved = |status: &str| STATUSES.iter().position(|other| *other == status);
        let merged = Self {
            updated_at: self.updated_at.or(said.updated_at),
            payment: if paid(said.payment) < paid(self.payment) { self.payment } else { said.payment },
            status: if moved(said.status) < moved(self.status) { self.status } else { said.status },
            refunded: if said.refunded < self.refunded { self.refunded } else { said.refunded },
            others: said.others,
        };
        // More was given back than is owed: that is refused, and changes nothing.
        if merged.refunded > merged.others.0 { self.clone() } else { merged }
    }
}

/// What is stored after one more message.
fn stored(before: &OrderMessage, message: &OrderMessage) -> OrderMessage {
    message.clone().over(before).filter(|after| after.check().is_ok()).unwrap_or_else(|| before.clone())
}

/// Goes on from an order with every message; returns how many sequences that were.
fn go_on(messages: &[OrderMessage], order: &OrderMessage, model: &Model, told: &mut Vec<usize>) -> usize {
    assert_eq!(Model::of(order), *model, "after {told:?} of {messages:#?}");
    if told.len() == LONGEST {
        return 1;
    }
    let mut count = 1;
    for (place, message) in messages.iter().enumerate() {
        told.push(place);
        count += go_on(messages, &stored(order, message), &model.told(message), told);
        told.pop();
    }
    count
}

#[test]
fn fault_e2_e5_every_sequence_of_five_messages_ends_as_the_rules_say() {
    let messages = messages();
    let mut count = 0;
    for (place, first) in messages.iter().enumerate() {
        assert_eq!(first.check(), Ok(()));
        count += go_on(&messages, first, &Model::of(first), &mut vec![place]);
    }
    let sequences: usize = (1..=5).map(|length| messages.len().pow(length)).sum();
    assert_eq!(count, sequences);
}

#[test]
fn what_the_rules_leave_to_the_words_is_settled() {
    let messages = messages();
    let at = |state: usize, time: usize| &messages[state * TIMES.len() + time];
    let (unpaid, prepaid, paid, returned) = (0, 1, 2, 4);
    // Where either has no time of its own, nothing is newer.
    assert_eq!(stored(at(paid, 0), at(unpaid, 1)).payment_status, PaymentStatus::Paid);
    assert_eq!(stored(at(paid, 1), at(unpaid, 0)).payment_status, PaymentStatus::Paid);
    assert_eq!(stored(at(paid, 1), at(unpaid, 2)), *at(unpaid, 2));
    // When it was paid is what the last message says, as is whose e-mail it is.
    assert_eq!(stored(at(paid, 1), at(prepaid, 1)).paid_at, None);
    assert_eq!(stored(at(paid, 1), at(prepaid, 1)).email, None);
    // What was given back neither shrinks nor exceeds what is owed: such a message is refused.
    let merged = at(paid, 1).clone().over(at(returned, 1));
    let checked = merged.as_ref().map(OrderMessage::check);
    assert!(matches!(checked, Some(Err(BadOrder::Refunded { .. }))), "{merged:?}");
    assert_eq!(stored(at(returned, 1), at(paid, 2)).refunded, Money::ZERO);
}
