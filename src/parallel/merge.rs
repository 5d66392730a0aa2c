//! The output of all workers in packet order.
//!
//! Job: put together what the batches of one block rendered. Input: [`Batch`]es.
//! Output: bytes.

use std::io::{self, Write};

use super::batch::Batch;

/// Bytes of one step: its number, the batch they are in, from where to where.
type Part = (u64, usize, usize, usize);

/// Merges output; its memory is reused from block to block.
#[derive(Debug, Default)]
pub(super) struct Merge {
    parts: Vec<Part>,
    merged: Vec<u8>,
}

impl Merge {
    /// Writes what the batches of one block rendered.
    pub(super) fn write(&mut self, batches: &[&Batch], out: &mut dyn Write) -> io::Result<()> {
        self.parts.clear();
        for (index, batch) in batches.iter().enumerate() {
            let mut start = 0;
            for piece in batch.output().1 {
                self.parts.push((piece.number, index, start, piece.end));
                start = piece.end;
            }
        }
        if self.parts.is_empty() {
            return Ok(());
        }
        if let [batch] = batches
            && self.parts.is_sorted()
        {
            out.write_all(batch.output().0)?;
            return out.flush();
        }
        // A step's number is of one batch only, so this is the order of the packets.
        self.parts.sort_unstable();
        self.merged.clear();
        for &(_, index, start, end) in &self.parts {
            let bytes = batches.get(index).map_or(&[][..], |batch| batch.output().0);
            self.merged
                .extend_from_slice(bytes.get(start..end).unwrap_or_default());
        }
        out.write_all(&self.merged)?;
        out.flush()
    }
}
