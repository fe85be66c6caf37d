//! The list of single sessions, newest first.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::catalog::{Unit, catalogue};
use super::table::{Cursor, Value, Warning};
use crate::model::order::Conversion;
use crate::model::touch::Utm;
use crate::model::visitor::{Device, Place};
use crate::model::{Id, Millis, Money, Role};

/// One session as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    /// Its id.
    pub id: Id,
    /// Whose it is.
    pub visitor_id: Id,
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
    /// 1 for the visitor's first session, 2 for the next …
    pub visit_count: i64,
    /// How many pages were shown.
    pub page_views: i64,
    /// What its actions and orders earned.
    pub points: i64,
    /// What its orders brought.
    pub revenue: Money,
    /// Its times as files show them.
    pub local: LocalTimes,
}

/// Times in the store's time zone: `2026-11-22 14:05:09`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalTimes {
    /// When the session opened.
    pub started_at: String,
    /// Its last page view or action.
    pub last_seen: String,
    /// The earliest standing conversion.
    pub converted_at: Option<String>,
}

impl SessionRow {
    /// The row as `role` may see it: viewers see no addresses.
    #[must_use]
    pub fn seen_by(mut self, role: Role) -> Self {
        if role < Role::Analyst {
            self.ip = None;
        }
        self
    }
}

/// A page of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionPage {
    /// What was asked, normalised.
    pub query: String,
    /// The sessions, the newest first.
    pub rows: Vec<SessionRow>,
    /// How many there are on all pages.
    pub total_rows: usize,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<Cursor>,
    /// What should be known of them.
    pub warnings: Vec<Warning>,
}

/// A column's unit, and its cell in a row.
pub type FieldLine = (Option<Unit>, fn(&SessionRow) -> Value);

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn known(text: Option<&String>) -> Value {
    text.cloned().map_or(Value::Null, Value::Text)
}

catalogue! {
    /// A column of the list when it is a table.
    SessionField, NotSessionField, "column of sessions", FieldLine, {
        /// Its id.
        Id "id" => (None, |row| Value::Whole(row.id.0)),
        /// When it opened, in the store's time zone.
        StartedAt "started_at" => (None, |row| text(&row.local.started_at)),
        /// Its last page view or action, in the store's time zone.
        LastSeen "last_seen" => (None, |row| text(&row.local.last_seen)),
        /// The source that it is counted under.
        Source "source" => (None, |row| text(&row.source)),
        /// The medium that it is counted under.
        Medium "medium" => (None, |row| text(&row.medium)),
        /// The visitor's own campaign.
        Campaign "campaign" => (None, |row| known(row.utm.campaign.as_ref())),
        /// The visitor's own content.
        Content "content" => (None, |row| known(row.utm.content.as_ref())),
        /// The visitor's own term.
        Term "term" => (None, |row| known(row.utm.term.as_ref())),
        /// The channel group.
        Channel "channel" => (None, |row| text(&row.channel)),
        /// The address; empty for who may not see it.
        Ip "ip" => (None, |row| known(row.ip.as_ref())),
        /// The country's two letters.
        Country "country" => (None, |row| known(row.place.country.as_ref())),
        /// The city.
        City "city" => (None, |row| known(row.place.city.as_ref())),
        /// The form of the device.
        DeviceType "device_type" => (None, |row| text(row.device.key())),
        /// The operating system.
        Os "os" => (None, |row| known(row.os.as_ref())),
        /// The browser.
        Browser "browser" => (None, |row| known(row.browser.as_ref())),
        /// The how many-th session of its visitor it is.
        VisitCount "visit_count" => (Some(Unit::Count), |row| Value::Whole(row.visit_count)),
        /// How many pages were shown.
        PageViews "page_views" => (Some(Unit::Count), |row| Value::Whole(row.page_views)),
        /// What its actions and orders earned.
        Points "points" => (Some(Unit::Count), |row| Value::Whole(row.points)),
        /// `lead`, `purchase` or nothing.
        Conversion "conversion" => (None, |row| row.conversion.map_or(Value::Null, |conversion| text(conversion.key()))),
        /// The earliest standing conversion, in the store's time zone.
        ConvertedAt "converted_at" => (None, |row| known(row.local.converted_at.as_ref())),
        /// What its orders brought.
        Revenue "revenue" => (Some(Unit::Money), |row| Value::Whole(row.revenue.0)),
    }
}

impl SessionField {
    /// Does it tell who somebody is? Viewers see nothing in it.
    pub const fn is_personal(self) -> bool {
        matches!(self, Self::Ip)
    }

    /// The cell of a row.
    pub fn of(self, row: &SessionRow) -> Value {
        self.definition().1(row)
    }
}
