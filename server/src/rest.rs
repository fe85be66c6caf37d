//! APIs under `/api/`, and what monitors ask.

pub mod health;
pub mod utm;

mod number;
mod query;
