//! Rows that wait until all are there.
//!
//! Job: keep rendered rows, and write those of all workers in order. Input: rows, each with a key
//! and a place. Output: bytes.
//!
//! Of each row its key, its place and where its bytes lie are held; the bytes go to a scratch file
//! once they are many. With a limit no more rows are held than it lets through, twice over.

use std::cmp::Ordering;
use std::io::{self, BufReader, BufWriter, IntoInnerError, Read, Seek, Write};
use std::sync::Arc;

use tempfile::SpooledTempFile;

use crate::filter::Value;

/// Bytes of rows that one shelf keeps in memory.
const IN_MEMORY: usize = 4 << 20;

/// What a row is sorted by; rows without the field come last.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Key {
    Number(f64),
    /// Thin, since most rows have no text for a key, and there are many rows.
    Text(Box<Arc<str>>),
    Missing,
}

impl Key {
    pub(super) fn of(value: Value<'_>) -> Self {
        match value {
            Value::Missing => Self::Missing,
            Value::Number(number) => Self::Number(number),
            Value::Truth(truth) => Self::Number(f64::from(u8::from(truth))),
            Value::Text(text) => Self::Text(Box::new(text.into())),
            Value::Both([first, _]) => Self::of(*first),
        }
    }

    fn compare(&self, other: &Self, ascending: bool) -> Ordering {
        let order = match (self, other) {
            (Self::Number(one), Self::Number(other)) => one.total_cmp(other),
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            _ => return self.rank().cmp(&other.rank()),
        };
        if ascending { order } else { order.reverse() }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Number(_) => 0,
            Self::Text(_) => 1,
            Self::Missing => 2,
        }
    }
}

/// Where a row's bytes are.
#[derive(Debug)]
enum Bytes {
    Here(Box<[u8]>),
    /// In the scratch file of this shelf.
    There {
        shelf: u32,
        len: u32,
        at: u64,
    },
}

#[derive(Debug)]
struct Row<P> {
    key: Key,
    /// Rows with equal keys are in this order.
    place: P,
    bytes: Bytes,
}

impl<P: Ord> Row<P> {
    fn compare(&self, other: &Self, ascending: bool) -> Ordering {
        let keys = self.key.compare(&other.key, ascending);
        keys.then_with(|| self.place.cmp(&other.place))
    }
}

/// The rows of one worker.
#[derive(Debug)]
pub(super) struct Shelf<P> {
    ascending: bool,
    limit: Option<usize>,
    rows: Vec<Row<P>>,
    scratch: Option<BufWriter<SpooledTempFile>>,
    written: u64,
    failure: Option<io::Error>,
}

impl<P: Ord> Shelf<P> {
    /// Rows by their keys, of which the first `limit` are wanted.
    pub(super) fn new(ascending: bool, limit: Option<usize>) -> Self {
        Self {
            ascending,
            limit,
            rows: Vec::new(),
            scratch: None,
            written: 0,
            failure: None,
        }
    }

    /// Takes a row.
    pub(super) fn put(&mut self, key: Key, place: P, bytes: Vec<u8>) {
        match self.keep(bytes) {
            Ok(bytes) => self.rows.push(Row { key, place, bytes }),
            Err(error) => self.failure = Some(error),
        }
        if let Some(limit) = self.limit
            && self.rows.len() >= limit.saturating_mul(2).max(1024)
        {
            let ascending = self.ascending;
            self.rows
                .sort_unstable_by(|one, other| one.compare(other, ascending));
            self.rows.truncate(limit);
        }
    }

    fn keep(&mut self, bytes: Vec<u8>) -> io::Result<Bytes> {
        let len = u32::try_from(bytes.len());
        let (None, Ok(len)) = (self.limit, len) else {
            return Ok(Bytes::Here(bytes.into()));
        };
        let fresh = || BufWriter::new(SpooledTempFile::new(IN_MEMORY));
        let scratch = self.scratch.get_or_insert_with(fresh);
        scratch.write_all(&bytes)?;
        let at = self.written;
        self.written += u64::from(len);
        // Its number is given when all are there.
        Ok(Bytes::There { shelf: 0, len, at })
    }
}

/// The rows of all workers, in order.
#[derive(Debug)]
pub(super) struct Sorted<P> {
    rows: Vec<Row<P>>,
    files: Vec<Option<Scratch>>,
}

/// A scratch file, and where its reader stands.
#[derive(Debug)]
struct Scratch {
    file: BufReader<SpooledTempFile>,
    at: u64,
}

impl<P: Ord> Sorted<P> {
    /// Of these workers; an error is a scratch file's.
    pub(super) fn of(shelves: impl IntoIterator<Item = Shelf<P>>) -> io::Result<Self> {
        let (mut rows, mut files) = (Vec::new(), Vec::new());
        let (mut ascending, mut limit) = (true, None);
        for (number, mut shelf) in (0..).zip(shelves) {
            if let Some(error) = shelf.failure {
                return Err(error);
            }
            for row in &mut shelf.rows {
                if let Bytes::There { shelf, .. } = &mut row.bytes {
                    *shelf = number;
                }
            }
            if rows.is_empty() {
                rows = shelf.rows;
            } else {
                rows.append(&mut shelf.rows);
            }
            files.push(shelf.scratch.map(Scratch::of).transpose()?);
            (ascending, limit) = (shelf.ascending, shelf.limit);
        }
        rows.sort_unstable_by(|one: &Row<P>, other| one.compare(other, ascending));
        rows.truncate(limit.unwrap_or(usize::MAX));
        Ok(Self { rows, files })
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Where they belong.
    pub(super) fn places(&self) -> impl Iterator<Item = &P> {
        self.rows.iter().map(|row| &row.place)
    }

    /// Only those that `keep` says.
    pub(super) fn retain(&mut self, keep: impl Fn(&P) -> bool) {
        self.rows.retain(|row| keep(&row.place));
    }

    /// Only so many.
    pub(super) fn truncate(&mut self, len: usize) {
        self.rows.truncate(len);
    }

    /// Writes them, each after `edit`; an error is a scratch file's or that of `out`.
    pub(super) fn write(
        mut self,
        out: &mut impl Write,
        edit: impl Fn(&P, &mut Vec<u8>),
    ) -> io::Result<()> {
        let mut line = Vec::new();
        for row in &self.rows {
            line.clear();
            match &row.bytes {
                Bytes::There { shelf, len, at } => {
                    if let Some(Some(scratch)) = self.files.get_mut(*shelf as usize) {
                        scratch.read(*at, *len as usize, &mut line)?;
                    }
                }
                Bytes::Here(bytes) => line.extend_from_slice(bytes),
            }
            edit(&row.place, &mut line);
            out.write_all(&line)?;
        }
        Ok(())
    }
}

impl Scratch {
    fn of(written: BufWriter<SpooledTempFile>) -> io::Result<Self> {
        let mut file = written.into_inner().map_err(IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(Self {
            file: BufReader::with_capacity(64 << 10, file),
            at: 0,
        })
    }

    /// Rows lie nearly in their order, so that what was read at once serves many.
    fn read(&mut self, at: u64, len: usize, line: &mut Vec<u8>) -> io::Result<()> {
        self.file
            .seek_relative(at.cast_signed() - self.at.cast_signed())?;
        line.resize(len, 0);
        self.file.read_exact(line)?;
        self.at = at + len as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(sorted: Sorted<u64>) -> String {
        let mut out = Vec::new();
        sorted.write(&mut out, |_, _| {}).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// Rows of two workers, of which some are long, so that files are needed.
    fn shelves(limit: Option<usize>, key: impl Fn(u64) -> Key) -> [Shelf<u64>; 2] {
        let mut all = [Shelf::new(false, limit), Shelf::new(false, limit)];
        for number in (0..3000_u64).map(|place| place * 211 % 3000) {
            let worker = &mut all[usize::from(number % 2 == 0)];
            let rest = "x".repeat(usize::try_from(number % 7 * 1000).unwrap());
            worker.put(
                key(number),
                number,
                format!("{number} {rest}\n").into_bytes(),
            );
        }
        all
    }

    fn expected(numbers: impl Iterator<Item = u64>) -> String {
        let row = |number: u64| {
            let rest = "x".repeat(usize::try_from(number % 7 * 1000).unwrap());
            format!("{number} {rest}\n")
        };
        numbers.map(row).collect()
    }

    #[test]
    fn rows_come_out_in_the_order_of_places_and_of_keys() {
        let mut all = Sorted::of(shelves(None, |_| Key::Missing)).unwrap();
        assert!(
            all.files
                .iter()
                .flatten()
                .all(|scratch| scratch.file.get_ref().is_rolled())
        );
        all.retain(|number| number % 5 != 0);
        assert_eq!((all.len(), all.places().count()), (2400, 2400));
        assert!(lines(all) == expected((0..3000).filter(|number| number % 5 != 0)));
        let by_key = |number| Key::Number(if number < 10 { 1.0 } else { 2.0 });
        let all = Sorted::of(shelves(None, by_key)).unwrap();
        assert!(lines(all) == expected((10..3000).chain(0..10)));
    }

    #[test]
    fn a_limit_keeps_the_first_ones() {
        let all = shelves(Some(3), |number| {
            Key::Number(f64::from(u32::try_from(number).unwrap()))
        });
        assert!(
            all.iter()
                .all(|shelf| shelf.rows.len() < 1024 && shelf.scratch.is_none())
        );
        assert!(lines(Sorted::of(all).unwrap()) == expected([2999, 2998, 2997].into_iter()));
    }
}
