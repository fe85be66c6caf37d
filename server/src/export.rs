//! Reports as files: CSV, workbooks and JSON, written while they are sent and never held as a whole.

use std::io;

use rust_xlsxwriter::XlsxError;
use utm_dispatcher::store::StoreError;

pub mod cell;
pub mod csv;
pub mod doors;
pub mod formula;
pub mod json;
pub mod name;
pub mod original;
pub mod print;
pub mod xlsx;

mod dashboard;
mod file;
mod list;
mod pipe;
mod sessions;
mod table;

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values.
    Csv,
    /// An Excel workbook.
    Xlsx,
    /// The answer of `/api/v1`.
    Json,
}

impl Format {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Xlsx, Self::Json];

    /// What its names end with.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Json => "json",
        }
    }

    /// Its media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Json => "application/json",
        }
    }
}

/// Why a file was not finished.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// Nobody waits for it any more.
    #[error("the asker is gone")]
    Gone,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A temporary file failed.
    #[error("a file could not be written: {0}")]
    Io(io::Error),
    /// The workbook could not be made.
    #[error("a workbook could not be made: {0}")]
    Xlsx(#[from] XlsxError),
    /// The writer panicked.
    #[error("a workbook could not be made: its writer ended early")]
    EndedEarly,
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::Gone } else { Self::Io(error) }
    }
}
