//! Who asks: logins in a cookie, tokens in a header.

use std::time::Duration;

use http::HeaderMap;
use utm_dispatcher::model::{Role, Scope, Viewer};

use crate::config;

pub mod guard;
pub mod password;
pub mod secret;

mod attempts;
pub mod cookie;
mod login;
pub mod origin;
mod tokens;

pub use attempts::Attempts;
pub use login::{login, logout, normal_email};

/// Who sends a request. Stands in the extensions of every request to our own paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// Nobody that we know.
    Nobody,
    /// Someone with a login.
    User(Viewer),
    /// A program with a token.
    Token {
        /// The token's name.
        name: String,
        /// What it may do.
        scope: Scope,
    },
}

impl Identity {
    /// Who reads reports: a user, or a token of scope read with an analyst's rights.
    pub fn reader(&self) -> Option<Viewer> {
        match self {
            Self::User(viewer) => Some(viewer.clone()),
            Self::Token { name, scope: Scope::Read } => Some(Viewer { name: name.clone(), role: Role::Analyst }),
            Self::Token { scope: Scope::Write, .. } | Self::Nobody => None,
        }
    }

    /// Who is logged in.
    pub fn user(&self) -> Option<&Viewer> {
        match self {
            Self::User(viewer) => Some(viewer),
            Self::Token { .. } | Self::Nobody => None,
        }
    }
}

/// The hash of the login's secret that a request shows, be it worth anything or not.
pub fn login_hash(headers: &HeaderMap, is_https: bool) -> Option<String> {
    cookie::read(headers, is_https).map(|shown| secret::hash(&shown))
}

/// What logins need beside the store.
#[derive(Debug)]
pub struct Auth {
    /// Checks passwords, a few at a time.
    pub passwords: password::Checker,
    /// Finds tokens, even while the database is away.
    pub tokens: tokens::Tokens,
    /// Counts failed logins.
    pub attempts: Attempts,
    /// How long a login lasts without a visit.
    pub lasts: Duration,
}

impl Auth {
    /// As configured.
    pub fn new(config: &config::Auth) -> Result<Self, password::HashError> {
        let window = Duration::from_mins(config.attempt_minutes.into());
        Ok(Self {
            passwords: password::Checker::new()?,
            tokens: tokens::Tokens::default(),
            attempts: Attempts::new(config.attempts, config.account_attempts, window),
            lasts: Duration::from_hours(24 * u64::from(config.login_days)),
        })
    }
}
