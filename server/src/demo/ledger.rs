//! Visits become rows: ids by time, points and counters by the rules of live traffic.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use utm_dispatcher::model::order::Conversion;
use utm_dispatcher::model::session::{Sale, Sales, Tally};
use utm_dispatcher::model::{Action, Id, IdSource, Millis, NewAction, Order, OrderMessage};
use utm_dispatcher::store::{ReadySession, StoredOrder, Stretch};

use super::world::Visit;

/// Enters visits in the order of time, and what becomes of their orders when its time has come.
#[derive(Debug, Default)]
pub struct Ledger {
    ids: IdSource,
    /// By the visitors' numbers.
    visitors: Vec<Id>,
    later: BinaryHeap<Reverse<Later>>,
    entered: u64,
}

/// Something that happens after the visit that it belongs to has begun.
#[derive(Debug)]
struct Later {
    at: Millis,
    /// Tells apart what happens at the same time: the earlier entered goes first.
    place: u64,
    what: What,
}

#[derive(Debug)]
enum What {
    Action { visitor: Id, session: Id, action: NewAction, points: i64 },
    Order { session: Option<(Id, Id)>, state: OrderMessage, lead_at: Option<Millis>, purchase_at: Option<Millis> },
}

impl Ledger {
    /// Enters a visit; what happened before it goes first.
    pub fn enter(&mut self, visit: Visit, stretch: &mut Stretch) {
        let start = visit.hit.at;
        self.catch_up(Some(start), stretch);
        if visit.visitor == self.visitors.len() {
            self.visitors.push(self.ids.mint(start));
        }
        let (visitor, session) = (self.visitors[visit.visitor], self.ids.mint(start));
        let mut tally = Tally::default();
        let mut had: HashSet<(String, String)> = HashSet::new();
        let mut last_seen = start;
        for (at, action) in visit.steps {
            let is_repeat = !had.insert((action.kind.key().to_owned(), action.subject().to_owned()));
            let points = action.points(is_repeat);
            tally.count(&action, points);
            last_seen = last_seen.max(at);
            self.put_off(at, What::Action { visitor, session, action, points });
        }
        let orders: Vec<Told> = visit.orders.iter().filter_map(|states| Told::of(states)).collect();
        let sales = Sales::of(orders.iter().map(Told::sale), []);
        for told in orders {
            for (made_at, conversion) in [(told.lead_at, Conversion::Lead), (told.purchase_at, Conversion::Purchase)] {
                let Some(at) = made_at else { continue };
                let points = if told.state.stands() { told.state.points(conversion) } else { 0 };
                self.put_off(at, What::Action { visitor, session, action: told.state.action(conversion), points });
            }
            self.put_off_order(Some((visitor, session)), told);
        }
        if let Some(told) = visit.by_telephone.and_then(|states| Told::of(&states)) {
            self.put_off_order(None, told);
        }
        stretch.sessions.push(ReadySession {
            id: session,
            visitor_id: visitor,
            ordinal: visit.ordinal,
            hit: visit.hit,
            client: visit.client,
            place: visit.place,
            last_seen,
            tally,
            sales,
        });
    }

    /// Enters all that is still to come.
    pub fn close(&mut self, stretch: &mut Stretch) {
        self.catch_up(None, stretch);
    }

    fn put_off(&mut self, at: Millis, what: What) {
        self.entered += 1;
        self.later.push(Reverse(Later { at, place: self.entered, what }));
    }

    fn put_off_order(&mut self, session: Option<(Id, Id)>, told: Told) {
        let Told { state, lead_at, purchase_at } = told;
        self.put_off(state.created_at, What::Order { session, state, lead_at, purchase_at });
    }

    fn catch_up(&mut self, until: Option<Millis>, stretch: &mut Stretch) {
        while self.later.peek().is_some_and(|Reverse(next)| until.is_none_or(|until| next.at < until)) {
            let Some(Reverse(Later { at, what, .. })) = self.later.pop() else { return };
            let id = self.ids.mint(at);
            match what {
                What::Action { visitor, session, action, points } => stretch.actions.push(Action {
                    id,
                    visitor_id: visitor,
                    session_id: session,
                    at,
                    what: action,
                    points,
                }),
                What::Order { session, state, lead_at, purchase_at } => {
                    stretch.orders.push(StoredOrder { order: Order { id, session, state }, lead_at, purchase_at });
                }
            }
        }
    }
}

/// An order as its messages left it.
struct Told {
    state: OrderMessage,
    lead_at: Option<Millis>,
    purchase_at: Option<Millis>,
}

impl Told {
    /// What the messages come to, one after the other; `None` when there are none.
    fn of(messages: &[OrderMessage]) -> Option<Self> {
        let (first, later) = messages.split_first()?;
        let mut told = Self { state: first.clone(), lead_at: None, purchase_at: None };
        told.note();
        for message in later {
            if let Some(state) = message.clone().over(&told.state) {
                told.state = state;
                told.note();
            }
        }
        Some(told)
    }

    fn note(&mut self) {
        match self.state.due(self.lead_at, self.purchase_at, self.state.created_at) {
            Some((Conversion::Lead, at)) => self.lead_at = Some(at),
            Some((Conversion::Purchase, at)) => self.purchase_at = Some(at),
            None => {}
        }
    }

    fn sale(&self) -> Sale<'_> {
        Sale { order: &self.state, lead_at: self.lead_at, purchase_at: self.purchase_at }
    }
}

impl PartialEq for Later {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.place) == (other.at, other.place)
    }
}

impl Eq for Later {}

impl PartialOrd for Later {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Later {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.place).cmp(&(other.at, other.place))
    }
}
