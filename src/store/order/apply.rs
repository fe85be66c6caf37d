//! What the shop says of orders: merged into what is stored, with the leads and purchases that it makes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::super::db::Tx;
use super::super::error::StoreError;
use super::super::insert::{insert, with_rows};
use super::super::owner::Owners;
use super::super::sql::Bind;
use super::{Applied, COLUMNS, NOBODY, Stored, binds, place_binds, take};
use crate::message::{BadField, Owner, bad_order};
use crate::model::order::Conversion;
use crate::model::{Action, Id, IdSource, Millis, Order, OrderMessage};
use crate::store::action;

/// A message about an order.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// The order's state.
    pub order: &'a OrderMessage,
    /// Whose it is.
    pub owner: &'a Owner,
    /// When it was said.
    pub at: Millis,
}

/// The orders of a group of messages, locked until the transaction ends.
pub struct Hand {
    held: BTreeMap<String, Held>,
}

struct Held {
    /// The id of the order, should it be new.
    id: Id,
    /// What the database holds.
    before: Option<Stored>,
    /// What it shall hold.
    after: Option<Stored>,
}

impl Hand {
    /// Takes the orders of which something is said.
    pub async fn take(tx: &mut Tx, ids: &IdSource, said: &[Said<'_>]) -> Result<Self, StoreError> {
        let mut numbers: BTreeMap<&str, Id> = BTreeMap::new();
        for said in said {
            numbers.entry(&said.order.number).or_insert_with(|| ids.mint(said.at));
        }
        let mut stored = take(tx, &numbers).await?;
        let held = numbers.into_iter().map(|(number, id)| {
            let before = stored.remove(number);
            (number.to_owned(), Held { id, after: before.clone(), before })
        });
        Ok(Self { held: held.collect() })
    }

    /// The visitors to whom the orders belong.
    pub fn visitors(&self) -> impl Iterator<Item = Id> {
        self.held.values().filter_map(|held| held.before.as_ref()?.order.session).map(|(visitor, _)| visitor)
    }

    /// Merges a message.
    pub fn merge(&mut self, said: Said, owners: &Owners) -> Result<Applied, BadField> {
        let owner = owners.session_of_order(said.owner, said.order.created_at)?;
        let Some(held) = self.held.get_mut(&said.order.number) else { return Ok(Applied::Ignored) };
        let Some(stored) = &mut held.after else {
            let order = Order { id: held.id, session: owner, state: said.order.clone() };
            held.after = Some(note_due(Stored { order, lead_at: None, purchase_at: None }, said.at));
            return Ok(Applied::Created);
        };
        let Some(state) = said.order.clone().over(&stored.order.state) else { return Ok(Applied::Ignored) };
        state.check().map_err(|bad| bad_order(&bad, &state))?;
        // Who bought is settled once, unless the shop itself says who it was.
        let is_named = matches!(said.owner, Owner::Session(_) | Owner::Code(_) | Owner::Visitor(_));
        let session = if is_named { owner.or(stored.order.session) } else { stored.order.session.or(owner) };
        if state == stored.order.state && session == stored.order.session {
            return Ok(Applied::Ignored);
        }
        let order = Order { state, session, id: stored.order.id };
        *stored = note_due(Stored { order, ..stored.clone() }, said.at);
        Ok(Applied::Merged)
    }

    /// Writes what has changed. Returns the sessions that are to be settled.
    pub async fn save(self, tx: &mut Tx, ids: &IdSource) -> Result<Vec<(Id, Id)>, StoreError> {
        let mut changed: Vec<(Option<Stored>, Stored)> = self
            .held
            .into_values()
            .filter_map(|held| held.after.map(|after| (held.before, after)))
            .filter(|(before, after)| before.as_ref() != Some(after))
            .collect();
        for (before, after) in &changed {
            let from = before.as_ref().and_then(|before| before.order.session);
            if let (Some(from), Some(to)) = (from, after.order.session)
                && from != to
            {
                action::move_order(tx, &after.order.state.number, from, to).await?;
            }
        }
        make_actions(tx, ids, &mut changed).await?;
        save_orders(tx, &changed).await?;
        let sessions = changed.iter().flat_map(|(before, after)| {
            [before.as_ref().and_then(|before| before.order.session), after.order.session].into_iter().flatten()
        });
        Ok(sessions.collect::<BTreeSet<_>>().into_iter().collect())
    }
}

/// Notes the lead or purchase that a state makes.
fn note_due(mut stored: Stored, now: Millis) -> Stored {
    match stored.order.state.due(stored.lead_at, stored.purchase_at, now) {
        Some((Conversion::Lead, at)) => stored.lead_at = Some(at),
        Some((Conversion::Purchase, at)) => stored.purchase_at = Some(at),
        None => {}
    }
    stored
}

/// Makes the leads and purchases that are due. One that the shop has told already, as an action that names the order,
/// is the same: the order takes its time.
async fn make_actions(tx: &mut Tx, ids: &IdSource, changed: &mut [(Option<Stored>, Stored)]) -> Result<(), StoreError> {
    let sessions: Vec<_> =
        changed.iter().filter_map(|(_, after)| after.order.session).collect::<BTreeSet<_>>().into_iter().collect();
    let told: HashMap<(Id, String, String), Millis> = action::conversions(tx, &sessions)
        .await?
        .into_iter()
        .rev() // the oldest is entered last, and stays
        .map(|action| ((action.session, action.kind, action.order), action.at))
        .collect();
    let mut actions = Vec::new();
    for (before, after) in changed {
        let Some((visitor_id, session_id)) = after.order.session else { continue };
        // While an order is nobody's its actions have no place.
        let before = before.as_ref().filter(|before| before.order.session.is_some());
        let state = &after.order.state;
        let due = [
            (Conversion::Lead, before.and_then(|before| before.lead_at), &mut after.lead_at),
            (Conversion::Purchase, before.and_then(|before| before.purchase_at), &mut after.purchase_at),
        ];
        for (conversion, made, due) in due {
            let (None, Some(at)) = (made, due.as_mut()) else { continue };
            let what = state.action(conversion);
            let key = (session_id, what.kind.key().to_owned(), state.number.clone());
            if let Some(told) = told.get(&key) {
                *at = *told;
                continue;
            }
            // What it earns is settled with the session.
            actions.push((Action { id: ids.mint(*at), visitor_id, session_id, at: *at, what, points: 0 }, None));
        }
    }
    action::add(tx, &actions).await
}

/// Writes orders. A new one whose id another process has minted too is a conflict, and no merger.
async fn save_orders(tx: &mut Tx, changed: &[(Option<Stored>, Stored)]) -> Result<(), StoreError> {
    let place = |stored: &Stored| (stored.order.session.map_or(NOBODY, |(visitor, _)| visitor), stored.order.id);
    let (mut gone, mut new, mut kept, mut moved) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (before, after) in changed {
        let (was, is) = (before.as_ref().map(place), place(after));
        if was == Some(is) {
            kept.push(binds(after));
            continue;
        }
        if let Some((visitor, id)) = was {
            gone.push([Bind::from(visitor), id.into()]);
        }
        new.push(binds(after));
        moved.push(place_binds(after));
    }
    with_rows(tx, "delete from orders where (visitor_id, id) in (values ", &gone, ")").await?;
    insert(tx, "orders", COLUMNS, &new, "").await?;
    insert(tx, "orders", COLUMNS, &kept, UPDATE).await?;
    let head = "with w (number, visitor_id, id) as (values ";
    let tail = ") update order_number set visitor_id = w.visitor_id, id = w.id from w \
                where order_number.number = w.number";
    with_rows(tx, head, &moved, tail).await?;
    Ok(())
}

const UPDATE: &str = "on conflict (visitor_id, id) do update set session_id = excluded.session_id, \
    created_at = excluded.created_at, updated_at = excluded.updated_at, email = excluded.email, \
    phone = excluded.phone, total = excluded.total, discount = excluded.discount, pay_type = excluded.pay_type, \
    payment_status = excluded.payment_status, paid_at = excluded.paid_at, status = excluded.status, \
    refunded = excluded.refunded, lead_at = excluded.lead_at, purchase_at = excluded.purchase_at";
