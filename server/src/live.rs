//! Live dashboards: what has just been committed, by whatever process, is pushed to whoever looks.
//!
//! One task follows the log of changes and makes frames, each serialised once; a task for each connection sends the
//! newest one. A connection that is slower than the frames skips some, and catches up with one that holds all of late.

mod follow;
mod frames;
mod on_site;
mod socket;

pub use follow::follow;
pub use frames::{Live, Sent};
pub use socket::live;
