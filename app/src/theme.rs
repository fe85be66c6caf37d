//! The colours of the page: dark unless the reader chose otherwise; a cookie remembers the choice, so that the server
//! renders it and nothing blinks.

use serde::{Deserialize, Serialize};

/// The parameter of an address that chooses a theme.
pub const PARAMETER: &str = "theme";

/// A set of colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Theme {
    /// Light on dark.
    #[default]
    Dark,
    /// Dark on light.
    Light,
    /// As the reader's system has it.
    System,
}

impl Theme {
    /// Every theme.
    pub const ALL: [Self; 3] = [Self::Dark, Self::Light, Self::System];

    /// The word for it in addresses, cookies and style sheets.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::System => "system",
        }
    }

    /// Which of the browser's own colours fit: before the style sheet is there.
    #[cfg(feature = "ssr")]
    pub fn schemes(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::System => "light dark",
        }
    }

    /// The theme of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == name)
    }
}

/// The theme that a request remembers.
#[cfg(feature = "ssr")]
pub fn of_request() -> Theme {
    let remembered = crate::choice::THEME.remembered();
    remembered.and_then(|name| Theme::named(&name)).unwrap_or_default()
}
