//! Sessions: written by the writer, listed for people.

use std::collections::HashMap;

use serde_json::from_str;

use super::Store;
use super::db::Tx;
use super::dictionary::OTHER;
use super::error::StoreError;
use super::insert::insert;
use super::sql::{Bind, Row, Sql};
use crate::model::order::Conversion;
use crate::model::session::{Sales, Session, Tally};
use crate::model::touch::{ClickId, Utm};
use crate::model::visitor::{Device, Place};
use crate::model::{Id, Millis, Period};
use crate::report::SessionRow;
use crate::tracking::session::Span;

const COLUMNS: &str = "visitor_id, id, ordinal, started_at, last_seen, touch_id, client_id, place_id, landing_id, \
    click_ids, fbc, fbp, referrer, ip, user_agent, duration, is_first, is_bounce, page_views, product_views, \
    add_to_cart, remove_from_cart, initiate_checkout, searches, other_actions, action_points, sale_points, points, \
    had_lead, has_lead, has_purchase, is_converted, converted_at, orders, revenue, refunds";

/// Inserts sessions with all that is counted of them.
pub async fn add(tx: &mut Tx, sessions: &[Session]) -> Result<(), StoreError> {
    let rows: Vec<_> = sessions.iter().map(binds).collect();
    insert(tx, "session", COLUMNS, &rows, "").await?;
    let owners: Vec<_> = sessions.iter().map(|session| [session.id.into(), session.visitor_id.into()]).collect();
    insert(tx, "session_visitor", "session_id, visitor_id", &owners, "").await?;
    Ok(())
}

fn binds(session: &Session) -> [Bind; 36] {
    let Session { id, visitor_id, ordinal, started_at, last_seen, opening, tally, sales } = session;
    // A list of names and values always has a JSON form.
    let click_ids = (!opening.click_ids.is_empty()).then(|| serde_json::to_string(&opening.click_ids).ok()).flatten();
    let (fbc, fbp) = &opening.meta_cookies;
    [
        (*visitor_id).into(),
        (*id).into(),
        (*ordinal).into(),
        (*started_at).into(),
        (*last_seen).into(),
        opening.touch_id.into(),
        opening.client_id.into(),
        opening.place_id.into(),
        opening.landing_id.into(),
        click_ids.into(),
        fbc.into(),
        fbp.into(),
        (&opening.referrer).into(),
        (&opening.ip).into(),
        opening.user_agent.as_str().into(),
        seconds(*started_at, *last_seen).into(),
        (*ordinal == 1).into(),
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

fn utm(row: &Row, first: usize) -> Result<Utm, StoreError> {
    Ok(Utm {
        source: row.opt_text(first)?,
        medium: row.opt_text(first + 1)?,
        campaign: row.opt_text(first + 2)?,
        content: row.opt_text(first + 3)?,
        term: row.opt_text(first + 4)?,
    })
}

/// The named sessions, by visitor.
pub async fn find(tx: &mut Tx, sessions: &[(Id, Id)]) -> Result<HashMap<Id, Stored>, StoreError> {
    if sessions.is_empty() {
        return Ok(HashMap::new());
    }
    let mut sql = Sql::new(STORED);
    sql.push(" where s.visitor_id in ").push_list(sessions.iter().map(|(visitor, _)| *visitor));
    sql.push(" and s.id in ").push_list(sessions.iter().map(|(_, session)| *session));
    let rows = tx.rows(&sql).await?;
    rows.iter().map(stored).map(|session| session.map(|session| (session.visitor_id, session))).collect()
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
    for session in sessions {
        let Stored { id, visitor_id, span, tally, .. } = session;
        let sql = Sql::new(
            "update session set last_seen = $1, duration = $2, is_bounce = $3, page_views = $4, product_views = $5, \
             add_to_cart = $6, remove_from_cart = $7, initiate_checkout = $8, searches = $9, other_actions = $10, \
             action_points = $11, points = $11 + sale_points where visitor_id = $12 and id = $13",
        )
        .bind(span.last_seen)
        .bind(seconds(span.started_at, span.last_seen))
        .bind(tally.is_bounce())
        .bind(tally.page_views)
        .bind(tally.product_views)
        .bind(tally.add_to_cart)
        .bind(tally.remove_from_cart)
        .bind(tally.initiate_checkout)
        .bind(tally.searches)
        .bind(tally.other_actions)
        .bind(tally.points)
        .bind(*visitor_id)
        .bind(*id);
        tx.run(&sql).await?;
    }
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

/// Writes what the orders of a session make of it now.
///
/// `has_actions`: its orders made lead or purchase actions, so that it is no bounce.
pub async fn save_sales(
    tx: &mut Tx,
    (visitor, session): (Id, Id),
    sales: &Sales,
    has_actions: bool,
) -> Result<(), StoreError> {
    let sql = Sql::new(
        "update session set has_lead = $1, has_purchase = $2, is_converted = $3, converted_at = $4, orders = $5, \
         revenue = $6, refunds = $7, sale_points = $8, points = action_points + $8, had_lead = $9, \
         is_bounce = case when $12 = 1 then 0 else is_bounce end \
         where visitor_id = $10 and id = $11",
    )
    .bind(sales.has_lead)
    .bind(sales.has_purchase)
    .bind(sales.conversion().is_some())
    .bind(sales.converted_at)
    .bind(sales.orders)
    .bind(sales.revenue)
    .bind(sales.refunds)
    .bind(sales.points)
    .bind(sales.had_lead)
    .bind(visitor)
    .bind(session)
    .bind(has_actions);
    tx.run(&sql).await?;
    Ok(())
}

impl Store {
    /// The sessions that started in `period`, the newest first, at most `limit` of them.
    pub async fn sessions(&self, period: Period, limit: usize, now: Millis) -> Result<Vec<SessionRow>, StoreError> {
        let bounds = period.bounds(now, self.tz);
        let sql = Sql::new(
            "select s.id, s.started_at, s.last_seen, t.utm_source, t.utm_medium, t.utm_campaign, t.utm_content, \
             t.utm_term, t.source, t.medium, t.channel, p.country, p.region, p.city, s.ip, c.device, c.os, c.browser, \
             s.has_lead, s.has_purchase, s.converted_at \
             from session s join touch t on t.id = s.touch_id join client c on c.id = s.client_id \
             join place p on p.id = s.place_id \
             where s.started_at >= $1 and s.started_at < $2 order by s.started_at desc, s.id desc limit $3",
        )
        .bind(bounds.start)
        .bind(bounds.end)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let mut tx = self.db.read().await?;
        tx.rows(&sql).await?.iter().map(|row| self.session_row(row)).collect()
    }

    fn session_row(&self, row: &Row) -> Result<SessionRow, StoreError> {
        let started_at = row.int(1)?;
        let conversion = match (row.flag(19)?, row.flag(18)?) {
            (true, _) => Some(Conversion::Purchase),
            (false, true) => Some(Conversion::Lead),
            (false, false) => None,
        };
        Ok(SessionRow {
            id: row.id(0)?,
            started_at,
            last_seen: row.int(2)?,
            started_local: self.local_time(started_at),
            utm: utm(row, 3)?,
            source: row.text(8)?,
            medium: row.text(9)?,
            channel: row.text(10)?,
            place: Place { country: row.opt_text(11)?, region: row.opt_text(12)?, city: row.opt_text(13)? },
            ip: row.opt_text(14)?,
            device: row.parsed::<Device>(15, "a form of device")?,
            os: row.opt_text(16)?,
            browser: row.opt_text(17)?,
            conversion,
            converted_at: row.opt_int(20)?,
        })
    }

    /// `dd.mm.yyyy HH:MM` in the store's time zone.
    fn local_time(&self, at: Millis) -> String {
        chrono::DateTime::from_timestamp_millis(at)
            .map(|time| time.with_timezone(&self.tz).format("%d.%m.%Y %H:%M").to_string())
            .unwrap_or_default()
    }
}
