//! Single sessions as lines of a file: the eighteen columns of the replaced system.

use app::headings;
use app::i18n::Locale;
use chrono::DateTime;
use chrono_tz::Tz;
use utm_dispatcher::model::order::Conversion;
use utm_dispatcher::model::{Millis, country};
use utm_dispatcher::report::SessionRow;

use super::cell::{Cell, Heading};

/// The headings.
pub fn heads(locale: Locale) -> Vec<Heading> {
    headings::sessions(locale).into_iter().map(|title| Heading { title, is_rate: false }).collect()
}

/// The cells of a session, its times in the zone `tz`. Source and medium are the visitor's own, else what the session
/// is counted under: `direct` and `none` when nothing is known.
pub fn line(row: &SessionRow, locale: Locale, tz: Tz) -> [Cell<'_>; 18] {
    let utm = &row.utm;
    let country = row.place.country.as_deref();
    [
        Cell::Id(row.id.0),
        Cell::Text(utm.source.as_ref().unwrap_or(&row.source)),
        Cell::Text(utm.medium.as_ref().unwrap_or(&row.medium)),
        Cell::text(utm.campaign.as_deref()),
        Cell::text(utm.content.as_deref()),
        Cell::text(utm.term.as_deref()),
        Cell::text(row.ip.as_deref()),
        Cell::text(country.map(|code| country::name(code).unwrap_or(code))),
        Cell::text(row.place.city.as_deref()),
        Cell::Text(row.device.key()),
        Cell::text(row.os.as_deref()),
        Cell::text(row.browser.as_deref()),
        time(Some(row.started_at), tz),
        time(Some(row.last_seen), tz),
        Cell::count(row.visit_count),
        Cell::Text(headings::yes(locale, row.conversion.is_some())),
        Cell::text(row.conversion.map(Conversion::key)),
        time(row.converted_at, tz),
    ]
}

/// What clocks showed, to the second.
fn time(at: Option<Millis>, tz: Tz) -> Cell<'static> {
    let local = |at| DateTime::from_timestamp_millis(at).map(|at| at.with_timezone(&tz).naive_local());
    at.and_then(local).map_or(Cell::Empty, Cell::Time)
}
