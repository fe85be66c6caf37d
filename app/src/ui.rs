//! Building blocks that know nothing of the domain.

pub mod chart;
pub mod popover;
pub mod reload;
pub mod shortcuts;
#[cfg(feature = "hydrate")]
pub mod storage;
pub mod toast;

pub use chart::Chart;
pub use popover::Popover;
