//! Visits that only memory knew. Page views wait there for the database while messages wait on the disk: if the process
//! ends before either is stored, what was acknowledged of its newest visitors names nobody. It is owed all the same.

use std::collections::BTreeMap;

use super::super::db::Tx;
use super::super::dictionary::Stored as Keys;
use super::super::error::StoreError;
use super::super::import::ImportedSession;
use super::super::owner::visitor_key;
use super::super::{Store, visitor};
use crate::message::{Message, Received};
use crate::model::session::TIMEOUT;
use crate::model::touch::Utm;
use crate::model::visitor::{Agent, Client, Hit, Place, VisitorKey};
use crate::model::{Id, Millis};
use crate::tracking::touch;
use crate::tracking::utm::Reading;

/// The first that is known of a visitor.
struct First {
    at: Millis,
    page: String,
}

impl Store {
    /// Opens a direct visit for each visitor whom `messages` name and nobody knows, when the first of what they say was
    /// done. An order opens one only if it was told as it was placed, while its buyer was there: one of long ago may
    /// well name somebody who was never seen.
    pub(super) async fn open_owed(&self, tx: &mut Tx, messages: &[Received]) -> Result<Keys, StoreError> {
        let mut firsts = named(messages);
        let keys: Vec<VisitorKey> = firsts.keys().cloned().collect();
        for key in visitor::find(tx, &keys).await?.into_keys() {
            firsts.remove(&key);
        }
        let mut visits: Vec<ImportedSession> = firsts.into_iter().map(|(key, first)| direct(key, first)).collect();
        visits.sort_by_key(|visit| visit.hit.at);
        let visits: Vec<(Id, &ImportedSession)> =
            visits.iter().map(|visit| (self.ids.mint(visit.hit.at), visit)).collect();
        self.add_sessions(tx, &visits).await
    }
}

/// The visitors who are named, each with the first that is told of them.
fn named(messages: &[Received]) -> BTreeMap<VisitorKey, First> {
    let mut firsts: BTreeMap<VisitorKey, First> = BTreeMap::new();
    for Received { message, at: told_at } in messages {
        let told: Vec<_> = match message {
            Message::Events(events) => {
                events.iter().map(|event| (&event.owner, event.at, event.action.page.as_deref())).collect()
            }
            Message::Order { order, owner } if (told_at - order.created_at).abs() <= TIMEOUT => {
                vec![(owner, order.created_at, None)]
            }
            Message::Order { .. } => vec![],
        };
        for (owner, at, page) in told {
            let Some(key) = visitor_key(owner) else { continue };
            if firsts.get(&key).is_none_or(|first| at < first.at) {
                firsts.insert(key, First { at, page: page.unwrap_or("/").to_owned() });
            }
        }
    }
    firsts
}

/// A visit of which no more is known.
fn direct(visitor: VisitorKey, First { at, page }: First) -> ImportedSession {
    let hit = Hit {
        at,
        visitor,
        before: Vec::new(),
        utm: Utm::default(),
        click_ids: Vec::new(),
        meta_cookies: (None, None),
        touch: touch(Reading::default(), &[], None),
        path: page,
        referrer: None,
        ip: None,
        agent: Agent::default(),
    };
    ImportedSession { name: String::new(), hit, client: Client::default(), place: Place::default(), last_seen: at }
}
