//! What a worker's connections keep of what went by, by the block in which they were heard last.
//!
//! Job: follow it, so that whoever deals out blocks can tell which connections are to take less room, or
//! to give up what they keep. Input: what each connection keeps, at the end of a block. Output: changes.
//!
//! What it says depends on packets and blocks only, so that the sum over workers is the same for any
//! number of them.

use std::collections::BTreeMap;

/// Bytes that are kept more (or less), by block.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kept(BTreeMap<u64, i64>);

impl Kept {
    /// Connections that were heard last in `block` keep so many bytes more, or less.
    fn add(&mut self, block: u64, bytes: i64) {
        if bytes != 0 {
            *self.0.entry(block).or_default() += bytes;
        }
    }

    /// By so much for connections that were heard last in `block`.
    pub fn of(block: u64, bytes: i64) -> Self {
        let mut kept = Self::default();
        kept.add(block, bytes);
        kept
    }

    /// Adds what another worker tells.
    pub fn merge(&mut self, other: &Self) {
        for (block, bytes) in &other.0 {
            self.add(*block, *bytes);
        }
        self.0.retain(|_, bytes| *bytes != 0);
    }

    /// All of it.
    pub fn total(&self) -> u64 {
        self.0.values().sum::<i64>().cast_unsigned()
    }

    /// What is kept by connections that were not heard since, for each block in rising order.
    pub fn blocks(&self) -> impl Iterator<Item = (u64, u64)> {
        let blocks = self.0.iter();
        blocks.map(|(block, bytes)| (*block, bytes.cast_unsigned()))
    }
}

/// What one connection keeps.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Share {
    bytes: u64,
    /// The block in which it was heard last.
    block: u64,
    /// It rests since.
    rest: Rest,
}

/// How little room a connection takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Rest {
    /// As much as is good for speed.
    #[default]
    None,
    /// No more than it needs.
    Trimmed,
    /// Less, which takes some time of the processor.
    Packed,
}

impl Share {
    /// Whether it was not heard since `block` and keeps something.
    pub(super) fn is_before(self, block: u64) -> bool {
        self.bytes > 0 && self.block < block
    }

    /// Whether it can take less room.
    pub(super) fn can(self, rest: Rest) -> bool {
        self.rest < rest
    }

    /// It is heard in `block`; false where it was heard there before.
    #[inline]
    pub(super) fn heard(&mut self, block: u64, kept: &mut Kept) -> bool {
        if self.block == block {
            return false;
        }
        kept.add(self.block, self.bytes.cast_signed().saturating_neg());
        (self.block, self.rest) = (block, Rest::None);
        kept.add(self.block, self.bytes.cast_signed());
        true
    }

    /// It keeps `bytes` now.
    pub(super) fn keeps(&mut self, bytes: usize, kept: &mut Kept) {
        let bytes = bytes as u64;
        kept.add(self.block, bytes.cast_signed() - self.bytes.cast_signed());
        self.bytes = bytes;
    }

    /// The same, and it rests.
    pub(super) fn rests(&mut self, rest: Rest, bytes: usize, kept: &mut Kept) {
        self.rest = rest;
        self.keeps(bytes, kept);
    }
}
