//! The quiet sound of a sale, made by the browser itself; silent unless somebody wants it.

use std::cell::RefCell;

use leptos::prelude::*;
use wasm_bindgen::JsValue;
use web_sys::{AudioContext, Storage};

/// Where the wish is remembered.
const KEY: &str = "live_sound";
/// Two notes in hertz, and when each begins, in seconds.
const NOTES: [(f32, f64); 2] = [(659.25, 0.0), (987.77, 0.12)];
const LASTS: f64 = 0.35;
const LOUDNESS: f32 = 0.08;

thread_local! {
    /// A browser allows few of them at a time, so there is one.
    static CONTEXT: RefCell<Option<AudioContext>> = const { RefCell::new(None) };
}

/// Reads what was wished for, and writes what is.
pub fn remember(has_sound: RwSignal<bool>) {
    Effect::new(move |before: Option<bool>| {
        let now = has_sound.get();
        match before {
            None => {
                let wished = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
                has_sound.set(wished.is_some());
            }
            Some(before) if before != now => {
                if let Some(storage) = storage() {
                    // A browser that keeps nothing asks again next time.
                    drop(if now { storage.set_item(KEY, "1") } else { storage.remove_item(KEY) });
                }
            }
            Some(_) => {}
        }
        now
    });
}

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// Sounds, if the browser lets it: some allow none before the page was touched.
pub fn chime() {
    // Without sound there is the toast.
    drop(play());
}

fn play() -> Result<(), JsValue> {
    let context = CONTEXT.with_borrow_mut(|kept| match kept {
        Some(context) => Ok(context.clone()),
        None => AudioContext::new().inspect(|context| *kept = Some(context.clone())),
    })?;
    drop(context.resume()?);
    for (pitch, after) in NOTES {
        let (note, gain) = (context.create_oscillator()?, context.create_gain()?);
        let (begins, ends) = (context.current_time() + after, context.current_time() + after + LASTS);
        note.frequency().set_value(pitch);
        gain.gain().set_value_at_time(LOUDNESS, begins)?;
        gain.gain().exponential_ramp_to_value_at_time(0.0001, ends)?;
        note.connect_with_audio_node(&gain)?;
        gain.connect_with_audio_node(&context.destination())?;
        note.start_with_when(begins)?;
        note.stop_with_when(ends)?;
    }
    Ok(())
}
