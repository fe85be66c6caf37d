//! The host: listens, tracks, serves the dashboard and writes.

pub mod storefront;
pub mod track;
