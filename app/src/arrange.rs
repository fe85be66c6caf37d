//! Arranging a board: what moves where, and how that is kept.
//!
//! An edit holds on the page at once, stands in the browser's storage before anything else can happen, and is sent to the
//! server a moment later. What did not get there is sent by the next page.

#[cfg(feature = "hydrate")]
pub mod drag;
#[cfg(feature = "hydrate")]
mod keep;

use leptos::prelude::*;

use crate::board::{Tile, Widget, standard};
#[cfg(feature = "hydrate")]
use crate::frame::use_frame;
use crate::settings::{Saved, use_saved};
use crate::widgets::may_export;

/// The board on the page, and how it is changed.
#[derive(Clone, Copy)]
pub struct Arrangement {
    /// What stands where.
    pub tiles: Memo<Vec<Tile>>,
    /// Is the board being arranged?
    pub is_on: RwSignal<bool>,
    /// What is dragged just now.
    pub dragged: RwSignal<Option<Widget>>,
    /// What has just happened, in words, for those who cannot see it.
    pub said: RwSignal<String>,
    /// The board's name; empty for the main one.
    pub name: Memo<String>,
    /// Whose board it is: browsers are shared.
    #[cfg(feature = "hydrate")]
    viewer: StoredValue<String>,
    saved: Saved,
}

/// The board of the page.
pub fn use_arrangement() -> Arrangement {
    expect_context()
}

/// Lets the page share the board that the address bar names: the main one when there is none of that name.
pub fn provide_arrangement(board: impl Fn() -> Option<String> + Send + Sync + 'static) -> Arrangement {
    let saved = use_saved();
    let settings = saved.settings;
    let name = Memo::new(move |_| {
        let asked = board().unwrap_or_default();
        let is_there = settings.with(|all| all.boards.iter().any(|one| one.name == asked));
        if is_there { asked } else { String::new() }
    });
    // Who may take no files has no place for them.
    let may_export = may_export();
    let tiles = Memo::new(move |_| {
        let mut tiles = settings.with(|all| all.tiles(&name.get()));
        tiles.retain(|tile| may_export || tile.widget != Widget::Exports);
        tiles
    });
    let (is_on, dragged, said) = (RwSignal::new(false), RwSignal::new(None), RwSignal::new(String::new()));
    let arrangement = Arrangement {
        tiles,
        is_on,
        dragged,
        said,
        name,
        #[cfg(feature = "hydrate")]
        viewer: StoredValue::new(use_frame().viewer.map(|viewer| viewer.name).unwrap_or_default()),
        saved,
    };
    provide_context(arrangement);
    arrangement
}

impl Arrangement {
    /// Changes the board.
    pub fn edit(self, change: impl FnOnce(&mut Vec<Tile>)) {
        let mut tiles = self.tiles.get_untracked();
        change(&mut tiles);
        if tiles == self.tiles.get_untracked() {
            return;
        }
        #[cfg(feature = "hydrate")]
        keep::soon(self, &tiles);
        let name = self.name.get_untracked();
        self.saved.settings.update(|settings| settings.put_board(&name, tiles));
    }

    /// Lets the board be the standard one again. Of the main one nothing is kept then.
    pub fn reset(self) {
        if !self.name.get_untracked().is_empty() {
            self.edit(|tiles| *tiles = standard());
            return;
        }
        self.saved.settings.update(|settings| settings.boards.retain(|board| !board.name.is_empty()));
        #[cfg(feature = "hydrate")]
        keep::forget(self);
    }

    /// The place of `widget` among those that are shown, from 1, and how many there are.
    pub fn place(self, widget: Widget) -> (usize, usize) {
        let tiles = self.tiles.get_untracked();
        let shown = tiles.iter().filter(|tile| !tile.hidden);
        let place = shown.clone().position(|tile| tile.widget == widget).map_or(0, |place| place + 1);
        (place, shown.count())
    }
}

/// Sends what an earlier page could not send any more. In browsers alone.
pub fn resume(arrangement: Arrangement) {
    #[cfg(feature = "hydrate")]
    keep::resume(arrangement);
    #[cfg(not(feature = "hydrate"))]
    let _ = arrangement;
}

/// Moves `widget` by one place among those that are shown.
pub fn step(tiles: &mut [Tile], widget: Widget, forward: bool) {
    let shown: Vec<usize> = (0..tiles.len()).filter(|place| !tiles[*place].hidden).collect();
    let Some(at) = shown.iter().position(|place| tiles[*place].widget == widget) else { return };
    let to = if forward { at.checked_add(1) } else { at.checked_sub(1) };
    if let Some(to) = to.and_then(|to| shown.get(to)) {
        tiles.swap(shown[at], *to);
    }
}

/// Moves `widget` to where `target` stands.
pub fn take_place(tiles: &mut Vec<Tile>, widget: Widget, target: Widget) {
    let place = |tiles: &[Tile], of| tiles.iter().position(|tile| tile.widget == of);
    if let (Some(from), Some(to)) = (place(tiles, widget), place(tiles, target)) {
        let tile = tiles.remove(from);
        tiles.insert(to, tile);
    }
}

/// Changes the tile of `widget`.
pub fn change(tiles: &mut [Tile], widget: Widget, change: impl FnOnce(&mut Tile)) {
    if let Some(tile) = tiles.iter_mut().find(|tile| tile.widget == widget) {
        change(tile);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(tiles: &[Tile]) -> Vec<Widget> {
        tiles.iter().filter(|tile| !tile.hidden).map(|tile| tile.widget).take(4).collect()
    }

    #[test]
    fn a_step_passes_what_is_hidden_and_stops_at_the_ends() {
        use Widget::{Cards, Funnel, Sources, Timeseries};
        let mut tiles = standard();
        change(&mut tiles, Timeseries, |tile| tile.hidden = true);
        let start = order(&tiles);
        assert_eq!(start[..3], [Cards, Funnel, Sources]);
        step(&mut tiles, Funnel, false);
        assert_eq!(order(&tiles)[..3], [Funnel, Cards, Sources]);
        step(&mut tiles, Funnel, false);
        assert_eq!(order(&tiles)[..3], [Funnel, Cards, Sources]);
        step(&mut tiles, Funnel, true);
        assert_eq!(order(&tiles), start);
        step(&mut tiles, Widget::Sessions, true);
        assert_eq!(tiles.last().map(|tile| tile.widget), Some(Widget::Sessions));
    }

    #[test]
    fn a_drop_takes_the_place_of_what_is_under_it_in_both_directions() {
        use Widget::{Cards, Funnel, Sources, Timeseries};
        let mut tiles = standard();
        take_place(&mut tiles, Cards, Sources);
        assert_eq!(order(&tiles), [Timeseries, Funnel, Sources, Cards]);
        take_place(&mut tiles, Cards, Timeseries);
        assert_eq!(order(&tiles), [Cards, Timeseries, Funnel, Sources]);
        assert_eq!(tiles, standard());
    }
}
