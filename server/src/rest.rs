//! APIs under `/api/`, and what monitors ask.

pub mod body;
pub mod etag;
pub mod health;
pub mod messages;
pub mod openapi;
pub mod query;
pub mod utm;
pub mod v1;

mod number;

use chrono::{DateTime, SecondsFormat};
use utm_dispatcher::model::Millis;

/// An instant as our APIs write it: `2026-11-22T10:00:00.000Z`.
fn time(at: Millis) -> String {
    DateTime::from_timestamp_millis(at).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Millis, true)
}
