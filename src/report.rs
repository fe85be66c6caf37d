//! What can be asked, purely: metrics and dimensions, named reports, queries in their one text form, tables.

pub mod catalog;
mod change;
pub mod filter;
pub mod number;
pub mod query;
pub mod reports;
pub mod roi;
pub mod session_detail;
pub mod session_list;
pub mod table;
pub mod text;

pub use catalog::{Dimension, Metric, Unit};
pub use change::Change;
pub use filter::{Filter, Operator, Subject};
pub use query::{Align, BadQuery, Basis, Compare, Match, Mode, ReportQuery, Sort};
pub use reports::Report;
pub use roi::Roi;
pub use session_detail::SessionDetail;
pub use session_list::{SessionField, SessionPage, SessionRow};
pub use table::{Column, Cursor, Direction, Key, Previous, Table, Value, Warning};
