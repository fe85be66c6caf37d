//! Tracking: what passes through the storefront becomes facts in the store.

pub mod cacheable;
pub mod cookie;
pub mod exclusions;
pub mod layer;
pub mod proxy;
pub mod queue;
pub mod visit;
pub mod writer;
