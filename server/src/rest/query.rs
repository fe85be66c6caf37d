//! Parameters under `/api/utm`: what is known is checked, what is not known is ignored.

use chrono::{Datelike, NaiveDate};
use http::header::LINK;
use http::{HeaderName, HeaderValue, Uri};
use url::form_urlencoded;
use utm_dispatcher::model::Period;
use utm_dispatcher::report::{Cursor, Dimension, Filter, Operator, Subject};

use crate::error::ApiError;

/// The most rows that a list gives.
pub const MOST: usize = 1000;
/// A refusal repeats at most so much of what came.
const ECHOED: usize = 100;

/// The parameters of a request, decoded; of one that is repeated the last counts.
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads a query string.
    pub fn read(query: Option<&str>) -> Self {
        Self(form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect())
    }

    /// The value of a parameter, as it came.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// `from` and `to`, else `period`, today when all are absent.
    pub fn period(&self) -> Result<Period, ApiError> {
        match (self.value("from"), self.value("to")) {
            (Some(from), Some(to)) => {
                let (first, last) = (day("from", from)?, day("to", to)?);
                if first > last {
                    return Err(bad("from", from, "a day that is not after `to`"));
                }
                Ok(Period::Range { from: first, to: last })
            }
            (Some(from), None) => Err(bad("to", &format!("nothing beside from={from}"), DAY)),
            (None, Some(to)) => Err(bad("from", &format!("nothing beside to={to}"), DAY)),
            (None, None) => {
                let Some(text) = self.value("period") else { return Ok(Period::Today) };
                text.parse().map_err(|_| bad("period", text, "today, week, month or all_time"))
            }
        }
    }

    /// `limit`, `default` when absent.
    pub fn limit(&self, default: usize) -> Result<usize, ApiError> {
        let Some(text) = self.value("limit") else { return Ok(default) };
        // `parse` would take a sign.
        let digits = text.bytes().all(|byte| byte.is_ascii_digit()).then_some(text);
        let limit = digits.and_then(|text| text.parse().ok()).filter(|limit| (1..=MOST).contains(limit));
        limit.ok_or_else(|| bad("limit", text, "a whole number from 1 to 1000"))
    }

    /// `cursor`: after which row to go on.
    pub fn cursor(&self) -> Result<Option<Cursor>, ApiError> {
        self.value("cursor").map(cursor).transpose()
    }

    /// The filter that `name` asks for: exactly this value of `dimension`.
    pub fn filter(&self, name: &'static str, dimension: Dimension) -> Result<Option<Filter>, ApiError> {
        let Some(text) = self.value(name) else { return Ok(None) };
        let filter = Filter::new(Subject::Dimension(dimension), Operator::Is, text);
        // PostgreSQL has no text with a NUL in it.
        if text.contains('\0') || filter.check().is_err() {
            return Err(bad(name, text, "1 to 512 characters, none of them NUL"));
        }
        Ok(Some(filter))
    }

    /// One of a few words; `default` when `name` is absent.
    pub fn word<T: Copy>(&self, name: &'static str, default: T, all: &[(&str, T)]) -> Result<T, ApiError> {
        let Some(text) = self.value(name) else { return Ok(default) };
        let found = all.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        found.ok_or_else(|| bad(name, text, &all.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(" or ")))
    }
}

/// Reads a cursor.
pub fn cursor(text: &str) -> Result<Cursor, ApiError> {
    text.parse().map_err(|()| bad("cursor", text, "what an earlier answer to the same question named as the next one"))
}

/// The header of the address at which a list goes on: the one that was asked, with another `cursor`.
pub fn next(asked: &Uri, cursor: Option<String>) -> Option<[(HeaderName, HeaderValue); 1]> {
    let asked_for = form_urlencoded::parse(asked.query().unwrap_or_default().as_bytes());
    let others = asked_for.filter(|(name, _)| name != "cursor");
    let query =
        form_urlencoded::Serializer::new(String::new()).extend_pairs(others).append_pair("cursor", &cursor?).finish();
    let link = HeaderValue::try_from(format!("<{}?{query}>; rel=\"next\"", asked.path())).ok()?;
    Some([(LINK, link)])
}

const DAY: &str = "a day from 1970-01-01 to 9999-12-31 as YYYY-MM-DD";

fn day(parameter: &'static str, text: &str) -> Result<NaiveDate, ApiError> {
    // `parse` would take shorter forms and years of five digits.
    let is_plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let day = is_plain.then(|| text.parse::<NaiveDate>().ok()).flatten();
    day.filter(|day| day.year() >= 1970).ok_or_else(|| bad(parameter, text, DAY))
}

/// The refusal of a parameter.
pub fn bad(parameter: &'static str, came: &str, allowed: &str) -> ApiError {
    ApiError::BadParameter { parameter, came: came.chars().take(ECHOED).collect(), allowed: allowed.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_parameters_are_checked_and_others_ignored() {
        let read = |query: &str| {
            let parameters = Parameters::read(Some(query));
            parameters
                .period()
                .and_then(|period| Ok((period, parameters.limit(20)?)))
                .map_err(|error| error.to_string())
        };
        assert_eq!(read("").unwrap(), (Period::Today, 20));
        assert_eq!(read("period=all_time&limit=1000&utm_source=x").unwrap(), (Period::AllTime, 1000));
        assert_eq!(read("period=week&period=month").unwrap().0, Period::Month);
        let range = read("from=2026-02-28&to=2026-03-01&period=week").unwrap().0;
        assert_eq!(range.to_string(), "2026-02-28..2026-03-01");
        for query in [
            "from=2026-02-30&to=2026-03-01",
            "from=2026-03-02&to=2026-03-01",
            "from=1969-12-31&to=2026-03-01",
            "from=2026-3-1&to=2026-03-01",
            "from=+2026-03-1&to=2026-03-01",
            "from=&to=2026-03-01",
            "period=yesterday",
            "period=",
            "limit=0",
            "limit=1001",
            "limit=-1",
            "limit=%2B5",
            "limit=",
            "limit=1.5",
            "limit=99999999999999999999",
            "limit=%D9%A5",
        ] {
            let parameter = &query[..query.find('=').unwrap()];
            assert!(read(query).unwrap_err().starts_with(parameter), "{query}");
        }
        assert!(read("from=2026-03-01").unwrap_err().starts_with("to"));
        assert!(read("to=2026-03-01").unwrap_err().starts_with("from"));
        assert!(read("from=2026-03-01&to=01.03.2026").unwrap_err().starts_with("to"));
    }

    #[test]
    fn the_next_page_is_the_same_question_with_another_cursor() {
        let uri: Uri = "/api/utm/sources/?period=week&cursor=w9&limit=2&source=%D1%84%26".parse().unwrap();
        let [(_, link)] = next(&uri, Some("w1,tb%25".to_owned())).unwrap();
        let expected = "</api/utm/sources/?period=week&limit=2&source=%D1%84%26&cursor=w1%2Ctb%2525>; rel=\"next\"";
        assert_eq!(link.to_str().unwrap(), expected);
        assert_eq!(next(&uri, None), None);
    }
}
