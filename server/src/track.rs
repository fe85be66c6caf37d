//! What stands in front of the storefront.

pub mod cacheable;
pub mod proxy;
