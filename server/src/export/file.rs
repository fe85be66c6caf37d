//! One report as the answer to a request: read, then written while it is sent.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::time::Duration;

use app::i18n::Locale;
use app::labels;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderName, HeaderValue};
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;
use utm_dispatcher::model::Millis;
use utm_dispatcher::report::{Compare, ReportQuery, SessionField, Table, Value};
use utm_dispatcher::store::{Store, StoreError};
use utoipa::openapi::ResponseBuilder;

use super::csv::{Csv, Separator};
use super::json::{self, Json, Tail};
use super::list::List;
use super::name::{attachment, file_name};
use super::pipe::{self, Pipe};
use super::table::{self, Words};
use super::xlsx::{Book, Chart};
use super::{Broken, Format, sessions};
use crate::error::ApiError;
use crate::rest::openapi::{self, header};
use crate::state::AppState;

/// How many rows there are, whatever the limit.
pub const TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");
/// How long an export waits for another one to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// How a file is written.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// The kind of file.
    pub format: Format,
    /// The language of its headings.
    pub locale: Locale,
    /// What stands between the cells of CSV.
    pub separator: Separator,
    /// Do quotients without a value count as 0?
    pub fills_gaps: bool,
}

/// What a file is made of.
pub enum Content {
    /// A report.
    Table(Table),
    /// Single sessions, most of them still to be read.
    Sessions(List),
}

impl Content {
    /// Asks the store.
    pub async fn read(store: &Store, query: &ReportQuery, now: Millis) -> Result<Self, StoreError> {
        Ok(if query.report.is_list() {
            Self::Sessions(List::open(store, query, now).await?)
        } else {
            Self::Table(store.report(query, now).await?)
        })
    }
}

/// The file of a query. `is_head`: only what is told of it.
pub async fn answer(
    state: &AppState,
    query: &ReportQuery,
    style: Style,
    is_head: bool,
    now: Millis,
) -> Result<Response, ApiError> {
    let permit = permit(state).await?;
    let mut content = Content::read(&state.store, query, now).await?;
    if let (true, Content::Table(table)) = (style.fills_gaps, &mut content) {
        table::without_gaps(table);
    }
    let total = match &content {
        Content::Table(table) => table.total_rows,
        Content::Sessions(list) => list.total_rows(),
    };
    let currency = state.config.store.currency.clone();
    let writer = Writer { style, currency, compare: query.compare, tz: state.store.tz() };
    let (body, length) = match style.format {
        _ if is_head => (of_unknown_length(), None),
        Format::Csv => (streamed(permit, move |pipe| writer.csv(pipe, content)), None),
        Format::Json => (streamed(permit, move |pipe| Writer::json(pipe, content)), None),
        Format::Xlsx => {
            let title = labels::report(style.locale, query.report);
            workbook(state, permit, move |gone, book| writer.sheet(gone, book, title, content)).await?
        }
    };
    let name = file_name(query.report.key(), query.period, style.format, now, state.store.tz());
    let mut answer = with_headers(body, style.format, &name, length);
    answer.headers_mut().insert(TOTAL_COUNT, total.into());
    Ok(answer)
}

/// The file as the API's description tells of it.
pub fn described(format: Format) -> ResponseBuilder {
    openapi::other("The file, written while it is sent.", format.content_type().split(';').next().unwrap_or_default())
        .header("Content-Disposition", header("`attachment` with the file's name."))
        .header("X-Total-Count", header("How many rows there are, whatever the limit."))
}

/// A place among the exports that may be written at a time.
pub async fn permit(state: &AppState) -> Result<OwnedSemaphorePermit, ApiError> {
    let permit = tokio::time::timeout(PATIENCE, state.exports.clone().acquire_owned()).await;
    // The semaphore is never closed.
    permit.ok().and_then(Result::ok).ok_or(ApiError::Busy)
}

/// The answer that a browser saves under `name`.
pub fn with_headers(body: Body, format: Format, name: &str, length: Option<u64>) -> Response {
    let mut answer = body.into_response();
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    headers.insert(CONTENT_DISPOSITION, attachment(name));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Some(length) = length {
        headers.insert(CONTENT_LENGTH, length.into());
    }
    answer
}

/// For the answer to HEAD: an empty body would announce a length of 0.
pub fn of_unknown_length() -> Body {
    pipe::body(|_| Ok(()))
}

/// A body that is written while it is sent.
fn streamed(
    permit: OwnedSemaphorePermit,
    write: impl FnOnce(&mut Pipe) -> Result<(), Broken> + Send + 'static,
) -> Body {
    pipe::body(move |pipe| {
        let _permit = permit;
        write(pipe)
    })
}

/// A workbook that `write` fills, as a temporary file, and its length. When the asker goes away meanwhile, `write` is told.
pub async fn workbook(
    state: &AppState,
    permit: OwnedSemaphorePermit,
    write: impl FnOnce(&CancellationToken, &mut Book) -> Result<(), Broken> + Send + 'static,
) -> Result<(Body, Option<u64>), ApiError> {
    let gone = CancellationToken::new();
    let watch = gone.clone().drop_guard();
    let currency = state.config.store.currency.clone();
    let made = tokio::task::spawn_blocking(move || -> Result<(File, OwnedSemaphorePermit), Broken> {
        let mut book = Book::new(&currency);
        write(&gone, &mut book)?;
        let mut file = tempfile::tempfile()?;
        book.save(&file)?;
        file.rewind()?;
        Ok((file, permit))
    });
    let (mut file, permit) = made.await.unwrap_or(Err(Broken::EndedEarly))?;
    watch.disarm();
    let length = file.metadata().map_err(Broken::Io)?.len();
    let copy = move |pipe: &mut Pipe| {
        io::copy(&mut file, pipe)?;
        Ok(())
    };
    Ok((streamed(permit, copy), Some(length)))
}

/// What a writer needs beside the content.
pub struct Writer {
    /// How it is written.
    pub style: Style,
    /// What its money is in.
    pub currency: String,
    /// Which days the earlier ones are.
    pub compare: Compare,
    /// The zone of its times.
    pub tz: chrono_tz::Tz,
}

impl Writer {
    /// Its words.
    pub fn words(&self) -> Words<'_> {
        Words { locale: self.style.locale, currency: &self.currency, compare: self.compare }
    }

    /// Writes CSV.
    pub fn csv(&self, out: &mut impl Write, content: Content) -> Result<(), Broken> {
        let Style { locale, separator, .. } = self.style;
        match content {
            Content::Table(table) => {
                let mut csv = Csv::new(out, separator, &table::heads(&table, self.words()))?;
                for line in table::lines(&table) {
                    csv.row(line)?;
                }
                csv.finish()?;
            }
            Content::Sessions(list) => {
                let mut csv = Csv::new(out, separator, &sessions::heads(locale))?;
                list.each(&CancellationToken::new(), |row| Ok(csv.row(sessions::line(row, locale, self.tz))?))?;
                csv.finish()?;
            }
        }
        Ok(())
    }

    /// Writes the answer of `/api/v1`.
    pub fn json(out: &mut impl Write, content: Content) -> Result<(), Broken> {
        let list = match content {
            Content::Table(table) => return Ok(json::write(out, &table)?),
            Content::Sessions(list) => list,
        };
        let table = list.head();
        let mut json = Json::new(out, &table)?;
        let next = list.each(&CancellationToken::new(), |row| {
            let cells: Vec<Value> = SessionField::ALL.iter().map(|field| field.of(row)).collect();
            Ok(json.row(&cells)?)
        })?;
        Ok(json.finish(&table, Tail { total_rows: table.total_rows, next: next.as_ref() })?)
    }

    /// Writes a sheet of a workbook.
    pub fn sheet(
        &self,
        gone: &CancellationToken,
        book: &mut Book,
        title: &str,
        content: Content,
    ) -> Result<(), Broken> {
        match content {
            Content::Table(table) => table_sheet(book, title, &table, self.words())?,
            Content::Sessions(list) => {
                book.sheet(title, sessions::heads(self.style.locale), list.total_rows())?;
                list.each(gone, |row| Ok(book.row(sessions::line(row, self.style.locale, self.tz))?))?;
            }
        }
        Ok(())
    }
}

/// Writes a table as a sheet with its chart; a table of totals alone lies on its side.
fn table_sheet(book: &mut Book, title: &str, table: &Table, words: Words<'_>) -> Result<(), Broken> {
    let heads = table::heads(table, words);
    if table::is_of_totals(table) {
        book.sheet(title, table::side_heads(table, words), table.columns.len())?;
        for line in table::side_lines(table, &heads) {
            book.row(line)?;
        }
        return Ok(());
    }
    book.sheet(title, heads, table.rows.len())?;
    for line in table::lines(table) {
        book.row(line)?;
    }
    if let Some(chart) = Chart::of(title, table) {
        book.chart(&chart)?;
    }
    Ok(())
}
