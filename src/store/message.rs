//! Messages of the shop: many of them become rows in one transaction.

mod events;
mod owed;

use std::collections::{BTreeMap, BTreeSet, HashMap};

pub use self::events::{Fate, Told};
use super::db::Tx;
use super::dictionary::Stored as Keys;
use super::error::StoreError;
use super::ingest::TRIES;
use super::order::{self, Applied, Hand, Said};
use super::owner::Owners;
use super::{Store, privacy, visitor};
use crate::message::{BadField, Message, Owner, Received, bad_order};
use crate::model::visitor::VisitorKey;
use crate::model::{Id, Millis, OrderMessage};

/// What is to be stored together.
#[derive(Debug, Default)]
pub struct Group<'a> {
    /// What was done.
    pub events: Vec<Told<'a>>,
    /// What was said of orders, each with its message.
    pub orders: Vec<(usize, Said<'a>)>,
    /// When the first of it arrived: the day whose new dictionary rows it counts into.
    pub at: Millis,
    /// Was it acknowledged already? Then an order whose owner is unknown is nobody's, and not refused; and what a visitor
    /// did before all of their visits belongs to the first one.
    pub is_acknowledged: bool,
    /// Is it said besides when sessions ended, so that no event makes one longer?
    pub are_ends_told: bool,
}

/// What became of a group, by message.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Why messages are refused.
    pub refused: HashMap<usize, BadField>,
    /// What became of events.
    pub fates: Vec<(usize, Fate)>,
    /// What became of orders.
    pub orders: HashMap<usize, Applied>,
    /// To be remembered after the commit.
    pub keys: Keys,
}

impl Store {
    /// Stores messages, each accepted or refused for itself; the events of one are stored all or none. What is said of one
    /// order is merged in the order in which it came. What is refused says which field is at fault, as a session that
    /// nobody knows: trying again changes nothing.
    /// When this returns, what was accepted is on the disk; on an error nothing is.
    pub async fn apply(&self, messages: &[Received]) -> Result<Vec<Result<Applied, BadField>>, StoreError> {
        self.apply_patiently(messages, false).await
    }

    /// Stores messages whose senders were told already that they are safe, and will not send them again: as much of them
    /// as can be. A visitor whom nobody knows was known to a process that is gone, and is given a visit; an order whose
    /// session or code is unknown is stored as nobody's, and an event of such a session is refused for itself: there is
    /// an answer for each order and for each event.
    pub async fn apply_acknowledged(
        &self,
        messages: &[Received],
    ) -> Result<Vec<Result<Applied, BadField>>, StoreError> {
        self.apply_patiently(messages, true).await
    }

    async fn apply_patiently(
        &self,
        messages: &[Received],
        is_acknowledged: bool,
    ) -> Result<Vec<Result<Applied, BadField>>, StoreError> {
        let mut tried = 1;
        loop {
            match self.try_apply(messages, is_acknowledged).await {
                Err(error) if error.is_worth_another_try() && tried < TRIES => tried += 1,
                result => return result,
            }
        }
    }

    async fn try_apply(
        &self,
        messages: &[Received],
        is_acknowledged: bool,
    ) -> Result<Vec<Result<Applied, BadField>>, StoreError> {
        let at = messages.first().map_or(0, |received| received.at);
        let mut group = Group { at, is_acknowledged, ..Group::default() };
        let mut refused = HashMap::new();
        let mut answers = 0;
        for Received { message, at } in messages {
            let number = answers;
            answers += 1;
            match message {
                Message::Events(events) if is_acknowledged => {
                    group.events.extend(events.iter().enumerate().map(|(place, event)| Told {
                        message: number + place,
                        place: None,
                        event,
                    }));
                    answers = number + events.len();
                }
                Message::Events(events) => group.events.extend(events.iter().enumerate().map(|(place, event)| Told {
                    message: number,
                    place: Some(place),
                    event,
                })),
                Message::Order { order, owner } => match order.check() {
                    Ok(()) => group.orders.push((number, Said { order, owner, at: *at })),
                    Err(bad) => drop(refused.insert(number, bad_order(&bad, order))),
                },
            }
        }
        let mut tx = self.db.write().await?;
        let opened = if is_acknowledged { self.open_owed(&mut tx, messages).await? } else { Keys::default() };
        let mut outcome = self.store_group(&mut tx, &group).await?;
        tx.commit().await?;
        self.dictionaries.committed(&opened);
        self.dictionaries.committed(&outcome.keys);

        outcome.refused.extend(refused);
        let mut counts: HashMap<usize, [usize; 3]> = HashMap::new();
        for (message, fate) in &outcome.fates {
            let [stored, duplicate, dropped] = counts.entry(*message).or_default();
            *match fate {
                Fate::Stored => stored,
                Fate::Duplicate | Fate::Made => duplicate,
                Fate::Dropped => dropped,
            } += 1;
        }
        let answer = |number: usize| match outcome.refused.remove(&number) {
            Some(bad) => Err(bad),
            None => Ok(outcome.orders.get(&number).copied().unwrap_or_else(|| {
                let [stored, duplicate, dropped] = counts.get(&number).copied().unwrap_or_default();
                Applied::Events { stored, duplicate, dropped }
            })),
        };
        Ok((0..answers).map(answer).collect())
    }

    /// Stores what the shop says of an order. `buyer` is whose it is: it belongs to that visitor's last session
    /// that started at or before the order; an order without one is stored, but attributed to nobody.
    /// When this returns the order is on the disk.
    pub async fn apply_order(
        &self,
        order: OrderMessage,
        buyer: Option<&VisitorKey>,
        now: Millis,
    ) -> Result<Applied, StoreError> {
        order.check()?;
        let owner = buyer.map_or(Owner::Nobody, |key| Owner::Key(key.clone()));
        let received = Received { message: Message::Order { order, owner }, at: now };
        match self.apply(&[received]).await?.pop() {
            Some(Err(bad)) => Err(StoreError::Refused(bad)),
            Some(Ok(applied)) => Ok(applied),
            None => Ok(Applied::Ignored),
        }
    }

    /// Stores a group within a transaction. Locks are taken in this order: orders, then visitors.
    pub(super) async fn store_group(&self, tx: &mut Tx, group: &Group<'_>) -> Result<Outcome, StoreError> {
        let named = group.events.iter().map(|told| &told.event.owner);
        let mut owners = Owners::find(tx, named.chain(group.orders.iter().map(|(_, said)| said.owner))).await?;
        let said: Vec<Said> = group.orders.iter().map(|(_, said)| *said).collect();
        let mut hand = Hand::take(tx, &self.ids, &said).await?;
        let visitors: BTreeSet<Id> = owners.ids().chain(hand.visitors()).collect();
        let mut locked: BTreeMap<Id, _> = visitor::lock(tx, visitors).await?;
        // A visitor without a last session is what privacy has left of somebody: it may be told of them again.
        let nobodies: Vec<Id> =
            locked.values().filter(|visitor| visitor.session_id.is_none()).map(|visitor| visitor.id).collect();
        privacy::forget_again(tx, &nobodies).await?;
        owners.read_timelines(tx).await?;

        let sources = (&*self.ids, &*self.dictionaries);
        let mut done = events::store(tx, sources, &owners, &mut locked, group).await?;
        let mut orders = HashMap::with_capacity(group.orders.len());
        let nobody = Owner::Nobody;
        for (message, said) in &group.orders {
            let is_lost = group.is_acknowledged && owners.session_of_order(said.owner, said.order.created_at).is_err();
            let owner = if is_lost { &nobody } else { said.owner };
            match hand.merge(Said { order: said.order, owner, at: said.at }, &owners) {
                Ok(applied) => drop(orders.insert(*message, applied)),
                Err(bad) => drop(done.refused.insert(*message, bad)),
            }
        }
        done.unsettled.extend(hand.save(tx, &self.ids).await?);
        order::settle(tx, &done.unsettled).await?;
        Ok(Outcome { refused: done.refused, fates: done.fates, orders, keys: done.keys })
    }
}
