//! What can be asked, purely: metrics and dimensions, named reports, queries in their one text form, tables.

pub mod catalog;
pub mod number;
pub mod query;
pub mod reports;
pub mod session_list;
pub mod table;

pub use catalog::{Dimension, Metric, Unit};
pub use query::ReportQuery;
pub use reports::Report;
pub use session_list::SessionRow;
pub use table::{Column, Key, Table, Value};
