//! Building blocks that know nothing of the domain.

pub mod chart;
pub mod reload;
pub mod toast;

pub use chart::Chart;
