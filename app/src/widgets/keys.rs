//! The sheet of keys: a box of the browser's own (`popover`), which closes by Esc and gives the focus back by itself.

use leptos::prelude::*;

use crate::i18n::td_string;
use crate::language::use_locale;
use crate::ui::shortcuts;

/// The button, and the sheet that it opens.
#[component]
pub fn Keys() -> impl IntoView {
    let locale = use_locale();
    let is_on = shortcuts::switch();
    let lines = [
        ("1 2 3 4", td_string!(locale, keys.periods)),
        ("f", td_string!(locale, keys.filter)),
        ("/", td_string!(locale, keys.search)),
        ("b", td_string!(locale, keys.board)),
        ("e", td_string!(locale, keys.arrange)),
        ("h", td_string!(locale, keys.help)),
        ("?", td_string!(locale, keys.sheet)),
        ("Esc", td_string!(locale, keys.close)),
    ];
    let lines = lines.map(|(keys, does)| {
        view! {
            <div>
                <dt>{keys.split(' ').map(|key| view! { <kbd>{key}</kbd> }.into_any()).collect_view()}</dt>
                <dd>{does}</dd>
            </div>
        }
        .into_any()
    });
    view! {
        <button type="button" class="button keys-button" popovertarget="keys" aria-keyshortcuts="?" aria-label=td_string!(locale, keys.title)>
            "?"
        </button>
        <div id="keys" class="sheet" popover="auto" role="dialog" aria-labelledby="keys-title">
            <h2 id="keys-title" class="panel-title">
                {td_string!(locale, keys.title)}
            </h2>
            <dl>{lines.collect_view()}</dl>
            <label class="keys-switch needs-script">
                <input type="checkbox" prop:checked=is_on on:change=move |event| is_on.set(event_target_checked(&event)) />
                {td_string!(locale, keys.on)}
            </label>
            <button type="button" class="button" popovertarget="keys" popovertargetaction="hide" autofocus>
                {td_string!(locale, keys.close)}
            </button>
        </div>
    }
    .into_any()
}
