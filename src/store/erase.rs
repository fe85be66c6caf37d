//! Erasure: everything that identifies one person, found by what they or the shop know of them.

use std::collections::BTreeSet;

use super::audit::AuditLine;
use super::db::Tx;
use super::error::StoreError;
use super::ingest::TRIES;
use super::insert::with_list;
use super::privacy::{Forgotten, Schema, forget_visitor};
use super::sql::{Bind, Sql};
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

/// A column of orders, and what stands in it in those of `whom`; `None` when it is not orders that they are found by.
async fn of_orders(tx: &mut Tx, whom: &Whom) -> Result<Option<(&'static str, Vec<[Bind; 1]>)>, StoreError> {
    Ok(match whom {
        Whom::Email(email) => Some(("email", spellings(tx, email).await?)),
        Whom::Order(number) => Some(("number", vec![[number.as_str().into()]])),
        Whom::Visitor(_) => None,
    })
}

/// How an e-mail address is spelt in orders. Folded here: databases do not agree on what is the same letter.
async fn spellings(tx: &mut Tx, email: &str) -> Result<Vec<[Bind; 1]>, StoreError> {
    let folded = email.to_lowercase();
    let mut spellings = Vec::new();
    for row in tx.rows(&Sql::new("select distinct email from orders where email is not null")).await? {
        let spelling = row.text(0)?;
        if spelling.to_lowercase() == folded {
            spellings.push([Bind::from(spelling.as_str())]);
        }
    }
    Ok(spellings)
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
        let orders = of_orders(&mut tx, whom).await?;
        let visitors = visitors_of(&mut tx, whom, orders.as_ref()).await?;
        if !visitors.is_empty() {
            visitor::lock(&mut tx, visitors.iter().copied()).await?;
        }
        for visitor in visitors {
            forget_visitor(&mut tx, &schema, visitor, self.ids.mint(now), &mut done).await?;
        }
        // What they ordered unseen belongs to nobody.
        if let Some((column, theirs)) = orders {
            let head = format!("update orders set email = null, phone = null where visitor_id = 0 and {column} in (");
            done.orders += with_list(&mut tx, &head, &theirs, ") returning id").await?.len() as u64;
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

async fn visitors_of(
    tx: &mut Tx,
    whom: &Whom,
    orders: Option<&(&'static str, Vec<[Bind; 1]>)>,
) -> Result<BTreeSet<Id>, StoreError> {
    match (whom, orders) {
        (Whom::Visitor(name), _) => visitor_of(tx, name).await,
        (_, Some((column, theirs))) => {
            let head = format!("select distinct visitor_id from orders where visitor_id <> 0 and {column} in (");
            with_list(tx, &head, theirs, ")").await?.iter().map(|row| row.id(0)).collect()
        }
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
