//! The laws of the spool's file: what was acknowledged is found again, and nothing else, whenever the process ends.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

const SIZE: u64 = RECORDS + 2000;
const OURS: Sum = *b"owner--1";

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("data/spool")
    }

    fn open(&self) -> SpoolFile {
        SpoolFile::open(&self.path(), SIZE, OURS).unwrap().unwrap()
    }

    /// What a process finds that opens the file now.
    fn found(&self) -> Vec<Vec<u8>> {
        bytes(&self.open())
    }
}

fn bytes(spool: &SpoolFile) -> Vec<Vec<u8>> {
    let records = spool.first(usize::MAX, u64::MAX).unwrap();
    records.into_iter().map(|record| record.bytes).collect()
}

fn slices(records: &[Vec<u8>]) -> impl Iterator<Item = &[u8]> {
    records.iter().map(Vec::as_slice)
}

#[test]
fn a_new_file_is_its_owners_alone_and_takes_its_space_at_once() {
    let folder = Folder::new();
    let spool = SpoolFile::open(&folder.path(), 3 << 20, OURS).unwrap().unwrap();
    assert_eq!((spool.waiting(), spool.since().unwrap()), (0, None));
    let metadata = fs::metadata(folder.path()).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(folder.path().parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(metadata.len(), 3 << 20);
    assert!(metadata.blocks() * 512 >= 3 << 20, "{} blocks", metadata.blocks());
}

#[test]
fn only_one_process_has_it() {
    let folder = Folder::new();
    let spool = folder.open();
    assert!(SpoolFile::open(&folder.path(), SIZE, OURS).unwrap().is_none());
    drop(spool);
    assert!(SpoolFile::open(&folder.path(), SIZE, OURS).unwrap().is_some());
}

#[test]
fn what_is_no_spool_is_left_alone() {
    for text in ["root:x:0:0", &"x".repeat(10_000), "UDSPOOL2........................"] {
        let folder = Folder::new();
        fs::create_dir(folder.path().parent().unwrap()).unwrap();
        fs::write(folder.path(), text).unwrap();
        let refused = SpoolFile::open(&folder.path(), SIZE, OURS).unwrap_err();
        assert_eq!(refused.to_string(), "it is no spool: move it away");
        assert_eq!(fs::read_to_string(folder.path()).unwrap(), text);
    }
}

#[test]
fn records_come_back_in_order_and_are_forgotten_from_the_front() {
    let folder = Folder::new();
    let mut spool = folder.open();
    assert_eq!(spool.append(5, [&b"one"[..], b"two"]).unwrap(), 2);
    assert_eq!(spool.append(7, [&b"three"[..]]).unwrap(), 1);
    assert_eq!((spool.waiting(), spool.next_number(), spool.since().unwrap()), (3, 3, Some(5)));
    assert_eq!(spool.first(1, u64::MAX).unwrap(), [Record { at: 5, bytes: b"one".into() }]);
    assert_eq!(spool.first(9, 2).unwrap().len(), 2);
    spool.forget(2).unwrap();
    assert_eq!((spool.waiting(), spool.since().unwrap()), (1, Some(7)));
    assert_eq!(bytes(&spool), [b"three"]);
    drop(spool);
    // Nothing was cleared: to store a message twice is to store it once.
    assert_eq!(folder.found(), [&b"one"[..], b"two", b"three"]);
}

#[test]
fn a_new_round_reads_nothing_of_the_old_one() {
    let folder = Folder::new();
    let mut spool = folder.open();
    let ten: Vec<_> = (0..10).map(|number| vec![number; 10]).collect();
    for round in 1..=3_u64 {
        assert_eq!(spool.append(0, slices(&ten)).unwrap(), 10);
        assert_eq!(spool.next_number(), 10 * round, "numbers go on");
        spool.clear().unwrap();
        assert_eq!((spool.waiting(), folder_waits(&spool)), (0, 0));
    }
    // The second record of the old round lies exactly behind this one.
    assert_eq!(spool.append(0, [&[0_u8; 10][..]]).unwrap(), 1);
    drop(spool);
    assert_eq!(folder.found(), [[0; 10]]);
}

fn folder_waits(spool: &SpoolFile) -> usize {
    spool.first(usize::MAX, u64::MAX).unwrap().len()
}

#[test]
fn nothing_of_what_was_stored_is_left_in_the_file() {
    let folder = Folder::new();
    let is_empty =
        || fs::read(folder.path()).unwrap()[usize::try_from(RECORDS).unwrap()..].iter().all(|byte| *byte == 0);
    let mut spool = folder.open();
    spool.append(1, [&b"olena@example.com"[..], b"+380671234567"]).unwrap();
    spool.forget(2).unwrap();
    assert!(!is_empty());
    spool.clear().unwrap();
    assert!(is_empty());
    // Neither what was torn, nor what was cut short as it was overwritten, is left by who opens it next.
    spool.append(1, [&b"short"[..]]).unwrap();
    spool.file.write_all_at(b"olena@example.com", spool.end.offset).unwrap();
    drop(spool);
    let mut spool = folder.open();
    spool.clear().unwrap();
    assert!(is_empty());
    spool.file.write_all_at(b"olena@example.com", RECORDS + 100).unwrap();
    drop(spool);
    folder.open();
    assert!(is_empty());
    assert_eq!(fs::metadata(folder.path()).unwrap().len(), SIZE);
}

#[test]
fn what_waits_may_be_counted_by_others() {
    let folder = Folder::new();
    assert!(SpoolFile::peek(&folder.path()).is_err(), "there is no file");
    let mut spool = folder.open();
    assert_eq!(SpoolFile::peek(&folder.path()).unwrap(), (OURS, 0));
    spool.append(1, [&b"one"[..], b"two"]).unwrap();
    assert_eq!(SpoolFile::peek(&folder.path()).unwrap(), (OURS, 2));
    spool.clear().unwrap();
    assert_eq!(SpoolFile::peek(&folder.path()).unwrap(), (OURS, 0));
}

#[test]
fn a_full_file_takes_what_fits_and_no_more() {
    let folder = Folder::new();
    let mut spool = folder.open();
    let each = vec![7; 480];
    assert_eq!(spool.append(0, [&each[..], &each, &each, &each, &each]).unwrap(), 4);
    assert_eq!(spool.append(0, [&each[..]]).unwrap(), 0);
    drop(spool);
    assert_eq!(folder.found().len(), 4);
    let mut spool = SpoolFile::open(&folder.path(), 2 * SIZE, OURS).unwrap().unwrap();
    assert_eq!(spool.append(0, [&each[..]]).unwrap(), 1, "a file that may be larger grows");
    drop(spool);
    let mut spool = folder.open();
    assert_eq!(spool.waiting(), 5, "and is not cut while something waits behind");
    spool.clear().unwrap();
    drop(spool);
    folder.open();
    assert_eq!(fs::metadata(folder.path()).unwrap().len(), SIZE);
}

#[test]
fn an_empty_file_may_be_given_away() {
    let folder = Folder::new();
    let mut spool = folder.open();
    spool.give_to(*b"owner--2").unwrap();
    assert_eq!(spool.append(0, [&b"theirs"[..]]).unwrap(), 1);
    drop(spool);
    let spool = folder.open();
    assert_eq!((spool.owner(), bytes(&spool)), (*b"owner--2", vec![b"theirs".to_vec()]));
}

fn records() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// A kill while `torn` is being written: any part of the write may be on the disk, the rest being as it was or
    /// anything.
    #[test]
    fn a_kill_in_a_write_loses_nothing_acknowledged_and_invents_nothing(
        earlier in records(),
        kept in records(),
        torn in records(),
        cut in any::<prop::sample::Index>(),
        garbage in prop::collection::vec(any::<u8>(), 0..60),
        later in records(),
    ) {
        let folder = Folder::new();
        let mut spool = folder.open();
        spool.append(1, slices(&earlier)).unwrap();
        spool.clear().unwrap();
        prop_assert_eq!(spool.append(2, slices(&kept)).unwrap(), kept.len());
        let (before, from) = (fs::read(folder.path()).unwrap(), spool.end.offset);
        spool.append(3, slices(&torn)).unwrap();
        let to = spool.end.offset;
        drop(spool);
        let mut after = fs::read(folder.path()).unwrap();
        let (from, to) = (usize::try_from(from).unwrap(), usize::try_from(to).unwrap());
        let cut = from + cut.index(to - from + 1);
        after[cut..].copy_from_slice(&before[cut..]);
        let end = (cut + garbage.len()).min(after.len());
        after[cut..end].copy_from_slice(&garbage[..end - cut]);
        fs::write(folder.path(), after).unwrap();

        let found = folder.found();
        let all = [kept.clone(), torn].concat();
        prop_assert!(found.len() >= kept.len(), "{} of {} are left", found.len(), kept.len());
        prop_assert_eq!(&found[..], &all[..found.len()]);

        let mut spool = folder.open();
        prop_assert_eq!(spool.append(4, slices(&later)).unwrap(), later.len());
        drop(spool);
        prop_assert_eq!(folder.found(), [found, later].concat(), "what was torn does not come back");
    }

    /// A kill while a new round begins: it has begun, or nothing has happened.
    #[test]
    fn a_kill_in_a_header_keeps_the_old_round_or_begins_the_new_one(
        rounds in 0..3,
        kept in records(),
        cut in 0..=32_usize,
    ) {
        let folder = Folder::new();
        let mut spool = folder.open();
        for _ in 0..rounds {
            spool.clear().unwrap();
        }
        spool.append(0, slices(&kept)).unwrap();
        let mut after = fs::read(folder.path()).unwrap();
        spool.clear().unwrap();
        let slot = usize::try_from(spool.round % 2 * BLOCK).unwrap();
        drop(spool);
        // Nothing else is written before the header is on the disk.
        let cleared = fs::read(folder.path()).unwrap();
        after[slot..slot + cut].copy_from_slice(&cleared[slot..slot + cut]);
        fs::write(folder.path(), after).unwrap();
        let found = folder.found();
        prop_assert!(found.is_empty() && cut == 32 || found == kept, "{} of {} after {cut} bytes", found.len(), kept.len());
    }

    /// A kill while the file is being made leaves one that can be used.
    #[test]
    fn a_kill_in_the_making_leaves_nothing_behind(length in 0..=SIZE, cut in 0..=32_usize) {
        let folder = Folder::new();
        drop(folder.open());
        let mut made = fs::read(folder.path()).unwrap();
        made[usize::try_from(BLOCK).unwrap() + cut..].fill(0);
        made.truncate(usize::try_from(length).unwrap());
        fs::write(folder.path(), made).unwrap();
        let mut spool = folder.open();
        prop_assert_eq!(spool.append(0, [&b"one"[..]]).unwrap(), 1);
        drop(spool);
        prop_assert_eq!(folder.found(), [b"one"]);
    }

    /// Any bytes at all, behind a valid header or in its place, are read without a panic.
    #[test]
    fn any_bytes_are_opened_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        at in prop_oneof![Just(0), Just(BLOCK), Just(RECORDS)],
    ) {
        let folder = Folder::new();
        let mut spool = folder.open();
        spool.append(0, [&b"one"[..], b"two"]).unwrap();
        spool.file.write_all_at(&bytes, at).unwrap();
        drop(spool);
        if let Ok(spool) = SpoolFile::open(&folder.path(), SIZE, OURS) {
            prop_assert!(spool.unwrap().waiting() <= 2);
        }
    }
}
