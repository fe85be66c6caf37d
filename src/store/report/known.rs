//! Tables that were answered and still hold: nothing was committed since, by whatever process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::super::db::Snapshot;
use crate::model::Millis;
use crate::report::{ReportQuery, Table};

/// So many cells are kept at most, some megabytes: what the dashboards of a few people show.
const CELLS: usize = 200_000;
/// A table with more is not kept.
const CELLS_OF_ONE: usize = 20_000;

/// A minute: days begin with one in every zone.
pub const MINUTE: Millis = 60 * 1000;

/// What makes an answer what it is, beside its question: what was committed, and the time, to the minute.
#[derive(Clone, Debug, Default)]
pub struct Moment {
    /// What was committed.
    pub seen: Snapshot,
    /// When the first question was asked.
    pub now: Millis,
}

impl Moment {
    fn is(&self, other: &Self) -> bool {
        self.seen == other.seen && self.now.div_euclid(MINUTE) == other.now.div_euclid(MINUTE)
    }
}

/// Tables of one moment: they are dropped with the first question of another one.
#[derive(Debug, Default)]
pub struct Known(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    moment: Moment,
    tables: HashMap<ReportQuery, Arc<Table>>,
    cells: usize,
}

impl Known {
    /// The tables of `moment` that answer `queries`, in their order, and the time from which the others are to be seen: all that
    /// stands on one page is cut at the same instant.
    pub fn of(&self, moment: &Moment, queries: &[ReportQuery]) -> (Vec<Option<Arc<Table>>>, Millis) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !kept.moment.is(moment) {
            *kept = Kept { moment: moment.clone(), ..Kept::default() };
        }
        (queries.iter().map(|query| kept.tables.get(query).cloned()).collect(), kept.moment.now)
    }

    /// Keeps the answer to `query` at `moment`, as long as there is room. Lists of single sessions tell of people: they are read
    /// when they are asked for and kept nowhere else.
    pub fn keep(&self, moment: &Moment, query: &ReportQuery, table: &Arc<Table>) {
        let cells = cells(table);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let has_room = cells <= CELLS_OF_ONE && kept.cells + cells <= CELLS;
        if query.report.is_list() || !has_room || !kept.moment.is(moment) {
            return;
        }
        if kept.tables.insert(query.clone(), Arc::clone(table)).is_none() {
            kept.cells += cells;
        }
    }
}

/// How much a table holds; one without rows has totals still.
fn cells(table: &Table) -> usize {
    let earlier = table.previous.as_ref().map_or(0, |previous| previous.rows.len() + 1);
    (table.rows.len() + 1 + earlier) * table.columns.len().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Period;
    use crate::report::{Column, Key, Metric, Report, Value};

    fn moment(next: i64, minute: Millis) -> Moment {
        Moment { seen: Snapshot { next, open: Vec::new() }, now: minute * MINUTE + 7 }
    }

    fn table(rows: usize) -> Arc<Table> {
        let columns = vec![Column { key: Key::Metric(Metric::Sessions) }];
        Arc::new(Table { columns, rows: vec![vec![Value::Whole(1)]; rows], ..Table::default() })
    }

    #[test]
    fn what_was_answered_holds_until_something_is_committed_or_the_minute_is_over() {
        let (known, query) = (Known::default(), ReportQuery::new(Report::Sources, Period::Week));
        let other = ReportQuery::new(Report::Sources, Period::Month);
        let find =
            |moment: &Moment| known.of(moment, &[query.clone(), other.clone()]).0.into_iter().map(|it| it.is_some());
        let now = moment(5, 1);
        assert!(find(&now).eq([false, false]));
        known.keep(&now, &query, &table(3));
        assert!(find(&now).eq([true, false]));
        let later = Moment { now: now.now + 9, ..now.clone() };
        assert_eq!(known.of(&later, &[]).1, now.now, "one time for all of a moment");
        for later in [moment(6, 1), moment(6, 2), moment(5, 2)] {
            assert!(find(&later).eq([false, false]), "{later:?}");
            // An answer that was long in coming is of an earlier moment.
            known.keep(&now, &query, &table(3));
            assert!(find(&later).eq([false, false]), "{later:?}");
        }
    }

    #[test]
    fn neither_people_nor_more_than_there_is_room_for_are_kept() {
        let (known, now) = (Known::default(), moment(1, 1));
        let is_kept = |query: &ReportQuery| known.of(&now, std::slice::from_ref(query)).0[0].is_some();
        let list = ReportQuery::new(Report::Sessions, Period::Week);
        assert!(!is_kept(&list));
        known.keep(&now, &list, &table(1));
        assert!(!is_kept(&list));
        let large = ReportQuery::new(Report::Campaigns, Period::Week);
        known.keep(&now, &large, &table(CELLS_OF_ONE));
        assert!(!is_kept(&large));
        let query = |limit| ReportQuery { limit: Some(limit), ..ReportQuery::new(Report::Sources, Period::Week) };
        for limit in 1..=20 {
            known.keep(&now, &query(limit), &table(CELLS_OF_ONE - 1));
        }
        let kept = (1..=20).filter(|limit| is_kept(&query(*limit))).count();
        assert_eq!(kept, CELLS / CELLS_OF_ONE);
    }
}
