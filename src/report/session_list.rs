//! The list of single sessions, newest first.

use serde::{Deserialize, Serialize};

use crate::model::order::Conversion;
use crate::model::touch::Utm;
use crate::model::visitor::{Device, Place};
use crate::model::{Id, Millis};

/// One session as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    /// Its id.
    pub id: Id,
    /// When it opened.
    pub started_at: Millis,
    /// Its last page view or action.
    pub last_seen: Millis,
    /// When it opened, in the store's time zone: `22.11.2026 14:05`.
    pub started_local: String,
    /// The visitor's own values, cleaned.
    pub utm: Utm,
    /// The source that it is counted under.
    pub source: String,
    /// The medium that it is counted under.
    pub medium: String,
    /// The channel group's key.
    pub channel: String,
    /// Where the address lies.
    pub place: Place,
    /// The address; `None` when unknown or when the asker may not see it.
    pub ip: Option<String>,
    /// The form of the device.
    pub device: Device,
    /// The operating system.
    pub os: Option<String>,
    /// The browser.
    pub browser: Option<String>,
    /// What stands of it: a purchase before a lead.
    pub conversion: Option<Conversion>,
    /// The earliest standing conversion.
    pub converted_at: Option<Millis>,
}
