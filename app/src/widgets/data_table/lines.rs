//! The lines of a table as they are shown: a page of rows, and beneath them the rows that are unfolded.

use std::ops::Range;

use utm_dispatcher::report::{Dimension, Key, Report, ReportQuery, Table, Value};

use crate::desk::{Answers, ROWS, table_query};
use crate::error::AppError;
use crate::query::View;
use crate::unfold;

/// A table as it is shown.
pub struct Shown<'a> {
    /// What it asked.
    pub query: ReportQuery,
    /// What came.
    pub table: &'a Table,
    /// The page that is shown, from 1: the last one when there are not so many.
    pub page: usize,
    /// Its lines.
    pub lines: Vec<Line<'a>>,
}

/// One line.
pub struct Line<'a> {
    /// How many rows it is beneath.
    pub depth: usize,
    /// Where it stands, for the address bar.
    pub path: String,
    /// The dashboard, narrowed to the rows above it.
    pub above: View,
    /// The table that holds it, and its place there.
    pub table: &'a Table,
    /// Its place in that table; `None` for the line that stands for the rows that are not shown.
    pub place: Option<usize>,
    /// Is it unfolded? `None` when there is nothing beneath it.
    pub is_open: Option<bool>,
}

impl<'a> Line<'a> {
    /// Its cells, those of the dimensions first; none for the line that stands for others.
    pub fn cells(&self) -> &'a [Value] {
        self.place.and_then(|place| self.table.rows.get(place)).map_or(&[], Vec::as_slice)
    }

    /// Its cells in the earlier period.
    pub fn before(&self) -> Option<&'a [Value]> {
        let previous = self.table.previous.as_ref()?;
        previous.rows.get(self.place?).map(Vec::as_slice)
    }

    /// What tells it apart, from left to right.
    pub fn names(&self) -> Vec<(Dimension, &'a Value)> {
        dimensions(self.table).into_iter().zip(self.cells()).collect()
    }

    /// The dashboard, narrowed to it and the rows above it.
    pub fn narrowed(&self) -> View {
        self.names().into_iter().fold(self.above.clone(), |view, (dimension, cell)| view.narrowed(dimension, cell))
    }

    /// How many rows it stands for.
    pub fn hidden(&self) -> usize {
        self.table.total_rows.saturating_sub(self.table.rows.len())
    }
}

impl<'a> Shown<'a> {
    /// The table of `report`, out of all the answers.
    pub fn of(report: Report, answers: &'a Answers) -> Result<Self, AppError> {
        let query = table_query(&answers.view, report);
        query.check()?;
        let table = answers.table(&query)?;
        let asked = answers.view.table(report);
        let page = asked.page.min(table.total_rows.div_ceil(ROWS)).max(1);
        let rows = (page - 1) * ROWS..(page * ROWS).min(table.rows.len());
        let mut lines = Vec::new();
        let stack = Stack { answers, query: &query, open: &asked.open };
        stack.push(&mut lines, table, rows, "", &answers.view, 0);
        Ok(Self { query, table, page, lines })
    }
}

/// What tells the rows of a table apart.
pub fn dimensions(table: &Table) -> Vec<Dimension> {
    let keys = table.columns.iter().map(|column| column.key);
    keys.filter_map(|key| if let Key::Dimension(one) = key { Some(one) } else { None }).collect()
}

struct Stack<'q, 'a> {
    answers: &'a Answers,
    query: &'q ReportQuery,
    open: &'q [String],
}

impl<'a> Stack<'_, 'a> {
    fn push(
        &self,
        lines: &mut Vec<Line<'a>>,
        table: &'a Table,
        rows: Range<usize>,
        path: &str,
        above: &View,
        depth: usize,
    ) {
        let dimensions = dimensions(table);
        let unfolds = dimensions.last().copied().and_then(unfold::beneath).is_some();
        for place in rows {
            let Some(cells) = table.rows.get(place) else { continue };
            let cells = &cells[..dimensions.len()];
            let path = unfold::path(path, cells);
            let is_open = unfolds && self.open.contains(&path);
            let can_open = unfolds && path.chars().count() <= unfold::MAX_PATH;
            lines.push(Line {
                depth,
                path: path.clone(),
                above: above.clone(),
                table,
                place: Some(place),
                is_open: can_open.then_some(is_open),
            });
            let beneath = is_open.then(|| unfold::query(self.query, &path)).flatten();
            if let Some(child) = beneath.and_then(|query| self.answers.table(&query).ok()) {
                let narrowed = lines.last().map_or_else(|| above.clone(), Line::narrowed);
                self.push(lines, child, 0..child.rows.len(), &path, &narrowed, depth + 1);
            }
        }
        let is_cut = depth > 0 && table.total_rows > table.rows.len();
        if is_cut {
            lines.push(Line {
                depth,
                path: format!("{path}|…"),
                above: above.clone(),
                table,
                place: None,
                is_open: None,
            });
        }
    }
}
