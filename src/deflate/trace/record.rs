//! What is kept of a message's decoding.
//!
//! Job: collect blocks and symbols within a limit, or nothing at all. Input: what the decoder
//! meets. Output: [`Trace`].

use super::bits::{Field, Span};
use super::block::{Block, Body, Dynamic, Stored};
use super::origin::{Origin, Origins, Piece};
use super::symbol::{Symbol, SymbolKind};
use crate::deflate::Output;

pub(super) mod sealed {
    pub trait Sealed {}
    impl Sealed for () {}
    impl Sealed for super::Trace {}
}

/// Who looks on while a message is decoded: a [`Trace`], a [`Counter`](super::Counter), or nobody,
/// which is `()`.
pub trait Recorder: sealed::Sealed + Default {
    /// The decoder tells of each symbol with its codes, and none goes by a fast loop.
    #[doc(hidden)]
    const LOOKS: bool;
    #[doc(hidden)]
    fn heard(&mut self, event: Event<'_>);
    /// A copy was decoded.
    #[doc(hidden)]
    #[inline]
    fn copied(&mut self, _: Copied) {}
    /// A copy has put out these bytes; what [`copied`](Self::copied) said of it comes first.
    #[doc(hidden)]
    #[inline]
    fn made(&mut self, _position: u64, _distance: usize, _bytes: &[u8]) {}
}

/// A copy as it goes by a fast loop.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Copied {
    /// Where its first byte is in the direction's output.
    pub(super) position: u64,
    pub(super) distance: usize,
    pub(super) length: usize,
    /// Its bits.
    pub(super) bits: u32,
}

/// What the decoder tells.
#[doc(hidden)]
#[derive(Debug)]
#[expect(
    private_interfaces,
    reason = "nobody outside can name or make these values"
)]
pub enum Event<'a> {
    /// A message begins.
    Message {
        position: u64,
        origins: &'a Origins,
        lost: bool,
    },
    /// A block begins.
    Block {
        is_final: Field,
        block_type: Field,
        output: u64,
    },
    /// The header of a stored block.
    Stored(Stored),
    /// Symbols in fixed codes follow.
    Fixed,
    /// The header of a dynamic block.
    Dynamic(Box<Dynamic>),
    /// Symbols follow from `bit` on, with codes of these lengths for literals and the end.
    Symbols { bit: u64, literals: &'a [u8] },
    /// A symbol, where each one is told.
    Symbol(Symbol),
    /// The next copy is the first from before the reset that was agreed.
    Kept { output: u64 },
    /// The block ends.
    End { bit: u64, output: u64 },
    /// Padding after a final block.
    Padding(Field),
    /// The last block is empty, and its header is all that was sent of it.
    Flush(Span),
    /// All input of the message was read, of which the first `payload` bits were sent.
    Done { payload: u64, bit: u64, output: u64 },
}

impl Recorder for () {
    const LOOKS: bool = false;
    #[inline]
    fn heard(&mut self, _: Event<'_>) {}
}

impl Recorder for Trace {
    const LOOKS: bool = true;
    fn heard(&mut self, event: Event<'_>) {
        self.take(event);
    }
}

/// Every bit of a message's compressed payload, named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// Its blocks, in order.
    pub blocks: Vec<Block>,
    /// Blocks that were decoded and not kept.
    pub dropped_blocks: u64,
    /// How many bits were sent. Those from here on were restored: RFC 7692 §7.2.1 had the sender
    /// cut off `00 00 ff ff`.
    pub payload_bits: u64,
    /// How many values are kept at the most.
    limit: usize,
    /// Values that may still be kept.
    room: usize,
    /// The newest block is not kept.
    skipping: bool,
    /// Where the message's output begins in the direction's.
    position: u64,
    /// Output before the first origin was lost.
    lost: bool,
    origins: Origins,
}

impl Default for Trace {
    /// A trace that keeps 65,536 values.
    fn default() -> Self {
        Self::new(1 << 16)
    }
}

/// A block takes as much memory as so many symbols, and so does what is shown of it.
const BLOCK: usize = 16;

impl Trace {
    /// A trace that keeps `limit` symbols and entries of tables, a block for sixteen of them; what is more
    /// is counted.
    pub fn new(limit: usize) -> Self {
        Self {
            blocks: Vec::new(),
            dropped_blocks: 0,
            payload_bits: 0,
            limit,
            room: limit,
            skipping: false,
            position: 0,
            lost: false,
            origins: Origins::default(),
        }
    }

    /// Whether the bits, or some of them, are not in the payload that was sent.
    pub fn is_restored(&self, bits: Span) -> bool {
        bits.end > self.payload_bits
    }

    /// What the message made at the end of `output`, where all of that is known and kept.
    pub fn made_of<'a>(&self, output: &'a Output) -> Option<&'a [u8]> {
        if self.dropped_blocks > 0 || output.unknown > 0 {
            return None;
        }
        let made = self.blocks.last().map_or(0, |block| block.makes.end);
        let start = output.total.checked_sub(made)?;
        let whole = output.bytes.len() as u64 == output.total;
        let bytes = output.bytes.get(usize::try_from(start).ok()?..)?;
        whole.then_some(bytes)
    }

    /// All kept symbols, in order.
    pub fn symbols(&self) -> impl Iterator<Item = &Symbol> {
        self.blocks.iter().flat_map(|block| &block.symbols)
    }

    /// Symbols that were decoded and not kept, without those of blocks that were not.
    pub fn dropped_symbols(&self) -> u64 {
        self.blocks.iter().map(|block| block.dropped).sum()
    }

    /// Where a match's source bytes lie, in order; together as long as the match. One that
    /// overlaps itself has the bytes that it makes among its source.
    pub fn sources(&self, symbol: &Symbol) -> Vec<Piece> {
        let SymbolKind::Match(copy) = symbol.kind else {
            return Vec::new();
        };
        let position = self.position + symbol.output;
        let length = copy.length.into();
        self.origins.pieces(position, copy.distance.into(), length)
    }

    /// What a window of `size` bytes holds, the oldest first, once the message has made `made`
    /// bytes: so many, or as many as there are since the sender began or emptied its window.
    pub fn window(&self, made: u64, size: u64) -> Vec<Piece> {
        let mut pieces = self.origins.pieces(self.position + made, size, size);
        if !self.lost && pieces.first().is_some_and(|one| one.origin == Origin::Lost) {
            pieces.remove(0);
        }
        pieces
    }

    /// Forgets what was decoded from `bit` on.
    pub(in crate::deflate) fn cut_at(&mut self, bit: u64) {
        self.blocks.retain(|block| block.bits.start <= bit);
        if let Some(block) = self.blocks.last_mut() {
            block.symbols.retain(|symbol| symbol.bits.start < bit);
            block.bits.end = bit;
            block.makes.end = block
                .symbols
                .last()
                .map_or(block.makes.start, |s| s.makes().end);
            block.is_whole = false;
            block.padding = None;
        }
    }

    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Message {
                position,
                origins,
                lost,
            } => {
                *self = Self::new(self.limit);
                self.position = position;
                self.lost = lost;
                self.origins = origins.clone();
            }
            Event::Block {
                is_final,
                block_type,
                output,
            } => self.open(is_final, block_type, output),
            Event::Done {
                payload,
                bit,
                output,
            } => {
                self.payload_bits = payload;
                if let Some(block) = self.newest().filter(|block| !block.is_whole) {
                    // What was read of its header does not count as passed yet.
                    block.bits.end = block.bits.end.max(bit);
                    block.makes.end = output;
                }
            }
            Event::Dynamic(header) => self.dynamic(header),
            Event::Symbol(symbol) => self.symbol(symbol),
            Event::Stored(stored) => self.with_newest(|block| block.body = Body::Stored(stored)),
            Event::Fixed => self.with_newest(|block| block.body = Body::Fixed),
            Event::Symbols { .. } | Event::Kept { .. } | Event::Flush(_) => {}
            Event::Padding(field) => self.with_newest(|block| block.padding = Some(field)),
            Event::End { bit, output } => self.with_newest(|block| {
                block.bits.end = bit;
                block.makes.end = output;
                block.is_whole = true;
            }),
        }
    }

    fn newest(&mut self) -> Option<&mut Block> {
        self.blocks.last_mut().filter(|_| !self.skipping)
    }

    fn with_newest(&mut self, change: impl FnOnce(&mut Block)) {
        if let Some(block) = self.newest() {
            change(block);
        }
    }

    /// Whether so many more values may be kept; if so, they count as kept.
    fn admit(&mut self, values: usize) -> bool {
        let left = self.room.checked_sub(values);
        self.room = left.unwrap_or(self.room);
        left.is_some()
    }

    fn open(&mut self, is_final: Field, block_type: Field, output: u64) {
        self.skipping = !self.admit(BLOCK);
        if self.skipping {
            self.dropped_blocks += 1;
            return;
        }
        self.blocks.push(Block {
            is_final,
            block_type,
            bits: Span {
                start: is_final.bits.start,
                end: block_type.bits.end,
            },
            makes: Span::new(output, 0),
            body: Body::Unread,
            symbols: Vec::new(),
            dropped: 0,
            is_whole: false,
            padding: None,
        });
    }

    fn dynamic(&mut self, header: Box<Dynamic>) {
        let kept = (!self.skipping && self.admit(header.weight())).then_some(header);
        self.with_newest(|block| block.body = Body::Dynamic(kept));
    }

    fn symbol(&mut self, symbol: Symbol) {
        let admitted = !self.skipping && self.admit(1);
        self.with_newest(|block| {
            if admitted {
                block.symbols.push(symbol);
            } else {
                block.dropped += 1;
            }
        });
    }
}
