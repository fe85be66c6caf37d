//! Dragging tiles by mouse, pen or finger: Pointer Events, heard at the window, as the tile itself moves about the page.

use leptos::ev::{pointercancel, pointermove, pointerup};
use leptos::prelude::*;

use super::{Arrangement, take_place};
use crate::board::Widget;

/// So close to the edge of the window it scrolls, by so much at a time.
const EDGE: f64 = 80.0;
const SCROLL: f64 = 16.0;

/// Follows the pointer while something is dragged: it takes the place of the tile that it is drawn over.
pub fn listen(arrangement: Arrangement) {
    // The tile that it was drawn over last: having changed places, it may lie under the pointer again.
    let over = StoredValue::new(None::<Widget>);
    let moved = window_event_listener(pointermove, move |event| {
        let Some(widget) = arrangement.dragged.get_untracked() else { return };
        event.prevent_default();
        let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
        let height = window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or_default();
        if y < EDGE {
            window().scroll_by_with_x_and_y(0.0, -SCROLL);
        } else if y > height - EDGE {
            window().scroll_by_with_x_and_y(0.0, SCROLL);
        }
        #[expect(clippy::cast_possible_truncation, reason = "a place in a window")]
        let under = document().element_from_point(x as f32, y as f32);
        let tile = under.and_then(|element| element.closest(".tile").ok().flatten());
        let target = tile.and_then(|tile| Widget::ALL.into_iter().find(|widget| widget.key() == tile.id()));
        if let Some(target) = target.filter(|target| *target != widget && over.get_value() != Some(*target)) {
            arrangement.edit(|tiles| take_place(tiles, widget, target));
        }
        over.set_value(target.filter(|target| *target != widget));
    });
    let end = move || {
        if arrangement.dragged.get_untracked().is_some() {
            arrangement.dragged.set(None);
            over.set_value(None);
        }
    };
    let (up, cancelled) =
        (window_event_listener(pointerup, move |_| end()), window_event_listener(pointercancel, move |_| end()));
    on_cleanup(move || {
        moved.remove();
        up.remove();
        cancelled.remove();
    });
}
