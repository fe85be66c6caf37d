//! A request becomes facts, purely.

pub mod address;
pub mod session;

pub use address::client_address;
