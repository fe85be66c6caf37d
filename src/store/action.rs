//! Actions: inserted, and asked for their repeats.

use std::collections::HashSet;

use super::change::Noted;
use super::db::Tx;
use super::error::StoreError;
use super::insert::{insert, with_rows};
use super::sql::{Bind, Row, Sql};
use crate::model::{Action, Id, Millis};

const COLUMNS: &str = "visitor_id, id, session_id, at, kind, subject, page_id, product_id, product_name, value, \
    order_number, query, points, metadata";

/// Inserts actions, each with the dictionary row of its page.
pub async fn add(tx: &mut Tx, actions: &[(Action, Option<i64>)]) -> Result<(), StoreError> {
    let rows: Vec<_> = actions.iter().map(|(action, page)| binds(action, *page)).collect();
    insert(tx, "action", COLUMNS, &rows, "").await?;
    for (Action { id, visitor_id, at, what, .. }, _) in actions {
        let is_conversion = what.kind.is_conversion();
        // A payment does not say where its visitor is.
        if !is_conversion {
            tx.note_seen(*visitor_id, *at);
        }
        if !what.is_measurement() {
            tx.note_action(Noted { visitor: *visitor_id, id: *id, at: *at, is_conversion });
        }
    }
    Ok(())
}

fn binds(action: &Action, page: Option<i64>) -> [Bind; 14] {
    let what = &action.what;
    [
        action.visitor_id.into(),
        action.id.into(),
        action.session_id.into(),
        action.at.into(),
        what.kind.key().into(),
        what.subject().into(),
        page.into(),
        (&what.product_id).into(),
        (&what.product_name).into(),
        what.value.into(),
        (&what.order).into(),
        (&what.query).into(),
        action.points.into(),
        (&what.metadata).into(),
    ]
}

/// What makes a second action of a session a repeat: session, kind and subject.
pub type Repeat = (Id, String, String);

/// An action of which there is one: what it is asked for by.
pub type Sought = ((Id, Id), String, String);

/// Which of the sought actions (visitor and session, kind, subject) are stored.
pub async fn known(tx: &mut Tx, sought: &HashSet<Sought>) -> Result<HashSet<Repeat>, StoreError> {
    let rows: Vec<_> = sought
        .iter()
        .map(|((visitor, session), kind, subject)| {
            [Bind::from(*visitor), (*session).into(), kind.as_str().into(), subject.as_str().into()]
        })
        .collect();
    let head = "with w (visitor_id, session_id, kind, subject) as (values ";
    let tail = ") select w.session_id, w.kind, w.subject from w where exists (select 1 from action a where \
                a.visitor_id = w.visitor_id and a.session_id = w.session_id and a.kind = w.kind and \
                a.subject = w.subject)";
    let rows = with_rows(tx, head, &rows, tail).await?;
    rows.iter().map(|row| Ok((row.id(0)?, row.text(1)?, row.text(2)?))).collect()
}

/// A stored lead or purchase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversion {
    /// Whose it is.
    pub visitor: Id,
    /// Its own id.
    pub id: Id,
    /// In which session it was done.
    pub session: Id,
    /// When.
    pub at: Millis,
    /// `lead` or `purchase`.
    pub kind: String,
    /// The number of its order; empty without one.
    pub order: String,
    /// What it earns.
    pub points: i64,
}

/// The leads and purchases of sessions, the oldest first.
pub async fn conversions(tx: &mut Tx, sessions: &[(Id, Id)]) -> Result<Vec<Conversion>, StoreError> {
    let rows: Vec<_> = sessions
        .iter()
        .flat_map(|(visitor, session)| {
            ["lead", "purchase"].map(|kind| [Bind::from(*visitor), (*session).into(), kind.into()])
        })
        .collect();
    let head = "with w (visitor_id, session_id, kind) as (values ";
    let tail = ") select a.visitor_id, a.id, a.session_id, a.at, a.kind, a.subject, a.points from w join action a \
                on a.visitor_id = w.visitor_id and a.session_id = w.session_id and a.kind = w.kind";
    let rows = with_rows(tx, head, &rows, tail).await?;
    let read = |row: &Row| {
        Ok(Conversion {
            visitor: row.id(0)?,
            id: row.id(1)?,
            session: row.id(2)?,
            at: row.int(3)?,
            kind: row.text(4)?,
            order: row.text(5)?,
            points: row.int(6)?,
        })
    };
    let mut found: Vec<Conversion> = rows.iter().map(read).collect::<Result<_, StoreError>>()?;
    found.sort_by_key(|action| (action.at, action.id));
    Ok(found)
}

/// Sets what actions earn, each named by its visitor and its id.
pub async fn set_points(tx: &mut Tx, points: &[(Id, Id, i64)]) -> Result<(), StoreError> {
    let rows: Vec<_> =
        points.iter().map(|(visitor, id, points)| [Bind::from(*visitor), (*id).into(), (*points).into()]).collect();
    let head = "with w (visitor_id, id, points) as (values ";
    let tail = ") update action set points = w.points from w where action.visitor_id = w.visitor_id \
                and action.id = w.id";
    with_rows(tx, head, &rows, tail).await?;
    Ok(())
}

/// Moves the leads and purchases of an order into another session.
pub async fn move_order(tx: &mut Tx, order: &str, from: (Id, Id), to: (Id, Id)) -> Result<(), StoreError> {
    let sql = Sql::new(
        "update action set visitor_id = $1, session_id = $2 where visitor_id = $3 and session_id = $4 \
         and kind in ('lead', 'purchase') and subject = $5",
    );
    tx.run(&sql.bind(to.0).bind(to.1).bind(from.0).bind(from.1).bind(order)).await?;
    Ok(())
}
