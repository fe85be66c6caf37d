//! What the orders of sessions make of them: derived each time anew.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::super::change::Noted;
use super::super::db::Tx;
use super::super::error::StoreError;
use super::super::insert::with_rows;
use super::super::session::Settled;
use super::super::sql::Bind;
use super::super::{action, session};
use super::{COLUMNS, Stored, stored};
use crate::model::Id;
use crate::model::order::Conversion;
use crate::model::session::{BareLead, Sale, Sales};

/// Derives again what the orders of sessions (visitor and session) make of them, and what their actions earn.
pub async fn settle(tx: &mut Tx, sessions: &[(Id, Id)]) -> Result<(), StoreError> {
    let sessions: Vec<(Id, Id)> = sessions.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let mut orders = orders_of(tx, &sessions).await?;
    let mut actions: BTreeMap<(Id, Id), Vec<action::Conversion>> = BTreeMap::new();
    for action in action::conversions(tx, &sessions).await? {
        actions.entry((action.visitor, action.session)).or_default().push(action);
    }
    let mut points = Vec::new();
    let mut settled = Vec::with_capacity(sessions.len());
    for session in sessions {
        let orders = orders.remove(&session).unwrap_or_default();
        let actions = actions.remove(&session).unwrap_or_default();
        let changed = changed_points(&orders, &actions);
        // A sale that is told of an action which was there before its order was.
        for action in
            actions.iter().filter(|action| changed.iter().any(|(_, id, earned)| *id == action.id && *earned > 0))
        {
            let action::Conversion { visitor, id, at, .. } = *action;
            tx.note_action(Noted { visitor, id, at, is_conversion: true });
        }
        points.extend(changed);
        let sales = orders.iter().map(|stored| Sale {
            order: &stored.order.state,
            lead_at: stored.lead_at,
            purchase_at: stored.purchase_at,
        });
        let is_bare_lead = |action: &&action::Conversion| action.kind == "lead" && action.order.is_empty();
        let bare_leads = actions.iter().filter(is_bare_lead);
        let bare_leads = bare_leads.map(|action| BareLead { at: action.at, points: action.points });
        settled.push(Settled { session, sales: Sales::of(sales, bare_leads), has_actions: !actions.is_empty() });
    }
    action::set_points(tx, &points).await?;
    session::save_sales(tx, &settled).await
}

async fn orders_of(tx: &mut Tx, sessions: &[(Id, Id)]) -> Result<BTreeMap<(Id, Id), Vec<Stored>>, StoreError> {
    let rows: Vec<_> = sessions.iter().map(|(visitor, session)| [Bind::from(*visitor), (*session).into()]).collect();
    let head = format!("select {COLUMNS} from orders where (visitor_id, session_id) in (values ");
    let mut orders: BTreeMap<(Id, Id), Vec<Stored>> = BTreeMap::new();
    for row in with_rows(tx, &head, &rows, ")").await? {
        let order = stored(&row)?;
        if let Some(session) = order.order.session {
            orders.entry(session).or_default().push(order);
        }
    }
    for orders in orders.values_mut() {
        orders.sort_by_key(|stored| stored.order.id);
    }
    Ok(orders)
}

/// The actions of a session's orders (the oldest first) that earn something else than they did: visitor, id, points.
fn changed_points(orders: &[Stored], actions: &[action::Conversion]) -> Vec<(Id, Id, i64)> {
    let mut seen = HashSet::new();
    let of_orders = actions.iter().filter(|action| !action.order.is_empty());
    let earned = |action: &action::Conversion| {
        let stored = orders.iter().find(|stored| stored.order.state.number == action.order)?;
        let (conversion, made_at) = match action.kind.as_str() {
            "lead" => (Conversion::Lead, stored.lead_at),
            _ => (Conversion::Purchase, stored.purchase_at),
        };
        let worth = stored.order.state.conversion();
        // A lead stands on in the purchase that it became, a purchase not in what is no longer paid.
        let stands = worth == Some(conversion) || (conversion == Conversion::Lead && worth.is_some());
        (stands && made_at.is_some()).then(|| stored.order.state.points(conversion))
    };
    of_orders
        .filter_map(|action| {
            // Whatever else a browser claims of the same order earns nothing.
            let is_first = seen.insert((action.kind.as_str(), action.order.as_str()));
            let points = if is_first { earned(action).unwrap_or(0) } else { 0 };
            (points != action.points).then_some((action.visitor, action.id, points))
        })
        .collect()
}
