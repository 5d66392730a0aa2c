//! Records that were read lately.
//!
//! Job: keep those of a few chunks in memory, so that rows beside each other are read at once. Input:
//! chunks by their numbers. Output: their records. What cannot be read is reported once.

use std::io;

use super::chunk::Chunk;

/// Chunks whose records are kept: some 20 KiB each.
const CHUNKS: usize = 64;

#[derive(Debug, Default)]
struct Slot {
    /// The chunk's number.
    number: usize,
    /// When it was asked for last.
    asked: u64,
    records: Vec<u8>,
}

/// Records of a few chunks.
#[derive(Debug, Default)]
pub(super) struct Cache {
    slots: Vec<Slot>,
    /// The slot that was asked for last.
    latest: usize,
    asked: u64,
    trouble: Option<String>,
    has_failed: bool,
}

impl Cache {
    /// The records of a chunk; nothing where they cannot be read.
    pub(super) fn records(&mut self, number: usize, chunk: &Chunk) -> Option<&[u8]> {
        let is_it = |slot: &Slot| slot.number == number;
        if !self.slots.get(self.latest).is_some_and(is_it) {
            self.latest = match self.slots.iter().position(is_it) {
                Some(known) => known,
                None => self.read(number, chunk)?,
            };
            self.asked += 1;
        }
        let slot = self.slots.get_mut(self.latest)?;
        slot.asked = self.asked;
        Some(&slot.records)
    }

    /// Reads a chunk's records in place of those that nobody asked for longest; into which slot.
    fn read(&mut self, number: usize, chunk: &Chunk) -> Option<usize> {
        let oldest = self.slots.iter().enumerate();
        let oldest = oldest.min_by_key(|(_, slot)| slot.asked);
        let at = match oldest {
            Some((oldest, _)) if self.slots.len() >= CHUNKS => oldest,
            _ => {
                self.slots.push(Slot::default());
                self.slots.len() - 1
            }
        };
        let slot = self.slots.get_mut(at)?;
        let read = chunk.records(&mut slot.records);
        if read.is_err() {
            self.slots.swap_remove(at);
        } else {
            slot.number = number;
        }
        self.look(read).map(|()| at)
    }

    /// What was read; why it could not be is kept to be told.
    pub(super) fn look<T>(&mut self, read: io::Result<T>) -> Option<T> {
        read.map_err(|error| {
            if !self.has_failed {
                let text = "rows cannot be read from the scratch file";
                self.trouble = Some(format!("{text}: {error}"));
            }
            self.has_failed = true;
        })
        .ok()
    }

    /// Why something could not be read, once.
    pub(super) fn take_trouble(&mut self) -> Option<String> {
        self.trouble.take()
    }
}
