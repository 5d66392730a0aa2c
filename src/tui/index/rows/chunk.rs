//! Rows that are whole and put away.
//!
//! Job: write a chunk of rows with their previews to the scratch file, and read any of them again.
//! Input: rows. Output: rows. In memory is only how the records lie, and what may change: the worst
//! finding on each message.

use std::io;

use super::layout::{BEHIND, Layout};
use crate::finding::Severity;
use crate::scratch::{Place, Scratch};
use crate::tui::index::row::{FIGURES, Row};

/// A chunk of rows that grows no more.
#[derive(Debug)]
pub(super) struct Chunk {
    layout: Layout<FIGURES>,
    place: Place,
    /// The worst finding on each message.
    worst: Box<[Option<Severity>]>,
    /// The last of the packets that completed its messages.
    pub(super) last_packet: u64,
    /// Bytes that it takes, on disk and in memory.
    pub(super) bytes: usize,
}

impl Chunk {
    /// Puts rows with their previews away.
    pub(super) fn of(rows: &[Row], previews: &[u8], scratch: &mut Scratch) -> Self {
        let figures: Vec<_> = rows.iter().map(Row::figures).collect();
        let layout = Layout::of(&figures);
        let mut bytes = layout.write(&figures);
        bytes.extend_from_slice(previews);
        let taken = bytes.len() + rows.len() + size_of::<Self>();
        Self {
            layout,
            place: scratch.put(bytes),
            worst: rows.iter().map(|row| row.finding).collect(),
            last_packet: rows.iter().map(|row| row.last_packet).max().unwrap_or(0),
            bytes: taken,
        }
    }

    /// Its records, for [`Self::row`].
    pub(super) fn records(&self, into: &mut Vec<u8>) -> io::Result<()> {
        let len = self.layout.bytes(self.worst.len());
        into.clear();
        into.resize(len + BEHIND, 0);
        self.place.read(0, into.get_mut(..len).unwrap_or_default())
    }

    /// A row, by its number in the chunk.
    pub(super) fn row(&self, records: &[u8], number: usize) -> Option<Row> {
        let mut row = Row::of_figures(&self.layout.read(records, number)?)?;
        row.finding = *self.worst.get(number)?;
        Some(row)
    }

    /// The preview of a row.
    pub(super) fn preview(&self, row: &Row) -> io::Result<Vec<u8>> {
        let mut preview = vec![0; row.preview().len()];
        let start = self.layout.bytes(self.worst.len()) + row.preview().start;
        self.place.read(start, &mut preview)?;
        Ok(preview)
    }

    /// Where it lies.
    #[cfg(test)]
    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// The worst finding on a message, if it is there.
    pub(super) fn worst(&mut self, number: usize) -> Option<&mut Option<Severity>> {
        self.worst.get_mut(number)
    }
}
