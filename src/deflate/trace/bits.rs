//! Bits in the order in which DEFLATE packs them.
//!
//! Job: hand out fields of bits and say where each stood. Input: bytes of a compressed payload.
//! Output: values and positions. RFC 1951 §3.1.1.
//!
//! A reader is a small value: whoever may run out of input reads from a copy, and makes it the
//! real one when all was there.

/// A range of bits or of bytes, from `start` up to `end`, which is not in it.
///
/// Bits count from the first bit of a message's compressed payload, in the order in which
/// RFC 1951 reads them; bytes from the first byte of the message's payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The first.
    pub start: u64,
    /// The one behind the last.
    pub end: u64,
}

impl Span {
    /// From `start` on, `len` of them.
    pub fn new(start: u64, len: u64) -> Self {
        Self {
            start,
            end: start.saturating_add(len),
        }
    }

    /// How many they are.
    pub fn len(self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.end <= self.start
    }
}

/// A number that stands in the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Field {
    /// Where.
    pub bits: Span,
    /// The number, first bit least significant.
    pub value: u32,
}

/// The bits at hand do not suffice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Short;

/// Reads bits.
#[derive(Debug, Clone, Copy)]
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    /// What is yet to be fetched of them.
    rest: &'a [u8],
    /// Fetched bits, the next one lowest. Above `have` there may be more of the stream's bits.
    hold: u64,
    have: u32,
    /// Where the first bit of `bytes` stands in the message.
    base: u64,
}

impl<'a> BitReader<'a> {
    /// A reader over `bytes`, whose first bit is bit `base` of the message, without the first
    /// `skip` (0 to 7) bits.
    pub(super) fn new(bytes: &'a [u8], base: u64, skip: u32) -> Self {
        let mut reader = Self {
            bytes,
            rest: bytes,
            hold: 0,
            have: 0,
            base,
        };
        reader.refill();
        reader.consume(skip.min(reader.have));
        reader
    }

    /// Fetches bits until there are 56 or more, or no byte is left.
    #[inline]
    pub(super) fn refill(&mut self) {
        // What is fetched again stands there already.
        if let Some(eight) = self.rest.first_chunk::<8>() {
            let fetched = ((63 - self.have) >> 3) as usize;
            self.hold |= u64::from_le_bytes(*eight) << self.have;
            self.rest = self.rest.get(fetched..).unwrap_or_default();
            self.have |= 0x38;
        } else if !self.rest.is_empty() {
            self.refill_from_few();
        }
    }

    fn refill_from_few(&mut self) {
        let mut eight = [0; 8];
        for (place, byte) in eight.iter_mut().zip(self.rest) {
            *place = *byte;
        }
        self.hold |= u64::from_le_bytes(eight) << self.have;
        while self.have < 56
            && let Some((_, rest)) = self.rest.split_first()
        {
            self.rest = rest;
            self.have += 8;
        }
    }

    /// The next bits, the first one lowest; those past the end mean nothing.
    #[inline]
    pub(super) fn peek(&self) -> u64 {
        self.hold
    }

    /// How many bits can be taken without another [`refill`](Self::refill).
    #[inline]
    pub(super) fn have(&self) -> u32 {
        self.have
    }

    /// Whether no bit is there but those that can be taken so.
    #[inline]
    pub(super) fn is_fetched(&self) -> bool {
        self.rest.is_empty()
    }

    /// Drops `count` bits, of which [`have`](Self::have) are there at least.
    #[inline]
    pub(super) fn consume(&mut self, count: u32) {
        self.hold >>= count;
        self.have = self.have.wrapping_sub(count);
    }

    /// Takes `count` (at most 16) of the fetched bits. RFC 1951 §3.1.1: numbers other than
    /// Huffman codes stand with their least significant bit first.
    #[inline]
    pub(super) fn fetched(&mut self, count: u32) -> Result<u32, Short> {
        if count > self.have {
            return Err(Short);
        }
        let value = (self.hold & ((1 << count) - 1) & 0xffff) as u32;
        self.consume(count);
        Ok(value)
    }

    /// Takes `count` (at most 16) bits.
    pub(super) fn field(&mut self, count: u32) -> Result<Field, Short> {
        if self.have < count {
            self.refill();
        }
        let start = self.position();
        let value = self.fetched(count)?;
        Ok(Field {
            bits: Span::new(start, count.into()),
            value,
        })
    }

    #[inline]
    fn fetched_bytes(&self) -> usize {
        self.bytes.len() - self.rest.len()
    }

    /// Where the next bit stands in the message.
    #[inline]
    pub(super) fn position(&self) -> u64 {
        self.base + (self.fetched_bytes() as u64) * 8 - u64::from(self.have)
    }

    /// Takes the bits up to the next byte boundary; the bytes of a message are whole, so they
    /// are always there.
    pub(super) fn align(&mut self) -> Field {
        self.field(self.have % 8).unwrap_or_default()
    }

    /// The bytes from here on, at a byte boundary.
    pub(super) fn rest(&self) -> &'a [u8] {
        let from = self
            .fetched_bytes()
            .saturating_sub((self.have / 8) as usize);
        self.bytes.get(from..).unwrap_or_default()
    }

    /// Passes over `count` of the bytes that [`rest`](Self::rest) gave.
    pub(super) fn advance(&mut self, count: usize) {
        self.rest = self.rest().get(count..).unwrap_or_default();
        self.hold = 0;
        self.have = 0;
    }

    /// The bytes that are not wholly read, and how many bits of the first one are.
    pub(super) fn unread(&self) -> (&'a [u8], u32) {
        let from = self
            .fetched_bytes()
            .saturating_sub(self.have.div_ceil(8) as usize);
        let skip = (8 - self.have % 8) % 8;
        (self.bytes.get(from..).unwrap_or_default(), skip)
    }
}

#[cfg(test)]
#[expect(
    clippy::cast_possible_truncation,
    reason = "tests count in small numbers"
)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bits_come_in_the_order_of_the_rfc(
            bytes in prop::collection::vec(any::<u8>(), 0..60),
            takes in prop::collection::vec(0u32..17, 0..60),
        ) {
            let mut at = 0usize;
            let mut reader = BitReader::new(&bytes, 1000, 0);
            for take in takes {
                let expected: Option<u32> = (0..take as usize)
                    .map(|i| bytes.get((at + i) / 8).map(|b| u32::from(b >> ((at + i) % 8) & 1) << i))
                    .sum();
                prop_assert_eq!(reader.position(), 1000 + at as u64);
                let field = reader.field(take);
                prop_assert_eq!(field.ok().map(|f| f.value), expected);
                if expected.is_none() {
                    break;
                }
                at += take as usize;
                let (unread, skip) = reader.unread();
                prop_assert_eq!(unread, &bytes[at / 8..]);
                prop_assert_eq!(skip as usize, at % 8);
                if at.is_multiple_of(8) {
                    prop_assert_eq!(reader.rest(), &bytes[at / 8..]);
                }
                if take == 16 {
                    reader = BitReader::new(unread, 1000 + at as u64 / 8 * 8, skip);
                }
                if take == 15 {
                    let padding = reader.align();
                    at += padding.bits.len() as usize;
                    prop_assert_eq!(at % 8, 0);
                    let step = reader.rest().len().min(1);
                    reader.advance(step);
                    at += 8 * step;
                }
            }
        }
    }
}
