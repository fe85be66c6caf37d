//! Codes that name a session to people: made when first asked for.

use super::Store;
use super::db::Tx;
use super::error::StoreError;
use super::sql::{Row, Sql};
use crate::model::session::TIMEOUT;
use crate::model::visitor::VisitorKey;
use crate::model::{Id, Millis, SessionCode};

/// So many codes are tried before it is given up: with a billion codes taken, one in two is.
const TRIES: usize = 5;

impl Store {
    /// The code of the session that the visitor `key` is in at `now`; `None` when there is none, or none is stored yet.
    pub async fn session_code(&self, key: &VisitorKey, now: Millis) -> Result<Option<SessionCode>, StoreError> {
        let (visitor_id, session_id) = match current(&mut self.db.read().await?, key, now).await? {
            None => return Ok(None),
            Some((_, Some(code))) => return Ok(Some(code)),
            Some((session, None)) => session,
        };
        let mut tx = self.db.write().await?;
        for _ in 0..TRIES {
            let mut random = [0; 6];
            // Without random numbers there is no code: one that others could meet would give them this visitor's orders.
            if getrandom::fill(&mut random).is_err() {
                return Ok(None);
            }
            // A code that is taken is tried again; one that the session has by now, from another process, is its code.
            let sql = Sql::new(
                "insert into session_code (code, visitor_id, session_id, created_at) values ($1, $2, $3, $4) \
                 on conflict do nothing",
            );
            let code = SessionCode::of(random);
            tx.run(&sql.bind(code.as_str()).bind(visitor_id).bind(session_id).bind(now)).await?;
            if let Some(code) = stored(&mut tx, (visitor_id, session_id)).await? {
                tx.commit().await?;
                return Ok(Some(code));
            }
        }
        Ok(None)
    }
}

/// The session that goes on at `now`, with its visitor and the code that it has. One statement: pages wait for it.
async fn current(
    tx: &mut Tx,
    key: &VisitorKey,
    now: Millis,
) -> Result<Option<((Id, Id), Option<SessionCode>)>, StoreError> {
    let sql = Sql::new(
        "select v.id, v.session_id, c.code from visitor_key k join visitor v on v.id = k.visitor_id \
         left join session_code c on c.visitor_id = v.id and c.session_id = v.session_id \
         where k.key = $1 and v.last_seen >= $2 and v.session_id is not null",
    );
    let row = tx.row(&sql.bind(key.0.as_str()).bind(now.saturating_sub(TIMEOUT))).await?;
    row.map(|row| Ok(((row.id(0)?, row.id(1)?), code(&row, 2)?))).transpose()
}

fn code(row: &Row, column: usize) -> Result<Option<SessionCode>, StoreError> {
    row.opt_text(column)?.map(|_| row.parsed(column, "a session's code")).transpose()
}

async fn stored(tx: &mut Tx, (visitor, session): (Id, Id)) -> Result<Option<SessionCode>, StoreError> {
    let sql = Sql::new("select code from session_code where visitor_id = $1 and session_id = $2");
    let row = tx.row(&sql.bind(visitor).bind(session)).await?;
    Ok(row.map(|row| code(&row, 0)).transpose()?.flatten())
}
