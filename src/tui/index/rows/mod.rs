//! The rows of all messages, most of them on disk.
//!
//! Job: take rows one after the other, give back any of them, let the oldest go. Input: rows with
//! their previews. Output: the same. The newest are in memory; when a chunk of them is whole it goes to
//! the scratch file.

mod cache;
mod chunk;
mod layout;

use std::cell::RefCell;
use std::collections::VecDeque;

use super::row::Row;
use crate::finding::Severity;
use crate::scratch::Scratch;
use cache::Cache;
use chunk::Chunk;

/// Rows of a chunk: few enough that one row is read in some microseconds, and enough that many are
/// read at once.
const CHUNK: usize = 1 << 10;

/// Files in which rows lie, at least, where the oldest go.
const FILES: usize = 8;

/// The rows of all messages.
#[derive(Debug, Default)]
pub(super) struct Rows {
    sealed: VecDeque<Chunk>,
    /// The newest ones.
    open: Vec<Row>,
    /// Their previews.
    previews: Vec<u8>,
    /// Rows that came, those included that are gone.
    len: usize,
    /// Rows that are gone, the oldest ones.
    first: usize,
    /// Bytes of whole chunks.
    bytes: usize,
    scratch: Scratch,
    cache: RefCell<Cache>,
}

/// Where a row is.
enum Spot<'a> {
    Sealed(&'a Chunk, usize),
    Open(&'a Row),
}

impl Rows {
    /// Rows that came, those included that are gone.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The place of the oldest row that is kept: so many are gone.
    pub(super) fn first(&self) -> usize {
        self.first
    }

    /// Bytes that all rows take, on disk and in memory.
    pub(super) fn bytes(&self) -> usize {
        self.bytes + self.open.len() * size_of::<Row>() + self.previews.len()
    }

    /// Takes the next row. `bound` is how many bytes rows may take; 0 for any number.
    pub(super) fn push(&mut self, mut row: Row, preview: &[u8], bound: usize) {
        row.set_preview(self.previews.len());
        self.previews.extend_from_slice(preview);
        self.open.push(row);
        self.len += 1;
        if self.open.len() < CHUNK {
            return;
        }
        self.scratch.set_most(match bound {
            0 => u64::MAX,
            bound => (bound / FILES) as u64,
        });
        let chunk = Chunk::of(&self.open, &self.previews, &mut self.scratch);
        self.bytes += chunk.bytes;
        self.sealed.push_back(chunk);
        self.open.clear();
        self.previews.clear();
    }

    fn spot(&self, place: usize) -> Option<Spot<'_>> {
        let at = place.checked_sub(self.first)?;
        if let Some(chunk) = self.sealed.get(at / CHUNK) {
            return Some(Spot::Sealed(chunk, at % CHUNK));
        }
        let row = self.open.get(at - self.sealed.len() * CHUNK);
        row.map(Spot::Open)
    }

    /// The row at a place.
    pub(super) fn get(&self, place: usize) -> Option<Row> {
        match self.spot(place)? {
            Spot::Open(row) => Some(*row),
            Spot::Sealed(chunk, number) => {
                let mut cache = self.cache.borrow_mut();
                let records = cache.records(place / CHUNK, chunk)?;
                chunk.row(records, number)
            }
        }
    }

    /// The preview of the row at a place.
    pub(super) fn preview(&self, place: usize) -> Option<Vec<u8>> {
        let row = self.get(place)?;
        match self.spot(place)? {
            Spot::Open(_) => Some(self.previews.get(row.preview())?.to_vec()),
            Spot::Sealed(chunk, _) => {
                let preview = chunk.preview(&row);
                self.cache.borrow_mut().look(preview)
            }
        }
    }

    /// Notes a finding on the message at a place.
    pub(super) fn worsen(&mut self, place: usize, severity: Severity) {
        let Some(at) = place.checked_sub(self.first) else {
            return;
        };
        let whole = self.sealed.len() * CHUNK;
        let worst = if let Some(chunk) = self.sealed.get_mut(at / CHUNK) {
            chunk.worst(at % CHUNK)
        } else {
            let row = self.open.get_mut(at - whole);
            row.map(|row| &mut row.finding)
        };
        if let Some(worst) = worst {
            *worst = (*worst).max(Some(severity));
        }
    }

    /// Lets the oldest chunk go, if another is there; its rows, each as far as it can be read.
    pub(super) fn forget(&mut self) -> Option<Vec<Option<Row>>> {
        if self.sealed.len() < 2 {
            return None;
        }
        let end = self.first + CHUNK;
        let rows = (self.first..end).map(|place| self.get(place)).collect();
        let chunk = self.sealed.pop_front()?;
        self.bytes -= chunk.bytes;
        self.first = end;
        Some(rows)
    }

    /// The first row of a message that was completed by that packet or a later one.
    pub(super) fn at_packet(&self, packet: u64) -> Option<usize> {
        let late = self.sealed.iter().position(|c| c.last_packet >= packet);
        let start = self.first + late.unwrap_or(self.sealed.len()) * CHUNK;
        (start..self.len).find(|place| self.get(*place).is_some_and(|r| r.last_packet >= packet))
    }

    /// Why rows could not be written or read, once.
    pub(super) fn take_trouble(&mut self) -> Option<String> {
        let unwritten = self.scratch.take_trouble();
        let unwritten = unwritten.map(|why| format!("rows stay in memory, not on disk: {why}"));
        unwritten.or_else(|| self.cache.get_mut().take_trouble())
    }
}

#[cfg(test)]
mod tests;
