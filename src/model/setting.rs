//! What a user of the dashboard saves under a name: boards and segments.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SettingKind {
    /// Which widgets stand where.
    Board,
    /// Filters.
    Segment,
}

impl SettingKind {
    /// The kind's name, as forms and the database write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Board => "board",
            Self::Segment => "segment",
        }
    }

    /// At most so many for each user.
    pub fn most(self) -> usize {
        match self {
            Self::Board => 20,
            Self::Segment => 100,
        }
    }
}

impl fmt::Display for SettingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a text is no kind of setting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is no kind of setting: board or segment")]
pub struct NotSettingKind(String);

impl FromStr for SettingKind {
    type Err = NotSettingKind;

    fn from_str(text: &str) -> Result<Self, NotSettingKind> {
        [Self::Board, Self::Segment]
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| NotSettingKind(text.into()))
    }
}

/// Something that a user saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// What it is.
    pub kind: SettingKind,
    /// Its name.
    pub name: String,
    /// What it says, in the text form of its kind.
    pub value: String,
}
