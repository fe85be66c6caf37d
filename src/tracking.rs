//! A request becomes facts, purely: no clock, no network, nothing that fails.
//!
//! [`steps::read`] walks the list [`steps::STEPS`]: some steps drop the request and say why, the others put what
//! they read into a [`steps::Draft`]. Whether the request may open a page is asked of [`steps::page`]; what only the
//! answer tells, afterwards, of [`steps::is_page_view`].

pub mod address;
pub mod bots;
pub mod channel;
pub mod click_id;
pub mod client;
pub mod exclusion;
pub mod hints;
pub mod key;
pub mod query;
pub mod referrer;
pub mod session;
pub mod steps;
pub mod text;
pub mod touch;
pub mod utm;

pub use address::client_address;
pub use bots::{Bot, bot};
pub use channel::{Channel, channel};
pub use client::Agents;
pub use exclusion::{Exclusions, LiveExclusions};
pub use query::Params;
pub use referrer::{Known, Origin, host_of, known};
pub use steps::{Draft, Drop, Request, Rules, is_page_view, page, read};
pub use touch::touch;

/// Reads the data and builds the automata that the first request would otherwise wait for.
pub fn prepare() {
    bots::prepare();
    referrer::prepare();
}
