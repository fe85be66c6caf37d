//! A batch of facts becomes visitors, sessions and actions, in one transaction.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::db::Tx;
use super::dictionary::{Rows, Stored as Keys};
use super::error::StoreError;
use super::visitor::Visitor;
use super::{Store, action, order, session, visitor};
use crate::model::action::ActionKind;
use crate::model::session::{Opening, Sales, Session, TIMEOUT, Tally};
use crate::model::visitor::{Client, Hit, Place, VisitorKey};
use crate::model::{Action, AddressPolicy, Id, Millis, NewAction};
use crate::tracking::session::{Span, belongs};

/// Something that a visitor did, with all that is known of the request in which it was done.
#[derive(Clone, Debug)]
pub struct Fact {
    /// The request.
    pub hit: Arc<Hit>,
    /// What its agent is.
    pub client: Arc<Client>,
    /// Where its address lies.
    pub place: Arc<Place>,
    /// When it was done.
    pub at: Millis,
    /// What was done.
    pub action: NewAction,
}

/// What a batch made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ingested {
    /// Sessions that opened.
    pub sessions: usize,
    /// Actions that were stored.
    pub actions: usize,
    /// New touches, clients, places and pages for which the day had no room: stored as `(other)`.
    pub others: usize,
}

/// How often a batch is tried when PostgreSQL ends it for the sake of another one, or another process minted the same
/// id.
pub const TRIES: usize = 4;

/// A visitor with the sessions that the batch may touch.
struct Seen {
    visitor: Visitor,
    /// Sessions with their place in `spans`.
    sessions: Vec<Working>,
    spans: Vec<Span>,
}

/// A session in hand: stored already, or opened by this batch.
struct Working {
    id: Id,
    tally: Tally,
    /// The dictionary row of its client.
    client_id: i64,
    /// Did a later request say more of the client than the first one?
    is_client_better_known: bool,
    /// What it opened with and its ordinal, when this batch opened it.
    opened: Option<(Opening, i64)>,
    /// Did the batch add to it?
    is_touched: bool,
    /// Did the batch add a lead that no order stands behind?
    has_bare_lead: bool,
}

/// Dictionary keys of a fact.
struct FactKeys {
    touch: i64,
    client: i64,
    place: i64,
    landing: i64,
    page: Option<i64>,
}

impl Store {
    /// Stores a batch: all of it or, on an error, nothing. When this returns the batch is on the disk.
    pub async fn ingest(&self, facts: &[Fact]) -> Result<Ingested, StoreError> {
        let mut tried = 1;
        loop {
            match self.try_ingest(facts).await {
                Err(error) if error.is_worth_another_try() && tried < TRIES => tried += 1,
                result => return result,
            }
        }
    }

    async fn try_ingest(&self, facts: &[Fact]) -> Result<Ingested, StoreError> {
        if facts.is_empty() {
            return Ok(Ingested::default());
        }
        let mut facts: Vec<&Fact> = facts.iter().collect();
        facts.sort_by_key(|fact| fact.at);

        let mut rows = self.dictionaries.rows();
        let fact_keys: Vec<FactKeys> = facts.iter().map(|fact| keys_of(&mut rows, fact)).collect();

        let mut tx = self.db.write().await?;
        let keys = self.dictionaries.put(&mut tx, rows, facts[0].at).await?;
        let (visitor_of, mut seen) = self.take_visitors(&mut tx, &facts).await?;
        let mut repeats = Repeats::of(&facts, &visitor_of);
        repeats.look_up(&mut tx, seen.values().flat_map(Seen::session_ids).collect()).await?;

        let mut actions = Vec::with_capacity(facts.len());
        let mut opened = 0;
        for (fact, fact_keys) in facts.iter().zip(&fact_keys) {
            let Some(seen) = visitor_of.get(&fact.hit.visitor).and_then(|id| seen.get_mut(id)) else { continue };
            if seen.spans.last().is_some_and(|newest| fact.at < newest.started_at) {
                let recalled = seen.recall(session::around(&mut tx, seen.visitor.id, fact.at, TIMEOUT).await?);
                repeats.look_up(&mut tx, recalled).await?;
            }
            let place = if let Some(place) = belongs(&seen.spans, &fact.hit, fact.at) {
                place
            } else if fact.action.is_measurement() {
                // A tab that is closed hours later, or past midnight: nobody came.
                continue;
            } else {
                opened += 1;
                seen.open(self.ids.mint(fact.at), fact, fact_keys, &keys, self.addresses)
            };
            seen.know_client(place, fact, keys.key(fact_keys.client));
            let action = seen.add(place, fact, self.ids.mint(fact.at), &mut repeats);
            actions.push((action, fact_keys.page.map(|page| keys.key(page))));
        }
        write(&mut tx, seen, &actions).await?;
        tx.commit().await?;
        self.dictionaries.committed(&keys);
        Ok(Ingested { sessions: opened, actions: actions.len(), others: keys.others() })
    }

    async fn take_visitors(
        &self,
        tx: &mut Tx,
        facts: &[&Fact],
    ) -> Result<(BTreeMap<VisitorKey, Id>, BTreeMap<Id, Seen>), StoreError> {
        let mut first: BTreeMap<&VisitorKey, visitor::Arrival> = BTreeMap::new();
        for fact in facts {
            let Hit { visitor, before, .. } = &*fact.hit;
            first.entry(visitor).or_insert(visitor::Arrival { at: fact.at, before });
        }
        let (visitor_of, visitors) = visitor::find_or_make(tx, &self.ids, &first).await?;
        let open: Vec<(Id, Id)> =
            visitors.values().filter_map(|visitor| Some((visitor.id, visitor.session_id?))).collect();
        let mut stored = session::find(tx, &open).await?;
        let mut newest = |visitor: &Visitor| visitor.session_id.and_then(|session| stored.remove(&session));
        let seen = visitors
            .into_iter()
            .map(|(id, visitor)| {
                let newest = newest(&visitor);
                (id, Seen::new(visitor, newest))
            })
            .collect();
        Ok((visitor_of, seen))
    }
}

/// What the sessions in hand had already: a second one earns nothing.
#[derive(Default)]
pub struct Repeats<'a> {
    /// What each visitor does now: kinds and subjects.
    done: HashMap<Id, HashSet<(&'a str, &'a str)>>,
    had: HashSet<action::Repeat>,
}

impl<'a> Repeats<'a> {
    fn of(facts: &[&'a Fact], visitor_of: &BTreeMap<VisitorKey, Id>) -> Self {
        let mut repeats = Self::default();
        for Fact { hit, action, .. } in facts.iter().copied() {
            if let Some(visitor) = visitor_of.get(&hit.visitor) {
                repeats.done.entry(*visitor).or_default().insert((action.kind.key(), action.subject()));
            }
        }
        repeats
    }

    async fn look_up(&mut self, tx: &mut Tx, sessions: Vec<(Id, Id)>) -> Result<(), StoreError> {
        let mut sought = HashSet::new();
        for session in sessions {
            let done = self.done.get(&session.0).into_iter().flatten();
            sought.extend(done.map(|(kind, subject)| (session, (*kind).to_owned(), (*subject).to_owned())));
        }
        self.had.extend(action::known(tx, &sought).await?);
        Ok(())
    }

    /// Of sessions whose actions are known.
    pub fn known(had: HashSet<action::Repeat>) -> Self {
        Self { had, ..Self::default() }
    }

    /// Was such an action there before?
    pub fn has(&self, session: Id, action: &NewAction) -> bool {
        self.had.contains(&(session, action.kind.key().to_owned(), action.subject().to_owned()))
    }

    /// Notes one more; was it there before?
    fn note(&mut self, session: Id, action: &NewAction) -> bool {
        !self.had.insert((session, action.kind.key().to_owned(), action.subject().to_owned()))
    }
}

/// Counts an action into the tally of its session. Returns what it earns, and whether it is a lead that no order stands
/// behind.
pub fn count(tally: &mut Tally, session: Id, action: &NewAction, repeats: &mut Repeats) -> (i64, bool) {
    let is_repeat = repeats.note(session, action);
    // An order's lead and purchase earn through the order, which makes actions of its own.
    let is_bare_lead = action.kind == ActionKind::Lead && action.order.is_none() && !action.is_claim;
    let earns = !action.kind.is_conversion() || is_bare_lead;
    let points = if earns { action.points(is_repeat) } else { 0 };
    tally.count(action, points);
    (points, is_bare_lead)
}

impl Seen {
    fn new(visitor: Visitor, newest: Option<session::Stored>) -> Self {
        let mut seen = Self { visitor, sessions: Vec::new(), spans: Vec::new() };
        seen.recall(newest.into_iter().collect());
        seen
    }

    /// The sessions in hand, each with its visitor.
    fn session_ids(&self) -> Vec<(Id, Id)> {
        self.sessions.iter().map(|session| (self.visitor.id, session.id)).collect()
    }

    /// Adds stored sessions that are not in hand yet, keeps the oldest first, and returns what was added.
    fn recall(&mut self, stored: Vec<session::Stored>) -> Vec<(Id, Id)> {
        let mut added = Vec::new();
        for session::Stored { id, span, tally, client_id, .. } in stored {
            if self.sessions.iter().any(|session| session.id == id) {
                continue;
            }
            let place = self.spans.partition_point(|other| other.started_at <= span.started_at);
            self.spans.insert(place, span);
            let working = Working {
                id,
                tally,
                client_id,
                is_client_better_known: false,
                opened: None,
                is_touched: false,
                has_bare_lead: false,
            };
            self.sessions.insert(place, working);
            added.push((self.visitor.id, id));
        }
        added
    }

    /// Counts a fact into the session at `place` and returns it as an action.
    fn add(&mut self, place: usize, fact: &Fact, id: Id, repeats: &mut Repeats) -> Action {
        let session = &mut self.sessions[place];
        let (points, is_bare_lead) = count(&mut session.tally, session.id, &fact.action, repeats);
        session.is_touched = true;
        session.has_bare_lead |= is_bare_lead;
        self.spans[place].last_seen = self.spans[place].last_seen.max(fact.at);
        self.visitor.last_seen = self.visitor.last_seen.max(fact.at);
        let (visitor_id, session_id) = (self.visitor.id, session.id);
        Action { id, visitor_id, session_id, at: fact.at, what: fact.action.clone(), points }
    }

    /// Browsers say the version of their system and the model of their device only once they were asked, so not with
    /// the first request of a visit: what a later one says goes for the whole session.
    fn know_client(&mut self, place: usize, fact: &Fact, client: i64) {
        let session = &mut self.sessions[place];
        if session.client_id != client && fact.hit.agent.platform_version.is_some() {
            session.client_id = client;
            session.is_client_better_known = true;
        }
    }

    /// Opens a session with `fact` and returns its place.
    fn open(&mut self, id: Id, fact: &Fact, fact_keys: &FactKeys, keys: &Keys, addresses: AddressPolicy) -> usize {
        let Hit { utm, click_ids, meta_cookies, referrer, ip, agent, .. } = &*fact.hit;
        let touch_id = keys.key(fact_keys.touch);
        let opening = Opening {
            touch_id,
            client_id: keys.key(fact_keys.client),
            place_id: keys.key(fact_keys.place),
            landing_id: keys.key(fact_keys.landing),
            click_ids: click_ids.clone(),
            meta_cookies: meta_cookies.clone(),
            referrer: referrer.clone(),
            ip: ip.and_then(|ip| addresses.kept(ip)),
            user_agent: agent.user_agent.clone(),
        };
        self.visitor.sessions += 1;
        self.visitor.first_touch_id.get_or_insert(touch_id);
        let place = self.spans.partition_point(|other| other.started_at <= fact.at);
        if place == self.spans.len() {
            self.visitor.session_id = Some(id);
            self.visitor.last_touch_id = Some(touch_id);
        }
        let span =
            Span { started_at: fact.at, last_seen: fact.at, campaign: Some(utm.clone()), click_ids: click_ids.clone() };
        self.spans.insert(place, span);
        let opened = Some((opening, self.visitor.sessions));
        let working = Working {
            id,
            tally: Tally::default(),
            client_id: keys.key(fact_keys.client),
            is_client_better_known: false,
            opened,
            is_touched: true,
            has_bare_lead: false,
        };
        self.sessions.insert(place, working);
        place
    }
}

fn keys_of(rows: &mut Rows<'_>, fact: &Fact) -> FactKeys {
    let landing = rows.page(&fact.hit.path);
    // A page view is of the page that was asked for.
    let page_of = |path: &str, rows: &mut Rows<'_>| if path == fact.hit.path { landing } else { rows.page(path) };
    FactKeys {
        touch: rows.touch(&fact.hit.touch),
        client: rows.client(&fact.client),
        place: rows.place(&fact.place),
        landing,
        page: fact.action.page.as_deref().map(|path| page_of(path, rows)),
    }
}

async fn write(tx: &mut Tx, seen: BTreeMap<Id, Seen>, actions: &[(Action, Option<i64>)]) -> Result<(), StoreError> {
    let mut opened = Vec::new();
    let mut grown = Vec::new();
    let mut bare_leads = Vec::new();
    let mut clients = Vec::new();
    let mut visitors = Vec::with_capacity(seen.len());
    let mut out_of_order = Vec::new();
    for Seen { visitor, sessions, spans } in seen.into_values() {
        // The newest session is always in hand: one that opened before it came late.
        if !sessions.iter().map(|session| session.opened.as_ref().map(|(_, ordinal)| ordinal)).is_sorted() {
            out_of_order.push(visitor.id);
        }
        for (working, span) in sessions.into_iter().zip(spans).filter(|(working, _)| working.is_touched) {
            let Working { id, tally, client_id, is_client_better_known, opened: opening, has_bare_lead, .. } = working;
            if is_client_better_known {
                clients.push(((visitor.id, id), client_id));
            }
            if has_bare_lead {
                bare_leads.push((visitor.id, id));
            }
            match opening {
                Some((opening, ordinal)) => opened.push(Session {
                    id,
                    visitor_id: visitor.id,
                    ordinal,
                    started_at: span.started_at,
                    last_seen: span.last_seen,
                    opening,
                    tally,
                    sales: Sales::default(),
                }),
                None => grown.push(session::Stored { id, visitor_id: visitor.id, span, tally, client_id }),
            }
        }
        visitors.push(visitor);
    }
    visitor::save(tx, &visitors).await?;
    session::add(tx, opened).await?;
    session::save_tallies(tx, &grown).await?;
    for (session, client) in clients {
        session::set_client(tx, session, client).await?;
    }
    action::add(tx, actions).await?;
    for (action, _) in actions.iter().filter(|(action, _)| action.what.kind == ActionKind::Registration) {
        session::mark_registered(tx, (action.visitor_id, action.session_id), action.at).await?;
        visitor::mark_registered(tx, action.visitor_id, action.at).await?;
    }
    visitor::renumber(tx, out_of_order).await?;
    order::settle(tx, &bare_leads).await
}
