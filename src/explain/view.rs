//! Payload bytes, each with what made it.
//!
//! Job: know which bytes are literals and which are copies, and show them so. Input: an
//! [`Explanation`]. Output: lines.

use std::borrow::Cow;
use std::ops::Range;

use super::message::{Explanation, Source};
use crate::deflate::trace::{Body, SymbolKind};
use crate::page::words::count;
use crate::page::{Bytes, Kind, Line, Sheet, Span, escape::HOLE};

/// Columns of payload in a row.
const COLUMNS: usize = 68;

/// A payload with what made each of its bytes.
#[derive(Debug)]
pub(super) struct View<'a> {
    /// The payload; of one that does not inflate, what came before the fault.
    bytes: Cow<'a, [u8]>,
    holes: Cow<'a, [(u64, u64)]>,
    /// Plain where it was not compressed, or nobody looked.
    made: Vec<Kind>,
}

/// The sign below a byte.
pub(super) fn sign(kind: Kind) -> char {
    match kind {
        Kind::Literal => '.',
        Kind::Copy => '=',
        Kind::FarCopy => '<',
        Kind::Hole => '?',
        _ => ' ',
    }
}

impl<'a> View<'a> {
    pub(super) fn new(explanation: &'a Explanation) -> Self {
        let (bytes, holes) = if explanation.is_lost() {
            let (bytes, holes) = rebuilt(explanation);
            (Cow::Owned(bytes), Cow::Owned(holes))
        } else {
            let holes = Cow::Borrowed(explanation.holes.as_slice());
            (Cow::Borrowed(explanation.payload.as_slice()), holes)
        };
        Self {
            made: made(explanation, bytes.len()),
            bytes,
            holes,
        }
    }

    pub(super) fn bytes(&self) -> Bytes<'_> {
        Bytes {
            bytes: &self.bytes,
            holes: &self.holes,
        }
    }

    /// Whether any byte was made so.
    pub(super) fn has(&self, kind: Kind) -> bool {
        self.made.contains(&kind)
    }

    /// Bytes that are not known.
    pub(super) fn missing(&self) -> u64 {
        self.holes.iter().map(|(_, len)| len).sum()
    }

    fn kind(&self, at: u64) -> Kind {
        let made = usize::try_from(at).ok().and_then(|at| self.made.get(at));
        made.copied().unwrap_or_default()
    }

    /// The payload bytes of a range between quotes, in `width` columns.
    pub(super) fn quoted(&self, range: Range<u64>, width: usize) -> Line {
        self.bytes().quoted(range, width, |at| self.kind(at))
    }

    /// The byte at `at` in hexadecimal.
    fn digits(&self, at: u64) -> Span {
        match self.bytes().known(at) {
            Some(byte) => Span::new(self.kind(at), format!("{byte:02x} ")),
            None => Span::new(Kind::Hole, format!("{HOLE}{HOLE} ")),
        }
    }

    /// The payload in rows, each with a row of signs below it where it was compressed.
    pub(super) fn rows(&self, most: usize, binary: bool, page: &mut Sheet) {
        let end = self.bytes().len();
        let signs = self.made.iter().any(|made| *made != Kind::Plain);
        let columns = if binary { 16 * 3 } else { COLUMNS };
        let (mut at, mut shown) = (0, 0);
        while at < end && shown < most {
            let mut line = Line::of(Kind::Note, format!("{at:>9}")).plain("  ");
            let (mut below, mut used) = (String::new(), 0);
            while at < end {
                let (span, bytes) = if binary {
                    (self.digits(at), 1)
                } else {
                    self.bytes().cell(at, end, self.kind(at))
                };
                let width = span.width();
                if used + width > columns {
                    break;
                }
                used += width;
                at += bytes;
                below.extend(std::iter::repeat_n(sign(span.kind), width));
                line.push(span);
            }
            // Blanks at the end are payload.
            page.lines.push(line);
            if signs || below.contains('?') {
                page.line(Line::new().padded(11).with(Kind::Note, below));
            }
            shown += 1;
        }
        if at < end {
            let rest = count(end - at, "more byte");
            page.line(Line::new().padded(11).plain(format!("… {rest} (--all)")));
        }
    }
}

impl Explanation {
    /// The same; of a message that does not inflate the payload is what came before the fault.
    #[must_use]
    pub fn rebuilt(mut self) -> Self {
        if self.is_lost() {
            (self.payload, self.holes) = rebuilt(&self);
        }
        self
    }
}

/// What made each kept byte of the payload.
fn made(explanation: &Explanation, len: usize) -> Vec<Kind> {
    let mut all = vec![Kind::Plain; len];
    for deflated in &explanation.deflated {
        let Some(base) = deflated.base else { continue };
        let mut set = |start: u64, len: u64, made: Kind| {
            let start = usize::try_from(base + start).unwrap_or(usize::MAX);
            let len = usize::try_from(len).unwrap_or(usize::MAX);
            all.iter_mut()
                .skip(start)
                .take(len)
                .for_each(|one| *one = made);
        };
        for block in &deflated.trace.blocks {
            if let Body::Stored(_) = block.body {
                set(block.makes.start, block.makes.len(), Kind::Literal);
            }
            for symbol in &block.symbols {
                match symbol.kind {
                    SymbolKind::Literal { .. } => set(symbol.output, 1, Kind::Literal),
                    SymbolKind::EndOfBlock { .. } => {}
                    SymbolKind::Match(_) => {
                        let mut at = symbol.output;
                        for stretch in deflated.sources(symbol) {
                            let own = stretch.source == Source::Message(explanation.number);
                            set(
                                at,
                                stretch.len,
                                if own { Kind::Copy } else { Kind::FarCopy },
                            );
                            at += stretch.len;
                        }
                    }
                }
            }
        }
    }
    all
}

/// What the symbols before a fault make, as far as it comes from this message.
fn rebuilt(explanation: &Explanation) -> (Vec<u8>, Vec<(u64, u64)>) {
    let Some(first) = explanation.deflated.first() else {
        return Default::default();
    };
    let mut bytes: Vec<Option<u8>> = Vec::new();
    for symbol in first.trace.symbols() {
        let place = usize::try_from(symbol.output).unwrap_or(usize::MAX);
        if place != bytes.len() {
            break;
        }
        match symbol.kind {
            SymbolKind::Literal { byte, .. } => bytes.push(Some(byte)),
            SymbolKind::EndOfBlock { .. } => {}
            SymbolKind::Match(copy) => {
                for _ in 0..copy.length {
                    let from = bytes.len().checked_sub(copy.distance.into());
                    bytes.push(from.and_then(|from| bytes.get(from).copied().flatten()));
                }
            }
        }
    }
    let mut holes: Vec<(u64, u64)> = Vec::new();
    for (index, _) in bytes.iter().enumerate().filter(|(_, byte)| byte.is_none()) {
        let index = index as u64;
        match holes.last_mut() {
            Some((start, len)) if *start + *len == index => *len += 1,
            _ => holes.push((index, 1)),
        }
    }
    let bytes = bytes.into_iter().map(Option::unwrap_or_default);
    (bytes.collect(), holes)
}
