//! A sheet's chart: drawn by the spreadsheet itself, from the sheet's cells.

use rust_xlsxwriter::{Chart as Drawing, ChartLegendPosition, ChartType};
use utm_dispatcher::report::catalog::Clock;
use utm_dispatcher::report::{Column, Key, Metric, Table};

use crate::export::cell::Heading;

/// At most so many groups in a chart of bars.
const GROUPS: u32 = 10;
const WIDTH: u32 = 760;
const HEIGHT: u32 = 380;

/// What a sheet's chart shows. Columns are counted from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// Its title.
    pub title: String,
    /// Is the first column time? Then a line of all rows, else bars of the first ten.
    pub is_time: bool,
    /// How many columns, the first ones, name the groups.
    pub names: u16,
    /// The column that it shows.
    pub number: u16,
    /// The column of money beside it, on an axis of its own.
    pub money: Option<u16>,
}

impl Chart {
    /// The chart of a table: its first metric and, on an axis of its own, its money. `None` where there is nothing to
    /// tell apart.
    pub fn of(title: &str, table: &Table) -> Option<Self> {
        let place = |is: &dyn Fn(Key) -> bool| {
            let place = table.columns.iter().position(|column| is(column.key))?;
            u16::try_from(place).ok()
        };
        let first = place(&|key| matches!(key, Key::Metric(_)))?;
        let Some(Column { key: Key::Dimension(dimension) }) = table.columns.first() else { return None };
        Some(Self {
            title: title.to_owned(),
            is_time: matches!(dimension.clock(), Some(Clock::Day | Clock::Week | Clock::Month)),
            names: first,
            number: first,
            money: place(&|key| key == Key::Metric(Metric::Revenue)).filter(|money| *money != first),
        })
    }

    /// The chart of the sheet `name` with so many rows.
    pub(super) fn draw(&self, name: &str, rows: u32, headings: &[Heading]) -> Drawing {
        let mut chart = Drawing::new(if self.is_time { ChartType::Line } else { ChartType::Column });
        let last = if self.is_time { rows } else { rows.min(GROUPS) };
        for column in [Some(self.number), self.money].into_iter().flatten() {
            let title = headings.get(usize::from(column)).map_or("", |heading| heading.title.as_str());
            let series = chart.add_series();
            series.set_name(title).set_values((name, 1, column, last, column));
            series.set_categories((name, 1, 0, last, self.names.saturating_sub(1)));
            if self.money == Some(column) {
                series.set_secondary_axis(true);
            }
        }
        chart.title().set_name(&self.title);
        chart.legend().set_position(ChartLegendPosition::Bottom);
        chart.set_width(WIDTH).set_height(HEIGHT);
        chart
    }
}
