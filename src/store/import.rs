//! Imported history: sessions as they were given, and what was done, sold and spent.

use std::collections::{BTreeMap, HashMap};

use super::db::Tx;
use super::dictionary::{Rows, Stored as Keys};
use super::error::StoreError;
use super::ingest::TRIES;
use super::insert::{insert, with_list};
use super::message::{Fate, Group, Told};
use super::order::{Applied, Said};
use super::owner::session_key;
use super::sql::Bind;
use super::visitor::Arrival;
use super::{Store, session, spend, visitor};
use crate::message::{BadField, Event, Owner, SpendLine};
use crate::model::session::{Opening, Sales, Session, Tally};
use crate::model::visitor::{Client, Hit, Place, VisitorKey};
use crate::model::{AddressPolicy, Id, Millis, OrderMessage};

/// A session with all that is known of the request that opened it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedSession {
    /// What others call it.
    pub name: String,
    /// The request.
    pub hit: Hit,
    /// What its agent is.
    pub client: Client,
    /// Where its address lies.
    pub place: Place,
    /// Its last page view or action.
    pub last_seen: Millis,
}

/// A line of an import, ready to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A session.
    Session(Box<ImportedSession>),
    /// The name of a session that was dropped, as a bot's.
    Dropped(String),
    /// Something done in a session.
    Action(Event),
    /// The state of an order.
    Order(OrderMessage, Owner),
    /// What a day of a campaign cost.
    Spend(SpendLine),
}

/// What became of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Imported {
    /// It is stored.
    New,
    /// It was there already, or said nothing new.
    Duplicate,
    /// Its session is dropped.
    Dropped,
    /// It names what nobody knows.
    Refused(BadField),
}

impl Store {
    /// Stores lines: all of them but those that are refused or, on an error, none. When this returns they are on the disk.
    pub async fn import(&self, entries: &[Entry]) -> Result<Vec<Imported>, StoreError> {
        let mut tried = 1;
        loop {
            match self.try_import(entries).await {
                Err(error) if error.is_worth_another_try() && tried < TRIES => tried += 1,
                result => return result,
            }
        }
    }

    async fn try_import(&self, entries: &[Entry]) -> Result<Vec<Imported>, StoreError> {
        let mut became: Vec<Imported> = vec![Imported::Duplicate; entries.len()];
        let mut tx = self.db.write().await?;
        let (known, session_keys) = self.store_sessions(&mut tx, entries, &mut became).await?;

        let first = entries.iter().find_map(Entry::at).unwrap_or_default();
        let mut group = Group { at: first, are_ends_told: true, ..Group::default() };
        let mut spends = Vec::new();
        for (number, entry) in entries.iter().enumerate() {
            let owner = match entry {
                Entry::Session(_) | Entry::Dropped(_) => continue,
                Entry::Spend(line) => {
                    spends.push((number, line));
                    continue;
                }
                Entry::Action(event) => &event.owner,
                Entry::Order(_, owner) => owner,
            };
            // What is referred to comes first, whether or not both came in one batch.
            if let Owner::Session(name) = owner
                && known.get(name.as_str()).is_some_and(|born| *born > number)
            {
                became[number] =
                    Imported::Refused(BadField::new("session", name, "a session of a line before this one"));
                continue;
            }
            match entry {
                Entry::Action(event) => group.events.push(Told { message: number, place: None, event }),
                // A state without a time of its own is as old as its order.
                Entry::Order(order, owner) => group.orders.push((number, Said { order, owner, at: order.created_at })),
                _ => {}
            }
        }
        let outcome = self.store_group(&mut tx, &group).await?;
        let lines: Vec<&SpendLine> = spends.iter().map(|(_, line)| *line).collect();
        let new_spends = spend::replace(&mut tx, &lines).await?;
        tx.commit().await?;
        self.dictionaries.committed(&session_keys);
        self.dictionaries.committed(&outcome.keys);

        for ((number, _), is_new) in spends.into_iter().zip(new_spends) {
            became[number] = if is_new { Imported::New } else { Imported::Duplicate };
        }
        for (number, fate) in outcome.fates {
            became[number] = match fate {
                // Whether the order came in this batch or in one before: the line was not there.
                Fate::Stored | Fate::Made => Imported::New,
                Fate::Duplicate => Imported::Duplicate,
                Fate::Dropped => Imported::Dropped,
            };
        }
        for (number, applied) in outcome.orders {
            let is_new = matches!(applied, Applied::Created | Applied::Merged);
            became[number] = if is_new { Imported::New } else { Imported::Duplicate };
        }
        for (number, bad) in outcome.refused {
            became[number] = Imported::Refused(bad);
        }
        Ok(became)
    }

    /// Stores the sessions that are new. Returns which names are new in these lines, each with its line.
    async fn store_sessions<'a>(
        &self,
        tx: &mut Tx,
        entries: &'a [Entry],
        became: &mut [Imported],
    ) -> Result<(HashMap<&'a str, usize>, Keys), StoreError> {
        let named = entries.iter().enumerate().filter_map(|(number, entry)| match entry {
            Entry::Session(session) => Some((number, session.name.as_str(), Some(&**session))),
            Entry::Dropped(name) => Some((number, name.as_str(), None)),
            _ => None,
        });
        let named: Vec<(usize, &str, Option<&ImportedSession>)> = named.collect();
        let keys: Vec<_> = named.iter().map(|(_, name, _)| [Bind::from(session_key(name))]).collect();
        let head = "select key, session_id from session_key where key in (";
        let rows = with_list(tx, head, &keys, ")").await?;
        let mut stored: HashMap<i64, Id> =
            rows.iter().map(|row| Ok((row.int(0)?, row.id(1)?))).collect::<Result<_, StoreError>>()?;

        let mut born = HashMap::new();
        let mut new_keys = Vec::new();
        let mut sessions = Vec::new();
        for (number, name, session) in named {
            let key = session_key(name);
            if let Some(id) = stored.get(&key) {
                became[number] = if *id == DROPPED { Imported::Dropped } else { Imported::Duplicate };
                continue;
            }
            born.insert(name, number);
            let id = session.map_or(DROPPED, |session| self.ids.mint(session.hit.at));
            stored.insert(key, id);
            new_keys.push([Bind::from(key), id.into()]);
            became[number] = if session.is_some() { Imported::New } else { Imported::Dropped };
            sessions.extend(session.map(|session| (id, session)));
        }
        insert(tx, "session_key", "key, session_id", &new_keys, "").await?;
        sessions.sort_by_key(|(id, session)| (session.hit.at, *id));
        let keys = self.add_sessions(tx, &sessions).await?;
        Ok((born, keys))
    }

    /// Adds sessions, the earliest first, and counts those of their visitors anew.
    pub(super) async fn add_sessions(
        &self,
        tx: &mut Tx,
        sessions: &[(Id, &ImportedSession)],
    ) -> Result<Keys, StoreError> {
        let Some((_, first)) = sessions.first() else { return Ok(Keys::default()) };
        let mut rows = self.dictionaries.rows();
        let mut openings: Vec<Opening> =
            sessions.iter().map(|(_, session)| opening(&mut rows, session, self.addresses)).collect();
        let keys = self.dictionaries.put(tx, rows, first.hit.at).await?;
        for opening in &mut openings {
            opening.touch_id = keys.key(opening.touch_id);
            opening.client_id = keys.key(opening.client_id);
            opening.place_id = keys.key(opening.place_id);
            opening.landing_id = keys.key(opening.landing_id);
        }
        let mut visitor_keys: BTreeMap<&VisitorKey, Arrival<'_>> = BTreeMap::new();
        for (_, session) in sessions {
            visitor_keys.entry(&session.hit.visitor).or_insert(Arrival { at: session.hit.at, before: &[] });
        }
        let (visitor_of, mut visitors) = visitor::find_or_make(tx, &self.ids, &visitor_keys).await?;
        let newest: Vec<_> = visitors.values().filter_map(|visitor| Some((visitor.id, visitor.session_id?))).collect();
        let newest: HashMap<Id, Millis> = session::find(tx, &newest)
            .await?
            .into_values()
            .map(|session| (session.visitor_id, session.span.started_at))
            .collect();

        let mut ready = Vec::with_capacity(sessions.len());
        let mut out_of_order = Vec::new();
        for ((id, session), opening) in sessions.iter().zip(openings) {
            let visitor = visitor_of.get(&session.hit.visitor).and_then(|visitor| visitors.get_mut(visitor));
            let Some(visitor) = visitor else { continue };
            if newest.get(&visitor.id).is_some_and(|newest| session.hit.at < *newest) {
                out_of_order.push(visitor.id);
            }
            visitor.sessions += 1;
            visitor.session_id = Some(*id);
            visitor.last_seen = visitor.last_seen.max(session.last_seen);
            visitor.first_touch_id.get_or_insert(opening.touch_id);
            visitor.last_touch_id = Some(opening.touch_id);
            ready.push(Session {
                id: *id,
                visitor_id: visitor.id,
                ordinal: visitor.sessions,
                started_at: session.hit.at,
                last_seen: session.last_seen,
                opening,
                tally: Tally::default(),
                sales: Sales::default(),
            });
        }
        visitor::save(tx, &visitors.into_values().collect::<Vec<_>>()).await?;
        session::add(tx, ready).await?;
        out_of_order.dedup();
        visitor::renumber(tx, out_of_order).await?;
        Ok(keys)
    }
}

/// Stands for a session that was dropped.
const DROPPED: Id = Id(0);

impl Entry {
    /// When it happened.
    fn at(&self) -> Option<Millis> {
        match self {
            Self::Session(session) => Some(session.hit.at),
            Self::Action(event) => Some(event.at),
            Self::Order(order, _) => Some(order.created_at),
            Self::Dropped(_) | Self::Spend(_) => None,
        }
    }
}

/// What a session opened with, its dictionary rows by their content.
fn opening(rows: &mut Rows<'_>, session: &ImportedSession, addresses: AddressPolicy) -> Opening {
    let Hit { touch, path, click_ids, meta_cookies, referrer, ip, agent, .. } = &session.hit;
    Opening {
        touch_id: rows.touch(touch),
        client_id: rows.client(&session.client),
        place_id: rows.place(&session.place),
        landing_id: rows.page(path),
        click_ids: click_ids.clone(),
        meta_cookies: meta_cookies.clone(),
        referrer: referrer.clone(),
        ip: ip.and_then(|ip| addresses.kept(ip)),
        user_agent: agent.user_agent.clone(),
    }
}
