//! The address bar: the one place that reads the state of a page from it and writes it into links.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::params::ParamsMap;
use utm_dispatcher::model::Period;
use utm_dispatcher::report::{Report, ReportQuery};

use crate::error::AppError;
use crate::routes::HOME;

/// The period that the address bar names; [`Period::Today`] when it names none.
pub fn use_period() -> Memo<Result<Period, AppError>> {
    let params = use_query_map();
    Memo::new(move |_| params.with(period))
}

/// The dashboard's address for a period, in the text form that all queries share.
pub fn period_href(period: Period) -> String {
    format!("{HOME}?{}", ReportQuery::new(Report::General, period))
}

/// The address `path` with the parameters `params`, of which `key` is set to `value` or, for `None`, left out.
pub fn address(path: &str, params: &ParamsMap, key: &str, value: Option<&str>) -> String {
    let mut params = params.clone();
    params.remove(key);
    if let Some(value) = value {
        params.insert(key.to_owned(), value.to_owned());
    }
    format!("{path}{}", params.to_query_string())
}

fn period(params: &ParamsMap) -> Result<Period, AppError> {
    match (params.get_str("period"), params.get_str("from"), params.get_str("to")) {
        (None, None, None) => Ok(Period::default()),
        (Some(name), None, None) => {
            let allowed = || Period::NAMED.iter().filter_map(|period| period.name()).collect::<Vec<_>>().join(", ");
            name.parse().map_err(|_| bad("period", name, allowed()))
        }
        (None, Some(from), Some(to)) => {
            let day = |key, text: &str| text.parse().map_err(|_| bad(key, text, "YYYY-MM-DD".to_owned()));
            let (first, last) = (day("from", from)?, day("to", to)?);
            if first > last {
                Err(bad("from", from, format!("≤ {to}")))
            } else {
                Ok(Period::Range { from: first, to: last })
            }
        }
        (Some(name), ..) => Err(bad("period", name, "period | from, to".to_owned())),
        (None, Some(_), None) => Err(bad("to", "", "YYYY-MM-DD".to_owned())),
        (None, None, Some(_)) => Err(bad("from", "", "YYYY-MM-DD".to_owned())),
    }
}

fn bad(parameter: &str, given: &str, allowed: String) -> AppError {
    AppError::BadInput { parameter: parameter.to_owned(), given: given.to_owned(), allowed }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(text: &str) -> ParamsMap {
        text.split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    }

    #[test]
    fn what_a_link_says_is_read_back() {
        let day = |text: &str| text.parse().unwrap();
        let range = Period::Range { from: day("2026-11-01"), to: day("2026-11-22") };
        for asked in Period::NAMED.into_iter().chain([range]) {
            let href = period_href(asked);
            let (path, text) = href.split_once('?').unwrap();
            assert_eq!(path, HOME);
            assert_eq!(period(&params(text)), Ok(asked), "{href}");
        }
    }

    #[test]
    fn an_address_without_a_period_means_today() {
        for text in ["", "section=dispatcher", "period=today"] {
            assert_eq!(period(&params(text)), Ok(Period::Today), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_asked_is_named() {
        let cases = [
            ("period=yesterday", "period"),
            ("period=<script>", "period"),
            ("period=week&from=2026-11-01&to=2026-11-02", "period"),
            ("from=2026-11-01", "to"),
            ("to=2026-11-01", "from"),
            ("from=2026-11-31&to=2026-12-01", "from"),
            ("from=2026-11-02&to=2026-11-01", "from"),
        ];
        for (text, wrong) in cases {
            let Err(AppError::BadInput { parameter, .. }) = period(&params(text)) else { panic!("{text}") };
            assert_eq!(parameter, wrong, "{text}");
        }
    }

    #[test]
    fn one_parameter_changes_and_the_others_stay() {
        let now = params("period=month&lang=en");
        assert_eq!(address(HOME, &now, "lang", None), "/admin-panel?period=month");
        assert_eq!(address(HOME, &now, "lang", Some("uk")), "/admin-panel?period=month&lang=uk");
        assert_eq!(address(HOME, &params(""), "lang", None), "/admin-panel");
        assert_eq!(address(HOME, &params("next=/a?b"), "lang", None), "/admin-panel?next=%2Fa%3Fb");
    }
}
