//! What the fuzz targets share.
//!
//! Job: turn fuzzer bytes into decisions, the same ones for the same bytes.

use wscope::base::{PacketRef, Stamp, Timestamp};

/// Bytes, taken from the front; zeros when they are used up.
#[derive(Debug, Clone)]
pub struct Bytes<'a>(pub &'a [u8]);

impl<'a> Bytes<'a> {
    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    /// The next two bytes.
    pub fn short(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    /// The next `count` bytes, or as many as there are.
    pub fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// Whether all are used up.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A row of numbers that a seed determines.
#[derive(Debug, Clone)]
pub struct Row(u64);

impl Row {
    /// The row of `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `limit`, which is not zero.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % limit
    }

    /// `bytes` in pieces: mostly short ones, sometimes all that is left.
    pub fn cut<'a>(&mut self, mut bytes: &'a [u8]) -> Vec<&'a [u8]> {
        let mut pieces = Vec::new();
        while !bytes.is_empty() {
            let most = [1, 3, 16, 300, usize::MAX >> 1][self.below(5)];
            let (piece, rest) = bytes.split_at(1 + self.below(most.min(bytes.len())));
            pieces.push(piece);
            bytes = rest;
        }
        pieces
    }
}

/// The stamp of the packet with this number.
pub fn stamp(number: u64) -> Stamp {
    Stamp {
        packet: PacketRef::new(0, number),
        time: Timestamp(number * 1_000_000),
    }
}
