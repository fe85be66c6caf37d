//! One session with everything around it.

use super::Store;
use super::db::Tx;
use super::error::StoreError;
use super::report::list::{ROW, ROW_COLUMNS};
use super::report::{Explained, explained};
use super::sql::{Row, Sql};
use crate::model::action::ActionKind;
use crate::model::visitor::{Client, Device};
use crate::model::{Id, Money};
use crate::report::session_detail::{ActionRow, MOST_ACTIONS, MOST_SESSIONS, OrderRow, SessionDetail, TouchLabels};

const TOUCH: &str = "source, medium, campaign, content, term, channel, click_platform, referrer_host";
const JOINS: &str = "from session s join touch t on t.id = s.touch_id join client c on c.id = s.client_id \
    join place p on p.id = s.place_id join page g on g.id = s.landing_id join visitor v on v.id = s.visitor_id";

impl Store {
    /// Everything about the session `id`; `None` when there is no such session. Holds what not everybody may see:
    /// [`SessionDetail::seen_by`].
    pub async fn session_detail(&self, id: Id) -> Result<Option<SessionDetail>, StoreError> {
        let mut tx = self.db.read().await?;
        self.detail(&mut tx, id).await
    }

    /// Reads a session and tells every statement that was needed for it, with the database's plan.
    pub async fn explain_session(&self, id: Id) -> Result<Vec<Explained>, StoreError> {
        let mut tx = self.db.read().await?;
        tx.listen();
        self.detail(&mut tx, id).await?;
        explained(&mut tx).await
    }

    async fn detail(&self, tx: &mut Tx, id: Id) -> Result<Option<SessionDetail>, StoreError> {
        let owner = Sql::new("select visitor_id from session_visitor where session_id = $1").bind(id);
        let Some(row) = tx.row(&owner).await? else { return Ok(None) };
        let visitor = row.id(0)?;
        let text = format!(
            "select {ROW}, g.path, s.referrer, s.click_ids, c.brand, c.model, c.os_version, c.browser_version, \
             c.language, s.duration, s.touch_id, v.first_touch_id, v.last_touch_id, \
             (select count(*) from action a where a.visitor_id = s.visitor_id and a.session_id = s.id), s.registered_at \
             {JOINS} where s.visitor_id = $1 and s.id = $2"
        );
        let Some(row) = tx.row(&Sql::new(&text).bind(visitor).bind(id)).await? else { return Ok(None) };
        let more = |column: usize| row.opt_text(ROW_COLUMNS + column);
        let session = self.session_row(&row)?;
        let client = Client {
            device: row.parsed::<Device>(16, "a form of device")?,
            brand: more(3)?,
            model: more(4)?,
            os: session.os.clone(),
            os_version: more(5)?,
            browser: session.browser.clone(),
            browser_version: more(6)?,
            language: more(7)?,
        };
        let click_ids = more(2)?.map(|json| serde_json::from_str(&json)).transpose();
        let key = |column: usize| row.opt_int(ROW_COLUMNS + column);
        let touches = Touches::read(tx, [key(9)?, key(10)?, key(11)?]).await?;
        let touch = touches.of(key(9)?).ok_or(StoreError::Shape { column: ROW_COLUMNS + 9, expected: "a touch" })?;
        Ok(Some(SessionDetail {
            session,
            landing_page: row.text(ROW_COLUMNS)?,
            referrer: more(1)?,
            click_ids: click_ids
                .map_err(|_| StoreError::Shape { column: ROW_COLUMNS + 2, expected: "click ids" })?
                .unwrap_or_default(),
            client,
            touch,
            first_touch: touches.of(key(10)?),
            last_touch: touches.of(key(11)?),
            duration: row.int(ROW_COLUMNS + 8)?,
            registered_at: key(13)?,
            registered_local: key(13)?.map(|at| self.local_time(at)),
            total_actions: usize::try_from(row.int(ROW_COLUMNS + 12)?).unwrap_or_default(),
            actions: self.actions_of(tx, visitor, id).await?,
            orders: self.orders_of(tx, visitor, id).await?,
            other_sessions: self.others_of(tx, visitor, id).await?,
        }))
    }

    async fn actions_of(&self, tx: &mut Tx, visitor: Id, session: Id) -> Result<Vec<ActionRow>, StoreError> {
        let text = format!(
            "select a.id, a.at, a.kind, g.path, a.product_id, a.product_name, a.value, a.order_number, a.query, \
             a.points from action a left join page g on g.id = a.page_id where a.visitor_id = $1 and \
             a.session_id = $2 order by a.at desc, a.id desc limit {MOST_ACTIONS}"
        );
        let rows = tx.rows(&Sql::new(&text).bind(visitor).bind(session)).await?;
        let action = |row: &Row| {
            Ok(ActionRow {
                id: row.id(0)?,
                at: row.int(1)?,
                at_local: self.local_time(row.int(1)?),
                kind: ActionKind::from(row.text(2)?),
                page: row.opt_text(3)?,
                product_id: row.opt_text(4)?,
                product_name: row.opt_text(5)?,
                value: row.opt_int(6)?.map(Money),
                order: row.opt_text(7)?,
                query: row.opt_text(8)?,
                points: row.int(9)?,
            })
        };
        rows.iter().map(action).collect()
    }

    async fn orders_of(&self, tx: &mut Tx, visitor: Id, session: Id) -> Result<Vec<OrderRow>, StoreError> {
        let sql = Sql::new(
            "select id, number, created_at, total, refunded, payment_status, paid_at, status from orders \
             where visitor_id = $1 and session_id = $2 order by created_at desc, id desc",
        );
        let rows = tx.rows(&sql.bind(visitor).bind(session)).await?;
        let order = |row: &Row| {
            Ok(OrderRow {
                id: row.id(0)?,
                number: Some(row.text(1)?),
                created_at: row.int(2)?,
                created_local: self.local_time(row.int(2)?),
                total: Money(row.int(3)?),
                refunded: Money(row.int(4)?),
                payment_status: row.parsed(5, "a payment status")?,
                paid_at: row.opt_int(6)?,
                status: row.parsed(7, "an order status")?,
            })
        };
        rows.iter().map(order).collect()
    }

    async fn others_of(
        &self,
        tx: &mut Tx,
        visitor: Id,
        session: Id,
    ) -> Result<Vec<crate::report::SessionRow>, StoreError> {
        let text = format!(
            "select {ROW} {JOINS} where s.visitor_id = $1 and s.id <> $2 \
             order by s.started_at desc, s.id desc limit {MOST_SESSIONS}"
        );
        let rows = tx.rows(&Sql::new(&text).bind(visitor).bind(session)).await?;
        rows.iter().map(|row| self.session_row(row)).collect()
    }
}

/// Touches by their keys.
struct Touches(Vec<(i64, TouchLabels)>);

impl Touches {
    async fn read(tx: &mut Tx, keys: [Option<i64>; 3]) -> Result<Self, StoreError> {
        let mut sql = Sql::new(&format!("select id, {TOUCH} from touch where id in "));
        sql.push_list(keys);
        let touch = |row: &Row| {
            let labels = TouchLabels {
                source: row.text(1)?,
                medium: row.text(2)?,
                campaign: row.text(3)?,
                content: row.text(4)?,
                term: row.opt_text(5)?,
                channel: row.text(6)?,
                click_platform: row.opt_text(7)?,
                referrer_host: row.opt_text(8)?,
            };
            Ok((row.int(0)?, labels))
        };
        tx.rows(&sql).await?.iter().map(touch).collect::<Result<_, StoreError>>().map(Self)
    }

    fn of(&self, key: Option<i64>) -> Option<TouchLabels> {
        self.0.iter().find(|(id, _)| Some(*id) == key).map(|(_, labels)| labels.clone())
    }
}
