//! Canonical Huffman codes.
//!
//! Job: from code lengths to codes, and from bits to symbols. Input: a length for each symbol.
//! Output: a decoder, or why the lengths make no code. RFC 1951 §3.2.1 and §3.2.2.

use super::bits::{BitReader, Span};

/// RFC 1951 §3.2.7: the longest code has 15 bits.
const LONGEST: usize = 15;
/// RFC 1951 §3.2.5: literal/length symbols go up to 287, of which 286 and 287 never occur.
const MOST_SYMBOLS: usize = 288;

/// One Huffman code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Code {
    /// What it stands for: a literal, length, distance or code length symbol.
    pub symbol: u16,
    /// Its bits, the first one on the wire most significant (RFC 1951 §3.1.1).
    pub value: u16,
    /// How many bits it has.
    pub len: u8,
}

/// Bits behind a code that complete its number, least significant first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Extra {
    /// What they say.
    pub value: u16,
    /// How many they are.
    pub len: u8,
}

/// A code of a block's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TableCode {
    /// The code.
    pub code: Code,
    /// The bits of the block's header that gave its length.
    pub bits: Span,
}

/// What a set of codes is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The code lengths in a dynamic block's header.
    CodeLengths,
    /// Literals and lengths, or distances.
    Data,
}

/// The lengths make no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BadSet;

/// No symbol could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Miss {
    /// The bits at hand do not suffice.
    Short,
    /// No code begins with so many of the next bits.
    Invalid(u8),
}

/// A symbol and the number of bits that it took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Read {
    pub(super) symbol: u16,
    pub(super) len: u8,
}

impl Read {
    /// The code as the RFC writes it; `raw` are the bits before it was read, first one lowest.
    pub(super) fn code(self, raw: u64) -> Code {
        let sixteen = u16::try_from(raw & 0xffff).unwrap_or_default();
        let unused = 16 - u32::from(self.len).min(16);
        Code {
            symbol: self.symbol,
            value: sixteen.reverse_bits().checked_shr(unused).unwrap_or(0),
            len: self.len,
        }
    }
}

/// Decodes symbols; `QUICK` is a power of two, and codes of as many bits go by one look.
#[derive(Debug, Clone)]
pub(super) struct Huffman<const QUICK: usize> {
    /// By the next bits: symbol × 16 + length, zero where the code is longer or there is none.
    quick: Box<[u16; QUICK]>,
    /// How many codes have each length.
    count: [u16; LONGEST + 1],
    /// Symbols in the order of their codes.
    symbols: [u16; MOST_SYMBOLS],
    /// Less than two codes; any bit that is not the single one is invalid.
    sparse: bool,
}

impl<const QUICK: usize> Huffman<QUICK> {
    const QUICK_BITS: u32 = QUICK.trailing_zeros();

    /// No codes at all.
    pub(super) fn new() -> Self {
        Self {
            quick: Box::new([0; QUICK]),
            count: [0; LONGEST + 1],
            symbols: [0; MOST_SYMBOLS],
            sparse: true,
        }
    }

    /// Takes the codes that `lengths` say; zero means that a symbol has none.
    pub(super) fn build(&mut self, lengths: &[u8], purpose: Purpose) -> Result<(), BadSet> {
        self.count = [0; LONGEST + 1];
        for len in lengths {
            if let Some(count) = self.count.get_mut(usize::from(*len)) {
                *count += 1;
            }
        }
        if let Some(none) = self.count.first_mut() {
            *none = 0;
        }
        self.check(purpose)?;
        self.quick.fill(0);
        let mut places = self.places();
        for code in canonical(lengths) {
            if let Some(place) = places.get_mut(usize::from(code.len))
                && let Some(slot) = self.symbols.get_mut(usize::from(*place))
            {
                *slot = code.symbol;
                *place += 1;
            }
            self.enter(code);
        }
        Ok(())
    }

    /// RFC 1951 §3.2.2 does not say what to do about lengths that promise more codes than there
    /// are, or leave some over. As zlib: the first is refused, and the second too, but for data
    /// with a single code of one bit (§3.2.7 has it for distances) or none.
    fn check(&mut self, purpose: Purpose) -> Result<(), BadSet> {
        let mut left = 1i32;
        let mut longest = 0;
        for (len, count) in self.count.iter().enumerate().skip(1) {
            left = left * 2 - i32::from(*count);
            if left < 0 {
                return Err(BadSet);
            }
            if *count > 0 {
                longest = len;
            }
        }
        self.sparse = longest == 0 || left > 0;
        if left > 0 && longest > 0 && (purpose == Purpose::CodeLengths || longest > 1) {
            return Err(BadSet);
        }
        Ok(())
    }

    /// Where the symbols of each length begin.
    fn places(&self) -> [u16; LONGEST + 1] {
        let mut sum = 0;
        self.count.map(|count| {
            let place = sum;
            sum += count;
            place
        })
    }

    /// Puts a code wherever the next bits begin with it.
    fn enter(&mut self, code: Code) {
        if u32::from(code.len) > Self::QUICK_BITS {
            return;
        }
        // RFC 1951 §3.1.1: codes are packed with their most significant bit first.
        let first = code.value.reverse_bits() >> (16 - u32::from(code.len));
        let entries = self.quick.iter_mut().skip(usize::from(first));
        for entry in entries.step_by(1 << code.len) {
            *entry = code.symbol << 4 | u16::from(code.len);
        }
    }

    /// Reads a symbol from the bits that are fetched.
    #[inline]
    pub(super) fn read(&self, reader: &mut BitReader<'_>) -> Result<Read, Miss> {
        let next = usize::from((reader.peek() & 0xffff) as u16) & (QUICK - 1);
        let entry = self.quick.get(next).copied().unwrap_or(0);
        let len = entry & 15;
        if len == 0 || u32::from(len) > reader.have() {
            return self.read_slowly(reader);
        }
        reader.consume(len.into());
        Ok(Read {
            symbol: entry >> 4,
            len: (len & 15) as u8,
        })
    }

    /// Bit by bit: the codes of one length are consecutive numbers, and follow those of the
    /// length before with a zero appended (RFC 1951 §3.2.2).
    #[cold]
    fn read_slowly(&self, reader: &mut BitReader<'_>) -> Result<Read, Miss> {
        let (mut code, mut first, mut place) = (0usize, 0usize, 0usize);
        for (len, count) in (0u8..).zip(self.count).skip(1) {
            if u32::from(len) > reader.have() {
                return Err(Miss::Short);
            }
            code |= usize::from((reader.peek() >> (len - 1)) & 1 == 1);
            let count = usize::from(count);
            if let Some(index) = code.checked_sub(first).filter(|index| *index < count)
                && let Some(symbol) = self.symbols.get(place + index)
            {
                reader.consume(len.into());
                return Ok(Read {
                    symbol: *symbol,
                    len,
                });
            }
            if self.sparse {
                return Err(Miss::Invalid(len));
            }
            place += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        Err(Miss::Invalid(15))
    }
}

/// The codes of a set of lengths that was checked. RFC 1951 §3.2.2: codes of one length are
/// consecutive in the order of their symbols, and shorter codes come before longer ones.
pub(super) fn canonical(lengths: &[u8]) -> impl Iterator<Item = Code> {
    let mut next = [0u16; LONGEST + 2];
    for len in lengths.iter().filter(|len| **len > 0) {
        if let Some(count) = next.get_mut(usize::from(*len) + 1) {
            *count += 1;
        }
    }
    let mut first = 0u16;
    for count in next.iter_mut().skip(1) {
        first = first.wrapping_add(*count).wrapping_shl(1);
        *count = first;
    }
    (0u16..).zip(lengths).filter_map(move |(symbol, len)| {
        let slot = next.get_mut(usize::from(*len)).filter(|_| *len > 0)?;
        let value = *slot;
        *slot = slot.wrapping_add(1);
        let len = *len;
        Some(Code { symbol, value, len })
    })
}

#[cfg(test)]
mod tests;
