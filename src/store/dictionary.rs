//! The dictionaries: touches, clients, places and pages, each different one stored once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Mutex;

use super::db::Tx;
use super::error::StoreError;
use super::hash::content_key;
use super::insert::{insert, with_list};
use super::sql::Bind;
use crate::model::Millis;
use crate::model::page::without_numbers;
use crate::model::touch::{NOT_AVAILABLE, Touch, Utm};
use crate::model::visitor::{Client, Place};

/// What stands for values that came after the day's cap was reached.
pub const OTHER: &str = "(other)";
/// Keys that are known to be stored; forgotten all at once when there are so many.
const MAX_SEEN: usize = 200_000;
const DAY: Millis = 24 * 60 * 60 * 1000;

/// Which dictionary rows are known to be stored, and how many were new today in each table.
#[derive(Debug)]
pub struct Dictionaries {
    max_new_per_day: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    seen: HashSet<i64>,
    day: i64,
    new_today: HashMap<String, u64>,
}

/// Content keys beside the keys under which they are stored: the same, or `(other)`'s.
#[derive(Debug, Default)]
pub struct Stored(HashMap<i64, i64>);

impl Stored {
    /// How many rows `(other)` stands for.
    pub fn others(&self) -> usize {
        self.0.iter().filter(|(content, key)| content != key).count()
    }

    /// The stored row for a content key.
    pub fn key(&self, content: i64) -> i64 {
        self.0.get(&content).copied().unwrap_or(content)
    }
}

/// The rows of one batch that may not be stored yet, by content key.
#[derive(Debug, Default)]
pub struct Rows<'a> {
    /// Knows of others that they are.
    known: Option<&'a Dictionaries>,
    touches: BTreeMap<i64, [Bind; 20]>,
    clients: BTreeMap<i64, [Bind; 9]>,
    places: BTreeMap<i64, [Bind; 4]>,
    pages: BTreeMap<i64, [Bind; 2]>,
}

impl Rows<'_> {
    fn are_none(&self) -> bool {
        let Self { touches, clients, places, pages, .. } = self;
        touches.is_empty() && clients.is_empty() && places.is_empty() && pages.is_empty()
    }

    /// Adds a touch and returns its content key.
    pub fn touch(&mut self, touch: &Touch) -> i64 {
        let flag = if touch.has_macro { "1" } else { "0" };
        let labels = [&touch.source, &touch.medium, &touch.channel].map(|text| Some(text.as_str()));
        let more = [touch.click_platform.as_deref(), touch.referrer_host.as_deref(), Some(flag)];
        let key = content_key(labels.into_iter().chain(touch.utm.values()).chain(touch.raw.values()).chain(more));
        note(self.known, &mut self.touches, key, || touch_row(key, touch))
    }

    /// Adds a client and returns its content key.
    pub fn client(&mut self, client: &Client) -> i64 {
        let parts = [
            Some(client.device.key()),
            client.brand.as_deref(),
            client.model.as_deref(),
            client.os.as_deref(),
            client.os_version.as_deref(),
            client.browser.as_deref(),
            client.browser_version.as_deref(),
            client.language.as_deref(),
        ];
        let key = content_key(parts);
        note(self.known, &mut self.clients, key, || {
            let [device, brand, model, os, os_version, browser, browser_version, language] = parts.map(Bind::from);
            [key.into(), device, brand, model, os, os_version, browser, browser_version, language]
        })
    }

    /// Adds a place and returns its content key.
    pub fn place(&mut self, place: &Place) -> i64 {
        let parts = [&place.country, &place.region, &place.city].map(Option::as_deref);
        let key = content_key(parts);
        note(self.known, &mut self.places, key, || {
            let [country, region, city] = parts.map(Bind::from);
            [key.into(), country, region, city]
        })
    }

    /// Adds a page's path, without the number of an order in it, and returns its content key.
    pub fn page(&mut self, path: &str) -> i64 {
        let path = without_numbers(path, &[]);
        let key = content_key([Some(path.as_str())]);
        note(self.known, &mut self.pages, key, || [key.into(), path.into()])
    }
}

/// Adds the row of `key`, unless it is known to be stored, and returns the key.
fn note<const N: usize>(
    known: Option<&Dictionaries>,
    rows: &mut BTreeMap<i64, [Bind; N]>,
    key: i64,
    row: impl FnOnce() -> [Bind; N],
) -> i64 {
    if !known.is_some_and(|known| known.lock().seen.contains(&key)) {
        rows.entry(key).or_insert_with(row);
    }
    key
}

fn touch_row(key: i64, touch: &Touch) -> [Bind; 20] {
    let label = |value: &Option<String>| Bind::from(value.as_deref().unwrap_or(NOT_AVAILABLE));
    let [source, medium, campaign, content, term] = touch.utm.values().map(Bind::from);
    let [raw_source, raw_medium, raw_campaign, raw_content, raw_term] = touch.raw.values().map(Bind::from);
    [
        key.into(),
        touch.source.as_str().into(),
        touch.medium.as_str().into(),
        touch.channel.as_str().into(),
        label(&touch.utm.campaign),
        label(&touch.utm.content),
        term.clone(),
        source,
        medium,
        campaign,
        content,
        term,
        raw_source,
        raw_medium,
        raw_campaign,
        raw_content,
        raw_term,
        (&touch.click_platform).into(),
        (&touch.referrer_host).into(),
        touch.has_macro.into(),
    ]
}

const TOUCH_COLUMNS: &str = "id, source, medium, channel, campaign, content, term, utm_source, utm_medium, utm_campaign, \
    utm_content, utm_term, raw_source, raw_medium, raw_campaign, raw_content, raw_term, \
    click_platform, referrer_host, has_macro";
const CLIENT_COLUMNS: &str = "id, device, brand, model, os, os_version, browser, browser_version, language";

impl Dictionaries {
    /// Dictionaries of which each takes at most so many new rows a day (UTC).
    pub fn new(max_new_per_day: u64) -> Self {
        Self { max_new_per_day, state: Mutex::default() }
    }

    /// No rows yet. What is known to be stored will be none of them.
    pub fn rows(&self) -> Rows<'_> {
        Rows { known: Some(self), ..Rows::default() }
    }

    /// Makes sure that every row of `rows` is stored, or the row `(other)` in its place once the day's cap is
    /// reached.
    pub async fn put(&self, tx: &mut Tx, rows: Rows<'_>, now: Millis) -> Result<Stored, StoreError> {
        let mut stored = Stored::default();
        if rows.are_none() {
            return Ok(stored);
        }
        self.turn_day(now);
        let other = Rows::of_others();
        self.put_in(tx, "touch", TOUCH_COLUMNS, rows.touches, other.touches, &mut stored).await?;
        self.put_in(tx, "client", CLIENT_COLUMNS, rows.clients, other.clients, &mut stored).await?;
        self.put_in(tx, "place", "id, country, region, city", rows.places, other.places, &mut stored).await?;
        self.put_in(tx, "page", "id, path", rows.pages, other.pages, &mut stored).await?;
        Ok(stored)
    }

    /// Remembers, after the commit, what is stored.
    pub fn committed(&self, stored: &Stored) {
        let mut state = self.lock();
        if state.seen.len() > MAX_SEEN {
            state.seen.clear();
        }
        state.seen.extend(stored.0.iter().filter(|(content, key)| content == key).map(|(content, _)| *content));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// A new day may have new rows.
    fn turn_day(&self, now: Millis) {
        let mut state = self.lock();
        if state.day != now.div_euclid(DAY) {
            state.day = now.div_euclid(DAY);
            state.new_today.clear();
        }
    }

    /// Takes as many of the wanted new rows as the day's cap still allows.
    fn allow(&self, table: &str, wanted: usize) -> usize {
        let mut state = self.lock();
        let new_today = state.new_today.entry(table.to_owned()).or_default();
        let left = usize::try_from(self.max_new_per_day.saturating_sub(*new_today)).unwrap_or(usize::MAX);
        let allowed = wanted.min(left);
        *new_today += allowed as u64;
        allowed
    }

    async fn put_in<const N: usize>(
        &self,
        tx: &mut Tx,
        table: &str,
        columns: &str,
        mut rows: BTreeMap<i64, [Bind; N]>,
        other: BTreeMap<i64, [Bind; N]>,
        stored: &mut Stored,
    ) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        for key in rows.keys() {
            stored.0.insert(*key, *key);
        }
        let wanted: Vec<_> = rows.keys().map(|key| [Bind::from(*key)]).collect();
        for row in with_list(tx, &format!("select id from {table} where id in ("), &wanted, ")").await? {
            rows.remove(&row.int(0)?);
        }
        let allowed = self.allow(table, rows.len());
        let mut new: Vec<[Bind; N]> = Vec::with_capacity(rows.len());
        for (place, (key, row)) in rows.into_iter().enumerate() {
            if place < allowed {
                new.push(row);
            } else {
                for (other, row) in &other {
                    stored.0.insert(key, *other);
                    if place == allowed {
                        new.push(row.clone());
                    }
                }
            }
        }
        insert(tx, table, columns, &new, "on conflict (id) do nothing").await?;
        Ok(())
    }
}

impl Rows<'_> {
    /// The rows that stand for what came after the cap.
    fn of_others() -> Self {
        let other = || Some(OTHER.to_owned());
        let mut rows = Self::default();
        rows.touch(&Touch {
            utm: Utm { campaign: other(), content: other(), ..Utm::default() },
            source: OTHER.to_owned(),
            medium: OTHER.to_owned(),
            channel: "unassigned".to_owned(),
            ..Touch::default()
        });
        rows.client(&Client { brand: other(), os: other(), browser: other(), ..Client::default() });
        rows.place(&Place { city: other(), ..Place::default() });
        rows.page(OTHER);
        rows
    }
}
