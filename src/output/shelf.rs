//! Rows that wait until all are there.
//!
//! Job: keep rendered rows, and write those of all workers in order. Input: rows, each with a key
//! and a place. Output: bytes.
//!
//! Of each row its key, its place and where its bytes lie are held; the bytes go to a scratch file
//! once they are many, and stay in memory where none can be written. With a limit no more rows are held than it lets through, twice over.

use std::cmp::Ordering;
use std::io::{self, Write};
use std::mem;
use std::sync::Arc;

use crate::filter::Value;
use crate::scratch::{self, Place, Scratch};

/// Bytes of rows that one shelf keeps in memory.
const IN_MEMORY: usize = 4 << 20;

/// Bytes that are read at once.
const AT_ONCE: usize = 64 << 10;

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
    /// In this block of this shelf.
    There {
        shelf: u32,
        block: u32,
        at: u32,
        len: u32,
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
    scratch: Scratch,
    /// What is put away, and how long each is.
    blocks: Vec<(Place, usize)>,
    /// The block that is filled.
    last: Vec<u8>,
}

impl<P: Ord> Shelf<P> {
    /// Rows by their keys, of which the first `limit` are wanted.
    pub(super) fn new(ascending: bool, limit: Option<usize>) -> Self {
        Self {
            ascending,
            limit,
            rows: Vec::new(),
            scratch: Scratch::default(),
            blocks: Vec::new(),
            last: Vec::new(),
        }
    }

    /// Takes a row.
    pub(super) fn put(&mut self, key: Key, place: P, bytes: Vec<u8>) {
        let bytes = self.keep(bytes);
        self.rows.push(Row { key, place, bytes });
        if let Some(limit) = self.limit
            && self.rows.len() >= limit.saturating_mul(2).max(1024)
        {
            let ascending = self.ascending;
            self.rows
                .sort_unstable_by(|one, other| one.compare(other, ascending));
            self.rows.truncate(limit);
        }
    }

    fn keep(&mut self, bytes: Vec<u8>) -> Bytes {
        if !self.last.is_empty() && self.last.len() + bytes.len() > IN_MEMORY {
            let block = mem::take(&mut self.last);
            let len = block.len();
            self.blocks.push((self.scratch.put(block), len));
        }
        let numbers = [self.blocks.len(), self.last.len(), bytes.len()].map(u32::try_from);
        let (None, [Ok(block), Ok(at), Ok(len)]) = (self.limit, numbers) else {
            return Bytes::Here(bytes.into());
        };
        self.last.extend_from_slice(&bytes);
        // Its number is given when all are there.
        Bytes::There {
            shelf: 0,
            block,
            at,
            len,
        }
    }
}

/// The rows of all workers, in order.
#[derive(Debug)]
pub(super) struct Sorted<P> {
    rows: Vec<Row<P>>,
    shelves: Vec<Reader>,
    trouble: Option<String>,
}

/// The bytes of a shelf, and what of them was read last.
#[derive(Debug)]
struct Reader {
    blocks: Vec<(Place, usize)>,
    last: Vec<u8>,
    window: Vec<u8>,
    /// The block of the window, and where in it that begins.
    from: (usize, usize),
}

impl<P: Ord> Sorted<P> {
    /// Of these workers.
    pub(super) fn of(shelves: impl IntoIterator<Item = Shelf<P>>) -> Self {
        let (mut rows, mut readers) = (Vec::new(), Vec::new());
        let (mut ascending, mut limit) = (true, None);
        let mut trouble = None;
        for (number, mut shelf) in (0..).zip(shelves) {
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
            trouble = trouble.or(shelf.scratch.take_trouble());
            readers.push(Reader {
                blocks: shelf.blocks,
                last: shelf.last,
                window: Vec::new(),
                from: (0, 0),
            });
            (ascending, limit) = (shelf.ascending, shelf.limit);
        }
        rows.sort_unstable_by(|one: &Row<P>, other| one.compare(other, ascending));
        rows.truncate(limit.unwrap_or(usize::MAX));
        Self {
            rows,
            shelves: readers,
            trouble,
        }
    }

    /// The folder where no scratch file could be written, and why, once.
    pub(super) fn take_trouble(&mut self) -> Option<String> {
        self.trouble.take()
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
                Bytes::There {
                    shelf,
                    block,
                    at,
                    len,
                } => {
                    let [block, at, len] = [*block, *at, *len].map(|number| number as usize);
                    if let Some(shelf) = self.shelves.get_mut(*shelf as usize) {
                        line.extend_from_slice(shelf.read(block, at, len)?);
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

impl Reader {
    /// Rows lie nearly in their order, so that what was read at once serves many.
    fn read(&mut self, block: usize, at: usize, len: usize) -> io::Result<&[u8]> {
        let Some((place, size)) = self.blocks.get(block) else {
            return part(&self.last, at, len);
        };
        let (of, from) = self.from;
        if of != block || at < from || at + len > from + self.window.len() {
            // It is not what it says until it is read.
            self.from = (usize::MAX, 0);
            self.window
                .resize(AT_ONCE.max(len).min(size.saturating_sub(at)), 0);
            place
                .read(at, &mut self.window)
                .map_err(scratch::unreadable)?;
            self.from = (block, at);
        }
        part(&self.window, at - self.from.1, len)
    }
}

fn part(bytes: &[u8], at: usize, len: usize) -> io::Result<&[u8]> {
    let part = bytes.get(at..).and_then(|rest| rest.get(..len));
    part.ok_or_else(|| scratch::unreadable(io::ErrorKind::UnexpectedEof.into()))
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
        shelves_with(Scratch::default, limit, key)
    }

    fn shelves_with(
        scratch: fn() -> Scratch,
        limit: Option<usize>,
        key: impl Fn(u64) -> Key,
    ) -> [Shelf<u64>; 2] {
        let mut all = [Shelf::new(false, limit), Shelf::new(false, limit)];
        for one in &mut all {
            one.scratch = scratch();
        }
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

    #[test]
    fn what_cannot_be_written_stays_in_memory_and_is_told() {
        let mut all = shelves_with(
            || Scratch::new(|| Err(io::Error::other("no room"))),
            None,
            |_| Key::Missing,
        );
        all.reverse();
        let mut all = Sorted::of(all);
        assert!(all.take_trouble().unwrap().starts_with("no room, in /"));
        assert_eq!(all.take_trouble(), None);
        assert!(lines(all) == expected(0..3000));
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
        let mut all = Sorted::of(shelves(None, |_| Key::Missing));
        let written = |(place, size): &(Place, usize)| *size > 0 && place.memory() == 0;
        assert!(
            all.shelves
                .iter()
                .all(|shelf| !shelf.blocks.is_empty() && shelf.blocks.iter().all(written))
        );
        all.retain(|number| number % 5 != 0);
        assert_eq!((all.len(), all.places().count()), (2400, 2400));
        assert!(lines(all) == expected((0..3000).filter(|number| number % 5 != 0)));
        let by_key = |number| Key::Number(if number < 10 { 1.0 } else { 2.0 });
        let all = Sorted::of(shelves(None, by_key));
        assert!(lines(all) == expected((10..3000).chain(0..10)));
    }

    #[test]
    fn a_limit_keeps_the_first_ones() {
        let all = shelves(Some(3), |number| {
            Key::Number(f64::from(u32::try_from(number).unwrap()))
        });
        assert!(
            all.iter()
                .all(|shelf| shelf.rows.len() < 1024 && shelf.last.is_empty())
        );
        assert!(lines(Sorted::of(all)) == expected([2999, 2998, 2997].into_iter()));
    }
}
