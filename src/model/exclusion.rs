//! Exclusions: whose requests an administrator does not want counted.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Id, Millis};

/// The longest value of an exclusion, in characters.
pub const MAX_VALUE: usize = 512;
/// The longest note on an exclusion, in characters.
pub const MAX_NOTE: usize = 255;

/// By what requests are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExclusionKind {
    /// An address or a network: `203.0.113.7`, `2001:db8::/32`.
    Address,
    /// A visitor: its id, or its key.
    Visitor,
    /// A piece of the `User-Agent`, in whatever case.
    UserAgent,
    /// What the path begins with.
    Path,
    /// The e-mail of a login: whoever is logged in to the dashboard with it is not counted in the shop on the same host.
    Login,
}

impl ExclusionKind {
    /// All kinds, in the order in which they are offered.
    pub const ALL: [Self; 5] = [Self::Address, Self::Path, Self::UserAgent, Self::Login, Self::Visitor];

    /// The kind's name, as the database and forms write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Visitor => "visitor",
            Self::UserAgent => "user_agent",
            Self::Path => "path",
            Self::Login => "login",
        }
    }

    /// Values of that kind, for whoever gave another one.
    pub fn examples(self) -> &'static str {
        match self {
            Self::Address => "203.0.113.7, 203.0.113.0/24, 2001:db8::/32",
            Self::Visitor => "1234567890123, c0123456789abcdef0123456789abcdef",
            Self::UserAgent => "UptimeRobot, MyShopApp/2",
            Self::Path => "/test, /admin/",
            Self::Login => "owner@shop.example",
        }
    }
}

impl fmt::Display for ExclusionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a text is no kind of exclusion.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is no kind of exclusion: address, path, user_agent, login or visitor")]
pub struct NotKind(String);

impl FromStr for ExclusionKind {
    type Err = NotKind;

    fn from_str(text: &str) -> Result<Self, NotKind> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or_else(|| NotKind(text.to_owned()))
    }
}

/// A stored exclusion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusion {
    /// Its id.
    pub id: Id,
    /// By what it leaves out.
    pub kind: ExclusionKind,
    /// What it leaves out, in its usual form.
    pub value: String,
    /// What it is for; may be empty.
    pub note: String,
    /// Does it count now?
    pub is_active: bool,
    /// When it was added.
    pub created_at: Millis,
    /// The e-mail of whoever added it.
    pub created_by: String,
}

/// An exclusion that was checked and may be stored: see `tracking::exclusion::checked`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewExclusion {
    /// By what it leaves out.
    pub kind: ExclusionKind,
    /// What it leaves out, in its usual form.
    pub value: String,
    /// What it is for; may be empty.
    pub note: String,
}
