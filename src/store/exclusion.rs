//! Exclusions: edited by administrators, and resolved into what requests are compared with.

use std::collections::BTreeSet;

use super::change::About;
use super::db::Tx;
use super::error::StoreError;
use super::sql::{Row, Sql};
use super::{Store, visitor};
use crate::model::exclusion::{Exclusion, ExclusionKind, NewExclusion};
use crate::model::visitor::VisitorKey;
use crate::model::{Id, Millis};
use crate::tracking::exclusion::{Exclusions, LiveExclusions, network};

impl Store {
    /// Adds an exclusion, switched on. `false`: there is one of that kind and value.
    pub async fn add_exclusion(&self, new: &NewExclusion, by: &str, now: Millis) -> Result<bool, StoreError> {
        let statement = |id: Id| {
            Sql::new(
                "insert into exclusion (id, kind, value, note, is_active, created_at, created_by) \
                 values ($1, $2, $3, $4, 1, $5, $6) on conflict (kind, value) do nothing returning id",
            )
            .bind(id)
            .bind(new.kind.name())
            .bind(new.value.as_str())
            .bind(new.note.as_str())
            .bind(now)
            .bind(by)
        };
        self.add_named(statement, now).await
    }

    /// Every exclusion, the newest first.
    pub async fn exclusions(&self) -> Result<Vec<Exclusion>, StoreError> {
        let select = "select id, kind, value, note, is_active, created_at, created_by from exclusion order by id desc";
        self.db.read().await?.rows(&Sql::new(select)).await?.iter().map(exclusion).collect()
    }

    /// Switches an exclusion on or off. `false`: there is no such exclusion.
    pub async fn switch_exclusion(&self, id: Id, is_active: bool) -> Result<bool, StoreError> {
        self.edit_exclusion(&Sql::new("update exclusion set is_active = $1 where id = $2").bind(is_active).bind(id))
            .await
    }

    /// Deletes an exclusion. `false`: there is no such exclusion.
    pub async fn delete_exclusion(&self, id: Id) -> Result<bool, StoreError> {
        self.edit_exclusion(&Sql::new("delete from exclusion where id = $1").bind(id)).await
    }

    async fn edit_exclusion(&self, edit: &Sql) -> Result<bool, StoreError> {
        let mut tx = self.db.write_about(About::Access).await?;
        let edited = tx.run(edit).await?;
        tx.commit().await?;
        Ok(edited > 0)
    }

    /// Puts into `live` what is excluded now: what is switched on, visitors by their keys, logins by those that are open.
    pub async fn load_exclusions(&self, live: &LiveExclusions, now: Millis) -> Result<(), StoreError> {
        let ticket = live.ticket();
        let exclusions = self.active_exclusions(now).await?;
        live.put(ticket, exclusions);
        Ok(())
    }

    async fn active_exclusions(&self, now: Millis) -> Result<Exclusions, StoreError> {
        let mut tx = self.db.read().await?;
        let rows = tx.rows(&Sql::new("select kind, value from exclusion where is_active = 1 order by id")).await?;
        let (mut exclusions, mut ids, mut emails) = (Exclusions::default(), Vec::<Id>::new(), Vec::new());
        for row in &rows {
            let value = row.text(1)?;
            match row.parsed(0, "a kind of exclusion")? {
                ExclusionKind::Address => exclusions.addresses.extend(network(&value)),
                ExclusionKind::UserAgent => exclusions.agents.push(value),
                ExclusionKind::Path => exclusions.paths.push(value),
                ExclusionKind::Login => emails.push(value),
                ExclusionKind::Visitor => match value.parse() {
                    Ok(id) => ids.push(id),
                    Err(_) => {
                        exclusions.visitors.insert(VisitorKey(value));
                    }
                },
            }
        }
        if !ids.is_empty() {
            let mut keys = Sql::new("select key from visitor_key where visitor_id in ");
            keys.push_list(ids);
            for row in tx.rows(&keys).await? {
                exclusions.visitors.insert(VisitorKey(row.text(0)?));
            }
        }
        if !emails.is_empty() {
            let mut logins =
                Sql::new("select l.secret_hash from login l join users u on u.id = l.user_id where u.email in ");
            logins.push_list(emails).push(" and l.expires_at > ").push_bind(now);
            for row in tx.rows(&logins).await? {
                exclusions.logins.insert(row.text(0)?);
            }
        }
        Ok(exclusions)
    }
}

/// The visitors who are left out, by whatever they were named.
pub(super) async fn visitors(tx: &mut Tx) -> Result<BTreeSet<Id>, StoreError> {
    let sql = Sql::new("select value from exclusion where kind = $1 and is_active = 1 order by id");
    let rows = tx.rows(&sql.bind(ExclusionKind::Visitor.name())).await?;
    let (mut ids, mut keys) = (BTreeSet::new(), Vec::new());
    for row in &rows {
        let value = row.text(0)?;
        match value.parse() {
            Ok(id) => drop(ids.insert(id)),
            Err(_) => keys.push(VisitorKey(value)),
        }
    }
    ids.extend(visitor::find(tx, &keys).await?.into_values());
    Ok(ids)
}

fn exclusion(row: &Row) -> Result<Exclusion, StoreError> {
    Ok(Exclusion {
        id: row.id(0)?,
        kind: row.parsed(1, "a kind of exclusion")?,
        value: row.text(2)?,
        note: row.text(3)?,
        is_active: row.flag(4)?,
        created_at: row.int(5)?,
        created_by: row.text(6)?,
    })
}
