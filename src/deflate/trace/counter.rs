//! What a message's symbols come to.
//!
//! Job: count symbols while they are decoded, and keep none. Input: what the decoder meets.
//! Output: [`Symbols`].
//!
//! The decoder tells of each copy: literals are what else a block has. So most symbols still go by
//! the fast loops.

use super::block::Stored;
use super::record::sealed::Sealed;
use super::record::{Copied, Event, Recorder};
use crate::deflate::Symbols;

/// Counts the symbols of one message after the other.
#[derive(Debug, Clone)]
pub struct Counter {
    count: Count,
    /// Where the message's output begins in the direction's.
    position: u64,
    /// Bits of each byte as a literal in the block at hand.
    prices: [u8; 256],
    /// What was counted before the first copy that the agreement forbids, and where the output
    /// stood.
    kept: Option<Box<(Count, u64)>>,
}

/// What is counted of the message so far.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    symbols: Symbols,
    block: Option<Open>,
    /// Bits as literals of what was copied from earlier messages, if its bytes are known.
    across_as_literals: u64,
    /// Bits of copies that go on in their own message.
    across_own_bits: u64,
}

/// A block that has not ended.
#[derive(Debug, Clone, Copy)]
struct Open {
    /// Where it begins, in bits.
    start: u64,
    /// Where its header ends as far as it was read.
    header_end: u64,
    /// Where its output begins.
    output: u64,
    body: Body,
}

#[derive(Debug, Clone, Copy)]
enum Body {
    /// None that can be read.
    Unread,
    Stored,
    /// Symbols, with what was counted before them.
    Symbols {
        match_bytes: u64,
        match_bits: u64,
        end_bits: u64,
    },
}

impl Default for Counter {
    fn default() -> Self {
        Self {
            count: Count::default(),
            position: 0,
            prices: [0; 256],
            kept: None,
        }
    }
}

impl Sealed for Counter {}

impl Recorder for Counter {
    const LOOKS: bool = false;

    fn heard(&mut self, event: Event<'_>) {
        match event {
            Event::Message { position, .. } => {
                self.count = Count::default();
                self.position = position;
                self.kept = None;
            }
            Event::Block {
                block_type, output, ..
            } => {
                let start = block_type.bits.start.saturating_sub(1);
                self.count.open(start, block_type.bits.end, output);
                match block_type.value {
                    1 => self.count.symbols.blocks.fixed += 1,
                    2 => self.count.symbols.blocks.dynamic += 1,
                    _ => {}
                }
            }
            Event::Stored(stored) => self.count.stored(&stored),
            Event::Symbols { bit, literals } => {
                self.prices = prices(literals);
                let end = literals.get(256).copied().unwrap_or(0);
                self.count.symbols_begin(bit, end.into());
            }
            Event::End { bit, output } => self.count.close(bit, output, true),
            Event::Flush(header) => {
                self.count.symbols.blocks.flushes += 1;
                self.count.symbols.header_bits += header.len();
            }
            Event::Kept { output } => {
                self.kept
                    .get_or_insert_with(|| Box::new((self.count, output)));
            }
            Event::Done {
                payload,
                bit,
                output,
            } => self.count.done(payload, bit, output),
            Event::Fixed | Event::Dynamic(_) | Event::Symbol(_) | Event::Padding(_) => {}
        }
    }

    #[inline]
    fn copied(&mut self, copied: Copied) {
        let symbols = &mut self.count.symbols;
        symbols.matches += 1;
        symbols.match_bytes += copied.length as u64;
        symbols.match_bits += u64::from(copied.bits);
        // The bits of the distance less one, which is zero at the least.
        let place = (2 * copied.distance).saturating_sub(1) | 1;
        if let Some(place) = symbols.distances.get_mut(place.ilog2() as usize) {
            *place += copied.length as u64;
        }
        let across = self.across(copied.position, copied.distance, copied.length);
        if across > 0 {
            self.count.across(across, &copied);
        }
    }

    #[inline]
    fn made(&mut self, position: u64, distance: usize, bytes: &[u8]) {
        let across = self.across(position, distance, bytes.len());
        let bytes = bytes.get(..across).unwrap_or_default();
        let prices = &self.prices;
        let price = |byte: &u8| prices.get(usize::from(*byte)).copied().unwrap_or(0);
        let sum: u64 = bytes.iter().map(|byte| u64::from(price(byte))).sum();
        self.count.across_as_literals += sum;
    }
}

impl Counter {
    /// The symbols of the message that has ended.
    pub(in crate::deflate) fn symbols(&self) -> &Symbols {
        &self.count.symbols
    }

    /// The message has ended, and all of its bytes are `known`, or not.
    pub(in crate::deflate) fn conclude(&mut self, known: bool) {
        let Count {
            symbols,
            across_as_literals,
            across_own_bits,
            ..
        } = &mut self.count;
        if known {
            symbols.across_as_literals = *across_as_literals;
            symbols.across_own_bits = *across_own_bits;
        } else {
            symbols.unpriced = symbols.across;
            symbols.across_own_bits = symbols.across_bits;
        }
    }

    /// Forgets what was counted from `bit` on, where the first copy is that the agreement forbids.
    pub(in crate::deflate) fn cut_at(&mut self, bit: u64) {
        let Some((before, output)) = self.kept.take().map(|kept| *kept) else {
            return;
        };
        let bits = self.count.symbols.bits;
        self.count = before;
        self.count.done(bits, bit, output);
    }

    /// How many bytes of a copy lie in earlier messages.
    #[inline]
    fn across(&self, position: u64, distance: usize, length: usize) -> usize {
        // Sources before the message's first byte lie in earlier messages.
        let before = (distance as u64).saturating_sub(position - self.position);
        usize::try_from(before).unwrap_or(length).min(length)
    }
}

impl Count {
    /// A block begins.
    fn open(&mut self, start: u64, header_end: u64, output: u64) {
        self.block = Some(Open {
            start,
            header_end,
            output,
            body: Body::Unread,
        });
    }

    /// It is a stored one. Where its length is not there, nobody knows whether a flush put it out.
    fn stored(&mut self, stored: &Stored) {
        if !stored.has_len() {
            self.block = None;
        }
        let Some(block) = &mut self.block else {
            return;
        };
        block.header_end = stored.data.start;
        if stored.len.value == 0 {
            self.symbols.blocks.flushes += 1;
        } else {
            self.symbols.blocks.stored += 1;
            block.body = Body::Stored;
        }
    }

    /// Its symbols follow.
    fn symbols_begin(&mut self, bit: u64, end_bits: u64) {
        if let Some(block) = &mut self.block {
            block.header_end = bit;
            block.body = Body::Symbols {
                match_bytes: self.symbols.match_bytes,
                match_bits: self.symbols.match_bits,
                end_bits,
            };
        }
    }

    /// The block at hand ends at `bit`, or its rest is not there.
    fn close(&mut self, bit: u64, output: u64, is_whole: bool) {
        let Some(block) = self.block.take() else {
            return;
        };
        let symbols = &mut self.symbols;
        symbols.header_bits += block.header_end.saturating_sub(block.start);
        let made = output.saturating_sub(block.output);
        match block.body {
            Body::Unread => {}
            Body::Stored => symbols.stored_bytes += made,
            Body::Symbols {
                match_bytes,
                match_bits,
                end_bits,
            } => {
                let all = bit.saturating_sub(block.header_end);
                let others = symbols.match_bits - match_bits + if is_whole { end_bits } else { 0 };
                symbols.literal_bits += all.saturating_sub(others);
                symbols.literal_bytes += made.saturating_sub(symbols.match_bytes - match_bytes);
            }
        }
    }

    /// The message ends, of which `payload` bits were sent and read up to `bit`.
    fn done(&mut self, payload: u64, bit: u64, output: u64) {
        self.close(bit, output, false);
        self.symbols.payloads = 1;
        self.symbols.bits = payload;
        self.symbols.made = output;
    }

    /// Of a copy, `across` bytes lie in earlier messages.
    fn across(&mut self, across: usize, copied: &Copied) {
        self.symbols.across += 1;
        self.symbols.across_bytes += across as u64;
        self.symbols.across_bits += u64::from(copied.bits);
        if across < copied.length {
            self.across_own_bits += u64::from(copied.bits);
        }
    }
}

/// Bits of each byte as a literal. One that the block's codes do not have counts as much as the
/// longest that they have.
fn prices(lengths: &[u8]) -> [u8; 256] {
    let mut prices = [0; 256];
    for (price, length) in prices.iter_mut().zip(lengths) {
        *price = *length;
    }
    let longest = prices.iter().copied().max().filter(|longest| *longest > 0);
    let longest = longest.unwrap_or(8);
    prices.map(|price| if price == 0 { longest } else { price })
}
