//! The pages, one file per route.

mod dispatcher;
mod login;
mod missing;
mod tracking;

pub use dispatcher::Dispatcher;
pub use login::Login;
pub use missing::Missing;
pub use tracking::Tracking;
