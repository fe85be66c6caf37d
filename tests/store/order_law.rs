//! The law of orders: whatever states come, in whatever order and however often, the end is what a small model says.

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use utm_dispatcher::message::{Event, Message, Owner, Received};
use utm_dispatcher::model::action::ActionKind;
use utm_dispatcher::model::{Money, NewAction, OrderMessage, OrderStatus, PaymentStatus};

use crate::world::{NOON, World, hit, key, order, page_view};

const TOTAL: i64 = 149_900;

/// What can be told of an order.
#[derive(Clone, Debug)]
enum Step {
    State {
        payment: PaymentStatus,
        status: OrderStatus,
        refunded: i64,
        is_prepay: bool,
        updated_at: Option<i64>,
    },
    /// A lead or purchase of the order, told as an event.
    Event {
        is_purchase: bool,
    },
}

fn step() -> impl Strategy<Value = Step> {
    use OrderStatus::{Cancelled, Done, New, Returned, Ship};
    use PaymentStatus::{Checking, Paid, Partial, Prepaid, Unpaid};
    let states = vec![
        (Unpaid, New, 0),         // created
        (Checking, New, 0),       // being paid
        (Prepaid, New, 0),        // prepaid
        (Partial, New, 0),        // partly paid
        (Paid, New, 0),           // paid
        (Paid, Done, 49_900),     // partly refunded
        (Paid, Done, TOTAL),      // refunded
        (Unpaid, Cancelled, 0),   // cancelled before anything was paid
        (Paid, Cancelled, TOTAL), // cancelled and given back
        (Paid, Returned, 0),      // sent back
        (Unpaid, Ship, 0),        // cash on delivery, on its way
        (Paid, Done, 0),          // cash on delivery, received
    ];
    let updated_at = prop_oneof![Just(None), (1..4i64).prop_map(Some)];
    let state = (proptest::sample::select(states), any::<bool>(), updated_at).prop_map(
        |((payment, status, refunded), is_prepay, updated_at)| Step::State {
            payment,
            status,
            refunded,
            is_prepay,
            updated_at,
        },
    );
    prop_oneof![6 => state, 1 => any::<bool>().prop_map(|is_purchase| Step::Event { is_purchase })]
}

/// The order as the rules say it ends, written down without a look at how it is done.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "a list of what happened, not a machine of states")]
struct Model {
    is_known: bool,
    payment: i64, // 0 unpaid, 1 checking, 2 in part, 3 paid
    status: i64,  // 0 new … 4 returned, 5 cancelled
    refunded: i64,
    is_prepay: bool,
    updated_at: Option<i64>,
    was_lead: bool,
    was_purchase: bool,
    told_lead: bool,
    told_purchase: bool,
}

impl Model {
    fn take(&mut self, step: &Step) {
        let Step::State { payment, status, refunded, is_prepay, updated_at } = step else {
            match step {
                Step::Event { is_purchase: true } => self.told_purchase = true,
                _ => self.told_lead = true,
            }
            return;
        };
        let payment = match payment {
            PaymentStatus::Unpaid => 0,
            PaymentStatus::Checking => 1,
            PaymentStatus::Prepaid | PaymentStatus::Partial => 2,
            PaymentStatus::Paid => 3,
        };
        let status: i64 = OrderStatus::ALL.iter().position(|other| other == status).unwrap().try_into().unwrap();
        let (old, new) = (self.updated_at, *updated_at);
        if self.is_known && new.is_some() && old.is_some() && new < old {
            return;
        }
        let is_newer = !self.is_known || (new.is_some() && (old.is_none() || new > old));
        self.payment = if is_newer { payment } else { self.payment.max(payment) };
        self.status = if is_newer { status } else { self.status.max(status) };
        self.refunded = if is_newer { *refunded } else { self.refunded.max(*refunded) };
        self.is_prepay = *is_prepay;
        self.updated_at = new.or(old);
        self.is_known = true;
        self.was_lead |= self.payment == 2;
        self.was_purchase |= self.payment == 3;
    }

    /// Lead, purchase, converted, orders, revenue, refunds, points, lead rows, purchase rows, points of the rows.
    fn figures(&self) -> [i64; 10] {
        let is_void = self.status >= 4;
        let stands = self.is_known && !is_void && self.refunded < TOTAL;
        let (lead, purchase) = (stands && self.payment == 2, stands && self.payment == 3);
        let counts = self.is_known && self.payment == 3 && !is_void;
        let lead_points =
            if self.was_lead && (lead || purchase) { 50 + if self.is_prepay { 2 } else { 14 } } else { 0 };
        let points = lead_points + if purchase { 100 + 14 } else { 0 };
        [
            lead.into(),
            purchase.into(),
            (lead || purchase).into(),
            counts.into(),
            if counts { TOTAL - self.refunded } else { 0 },
            if counts { self.refunded } else { 0 },
            points,
            (self.was_lead || self.told_lead).into(),
            (self.was_purchase || self.told_purchase).into(),
            points,
        ]
    }
}

async fn figures(world: &World, name: &str) -> [i64; 10] {
    let of = format!("visitor_id = (select visitor_id from visitor_key where key = '{}')", key(name).0);
    let session = |column: &str| format!("select {column} from session where {of}");
    let rows = |kind: &str| format!("select count(*) from action where kind = '{kind}' and {of}");
    let points = format!("select coalesce(sum(points), 0) from action where kind in ('lead', 'purchase') and {of}");
    let mut figures = [0; 10];
    let columns = ["has_lead", "has_purchase", "is_converted", "orders", "revenue", "refunds", "sale_points"];
    let asked = columns.map(session).into_iter().chain([rows("lead"), rows("purchase"), points]);
    for (figure, sql) in figures.iter_mut().zip(asked) {
        *figure = world.number(&sql).await;
    }
    figures
}

async fn play(world: &World, steps: &[Step], are_together: bool) -> Result<(), TestCaseError> {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("v{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let owner = Owner::Key(key(&name));
    world.store.ingest(&[page_view(&hit(&name, "", ""), NOON)]).await.unwrap();
    let mut model = Model::default();
    let message = |(place, step): (usize, &Step)| match step {
        Step::State { payment, status, refunded, is_prepay, updated_at } => {
            let order = OrderMessage {
                status: *status,
                refunded: Money(*refunded),
                pay_type: if *is_prepay { "prepay_200" } else { "online_full" }.into(),
                updated_at: *updated_at,
                ..order(&name, NOON + 1, *payment)
            };
            Message::Order { order, owner: owner.clone() }
        }
        Step::Event { is_purchase } => {
            let kind = if *is_purchase { ActionKind::Purchase } else { ActionKind::Lead };
            let action = NewAction { order: Some(name.clone()), ..NewAction::new(kind) };
            Message::Events(vec![Event { id: format!("{name}-{place}"), owner: owner.clone(), at: NOON + 2, action }])
        }
    };
    let messages: Vec<_> =
        steps.iter().enumerate().map(message).map(|message| Received { message, at: NOON + 5 }).collect();
    for step in steps {
        model.take(step);
    }
    if are_together {
        world.store.apply(&messages).await.unwrap().into_iter().for_each(|answer| assert!(answer.is_ok()));
    } else {
        for message in messages {
            world.store.apply(&[message]).await.unwrap().remove(0).unwrap();
        }
    }
    prop_assert_eq!(figures(world, &name).await, model.figures(), "{:?}", steps);
    Ok(())
}

fn law(open: impl Future<Output = Option<World>>) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Some(world) = runtime.block_on(open) else { return };
    let steps = (proptest::collection::vec(step(), 1..=5), any::<bool>());
    let mut runner = TestRunner::new(Config { cases: 96, failure_persistence: None, ..Config::default() });
    let played = runner.run(&steps, |(steps, are_together)| runtime.block_on(play(&world, &steps, are_together)));
    if let Err(error) = played {
        panic!("{error}");
    }
}

#[test]
fn fault_e2_e5_states_in_any_order_end_as_the_rules_say_sqlite() {
    law(async { Some(World::sqlite().await) });
}

#[test]
fn fault_e2_e5_states_in_any_order_end_as_the_rules_say_postgres() {
    law(World::postgres());
}
