//! Which file is this process's: servers may share a folder, on one database or on several.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use tracing::warn;

use super::file::{SpoolFile, Sum, sum};
use super::{MOST_AT_ONCE, NoSpool, NotSpooled};
use crate::config::DatabaseUrl;

/// So many servers may share a folder: each has a file of its own.
pub const MOST_FILES: u32 = 9;

/// Names the database whose messages these are: its address without a password, a file's path from the root on.
pub fn owner(database: &DatabaseUrl) -> Sum {
    let file = database.file().and_then(|file| std::path::absolute(file).ok());
    let name = file.map_or_else(|| database.to_string(), |file| file.to_string_lossy().into_owned());
    sum(&[name.as_bytes()])
}

/// The file for this process, and those that other servers on the same database left with messages in them.
pub fn claim(path: &Path, size: u64, owner: Sum) -> Result<(SpoolFile, Vec<(PathBuf, SpoolFile)>), NoSpool> {
    let (mut own, mut left) = (None, Vec::new());
    for number in 1..=MOST_FILES {
        let path = numbered(path, number);
        if own.is_some() && !path.exists() {
            continue;
        }
        let unusable = |error| NoSpool::File(path.clone(), error);
        let Some(mut file) = SpoolFile::open(&path, size, owner).map_err(unusable)? else { continue };
        if file.owner() != owner && file.waiting() > 0 {
            let messages = file.waiting();
            warn!(messages, path = %path.display(), "messages wait there for another database");
        } else if own.is_some() {
            left.push((path, file));
        } else {
            if file.owner() != owner {
                file.give_to(owner).map_err(unusable)?;
            }
            own = Some(file);
        }
    }
    Ok((own.ok_or_else(|| NoSpool::Taken(path.to_owned()))?, left))
}

/// How many messages wait at `path` and beside it for the database of `owner`; some of them may be stored already.
pub fn waiting(path: &Path, owner: Sum) -> u64 {
    let waiting = |number| match SpoolFile::peek(&numbered(path, number)) {
        Ok((of, messages)) if of == owner => messages,
        // Where there is no file, or none that a server of ours has written, nothing waits for us.
        _ => 0,
    };
    (1..=MOST_FILES).map(waiting).sum()
}

/// `data/spool`, `data/spool.2`, `data/spool.3` …
fn numbered(path: &Path, number: u32) -> PathBuf {
    if number == 1 {
        return path.to_owned();
    }
    let mut name = OsString::from(path);
    name.push(format!(".{number}"));
    name.into()
}

/// Puts everything that waits in `other` into `file`, and returns how much that was. Until all of it is there, it
/// stays in both.
pub fn take_over(file: &mut SpoolFile, other: &mut SpoolFile) -> io::Result<u64> {
    let messages = other.waiting();
    while other.waiting() > 0 {
        let records = other.first(MOST_AT_ONCE, u64::MAX)?;
        let since = records.first().map_or(0, |record| record.at);
        if file.append(since, records.iter().map(|record| record.bytes.as_slice()))? < records.len() {
            return Err(io::Error::other(NotSpooled::Full));
        }
        other.forget(records.len())?;
    }
    if messages > 0 {
        other.clear()?;
    }
    Ok(messages)
}
