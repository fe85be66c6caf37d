//! Whose messages are: names of sessions and visitors, and codes, looked up all at once.

use std::collections::{BTreeSet, HashMap};

use super::db::Tx;
use super::error::StoreError;
use super::hash::content_key;
use super::insert::with_list;
use super::session::{self, When};
use super::sql::Bind;
use super::{exclusion, visitor};
use crate::message::{BadField, Owner};
use crate::model::session::TIMEOUT;
use crate::model::visitor::VisitorKey;
use crate::model::{Id, Millis};
use crate::tracking::key;

/// Where something that was done belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// To this session of this visitor: visitor, session.
    Session((Id, Id)),
    /// To a session that was dropped, or whose visitor is left out.
    Dropped,
}

impl Place {
    /// The session. A sale of a dropped one is a sale, though nobody's.
    fn session(&self) -> Option<(Id, Id)> {
        match self {
            Self::Session(session) => Some(*session),
            Self::Dropped => None,
        }
    }
}

/// The owners of a group of messages.
#[derive(Debug, Default)]
pub struct Owners {
    sessions: HashMap<String, Place>,
    codes: HashMap<String, Place>,
    visitors: HashMap<VisitorKey, Id>,
    timelines: HashMap<Id, Vec<When>>,
}

/// Under what a session is kept that others call `name`.
pub fn session_key(name: &str) -> i64 {
    content_key([Some("session"), Some(name)])
}

/// The visitor whom an owner names.
pub fn visitor_key(owner: &Owner) -> Option<VisitorKey> {
    match owner {
        Owner::Visitor(name) => Some(key::of_name(name)),
        Owner::Key(key) => Some(key.clone()),
        Owner::Session(_) | Owner::Code(_) | Owner::Nobody => None,
    }
}

impl Owners {
    /// Looks up who is named.
    pub async fn find<'a>(tx: &mut Tx, named: impl IntoIterator<Item = &'a Owner>) -> Result<Self, StoreError> {
        let mut sessions = BTreeSet::new();
        let mut codes = BTreeSet::new();
        let mut visitors = BTreeSet::new();
        for owner in named {
            match owner {
                Owner::Session(name) => drop(sessions.insert(name.as_str())),
                Owner::Code(code) => drop(codes.insert(code.as_str())),
                Owner::Visitor(_) | Owner::Key(_) => visitors.extend(visitor_key(owner)),
                Owner::Nobody => {}
            }
        }
        let mut owners = Self {
            sessions: named_sessions(tx, &sessions).await?,
            codes: coded_sessions(tx, &codes).await?,
            visitors: visitor::find(tx, &visitors).await?.into_iter().collect(),
            timelines: HashMap::new(),
        };
        owners.leave_out_excluded(tx).await?;
        Ok(owners)
    }

    /// Drops the sessions of visitors whom an administrator does not want counted. Those who are named themselves were
    /// left out when they were named.
    async fn leave_out_excluded(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        if self.sessions.is_empty() && self.codes.is_empty() {
            return Ok(());
        }
        let excluded = exclusion::visitors(tx).await?;
        for place in self.sessions.values_mut().chain(self.codes.values_mut()) {
            if matches!(place, Place::Session((visitor, _)) if excluded.contains(visitor)) {
                *place = Place::Dropped;
            }
        }
        Ok(())
    }

    /// All visitors who are known now.
    pub fn ids(&self) -> impl Iterator<Item = Id> {
        let of_place = |place: &Place| place.session().map(|(visitor, _)| visitor);
        self.sessions.values().chain(self.codes.values()).filter_map(of_place).chain(self.visitors.values().copied())
    }

    /// Reads when the sessions of the named visitors were, once nobody else can open one.
    pub async fn read_timelines(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        let ids: BTreeSet<Id> = self.visitors.values().copied().collect();
        self.timelines = session::timelines(tx, &ids.into_iter().collect::<Vec<_>>()).await?;
        Ok(())
    }

    /// Where something belongs that was done at `at`: in the session that is named; else in that session of the visitor
    /// which held this moment, or else was the last one to start before it.
    pub fn place(&self, owner: &Owner, at: Millis) -> Result<Place, BadField> {
        if let Owner::Session(name) = owner {
            return self.sessions.get(name).copied().ok_or_else(|| unknown_session(name));
        }
        let found = self.started(owner, at).and_then(|(visitor, started)| {
            let holding = started.iter().rev().find(|when| at <= when.last_seen.saturating_add(TIMEOUT));
            holding.or(started.last()).map(|when| Place::Session((visitor, when.id)))
        });
        found.ok_or_else(|| {
            let name = if let Owner::Visitor(name) = owner { name.as_str() } else { "" };
            BadField::new("visitor", name, "a visitor with a session that started at or before this time")
        })
    }

    /// The first session of the visitor whom an owner names.
    pub fn first(&self, owner: &Owner) -> Option<Place> {
        let visitor = *self.visitors.get(&visitor_key(owner)?)?;
        self.timelines.get(&visitor)?.first().map(|when| Place::Session((visitor, when.id)))
    }

    /// The session of an order that was placed at `at`: the one that is named, else the visitor's last one that started
    /// at or before then.
    pub fn session_of_order(&self, owner: &Owner, at: Millis) -> Result<Option<(Id, Id)>, BadField> {
        match owner {
            Owner::Nobody => Ok(None),
            Owner::Session(name) => self.sessions.get(name).map(Place::session).ok_or_else(|| unknown_session(name)),
            Owner::Code(code) => {
                let unknown = || BadField::new("code", code, "the code of a session");
                self.codes.get(code).map(Place::session).ok_or_else(unknown)
            }
            Owner::Visitor(_) | Owner::Key(_) => {
                let last = self.started(owner, at).and_then(|(visitor, started)| Some((visitor, started.last()?.id)));
                Ok(last)
            }
        }
    }

    /// The sessions of a visitor that started at or before `at`. Who keeps whole seconds means any moment of the second.
    fn started(&self, owner: &Owner, at: Millis) -> Option<(Id, &[When])> {
        let visitor = *self.visitors.get(&visitor_key(owner)?)?;
        let timeline = self.timelines.get(&visitor)?;
        let until = if at % 1000 == 0 { at.saturating_add(999) } else { at };
        Some((visitor, &timeline[..timeline.partition_point(|when| when.started_at <= until)]))
    }
}

fn unknown_session(name: &str) -> BadField {
    BadField::new("session", name, "the id of a session that is known")
}

/// Sessions by the names that others gave them, else by our own ids.
async fn named_sessions(tx: &mut Tx, names: &BTreeSet<&str>) -> Result<HashMap<String, Place>, StoreError> {
    let by_key: HashMap<i64, &str> = names.iter().map(|name| (session_key(name), *name)).collect();
    let keys: Vec<_> = by_key.keys().map(|key| [Bind::from(*key)]).collect();
    let head = "select k.key, k.session_id, v.visitor_id from session_key k left join session_visitor v \
                on v.session_id = k.session_id where k.key in (";
    let mut found = HashMap::new();
    for row in with_list(tx, head, &keys, ")").await? {
        let place = match row.opt_int(2)? {
            Some(visitor) => Place::Session((Id(visitor), row.id(1)?)),
            None => Place::Dropped,
        };
        found.insert(by_key[&row.int(0)?].to_owned(), place);
    }
    let own_id = |name: &&str| name.parse::<Id>().ok().filter(|id| id.0 > 0 && id.to_string() == *name);
    let own: Vec<_> = names.iter().filter(|name| !found.contains_key(**name)).filter_map(own_id).collect();
    let own: Vec<_> = own.into_iter().map(|id| [Bind::from(id)]).collect();
    let head = "select session_id, visitor_id from session_visitor where session_id in (";
    for row in with_list(tx, head, &own, ")").await? {
        let session = row.id(0)?;
        found.insert(session.to_string(), Place::Session((row.id(1)?, session)));
    }
    Ok(found)
}

async fn coded_sessions(tx: &mut Tx, codes: &BTreeSet<&str>) -> Result<HashMap<String, Place>, StoreError> {
    let codes: Vec<_> = codes.iter().map(|code| [Bind::from(*code)]).collect();
    let head = "select code, visitor_id, session_id from session_code where code in (";
    let rows = with_list(tx, head, &codes, ")").await?;
    rows.iter().map(|row| Ok((row.text(0)?, Place::Session((row.id(1)?, row.id(2)?))))).collect()
}
