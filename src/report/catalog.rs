//! Every metric and dimension, declared once and as data: the fact it is counted from, the aggregate, the unit.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a metric's number is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Whole things.
    Count,
    /// Minor units of the store's currency.
    Money,
    /// Hundredths: 5 means 5 %.
    Percent,
    /// A plain number.
    Number,
}

/// How the rows of a fact become one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aggregate {
    /// How many rows.
    Count,
    /// The sum of a column.
    Sum(&'static str),
    /// The number of rows whose flag, a column of 0 and 1, is set.
    CountIf(&'static str),
    /// How many different visitors.
    DistinctVisitors,
}

/// How a metric comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formula {
    /// Aggregated from the rows of `session`.
    Sessions(Aggregate),
    /// One metric divided by another, times a factor.
    Quotient {
        /// Above the line.
        of: Metric,
        /// Below the line; 0 leaves the quotient without a value.
        per: Metric,
        /// 100 for per cent, else 1.
        times: i64,
    },
}

/// The dictionary that holds a dimension's column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dictionary {
    /// `touch`: where sessions came from.
    Touch,
    /// `client`: device, operating system, browser.
    Client,
    /// `place`: where addresses lie.
    Place,
}

/// Declares an enum whose variants are catalogue lines: a doc comment, a key for addresses and APIs, a definition.
macro_rules! catalogue {
    ($(#[$about:meta])* $name:ident, $bad:ident, $what:literal, $def:ty, { $($(#[$doc:meta])* $variant:ident $key:literal => $line:expr,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Every one, in the order of the catalogue.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The key, the same word in addresses, JSON and exports.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key,)+ }
            }

            /// The line of the catalogue.
            pub const fn definition(self) -> $def {
                match self { $(Self::$variant => $line,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.key())
            }
        }

        impl From<$name> for String {
            fn from(one: $name) -> Self {
                one.key().to_owned()
            }
        }

        #[doc = concat!("Why a text is no ", $what, ".")]
        #[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
        #[error("“{0}” is no {what}: {all}", what = $what, all = [$($key),+].join(", "))]
        pub struct $bad(pub String);

        impl FromStr for $name {
            type Err = $bad;

            fn from_str(text: &str) -> Result<Self, $bad> {
                Self::ALL.iter().copied().find(|one| one.key() == text).ok_or_else(|| $bad(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = $bad;

            fn try_from(text: String) -> Result<Self, $bad> {
                text.parse()
            }
        }
    };
}
pub(crate) use catalogue;

/// A metric's unit and formula.
pub type MetricLine = (Unit, Formula);

const fn sessions(unit: Unit, aggregate: Aggregate) -> MetricLine {
    (unit, Formula::Sessions(aggregate))
}

const fn quotient(unit: Unit, of: Metric, per: Metric, times: i64) -> MetricLine {
    (unit, Formula::Quotient { of, per, times })
}

use Aggregate::{Count, CountIf, DistinctVisitors, Sum};

catalogue! {
    /// Something that can be counted.
    Metric, NotMetric, "metric", MetricLine, {
        /// Sessions that started in the period.
        Sessions "sessions" => sessions(Unit::Count, Count),
        /// Distinct visitors.
        Visitors "visitors" => sessions(Unit::Count, DistinctVisitors),
        /// Sessions with an order that is paid and stands.
        Purchases "purchases" => sessions(Unit::Count, CountIf("has_purchase")),
        /// Sessions with an order that is prepaid and stands.
        Leads "leads" => sessions(Unit::Count, CountIf("has_lead")),
        /// Sessions with a lead or a purchase that stands.
        Conversions "conversions" => sessions(Unit::Count, CountIf("is_converted")),
        /// Conversions per hundred sessions.
        Cr "cr" => quotient(Unit::Percent, Metric::Conversions, Metric::Sessions, 100),
        /// Paid orders that were neither called off nor sent back.
        Orders "orders" => sessions(Unit::Count, Sum("orders")),
        /// Their totals less what was refunded.
        Revenue "revenue" => sessions(Unit::Money, Sum("revenue")),
        /// Revenue per order.
        Aov "aov" => quotient(Unit::Money, Metric::Revenue, Metric::Orders, 1),
        /// Points of all actions.
        Points "points" => sessions(Unit::Count, Sum("points")),
        /// Points per session.
        PointsPerSession "points_per_session" => quotient(Unit::Number, Metric::Points, Metric::Sessions, 1),
    }
}

catalogue! {
    /// Something that sessions can be told apart by: a column of a dictionary.
    Dimension, NotDimension, "dimension", (Dictionary, &'static str), {
        /// Where the visit came from.
        Source "source" => (Dictionary::Touch, "source"),
        /// The kind of traffic.
        Medium "medium" => (Dictionary::Touch, "medium"),
        /// The campaign, or `N/A`.
        Campaign "campaign" => (Dictionary::Touch, "campaign"),
        /// The channel group.
        Channel "channel" => (Dictionary::Touch, "channel"),
        /// The country's two letters.
        Country "country" => (Dictionary::Place, "country"),
        /// The city's name.
        City "city" => (Dictionary::Place, "city"),
        /// The form of the device.
        DeviceType "device_type" => (Dictionary::Client, "device"),
    }
}
