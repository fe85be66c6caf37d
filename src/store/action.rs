//! Actions: inserted, and asked for their repeats.

use std::collections::HashSet;

use super::db::Tx;
use super::error::StoreError;
use super::insert::insert;
use super::sql::{Bind, Sql};
use crate::model::session::BareLead;
use crate::model::{Action, Id};

const COLUMNS: &str = "visitor_id, id, session_id, at, kind, subject, page_id, product_id, product_name, value, \
    order_number, query, points";

/// Inserts actions, each with the dictionary row of its page.
pub async fn add(tx: &mut Tx, actions: &[(Action, Option<i64>)]) -> Result<(), StoreError> {
    let rows: Vec<_> = actions.iter().map(|(action, page)| binds(action, *page)).collect();
    insert(tx, "action", COLUMNS, &rows, "").await?;
    Ok(())
}

fn binds(action: &Action, page: Option<i64>) -> [Bind; 13] {
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
    ]
}

/// What makes a second action of a session a repeat: session, kind and subject.
pub type Repeat = (Id, String, String);

/// Which of `subjects` the sessions had already, with their kinds.
pub async fn had(tx: &mut Tx, sessions: &[(Id, Id)], subjects: &HashSet<&str>) -> Result<HashSet<Repeat>, StoreError> {
    if sessions.is_empty() {
        return Ok(HashSet::new());
    }
    let mut sql = Sql::new("select distinct session_id, kind, subject from action where visitor_id in ");
    sql.push_list(sessions.iter().map(|(visitor, _)| *visitor));
    sql.push(" and session_id in ").push_list(sessions.iter().map(|(_, session)| *session));
    sql.push(" and subject in ").push_list(subjects.iter().copied());
    tx.rows(&sql).await?.iter().map(|row| Ok((row.id(0)?, row.text(1)?, row.text(2)?))).collect()
}

/// The leads of a session that no order stands behind, the oldest first.
pub async fn bare_leads(tx: &mut Tx, visitor: Id, session: Id) -> Result<Vec<BareLead>, StoreError> {
    let sql = Sql::new(
        "select at, points from action where visitor_id = $1 and session_id = $2 and kind = 'lead' and subject = '' \
         order by at, id",
    )
    .bind(visitor)
    .bind(session);
    tx.rows(&sql).await?.iter().map(|row| Ok(BareLead { at: row.int(0)?, points: row.int(1)? })).collect()
}

/// Sets what the actions of an order earn.
pub async fn set_points(
    tx: &mut Tx,
    (visitor, session): (Id, Id),
    kind: &str,
    order: &str,
    points: i64,
) -> Result<(), StoreError> {
    let sql = Sql::new(
        "update action set points = $1 where visitor_id = $2 and session_id = $3 and kind = $4 and subject = $5",
    )
    .bind(points)
    .bind(visitor)
    .bind(session)
    .bind(kind)
    .bind(order);
    tx.run(&sql).await?;
    Ok(())
}
