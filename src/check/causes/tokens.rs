//! Compressed payloads as literals and copies.
//!
//! Job: read what does not hang on the window: the Huffman codes say which bytes are literal and
//! how far back each copy reaches, whatever lies there. Input: a [`Sent`] message and how it is
//! supposed to be coded. Output: [`Tokens`]. RFC 1951 §3.2, RFC 1950 §2.2, RFC 1952 §2.3.
//!
//! So a message is decoded once, and each hypothesis about the window only plays its tokens.

use super::sent::Sent;
use crate::deflate::trace::{Body, End, SymbolKind, Trace, Tracer};
use crate::deflate::{Output, Parameters, gzip_header, zlib_header};

/// Literals, copies and headers of one message that are read.
pub(super) const MOST_TOKENS: usize = 1 << 20;

/// Bytes that one message may become.
const MOST_BYTES: u64 = 16 << 20;

/// Compressed bytes that are read at once.
const PART: usize = 4 << 10;

/// How a sender wraps what it compresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Coding {
    /// As RFC 7692 §7.2.1 has it.
    Message,
    /// Each frame on its own, its flush marker removed.
    Frames,
    /// In the format of RFC 1950; each message, or once for all.
    Zlib { each: bool },
    /// In the format of RFC 1952; each message, or once for all.
    Gzip { each: bool },
}

/// A literal byte or a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    Literal(u8),
    Copy {
        length: u16,
        distance: u16,
    },
    /// The sender flushed: it knew no further bytes yet.
    Flush,
}

/// What a message's compressed payload says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tokens {
    pub(super) list: Vec<Token>,
    /// It is not DEFLATE to its end.
    pub(super) flawed: bool,
    /// Its wrapping ends in a checksum: where it stands for these bytes.
    pub(super) sum: Option<Sum>,
    /// It is more than is read.
    pub(super) too_much: bool,
}

/// A checksum at the end of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sum {
    Adler(u32),
    Crc(u32),
}

impl Sum {
    /// Whether it is that of `bytes`.
    pub(super) fn fits(self, bytes: &[u8]) -> bool {
        match self {
            Self::Adler(sum) => sum == adler(bytes),
            Self::Crc(sum) => {
                let mut crc = flate2::Crc::new();
                crc.update(bytes);
                sum == crc.sum()
            }
        }
    }
}

/// RFC 1950 §8.2: two sums modulo 65521.
fn adler(bytes: &[u8]) -> u32 {
    let step = |(a, b): (u32, u32), byte: &u8| {
        let a = (a + u32::from(*byte)) % 65521;
        (a, (a + b) % 65521)
    };
    let (a, b) = bytes.iter().fold((1, 0), step);
    (b << 16) | a
}

/// Reads compressed payloads of one direction.
#[derive(Debug)]
pub(super) struct Reader {
    tracer: Tracer,
    /// A header was taken off an earlier message.
    unwrapped: bool,
}

impl Reader {
    pub(super) fn new() -> Self {
        Self {
            tracer: Tracer::new(Parameters::default()),
            unwrapped: false,
        }
    }

    /// The tokens of a compressed message under `coding`.
    pub(super) fn read(&mut self, sent: &Sent, coding: Coding) -> Tokens {
        let mut tokens = Tokens::default();
        match coding {
            Coding::Message => {
                self.piece(&sent.payload(), &mut tokens);
            }
            Coding::Frames => {
                for frame in &sent.frames {
                    self.piece(frame, &mut tokens);
                }
            }
            Coding::Zlib { each } => self.wrapped(&sent.payload(), each, zlib_header, &mut tokens),
            Coding::Gzip { each } => self.wrapped(&sent.payload(), each, gzip_header, &mut tokens),
        }
        tokens
    }

    fn wrapped(
        &mut self,
        payload: &[u8],
        each: bool,
        header: fn(&[u8]) -> Option<usize>,
        tokens: &mut Tokens,
    ) {
        let wanted = each || !self.unwrapped;
        let start = if wanted { header(payload) } else { Some(0) };
        let Some(body) = start.and_then(|start| payload.get(start..)) else {
            tokens.flawed = true;
            return;
        };
        self.unwrapped = true;
        let mut whole = Tokens::default();
        let end = self.piece(body, &mut whole);
        // Behind the final block stands a checksum, or what is left of it.
        match end.and_then(|end| Some((body.get(..end)?, body.get(end..)?))) {
            Some((stream, rest)) if each && rest.len() <= 8 => {
                self.piece(stream, tokens);
                tokens.sum = sum_of(rest);
            }
            _ => *tokens = whole,
        }
    }

    /// Appends the tokens of a run of blocks. Gives where its first final block ends.
    fn piece(&mut self, bytes: &[u8], tokens: &mut Tokens) -> Option<usize> {
        // Copies from before a loss are no fault: what lies there is not this layer's matter.
        self.tracer.lost();
        let mut output = Output::new(at(MOST_BYTES));
        let mut trace = Trace::new(MOST_TOKENS);
        self.tracer.begin(1, &mut trace);
        for part in bytes.chunks(PART) {
            self.tracer.bytes(part, &mut output, &mut trace);
            // RFC 7692 §8: a few bytes can become very many.
            if output.total > MOST_BYTES {
                break;
            }
        }
        let end = self.tracer.end(&mut output, &mut trace);
        tokens.flawed |= matches!(end, End::Fault(_) | End::Cut);
        tokens.too_much |= trace.dropped_blocks > 0
            || trace.dropped_symbols() > 0
            || output.total > MOST_BYTES
            || tokens.list.len() > MOST_TOKENS;
        if tokens.too_much {
            return None;
        }
        let mut last = None;
        for block in &trace.blocks {
            if let Body::Stored(_) = block.body {
                tokens.list.push(Token::Flush);
                let range = (block.makes.start, block.makes.end);
                let stored = output.bytes.get(at(range.0)..at(range.1));
                let stored = stored.unwrap_or_default();
                tokens
                    .list
                    .extend(stored.iter().map(|b| Token::Literal(*b)));
            }
            tokens
                .list
                .extend(block.symbols.iter().filter_map(|symbol| match symbol.kind {
                    SymbolKind::Literal { byte, .. } => Some(Token::Literal(byte)),
                    SymbolKind::Match(copy) => Some(Token::Copy {
                        length: copy.length,
                        distance: copy.distance,
                    }),
                    SymbolKind::EndOfBlock { .. } => None,
                }));
            if block.is_final.value == 1 && block.is_whole {
                last = last.or(Some(at(block.bits.end.div_ceil(8))));
            }
        }
        tokens.list.push(Token::Flush);
        last
    }
}

fn at(place: u64) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

/// RFC 1950 §2.2: four bytes, the highest first. RFC 1952 §2.3.1: the lowest first, and then the
/// length.
fn sum_of(rest: &[u8]) -> Option<Sum> {
    match rest.len() {
        4 => Some(Sum::Adler(u32::from_be_bytes(*rest.first_chunk()?))),
        8 => Some(Sum::Crc(u32::from_le_bytes(*rest.first_chunk()?))),
        _ => None,
    }
}
