//! Every dimension: what rows can be told apart by and filtered on.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::catalogue;
use crate::model::touch::{DIRECT, NO_MEDIUM, NOT_AVAILABLE};

/// The dictionary that holds a dimension's column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dictionary {
    /// `touch`: where sessions came from.
    Touch,
    /// `client`: device, operating system, browser.
    Client,
    /// `place`: where addresses lie.
    Place,
    /// `page`: on which page sessions landed.
    Page,
}

/// A reading of the clock in the store's time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Clock {
    /// The clock's hour, 0…23.
    Hour,
    /// The day of the week, 1 for Monday … 7.
    Weekday,
    /// The day: `2026-11-22`.
    Day,
    /// The week, by its Monday: `2026-11-16`.
    Week,
    /// The month: `2026-11`.
    Month,
}

/// Where a dimension's values stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In a dictionary's column.
    Column(Dictionary, &'static str),
    /// `source / medium` of the touch.
    SourceMedium,
    /// `new` for a visitor's first session, else `returning`.
    VisitorType,
    /// In the session's start.
    Clock(Clock),
    /// In its actions: the product's name as it was shown, else its id.
    Product,
    /// In its actions: what was searched for.
    SearchTerm,
}

/// A line of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DimensionLine {
    /// Where the values stand.
    pub origin: Origin,
    /// What stands for no value; `None` when the cell is empty then.
    pub label: Option<&'static str>,
    /// Does spend have it too?
    pub has_spend: bool,
}

const fn line(origin: Origin) -> DimensionLine {
    DimensionLine { origin, label: None, has_spend: false }
}

const fn column(dictionary: Dictionary, name: &'static str) -> DimensionLine {
    line(Origin::Column(dictionary, name))
}

const fn clock(clock: Clock) -> DimensionLine {
    line(Origin::Clock(clock))
}

impl DimensionLine {
    const fn labelled(self, label: &'static str) -> Self {
        Self { label: Some(label), ..self }
    }

    const fn with_spend(self) -> Self {
        Self { has_spend: true, ..self }
    }

    /// Does a session have several of its values, or none?
    pub const fn is_of_actions(&self) -> bool {
        matches!(self.origin, Origin::Product | Origin::SearchTerm)
    }
}

use Dictionary::{Client, Page, Place, Touch};

catalogue! {
    /// Something that sessions can be told apart by.
    Dimension, NotDimension, "dimension", DimensionLine, {
        /// The channel group.
        Channel "channel" => column(Touch, "channel"),
        /// Where the visit came from.
        Source "source" => column(Touch, "source").labelled(DIRECT).with_spend(),
        /// The kind of traffic.
        Medium "medium" => column(Touch, "medium").labelled(NO_MEDIUM).with_spend(),
        /// The campaign, or `N/A`.
        Campaign "campaign" => column(Touch, "campaign").labelled(NOT_AVAILABLE).with_spend(),
        /// The creative, or `N/A`.
        Content "content" => column(Touch, "content").labelled(NOT_AVAILABLE).with_spend(),
        /// The keyword.
        Term "term" => column(Touch, "term"),
        /// Source and medium together: `google / cpc`.
        SourceMedium "source_medium" => line(Origin::SourceMedium).with_spend(),
        /// The advertising platform whose click id the link carried.
        ClickPlatform "click_platform" => column(Touch, "click_platform"),
        /// The referring host.
        Referrer "referrer" => column(Touch, "referrer_host"),
        /// The path on which the session landed.
        LandingPage "landing_page" => column(Page, "path"),
        /// The country's two letters.
        Country "country" => column(Place, "country"),
        /// The region's name.
        Region "region" => column(Place, "region"),
        /// The city's name.
        City "city" => column(Place, "city"),
        /// The form of the device.
        DeviceType "device_type" => column(Client, "device"),
        /// The device's maker.
        DeviceBrand "device_brand" => column(Client, "brand"),
        /// The operating system.
        Os "os" => column(Client, "os"),
        /// The operating system's version.
        OsVersion "os_version" => column(Client, "os_version"),
        /// The browser.
        Browser "browser" => column(Client, "browser"),
        /// The browser's version.
        BrowserVersion "browser_version" => column(Client, "browser_version"),
        /// The browser's first language.
        Language "language" => column(Client, "language"),
        /// `new` for a visitor's first session, else `returning`.
        VisitorType "visitor_type" => line(Origin::VisitorType),
        /// The clock's hour, 0…23.
        Hour "hour" => clock(Clock::Hour),
        /// The day of the week, 1 for Monday … 7.
        Weekday "weekday" => clock(Clock::Weekday).with_spend(),
        /// The day: `2026-11-22`.
        Day "day" => clock(Clock::Day).with_spend(),
        /// The week, by its Monday: `2026-11-16`.
        Week "week" => clock(Clock::Week).with_spend(),
        /// The month: `2026-11`.
        Month "month" => clock(Clock::Month).with_spend(),
        /// A product that something was done with; a session may have many.
        Product "product" => line(Origin::Product),
        /// What was searched for; a session may have many.
        SearchTerm "search_term" => line(Origin::SearchTerm),
    }
}

impl Dimension {
    /// The clock's reading that it is.
    pub const fn clock(self) -> Option<Clock> {
        if let Origin::Clock(clock) = self.definition().origin { Some(clock) } else { None }
    }

    /// Are its values numbers?
    pub const fn is_number(self) -> bool {
        matches!(self.clock(), Some(Clock::Hour | Clock::Weekday))
    }

    /// Does it say where an address lies?
    pub const fn is_place(self) -> bool {
        matches!(self.definition().origin, Origin::Column(Dictionary::Place, _))
    }
}
