//! Codes that name a session to people: made when first asked for.

use super::db::Tx;
use super::error::StoreError;
use super::sql::Sql;
use super::{Store, visitor};
use crate::model::session::TIMEOUT;
use crate::model::visitor::VisitorKey;
use crate::model::{Id, Millis, SessionCode};

/// So many codes are tried before it is given up: with a billion codes taken, one in two is.
const TRIES: usize = 5;

impl Store {
    /// The code of the session that the visitor `key` is in at `now`; `None` when there is none, or none is stored yet.
    pub async fn session_code(&self, key: &VisitorKey, now: Millis) -> Result<Option<SessionCode>, StoreError> {
        let mut tx = self.db.read().await?;
        let Some(session) = current(&mut tx, key, now).await? else { return Ok(None) };
        if let Some(code) = stored(&mut tx, session).await? {
            return Ok(Some(code));
        }
        drop(tx);
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
            let (visitor_id, session_id) = session;
            let code = SessionCode::of(random);
            tx.run(&sql.bind(code.as_str()).bind(visitor_id).bind(session_id).bind(now)).await?;
            if let Some(code) = stored(&mut tx, session).await? {
                tx.commit().await?;
                return Ok(Some(code));
            }
        }
        Ok(None)
    }
}

/// The session that goes on at `now`, with its visitor.
async fn current(tx: &mut Tx, key: &VisitorKey, now: Millis) -> Result<Option<(Id, Id)>, StoreError> {
    let Some(visitor) = visitor::find(tx, [key]).await?.remove(key) else { return Ok(None) };
    let sql = Sql::new("select session_id from visitor where id = $1 and last_seen >= $2");
    let row = tx.row(&sql.bind(visitor).bind(now.saturating_sub(TIMEOUT))).await?;
    Ok(row.map(|row| row.opt_int(0)).transpose()?.flatten().map(|session| (visitor, Id(session))))
}

async fn stored(tx: &mut Tx, (visitor, session): (Id, Id)) -> Result<Option<SessionCode>, StoreError> {
    let sql = Sql::new("select code from session_code where visitor_id = $1 and session_id = $2");
    let row = tx.row(&sql.bind(visitor).bind(session)).await?;
    row.map(|row| row.parsed(0, "a session's code")).transpose()
}
