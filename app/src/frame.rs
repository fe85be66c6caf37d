//! What every page knows without asking: who looks, the store's currency, the build. Sent along with the page.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use utm_dispatcher::model::Viewer;

use crate::routes::HOME;
use crate::theme::Theme;

/// What every page knows without asking.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Who is logged in; nobody on the login page.
    pub viewer: Option<Viewer>,
    /// The store's currency by ISO 4217: `UAH`.
    pub currency: String,
    /// The current day in the store's time zone: `2026-11-22`.
    pub today: String,
    /// The shop's own kinds of actions.
    pub actions: Vec<String>,
    /// The build that the page was made by.
    pub build: String,
    /// The colours that the reader chose.
    pub theme: Theme,
}

impl Frame {
    /// On the server what the host says, in the browser what the server sent.
    pub fn shared() -> Self {
        SharedValue::new(|| {
            #[cfg(feature = "ssr")]
            return crate::context::frame();
            #[cfg(not(feature = "ssr"))]
            Self::default()
        })
        .into_inner()
    }

    /// Where the build's files are: `/admin-panel/pkg/{build}`.
    pub fn assets(&self) -> String {
        format!("{HOME}/pkg/{}", self.build)
    }
}

/// The frame of the page that is shown.
pub fn use_frame() -> Frame {
    use_context().unwrap_or_default()
}
