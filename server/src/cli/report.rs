//! `dispatcher report`: one report on standard output.

use std::io::{BufWriter, stdout};

use anyhow::Context;
use url::form_urlencoded::byte_serialize;
use utm_dispatcher::report::{Report, ReportQuery};

use crate::config::Config;
use crate::export::Broken;
use crate::export::print::{Layout, print};
use crate::state::{now, open_store};

/// The query with the days that an option said beside it. Days that are said twice are refused when it is read.
pub fn text(query: Option<String>, period: Option<String>) -> String {
    let period = period.map(|period| format!("period={}", byte_serialize(period.as_bytes()).collect::<String>()));
    [period, query].into_iter().flatten().collect::<Vec<_>>().join("&")
}

/// Prints what `query` asks of a report. What cannot be asked is a [`BadQuery`](utm_dispatcher::report::BadQuery).
pub async fn run(config: &Config, report: Report, query: &str, layout: Layout) -> anyhow::Result<()> {
    let query = ReportQuery::parse(report, query)?;
    let store = open_store(config).await?;
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
    fn days_are_said_once() {
        let asked = |query: Option<&str>, period: Option<&str>| {
            let text = text(query.map(str::to_owned), period.map(str::to_owned));
            ReportQuery::parse(Report::Sources, &text).map(|query| query.to_string()).map_err(|bad| bad.parameter)
        };
        assert_eq!(asked(None, Some("month")), Ok("period=month".to_owned()));
        assert_eq!(asked(Some("limit=3"), Some("month")), asked(Some("limit=3&period=month"), None));
        assert_eq!(asked(Some("period=week"), Some("month")), Err("period"));
        assert_eq!(asked(None, Some("month&limit=3")), Err("period"));
    }
}
