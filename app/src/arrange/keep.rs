//! Keeps what was arranged: in the browser's storage at once, on the server a moment later.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use utm_dispatcher::model::SettingKind;

use super::Arrangement;
use crate::board::Tile;
use crate::functions::settings::{delete_setting, save_setting};
use crate::settings::Saved;
use crate::ui::storage;

/// Stands before what the server does not have yet.
const UNSENT: char = '*';
/// Who is dragging edits many times a second.
const PAUSE: Duration = Duration::from_millis(400);

fn key(viewer: &str, name: &str) -> String {
    format!("board {viewer} {name}")
}

/// Writes `tiles` down and sends them soon.
pub fn soon(arrangement: Arrangement, tiles: &[Tile]) {
    let Ok(value) = serde_json::to_string(tiles) else { return };
    let name = arrangement.name.get_untracked();
    storage::put(&key(&arrangement.viewer.get_value(), &name), &format!("{UNSENT}{value}"));
    let saved = arrangement.saved;
    let edit = count(saved);
    set_timeout(move || send(arrangement, name, value, edit), PAUSE);
}

fn count(saved: Saved) -> Option<u64> {
    saved.edits.try_update_value(|edits| {
        *edits += 1;
        *edits
    })
}

/// Sends `value`, unless there was an edit since.
fn send(arrangement: Arrangement, name: String, value: String, edit: Option<u64>) {
    let saved = arrangement.saved;
    if saved.edits.try_get_value() != edit {
        return;
    }
    // One after the other: two on their way at once might arrive in any order.
    if saved.is_sending.get_value() {
        set_timeout(move || send(arrangement, name, value, edit), PAUSE);
        return;
    }
    saved.is_sending.set_value(true);
    spawn_local(async move {
        let answer = save_setting(SettingKind::Board, name.clone(), value.clone()).await;
        saved.is_sending.try_set_value(false);
        // An edit made meanwhile is sent by itself.
        if saved.edits.try_get_value() == edit {
            if answer.is_ok() {
                storage::put(&key(&arrangement.viewer.get_value(), &name), &value);
            }
            saved.failure.try_set(answer.err());
        }
    });
}

/// Lets the main board be the standard one again, here and on the server.
pub fn forget(arrangement: Arrangement) {
    let saved = arrangement.saved;
    count(saved);
    storage::put(&key(&arrangement.viewer.get_value(), ""), "");
    spawn_local(async move {
        let answer = delete_setting(SettingKind::Board, String::new()).await;
        saved.failure.try_set(answer.err());
    });
}

/// Sends what an earlier page wrote down and could not send.
pub fn resume(arrangement: Arrangement) {
    Effect::new(move || {
        let name = arrangement.name.get();
        let kept = storage::get(&key(&arrangement.viewer.get_value(), &name));
        let unsent = kept.as_deref().and_then(|text| text.strip_prefix(UNSENT));
        if let Some(tiles) = unsent.and_then(|text| serde_json::from_str::<Vec<Tile>>(text).ok()) {
            arrangement.edit(|board| *board = tiles);
        }
    });
}
