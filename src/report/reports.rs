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

catalogue! {
    /// A named report. Rows are sorted by the first metric, the highest first.
    Report, NotReport, "report", ReportLine, {
        /// The period as a whole.
        General "general" => ReportLine {
            dimensions: &[],
            metrics: &[
                Metric::Sessions, Metric::Visitors, Metric::Conversions, Metric::Cr, Metric::Revenue, Metric::Aov,
                Metric::Points, Metric::PointsPerSession,
            ],
        },
        /// By source.
        Sources "sources" => ReportLine {
            dimensions: &[Dimension::Source],
            metrics: &[
                Metric::Sessions, Metric::Conversions, Metric::Cr, Metric::Revenue, Metric::Aov, Metric::Points,
            ],
        },
    }
}
