//! Visitors: found by their keys, locked for the length of a transaction.

use std::collections::BTreeMap;

use super::db::Tx;
use super::error::StoreError;
use super::insert::{insert, with_rows};
use super::sql::{Bind, Row};
use crate::model::visitor::VisitorKey;
use crate::model::{Id, IdSource, Millis};

/// A visitor's row, locked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// Its id.
    pub id: Id,
    /// Its first request.
    pub first_seen: Millis,
    /// Its last page view or action.
    pub last_seen: Millis,
    /// How many sessions it has had.
    pub sessions: i64,
    /// The session that opened last.
    pub session_id: Option<Id>,
    /// The dictionary row of the first session's touch.
    pub first_touch_id: Option<i64>,
    /// The dictionary row of the last session's touch.
    pub last_touch_id: Option<i64>,
}

const COLUMNS: &str = "id, first_seen, last_seen, sessions, session_id, first_touch_id, last_touch_id";

impl Visitor {
    /// A visitor who was never here before.
    pub fn new(id: Id, at: Millis) -> Self {
        Self {
            id,
            first_seen: at,
            last_seen: at,
            sessions: 0,
            session_id: None,
            first_touch_id: None,
            last_touch_id: None,
        }
    }

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id(0)?,
            first_seen: row.int(1)?,
            last_seen: row.int(2)?,
            sessions: row.int(3)?,
            session_id: row.opt_int(4)?.map(Id),
            first_touch_id: row.opt_int(5)?,
            last_touch_id: row.opt_int(6)?,
        })
    }

    fn binds(&self) -> [Bind; 7] {
        [
            self.id.into(),
            self.first_seen.into(),
            self.last_seen.into(),
            self.sessions.into(),
            self.session_id.into(),
            self.first_touch_id.into(),
            self.last_touch_id.into(),
        ]
    }
}

/// Finds the visitors of `keys` and makes those that are new. Each key comes with the time of its first event in
/// hand; several keys may name one visitor.
pub async fn find_or_make(
    tx: &mut Tx,
    ids: &IdSource,
    keys: &BTreeMap<&VisitorKey, Millis>,
) -> Result<BTreeMap<VisitorKey, Id>, StoreError> {
    let mut found = find(tx, keys.keys().copied()).await?;
    let unknown: Vec<_> = keys.iter().filter(|(key, _)| !found.contains_key(**key)).collect();
    if !unknown.is_empty() {
        let wanted: Vec<_> =
            unknown.iter().map(|(key, at)| [Bind::from(key.0.as_str()), ids.mint(**at).into()]).collect();
        let tail = "on conflict (key) do nothing returning key, visitor_id";
        let mut born = Vec::new();
        for row in insert(tx, "visitor_key", "key, visitor_id", &wanted, tail).await? {
            let (key, id) = (VisitorKey(row.text(0)?), row.id(1)?);
            born.push(Visitor::new(id, keys[&key]).binds());
            found.insert(key, id);
        }
        insert(tx, "visitor", COLUMNS, &born, "").await?;
        // Another process met the same new browsers a moment earlier: theirs hold.
        let lost = unknown.iter().map(|(key, _)| **key).filter(|key| !found.contains_key(*key)).collect::<Vec<_>>();
        if !lost.is_empty() {
            found.extend(find(tx, lost).await?);
        }
    }
    Ok(found)
}

/// The visitors of `keys`, without locking them.
pub async fn find<'a>(
    tx: &mut Tx,
    keys: impl IntoIterator<Item = &'a VisitorKey>,
) -> Result<BTreeMap<VisitorKey, Id>, StoreError> {
    let keys: Vec<_> = keys.into_iter().map(|key| [Bind::from(key.0.as_str())]).collect();
    let rows = with_rows(tx, "select key, visitor_id from visitor_key where key in (values ", &keys, ")").await?;
    rows.iter().map(|row| Ok((VisitorKey(row.text(0)?), row.id(1)?))).collect()
}

/// Locks visitors until the transaction ends: the update takes PostgreSQL's row locks, SQLite has one writer anyway.
pub async fn lock(tx: &mut Tx, ids: impl IntoIterator<Item = Id>) -> Result<BTreeMap<Id, Visitor>, StoreError> {
    let ids: Vec<_> = ids.into_iter().map(|id| [Bind::from(id)]).collect();
    let head = "update visitor set last_seen = last_seen where id in (values ";
    let rows = with_rows(tx, head, &ids, &format!(") returning {COLUMNS}")).await?;
    rows.iter().map(Visitor::from_row).map(|visitor| visitor.map(|visitor| (visitor.id, visitor))).collect()
}

/// Writes visitors back.
pub async fn save(tx: &mut Tx, visitors: &[Visitor]) -> Result<(), StoreError> {
    let rows: Vec<_> = visitors.iter().map(Visitor::binds).collect();
    let tail = "on conflict (id) do update set last_seen = excluded.last_seen, first_seen = excluded.first_seen, \
                sessions = excluded.sessions, session_id = excluded.session_id, \
                first_touch_id = excluded.first_touch_id, last_touch_id = excluded.last_touch_id";
    insert(tx, "visitor", COLUMNS, &rows, tail).await?;
    Ok(())
}

/// Counts the sessions of visitors anew, the oldest first, and with them the visitors' first and last: after something
/// earlier than the newest one was stored.
pub async fn renumber(tx: &mut Tx, ids: impl IntoIterator<Item = Id>) -> Result<(), StoreError> {
    let ids: Vec<_> = ids.into_iter().map(|id| [Bind::from(id)]).collect();
    let sessions = "update session set ordinal = w.place, is_first = case when w.place = 1 then 1 else 0 end from \
        (select visitor_id, id, row_number() over (partition by visitor_id order by started_at, id) as place \
        from session where visitor_id in (values ";
    let tail = ")) as w where session.visitor_id = w.visitor_id and session.id = w.id and session.ordinal <> w.place";
    with_rows(tx, sessions, &ids, tail).await?;
    let of = |column: &str, direction: &str| {
        format!(
            "(select s.{column} from session s where s.visitor_id = visitor.id \
             order by s.started_at {direction}, s.id {direction} limit 1)"
        )
    };
    let visitors = format!(
        "update visitor set sessions = (select count(*) from session s where s.visitor_id = visitor.id), \
         first_seen = {}, session_id = {}, first_touch_id = {}, last_touch_id = {} where id in (values ",
        of("started_at", "asc"),
        of("id", "desc"),
        of("touch_id", "asc"),
        of("touch_id", "desc"),
    );
    with_rows(tx, &visitors, &ids, ") and session_id is not null").await?;
    Ok(())
}
