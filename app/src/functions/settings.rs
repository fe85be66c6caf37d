//! What a user saves: boards and segments, each user's own.

use leptos::prelude::*;
use utm_dispatcher::model::SettingKind;

use crate::error::AppError;
use crate::settings::Settings;
use crate::wire::Json;

/// Where plain forms are sent that save something.
pub const SAVE: &str = "/admin-panel/fn/save_setting";
/// Where plain forms are sent that rename something.
pub const RENAME: &str = "/admin-panel/fn/rename_setting";
/// Where plain forms are sent that delete something.
pub const DELETE: &str = "/admin-panel/fn/delete_setting";

/// Saves a board or a segment in the place of the one of its name. Answers with all that is saved.
#[server(prefix = "/admin-panel/fn", endpoint = "save_setting", output = Json)]
pub async fn save_setting(
    /// What it is.
    kind: SettingKind,
    /// Its name; the main board's is empty.
    #[server(default)]
    name: String,
    /// What it says: a board's tiles as JSON, a segment's filters in the text form of queries.
    value: String,
) -> Result<Settings, AppError> {
    use utm_dispatcher::model::Role;

    use crate::{context, settings};

    let viewer = context::viewer(Role::Viewer).map_err(context::refused)?;
    let store = context::host().map_err(context::refused)?.store;
    let setting = settings::checked(kind, &name, &value).map_err(context::refused)?;
    let saved = store.save_setting(&viewer.name, &setting, context::now()).await.map_err(context::failed)?;
    let settings = answer(&store, &viewer.name, saved, &name, kind).await?;
    context::lead_to(kind, &name);
    Ok(settings)
}

/// Gives a board or a segment another name. Answers with all that is saved.
#[server(prefix = "/admin-panel/fn", endpoint = "rename_setting", output = Json)]
pub async fn rename_setting(
    /// What it is.
    kind: SettingKind,
    /// Its name.
    name: String,
    /// Its new name.
    to: String,
) -> Result<Settings, AppError> {
    use utm_dispatcher::model::Role;

    use crate::{context, settings};

    let viewer = context::viewer(Role::Viewer).map_err(context::refused)?;
    let store = context::host().map_err(context::refused)?.store;
    let to = settings::checked_name(&to, false).map_err(context::refused)?;
    let renamed =
        store.rename_setting(&viewer.name, kind, &name, &to, context::now()).await.map_err(context::failed)?;
    let settings = answer(&store, &viewer.name, renamed, &name, kind).await?;
    context::lead_to(kind, &to);
    Ok(settings)
}

/// Deletes a board or a segment. Answers with all that is saved.
#[server(prefix = "/admin-panel/fn", endpoint = "delete_setting", output = Json)]
pub async fn delete_setting(
    /// What it is.
    kind: SettingKind,
    /// Its name; the main board's is empty.
    #[server(default)]
    name: String,
) -> Result<Settings, AppError> {
    use utm_dispatcher::model::Role;
    use utm_dispatcher::store::Saved;

    use crate::context;

    let viewer = context::viewer(Role::Viewer).map_err(context::refused)?;
    let store = context::host().map_err(context::refused)?.store;
    store.delete_setting(&viewer.name, kind, &name).await.map_err(context::failed)?;
    answer(&store, &viewer.name, Saved::Yes, &name, kind).await
}

/// What an edit came to: all that is saved now, or why it is not.
#[cfg(feature = "ssr")]
async fn answer(
    store: &utm_dispatcher::store::Store,
    email: &str,
    saved: utm_dispatcher::store::Saved,
    name: &str,
    kind: SettingKind,
) -> Result<Settings, AppError> {
    use utm_dispatcher::store::Saved;

    use crate::context;

    let bad = |allowed: String| AppError::BadInput { parameter: "name".into(), given: name.into(), allowed };
    match saved {
        Saved::Yes => store.settings(email).await.map(Settings::from).map_err(context::failed),
        Saved::Taken => Err(context::refused(AppError::Duplicate)),
        Saved::Full => Err(context::refused(bad(format!("≤ {}", kind.most())))),
        Saved::Nothing => Err(context::refused(bad("…".into()))),
    }
}
