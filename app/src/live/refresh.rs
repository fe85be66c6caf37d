//! Asks for numbers anew when something has happened: the cards' at each tick, all the rest every now and then.

use std::time::Duration;

use leptos::leptos_dom::helpers::{TimeoutHandle, set_timeout_with_handle};
use leptos::prelude::*;
use leptos::task::spawn_local;
use utm_dispatcher::report::ReportQuery;

use super::{Live, PAUSE, shows};
use crate::desk::Desk;
use crate::frame::use_frame;

/// So many times as long as the cards' answers took they are left alone.
const SHARE: f64 = 10.0;
/// Answers that have not come for so long, in milliseconds, are not waited for.
const LOST: f64 = 60_000.0;
/// After so long numbers that did not come are asked for again.
const AGAIN: Duration = Duration::from_secs(10);

/// Keeps `desk` fresh; `cards` is what is asked at each tick.
pub fn keep(live: Live, desk: Desk, cards: impl Fn() -> Vec<ReportQuery> + 'static) {
    let (build, today) = (use_frame().build, StoredValue::new(use_frame().today));
    let timer = StoredValue::new_local(None::<TimeoutHandle>);
    let is_due =
        move || desk.view.try_with_untracked(|view| today.with_value(|today| shows(view, today))).unwrap_or(false);
    Effect::new(move |before: Option<u32>| {
        let tick = live.tick.get();
        if before.is_none_or(|before| before == tick) || !is_due() {
            return tick;
        }
        let queries = untrack(&cards);
        if !queries.is_empty() {
            let build = build.clone();
            live.pause.set_value(LOST);
            spawn_local(async move {
                let took = desk.freshen(build, queries).await;
                live.pause.try_set_value(PAUSE.max(SHARE * took));
            });
        }
        if timer.with_value(Option::is_none) {
            let all = move || {
                timer.try_set_value(None);
                if is_due() {
                    desk.refresh();
                }
            };
            let rest = Duration::from_secs_f64(desk.rest().max(0.0) / 1000.0);
            timer.set_value(set_timeout_with_handle(all, rest).ok());
        }
        tick
    });
    let again = StoredValue::new_local(None::<TimeoutHandle>);
    Effect::new(move || {
        stop(again);
        if desk.failure.get().is_some() {
            again.set_value(set_timeout_with_handle(move || desk.refresh(), AGAIN).ok());
        }
    });
    on_cleanup(move || {
        stop(timer);
        stop(again);
    });
}

fn stop(timer: StoredValue<Option<TimeoutHandle>, LocalStorage>) {
    if let Some(timer) = timer.try_update_value(Option::take).flatten() {
        timer.clear();
    }
}
