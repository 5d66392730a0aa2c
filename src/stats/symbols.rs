//! What compression did, symbol by symbol.
//!
//! Job: literals, copies, what was copied from earlier messages and what that saved, distances,
//! blocks. Input: the traces of compressed payloads, which come with
//! `Detail::Wire`. Output: [`Symbols`]. RFC 1951 §3.2, RFC 7692 §7.1.1.
//!
//! What takeover saved is an estimate, and this is how it is made: where a match copies from before
//! its message, the copied bytes are priced as literals in the codes of the block that the match
//! stands in, and the bits of the match are taken off. Without takeover the sender would have
//! found other matches for some of them, and its codes would have been others.

use std::collections::BTreeMap;

use crate::base::{Conversing, Peer, PerPeer};
use crate::deflate::trace::{Block, Body, Dynamic, Match, Symbol, SymbolKind, Trace};
use crate::event::{Event, EventSink, Inflated, Wire};

/// Window bits that a distance can take: distances of up to 2 to the power of the place.
const DISTANCES: usize = 16;

/// Blocks by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Blocks {
    /// Bytes as they are.
    pub stored: u64,
    /// The codes of RFC 1951 §3.2.6.
    pub fixed: u64,
    /// Codes of their own.
    pub dynamic: u64,
    /// Empty stored blocks, which a flush puts out.
    pub flushes: u64,
}

/// One sender's symbols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Symbols {
    /// Compressed payloads that were looked at.
    pub payloads: u64,
    /// Their bits as sent.
    pub bits: u64,
    /// The bytes that they made.
    pub made: u64,
    /// Blocks.
    pub blocks: Blocks,
    /// Bits of the headers of blocks.
    pub header_bits: u64,
    /// Bytes that stand as literals.
    pub literal_bytes: u64,
    /// Bits of these.
    pub literal_bits: u64,
    /// Bytes that stand in stored blocks.
    pub stored_bytes: u64,
    /// Matches.
    pub matches: u64,
    /// Bytes that they copy.
    pub match_bytes: u64,
    /// Bits of these.
    pub match_bits: u64,
    /// Matches that copy from earlier messages.
    pub across: u64,
    /// Bytes copied from earlier messages: what takeover was good for.
    pub across_bytes: u64,
    /// Bits of the matches that copy from earlier messages.
    pub across_bits: u64,
    /// The bits that the bytes copied from earlier messages would have taken as literals, in the
    /// codes of their blocks: an estimate.
    pub across_as_literals: u64,
    /// Bits of matches that copy from earlier messages and go on in their own, which they would
    /// have taken anyway.
    pub across_own_bits: u64,
    /// Matched bytes by distance: place `k` has those copied from farther than 2^(k-1) and no
    /// farther than 2^k.
    pub distances: [u64; DISTANCES],
    /// Symbols and blocks that were not looked at, since a message has more than are recorded.
    pub unseen: u64,
    /// Matches across messages in payloads whose bytes are not all known: they count above,
    /// without an estimate.
    pub unpriced: u64,
}

impl Symbols {
    /// Adds one compressed payload.
    pub fn add(&mut self, inflated: &Inflated<'_>) {
        let trace = inflated.trace;
        self.payloads += 1;
        self.bits += trace.payload_bits;
        self.unseen += trace.dropped_blocks + trace.dropped_symbols();
        for block in &trace.blocks {
            self.block(trace, block, inflated.made);
        }
    }

    /// Adds another's.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.fields().into_iter().zip({ *other }.fields()) {
            *mine += *theirs;
        }
        for (mine, theirs) in self.distances.iter_mut().zip(other.distances) {
            *mine += theirs;
        }
    }

    /// What takeover saved, in bytes: an estimate, as the module's first lines tell.
    pub fn saved(&self) -> u64 {
        let spent = self.across_bits.saturating_sub(self.across_own_bits);
        self.across_as_literals.saturating_sub(spent) / 8
    }

    /// The smallest window, in bits, that holds the sources of `percent` of the matched bytes;
    /// `None` where there are none. RFC 7692 §7.1.2: no window is smaller than 8.
    pub fn window_for(&self, percent: u64) -> Option<u8> {
        let all: u64 = self.distances.iter().sum();
        let mut seen = 0;
        let within = (8u8..).zip(self.distances.get(8..)?);
        let below: u64 = self.distances.iter().take(8).sum();
        for (bits, bytes) in within {
            seen += bytes;
            let held = u128::from(seen + below);
            if all > 0 && held * 100 >= u128::from(all) * u128::from(percent) {
                return Some(bits);
            }
        }
        None
    }

    fn fields(&mut self) -> [&mut u64; 21] {
        [
            &mut self.payloads,
            &mut self.bits,
            &mut self.made,
            &mut self.blocks.stored,
            &mut self.blocks.fixed,
            &mut self.blocks.dynamic,
            &mut self.blocks.flushes,
            &mut self.header_bits,
            &mut self.literal_bytes,
            &mut self.literal_bits,
            &mut self.stored_bytes,
            &mut self.matches,
            &mut self.match_bytes,
            &mut self.match_bits,
            &mut self.across,
            &mut self.across_bytes,
            &mut self.across_bits,
            &mut self.across_as_literals,
            &mut self.across_own_bits,
            &mut self.unseen,
            &mut self.unpriced,
        ]
    }

    fn block(&mut self, trace: &Trace, block: &Block, made: Option<&[u8]>) {
        self.made += block.makes.len();
        match &block.body {
            Body::Unread => {}
            Body::Stored(stored) if stored.len.value == 0 => self.blocks.flushes += 1,
            Body::Stored(_) => {
                self.blocks.stored += 1;
                self.stored_bytes += block.makes.len();
            }
            Body::Fixed => self.blocks.fixed += 1,
            Body::Dynamic(_) => self.blocks.dynamic += 1,
        }
        let first = block.symbols.first().map(|symbol| symbol.bits.start);
        let data = match &block.body {
            Body::Stored(stored) => stored.data.start,
            _ => first.unwrap_or(block.bits.end),
        };
        // RFC 7692 §7.2.1: the end of the last one was not sent.
        let end = data.min(trace.payload_bits);
        self.header_bits += end.saturating_sub(block.bits.start);
        let mut prices = None;
        for symbol in &block.symbols {
            match &symbol.kind {
                SymbolKind::Literal { .. } => {
                    self.literal_bytes += 1;
                    self.literal_bits += symbol.bits.len();
                }
                SymbolKind::EndOfBlock { .. } => {}
                SymbolKind::Match(copy) => {
                    let prices = prices.get_or_insert_with(|| prices_of(&block.body));
                    self.copy(symbol, *copy, made, prices);
                }
            }
        }
    }

    fn copy(&mut self, symbol: &Symbol, copy: Match, made: Option<&[u8]>, prices: &Prices) {
        let (length, distance) = (u64::from(copy.length), u64::from(copy.distance));
        self.matches += 1;
        self.match_bytes += length;
        self.match_bits += symbol.bits.len();
        let bits = (u64::BITS - distance.saturating_sub(1).leading_zeros()) as usize;
        if let Some(place) = self.distances.get_mut(bits) {
            *place += length;
        }
        // Sources before the message's first byte lie in earlier messages.
        let across = distance.saturating_sub(symbol.output).min(length);
        if across == 0 {
            return;
        }
        self.across += 1;
        self.across_bytes += across;
        self.across_bits += symbol.bits.len();
        let copied = made.and_then(|made| {
            let start = usize::try_from(symbol.output).ok()?;
            made.get(start..)?.get(..usize::try_from(across).ok()?)
        });
        if let Some(bytes) = copied {
            self.across_as_literals += bytes.iter().map(|byte| prices.of(*byte)).sum::<u64>();
        } else {
            self.unpriced += 1;
        }
        if across < length || copied.is_none() {
            self.across_own_bits += symbol.bits.len();
        }
    }
}

/// Bits of each byte as a literal in a block.
#[derive(Debug)]
struct Prices([u8; 256]);

impl Prices {
    fn of(&self, byte: u8) -> u64 {
        self.0.get(usize::from(byte)).copied().unwrap_or(0).into()
    }
}

fn prices_of(body: &Body) -> Prices {
    match body {
        Body::Dynamic(Some(header)) => dynamic(header),
        // RFC 1951 §3.2.6: literals from 144 on take 9 bits.
        Body::Fixed => Prices(std::array::from_fn(|byte| if byte < 144 { 8 } else { 9 })),
        Body::Dynamic(None) | Body::Stored(_) | Body::Unread => Prices([8; 256]),
    }
}

/// A byte that the block's codes do not have counts as much as the longest that they have.
fn dynamic(header: &Dynamic) -> Prices {
    let literals = header.literals.iter().filter(|code| code.code.symbol < 256);
    let longest = literals.clone().map(|code| code.code.len).max();
    let mut prices = Prices([longest.unwrap_or(8); 256]);
    for code in literals {
        if let Some(place) = prices.0.get_mut(usize::from(code.code.symbol)) {
            *place = code.code.len;
        }
    }
    prices
}

/// Folds the symbols of every connection and sender. Give it events of a run with
/// `Detail::Wire`; of one that replays a single connection it holds that one.
#[derive(Debug, Clone, Default)]
pub struct SymbolFold {
    /// By connection number.
    pub connections: BTreeMap<Conversing, PerPeer<Symbols>>,
}

impl SymbolFold {
    /// Takes over another worker's connections.
    pub fn merge(&mut self, mut other: Self) {
        self.connections.append(&mut other.connections);
    }

    /// All connections together.
    pub fn all(&self) -> PerPeer<Symbols> {
        let mut all = PerPeer::<Symbols>::default();
        for connection in self.connections.values() {
            all.client.merge(&connection.client);
            all.server.merge(&connection.server);
        }
        all
    }
}

impl EventSink for SymbolFold {
    fn event(&mut self, _: Event<'_>) {}

    fn wire(&mut self, conversing: Conversing, from: Peer, wire: Wire<'_>) {
        if let Wire::Traced(inflated) = wire {
            self.connections.entry(conversing).or_default()[from].add(inflated);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deflate::Output;
    use crate::deflate::trace::{Input, Tracer};

    /// RFC 7692 §7.2.3.2, and one that copies from both messages.
    fn hello() -> Symbols {
        let mut tracer = Tracer::new(crate::deflate::Parameters::default());
        let mut symbols = Symbols::default();
        let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
        let again = [0xf2, 0x00, 0x11, 0x00, 0x00];
        for (ordinal, payload) in (1..).zip([&hello[..], &again[..]]) {
            let input = [Input::Bytes(payload)];
            let done = tracer.message(ordinal, &input, Output::new(100), Trace::default());
            symbols.add(&Inflated {
                ordinal,
                trace: &done.record,
                end: done.end,
                farthest: done.farthest,
                made: done.record.made_of(&done.output),
            });
        }
        symbols
    }

    #[test]
    fn the_second_hello_saves_what_takeover_is_for() {
        let symbols = hello();
        assert_eq!((symbols.payloads, symbols.made), (2, 10));
        assert_eq!((symbols.literal_bytes, symbols.match_bytes), (6, 4));
        assert_eq!((symbols.across, symbols.across_bytes), (1, 4));
        // Four literals of 8 bits; the match is a code of 7, no extra bits, a distance code of 5
        // and one more bit.
        assert_eq!((symbols.across_as_literals, symbols.across_bits), (32, 13));
        assert_eq!(symbols.saved(), 2);
        assert_eq!(
            symbols.blocks,
            Blocks {
                fixed: 2,
                flushes: 2,
                ..Blocks::default()
            }
        );
        assert_eq!(symbols.distances[3], 4);
        assert_eq!(symbols.window_for(100), Some(8));
        assert_eq!(symbols.bits, 7 * 8 + 5 * 8);
    }

    #[test]
    fn merging_adds_everything() {
        let one = hello();
        let mut two = one;
        two.merge(&one);
        let mut expected = one;
        for field in expected.fields() {
            *field *= 2;
        }
        expected.distances = expected.distances.map(|bytes| bytes * 2);
        assert_eq!(two, expected);
        assert_eq!(two.saved(), 4);
    }

    #[test]
    fn windows_serve_shares_of_the_matched_bytes() {
        let mut symbols = Symbols::default();
        assert_eq!(symbols.window_for(100), None);
        symbols.distances[4] = 50;
        symbols.distances[9] = 40;
        symbols.distances[12] = 9;
        symbols.distances[15] = 1;
        let windows = [50, 51, 90, 91, 99, 100].map(|percent| symbols.window_for(percent));
        assert_eq!(windows, [8, 9, 9, 12, 12, 15].map(Some));
    }
}
