//! The law of orders: whatever states come, in whatever order and however often, the end is what a small model says. Random
//! samples, through the store; of the merger alone every sequence is tried in `src/model/order/law.rs`.

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use utm_dispatcher::message::{BadField, Event, Message, Owner, Received};
use utm_dispatcher::model::action::ActionKind;
use utm_dispatcher::model::visitor::{Hit, VisitorKey};
use utm_dispatcher::model::{Money, NewAction, OrderMessage, OrderStatus, PaymentStatus};
use utm_dispatcher::tracking::key::of_name;

use crate::world::{NOON, World, hit, order, page_view};

const TOTAL: i64 = 149_900;
const CHEAPER: i64 = 99_900;

/// What can be told of an order.
#[derive(Clone, Debug)]
enum Step {
    State {
        payment: PaymentStatus,
        status: OrderStatus,
        refunded: i64,
        total: i64,
        is_prepay: bool,
        updated_at: Option<i64>,
        paid_at: Option<i64>,
        has_email: bool,
        /// The visitor whom the shop names; of a sequence with events always the first.
        visitor: Option<usize>,
    },
    /// A lead or purchase of the order, told as an event.
    Event { is_purchase: bool },
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
    let paid_at = prop_oneof![Just(None), (1..4i64).prop_map(|at| Some(NOON + at))];
    let visitor = prop_oneof![Just(None), (0..2usize).prop_map(Some)];
    let rest = (any::<bool>(), any::<bool>(), any::<bool>(), paid_at, visitor);
    let state = (proptest::sample::select(states), updated_at, rest).prop_map(
        |((payment, status, refunded), updated_at, (is_cheaper, is_prepay, has_email, paid_at, visitor))| Step::State {
            payment,
            status,
            refunded: if is_cheaper { refunded.min(CHEAPER) } else { refunded },
            total: if is_cheaper { CHEAPER } else { TOTAL },
            is_prepay,
            updated_at,
            paid_at,
            has_email,
            visitor,
        },
    );
    prop_oneof![6 => state, 1 => any::<bool>().prop_map(|is_purchase| Step::Event { is_purchase })]
}

/// One to five of them. An event is the visitor's whom the order is, or nothing would be learnt of the order.
fn steps() -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec(step(), 1..=5).prop_map(|mut steps| {
        if steps.iter().any(|step| matches!(step, Step::Event { .. })) {
            for step in &mut steps {
                if let Step::State { visitor, .. } = step {
                    *visitor = Some(0);
                }
            }
        }
        steps
    })
}

/// The order as the rules say it ends, written down without a look at how it is done.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "a list of what happened, not a machine of states")]
struct Model {
    is_known: bool,
    payment: i64, // 0 unpaid, 1 checking, 2 in part, 3 paid
    status: i64,  // 0 new … 4 returned, 5 cancelled
    refunded: i64,
    total: i64,
    is_prepay: bool,
    updated_at: Option<i64>,
    paid_at: Option<i64>,
    has_email: bool,
    visitor: Option<usize>,
    was_lead: bool,
    was_purchase: bool,
    told_lead: bool,
    told_purchase: bool,
}

impl Model {
    fn take(&mut self, step: &Step) {
        let Step::State { payment, status, refunded, total, is_prepay, updated_at, paid_at, has_email, visitor } = step
        else {
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
        let is_newer = !self.is_known || (new.is_some() && old.is_some() && new > old);
        if !is_newer && self.refunded > *total {
            // More was given back than would be owed: refused.
            return;
        }
        self.payment = if is_newer { payment } else { self.payment.max(payment) };
        self.status = if is_newer { status } else { self.status.max(status) };
        self.refunded = if is_newer { *refunded } else { self.refunded.max(*refunded) };
        (self.total, self.is_prepay, self.paid_at, self.has_email) = (*total, *is_prepay, *paid_at, *has_email);
        self.visitor = visitor.or(self.visitor);
        self.updated_at = new.or(old);
        self.is_known = true;
        self.was_lead |= self.payment == 2;
        self.was_purchase |= self.payment == 3;
    }

    /// Lead, purchase, converted, orders, revenue, refunds, points, lead rows, purchase rows, points of the rows.
    fn figures(&self) -> [i64; 10] {
        let is_void = self.status >= 4;
        let stands = self.is_known && !is_void && self.refunded < self.total;
        let (lead, purchase) = (stands && self.payment == 2, stands && self.payment == 3);
        let counts = self.is_known && self.payment == 3 && !is_void;
        let by_total = self.total / 10_000;
        let lead_points =
            if self.was_lead && (lead || purchase) { 50 + if self.is_prepay { 2 } else { by_total } } else { 0 };
        let points = lead_points + if purchase { 100 + by_total } else { 0 };
        if self.is_known && self.visitor.is_none() {
            return [0; 10];
        }
        [
            lead.into(),
            purchase.into(),
            (lead || purchase).into(),
            counts.into(),
            if counts { self.total - self.refunded } else { 0 },
            if counts { self.refunded } else { 0 },
            points,
            (self.was_lead || self.told_lead).into(),
            (self.was_purchase || self.told_purchase).into(),
            points,
        ]
    }
}

/// The figures of one visitor.
async fn figures(world: &World, visitor: &VisitorKey) -> [i64; 10] {
    let of = format!("visitor_id = (select visitor_id from visitor_key where key = '{}')", visitor.0);
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
    // The shop's own names of its visitors.
    let visitors = [format!("{name}-a"), format!("{name}-b")];
    for visitor in &visitors {
        let hit = Hit { visitor: of_name(visitor), ..hit(visitor, "", "") };
        world.store.ingest(&[page_view(&hit, NOON)]).await.unwrap();
    }
    let owner = |visitor: usize| Owner::Visitor(visitors[visitor].clone());
    let mut model = Model::default();
    let message = |(place, step): (usize, &Step)| match step {
        Step::State { payment, status, refunded, total, is_prepay, updated_at, paid_at, has_email, visitor } => {
            let told = order(&name, NOON + 1, *payment);
            let order = OrderMessage {
                status: *status,
                refunded: Money(*refunded),
                total: Money(*total),
                discount: Money(TOTAL - total),
                pay_type: if *is_prepay { "prepay_200" } else { "online_full" }.into(),
                updated_at: *updated_at,
                paid_at: *paid_at,
                email: told.email.filter(|_| *has_email),
                ..told
            };
            Message::Order { order, owner: visitor.map_or(Owner::Nobody, owner) }
        }
        Step::Event { is_purchase } => {
            let kind = if *is_purchase { ActionKind::Purchase } else { ActionKind::Lead };
            let action = NewAction { order: Some(name.clone()), ..NewAction::new(kind) };
            Message::Events(vec![Event { id: format!("{name}-{place}"), owner: owner(0), at: NOON + 2, action }])
        }
    };
    let messages: Vec<_> =
        steps.iter().enumerate().map(message).map(|message| Received { message, at: NOON + 5 }).collect();
    for step in steps {
        model.take(step);
    }
    // Refused is only what gives back more than is owed.
    let is_answered = |answer: Result<_, BadField>| answer.map_or_else(|bad| bad.field == "refunded", |_| true);
    if are_together {
        assert!(world.store.apply(&messages).await.unwrap().into_iter().all(is_answered));
    } else {
        for message in messages {
            assert!(is_answered(world.store.apply(&[message]).await.unwrap().remove(0)));
        }
    }
    let whose = model.visitor.unwrap_or(0);
    prop_assert_eq!(figures(world, &of_name(&visitors[whose])).await, model.figures(), "{:?}", steps);
    prop_assert_eq!(figures(world, &of_name(&visitors[1 - whose])).await, [0; 10], "the other one: {:?}", steps);
    let stored = world.store.order(&name).await.unwrap().map(|stored| stored.order.state);
    let found = stored.map(|state| (state.total.0, state.discount.0, state.paid_at, state.email.is_some()));
    let told = model.is_known.then(|| (model.total, TOTAL - model.total, model.paid_at, model.has_email));
    prop_assert_eq!(found, told, "{:?}", steps);
    Ok(())
}

fn law(open: impl Future<Output = Option<World>>) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let Some(world) = runtime.block_on(open) else { return };
    let steps = (steps(), any::<bool>());
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
