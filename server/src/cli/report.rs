//! `dispatcher report`: one report on standard output.

use std::io::{BufWriter, stdout};

use anyhow::Context;
use url::form_urlencoded::{byte_serialize, parse};
use utm_dispatcher::report::{Report, ReportQuery};

use crate::config::Config;
use crate::export::Broken;
use crate::export::print::{Layout, print};
use crate::state::{now, open_existing};

/// The query, with the days that an option said where it names none itself.
pub fn text(query: Option<String>, period: Option<String>) -> String {
    let query = query.unwrap_or_default();
    let names_days = parse(query.as_bytes()).any(|(name, _)| matches!(&*name, "period" | "from" | "to"));
    let period = period.filter(|_| !names_days);
    let period = period.map(|period| format!("period={}", byte_serialize(period.as_bytes()).collect::<String>()));
    [period, Some(query)].into_iter().flatten().collect::<Vec<_>>().join("&")
}

/// Prints what `query` asks of a report. What cannot be asked is a [`BadQuery`](utm_dispatcher::report::BadQuery).
pub async fn run(config: &Config, report: Report, query: &str, layout: Layout) -> anyhow::Result<()> {
    let query = ReportQuery::parse(report, query)?;
    let store = open_existing(config).await?;
    store.check(&query)?;
    store.migrate().await.context("the schema could not be brought up to date")?;
    let printed = print(&store, &query, layout, &config.store.currency, now(), BufWriter::new(stdout())).await;
    store.close().await;
    match printed {
        // Whoever reads it has read enough.
        Ok(()) | Err(Broken::Gone) => Ok(()),
        Err(error) => Err(error).context("the report could not be printed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_says_the_days_that_the_query_does_not() {
        let asked = |query: Option<&str>, period: Option<&str>| {
            let text = text(query.map(str::to_owned), period.map(str::to_owned));
            ReportQuery::parse(Report::Sources, &text).map(|query| query.to_string()).map_err(|bad| bad.parameter)
        };
        assert_eq!(asked(None, Some("month")), Ok("period=month".to_owned()));
        assert_eq!(asked(Some("limit=3"), Some("month")), asked(Some("limit=3&period=month"), None));
        assert_eq!(asked(Some("period=week&limit=3"), Some("month")), asked(Some("period=week&limit=3"), None));
        let range = "from=2026-11-01&to=2026-11-02";
        assert_eq!(asked(Some(range), Some("month")), Ok(range.to_owned()));
        assert_eq!(asked(Some("from=2026-11-01"), Some("month")), Err("to"));
        assert_eq!(asked(Some("period=yesterday"), Some("month")), Err("period"));
        assert_eq!(asked(None, Some("month&limit=3")), Err("period"));
    }
}
