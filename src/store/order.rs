//! Orders: each message is merged into what is stored, and its session's sales are settled again.

use super::db::Tx;
use super::error::StoreError;
use super::ingest::TRIES;
use super::insert::insert;
use super::sql::{Bind, Row, Sql};
use super::{Store, action, session, visitor};
use crate::model::order::Conversion;
use crate::model::session::{Sale, Sales};
use crate::model::visitor::VisitorKey;
use crate::model::{Action, Id, Millis, Money, Order, OrderMessage};

/// What a message did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// The order was not known before.
    Created,
    /// The stored order was merged with it.
    Merged,
    /// It was older than what is stored.
    Ignored,
    /// Events were stored, but for those that were there already.
    Events {
        /// How many were new.
        stored: usize,
        /// How many were there already.
        duplicate: usize,
    },
}

const COLUMNS: &str = "visitor_id, id, session_id, number, created_at, updated_at, email, phone, total, discount, \
                       pay_type, payment_status, paid_at, status, refunded, lead_at, purchase_at";
/// Stands for nobody in the key of an order that is not attributed.
const NOBODY: Id = Id(0);

/// A stored order with the times of its actions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The order.
    pub order: Order,
    /// When it became a lead.
    pub lead_at: Option<Millis>,
    /// When it became a purchase.
    pub purchase_at: Option<Millis>,
}

impl Store {
    /// Applies what the shop says of an order. `buyer` is whose it is: it belongs to that visitor's last session
    /// that started at or before the order; an order without one is stored, but attributed to nobody.
    /// When this returns the order is on the disk.
    pub async fn apply_order(
        &self,
        message: OrderMessage,
        buyer: Option<&VisitorKey>,
        now: Millis,
    ) -> Result<Applied, StoreError> {
        message.check()?;
        let mut tried = 1;
        loop {
            match self.try_apply(message.clone(), buyer, now).await {
                Err(error) if error.is_worth_another_try() && tried < TRIES => tried += 1,
                result => return result,
            }
        }
    }

    async fn try_apply(
        &self,
        message: OrderMessage,
        buyer: Option<&VisitorKey>,
        now: Millis,
    ) -> Result<Applied, StoreError> {
        let mut tx = self.db.write().await?;
        let id = self.ids.mint(now);
        let applied = if let Some(mut stored) = take(&mut tx, &message.number, id).await? {
            let Some(state) = message.over(&stored.order.state) else { return Ok(Applied::Ignored) };
            stored.order.state = state;
            if let (None, Some(key)) = (stored.order.session, buyer) {
                self.attribute(&mut tx, &mut stored, key).await?;
            }
            self.finish(&mut tx, stored, now, Applied::Merged).await?
        } else {
            let session = match buyer {
                Some(key) => session_of(&mut tx, key, message.created_at).await?,
                None => None,
            };
            let order = Order { id, session, state: message };
            self.finish(&mut tx, Stored { order, lead_at: None, purchase_at: None }, now, Applied::Created).await?
        };
        tx.commit().await?;
        Ok(applied)
    }

    /// Gives an order of nobody to the visitor `key`, if a session of theirs holds it: its actions are made now.
    async fn attribute(&self, tx: &mut Tx, stored: &mut Stored, key: &VisitorKey) -> Result<(), StoreError> {
        let Some(session) = session_of(tx, key, stored.order.state.created_at).await? else { return Ok(()) };
        visitor::lock(tx, [session.0]).await?;
        let move_out = Sql::new("delete from orders where visitor_id = $1 and id = $2");
        tx.run(&move_out.bind(NOBODY).bind(stored.order.id)).await?;
        stored.order.session = Some(session);
        for (at, conversion) in [(stored.lead_at, Conversion::Lead), (stored.purchase_at, Conversion::Purchase)] {
            if let Some(at) = at {
                self.make_action(tx, &stored.order, conversion, at).await?;
            }
        }
        Ok(())
    }

    /// Makes the lead and purchase actions that are due, writes the order and settles its session.
    async fn finish(
        &self,
        tx: &mut Tx,
        mut stored: Stored,
        now: Millis,
        applied: Applied,
    ) -> Result<Applied, StoreError> {
        if let Some((visitor, _)) = stored.order.session {
            // The order of locks is visitor, then session, as the writer takes them.
            visitor::lock(tx, [visitor]).await?;
        }
        if let Some((conversion, at)) = stored.order.state.due(stored.lead_at, stored.purchase_at, now) {
            match conversion {
                Conversion::Lead => stored.lead_at = Some(at),
                Conversion::Purchase => stored.purchase_at = Some(at),
            }
            self.make_action(tx, &stored.order, conversion, at).await?;
        }
        save(tx, &stored, applied).await?;
        if let Some((visitor, session)) = stored.order.session {
            settle(tx, visitor, session).await?;
        }
        Ok(applied)
    }

    async fn make_action(
        &self,
        tx: &mut Tx,
        order: &Order,
        conversion: Conversion,
        at: Millis,
    ) -> Result<(), StoreError> {
        let Some((visitor_id, session_id)) = order.session else { return Ok(()) };
        let what = order.state.action(conversion);
        let points = what.points(false);
        action::add(tx, &[(Action { id: self.ids.mint(at), visitor_id, session_id, at, what, points }, None)]).await
    }
}

impl Store {
    /// The stored order of that number.
    pub async fn order(&self, number: &str) -> Result<Option<Stored>, StoreError> {
        let mut tx = self.db.read().await?;
        let place = Sql::new("select visitor_id, id from order_number where number = $1").bind(number);
        let Some(row) = tx.row(&place).await? else { return Ok(None) };
        let select = Sql::new(&format!("select {COLUMNS} from orders where visitor_id = $1 and id = $2"));
        let row = tx.row(&select.bind(row.id(0)?).bind(row.id(1)?)).await?;
        row.as_ref().map(stored).transpose()
    }
}

/// Locks the order of that number. A new number is entered under `id`, and `None` returned.
async fn take(tx: &mut Tx, number: &str, id: Id) -> Result<Option<Stored>, StoreError> {
    let entered = Sql::new(
        "insert into order_number (number, visitor_id, id) values ($1, $2, $3) on conflict (number) do nothing \
         returning id",
    )
    .bind(number)
    .bind(NOBODY)
    .bind(id);
    if tx.row(&entered).await?.is_some() {
        return Ok(None);
    }
    let lock = Sql::new("update order_number set number = number where number = $1 returning visitor_id, id");
    let Some(row) = tx.row(&lock.bind(number)).await? else { return Ok(None) };
    let select = Sql::new(&format!("select {COLUMNS} from orders where visitor_id = $1 and id = $2"));
    let row = tx.row(&select.bind(row.id(0)?).bind(row.id(1)?)).await?;
    row.as_ref().map(stored).transpose()
}

fn stored(row: &Row) -> Result<Stored, StoreError> {
    let visitor = row.id(0)?;
    Ok(Stored {
        order: Order {
            id: row.id(1)?,
            session: row.opt_int(2)?.map(|session| (visitor, Id(session))),
            state: OrderMessage {
                number: row.text(3)?,
                created_at: row.int(4)?,
                updated_at: row.opt_int(5)?,
                email: row.opt_text(6)?,
                phone: row.opt_text(7)?,
                total: Money(row.int(8)?),
                discount: Money(row.int(9)?),
                pay_type: row.text(10)?,
                payment_status: row.parsed(11, "a payment status")?,
                paid_at: row.opt_int(12)?,
                status: row.parsed(13, "an order status")?,
                refunded: Money(row.int(14)?),
            },
        },
        lead_at: row.opt_int(15)?,
        purchase_at: row.opt_int(16)?,
    })
}

/// The session that an order of `key` belongs to: the visitor's last one that started at or before `at`.
async fn session_of(tx: &mut Tx, key: &VisitorKey, at: Millis) -> Result<Option<(Id, Id)>, StoreError> {
    let Some(visitor) = visitor::find(tx, [key]).await?.remove(key) else { return Ok(None) };
    let sql = Sql::new(
        "select id from session where visitor_id = $1 and started_at <= $2 order by started_at desc, id desc limit 1",
    )
    .bind(visitor)
    .bind(at);
    Ok(tx.row(&sql).await?.map(|row| row.id(0)).transpose()?.map(|session| (visitor, session)))
}

/// Writes an order. A new one whose id another process has minted too is a conflict, and no merger.
async fn save(tx: &mut Tx, stored: &Stored, applied: Applied) -> Result<(), StoreError> {
    let update = "on conflict (visitor_id, id) do update set created_at = excluded.created_at, \
                updated_at = excluded.updated_at, email = excluded.email, phone = excluded.phone, \
                total = excluded.total, discount = excluded.discount, pay_type = excluded.pay_type, \
                payment_status = excluded.payment_status, paid_at = excluded.paid_at, status = excluded.status, \
                refunded = excluded.refunded, lead_at = excluded.lead_at, purchase_at = excluded.purchase_at";
    let tail = if applied == Applied::Created { "" } else { update };
    insert(tx, "orders", COLUMNS, &[binds(stored)], tail).await?;
    let [number, visitor, id] = place_binds(stored);
    let place = Sql::new("update order_number set visitor_id = $1, id = $2 where number = $3");
    tx.run(&place.bind(visitor).bind(id).bind(number)).await?;
    Ok(())
}

/// Inserts new orders with their numbers; a number that is taken is an error.
pub async fn add(tx: &mut Tx, orders: &[Stored]) -> Result<(), StoreError> {
    let numbers: Vec<_> = orders.iter().map(place_binds).collect();
    insert(tx, "order_number", "number, visitor_id, id", &numbers, "").await?;
    let rows: Vec<_> = orders.iter().map(binds).collect();
    insert(tx, "orders", COLUMNS, &rows, "").await?;
    Ok(())
}

/// The order's number, and the key under which the order is found.
fn place_binds(stored: &Stored) -> [Bind; 3] {
    let visitor = stored.order.session.map_or(NOBODY, |(visitor, _)| visitor);
    [stored.order.state.number.as_str().into(), visitor.into(), stored.order.id.into()]
}

fn binds(stored: &Stored) -> [Bind; 17] {
    let Stored { order: Order { id, session, state }, lead_at, purchase_at } = stored;
    [
        session.map_or(NOBODY, |(visitor, _)| visitor).into(),
        (*id).into(),
        session.map(|(_, session)| session).into(),
        state.number.as_str().into(),
        state.created_at.into(),
        state.updated_at.into(),
        (&state.email).into(),
        (&state.phone).into(),
        state.total.into(),
        state.discount.into(),
        state.pay_type.as_str().into(),
        state.payment_status.key().into(),
        state.paid_at.into(),
        state.status.key().into(),
        state.refunded.into(),
        (*lead_at).into(),
        (*purchase_at).into(),
    ]
}

/// Derives again what the orders of a session make of it, and what their actions earn.
pub async fn settle(tx: &mut Tx, visitor: Id, session: Id) -> Result<(), StoreError> {
    let sql = Sql::new(&format!("select {COLUMNS} from orders where visitor_id = $1 and session_id = $2 order by id"))
        .bind(visitor)
        .bind(session);
    let orders: Vec<Stored> = tx.rows(&sql).await?.iter().map(stored).collect::<Result<_, _>>()?;
    let mut has_actions = false;
    for Stored { order, lead_at, purchase_at } in &orders {
        let worth = order.state.conversion();
        for (made_at, conversion) in [(lead_at, Conversion::Lead), (purchase_at, Conversion::Purchase)] {
            if made_at.is_some() {
                has_actions = true;
                // A lead stands on in the purchase that it became, a purchase not in what is no longer paid.
                let stands = worth == Some(conversion) || (conversion == Conversion::Lead && worth.is_some());
                let points = if stands { order.state.points(conversion) } else { 0 };
                let kind = order.state.action(conversion).kind;
                action::set_points(tx, (visitor, session), kind.key(), &order.state.number, points).await?;
            }
        }
    }
    let sales = orders.iter().map(|stored| Sale {
        order: &stored.order.state,
        lead_at: stored.lead_at,
        purchase_at: stored.purchase_at,
    });
    let sales = Sales::of(sales, action::bare_leads(tx, visitor, session).await?);
    session::save_sales(tx, (visitor, session), &sales, has_actions).await
}
