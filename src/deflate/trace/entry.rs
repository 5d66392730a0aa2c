//! What a code stands for, in one word.
//!
//! Job: hold a symbol's meaning beside the number of bits it takes, so that one look at a table
//! gives all that decoding needs. Input: symbols. Output: [`Entry`]. RFC 1951 §3.2.5.

#![expect(
    clippy::cast_possible_truncation,
    reason = "the parts of a word are taken out of it, and symbols end at 287"
)]

use super::code::Code;
use super::symbol::{DISTANCES, END_OF_BLOCK, LENGTHS};

/// A code's meaning: bits 0 to 4 say how many bits it takes with its extra bits, bits 8 to 11 how
/// many without, bits 5 to 7 what it is, and the upper half a literal, or a length or distance to
/// which the extra bits are added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry(u32);

const LITERAL: u32 = 1 << 5;
const SPECIAL: u32 = 1 << 6;
const END: u32 = 1 << 7;

impl Entry {
    /// No code, or one that never occurs.
    pub(super) const INVALID: Self = Self(SPECIAL);
    /// A code that is longer than a quick look.
    pub(super) const LONG: Self = Self(SPECIAL);

    /// The same with a code of `len` bits.
    #[inline]
    pub(super) const fn of(self, len: u8) -> Self {
        Self(self.0 + (len as u32) * 0x101)
    }

    const fn literal(value: u16) -> Self {
        Self(LITERAL | (value as u32) << 16)
    }

    const fn number((base, extra): (u16, u8)) -> Self {
        Self((base as u32) << 16 | extra as u32)
    }

    /// Whether it is a literal, or a code length.
    #[inline]
    pub(super) fn is_literal(self) -> bool {
        self.0 & LITERAL != 0
    }

    /// Whether it is neither a literal nor a number.
    #[inline]
    pub(super) fn is_special(self) -> bool {
        self.0 & SPECIAL != 0
    }

    /// Whether it ends the block.
    #[inline]
    pub(super) fn is_end(self) -> bool {
        self.0 & END != 0
    }

    /// Whether the code is longer than a quick look.
    #[inline]
    pub(super) fn is_long(self) -> bool {
        self.0 == Self::LONG.0
    }

    /// How many bits the code has.
    #[inline]
    pub(super) fn len(self) -> u32 {
        (self.0 >> 8) & 15
    }

    /// How many bits it has with its extra bits.
    #[inline]
    pub(super) fn total(self) -> u32 {
        self.0 & 31
    }

    /// The literal, the code length symbol, or the least number that it stands for.
    #[inline]
    pub(super) fn value(self) -> u16 {
        (self.0 >> 16) as u16
    }

    /// The literal.
    #[inline]
    pub(super) fn byte(self) -> u8 {
        (self.0 >> 16) as u8
    }

    /// What the extra bits say; the next of `bits` is the code's first.
    #[inline]
    pub(super) fn extra(self, bits: u64) -> u16 {
        ((bits & ((1 << self.total()) - 1)) >> self.len()) as u16
    }

    /// How many extra bits follow the code.
    #[inline]
    pub(super) fn extra_len(self) -> u8 {
        (self.total() - self.len()) as u8
    }

    /// The number that it stands for; the next of `bits` is the code's first.
    #[inline]
    pub(super) fn number_in(self, bits: u64) -> usize {
        usize::from(self.value()) + usize::from(self.extra(bits))
    }

    /// The code as the RFC writes it, of the symbol in `numbers` or, where there are none, of a
    /// literal or the end; the next of `bits` is its first.
    pub(super) fn code(self, first: u16, numbers: &[(u16, u8)], bits: u64) -> Code {
        let symbol = if self.is_literal() {
            self.value()
        } else if self.is_end() {
            END_OF_BLOCK
        } else {
            let up_to = numbers.partition_point(|(base, _)| *base <= self.value());
            first + up_to.saturating_sub(1) as u16
        };
        let len = self.len() as u8;
        let unused = 16 - u32::from(len);
        Code {
            symbol,
            value: ((bits & 0xffff) as u16)
                .reverse_bits()
                .checked_shr(unused)
                .unwrap_or(0),
            len,
        }
    }
}

/// What literal/length symbols stand for. RFC 1951 §3.2.6: 286 and 287 never occur.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
pub(super) static LITERAL_MEANINGS: [Entry; 288] = {
    let mut all = [Entry::INVALID; 288];
    let mut symbol = 0;
    while symbol < 256 {
        all[symbol] = Entry::literal(symbol as u16);
        symbol += 1;
    }
    all[256] = Entry(SPECIAL | END);
    let mut index = 0;
    while index < LENGTHS.len() {
        all[257 + index] = Entry::number(LENGTHS[index]);
        index += 1;
    }
    all
};

/// What distance symbols stand for. RFC 1951 §3.2.6: 30 and 31 never occur.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
pub(super) static DISTANCE_MEANINGS: [Entry; 32] = {
    let mut all = [Entry::INVALID; 32];
    let mut index = 0;
    while index < DISTANCES.len() {
        all[index] = Entry::number(DISTANCES[index]);
        index += 1;
    }
    all
};
