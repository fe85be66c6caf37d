//! Keeps what was arranged: in the browser's storage at once, on the server a moment later.

use std::time::Duration;

use leptos::prelude::*;
use utm_dispatcher::model::SettingKind;

use super::Arrangement;
use crate::board::Tile;
use crate::frame::use_frame;
use crate::functions::settings::SaveSetting;
use crate::settings::Saved;
use crate::ui::storage;

/// Stands before what the server does not have yet.
const UNSENT: char = '*';
/// Who is dragging edits many times a second.
const PAUSE: Duration = Duration::from_millis(400);

fn key(name: &str) -> String {
    let viewer = use_frame().viewer.map(|viewer| viewer.name).unwrap_or_default();
    format!("board {viewer} {name}")
}

/// Writes `tiles` down and sends them soon.
pub fn soon(saved: Saved, name: &str, tiles: &[Tile]) {
    let Ok(value) = serde_json::to_string(tiles) else { return };
    storage::put(&key(name), &format!("{UNSENT}{value}"));
    saved.is_ahead.set_value(true);
    wait(saved, name.to_owned(), value);
}

/// Removes what was written down.
pub fn forget(name: &str) {
    storage::put(&key(name), "");
}

fn wait(saved: Saved, name: String, value: String) {
    let latest = saved.edits.try_update_value(|edits| {
        *edits += 1;
        *edits
    });
    set_timeout(move || send(saved, name, value, latest), PAUSE);
}

/// Sends `value`, unless there was an edit since; after the answer to the one before.
fn send(saved: Saved, name: String, value: String, edit: Option<u64>) {
    if saved.edits.try_get_value() != edit {
        return;
    }
    if saved.save.pending().get_untracked() {
        wait(saved, name, value);
        return;
    }
    saved.is_ahead.set_value(false);
    saved.save.dispatch(SaveSetting { kind: SettingKind::Board, name, value });
}

/// Sends what an earlier page wrote down and could not send; from then on notes what the server has.
pub fn resume(arrangement: Arrangement) {
    let saved = arrangement.saved;
    Effect::new(move || {
        let name = arrangement.name.get();
        let unsent = storage::get(&key(&name)).and_then(|text| text.strip_prefix(UNSENT).map(str::to_owned));
        let tiles = unsent.and_then(|text| serde_json::from_str::<Vec<Tile>>(&text).ok());
        if let Some(tiles) = tiles {
            soon(saved, &name, &tiles);
            saved.settings.update(|settings| settings.put_board(&name, tiles));
        }
    });
    Effect::new(move || {
        let Some(Ok(settings)) = saved.save.value().get() else { return };
        let name = arrangement.name.get_untracked();
        if let Some(board) = settings.boards.iter().find(|board| board.name == name)
            && !saved.is_ahead.get_value()
            && let Ok(value) = serde_json::to_string(&board.tiles)
        {
            storage::put(&key(&name), &value);
        }
    });
}
