//! What stands over a widget while the board is arranged: a grip to drag it by, and buttons for the same by hand.

use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::prelude::*;

use crate::arrange::{Arrangement, change, step};
use crate::board::{Widget, Width};
use crate::i18n::{Locale, td_string};
use crate::labels;
use crate::language::use_locale;

/// The bar over `widget`.
#[component]
pub fn TileBar(
    /// The board.
    arrangement: Arrangement,
    /// Whose bar it is.
    widget: Widget,
) -> impl IntoView {
    let locale = use_locale();
    let title = widget.title(locale);
    let named = move |word: &str| format!("{word}: {title}");
    let grip = format!("grip-{}", widget.key());
    let moves = StoredValue::new(grip.clone());
    let go = move |forward: bool| {
        arrangement.edit(|tiles| step(tiles, widget, forward));
        say(locale, arrangement, widget);
        moves.with_value(|grip| focus_again(grip));
    };
    let by_key = move |event: KeyboardEvent| match event.key().as_str() {
        "ArrowUp" | "ArrowLeft" => {
            event.prevent_default();
            go(false);
        }
        "ArrowDown" | "ArrowRight" => {
            event.prevent_default();
            go(true);
        }
        _ => {}
    };
    let drag = move |event: PointerEvent| {
        if event.button() == 0 {
            event.prevent_default();
            arrangement.dragged.set(Some(widget));
        }
    };
    let width = Memo::new(move |_| {
        arrangement.tiles.with(|tiles| tiles.iter().find(|tile| tile.widget == widget).map(|tile| tile.width))
    });
    let resize = move |to: Width| {
        let set = move |_| {
            arrangement.edit(|tiles| change(tiles, widget, |tile| tile.width = to));
            arrangement.said.set(format!("{title}: {}", labels::width(locale, to)));
        };
        view! {
            <button
                type="button"
                aria-pressed=move || (width.get() == Some(to)).to_string()
                aria-label=format!("{}: {title}", labels::width(locale, to))
                on:click=set
            >
                {to.part()}
            </button>
        }
        .into_any()
    };
    let hide = move |_| {
        arrangement.edit(|tiles| change(tiles, widget, |tile| tile.hidden = true));
        arrangement.said.set(format!("{title}: {}", td_string!(locale, arrange.is_hidden)));
    };
    view! {
        <div class="tile-bar">
            <button
                type="button"
                class="grip"
                id=grip
                aria-label=named(td_string!(locale, arrange.drag))
                on:pointerdown=drag
                on:keydown=by_key
            >
                <span aria-hidden="true">"⠿"</span>
                <span aria-hidden="true">{title}</span>
            </button>
            <button type="button" aria-label=named(td_string!(locale, arrange.earlier)) on:click=move |_| go(false)>
                "↑"
            </button>
            <button type="button" aria-label=named(td_string!(locale, arrange.later)) on:click=move |_| go(true)>
                "↓"
            </button>
            <span class="widths" role="group" aria-label=named(td_string!(locale, arrange.width))>
                {Width::ALL.map(resize).collect_view()}
            </span>
            <button type="button" aria-label=named(td_string!(locale, arrange.hide)) on:click=hide>
                "×"
            </button>
        </div>
    }
    .into_any()
}

/// Says where a widget stands now.
fn say(locale: Locale, arrangement: Arrangement, widget: Widget) {
    let (place, of) = arrangement.place(widget);
    let (word, out_of) = (td_string!(locale, arrange.place), td_string!(locale, arrange.of));
    arrangement.said.set(format!("{}: {word} {place} {out_of} {of}", widget.title(locale)));
}

/// A tile that moves about the page loses the focus.
fn focus_again(grip: &str) {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast;

        let grip = grip.to_owned();
        request_animation_frame(move || {
            let found = document().get_element_by_id(&grip);
            if let Some(grip) = found.and_then(|grip| grip.dyn_into::<web_sys::HtmlElement>().ok()) {
                drop(grip.focus());
            }
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = grip;
}
