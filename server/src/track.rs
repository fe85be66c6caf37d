//! Tracking: what passes through the storefront becomes facts in the store.

pub mod cacheable;
pub mod code;
pub mod cookie;
pub mod layer;
pub mod person;
pub mod proxy;
pub mod queue;
pub mod salt;
pub mod visit;
pub mod writer;
