//! What others say that visitors did: counted into sessions that are there, each event once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::super::action::{self, Sought};
use super::super::db::Tx;
use super::super::dictionary::{Dictionaries, Stored as Keys};
use super::super::error::StoreError;
use super::super::hash::content_key;
use super::super::ingest::{Repeats, count};
use super::super::insert::{insert, with_list};
use super::super::owner::{Owners, Place};
use super::super::sql::Bind;
use super::super::visitor::{self, Visitor};
use super::super::{order, session};
use super::Group;
use crate::message::{BadField, Event};
use crate::model::action::ActionKind;
use crate::model::session::TIMEOUT;
use crate::model::{Action, Id, IdSource};

/// An event, and the message that brought it.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// Which message.
    pub message: usize,
    /// Which event of a list; `None` when it came alone.
    pub place: Option<usize>,
    /// What was done.
    pub event: &'a Event,
}

/// An event with its visitor and session.
type Placed<'a> = (Told<'a>, (Id, Id));

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is stored.
    Stored,
    /// It was there already.
    Duplicate,
    /// Its session was dropped.
    Dropped,
    /// It is the lead or purchase that an order has made already.
    Made,
}

/// What became of all of them.
#[derive(Debug, Default)]
pub struct Done {
    /// By message, why it is refused.
    pub refused: HashMap<usize, BadField>,
    /// The others with their message.
    pub fates: Vec<(usize, Fate)>,
    /// Sessions that are to be settled.
    pub unsettled: Vec<(Id, Id)>,
    /// What is stored in the dictionaries, to be remembered after the commit.
    pub keys: Keys,
}

/// Under what an action is kept that others call `name`.
fn action_key(name: &str) -> i64 {
    content_key([Some("action"), Some(name)])
}

/// Stores events of which the visitors are locked. A message is refused as a whole.
pub async fn store(
    tx: &mut Tx,
    (ids, dictionaries): (&IdSource, &Dictionaries),
    owners: &Owners,
    locked: &mut BTreeMap<Id, Visitor>,
    group: &Group<'_>,
) -> Result<Done, StoreError> {
    let mut done = Done::default();
    let mut placed = place(group, owners, &mut done);
    placed.sort_by_key(|(told, _)| told.event.at);
    let new = new_keys(tx, &placed).await?;
    let mut fresh = Vec::with_capacity(new.len());
    let mut seen = HashSet::with_capacity(new.len());
    for (told, at) in placed {
        let key = action_key(&told.event.id);
        if new.contains(&key) && seen.insert(key) {
            fresh.push((told, at));
        } else {
            done.fates.push((told.message, Fate::Duplicate));
        }
    }
    count_in(tx, (ids, dictionaries), locked, (fresh, group), &mut done).await?;
    Ok(done)
}

/// Finds the session of each event, and the messages of which one has none.
fn place<'a>(group: &Group<'a>, owners: &Owners, done: &mut Done) -> Vec<Placed<'a>> {
    let told = &group.events;
    let find = |event: &Event| match owners.place(&event.owner, event.at) {
        Err(bad) if group.is_acknowledged => owners.first(&event.owner).ok_or(bad),
        found => found,
    };
    let found: Vec<_> = told.iter().map(|told| find(told.event)).collect();
    for (told, place) in told.iter().zip(&found) {
        if let Err(bad) = place {
            let bad = bad.clone();
            let named = told.place.map_or(bad.clone(), |place| bad.inside(&format!("events[{place}]")));
            done.refused.entry(told.message).or_insert(named);
        }
    }
    let mut placed = Vec::with_capacity(told.len());
    for (told, place) in told.iter().zip(found) {
        match place {
            Ok(Place::Session(session)) if !done.refused.contains_key(&told.message) => placed.push((*told, session)),
            Ok(Place::Dropped) if !done.refused.contains_key(&told.message) => {
                done.fates.push((told.message, Fate::Dropped));
            }
            _ => {}
        }
    }
    placed
}

/// Enters the events' own names that are not there yet, and returns them. One that another process enters at the same
/// moment is a conflict: the whole group is tried again, and then it is there.
async fn new_keys(tx: &mut Tx, placed: &[Placed<'_>]) -> Result<HashSet<i64>, StoreError> {
    let bound = |keys: &BTreeSet<i64>| keys.iter().map(|key| [Bind::from(*key)]).collect::<Vec<_>>();
    let mut keys: BTreeSet<i64> = placed.iter().map(|(told, _)| action_key(&told.event.id)).collect();
    for row in with_list(tx, "select key from action_key where key in (", &bound(&keys), ")").await? {
        keys.remove(&row.int(0)?);
    }
    insert(tx, "action_key", "key", &bound(&keys), "").await?;
    Ok(keys.into_iter().collect())
}

async fn count_in(
    tx: &mut Tx,
    (ids, dictionaries): (&IdSource, &Dictionaries),
    locked: &mut BTreeMap<Id, Visitor>,
    (fresh, group): (Vec<Placed<'_>>, &Group<'_>),
    done: &mut Done,
) -> Result<(), StoreError> {
    let mut rows = dictionaries.rows();
    let pages: Vec<Option<i64>> =
        fresh.iter().map(|(told, _)| told.event.action.page.as_deref().map(|path| rows.page(path))).collect();
    done.keys = dictionaries.put(tx, rows, group.at).await?;
    let in_hand: Vec<(Id, Id)> =
        fresh.iter().map(|(_, session)| *session).collect::<BTreeSet<_>>().into_iter().collect();
    let mut sessions = session::find(tx, &in_hand).await?;
    let mut repeats = Repeats::known(action::known(tx, &sought(&fresh)).await?);
    let numbers = fresh.iter().filter_map(|(told, _)| order_of(told.event)).collect();
    let made = order::made(tx, &numbers).await?;

    let mut actions = Vec::with_capacity(fresh.len());
    for ((told, (visitor_id, session_id)), page) in fresh.into_iter().zip(pages) {
        let Event { at, action, .. } = told.event;
        let Some(stored) = sessions.get_mut(&session_id) else { continue };
        // The lead or purchase of an order is the one that the order makes itself.
        let is_made = order_of(told.event).is_some_and(|number| {
            made.contains(&(number.to_owned(), kind_of(told.event))) || repeats.has(session_id, action)
        });
        if is_made {
            done.fates.push((told.message, Fate::Made));
            continue;
        }
        let (points, is_bare_lead) = count(&mut stored.tally, session_id, action, &mut repeats);
        if is_bare_lead {
            done.unsettled.push((visitor_id, session_id));
        }
        // What the shop does long after the visit is no part of how long the visit was.
        if !group.are_ends_told && *at - stored.span.last_seen <= TIMEOUT {
            stored.span.last_seen = stored.span.last_seen.max(*at);
            if let Some(visitor) = locked.get_mut(&visitor_id) {
                visitor.last_seen = visitor.last_seen.max(*at);
            }
        }
        let what = action.clone();
        let action = Action { id: ids.mint(*at), visitor_id, session_id, at: *at, what, points };
        actions.push((action, page.map(|page| done.keys.key(page))));
        done.fates.push((told.message, Fate::Stored));
    }
    let touched: BTreeSet<Id> = actions.iter().map(|(action, _)| action.visitor_id).collect();
    let visitors: Vec<Visitor> = touched.iter().filter_map(|id| locked.get(id).cloned()).collect();
    visitor::save(tx, &visitors).await?;
    session::save_tallies(tx, &sessions.into_values().collect::<Vec<_>>()).await?;
    action::add(tx, &actions).await?;
    for (action, _) in actions.iter().filter(|(action, _)| action.what.kind == ActionKind::Registration) {
        session::mark_registered(tx, (action.visitor_id, action.session_id), action.at).await?;
        visitor::mark_registered(tx, action.visitor_id, action.at).await?;
    }
    Ok(())
}

fn sought(fresh: &[Placed<'_>]) -> HashSet<Sought> {
    let sought = |(told, session): &Placed| {
        let action = &told.event.action;
        (*session, action.kind.key().to_owned(), action.subject().to_owned())
    };
    fresh.iter().map(sought).collect()
}

/// The order that an event's lead or purchase is of.
fn order_of(event: &Event) -> Option<&str> {
    event.action.order.as_deref().filter(|_| event.action.kind.is_conversion())
}

/// `lead` or `purchase`.
fn kind_of(event: &Event) -> &'static str {
    if event.action.kind == ActionKind::Lead { "lead" } else { "purchase" }
}
