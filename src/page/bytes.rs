//! Payload bytes as text.
//!
//! Job: show bytes so that no terminal acts on them and holes stand out without colour too; a
//! character's bytes stay together, and what is no character is shown as a byte. Input: bytes,
//! their holes, and what each is. Output: [`Span`]s.

use std::fmt::Display;
use std::ops::Range;

use super::escape::HOLE;
use super::line::{Kind, Line, Span};
use crate::event::in_holes;

/// Bytes, zeros in their holes.
#[derive(Debug, Clone, Copy)]
pub struct Bytes<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// Which of them are not known: start and length, in order.
    pub holes: &'a [(u64, u64)],
}

impl Bytes<'_> {
    /// How many there are.
    pub fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The byte at `at`, where it is known.
    pub fn known(&self, at: u64) -> Option<u8> {
        let index = usize::try_from(at).ok()?;
        let byte = self.bytes.get(index).copied();
        byte.filter(|_| !in_holes(self.holes, at))
    }

    /// The character or byte at `at`, and how many bytes that is; nothing from `end` on is looked
    /// at.
    pub fn cell(&self, at: u64, end: u64, kind: Kind) -> (Span, u64) {
        let Some(byte) = self.known(at) else {
            return (Span::new(Kind::Hole, HOLE.to_string()), 1);
        };
        match self.character(at, end) {
            // What is shown for a byte that is not known must not stand for one that is.
            Some(HOLE) => (
                Span::new(kind, format!("\\u{{{:x}}}", u32::from(HOLE))),
                HOLE.len_utf8() as u64,
            ),
            Some(character) => (
                Span::new(kind, character.encode_utf8(&mut [0; 4])),
                character.len_utf8() as u64,
            ),
            None => (Span::new(kind, format!("\\x{byte:02x}")), 1),
        }
    }

    fn character(&self, at: u64, end: u64) -> Option<char> {
        let index = usize::try_from(at).ok()?;
        let most = usize::try_from(end - at).unwrap_or(4).min(4);
        let bytes = self.bytes.get(index..)?;
        (1..=most).find_map(|len| {
            let text = std::str::from_utf8(bytes.get(..len)?).ok()?;
            let known = (at..at + len as u64).all(|place| self.known(place).is_some());
            text.chars().next().filter(|_| known)
        })
    }

    /// The bytes of a range, each of a kind.
    pub fn line(&self, range: Range<u64>, kind: impl Fn(u64) -> Kind) -> Line {
        let mut line = Line::new();
        let end = range.end.min(self.len());
        let mut at = range.start;
        while at < end {
            let (span, bytes) = self.cell(at, end, kind(at));
            line.push(span);
            at += bytes;
        }
        line
    }

    /// Text with its own line breaks, of one kind; a hole stands as its sign and its length.
    ///
    /// What is no character stands as a byte. Not more than `most` bytes are looked at.
    pub fn text(&self, kind: Kind, most: usize) -> Vec<Line> {
        let (mut lines, mut line) = (Vec::new(), Line::new());
        let end = self.bytes.len().min(most);
        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(end);
        let mut at = 0;
        for (start, len) in self.holes {
            self.lines(at..place(*start), kind, (&mut line, &mut lines));
            if place(*start) == end {
                at = end;
                break;
            }
            line.push(hole(*len));
            at = place(start.saturating_add(*len));
        }
        self.lines(at..end, kind, (&mut line, &mut lines));
        lines.push(line);
        lines
    }

    fn lines(&self, range: Range<usize>, kind: Kind, (line, lines): (&mut Line, &mut Vec<Line>)) {
        let bytes = self.bytes.get(range).unwrap_or_default();
        for chunk in bytes.utf8_chunks() {
            for (at, text) in chunk.valid().split('\n').enumerate() {
                if at > 0 {
                    lines.push(std::mem::take(line));
                }
                let text = text
                    .strip_suffix('\r')
                    .unwrap_or(text)
                    .replace('\t', "    ");
                // What stands for a byte that is not known must not stand for one that is.
                let text = text.replace(HOLE, &format!("\\u{{{:x}}}", u32::from(HOLE)));
                line.put(kind, text);
            }
            for byte in chunk.invalid() {
                line.put(kind, format!("\\x{byte:02x}"));
            }
        }
    }

    /// The same between quotes, in `width` columns; where that cuts it, it ends in `…`.
    pub fn quoted(&self, range: Range<u64>, width: usize, kind: impl Fn(u64) -> Kind) -> Line {
        let (mut used, mut at) = (2, range.start);
        let mut spans = Vec::new();
        while at < range.end && used <= width {
            let (span, bytes) = self.cell(at, range.end, kind(at));
            used += span.width();
            at += bytes;
            spans.push(span);
        }
        let cut = used > width;
        while used + usize::from(cut) > width
            && let Some(span) = spans.pop()
        {
            used -= span.width();
        }
        let mut line = Line::new().plain("'");
        for span in spans {
            line.push(span);
        }
        line.plain(if cut { "'…" } else { "'" })
    }
}

/// So many bytes that are not known.
pub fn hole(len: impl Display) -> Span {
    Span::new(Kind::Hole, format!("[{HOLE}{len}]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_keeps_its_lines_and_names_its_holes() {
        let bytes = "a\r\nb\tc\0\0\0░\u{ff}".as_bytes();
        let shown = |holes: &[_], most| {
            let lines = Bytes { bytes, holes }.text(Kind::Plain, most);
            lines.iter().map(Line::text).collect::<Vec<_>>()
        };
        assert_eq!(shown(&[(6, 3)], 99), ["a", "b    c[░3]\\u{2591}ÿ"]);
        assert_eq!(shown(&[(6, 3)], 6), ["a", "b    c"]);
        assert_eq!(
            shown(&[(0, 4), (12, 9)], 13),
            ["[░4]    c\\x00\\x00\\x00\\u{2591}[░9]"]
        );
    }
}
