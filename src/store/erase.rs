//! Erasure: everything that identifies one person, found by what they or the shop know of them.

use std::collections::BTreeSet;

use super::audit::AuditLine;
use super::db::Tx;
use super::error::StoreError;
use super::ingest::TRIES;
use super::privacy::{Forgotten, Schema, forget_visitor};
use super::sql::Sql;
use super::{Store, visitor};
use crate::model::{Id, Millis};
use crate::tracking::key;

/// Who is to be erased.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// Whoever ordered with this e-mail address.
    Email(String),
    /// The visitor with this id, with this value of the cookie, or whom the shop calls so.
    Visitor(String),
    /// Whoever placed the order with this number.
    Order(String),
}

impl Whom {
    /// By what they are found; the audit says no more.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Email(_) => "email",
            Self::Visitor(_) => "visitor",
            Self::Order(_) => "order",
        }
    }
}

/// A statement that begins with `text` and ends with the condition that finds the orders of `whom`; `None` when it is
/// not orders that they are found by.
fn of_orders(text: &str, whom: &Whom) -> Option<Sql> {
    let mut sql = Sql::new(text);
    match whom {
        // SQLite folds the case of Latin letters alone; whoever has others writes them as they were.
        Whom::Email(email) => {
            sql.push("(lower(email) = ").push_bind(email.to_lowercase());
            sql.push(" or email = ").push_bind(email.as_str()).push(")");
        }
        Whom::Order(number) => {
            sql.push("number = ").push_bind(number.as_str());
        }
        Whom::Visitor(_) => return None,
    }
    Some(sql)
}

impl Store {
    /// Removes what identifies `whom`: addresses, agents, click ids, cookies' hashes, codes, searches, e-mails and
    /// phones; their sessions, actions and orders go to new visitors that nothing leads to. `who` asked for it. What was
    /// found is also what was removed; nothing found is nothing done.
    pub async fn erase(&self, whom: &Whom, who: &str, now: Millis) -> Result<Forgotten, StoreError> {
        let mut tried = 1;
        loop {
            match self.try_erase(whom, who, now).await {
                Err(error) if error.is_worth_another_try() && tried < TRIES => tried += 1,
                result => return result,
            }
        }
    }

    async fn try_erase(&self, whom: &Whom, who: &str, now: Millis) -> Result<Forgotten, StoreError> {
        let mut done = Forgotten::default();
        let mut tx = self.db.write().await?;
        let schema = Schema::of(&mut tx).await?;
        let visitors = visitors_of(&mut tx, whom).await?;
        if !visitors.is_empty() {
            visitor::lock(&mut tx, visitors.iter().copied()).await?;
        }
        for visitor in visitors {
            forget_visitor(&mut tx, &schema, visitor, self.ids.mint(now), &mut done).await?;
        }
        // What they ordered unseen belongs to nobody.
        let theirs = of_orders("update orders set email = null, phone = null where visitor_id = 0 and ", whom);
        if let Some(theirs) = theirs {
            done.orders += tx.run(&theirs).await?;
        }
        if done != Forgotten::default() {
            let Forgotten { visitors, keys, sessions, codes, actions, orders } = done;
            let detail = format!(
                "by {}: {visitors} visitors, {keys} keys, {sessions} sessions, {codes} codes, {actions} actions, {orders} orders",
                whom.kind()
            );
            // The log of changes names whoever was here just now.
            tx.run(&Sql::new("update change set news = '' where news <> ''")).await?;
            self.note(&mut tx, &AuditLine { at: now, who: who.to_owned(), what: "erase".to_owned(), detail }).await?;
        }
        tx.commit().await?;
        Ok(done)
    }
}

async fn visitors_of(tx: &mut Tx, whom: &Whom) -> Result<BTreeSet<Id>, StoreError> {
    let of_order = of_orders("select distinct visitor_id from orders where visitor_id <> 0 and ", whom);
    match (whom, of_order) {
        (Whom::Visitor(name), _) => visitor_of(tx, name).await,
        (_, Some(sql)) => tx.rows(&sql).await?.iter().map(|row| row.id(0)).collect(),
        (_, None) => Ok(BTreeSet::new()),
    }
}

/// By our own id, if `name` is one, else as others name visitors.
async fn visitor_of(tx: &mut Tx, name: &str) -> Result<BTreeSet<Id>, StoreError> {
    if let Ok(id) = name.parse::<i64>() {
        let sql = Sql::new("select id from visitor where id = $1").bind(id);
        if let Some(row) = tx.row(&sql).await? {
            return Ok(BTreeSet::from([row.id(0)?]));
        }
    }
    Ok(visitor::find(tx, [&key::of_name(name)]).await?.into_values().collect())
}
