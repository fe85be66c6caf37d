//! Single sessions, read a stretch at a time while they are written.

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use utm_dispatcher::model::Millis;
use utm_dispatcher::report::{Column, Cursor, Key, ReportQuery, SessionField, SessionPage, SessionRow, Table, Value};
use utm_dispatcher::store::{Store, StoreError};

use super::Broken;

/// So many sessions are in memory at a time.
const STRETCH: usize = 4000;

/// The sessions of a query, the newest first, beginning after its cursor.
///
/// Each stretch is read from a snapshot of its own, so that a slow download keeps none alive. A stretch begins after the
/// start and id of the last session, so none comes twice or is left out. One that is changed meanwhile is shown as it
/// is when its stretch is read; one that opens meanwhile is not shown.
pub struct List {
    store: Store,
    query: ReportQuery,
    now: Millis,
    first: SessionPage,
}

impl List {
    /// Reads the first stretch.
    pub async fn open(store: &Store, query: &ReportQuery, now: Millis) -> Result<Self, StoreError> {
        let stretch = ReportQuery { limit: Some(query.limit.unwrap_or(STRETCH).min(STRETCH)), ..query.clone() };
        let first = store.session_page(&stretch, now).await?;
        Ok(Self { store: store.clone(), query: query.clone(), now, first })
    }

    /// How many sessions the query has, whatever its limit.
    pub fn total_rows(&self) -> usize {
        self.first.total_rows
    }

    /// The list as a table whose rows are still to be read.
    pub fn head(&self) -> Table {
        let columns: Vec<_> = SessionField::ALL.iter().map(|field| Column { key: Key::Field(*field) }).collect();
        Table {
            query: self.query.to_string(),
            totals: vec![Value::Null; columns.len()],
            columns,
            total_rows: self.first.total_rows,
            warnings: self.first.warnings.clone(),
            ..Table::default()
        }
    }

    /// Gives each session to `write`, on a thread for what blocks, until nobody waits any more. Says where a list that
    /// was limited goes on.
    pub fn each(
        self,
        gone: &CancellationToken,
        mut write: impl FnMut(&SessionRow) -> Result<(), Broken>,
    ) -> Result<Option<Cursor>, Broken> {
        let Self { store, query, now, first } = self;
        let runtime = Handle::current();
        let read = |after: &Cursor, size: usize| -> Result<Vec<SessionRow>, Broken> {
            let chunk = store.session_chunk(&query, after.session(), size, now);
            Ok(runtime.block_on(gone.run_until_cancelled(chunk)).ok_or(Broken::Gone)??)
        };
        let mut left = query.limit.unwrap_or(usize::MAX);
        let (mut rows, mut has_more) = (first.rows, first.next.is_some());
        loop {
            rows.iter().try_for_each(&mut write)?;
            left = left.saturating_sub(rows.len());
            let Some(last) = rows.last().filter(|_| has_more) else { return Ok(None) };
            let next = Cursor::of_session(last.started_at, last.id);
            if left == 0 {
                let goes_on = !read(&next, 1)?.is_empty();
                return Ok(goes_on.then_some(next));
            }
            let size = left.min(STRETCH);
            rows = read(&next, size)?;
            has_more = rows.len() == size;
        }
    }
}
