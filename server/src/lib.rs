//! The host: listens, tracks, serves the dashboard and writes.

pub mod demo;
pub mod track;
