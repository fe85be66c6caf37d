//! Every page of the dashboard and its address.

use leptos::prelude::*;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{SsrMode, path};

use crate::pages::{Dispatcher, Missing};
#[cfg(feature = "ssr")]
use crate::pages::{Login, Tracking};

/// The dashboard, and what all its own addresses begin with.
pub const HOME: &str = "/admin-panel";
/// What is tracked and what is left out; for administrators.
pub const TRACKING: &str = "/admin-panel/tracking";
/// How to read the dashboard; a page of the host's own, without scripts.
pub const HELP: &str = "/admin-panel/help";
/// The page with the login form; the form is sent to the same address.
pub const LOGIN: &str = "/admin-panel/login";
/// Where the browser's WebSocket connects.
pub const LIVE: &str = "/admin-panel/live";
/// Where the button that ends a login is sent.
pub const LOGOUT: &str = "/admin-panel/logout";

/// The pages.
#[component]
pub fn Pages() -> impl IntoView {
    view! { <Router>{known()}</Router> }
}

/// Each page complete in the server's answer: `InOrder` needs no script to put fragments in their place.
#[cfg(feature = "ssr")]
fn known() -> AnyView {
    view! {
        <Routes fallback=Missing>
            <Route path=path!("/admin-panel") view=Dispatcher ssr=SsrMode::InOrder />
            <Route path=path!("/admin-panel/tracking") view=Tracking ssr=SsrMode::InOrder />
            <Route path=path!("/admin-panel/login") view=Login ssr=SsrMode::InOrder />
        </Routes>
    }
    .into_any()
}

/// The browser takes over the dashboard alone: pages of plain forms need no scripts, and its own are smaller without them.
#[cfg(not(feature = "ssr"))]
fn known() -> AnyView {
    view! {
        <Routes fallback=Missing>
            <Route path=path!("/admin-panel") view=Dispatcher ssr=SsrMode::InOrder />
        </Routes>
    }
    .into_any()
}

/// Does the browser take over the page that is asked for?
#[cfg(feature = "ssr")]
pub fn is_taken_over() -> bool {
    use_context::<http::request::Parts>().is_some_and(|request| request.uri.path() == HOME)
}
