//! Visitors: found by their keys, locked for the length of a transaction.

use std::collections::{BTreeMap, BTreeSet};

use super::db::Tx;
use super::error::StoreError;
use super::insert::{insert, insert_and_count, with_list};
use super::sql::{Bind, Row, Sql};
use crate::model::session::TIMEOUT;
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
    /// Has it no row yet?
    pub is_new: bool,
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
            is_new: true,
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
            is_new: false,
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

/// The first event in hand of a key.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// Its time.
    pub at: Millis,
    /// What the same browser may have been known by until then, the latest first.
    pub before: &'a [VisitorKey],
}

/// Finds the visitors of `keys`, or makes them, and locks them; several keys may name one visitor. A new key with which
/// a browser goes on a visit takes the place of the key that the visit had before. The row of a new visitor is written
/// when it is saved.
pub async fn find_or_make(
    tx: &mut Tx,
    ids: &IdSource,
    keys: &BTreeMap<&VisitorKey, Arrival<'_>>,
) -> Result<(BTreeMap<VisitorKey, Id>, BTreeMap<Id, Visitor>), StoreError> {
    let mut found = find(tx, keys.keys().copied()).await?;
    let mut born = BTreeMap::new();
    // What may be gone on with comes first: a visit may begin and change its key within one batch.
    let (going_on, fresh) = unknown(keys, &found).into_iter().partition(|(_, arrival)| !arrival.before.is_empty());
    make(tx, ids, fresh, &mut found, &mut born).await?;
    take_over(tx, going_on, &mut found, &born).await?;
    make(tx, ids, unknown(keys, &found), &mut found, &mut born).await?;
    let known: BTreeSet<Id> = found.values().copied().filter(|id| !born.contains_key(id)).collect();
    let mut visitors = if known.is_empty() { BTreeMap::new() } else { lock(tx, known).await? };
    visitors.extend(born);
    Ok((found, visitors))
}

/// Keys whose visitors are not found yet.
type Unknown<'a> = Vec<(&'a VisitorKey, Arrival<'a>)>;

fn unknown<'a>(keys: &BTreeMap<&'a VisitorKey, Arrival<'a>>, found: &BTreeMap<VisitorKey, Id>) -> Unknown<'a> {
    keys.iter().filter(|(key, _)| !found.contains_key(**key)).map(|(key, arrival)| (*key, *arrival)).collect()
}

/// Makes the visitors of new keys.
async fn make(
    tx: &mut Tx,
    ids: &IdSource,
    unknown: Unknown<'_>,
    found: &mut BTreeMap<VisitorKey, Id>,
    born: &mut BTreeMap<Id, Visitor>,
) -> Result<(), StoreError> {
    if unknown.is_empty() {
        return Ok(());
    }
    let minted: Vec<(&VisitorKey, Id, Millis)> =
        unknown.into_iter().map(|(key, arrival)| (key, ids.mint(arrival.at), arrival.at)).collect();
    let wanted: Vec<_> = minted.iter().map(|(key, id, _)| [Bind::from(key.0.as_str()), (*id).into()]).collect();
    let made = insert_and_count(tx, "visitor_key", "key, visitor_id", &wanted, "on conflict (key) do nothing").await?;
    if made == minted.len() as u64 {
        found.extend(minted.iter().map(|(key, id, _)| ((*key).clone(), *id)));
    } else {
        // Another process met some of the same new browsers a moment earlier: theirs hold.
        found.extend(find(tx, minted.iter().map(|(key, ..)| *key)).await?);
    }
    let ours = minted.into_iter().filter(|(key, id, _)| found.get(*key) == Some(id));
    born.extend(ours.map(|(_, id, at)| (id, Visitor::new(id, at))));
    Ok(())
}

/// Gives new keys the visits that their browsers had under another key, and were not over yet. The old key becomes the
/// new one: it is nobody's from then on, so that no two browsers can have one visit, nor two processes give it away.
async fn take_over(
    tx: &mut Tx,
    unknown: Unknown<'_>,
    found: &mut BTreeMap<VisitorKey, Id>,
    born: &BTreeMap<Id, Visitor>,
) -> Result<(), StoreError> {
    if unknown.is_empty() {
        return Ok(());
    }
    let before: Vec<_> =
        unknown.iter().flat_map(|(_, arrival)| arrival.before).map(|key| [Bind::from(key.0.as_str())]).collect();
    let head = "select k.key, v.last_seen from visitor_key k join visitor v on v.id = k.visitor_id where k.key in (";
    // Those of this batch have no row yet.
    let mut open: BTreeMap<VisitorKey, Millis> =
        found.iter().filter_map(|(key, id)| Some((key.clone(), born.get(id)?.last_seen))).collect();
    for row in with_list(tx, head, &before, ")").await? {
        open.insert(VisitorKey(row.text(0)?), row.int(1)?);
    }
    for (key, Arrival { at, before }) in unknown {
        let is_open = |old: &VisitorKey| open.get(old).is_some_and(|seen| at - seen <= TIMEOUT);
        let Some(old) = before.iter().find(|old| is_open(old)) else { continue };
        let rename = Sql::new("update visitor_key set key = $1 where key = $2 returning visitor_id");
        open.remove(old);
        // Another process may have been quicker.
        if let Some(row) = tx.row(&rename.bind(key.0.as_str()).bind(old.0.as_str())).await? {
            found.insert(key.clone(), row.id(0)?);
        }
    }
    Ok(())
}

/// The visitors of `keys`, without locking them.
pub async fn find<'a>(
    tx: &mut Tx,
    keys: impl IntoIterator<Item = &'a VisitorKey>,
) -> Result<BTreeMap<VisitorKey, Id>, StoreError> {
    let keys: Vec<_> = keys.into_iter().map(|key| [Bind::from(key.0.as_str())]).collect();
    let rows = with_list(tx, "select key, visitor_id from visitor_key where key in (", &keys, ")").await?;
    rows.iter().map(|row| Ok((VisitorKey(row.text(0)?), row.id(1)?))).collect()
}

/// Locks visitors until the transaction ends, in the order of their ids. One that is missing was erased since it was
/// found.
pub async fn lock(tx: &mut Tx, ids: impl IntoIterator<Item = Id>) -> Result<BTreeMap<Id, Visitor>, StoreError> {
    let ids: BTreeSet<Id> = ids.into_iter().collect();
    let wanted: Vec<_> = ids.iter().map(|id| [Bind::from(*id)]).collect();
    let (head, tail) = (format!("select {COLUMNS} from visitor where id in ("), tx.locking());
    let rows = with_list(tx, &head, &wanted, &format!(") order by id{tail}")).await?;
    if rows.len() < ids.len() {
        return Err(StoreError::VisitorGone);
    }
    rows.iter().map(Visitor::from_row).map(|visitor| visitor.map(|visitor| (visitor.id, visitor))).collect()
}

/// Notes that a visitor registered; the first time counts.
pub async fn mark_registered(tx: &mut Tx, visitor: Id, at: Millis) -> Result<(), StoreError> {
    let sql = Sql::new("update visitor set registered_at = $1 where id = $2 and coalesce(registered_at, $1) >= $1");
    tx.run(&sql.bind(at).bind(visitor)).await?;
    Ok(())
}

/// Writes visitors back, and new ones for the first time: their ids are nobody's, or that is a conflict.
pub async fn save(tx: &mut Tx, visitors: &[Visitor]) -> Result<(), StoreError> {
    let (new, known): (Vec<_>, Vec<_>) = visitors.iter().partition(|visitor| visitor.is_new);
    insert(tx, "visitor", COLUMNS, &new.into_iter().map(Visitor::binds).collect::<Vec<_>>(), "").await?;
    let rows: Vec<_> = known.into_iter().map(Visitor::binds).collect();
    let tail = "on conflict (id) do update set last_seen = excluded.last_seen, first_seen = excluded.first_seen, \
                sessions = excluded.sessions, session_id = excluded.session_id, \
                first_touch_id = excluded.first_touch_id, last_touch_id = excluded.last_touch_id";
    insert(tx, "visitor", COLUMNS, &rows, tail).await?;
    Ok(())
}

/// Counts the sessions of visitors anew, the oldest first, and with them the visitors' first and last: after something
/// earlier than the newest one was stored. Of whom more sessions are known than are stored, the first ones were
/// forgotten: they count on.
pub async fn renumber(tx: &mut Tx, ids: impl IntoIterator<Item = Id>) -> Result<(), StoreError> {
    let ids: Vec<_> = ids.into_iter().map(|id| [Bind::from(id)]).collect();
    let sessions = "update session set ordinal = w.place, is_first = case when w.place = 1 then 1 else 0 end from \
        (select s.visitor_id, s.id, row_number() over (partition by s.visitor_id order by s.started_at, s.id) \
        + case when v.sessions > count(*) over (partition by s.visitor_id) \
        then v.sessions - count(*) over (partition by s.visitor_id) else 0 end as place \
        from session s join visitor v on v.id = s.visitor_id where s.visitor_id in (";
    let tail = ")) as w where session.visitor_id = w.visitor_id and session.id = w.id and session.ordinal <> w.place";
    with_list(tx, sessions, &ids, tail).await?;
    let of = |column: &str, direction: &str| {
        format!(
            "(select s.{column} from session s where s.visitor_id = visitor.id \
             order by s.started_at {direction}, s.id {direction} limit 1)"
        )
    };
    let stored = "(select count(*) from session s where s.visitor_id = visitor.id)";
    let first = |column: &str, of_session: &str| {
        format!("case when sessions > {stored} then {column} else {} end", of(of_session, "asc"))
    };
    let visitors = format!(
        "update visitor set sessions = case when sessions > {stored} then sessions else {stored} end, \
         first_seen = {}, session_id = {}, first_touch_id = {}, last_touch_id = {} where id in (",
        first("first_seen", "started_at"),
        of("id", "desc"),
        first("first_touch_id", "touch_id"),
        of("touch_id", "desc"),
    );
    with_list(tx, &visitors, &ids, ") and session_id is not null").await?;
    Ok(())
}
