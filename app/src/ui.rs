//! Building blocks that know nothing of the domain.

pub mod chart;
pub mod copy_button;
pub mod dialog;
pub mod download;
pub mod popover;
pub mod reload;
pub mod shortcuts;
#[cfg(feature = "hydrate")]
pub mod storage;
pub mod toast;
pub mod written;

pub use chart::{Chart, Drawing, Mark};
pub use copy_button::CopyButton;
pub use dialog::Dialog;
pub use download::Download;
pub use popover::Popover;
pub use written::written;
