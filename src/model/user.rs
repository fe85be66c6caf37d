//! The people who may look: their roles.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a user of the dashboard may do; each role may do what the one before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sees numbers, but no addresses, e-mails or order numbers.
    Viewer,
    /// Sees everything and exports it.
    Analyst,
    /// Changes settings and users too.
    Admin,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Analyst, Self::Admin];

    /// The role's name, as the command line and the database write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Analyst => "analyst",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a text is no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is no role: admin, analyst or viewer")]
pub struct NotRole(String);

impl FromStr for Role {
    type Err = NotRole;

    fn from_str(text: &str) -> Result<Self, NotRole> {
        Self::ALL.into_iter().find(|role| role.name() == text).ok_or_else(|| NotRole(text.to_owned()))
    }
}

/// What an API token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Reads reports, with an analyst's rights.
    Read,
    /// Sends events and orders.
    Write,
}

impl Scope {
    /// The scope's name, as the command line and the database write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

impl FromStr for Scope {
    type Err = NotScope;

    fn from_str(text: &str) -> Result<Self, NotScope> {
        match text {
            "read" => Ok(Self::Read),
            "write" => Ok(Self::Write),
            _ => Err(NotScope(text.to_owned())),
        }
    }
}

/// Why a text is no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is no scope: read or write")]
pub struct NotScope(String);

/// Who asks: the user behind a login, or a token with an analyst's rights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// The user's e-mail, or the token's name.
    pub name: String,
    /// What they may do.
    pub role: Role,
}
