//! Canonical Huffman codes.
//!
//! Job: from code lengths to codes, and from bits to symbols. Input: a length for each symbol.
//! Output: a decoder, or why the lengths make no code. RFC 1951 §3.2.1 and §3.2.2.

#![expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "tables have as many places as masks and lengths of codes, at most 15, can say, which \
              the compiler sees"
)]

use super::code::Code;
use super::entry::Entry;

/// RFC 1951 §3.2.7: the longest code has 15 bits.
const LONGEST: usize = 15;
/// RFC 1951 §3.2.5: literal/length symbols go up to 287, of which 286 and 287 never occur.
const MOST_SYMBOLS: usize = 288;

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

/// Decodes symbols; `QUICK` is a power of two, and codes of as many bits go by one look.
#[derive(Debug, Clone)]
pub(super) struct Huffman<const QUICK: usize> {
    /// By the next bits.
    quick: [Entry; QUICK],
    /// Symbols in the order of their codes, for those that are longer.
    sorted: [Entry; MOST_SYMBOLS],
    /// For each length: the first code of 15 bits behind the codes of up to this length.
    limits: [u16; LONGEST + 1],
    /// For each length: what to add to a code to find it in `sorted`.
    offsets: [u16; LONGEST + 1],
}

impl<const QUICK: usize> Huffman<QUICK> {
    const QUICK_BITS: usize = QUICK.trailing_zeros() as usize;

    /// No codes at all.
    pub(super) fn new() -> Self {
        Self {
            quick: [Entry::INVALID.of(1); QUICK],
            sorted: [Entry::INVALID; MOST_SYMBOLS],
            limits: [0; LONGEST + 1],
            offsets: [0; LONGEST + 1],
        }
    }

    /// Takes the codes that `lengths` say; zero means that a symbol has none. `meanings` says what
    /// each symbol stands for.
    pub(super) fn build(
        &mut self,
        lengths: &[u8],
        meanings: &[Entry],
        purpose: Purpose,
    ) -> Result<(), BadSet> {
        let mut counts = [0u16; LONGEST + 1];
        for len in lengths {
            counts[usize::from(*len & 15)] += 1;
        }
        counts[0] = 0;
        let filler = check(&counts, purpose)?;
        self.sort(lengths, meanings, &counts);
        self.enter(&counts, filler);
        Ok(())
    }

    /// Puts the symbols in the order of their codes.
    fn sort(&mut self, lengths: &[u8], meanings: &[Entry], counts: &[u16; LONGEST + 1]) {
        let mut sum = 0;
        let mut places = counts.map(|count| {
            let place = sum;
            sum += count;
            place
        });
        for (len, meaning) in lengths.iter().zip(meanings).filter(|(len, _)| **len > 0) {
            let place = &mut places[usize::from(*len & 15)];
            if let Some(slot) = self.sorted.get_mut(usize::from(*place)) {
                *slot = meaning.of(*len);
            }
            *place += 1;
        }
    }

    /// Puts each code wherever the next bits begin with it, and `filler` where no code is short
    /// enough. RFC 1951 §3.2.2: the codes of one length are consecutive numbers, and follow those
    /// of the length before with a zero appended.
    fn enter(&mut self, counts: &[u16; LONGEST + 1], filler: Entry) {
        self.quick[0] = filler;
        let (mut code, mut place) = (0u16, 0u16);
        for (len, count) in counts.iter().enumerate().skip(1) {
            code <<= 1;
            self.offsets[len] = place.wrapping_sub(code);
            if len <= Self::QUICK_BITS {
                // What begins with a shorter code does so whatever the next bit is.
                self.quick.copy_within(..1 << (len - 1), 1 << (len - 1));
                for _ in 0..*count {
                    // RFC 1951 §3.1.1: codes are packed with their most significant bit first.
                    let first = usize::from(code.reverse_bits() >> (16 - len));
                    self.quick[first & (QUICK - 1)] = sorted(&self.sorted, place);
                    code += 1;
                    place += 1;
                }
            } else {
                code += count;
                place += count;
            }
            self.limits[len] = code << (LONGEST - len);
        }
    }

    /// What the next bits begin with, where its code is short; else [`Entry::is_long`].
    #[inline]
    pub(super) fn quick(&self, bits: u64) -> Entry {
        self.quick[(bits as usize) & (QUICK - 1)]
    }

    /// What the next bits begin with, where no quick look says it.
    pub(super) fn long(&self, bits: u64) -> Entry {
        let code = ((bits & 0xffff) as u16).reverse_bits() >> 1;
        let lens = (0u8..).zip(self.limits).zip(self.offsets);
        for ((len, limit), offset) in lens.skip(Self::QUICK_BITS + 1) {
            if code < limit {
                let code = code >> (LONGEST - usize::from(len));
                return sorted(&self.sorted, code.wrapping_add(offset));
            }
        }
        Entry::INVALID.of(15)
    }

    /// What the next bits begin with.
    #[inline]
    pub(super) fn look(&self, bits: u64) -> Entry {
        let entry = self.quick(bits);
        if entry.is_long() {
            return self.long(bits);
        }
        entry
    }
}

fn sorted(all: &[Entry; MOST_SYMBOLS], place: u16) -> Entry {
    all.get(usize::from(place))
        .copied()
        .unwrap_or(Entry::INVALID)
}

/// RFC 1951 §3.2.2 does not say what to do about lengths that promise more codes than there
/// are, or leave some over. As zlib: the first is refused, and the second too, but for data
/// with a single code of one bit (§3.2.7 has it for distances) or none. Returns what stands where
/// no quick code is: a longer one, or nothing.
fn check(counts: &[u16; LONGEST + 1], purpose: Purpose) -> Result<Entry, BadSet> {
    let mut left = 1i32;
    let mut longest = 0;
    for (len, count) in counts.iter().enumerate().skip(1) {
        left = left * 2 - i32::from(*count);
        if left < 0 {
            return Err(BadSet);
        }
        if *count > 0 {
            longest = len;
        }
    }
    if left > 0 && longest > 0 && (purpose == Purpose::CodeLengths || longest > 1) {
        return Err(BadSet);
    }
    // Any bit that is not the single code is invalid.
    Ok(if left > 0 {
        Entry::INVALID.of(1)
    } else {
        Entry::LONG
    })
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
