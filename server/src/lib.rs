//! The host: listens, tracks, serves the dashboard and writes.

pub mod track;
