//! The log of what was committed: each transaction that writes appends a row, and every process reads what it has not
//! seen yet, whoever wrote it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::Store;
use super::db::Snapshot;
use super::error::StoreError;
use super::sql::{Bind, Row, Sql};
use crate::model::live::{NEWS_LASTS, ON_SITE};
use crate::model::{Id, Millis};

/// A reading is at most so many changes; who reads goes on until there are fewer.
pub const PAGE: usize = 500;
/// A change names at most so many sales, other actions and sessions: no more are ever shown.
const NAMED: usize = 50;
/// So many old changes are removed at a time.
const PRUNED: usize = 1_000;

/// What a transaction concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// What reports are made of.
    Facts,
    /// Who may look, and whose requests are left out.
    Access,
    /// What users of the dashboard have saved for themselves.
    Settings,
}

impl About {
    fn key(self) -> &'static str {
        match self {
            Self::Facts => "facts",
            Self::Access => "access",
            Self::Settings => "settings",
        }
    }

    /// What a later build may have written there could concern reports.
    fn of(key: &str) -> Self {
        [Self::Access, Self::Settings].into_iter().find(|about| about.key() == key).unwrap_or(Self::Facts)
    }
}

/// Something that a transaction stored: what is needed to tell whether it is news, and to find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noted {
    /// Whose it is.
    pub visitor: Id,
    /// Its own id.
    pub id: Id,
    /// When it happened.
    pub at: Millis,
    /// Is it a lead or a purchase?
    pub is_conversion: bool,
}

/// What a transaction stored so far.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// Visitors who did something themselves, and when.
    pub seen: Vec<(Id, Millis)>,
    /// Actions.
    pub actions: Vec<Noted>,
    /// Sessions that opened.
    pub sessions: Vec<Noted>,
}

/// What of a change may still be news when it is committed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct News {
    /// Who was on the site just now, and when last.
    pub visitors: Vec<(Id, Millis)>,
    /// Leads and purchases, each with its visitor: however much else there is, it does not crowd them out.
    pub sales: Vec<(Id, Id)>,
    /// Other actions, each with its visitor.
    pub actions: Vec<(Id, Id)>,
    /// Sessions, each with its visitor.
    pub sessions: Vec<(Id, Id)>,
}

impl Notes {
    /// What is news at `now`.
    pub fn news(self, now: Millis) -> News {
        let mut visitors: BTreeMap<Id, Millis> = BTreeMap::new();
        for (visitor, at) in self.seen.into_iter().filter(|(_, at)| *at >= now - ON_SITE) {
            visitors.entry(visitor).and_modify(|last| *last = at.max(*last)).or_insert(at);
        }
        let (sales, actions) = self.actions.into_iter().partition(|action| action.is_conversion);
        News {
            visitors: visitors.into_iter().collect(),
            sales: newest(sales, now),
            actions: newest(actions, now),
            sessions: newest(self.sessions, now),
        }
    }
}

/// The newest, without those that are no news any more.
fn newest(mut noted: Vec<Noted>, now: Millis) -> Vec<(Id, Id)> {
    noted.retain(|one| one.at >= now - NEWS_LASTS);
    noted.sort_by_key(|one| std::cmp::Reverse((one.at, one.id)));
    noted.truncate(NAMED);
    let names: BTreeSet<(Id, Id)> = noted.into_iter().map(|one| (one.visitor, one.id)).collect();
    names.into_iter().collect()
}

/// The row of a transaction that concerns `about`, in the order of the log's columns behind its number.
pub(super) fn row(about: About, notes: Notes) -> [Bind; 3] {
    let now = now();
    let news = notes.news(now);
    // Lists of numbers always have a JSON form.
    let text = if news == News::default() { None } else { serde_json::to_string(&news).ok() };
    [now.into(), about.key().into(), text.unwrap_or_default().into()]
}

/// A commit's time is the clock's and nobody's argument: whoever writes it down is about to commit.
fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}

/// A transaction that was committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// When, by the clock of its process.
    pub at: Millis,
    /// What it concerns.
    pub about: About,
    /// What may still be news of it.
    pub news: News,
}

/// How far a reader of the log has come.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    seen: Snapshot,
}

impl Store {
    /// Calls `heard` after each commit, of whatever process, until the connection that it listens on is lost. Commits
    /// while nobody listened are not told: the log knows of them.
    pub async fn hear_commits(&self, heard: impl Fn()) -> Result<(), StoreError> {
        self.db.hear_commits(heard).await
    }

    /// The changes that `reader` has not seen, at most [`PAGE`]; a new reader sees all that the log still holds. A
    /// transaction that is open for long holds up none that came after it.
    pub async fn changes(&self, reader: &mut Reader) -> Result<Vec<Change>, StoreError> {
        let mut tx = self.db.read().await?;
        let mut now = tx.snapshot().await?;
        if now == reader.seen {
            return Ok(Vec::new());
        }
        // Nothing of this database has a number from `next` on: such rows came with it from another server.
        let mut sql = Sql::new("select id, at, about, news from change where id < ");
        sql.push_bind(now.next).push(" and (id >= ").push_bind(reader.seen.next);
        if !reader.seen.open.is_empty() {
            sql.push(" or id in ").push_list(reader.seen.open.iter().copied());
        }
        sql.push(&format!(") order by id limit {PAGE}"));
        let rows = tx.rows(&sql).await?;
        if let (true, Some(last)) = (rows.len() >= PAGE, rows.last()) {
            now.next = last.int(0)? + 1;
            now.open.retain(|open| *open < now.next);
        }
        reader.seen = now;
        rows.iter().map(change).collect()
    }

    /// Removes the changes from before `before`, a few at a time; the newest one stays, as numbers go on from it.
    /// Returns how many went.
    pub async fn prune_changes(&self, before: Millis) -> Result<u64, StoreError> {
        let mut tx = self.db.write_unlogged().await?;
        let sql = Sql::new(&format!(
            "delete from change where id in (select id from change where at < $1 \
             and id < (select max(id) from change) order by id limit {PRUNED})"
        ));
        let pruned = tx.run(&sql.bind(before)).await?;
        tx.commit().await?;
        Ok(pruned)
    }
}

fn change(row: &Row) -> Result<Change, StoreError> {
    let news = row.text(3)?;
    Ok(Change {
        at: row.int(1)?,
        about: About::of(&row.text(2)?),
        // What a later build may have written there is no news to this one.
        news: if news.is_empty() { News::default() } else { serde_json::from_str(&news).unwrap_or_default() },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = 1_795_341_600_000;

    fn noted(visitor: i64, id: i64, ago: Millis) -> Noted {
        Noted { visitor: Id(visitor), id: Id(id), at: NOW - ago, is_conversion: false }
    }

    #[test]
    fn what_is_recent_is_news() {
        let sale = Noted { is_conversion: true, ..noted(9, 90, 1) };
        let seen = [(1, 3), (1, ON_SITE + 1), (2, ON_SITE), (2, 5), (2, 7), (3, ON_SITE + 1)];
        let notes = Notes {
            seen: seen.map(|(visitor, ago)| (Id(visitor), NOW - ago)).into(),
            actions: vec![
                noted(1, 10, ON_SITE + 1),
                noted(2, 20, ON_SITE),
                noted(2, 21, 5),
                noted(2, 22, 7),
                noted(3, 30, NEWS_LASTS + 1),
                sale,
                sale,
            ],
            sessions: vec![noted(1, 11, ON_SITE + 1), noted(4, 40, NEWS_LASTS + 1)],
        };
        let news = notes.news(NOW);
        assert_eq!(news.visitors, [(Id(1), NOW - 3), (Id(2), NOW - 5)]);
        let names =
            |names: &[(i64, i64)]| names.iter().map(|(visitor, id)| (Id(*visitor), Id(*id))).collect::<Vec<_>>();
        assert_eq!(news.actions, names(&[(1, 10), (2, 20), (2, 21), (2, 22)]));
        assert_eq!(news.sales, names(&[(9, 90)]), "each is named once");
        assert_eq!(news.sessions, names(&[(1, 11)]));
        assert_eq!(Notes::default().news(NOW), News::default());
    }

    #[test]
    fn a_large_change_names_its_newest_and_every_sale() {
        let mut actions: Vec<Noted> = (0..3_000).map(|number| noted(number, number, number)).collect();
        actions[2_999].is_conversion = true;
        let news = Notes { actions, ..Notes::default() }.news(NOW);
        assert_eq!(news.actions.len(), NAMED);
        let ids: Vec<i64> = news.actions.iter().map(|(_, id)| id.0).collect();
        assert!((0..50).all(|id| ids.contains(&id)), "{ids:?}");
        assert_eq!(news.sales, [(Id(2_999), Id(2_999))]);
    }
}
