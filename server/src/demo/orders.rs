//! What becomes of orders: paid at once, on receipt or never; cancelled, sent back, refunded.

use utm_dispatcher::model::{Millis, Money, OrderMessage, OrderStatus, PaymentStatus};

use super::chance::Chance;

/// An order as it is placed.
#[derive(Clone, Debug)]
pub struct Placed {
    /// Its number.
    pub number: String,
    /// When.
    pub at: Millis,
    /// What the things in it cost.
    pub price: Money,
    /// The discount of the day, in per cent.
    pub discount: i64,
}

const MINUTE: Millis = 60_000;
const HOUR: Millis = 60 * MINUTE;
const DAY: Millis = 24 * HOUR;

const NAMES: [&str; 24] = [
    "olena",
    "iryna",
    "natalia",
    "oksana",
    "maria",
    "anna",
    "yulia",
    "tetiana",
    "sofia",
    "daryna",
    "kateryna",
    "viktoria",
    "andrii",
    "oleksandr",
    "dmytro",
    "serhii",
    "taras",
    "bohdan",
    "maksym",
    "ivan",
    "roman",
    "vitalii",
    "nazar",
    "artem",
];

/// A tale of one order: its state changes step by step.
struct Tale<'a> {
    chance: &'a mut Chance,
    at: Millis,
    now: OrderMessage,
    states: Vec<OrderMessage>,
}

/// Every state of an order, the first one first.
pub fn tale(placed: &Placed, chance: &mut Chance) -> Vec<OrderMessage> {
    let now = first_state(placed, chance);
    let mut tale = Tale { chance, at: placed.at, states: vec![now.clone()], now };
    match tale.now.pay_type.as_str() {
        "prepay_200" => tale.prepayment(),
        "cod" => tale.cash_on_delivery(),
        "partial" => tale.in_parts(),
        _ => tale.online(),
    }
    tale.states
}

fn first_state(placed: &Placed, chance: &mut Chance) -> OrderMessage {
    // A promo code takes a tenth off what the day's discount left.
    let promo = if chance.percent(11) { 10 } else { 0 };
    let whole = placed.price.whole();
    let total = whole * (100 - placed.discount) / 100 * (100 - promo) / 100;
    let pay_type = ["online_full", "prepay_200", "cod", "partial"][chance.weighted([48, 24, 25, 3].into_iter())];
    // A prepayment of 200 asks for an order that costs more.
    let pay_type = if pay_type == "prepay_200" && total < 400 { "cod" } else { pay_type };
    let name = chance.one_of(&NAMES).copied().unwrap_or_default();
    let email = chance.percent(64).then(|| format!("{name}.{}@example.com", chance.below(100_000)));
    OrderMessage {
        number: placed.number.clone(),
        created_at: placed.at,
        updated_at: Some(placed.at),
        email,
        // Nobody has a number with the code 00.
        phone: Some(format!("+38000{:07}", chance.below(10_000_000))),
        total: Money(total * 100),
        discount: Money((whole - total) * 100),
        pay_type: pay_type.to_owned(),
        payment_status: PaymentStatus::Unpaid,
        paid_at: None,
        status: OrderStatus::New,
        refunded: Money::ZERO,
    }
}

impl Tale<'_> {
    /// Something changes, so many milliseconds later at least and at most.
    fn then(&mut self, least: Millis, most: Millis, change: impl FnOnce(&mut OrderMessage, Millis)) {
        self.at += self.chance.between(least, most);
        change(&mut self.now, self.at);
        self.now.updated_at = Some(self.at);
        self.states.push(self.now.clone());
    }

    fn pay(&mut self, least: Millis, most: Millis) {
        self.then(least, most, |order, at| {
            order.payment_status = PaymentStatus::Paid;
            order.paid_at = Some(at);
        });
    }

    fn is(&mut self, status: OrderStatus, least: Millis, most: Millis) {
        self.then(least, most, |order, _| order.status = status);
    }

    fn online(&mut self) {
        if self.chance.percent(11) {
            // The payment failed or was never begun.
            if self.chance.percent(60) {
                self.is(OrderStatus::Cancelled, DAY, 3 * DAY);
            }
            return;
        }
        if self.chance.percent(10) {
            self.then(MINUTE, 4 * MINUTE, |order, _| order.payment_status = PaymentStatus::Checking);
        }
        self.pay(MINUTE, 14 * MINUTE);
        if self.chance.percent(2) {
            self.then(2 * HOUR, DAY, |order, _| {
                order.status = OrderStatus::Cancelled;
                order.refunded = order.total;
            });
            return;
        }
        self.send();
        self.is(OrderStatus::Done, DAY, 4 * DAY);
        self.come_back();
    }

    fn prepayment(&mut self) {
        if self.chance.percent(13) {
            self.is(OrderStatus::Cancelled, DAY, 3 * DAY);
            return;
        }
        self.then(MINUTE, 25 * MINUTE, |order, _| order.payment_status = PaymentStatus::Prepaid);
        self.send();
        if self.chance.percent(9) {
            self.is(OrderStatus::Returned, 3 * DAY, 7 * DAY);
            return;
        }
        self.receive();
        self.come_back();
    }

    fn cash_on_delivery(&mut self) {
        if self.chance.percent(7) {
            self.is(OrderStatus::Cancelled, HOUR, DAY);
            return;
        }
        self.send();
        if self.chance.percent(11) {
            self.is(OrderStatus::Returned, 3 * DAY, 7 * DAY);
            return;
        }
        self.receive();
        self.come_back();
    }

    fn in_parts(&mut self) {
        self.then(5 * MINUTE, 5 * HOUR, |order, _| order.payment_status = PaymentStatus::Partial);
        if self.chance.percent(80) {
            self.pay(DAY, 9 * DAY);
            self.send();
            self.is(OrderStatus::Done, DAY, 4 * DAY);
        }
    }

    fn send(&mut self) {
        self.is(OrderStatus::Prep, HOUR, 18 * HOUR);
        self.is(OrderStatus::Ship, 2 * HOUR, 30 * HOUR);
    }

    /// Paid where it is received.
    fn receive(&mut self) {
        self.then(DAY, 5 * DAY, |order, at| {
            order.status = OrderStatus::Done;
            order.payment_status = PaymentStatus::Paid;
            order.paid_at = Some(at);
        });
    }

    /// Some of it, or all of it, comes back.
    fn come_back(&mut self) {
        match self.chance.below(100) {
            0..4 => self.then(2 * DAY, 12 * DAY, |order, _| {
                order.status = OrderStatus::Returned;
                order.refunded = order.total;
            }),
            4..8 => {
                let share = self.chance.between(10, 60);
                self.then(2 * DAY, 12 * DAY, |order, _| {
                    order.refunded = Money(order.total.whole() * share / 100 * 100);
                });
            }
            8..10 => self.then(DAY, 12 * DAY, |order, _| order.refunded = order.total),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_fate_occurs_and_every_state_keeps_the_rules() {
        let mut fates = BTreeSet::new();
        let mut chance = Chance::new(1);
        for number in 0..3000 {
            let placed = Placed { number: format!("N{number}"), at: 0, price: Money(149_900), discount: 15 };
            let states = tale(&placed, &mut chance);
            for pair in states.windows(2) {
                assert!(pair[0].updated_at < pair[1].updated_at);
                assert_eq!(Some(&pair[1]), pair[1].clone().over(&pair[0]).as_ref());
            }
            let last = states.last().unwrap();
            for state in &states {
                state.check().unwrap();
                assert_eq!(state.paid_at.is_some(), state.payment_status == PaymentStatus::Paid);
                assert!(state.total + state.discount == Money(149_900));
            }
            let refund = match last.refunded {
                Money::ZERO => "",
                all if all == last.total => "all back",
                _ => "some back",
            };
            fates.insert((last.pay_type.clone(), last.payment_status.key(), last.status.key(), refund));
        }
        let has = |pay_type: &str, payment, status, refund| {
            assert!(fates.contains(&(pay_type.to_owned(), payment, status, refund)), "{pay_type} {payment} {status}");
        };
        has("online_full", "paid", "done", "");
        has("online_full", "paid", "done", "some back");
        has("online_full", "paid", "done", "all back");
        has("online_full", "paid", "returned", "all back");
        has("online_full", "paid", "cancelled", "all back");
        has("online_full", "unpaid", "new", "");
        has("online_full", "unpaid", "cancelled", "");
        has("prepay_200", "paid", "done", "");
        has("prepay_200", "prepaid", "returned", "");
        has("prepay_200", "unpaid", "cancelled", "");
        has("cod", "paid", "done", "");
        has("cod", "unpaid", "returned", "");
        has("cod", "unpaid", "cancelled", "");
        has("partial", "partial", "new", "");
        has("partial", "paid", "done", "");
    }
}
