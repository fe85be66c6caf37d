//! The pages, one file per route.

mod dispatcher;
mod login;
mod missing;

pub use dispatcher::Dispatcher;
pub use login::Login;
pub use missing::Missing;
