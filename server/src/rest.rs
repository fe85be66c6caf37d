//! APIs under `/api/`, and what monitors ask.

pub mod health;
pub mod query;
pub mod utm;

mod number;
