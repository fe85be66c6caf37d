//! What files are called: `utm_{type}_{period}_{YYYYMMDD_HHMMSS}.csv`, in the store's time zone.

use chrono::DateTime;
use chrono_tz::Tz;
use http::HeaderValue;
use utm_dispatcher::model::{Millis, Period};

use super::Format;

/// The name of a file. `what` and the period's part are words of our own, never what came in a request.
pub fn file_name(what: &str, period: Period, format: Format, now: Millis, tz: Tz) -> String {
    let days = match period {
        Period::Range { from, to } => format!("{}_{}", from.format("%Y-%m-%d"), to.format("%Y-%m-%d")),
        named => named.to_string(),
    };
    let time = DateTime::from_timestamp_millis(now).unwrap_or_default().with_timezone(&tz).format("%Y%m%d_%H%M%S");
    format!("utm_{what}_{days}_{time}.{}", format.extension())
}

/// `Content-Disposition` for a file of that name.
pub fn attachment(name: &str) -> HeaderValue {
    HeaderValue::try_from(format!("attachment; filename=\"{name}\"")).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use utm_dispatcher::report::Report;

    use super::*;

    /// 2026-11-30T22:30:05Z: the next day in Kyiv.
    const NIGHT: Millis = 1_796_077_805_000;

    #[test]
    fn times_are_the_stores_and_ranges_are_spelled_out() {
        let day = |text: &str| text.parse().unwrap();
        let range = Period::Range { from: day("2026-11-01"), to: day("2026-11-22") };
        let name = |period, format, tz| file_name("sources", period, format, NIGHT, tz);
        assert_eq!(name(Period::AllTime, Format::Csv, Tz::Europe__Kyiv), "utm_sources_all_time_20261201_003005.csv");
        assert_eq!(name(Period::Today, Format::Xlsx, Tz::UTC), "utm_sources_today_20261130_223005.xlsx");
        assert_eq!(name(range, Format::Json, Tz::UTC), "utm_sources_2026-11-01_2026-11-22_20261130_223005.json");
    }

    #[test]
    fn fault_s6_every_name_is_plain() {
        let periods = Period::NAMED
            .into_iter()
            .chain([Period::Range { from: "1970-01-01".parse().unwrap(), to: "9999-12-31".parse().unwrap() }]);
        for period in periods {
            for report in Report::ALL {
                let name = file_name(report.key(), period, Format::Csv, NIGHT, Tz::Europe__Kyiv);
                assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte)), "{name}");
                assert_eq!(attachment(&name), format!("attachment; filename=\"{name}\""));
            }
        }
    }
}
