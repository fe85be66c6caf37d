//! Building blocks that know nothing of the domain.

pub mod chart;
pub mod popover;
pub mod reload;

pub use chart::Chart;
pub use popover::Popover;
