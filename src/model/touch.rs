//! The marketing facts with which a session began.

use serde::{Deserialize, Serialize};

/// The label of a touch that has no campaign or content of its own.
pub const NOT_AVAILABLE: &str = "N/A";
/// The source of a session that came from nowhere that is known.
pub const DIRECT: &str = "direct";
/// The medium of a session that nothing else stands for.
pub const NO_MEDIUM: &str = "none";

/// The five `utm_*` values of a link, cleaned and, for the source, aliased. `None` when absent or empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Utm {
    /// `utm_source`, in lower case.
    pub source: Option<String>,
    /// `utm_medium`, in lower case.
    pub medium: Option<String>,
    /// `utm_campaign`, its case kept.
    pub campaign: Option<String>,
    /// `utm_content`, its case kept.
    pub content: Option<String>,
    /// `utm_term`, its case kept.
    pub term: Option<String>,
}

impl Utm {
    /// The values in the order source, medium, campaign, content, term.
    pub fn values(&self) -> [Option<&str>; 5] {
        [&self.source, &self.medium, &self.campaign, &self.content, &self.term].map(Option::as_deref)
    }

    /// Has the link none of them?
    pub fn is_empty(&self) -> bool {
        self.values().iter().all(Option::is_none)
    }
}

/// A parameter that an advertising platform added to the link.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ClickId {
    /// The parameter's name in its customary spelling: `gclid`, `ScCid`.
    pub name: String,
    /// Its value as it came, at most 255 characters.
    pub value: String,
}

/// Where a session came from. A dictionary row: equal touches are stored once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Touch {
    /// The visitor's own values, cleaned.
    pub utm: Utm,
    /// The five values as they came, when cleaning changed any of them; else all `None`.
    pub raw: Utm,
    /// What reports group by: utm source, else the click id's, else the referrer's, else [`DIRECT`].
    pub source: String,
    /// What reports group by: utm medium, else the click id's, else the referrer's kind, else [`NO_MEDIUM`].
    pub medium: String,
    /// The channel group's key: `paid_social`.
    pub channel: String,
    /// The platform of the click id that decided: `google_ads`.
    pub click_platform: Option<String>,
    /// The referring host: lower case, no `www.`, no port. `None` for the shop's own hosts and payment providers.
    pub referrer_host: Option<String>,
    /// Did any value hold an advertising macro that was never filled in (`{{campaign.name}}`)?
    pub has_macro: bool,
}
