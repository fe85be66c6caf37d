//! The parts of pages: each owns its query and draws one table.

mod alert;
pub mod cards;
mod counters;
mod data_table;
mod exclusions;
mod footer;
mod header;
mod language_switch;
mod line_chart;
mod live_feed;
mod live_status;
mod live_toasts;
mod panel;
mod sessions;
pub mod sources;
mod stat;

pub use alert::Alert;
pub use cards::Cards;
pub use counters::Counters;
pub use data_table::DataTable;
pub use exclusions::Exclusions;
pub use footer::Footer;
pub use header::Header;
pub use language_switch::LanguageSwitch;
pub use line_chart::LineChart;
pub use live_feed::LiveFeed;
pub use live_status::LiveStatus;
pub use live_toasts::LiveToasts;
pub use panel::{Answers, Panel};
pub use sessions::RecentSessions;
pub use sources::Sources;
pub use stat::Stat;
