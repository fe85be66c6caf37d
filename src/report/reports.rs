//! Every named report, declared once.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::catalog::{Dimension, Metric, catalogue};

/// What a report shows unless it is asked otherwise.
pub struct ReportLine {
    /// What its rows are told apart by; none for a single row of totals.
    pub dimensions: &'static [Dimension],
    /// What is counted, in the order of its columns.
    pub metrics: &'static [Metric],
}

const fn by(dimensions: &'static [Dimension], metrics: &'static [Metric]) -> ReportLine {
    ReportLine { dimensions, metrics }
}

/// What is shown of where sessions come from.
const SALES: &[Metric] =
    &[Metric::Sessions, Metric::Conversions, Metric::Cr, Metric::Revenue, Metric::Aov, Metric::Points];
/// What is shown of who visits.
const VISITS: &[Metric] = &[
    Metric::Sessions,
    Metric::Share,
    Metric::Visitors,
    Metric::BounceRate,
    Metric::Duration,
    Metric::Conversions,
    Metric::Cr,
    Metric::Revenue,
];

catalogue! {
    /// A named report.
    Report, NotReport, "report", ReportLine, {
        /// The period as a whole.
        General "general" => by(&[], &[
            Metric::Sessions, Metric::Visitors, Metric::NewVisitors, Metric::ReturningVisitors, Metric::PageViews,
            Metric::PagesPerSession, Metric::Duration, Metric::BounceRate, Metric::Leads, Metric::Purchases,
            Metric::Conversions, Metric::Cr, Metric::Orders, Metric::Revenue, Metric::Refunds, Metric::Aov,
            Metric::RevenuePerSession, Metric::Points, Metric::PointsPerSession,
        ]),
        /// Over time: by day, or by hour, week or month when asked so. Empty ones are shown.
        Timeseries "timeseries" => by(&[Dimension::Day], &[
            Metric::Sessions, Metric::Visitors, Metric::Conversions, Metric::Cr, Metric::Orders, Metric::Revenue,
        ]),
        /// By channel group.
        Channels "channels" => by(&[Dimension::Channel], SALES),
        /// By source.
        Sources "sources" => by(&[Dimension::Source], SALES),
        /// By campaign.
        Campaigns "campaigns" => by(&[Dimension::Source, Dimension::Medium, Dimension::Campaign], SALES),
        /// By creative.
        Content "content" => by(&[Dimension::Source, Dimension::Campaign, Dimension::Content], SALES),
        /// By keyword.
        Terms "terms" => by(&[Dimension::Source, Dimension::Term], SALES),
        /// How far sessions come; by any dimension when asked so.
        Funnel "funnel" => by(&[], &[
            Metric::Sessions, Metric::FunnelProductView, Metric::FunnelAddToCart, Metric::FunnelInitiateCheckout,
            Metric::FunnelLead, Metric::FunnelPurchase, Metric::ProductViewRate, Metric::AddToCartRate,
            Metric::InitiateCheckoutRate, Metric::LeadRate, Metric::PurchaseRate, Metric::AddToCartStepRate,
            Metric::InitiateCheckoutStepRate, Metric::LeadStepRate, Metric::PurchaseStepRate,
        ]),
        /// By country.
        GeoCountries "geo_countries" => by(&[Dimension::Country], VISITS),
        /// By city.
        GeoCities "geo_cities" => by(&[Dimension::Country, Dimension::City], VISITS),
        /// By form of device.
        Devices "devices" => by(&[Dimension::DeviceType], VISITS),
        /// By browser.
        Browsers "browsers" => by(&[Dimension::Browser], VISITS),
        /// By operating system.
        OperatingSystems "operating_systems" => by(&[Dimension::Os], VISITS),
        /// By the page on which sessions began.
        LandingPages "landing_pages" => by(&[Dimension::LandingPage], VISITS),
        /// By product.
        Products "products" => by(&[Dimension::Product], &[
            Metric::ProductViews, Metric::AddToCart, Metric::RemoveFromCart, Metric::Sessions, Metric::Conversions,
            Metric::Cr,
        ]),
        /// By what was searched for.
        Searches "searches" => by(&[Dimension::SearchTerm], &[
            Metric::Searches, Metric::Sessions, Metric::Conversions, Metric::Cr,
        ]),
        /// First visits beside later ones.
        ReturningVisitors "returning_visitors" => by(&[Dimension::VisitorType], VISITS),
        /// Single sessions, the newest first: has columns of its own, no dimensions and no metrics.
        Sessions "sessions" => by(&[], &[]),
        /// Any dimensions and metrics.
        Explore "explore" => by(&[Dimension::Source, Dimension::Medium], SALES),
    }
}

impl Report {
    /// Is it a list of single sessions?
    pub const fn is_list(self) -> bool {
        matches!(self, Self::Sessions)
    }
}
