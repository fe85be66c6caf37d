//! What happens now, as the server pushes it: signals that any widget may draw.
//!
//! Nothing of it is needed to read numbers: a page without scripts never connects.

#[cfg(feature = "hydrate")]
mod connection;
#[cfg(any(test, feature = "hydrate"))]
mod feed;
#[cfg(feature = "hydrate")]
mod refresh;
#[cfg(feature = "hydrate")]
mod sound;

use leptos::prelude::*;
use utm_dispatcher::model::live::Moment;
use utm_dispatcher::model::{Id, Period};
use utm_dispatcher::report::ReportQuery;

use crate::desk::Desk;
use crate::frame::use_frame;
use crate::query::View;

/// Between two ticks, at least, in milliseconds.
const PAUSE: f64 = 1_000.0;

/// How the connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveStatus {
    /// Nobody connects: the page has no scripts, or not yet.
    Off,
    /// A first frame is waited for.
    Connecting,
    /// Frames come.
    On,
    /// The server cannot be reached; the page tries again by itself.
    Offline,
    /// Nobody sees the page: the connection is closed until somebody does.
    Paused,
    /// The login has ended.
    Ended,
}

/// What happens now.
#[derive(Clone, Copy, Debug)]
pub struct Live {
    /// How the connection is.
    pub status: RwSignal<LiveStatus>,
    /// How many visitors are on the site; `None` until the first frame.
    pub now_on_site: RwSignal<Option<usize>>,
    /// What has happened of late, the newest first.
    pub feed: RwSignal<Vec<Moment>>,
    /// Rises when reports about today may have changed, once a second at most.
    pub tick: RwSignal<u32>,
    /// How long there is none after one, in milliseconds; long while one is being answered.
    pub pause: StoredValue<f64>,
    /// Sales that are being shown for a moment, the newest last.
    pub sales: RwSignal<Vec<Moment>>,
    /// Does a sale sound?
    pub has_sound: RwSignal<bool>,
}

impl Live {
    /// Provides it as context. In the browser the connection opens, and closes when its owner goes.
    pub fn provide() -> Self {
        let live = Self {
            status: RwSignal::new(LiveStatus::Off),
            now_on_site: RwSignal::new(None),
            feed: RwSignal::default(),
            tick: RwSignal::new(0),
            pause: StoredValue::new(PAUSE),
            sales: RwSignal::default(),
            has_sound: RwSignal::new(false),
        };
        provide_context(live);
        #[cfg(feature = "hydrate")]
        connection::keep(live, use_frame().build);
        #[cfg(feature = "hydrate")]
        sound::remember(live.has_sound);
        live
    }

    /// Keeps `desk` fresh as long as it shows today: what `cards` asks at each tick, all the rest less often.
    pub fn keep_fresh(self, desk: Desk, cards: impl Fn() -> Vec<ReportQuery> + 'static) {
        #[cfg(feature = "hydrate")]
        refresh::keep(self, desk, cards);
        #[cfg(not(feature = "hydrate"))]
        let _ = (desk, cards);
    }

    /// Does what happens now reach the numbers of `desk`?
    pub fn reaches(self, desk: Desk) -> Signal<bool> {
        let today = use_frame().today;
        Signal::derive(move || self.status.get() == LiveStatus::On && desk.view.with(|view| shows(view, &today)))
    }

    /// Takes a sale off the screen.
    pub fn dismiss(self, sale: Id) {
        // The page may be gone when a sale has been shown for long enough.
        self.sales.try_update(|sales| sales.retain(|other| other.id != sale));
    }
}

/// Is `today` one of the days that the dashboard shows?
fn shows(view: &View, today: &str) -> bool {
    match view.scope.period {
        Period::Range { from, to } => (from.to_string().as_str()..=to.to_string().as_str()).contains(&today),
        Period::Today | Period::Week | Period::Month | Period::AllTime => true,
    }
}

/// What happens now, for widgets of a page that provides it.
pub fn use_live() -> Option<Live> {
    use_context()
}
