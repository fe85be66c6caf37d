//! Tracking: what passes through the storefront becomes facts in the store.

pub mod cacheable;
pub mod code;
pub mod collect;
pub mod cookie;
pub mod exclusions;
pub mod layer;
pub mod person;
pub mod proxy;
pub mod queue;
pub mod replay;
pub mod salt;
pub mod script;
pub mod spool;
pub mod visit;
pub mod writer;
