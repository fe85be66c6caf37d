//! Ready-made history, put in by the thousand: what was counted before is stored as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::dictionary::Rows;
use super::error::StoreError;
use super::insert::insert;
use super::order::Stored as StoredOrder;
use super::sql::{Bind, Sql};
use super::visitor::Visitor;
use super::{Store, action, order, session, visitor};
use crate::model::session::{Opening, Sales, Session, Tally};
use crate::model::visitor::{Client, Hit, Place, VisitorKey};
use crate::model::{Action, AddressPolicy, Id, Millis};

/// A stretch of history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stretch {
    /// Sessions, the earliest first. One with the ordinal 1 brings its visitor along; the visitors of the others
    /// are there already.
    pub sessions: Vec<ReadySession>,
    /// Actions of these sessions, or of stored ones.
    pub actions: Vec<Action>,
    /// New orders of these sessions, of stored ones, or of nobody.
    pub orders: Vec<StoredOrder>,
}

/// A session with all that is counted of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadySession {
    /// Its own id.
    pub id: Id,
    /// Whose it is.
    pub visitor_id: Id,
    /// 1 for the visitor's first session, 2 for the next …
    pub ordinal: i64,
    /// The request that opened it.
    pub hit: Hit,
    /// What its agent is.
    pub client: Arc<Client>,
    /// Where its address lies.
    pub place: Arc<Place>,
    /// Its last page view or action.
    pub last_seen: Millis,
    /// What happened in it.
    pub tally: Tally,
    /// What its orders make of it.
    pub sales: Sales,
}

impl Store {
    /// Is neither a visitor nor an order stored?
    pub async fn is_empty(&self) -> Result<bool, StoreError> {
        let mut tx = self.db.read().await?;
        for table in ["visitor", "orders"] {
            if tx.row(&Sql::new(&format!("select id from {table} limit 1"))).await?.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Stores a stretch: all of it or, on an error, nothing. When this returns it is on the disk. Ids and counters
    /// are taken as they are; an id, a visitor's key or an order's number that is taken is an error.
    pub async fn load(&self, stretch: Stretch) -> Result<(), StoreError> {
        let Stretch { sessions, actions, orders } = stretch;
        let now = sessions.first().map_or(0, |session| session.hit.at);
        let born: Vec<[Bind; 2]> = sessions.iter().filter(|session| session.ordinal == 1).map(key_binds).collect();
        // Whoever is born in this stretch is not stored yet.
        let new: BTreeSet<Id> =
            sessions.iter().filter(|session| session.ordinal == 1).map(|session| session.visitor_id).collect();
        let known = sessions.iter().map(|session| session.visitor_id).filter(|visitor| !new.contains(visitor));
        let old: BTreeSet<Id> = known.collect();
        let mut rows = self.dictionaries.rows();
        let mut sessions: Vec<Session> =
            sessions.into_iter().map(|ready| session_of(&mut rows, ready, self.addresses)).collect();
        let page_of = |action: &Action, rows: &mut Rows<'_>| action.what.page.as_deref().map(|path| rows.page(path));
        let mut actions: Vec<(Action, Option<i64>)> = actions
            .into_iter()
            .map(|action| {
                let page = page_of(&action, &mut rows);
                (action, page)
            })
            .collect();

        let mut tx = self.db.write().await?;
        let keys = self.dictionaries.put(&mut tx, rows, now).await?;
        for Session { opening, .. } in &mut sessions {
            opening.touch_id = keys.key(opening.touch_id);
            opening.client_id = keys.key(opening.client_id);
            opening.place_id = keys.key(opening.place_id);
            opening.landing_id = keys.key(opening.landing_id);
        }
        for (_, page) in &mut actions {
            *page = page.map(|page| keys.key(page));
        }
        insert(&mut tx, "visitor_key", "key, visitor_id", &born, "").await?;
        let mut visitors = if old.is_empty() { BTreeMap::new() } else { visitor::lock(&mut tx, old).await? };
        for session in &sessions {
            let visitor = visitors
                .entry(session.visitor_id)
                .or_insert_with(|| Visitor::new(session.visitor_id, session.started_at));
            visitor.sessions = session.ordinal;
            visitor.session_id = Some(session.id);
            visitor.last_seen = visitor.last_seen.max(session.last_seen);
            visitor.first_touch_id.get_or_insert(session.opening.touch_id);
            visitor.last_touch_id = Some(session.opening.touch_id);
        }
        visitor::save(&mut tx, &visitors.into_values().collect::<Vec<_>>()).await?;
        session::add(&mut tx, sessions).await?;
        action::add(&mut tx, &actions).await?;
        order::add(&mut tx, &orders).await?;
        tx.commit().await?;
        self.dictionaries.committed(&keys);
        Ok(())
    }
}

fn key_binds(session: &ReadySession) -> [Bind; 2] {
    let VisitorKey(key) = &session.hit.visitor;
    [key.as_str().into(), session.visitor_id.into()]
}

fn session_of(rows: &mut Rows<'_>, ready: ReadySession, addresses: AddressPolicy) -> Session {
    let ReadySession { id, visitor_id, ordinal, hit, client, place, last_seen, tally, sales } = ready;
    let opening = Opening {
        touch_id: rows.touch(&hit.touch),
        client_id: rows.client(&client),
        place_id: rows.place(&place),
        landing_id: rows.page(&hit.path),
        click_ids: hit.click_ids,
        meta_cookies: hit.meta_cookies,
        referrer: hit.referrer,
        ip: hit.ip.and_then(|ip| addresses.kept(ip)),
        user_agent: hit.agent.user_agent,
    };
    Session { id, visitor_id, ordinal, started_at: hit.at, last_seen, opening, tally, sales }
}
