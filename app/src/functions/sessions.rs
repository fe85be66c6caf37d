//! Single sessions.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use utm_dispatcher::model::Period;
use utm_dispatcher::report::SessionRow;

use crate::error::AppError;

/// How many sessions the list shows.
pub const SHOWN: usize = 30;

/// The newest sessions of a period, for a page of the build `build`. The list shows no addresses, so none are sent.
#[server(prefix = "/admin-panel/fn", endpoint = "recent_sessions", input = Json)]
pub async fn recent_sessions(
    /// The asking page's build.
    build: String,
    /// Which days.
    period: Period,
) -> Result<Vec<SessionRow>, AppError> {
    use utm_dispatcher::model::Role;

    use crate::context;

    context::viewer(Role::Viewer).map_err(context::refused)?;
    let store = context::store(&build).map_err(context::refused)?;
    let rows = store.sessions(period, SHOWN, context::now()).await.map_err(context::failed)?;
    Ok(rows.into_iter().map(|row| SessionRow { ip: None, ..row }).collect())
}
