//! The spool's file: a preallocated, fsynced log of records that survives an end of the process at any byte.
//!
//! Two headers, of which the newer valid one counts, then the records, one behind the other:
//!
//! | header | | record | |
//! | --- | --- | --- | --- |
//! | `UDSPOOL1` | 8 bytes | length of its bytes | `u32` |
//! | round | `u64` | when it came, epoch milliseconds | `i64` |
//! | owner | 8 bytes | sum | 8 bytes |
//! | sum | 8 bytes | its bytes | |
//!
//! What waits no longer is overwritten with zeros as a new round begins, because it names people.
//!
//! A record's sum covers the sum before it, the first one's that of the header. So neither what an earlier round left
//! behind nor the far end of a torn write is ever taken for a record. Numbers are little-endian.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::Path;

use sha2::{Digest, Sha256};
use utm_dispatcher::model::Millis;

const MAGIC: [u8; 8] = *b"UDSPOOL1";
/// Each header has a block of its own, so that a write of one never tears the other.
const BLOCK: u64 = 4096;
const RECORDS: u64 = 2 * BLOCK;
/// Length, time and sum stand before a record's bytes.
const PREFIX: usize = 20;
/// So many bytes of records are read at once, if not only one is longer.
const MOST_READ: usize = 1 << 20;

/// The first bytes of a SHA-256: what names an owner, and what shows that bytes are whole.
pub type Sum = [u8; 8];

/// The first bytes of the SHA-256 of `parts`, one behind the other.
pub fn sum(parts: &[&[u8]]) -> Sum {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    let mut sum = Sum::default();
    sum.copy_from_slice(&hash.finalize()[..8]);
    sum
}

/// A place between two records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    offset: u64,
    /// The sum of what stands before.
    sum: Sum,
    /// How many records there were before, since the file was opened.
    number: u64,
}

/// What was put into the spool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// When.
    pub at: Millis,
    /// What.
    pub bytes: Vec<u8>,
}

/// An open spool file; nobody else has it open.
#[derive(Debug)]
pub struct SpoolFile {
    file: File,
    size: u64,
    round: u64,
    owner: Sum,
    /// In front of the first record that still waits.
    first: Place,
    /// Behind the last one.
    end: Place,
    /// Behind the last byte that may be none of the zeros of an empty file.
    dirty: u64,
    /// A new round was to begin and may have begun on the disk: nothing may be appended before it has.
    is_round_unsure: bool,
}

impl SpoolFile {
    /// Opens the file at `path`, or makes one of `size` bytes. `None`: another process has it. What waits in it is
    /// every record that was acknowledged, and perhaps some of the last write that was not.
    pub fn open(path: &Path, size: u64, owner: Sum) -> io::Result<Option<Self>> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
            Ok(()) => {}
        }
        let mut spool = Self::read(file, size, owner)?;
        spool.preallocate(path)?;
        spool.dirty = spool.size;
        if spool.round == 0 {
            spool.begin_round()?;
        }
        spool.find_end()?;
        if spool.waiting() == 0 {
            // What was overwritten may have been cut short.
            spool.wipe()?;
        }
        Ok(Some(spool))
    }

    /// How many records wait in the file at `path`, and whose they are, without taking it from who has it: some of them
    /// may be stored already.
    pub fn peek(path: &Path) -> io::Result<(Sum, u64)> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        let mut spool = Self::read(file, size, Sum::default())?;
        spool.find_end()?;
        Ok((spool.owner, spool.waiting()))
    }

    /// Reads which round a file is in; none yet, if it is new.
    fn read(file: File, size: u64, owner: Sum) -> io::Result<Self> {
        let mut headers = [header_at(&file, 0)?, header_at(&file, 1)?];
        headers.sort_by_key(|header| if let Header::Valid { round, .. } = header { *round } else { 0 });
        let [_, newer] = headers;
        let (round, owner) = match (newer, headers.contains(&Header::Blank), headers.contains(&Header::Foreign)) {
            (Header::Valid { round, owner }, ..) => (round, owner),
            // Its making was cut short: nothing was ever acknowledged in it.
            (_, true, false) => (0, owner),
            _ => return Err(io::Error::new(io::ErrorKind::InvalidData, "it is no spool: move it away")),
        };
        let start = start(round, owner, 0);
        let is_round_unsure = round == 0;
        Ok(Self { file, size, round, owner, first: start, end: start, dirty: size, is_round_unsure })
    }

    fn find_end(&mut self) -> io::Result<()> {
        while let Some((_, next)) = self.record(self.end)? {
            self.end = next;
        }
        Ok(())
    }

    /// Fills the file up to its size. The disk's space is taken now, not when it has run out; an empty file that is
    /// larger than it should be is cut.
    fn preallocate(&mut self, path: &Path) -> io::Result<()> {
        let mut length = self.file.metadata()?.len();
        if length >= self.size {
            if length > self.size && self.record(self.first)?.is_none() {
                self.file.set_len(self.size.max(RECORDS))?;
            }
            self.size = self.file.metadata()?.len();
            return Ok(());
        }
        let zeros = vec![0; 1 << 20];
        while length < self.size {
            let next = zeros.len().min(usize::try_from(self.size - length).unwrap_or(usize::MAX));
            self.file.write_all_at(&zeros[..next], length)?;
            length += next as u64;
        }
        self.file.sync_all()?;
        // The file's name has to be on the disk as well.
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    }

    /// Whose messages these are.
    pub fn owner(&self) -> Sum {
        self.owner
    }

    /// How many records wait.
    pub fn waiting(&self) -> u64 {
        self.end.number - self.first.number
    }

    /// The number of the record that will come next.
    pub fn next_number(&self) -> u64 {
        self.end.number
    }

    /// When the first record that waits came.
    pub fn since(&self) -> io::Result<Option<Millis>> {
        if self.waiting() == 0 { Ok(None) } else { Ok(self.record(self.first)?.map(|(record, _)| record.at)) }
    }

    /// Puts `records` behind the others until there is no more room, and returns how many: these are on the disk.
    pub fn append<'a>(&mut self, at: Millis, records: impl IntoIterator<Item = &'a [u8]>) -> io::Result<usize> {
        if self.is_round_unsure {
            self.begin_round()?;
        }
        let (mut place, mut written, mut count) = (self.end, Vec::new(), 0);
        for bytes in records {
            let next = place.offset + (PREFIX + bytes.len()) as u64;
            let Some(length) = u32::try_from(bytes.len()).ok().filter(|_| next <= self.size) else { break };
            let sum = sum(&[&place.sum, &at.to_le_bytes(), bytes]);
            for part in [&length.to_le_bytes()[..], &at.to_le_bytes(), &sum, bytes] {
                written.extend_from_slice(part);
            }
            place = Place { offset: next, sum, number: place.number + 1 };
            count += 1;
        }
        if count > 0 {
            self.dirty = self.dirty.max(place.offset);
            self.file.write_all_at(&written, self.end.offset)?;
            self.file.sync_data()?;
            self.end = place;
        }
        Ok(count)
    }

    /// Is it as empty on the disk as it is here?
    pub fn is_clear(&self) -> bool {
        self.end.offset == RECORDS && !self.is_round_unsure
    }

    /// The first records that wait: at most `most` and about a megabyte, and none whose number is `upto` or more.
    pub fn first(&self, most: usize, upto: u64) -> io::Result<Vec<Record>> {
        let (mut place, mut records) = (self.first, Vec::new());
        let mut length = 0;
        while records.len() < most && length < MOST_READ && place.number < upto.min(self.end.number) {
            let Some((record, next)) = self.record(place)? else {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a record is no longer what was written"));
            };
            length += record.bytes.len();
            records.push(record);
            place = next;
        }
        Ok(records)
    }

    /// The first `count` records wait no longer. On the disk they stay until a new round begins.
    pub fn forget(&mut self, count: usize) -> io::Result<()> {
        for _ in 0..count {
            let Some((_, next)) = self.record(self.first)? else { break };
            self.first = next;
        }
        Ok(())
    }

    /// Begins anew at the file's head; what is in it waits no longer.
    pub fn clear(&mut self) -> io::Result<()> {
        self.is_round_unsure = true;
        self.begin_round()
    }

    /// Gives an empty file to another owner.
    pub fn give_to(&mut self, owner: Sum) -> io::Result<()> {
        self.owner = owner;
        self.clear()
    }

    fn begin_round(&mut self) -> io::Result<()> {
        let round = self.round + 1;
        let header = header(round, self.owner);
        self.file.write_all_at(&header, round % 2 * BLOCK)?;
        self.file.sync_data()?;
        self.round = round;
        self.first = start(round, self.owner, self.end.number);
        self.end = self.first;
        self.is_round_unsure = false;
        self.wipe()
    }

    /// Overwrites what waits no longer. The disk's space stays taken.
    fn wipe(&mut self) -> io::Result<()> {
        let (zeros, mut found) = (vec![0; MOST_READ], vec![0; MOST_READ]);
        let (mut offset, mut is_changed) = (RECORDS, false);
        while offset < self.dirty {
            let length = MOST_READ.min(usize::try_from(self.dirty - offset).unwrap_or(MOST_READ));
            let length = read_at(&self.file, &mut found[..length], offset)?;
            if length == 0 {
                break;
            }
            if found[..length] != zeros[..length] {
                self.file.write_all_at(&zeros[..length], offset)?;
                is_changed = true;
            }
            offset += length as u64;
        }
        if is_changed {
            self.file.sync_data()?;
        }
        self.dirty = RECORDS;
        Ok(())
    }

    /// The record at `place`, and where the next one is; `None` where there is none.
    fn record(&self, place: Place) -> io::Result<Option<(Record, Place)>> {
        let mut prefix = [0; PREFIX];
        let behind = place.offset + PREFIX as u64;
        if behind > self.size || read_at(&self.file, &mut prefix, place.offset)? < PREFIX {
            return Ok(None);
        }
        let (length, rest) = prefix.split_at(4);
        let (at, written) = rest.split_at(8);
        let (Ok(length), Ok(at)) = (length.try_into().map(u32::from_le_bytes), at.try_into().map(i64::from_le_bytes))
        else {
            return Ok(None);
        };
        let next = behind + u64::from(length);
        if length == 0 || next > self.size {
            return Ok(None);
        }
        let mut bytes = vec![0; length as usize];
        let is_whole = read_at(&self.file, &mut bytes, behind)? == bytes.len();
        let sum = sum(&[&place.sum, &at.to_le_bytes(), &bytes]);
        if !is_whole || sum != written {
            return Ok(None);
        }
        Ok(Some((Record { at, bytes }, Place { offset: next, sum, number: place.number + 1 })))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Header {
    Valid {
        round: u64,
        owner: Sum,
    },
    /// Nothing was written there yet.
    Blank,
    /// Ours, but not whole.
    Torn,
    Foreign,
}

fn header(round: u64, owner: Sum) -> Vec<u8> {
    let round = round.to_le_bytes();
    [&MAGIC[..], &round, &owner, &sum(&[&MAGIC, &round, &owner])].concat()
}

/// Where a round's records begin.
fn start(round: u64, owner: Sum, number: u64) -> Place {
    Place { offset: RECORDS, sum: sum(&[&MAGIC, &round.to_le_bytes(), &owner]), number }
}

fn header_at(file: &File, slot: u64) -> io::Result<Header> {
    let mut found = [0; 32];
    read_at(file, &mut found, slot * BLOCK)?;
    let [magic, round, owner, _] = [0, 8, 16, 24].map(|start| {
        let mut part = [0; 8];
        part.copy_from_slice(&found[start..start + 8]);
        part
    });
    let round = u64::from_le_bytes(round);
    Ok(if found == [0; 32] {
        Header::Blank
    } else if found == *header(round, owner) && round > 0 {
        Header::Valid { round, owner }
    } else if MAGIC.iter().zip(magic).all(|(ours, found)| *ours == found || found == 0) {
        Header::Torn
    } else {
        Header::Foreign
    })
}

/// Reads up to the file's end, and returns how much.
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(&mut buffer[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests;
