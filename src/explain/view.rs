//! Payload bytes, each with what made it.
//!
//! Job: show payload bytes so that no terminal acts on them and holes stand out without colour
//! too, and know which are literals and which are copies. Input: an [`Explanation`]. Output: text.

use std::borrow::Cow;
use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use super::message::{Explanation, Source, in_holes};
use super::rows::count;
use crate::deflate::trace::{Body, SymbolKind};
use crate::event::Status;
use crate::output::escape::{self, HOLE};
use crate::output::style::Style;

/// Columns of payload in a row.
const COLUMNS: usize = 68;

/// What made a byte of a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    /// It was not compressed, or nobody looked.
    Plain,
    /// A literal or a byte of a stored block.
    Literal,
    /// A copy from the same message.
    Copied,
    /// A copy from an earlier message.
    FarCopied,
}

impl Made {
    /// The sign below the byte.
    pub(super) fn sign(self) -> char {
        match self {
            Self::Plain => ' ',
            Self::Literal => '.',
            Self::Copied => '=',
            Self::FarCopied => '<',
        }
    }

    pub(super) fn paint(self, text: &str, style: Style) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Literal => style.literal(text),
            Self::Copied => style.copy(text),
            Self::FarCopied => style.far_copy(text),
        }
    }
}

/// A payload with what made each of its bytes.
#[derive(Debug)]
pub(super) struct View<'a> {
    /// The payload; of one that does not inflate, what came before the fault.
    pub(super) bytes: Cow<'a, [u8]>,
    pub(super) holes: Cow<'a, [(u64, u64)]>,
    pub(super) made: Vec<Made>,
    style: Style,
}

/// What is shown for one character or byte.
struct Cell {
    text: String,
    width: usize,
    /// `None` where it is not known.
    made: Option<Made>,
    bytes: usize,
}

impl<'a> View<'a> {
    pub(super) fn new(explanation: &'a Explanation, style: Style) -> Self {
        let (bytes, holes) = if matches!(explanation.status, Status::Lost(_)) {
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
            style,
        }
    }

    fn knows(&self, index: u64) -> bool {
        index < self.bytes.len() as u64 && !in_holes(&self.holes, index)
    }

    /// The payload bytes `start` to `end` between quotes, in `width` columns.
    pub(super) fn quoted(&self, start: u64, end: u64, width: usize) -> String {
        let (mut out, mut used, mut at) = (String::new(), 2, start);
        let mut cells = Vec::new();
        while at < end {
            let cell = self.cell(at, end);
            at += cell.bytes as u64;
            used += cell.width;
            cells.push(cell);
            if used > width {
                break;
            }
        }
        let cut = used > width;
        while used + usize::from(cut) > width
            && let Some(cell) = cells.pop()
        {
            used -= cell.width;
        }
        out.push('\'');
        for cell in &cells {
            out.push_str(&self.paint(cell));
        }
        out.push('\'');
        if cut {
            out.push('…');
        }
        out
    }

    fn paint(&self, cell: &Cell) -> String {
        match cell.made {
            None => self.style.hole(&cell.text),
            Some(made) => made.paint(&cell.text, self.style),
        }
    }

    /// The character or byte at `at`, of which nothing from `end` on is looked at.
    fn cell(&self, at: u64, end: u64) -> Cell {
        let index = usize::try_from(at).unwrap_or(usize::MAX);
        let known = self.knows(at);
        let Some(byte) = self.bytes.get(index).filter(|_| known) else {
            return Cell {
                text: HOLE.to_string(),
                width: 1,
                made: None,
                bytes: 1,
            };
        };
        let made = self.made.get(index).copied().unwrap_or(Made::Plain);
        let mut text = String::new();
        let mut bytes = 1;
        match self.character(at, end) {
            Some(HOLE) => {
                let _ = write!(text, "\\u{{{:x}}}", u32::from(HOLE));
                bytes = HOLE.len_utf8();
            }
            Some(character) => {
                let mut buffer = [0; 4];
                escape::text(character.encode_utf8(&mut buffer), usize::MAX, &mut text);
                bytes = character.len_utf8();
            }
            None => {
                let _ = write!(text, "\\x{byte:02x}");
            }
        }
        Cell {
            width: text.width(),
            text,
            made: Some(made),
            bytes,
        }
    }

    /// The byte at `at` in hexadecimal.
    fn digits(&self, at: u64) -> Cell {
        let index = usize::try_from(at).unwrap_or(usize::MAX);
        let byte = self.bytes.get(index).filter(|_| self.knows(at));
        let (text, made) = match byte {
            Some(byte) => (format!("{byte:02x} "), self.made.get(index).copied()),
            None => (format!("{HOLE}{HOLE} "), None),
        };
        Cell {
            width: 3,
            text,
            made,
            bytes: 1,
        }
    }

    fn character(&self, at: u64, end: u64) -> Option<char> {
        let index = usize::try_from(at).ok()?;
        let most = usize::try_from(end - at).unwrap_or(4).min(4);
        let bytes = self.bytes.get(index..)?;
        (1..=most).find_map(|len| {
            let text = std::str::from_utf8(bytes.get(..len)?).ok()?;
            let known = (at..at + len as u64).all(|place| self.knows(place));
            text.chars().next().filter(|_| known)
        })
    }

    /// The payload in rows, each with a row of signs below it where it was compressed.
    pub(super) fn rows(&self, most: usize, binary: bool, out: &mut String) {
        let end = self.bytes.len() as u64;
        let signs = self.made.iter().any(|made| *made != Made::Plain);
        let (mut at, mut shown) = (0, 0);
        while at < end && shown < most {
            let start = at;
            let (mut line, mut below, mut used) = (String::new(), String::new(), 0);
            while at < end {
                let cell = if binary {
                    self.digits(at)
                } else {
                    self.cell(at, end)
                };
                let columns = if binary { 16 * 3 } else { COLUMNS };
                if used + cell.width > columns {
                    break;
                }
                used += cell.width;
                at += cell.bytes as u64;
                line.push_str(&self.paint(&cell));
                let sign = cell.made.map_or('?', Made::sign);
                below.extend(std::iter::repeat_n(sign, cell.width));
            }
            let _ = writeln!(
                out,
                "{:>9}  {line}",
                self.style.dim(format_args!("{start:>9}"))
            );
            if signs || below.contains('?') {
                let below = below.trim_end();
                let _ = writeln!(out, "           {}", self.style.dim(below));
            }
            shown += 1;
        }
        if at < end {
            let rest = count(end - at, "more byte");
            let _ = writeln!(out, "           … {rest} (--all)");
        }
    }
}

/// What made each kept byte of the payload.
fn made(explanation: &Explanation, len: usize) -> Vec<Made> {
    let mut all = vec![Made::Plain; len];
    for deflated in &explanation.deflated {
        let Some(base) = deflated.base else { continue };
        let mut set = |start: u64, len: u64, made: Made| {
            let start = usize::try_from(base + start).unwrap_or(usize::MAX);
            let len = usize::try_from(len).unwrap_or(usize::MAX);
            all.iter_mut()
                .skip(start)
                .take(len)
                .for_each(|one| *one = made);
        };
        for block in &deflated.trace.blocks {
            if let Body::Stored(_) = block.body {
                set(block.makes.start, block.makes.len(), Made::Literal);
            }
            for symbol in &block.symbols {
                match symbol.kind {
                    SymbolKind::Literal { .. } => set(symbol.output, 1, Made::Literal),
                    SymbolKind::EndOfBlock { .. } => {}
                    SymbolKind::Match(_) => {
                        let mut at = symbol.output;
                        for stretch in deflated.sources(symbol) {
                            let own = stretch.source == Source::Message(explanation.number);
                            let made = if own { Made::Copied } else { Made::FarCopied };
                            set(at, stretch.len, made);
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
