//! `dispatcher demo`: a believable year of a shop, the same for the same seed.
//!
//! [`World`] yields visits in the order of time, [`Ledger`] makes rows of them, and [`run`] stores these in stretches
//! of some thousand sessions, so that a world of any size needs little memory.

mod calendar;
mod campaigns;
mod chance;
mod clients;
mod journey;
mod ledger;
mod orders;
mod people;
mod places;
mod world;

use std::fmt;

use chrono::DateTime;
use clap::{Args, ValueEnum, value_parser};
use utm_dispatcher::model::{Millis, Money};
use utm_dispatcher::store::{Store, StoreError, Stretch};

pub use ledger::Ledger;
pub use world::{Visit, World};

/// What the world is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Args)]
pub struct Options {
    /// How many sessions there are
    #[arg(long, env = "DISPATCHER_SESSIONS", default_value_t = 20_000, value_parser = value_parser!(u64).range(1..=100_000_000))]
    pub sessions: u64,
    /// On how many days, the last one included
    #[arg(long, env = "DISPATCHER_DAYS", default_value_t = 365, value_parser = value_parser!(u32).range(1..=3660))]
    pub days: u32,
    /// Another seed is another world
    #[arg(long, env = "DISPATCHER_SEED", default_value_t = 1)]
    pub seed: u64,
    /// When the world ends, as 2026-11-22T12:00:00+02:00; now unless given
    #[arg(long, env = "DISPATCHER_UNTIL", value_parser = instant)]
    pub until: Option<Millis>,
    /// Which actions are stored
    #[arg(long, env = "DISPATCHER_ACTIONS", value_enum, default_value_t)]
    pub actions: Actions,
}

/// Which actions of a visit are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Actions {
    /// Three page views a session, and everything but clicks
    Few,
    /// Every page view and click
    #[default]
    Full,
}

/// What was stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Visitors who came for the first time.
    pub visitors: u64,
    /// Their sessions.
    pub sessions: u64,
    /// What they did.
    pub actions: u64,
    /// Orders, whatever became of them.
    pub orders: u64,
    /// Revenue of the sessions.
    pub revenue: Money,
}

impl Summary {
    fn add(&mut self, stretch: &Stretch) {
        self.visitors += stretch.sessions.iter().filter(|session| session.ordinal == 1).count() as u64;
        self.sessions += stretch.sessions.len() as u64;
        self.actions += stretch.actions.len() as u64;
        self.orders += stretch.orders.len() as u64;
        self.revenue = self.revenue + stretch.sessions.iter().map(|session| session.sales.revenue).sum();
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { visitors, sessions, actions, orders, revenue } = self;
        write!(f, "{visitors} visitors, {sessions} sessions, {actions} actions, {orders} orders, revenue {revenue}")
    }
}

/// Why there is no demo data.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Sample data is never mixed with what is there already.
    #[error(
        "the database already holds visits or orders; sample data goes into an empty one: name another in DATABASE_URL"
    )]
    NotEmpty,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// So many sessions are stored in one transaction.
const STRETCH: usize = 5000;

/// Fills an empty database with the world of `options`, which ends at `now` unless they say otherwise. `progress`
/// hears of every stretch that is on the disk. What was stored stays when it is interrupted.
pub async fn run(
    store: &Store,
    options: &Options,
    now: Millis,
    mut progress: impl FnMut(&Summary),
) -> Result<Summary, DemoError> {
    if !store.is_empty().await? {
        return Err(DemoError::NotEmpty);
    }
    let mut world = World::new(options, options.until.unwrap_or(now), store.tz());
    let mut ledger = Ledger::default();
    let mut summary = Summary::default();
    loop {
        let mut stretch = Stretch::default();
        for visit in world.by_ref().take(STRETCH) {
            ledger.enter(visit, &mut stretch);
        }
        let is_last = stretch.sessions.len() < STRETCH;
        if is_last {
            ledger.close(&mut stretch);
        }
        let mut stored = summary;
        stored.add(&stretch);
        store.load(stretch).await?;
        summary = stored;
        progress(&summary);
        if is_last {
            return Ok(summary);
        }
    }
}

/// Reads RFC 3339; ids count from 2020 on and last until 2089.
fn instant(text: &str) -> Result<Millis, String> {
    let time =
        DateTime::parse_from_rfc3339(text).map_err(|error| format!("{error}: write 2026-11-22T12:00:00+02:00"))?;
    let years = "2020-01-01T00:00:00Z".."2089-01-01T00:00:00Z";
    let is_within = |(start, end): (&str, &str)| {
        let at = |text| DateTime::parse_from_rfc3339(text).is_ok_and(|edge| edge <= time);
        at(start) && !at(end)
    };
    if is_within((years.start, years.end)) { Ok(time.timestamp_millis()) } else { Err("from 2020 to 2088".to_owned()) }
}

#[cfg(test)]
mod tests;
