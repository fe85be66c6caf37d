//! Takes what identifies out of stored visits. Sessions, actions and orders stay, and with them every figure but the
//! number of different visitors.

use std::collections::BTreeMap;

use super::Store;
use super::db::Tx;
use super::error::StoreError;
use super::insert::with_list;
use super::sql::{Bind, Row, Sql};
use super::visitor;
use crate::model::address::AddressPolicy;
use crate::model::{Id, Millis};

/// The columns of what moves: copied as they are named, so that one that comes later is not left behind.
pub(super) struct Schema {
    session: Vec<String>,
    visitor: Vec<String>,
}

impl Schema {
    pub(super) async fn of(tx: &mut Tx) -> Result<Self, StoreError> {
        Ok(Self { session: tx.columns("session").await?, visitor: tx.columns("visitor").await? })
    }
}

/// Sessions of one visitor.
struct Scope<'a> {
    visitor: Id,
    /// `None`: all of them.
    sessions: Option<&'a [Id]>,
}

impl Scope<'_> {
    /// A statement that begins with `text`, in which `$1` is `own`, about the rows of these sessions; `column` holds
    /// a session's id.
    fn sql(&self, text: &str, own: Option<Id>, column: &str) -> Sql {
        let mut sql = Sql::new(text);
        if let Some(id) = own {
            sql = sql.bind(id);
        }
        sql.push(" where visitor_id = ").push_bind(self.visitor);
        if let Some(sessions) = self.sessions {
            sql.push(&format!(" and {column} in ")).push_list(sessions.iter().copied());
        }
        sql
    }
}

/// How many rows lost what identifies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Visitors of whom nothing is known any more.
    pub visitors: u64,
    /// What named them.
    pub keys: u64,
    /// Sessions.
    pub sessions: u64,
    /// Their codes.
    pub codes: u64,
    /// Their actions.
    pub actions: u64,
    /// Orders.
    pub orders: u64,
}

/// Makes nobody of a visitor: everything of theirs goes to a new id that nothing leads to.
pub(super) async fn forget_visitor(
    tx: &mut Tx,
    schema: &Schema,
    visitor: Id,
    nobody: Id,
    done: &mut Forgotten,
) -> Result<(), StoreError> {
    copy_visitor(tx, schema, visitor, nobody).await?;
    forget(tx, schema, &Scope { visitor, sessions: None }, nobody, done).await?;
    drop_visitor(tx, visitor, done).await
}

/// Gives `scope` to `nobody`, without what identifies.
async fn forget(
    tx: &mut Tx,
    schema: &Schema,
    scope: &Scope<'_>,
    nobody: Id,
    done: &mut Forgotten,
) -> Result<(), StoreError> {
    cut_referrers(tx, scope).await?;
    done.sessions += copy_sessions(tx, schema, scope, nobody).await?;
    let actions = "update action set visitor_id = $1, query = null, metadata = null, \
                   subject = case when kind = 'search' then '' else subject end";
    done.actions += tx.run(&scope.sql(actions, Some(nobody), "session_id")).await?;
    let orders = "update orders set visitor_id = $1, email = null, phone = null";
    done.orders += tx.run(&scope.sql(orders, Some(nobody), "session_id")).await?;
    let numbers =
        "update order_number set visitor_id = $1 where number in (select number from orders where visitor_id = $1)";
    tx.run(&Sql::new(numbers).bind(nobody)).await?;
    let owners =
        "update session_visitor set visitor_id = $1 where session_id in (select id from session where visitor_id = $1)";
    tx.run(&Sql::new(owners).bind(nobody)).await?;
    done.codes += tx.run(&scope.sql("delete from session_code", None, "session_id")).await?;
    tx.run(&scope.sql("delete from session", None, "id")).await?;
    Ok(())
}

/// The page of another site may be told by the query of its address, and with it the person.
async fn cut_referrers(tx: &mut Tx, scope: &Scope<'_>) -> Result<(), StoreError> {
    let rows = tx.rows(&scope.sql("select id, referrer from session", None, "id")).await?;
    for row in rows {
        let Some(referrer) = row.opt_text(1)? else { continue };
        let Some(end) = referrer.find(['?', '#']) else { continue };
        let sql = Sql::new("update session set referrer = $1 where visitor_id = $2 and id = $3");
        tx.run(&sql.bind(&referrer[..end]).bind(scope.visitor).bind(row.id(0)?)).await?;
    }
    Ok(())
}

/// A session's key begins with its visitor, and actions refer to it: hence a new row instead of another key.
async fn copy_sessions(
    tx: &mut Tx,
    Schema { session: columns, .. }: &Schema,
    scope: &Scope<'_>,
    nobody: Id,
) -> Result<u64, StoreError> {
    let values: Vec<&str> = columns
        .iter()
        .map(|column| match column.as_str() {
            "visitor_id" => "cast($1 as bigint)",
            "click_ids" | "fbc" | "fbp" | "ip" => "null",
            "user_agent" => "''",
            "identifies" => "0",
            kept => kept,
        })
        .collect();
    let text = format!("insert into session ({}) select {} from session", columns.join(", "), values.join(", "));
    tx.run(&scope.sql(&text, Some(nobody), "id")).await
}

async fn copy_visitor(
    tx: &mut Tx,
    Schema { visitor: columns, .. }: &Schema,
    visitor: Id,
    nobody: Id,
) -> Result<(), StoreError> {
    let values: Vec<&str> = columns
        .iter()
        .map(|column| match column.as_str() {
            "id" => "cast($1 as bigint)",
            // No session ever follows.
            "session_id" => "null",
            kept => kept,
        })
        .collect();
    let text =
        format!("insert into visitor ({}) select {} from visitor where id = $2", columns.join(", "), values.join(", "));
    tx.run(&Sql::new(&text).bind(nobody).bind(visitor)).await?;
    Ok(())
}

/// Has the sessions of visitors who were made nobody forgotten once more when their turn comes: something is told of
/// them.
pub(super) async fn forget_again(tx: &mut Tx, nobodies: &[Id]) -> Result<(), StoreError> {
    let ids: Vec<_> = nobodies.iter().map(|id| [Bind::from(*id)]).collect();
    with_list(tx, "update session set identifies = 1 where visitor_id in (", &ids, ")").await?;
    Ok(())
}

async fn drop_visitor(tx: &mut Tx, visitor: Id, done: &mut Forgotten) -> Result<(), StoreError> {
    done.keys += tx.run(&Sql::new("delete from visitor_key where visitor_id = $1").bind(visitor)).await?;
    done.visitors += tx.run(&Sql::new("delete from visitor where id = $1").bind(visitor)).await?;
    Ok(())
}

impl Store {
    /// Takes what identifies out of at most `limit` sessions that started before `before`, and out of as many orders of
    /// nobody from then, in one transaction. Nothing is left to do once nothing is returned.
    pub async fn forget_before(&self, before: Millis, limit: usize, now: Millis) -> Result<Forgotten, StoreError> {
        let mut done = Forgotten::default();
        let mut tx = self.db.write().await?;
        let mut of: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
        for level in [1, 2] {
            for row in identifying(&mut tx, level, before, limit).await? {
                of.entry(row.id(0)?).or_default().push(row.id(1)?);
            }
        }
        if !of.is_empty() {
            visitor::lock(&mut tx, of.keys().copied()).await?;
        }
        let schema = Schema::of(&mut tx).await?;
        for (visitor, sessions) in of {
            let nobody = self.ids.mint(now);
            copy_visitor(&mut tx, &schema, visitor, nobody).await?;
            forget(&mut tx, &schema, &Scope { visitor, sessions: Some(&sessions) }, nobody, &mut done).await?;
            let left = Sql::new("select id from session where visitor_id = $1 limit 1");
            if tx.row(&left.bind(visitor)).await?.is_none() {
                drop_visitor(&mut tx, visitor, &mut done).await?;
            }
        }
        let orders = Sql::new(
            "update orders set email = null, phone = null where visitor_id = 0 and id in (select id from orders \
             where visitor_id = 0 and created_at < $1 and (email is not null or phone is not null) limit $2)",
        );
        done.orders += tx.run(&orders.bind(before).bind(as_limit(limit))).await?;
        tx.commit().await?;
        Ok(done)
    }

    /// Leaves of the addresses of at most `limit` sessions that started before `before` what `policy` keeps, in one
    /// transaction, and returns how many that were: nothing is left to do once it is 0.
    pub async fn cut_addresses_before(
        &self,
        before: Millis,
        policy: AddressPolicy,
        limit: usize,
    ) -> Result<usize, StoreError> {
        let mut tx = self.db.write().await?;
        let sessions = identifying(&mut tx, 2, before, limit).await?;
        for row in &sessions {
            let kept = row.opt_text(2)?.and_then(|stored| policy.kept_of(&stored));
            let sql = Sql::new("update session set ip = $1, identifies = 1 where visitor_id = $2 and id = $3");
            tx.run(&sql.bind(kept).bind(row.id(0)?).bind(row.id(1)?)).await?;
        }
        tx.commit().await?;
        Ok(sessions.len())
    }

    /// Makes sure that what was removed is not left in the files beside the database either; `false` when somebody
    /// was reading, so that it is left until the next time.
    pub async fn forget_log(&self) -> Result<bool, StoreError> {
        self.db.empty_log().await
    }
}

/// Visitor, id and address of the sessions that started before `before` and still identify so much, the earliest first.
async fn identifying(tx: &mut Tx, level: i64, before: Millis, limit: usize) -> Result<Vec<Row>, StoreError> {
    let sql = Sql::new(
        "select visitor_id, id, ip from session where identifies = $1 and started_at < $2 order by started_at, id limit $3",
    );
    tx.rows(&sql.bind(level).bind(before).bind(as_limit(limit))).await
}

fn as_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
