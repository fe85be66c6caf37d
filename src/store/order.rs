//! Orders: their rows, what messages make of them, and what they make of their sessions.

mod apply;
mod settle;

use std::collections::{BTreeMap, HashMap, HashSet};

pub use self::apply::{Hand, Said};
pub use self::settle::settle;
use super::Store;
use super::db::Tx;
use super::error::StoreError;
use super::insert::{insert, with_list, with_rows};
use super::sql::{Bind, Row, Sql};
use crate::model::{Id, Millis, Money, Order, OrderMessage};

/// What a message did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// The order was not known before.
    Created,
    /// The stored order was merged with it.
    Merged,
    /// It was older than what is stored, or said nothing new.
    Ignored,
    /// Events were stored, but for those that were there already.
    Events {
        /// How many were new.
        stored: usize,
        /// How many were there already.
        duplicate: usize,
        /// How many were done in sessions that were dropped.
        dropped: usize,
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

impl Store {
    /// The stored order of that number.
    pub async fn order(&self, number: &str) -> Result<Option<Stored>, StoreError> {
        let mut tx = self.db.read().await?;
        let place = Sql::new("select visitor_id, id from order_number where number = $1").bind(number);
        let Some(place) = tx.row(&place).await? else { return Ok(None) };
        let select = Sql::new(&format!("select {COLUMNS} from orders where visitor_id = $1 and id = $2"));
        let row = tx.row(&select.bind(place.id(0)?).bind(place.id(1)?)).await?;
        row.as_ref().map(stored).transpose()
    }
}

/// Locks the orders of `numbers` and returns those that are stored; a new number is entered, with an id of its own.
async fn take(tx: &mut Tx, numbers: &BTreeMap<&str, Id>) -> Result<HashMap<String, Stored>, StoreError> {
    let rows: Vec<_> = numbers.iter().map(|(number, id)| [Bind::from(*number), NOBODY.into(), (*id).into()]).collect();
    let tail = "on conflict (number) do nothing returning number";
    let entered = insert(tx, "order_number", "number, visitor_id, id", &rows, tail).await?;
    let entered: HashSet<String> = entered.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?;
    let known: Vec<_> =
        numbers.keys().filter(|number| !entered.contains(**number)).map(|number| [Bind::from(*number)]).collect();
    let head = "update order_number set number = number where number in (";
    let locked = with_list(tx, head, &known, ") returning visitor_id, id").await?;
    let keys: Vec<_> =
        locked.iter().map(|row| Ok([row.id(0)?.into(), row.id(1)?.into()])).collect::<Result<_, StoreError>>()?;
    let head = format!("select {COLUMNS} from orders where (visitor_id, id) in (values ");
    let orders = with_rows(tx, &head, &keys, ")").await?;
    orders.iter().map(stored).map(|order| order.map(|order| (order.order.state.number.clone(), order))).collect()
}

/// Which of the attributed orders of `numbers` made their lead and their purchase already.
pub async fn made(tx: &mut Tx, numbers: &HashSet<&str>) -> Result<HashSet<(String, &'static str)>, StoreError> {
    let rows: Vec<_> = numbers.iter().map(|number| [Bind::from(*number)]).collect();
    let head = "select o.number, o.lead_at, o.purchase_at from order_number n join orders o \
                on o.visitor_id = n.visitor_id and o.id = n.id where o.session_id is not null and n.number in (";
    let mut made = HashSet::new();
    for row in with_list(tx, head, &rows, ")").await? {
        for (column, kind) in [(1, "lead"), (2, "purchase")] {
            if row.opt_int(column)?.is_some() {
                made.insert((row.text(0)?, kind));
            }
        }
    }
    Ok(made)
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
