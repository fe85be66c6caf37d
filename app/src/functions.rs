//! The server functions, one file per noun: who asks, what is asked, delegate.

pub mod reports;
pub mod sessions;
pub mod settings;
pub mod tracking;
