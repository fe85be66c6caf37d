//! A request becomes facts, purely.

pub mod session;
