//! What is tracked and what is left out: the counters of the process, and the exclusions.

use leptos::prelude::*;

use serde::{Deserialize, Serialize};
use utm_dispatcher::model::{Exclusion, Id};

use crate::error::AppError;
use crate::wire::Json;

/// What the process has counted since it started, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Rows stored, by kind.
    pub recorded: Vec<(String, i64)>,
    /// Requests and events not stored, by reason.
    pub dropped: Vec<(String, i64)>,
    /// Of these the programs, by category.
    pub bots: Vec<(String, i64)>,
    /// What waits for the writer now.
    pub queue: i64,
}

/// What the page shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// The counters.
    pub counts: Counts,
    /// The exclusions, the newest first, each with the local time at which it was added.
    pub exclusions: Vec<(Exclusion, String)>,
    /// The asker's address, as the shop's tracking sees it.
    pub address: String,
    /// The asker's key as a visitor of the shop, if they were there with this browser.
    pub visitor: Option<String>,
}

/// What is tracked and what is left out, for a page of the build `build`.
#[server(prefix = "/admin-panel/fn", endpoint = "tracking", input = Json, output = Json)]
pub async fn tracking(
    /// The asking page's build.
    build: String,
) -> Result<Overview, AppError> {
    use utm_dispatcher::model::Role;

    use crate::context;

    context::viewer(Role::Admin).map_err(context::refused)?;
    let store = context::store(&build).map_err(context::refused)?;
    let host = context::host().map_err(context::refused)?;
    let exclusions = store.exclusions().await.map_err(context::failed)?;
    let dated = |exclusion: Exclusion| {
        let added = store.local_time(exclusion.created_at);
        (exclusion, added)
    };
    Ok(Overview {
        counts: (host.counts)(),
        exclusions: exclusions.into_iter().map(dated).collect(),
        address: host.asker.address,
        visitor: host.asker.visitor,
    })
}

/// Adds an exclusion. It holds for the next request on.
#[server(prefix = "/admin-panel/fn", endpoint = "add_exclusion", output = Json)]
pub async fn add_exclusion(
    /// By what is left out: `address`, `path`, `user_agent`, `login` or `visitor`.
    kind: String,
    /// What is left out.
    value: String,
    /// What it is for.
    #[server(default)]
    note: String,
) -> Result<(), AppError> {
    use utm_dispatcher::model::Role;
    use utm_dispatcher::tracking::exclusion::{BadExclusion, checked};

    use crate::context;

    let viewer = context::viewer(Role::Admin).map_err(context::refused)?;
    let host = context::host().map_err(context::refused)?;
    let new = checked(&kind, &value, &note).map_err(|BadExclusion { field, given, allowed }| {
        context::refused(AppError::BadInput { parameter: field.to_owned(), given, allowed })
    })?;
    let is_new = host.store.add_exclusion(&new, &viewer.name, context::now()).await.map_err(context::failed)?;
    edited(&host).await?;
    if is_new { Ok(()) } else { Err(context::refused(AppError::Duplicate)) }
}

/// Switches an exclusion on or off. One that is gone stays so.
#[server(prefix = "/admin-panel/fn", endpoint = "switch_exclusion", output = Json)]
pub async fn switch_exclusion(
    /// Which.
    id: Id,
    /// Does it count from now on?
    is_active: bool,
) -> Result<(), AppError> {
    use utm_dispatcher::model::Role;

    use crate::context;

    context::viewer(Role::Admin).map_err(context::refused)?;
    let host = context::host().map_err(context::refused)?;
    host.store.switch_exclusion(id, is_active).await.map_err(context::failed)?;
    edited(&host).await
}

/// Deletes an exclusion.
#[server(prefix = "/admin-panel/fn", endpoint = "delete_exclusion", output = Json)]
pub async fn delete_exclusion(
    /// Which.
    id: Id,
) -> Result<(), AppError> {
    use utm_dispatcher::model::Role;

    use crate::context;

    context::viewer(Role::Admin).map_err(context::refused)?;
    let host = context::host().map_err(context::refused)?;
    host.store.delete_exclusion(id).await.map_err(context::failed)?;
    edited(&host).await
}

/// Lets an edit hold before it is answered.
#[cfg(feature = "ssr")]
async fn edited(host: &crate::context::Host) -> Result<(), AppError> {
    use crate::context;

    host.store.load_exclusions(&host.exclusions, context::now()).await.map_err(context::failed)
}
