//! Single sessions, the newest first, a page after another.

use chrono::DateTime;

use super::super::Store;
use super::super::db::Tx;
use super::super::error::StoreError;
use super::super::session::utm;
use super::super::sql::{Row, Sql};
use super::condition::{Condition, resolve};
use super::select::{Ask, push_rows};
use super::source::Source;
use super::{Window, fields};
use crate::model::order::Conversion;
use crate::model::visitor::{Device, Place};
use crate::model::{Id, Millis, Money, Period};
use crate::report::session_list::LocalTimes;
use crate::report::{Cursor, Dimension, Report, ReportQuery, SessionField, SessionPage, SessionRow, Table, Value};

/// What a row of the list is made of, in the order of [`Store::session_row`].
pub const ROW: &str = "s.id, s.visitor_id, s.started_at, s.last_seen, t.utm_source, t.utm_medium, t.utm_campaign, \
    t.utm_content, t.utm_term, t.source, t.medium, t.channel, p.country, p.region, p.city, s.ip, c.device, c.os, \
    c.browser, s.has_lead, s.has_purchase, s.converted_at, s.ordinal, s.page_views, s.points, s.revenue";
/// How many columns [`ROW`] has.
pub const ROW_COLUMNS: usize = 26;
/// A dimension of each dictionary that [`ROW`] reads.
const READS: [Dimension; 3] = [Dimension::Source, Dimension::DeviceType, Dimension::Country];

impl Store {
    /// The sessions that started in `period`, the newest first, at most `limit` of them.
    pub async fn sessions(&self, period: Period, limit: usize, now: Millis) -> Result<Vec<SessionRow>, StoreError> {
        self.session_chunk(&ReportQuery::new(Report::Sessions, period), None, limit, now).await
    }

    /// A page of the sessions that `query`, one of [`Report::Sessions`], is about, with their number on all pages.
    pub async fn session_page(&self, query: &ReportQuery, now: Millis) -> Result<SessionPage, StoreError> {
        self.check(query)?;
        let mut tx = self.db.read().await?;
        self.page(&mut tx, query, now).await
    }

    /// The next `size` of these sessions after `after`: a long list is read in many short transactions. Sessions that
    /// open meanwhile are not among them.
    pub async fn session_chunk(
        &self,
        query: &ReportQuery,
        after: Option<(Millis, Id)>,
        size: usize,
        now: Millis,
    ) -> Result<Vec<SessionRow>, StoreError> {
        self.check(query)?;
        let mut tx = self.db.read().await?;
        let (window, conditions) = self.prepare(&mut tx, query, now).await?;
        let sql = list(&ask(&tx, query, &window, &conditions), after, size);
        tx.rows(&sql).await?.iter().map(|row| self.session_row(row)).collect()
    }

    async fn prepare(
        &self,
        tx: &mut Tx,
        query: &ReportQuery,
        now: Millis,
    ) -> Result<(Window, Vec<Condition>), StoreError> {
        let (window, _) = self.windows(tx, query, now).await?;
        let conditions = resolve(tx, &query.filters, Source::Sessions, window.span, &window.zone).await?;
        Ok((window, conditions))
    }

    async fn page(&self, tx: &mut Tx, query: &ReportQuery, now: Millis) -> Result<SessionPage, StoreError> {
        let (window, conditions) = self.prepare(tx, query, now).await?;
        let (count, page) = {
            let ask = ask(tx, query, &window, &conditions);
            let mut count = Sql::new("select count(*)");
            push_rows(&mut count, &ask, Source::Sessions, &[]);
            // One more than asked for tells whether there is a next page.
            let size = query.limit.map_or(usize::MAX, |limit| limit.saturating_add(1));
            (count, list(&ask, query.cursor.as_ref().and_then(Cursor::session), size))
        };
        let total_rows = tx.row(&count).await?.map_or(Ok(0), |row| row.int(0))?;
        let rows = tx.rows(&page).await?;
        let mut rows: Vec<SessionRow> = rows.iter().map(|row| self.session_row(row)).collect::<Result<_, _>>()?;
        let has_next = query.limit.is_some_and(|limit| rows.len() > limit);
        rows.truncate(query.limit.unwrap_or(usize::MAX));
        Ok(SessionPage {
            query: query.to_string(),
            next: rows.last().filter(|_| has_next).map(|row| Cursor::of_session(row.started_at, row.id)),
            rows,
            total_rows: usize::try_from(total_rows).unwrap_or(usize::MAX),
            warnings: Vec::new(),
        })
    }

    /// The page as a table.
    pub(super) async fn list_table(&self, tx: &mut Tx, query: &ReportQuery, now: Millis) -> Result<Table, StoreError> {
        let SessionPage { query, rows, total_rows, next, warnings } = self.page(tx, query, now).await?;
        let cells = |row: &SessionRow| SessionField::ALL.iter().map(|field| field.of(row)).collect();
        let (columns, rows) = (fields(), rows.iter().map(cells).collect());
        let totals = vec![Value::Null; columns.len()];
        Ok(Table { query, columns, rows, totals, previous: None, total_rows, next, warnings })
    }

    /// A row of [`ROW`].
    pub(in crate::store) fn session_row(&self, row: &Row) -> Result<SessionRow, StoreError> {
        let (started_at, last_seen, converted_at) = (row.int(2)?, row.int(3)?, row.opt_int(21)?);
        let conversion = match (row.flag(20)?, row.flag(19)?) {
            (true, _) => Some(Conversion::Purchase),
            (false, true) => Some(Conversion::Lead),
            (false, false) => None,
        };
        Ok(SessionRow {
            id: row.id(0)?,
            visitor_id: row.id(1)?,
            started_at,
            last_seen,
            started_local: self.local(started_at, "%d.%m.%Y %H:%M"),
            utm: utm(row, 4)?,
            source: row.text(9)?,
            medium: row.text(10)?,
            channel: row.text(11)?,
            place: Place { country: row.opt_text(12)?, region: row.opt_text(13)?, city: row.opt_text(14)? },
            ip: row.opt_text(15)?,
            device: row.parsed::<Device>(16, "a form of device")?,
            os: row.opt_text(17)?,
            browser: row.opt_text(18)?,
            conversion,
            converted_at,
            visit_count: row.int(22)?,
            page_views: row.int(23)?,
            points: row.int(24)?,
            revenue: Money(row.int(25)?),
            local: LocalTimes {
                started_at: self.local_time(started_at),
                last_seen: self.local_time(last_seen),
                converted_at: converted_at.map(|at| self.local_time(at)),
            },
        })
    }

    /// `YYYY-MM-DD HH:MM:SS` in the store's time zone.
    pub fn local_time(&self, at: Millis) -> String {
        self.local(at, "%Y-%m-%d %H:%M:%S")
    }

    /// `14:05:09` in the store's time zone.
    pub fn clock_time(&self, at: Millis) -> String {
        self.local(at, "%H:%M:%S")
    }

    fn local(&self, at: Millis, format: &str) -> String {
        let time = DateTime::from_timestamp_millis(at);
        time.map(|time| time.with_timezone(&self.tz).format(format).to_string()).unwrap_or_default()
    }
}

fn ask<'a>(tx: &Tx, query: &'a ReportQuery, window: &'a Window, conditions: &'a [Condition]) -> Ask<'a> {
    Ask { query, span: window.span, zone: &window.zone, conditions, unnest: tx.unnest() }
}

fn list(ask: &Ask, after: Option<(Millis, Id)>, size: usize) -> Sql {
    let mut sql = Sql::new(&format!("select {ROW}"));
    push_rows(&mut sql, ask, Source::Sessions, &READS);
    if let Some((started_at, id)) = after {
        sql.push(" and s.started_at <= ").push_bind(started_at);
        sql.push(" and (s.started_at < ").push_bind(started_at).push(" or s.id < ").push_bind(id).push(")");
    }
    sql.push(" order by s.started_at desc, s.id desc limit ");
    sql.push_bind(i64::try_from(size).unwrap_or(i64::MAX));
    sql
}
