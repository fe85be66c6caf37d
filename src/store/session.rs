//! Sessions: written by the writer, listed for people.

use std::collections::HashMap;

use serde_json::from_str;

use super::change::Noted;
use super::db::Tx;
use super::dictionary::OTHER;
use super::error::StoreError;
use super::insert::{insert, with_list, with_rows};
use super::sql::{Bind, Row, Sql};
use crate::model::session::{Sales, Session, Tally};
use crate::model::touch::{ClickId, Utm};
use crate::model::{Id, Millis};
use crate::tracking::session::Span;

const COLUMNS: &str = "visitor_id, id, ordinal, started_at, last_seen, touch_id, client_id, place_id, landing_id, \
    click_ids, fbc, fbp, referrer, ip, user_agent, duration, is_first, is_bounce, page_views, product_views, \
    add_to_cart, remove_from_cart, initiate_checkout, searches, other_actions, action_points, sale_points, points, \
    had_lead, has_lead, has_purchase, is_converted, converted_at, orders, revenue, refunds";

/// Inserts sessions with all that is counted of them.
pub async fn add(tx: &mut Tx, sessions: Vec<Session>) -> Result<(), StoreError> {
    let owners: Vec<_> = sessions.iter().map(|session| [session.id.into(), session.visitor_id.into()]).collect();
    for Session { id, visitor_id, started_at, last_seen, .. } in &sessions {
        tx.note_seen(*visitor_id, *last_seen);
        tx.note_session(Noted { visitor: *visitor_id, id: *id, at: *started_at, is_conversion: false });
    }
    let rows: Vec<_> = sessions.into_iter().map(binds).collect();
    insert(tx, "session", COLUMNS, &rows, "").await?;
    insert(tx, "session_visitor", "session_id, visitor_id", &owners, "").await?;
    Ok(())
}

fn binds(session: Session) -> [Bind; 36] {
    let Session { id, visitor_id, ordinal, started_at, last_seen, opening, tally, sales } = session;
    // A list of names and values always has a JSON form.
    let click_ids = (!opening.click_ids.is_empty()).then(|| serde_json::to_string(&opening.click_ids).ok()).flatten();
    let (fbc, fbp) = opening.meta_cookies;
    [
        visitor_id.into(),
        id.into(),
        ordinal.into(),
        started_at.into(),
        last_seen.into(),
        opening.touch_id.into(),
        opening.client_id.into(),
        opening.place_id.into(),
        opening.landing_id.into(),
        click_ids.into(),
        fbc.into(),
        fbp.into(),
        opening.referrer.into(),
        opening.ip.into(),
        opening.user_agent.into(),
        seconds(started_at, last_seen).into(),
        (ordinal == 1).into(),
        tally.is_bounce().into(),
        tally.page_views.into(),
        tally.product_views.into(),
        tally.add_to_cart.into(),
        tally.remove_from_cart.into(),
        tally.initiate_checkout.into(),
        tally.searches.into(),
        tally.other_actions.into(),
        tally.points.into(),
        sales.points.into(),
        (tally.points + sales.points).into(),
        sales.had_lead.into(),
        sales.has_lead.into(),
        sales.has_purchase.into(),
        sales.conversion().is_some().into(),
        sales.converted_at.into(),
        sales.orders.into(),
        sales.revenue.into(),
        sales.refunds.into(),
    ]
}

/// Whole seconds between two instants.
fn seconds(from: Millis, to: Millis) -> i64 {
    (to - from) / 1000
}

/// A stored session as the writer needs it.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its id.
    pub id: Id,
    /// Whose it is.
    pub visitor_id: Id,
    /// What the session rule needs.
    pub span: Span,
    /// What happened in it so far.
    pub tally: Tally,
    /// The dictionary row of its client.
    pub client_id: i64,
}

const STORED: &str = "select s.visitor_id, s.id, s.started_at, s.last_seen, t.utm_source, t.utm_medium, \
    t.utm_campaign, t.utm_content, t.utm_term, s.click_ids, s.page_views, s.product_views, s.add_to_cart, \
    s.remove_from_cart, s.initiate_checkout, s.searches, s.other_actions, s.action_points, t.source, s.client_id \
    from session s join touch t on t.id = s.touch_id";

fn stored(row: &Row) -> Result<Stored, StoreError> {
    let click_ids: Vec<ClickId> = match row.opt_text(9)? {
        Some(json) => from_str(&json).map_err(|_| StoreError::Shape { column: 9, expected: "click ids" })?,
        None => Vec::new(),
    };
    Ok(Stored {
        visitor_id: row.id(0)?,
        id: row.id(1)?,
        span: Span {
            started_at: row.int(2)?,
            last_seen: row.int(3)?,
            campaign: if row.text(18)? == OTHER { None } else { Some(utm(row, 4)?) },
            click_ids,
        },
        tally: Tally {
            page_views: row.int(10)?,
            product_views: row.int(11)?,
            add_to_cart: row.int(12)?,
            remove_from_cart: row.int(13)?,
            initiate_checkout: row.int(14)?,
            searches: row.int(15)?,
            other_actions: row.int(16)?,
            points: row.int(17)?,
        },
        client_id: row.int(19)?,
    })
}

/// The five cleaned values that begin at column `first`.
pub fn utm(row: &Row, first: usize) -> Result<Utm, StoreError> {
    Ok(Utm {
        source: row.opt_text(first)?,
        medium: row.opt_text(first + 1)?,
        campaign: row.opt_text(first + 2)?,
        content: row.opt_text(first + 3)?,
        term: row.opt_text(first + 4)?,
    })
}

/// The named sessions (visitor and session), by their own ids.
pub async fn find(tx: &mut Tx, sessions: &[(Id, Id)]) -> Result<HashMap<Id, Stored>, StoreError> {
    let names: Vec<_> = sessions.iter().map(|(visitor, session)| [Bind::from(*visitor), (*session).into()]).collect();
    let head = "with w (visitor_id, id) as (values ";
    let tail = format!(") {STORED} join w on w.visitor_id = s.visitor_id and w.id = s.id");
    let rows = with_rows(tx, head, &names, &tail).await?;
    rows.iter().map(stored).map(|session| session.map(|session| (session.id, session))).collect()
}

/// The sessions of a visitor around `at`, the oldest first: those that something late could belong to.
pub async fn around(tx: &mut Tx, visitor: Id, at: Millis, reach: Millis) -> Result<Vec<Stored>, StoreError> {
    let sql = Sql::new(&format!(
        "{STORED} where s.visitor_id = $1 and s.started_at <= $2 and s.last_seen >= $3 order by s.started_at, s.id"
    ))
    .bind(visitor)
    .bind(at.saturating_add(reach))
    .bind(at.saturating_sub(reach));
    tx.rows(&sql).await?.iter().map(stored).collect()
}

/// Writes back what happened in stored sessions.
pub async fn save_tallies(tx: &mut Tx, sessions: &[Stored]) -> Result<(), StoreError> {
    let row = |session: &Stored| -> [Bind; 13] {
        let Stored { id, visitor_id, span, tally, .. } = session;
        [
            (*visitor_id).into(),
            (*id).into(),
            span.last_seen.into(),
            seconds(span.started_at, span.last_seen).into(),
            tally.is_bounce().into(),
            tally.page_views.into(),
            tally.product_views.into(),
            tally.add_to_cart.into(),
            tally.remove_from_cart.into(),
            tally.initiate_checkout.into(),
            tally.searches.into(),
            tally.other_actions.into(),
            tally.points.into(),
        ]
    };
    let rows: Vec<_> = sessions.iter().map(row).collect();
    let head = "with w (visitor_id, id, last_seen, duration, is_bounce, page_views, product_views, add_to_cart, \
                remove_from_cart, initiate_checkout, searches, other_actions, action_points) as (values ";
    // What an order did is no part of the tally, and no bounce either.
    let tail = ") update session set last_seen = w.last_seen, duration = w.duration, \
        is_bounce = case when w.is_bounce = 1 and not exists (select 1 from action a where \
        a.visitor_id = session.visitor_id and a.session_id = session.id and a.kind in ('lead', 'purchase')) \
        then 1 else 0 end, page_views = w.page_views, product_views = w.product_views, add_to_cart = w.add_to_cart, \
        remove_from_cart = w.remove_from_cart, initiate_checkout = w.initiate_checkout, searches = w.searches, \
        other_actions = w.other_actions, action_points = w.action_points, \
        points = w.action_points + session.sale_points from w \
        where session.visitor_id = w.visitor_id and session.id = w.id";
    with_rows(tx, head, &rows, tail).await?;
    Ok(())
}

/// Writes what is known better of a session's client.
pub async fn set_client(tx: &mut Tx, (visitor, session): (Id, Id), client: i64) -> Result<(), StoreError> {
    let sql = Sql::new("update session set client_id = $1 where visitor_id = $2 and id = $3");
    tx.run(&sql.bind(client).bind(visitor).bind(session)).await?;
    Ok(())
}

/// Notes that somebody registered in a session; the first time counts.
pub async fn mark_registered(tx: &mut Tx, (visitor, session): (Id, Id), at: Millis) -> Result<(), StoreError> {
    let sql = Sql::new(
        "update session set registered_at = $1 where visitor_id = $2 and id = $3 and coalesce(registered_at, $1) >= $1",
    );
    tx.run(&sql.bind(at).bind(visitor).bind(session)).await?;
    Ok(())
}

/// What the orders of a session make of it now.
#[derive(Clone, Copy, Debug)]
pub struct Settled {
    /// Its visitor and its own id.
    pub session: (Id, Id),
    /// What they make of it.
    pub sales: Sales,
    /// Was there a lead or a purchase, standing or not? Then it is no bounce.
    pub has_actions: bool,
}

/// Writes what the orders of sessions make of them now.
pub async fn save_sales(tx: &mut Tx, settled: &[Settled]) -> Result<(), StoreError> {
    let row = |settled: &Settled| -> [Bind; 12] {
        let Settled { session: (visitor, session), sales, has_actions } = settled;
        [
            (*visitor).into(),
            (*session).into(),
            sales.has_lead.into(),
            sales.has_purchase.into(),
            sales.conversion().is_some().into(),
            sales.converted_at.into(),
            sales.orders.into(),
            sales.revenue.into(),
            sales.refunds.into(),
            sales.points.into(),
            sales.had_lead.into(),
            (*has_actions).into(),
        ]
    };
    let rows: Vec<_> = settled.iter().map(row).collect();
    let head = "with w (visitor_id, id, has_lead, has_purchase, is_converted, converted_at, orders, revenue, refunds, \
                sale_points, had_lead, has_actions) as (values ";
    let tail = ") update session set has_lead = w.has_lead, has_purchase = w.has_purchase, \
        is_converted = w.is_converted, converted_at = w.converted_at, orders = w.orders, revenue = w.revenue, \
        refunds = w.refunds, sale_points = w.sale_points, points = session.action_points + w.sale_points, \
        had_lead = w.had_lead, is_bounce = case when w.has_actions = 1 then 0 else session.is_bounce end from w \
        where session.visitor_id = w.visitor_id and session.id = w.id";
    with_rows(tx, head, &rows, tail).await?;
    Ok(())
}

/// When the sessions of a visitor were, the one that started first first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// The session.
    pub id: Id,
    /// When it opened.
    pub started_at: Millis,
    /// Its last page view or action.
    pub last_seen: Millis,
}

/// The sessions of visitors, the one that started first first.
pub async fn timelines(tx: &mut Tx, visitors: &[Id]) -> Result<HashMap<Id, Vec<When>>, StoreError> {
    let ids: Vec<_> = visitors.iter().map(|id| [Bind::from(*id)]).collect();
    let head = "select visitor_id, id, started_at, last_seen from session where visitor_id in (";
    let mut timelines: HashMap<Id, Vec<When>> = HashMap::new();
    for row in with_list(tx, head, &ids, ")").await? {
        let when = When { id: row.id(1)?, started_at: row.int(2)?, last_seen: row.int(3)? };
        timelines.entry(row.id(0)?).or_default().push(when);
    }
    for timeline in timelines.values_mut() {
        timeline.sort_by_key(|when| (when.started_at, when.id));
    }
    Ok(timelines)
}
