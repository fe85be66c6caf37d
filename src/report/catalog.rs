//! What can be counted and told apart, declared once and as data: facts, aggregates, formulas, origins.

mod dimension;
mod metric;

pub use dimension::{Clock, Dictionary, Dimension, DimensionLine, NotDimension, Origin};
pub use metric::{Metric, MetricLine, NotMetric, SESSIONS};
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
    /// Seconds of time.
    Seconds,
}

impl Unit {
    /// Every unit.
    pub const ALL: [Self; 5] = [Self::Count, Self::Money, Self::Percent, Self::Number, Self::Seconds];

    /// The word for it.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Money => "money",
            Self::Percent => "percent",
            Self::Number => "number",
            Self::Seconds => "seconds",
        }
    }

    /// How its numbers are written in APIs.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Count => "Whole things.",
            Self::Money => "An amount in the store's currency, as a decimal text: \"1499.00\".",
            Self::Percent => "Hundredths with two decimals: 5.25 means 5.25 %.",
            Self::Number => "A number with two decimals.",
            Self::Seconds => "Seconds of time, with two decimals.",
        }
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    /// Sessions, by their start.
    Session,
    /// What sessions did. A session's row keeps count of it; only products and search terms need the actions.
    Action,
    /// What was sold: counted with the session that it is linked to or, with `basis=order`, on the day it was paid.
    Order,
    /// What advertising cost, by local day.
    Spend,
}

/// How the rows of a fact become one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Aggregate {
    /// How many rows.
    Count,
    /// The sum of a column.
    Sum(&'static str),
    /// The number of rows whose flag, a column of 0 and 1, is set.
    CountIf(&'static str),
    /// How many different visitors.
    DistinctVisitors,
    /// How many actions of a kind; their counter in the session's row stands before it.
    Actions(&'static str, &'static str),
    /// How many sessions came as far as a step of the funnel.
    Reached(Step),
}

/// What is asked of the database for a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Measure {
    /// What is counted.
    pub fact: Fact,
    /// How.
    pub aggregate: Aggregate,
}

/// What a measure is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Per {
    /// Nothing.
    One,
    /// Another measure of the same row; 0 leaves the quotient without a value.
    Measure(Measure),
    /// The same measure of all rows together.
    Total,
}

/// How a metric comes about: `(of − less) · times / per`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Formula {
    /// What is measured.
    pub of: Measure,
    /// What is taken away.
    pub less: Option<Measure>,
    /// What it is divided by.
    pub per: Per,
    /// 100 for per cent, else 1.
    pub times: i64,
}

impl Formula {
    /// What the database is asked for.
    pub fn measures(&self) -> impl Iterator<Item = Measure> + use<> {
        let per = if let Per::Measure(per) = self.per { Some(per) } else { None };
        [Some(self.of), self.less, per].into_iter().flatten()
    }
}

/// A step of the funnel; every session has taken the one before the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// A product was shown.
    ProductView,
    /// A product went into the cart.
    AddToCart,
    /// The checkout was opened.
    InitiateCheckout,
    /// A lead stands.
    Lead,
    /// A purchase stands.
    Purchase,
}

impl Step {
    /// Every step, in the order in which they are taken.
    pub const ALL: [Self; 5] = [Self::ProductView, Self::AddToCart, Self::InitiateCheckout, Self::Lead, Self::Purchase];

    /// The column of the session's row that is above 0 once the step was taken.
    pub fn column(self) -> &'static str {
        match self {
            Self::ProductView => "product_views",
            Self::AddToCart => "add_to_cart",
            Self::InitiateCheckout => "initiate_checkout",
            Self::Lead => "had_lead",
            Self::Purchase => "has_purchase",
        }
    }
}

/// Declares an enum whose variants are catalogue lines: a doc comment, a key for addresses and APIs, a definition.
macro_rules! catalogue {
    ($(#[$about:meta])* $name:ident, $bad:ident, $what:literal, $def:ty, { $($(#[doc = $doc:literal])+ $variant:ident $key:literal => $line:expr,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub enum $name { $($(#[doc = $doc])+ $variant,)+ }

        impl $name {
            /// Every one, in the order of the catalogue.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The key, the same word in addresses, JSON and exports.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key,)+ }
            }

            /// What it is, for people: its line's doc comment.
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii(),)+ }
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
