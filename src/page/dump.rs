//! Bytes in hexadecimal.
//!
//! Job: rows of bytes with their offsets, the unknown ones shaded, as characters too where that is
//! wanted. Input: bytes and their holes. Output: [`Line`]s.

use std::fmt::{self, Write};

use super::escape::HOLE;
use super::line::{Kind, Line};
use crate::event::in_holes;

/// What is dumped, and how.
#[derive(Debug, Clone, Copy)]
pub struct Dump<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// Which of them are not known: start and length, in order.
    pub holes: &'a [(u64, u64)],
    /// Bytes in a row.
    pub row: usize,
    /// Offsets in hexadecimal with so many digits; otherwise in decimal, in as many columns.
    pub hex: bool,
    /// Columns of the offset.
    pub digits: usize,
    /// The bytes follow as characters.
    pub text: bool,
    /// The offset of the first byte.
    pub from: usize,
}

impl<'a> Dump<'a> {
    /// As tools show it: sixteen in a row, with the characters.
    pub fn new(bytes: &'a [u8], holes: &'a [(u64, u64)]) -> Self {
        Self {
            bytes,
            holes,
            row: 16,
            hex: true,
            digits: 8,
            text: true,
            from: 0,
        }
    }

    /// The rows; `kind` says what a known byte is.
    pub fn rows(&self, kind: impl Fn(usize) -> Kind) -> impl Iterator<Item = Line> {
        let row = self.row.max(1);
        let rows = self.bytes.chunks(row).enumerate();
        rows.map(move |(index, chunk)| self.one(index * row, chunk, &kind))
    }

    fn one(&self, start: usize, chunk: &[u8], kind: &impl Fn(usize) -> Kind) -> Line {
        let (mut line, mut text) = (Runs::default(), Runs::default());
        let digits = self.digits;
        let offset = self.from + start;
        let place = if self.hex {
            format!("{offset:0digits$x} ")
        } else {
            format!("{offset:>digits$} ")
        };
        line.put(Kind::Note, format_args!("{place}"));
        for column in 0..self.row {
            let at = start + column;
            let gap = if column == 8 && self.text { "  " } else { " " };
            match chunk.get(column) {
                Some(_) if in_holes(self.holes, at as u64) => {
                    // The cursor is seen on what is not known, too.
                    let kind = match kind(at) {
                        Kind::Chosen => Kind::Chosen,
                        _ => Kind::Hole,
                    };
                    line.put(Kind::Plain, format_args!("{gap}"));
                    line.put(kind, format_args!("{HOLE}{HOLE}"));
                    text.put(kind, format_args!("{HOLE}"));
                }
                Some(byte) => {
                    line.put(Kind::Plain, format_args!("{gap}"));
                    line.put(kind(at), format_args!("{byte:02x}"));
                    match byte {
                        b' '..=b'~' => text.put(Kind::Text, format_args!("{}", char::from(*byte))),
                        _ => text.put(Kind::Note, format_args!(".")),
                    }
                }
                None => line.put(Kind::Plain, format_args!("{gap}  ")),
            }
        }
        let line = line.line();
        if self.text {
            line.plain("  |").then(text.line()).plain("|")
        } else {
            line.trimmed()
        }
    }
}

/// A line of many small parts, most of which are like the one before.
#[derive(Default)]
struct Runs {
    line: Line,
    run: String,
    kind: Kind,
}

impl Runs {
    fn put(&mut self, kind: Kind, text: fmt::Arguments<'_>) {
        if kind != self.kind {
            self.line.put(self.kind, &self.run);
            self.run.clear();
            self.kind = kind;
        }
        let _ = self.run.write_fmt(text);
    }

    fn line(mut self) -> Line {
        self.line.put(self.kind, &self.run);
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_has_offset_bytes_and_text() {
        let holes = [(1, 2), (18, 2)];
        let dump = Dump::new(b"0123456789abcdef\x00z\0\0!", &holes);
        let lines: Vec<_> = dump.rows(|_| Kind::Plain).map(|line| line.text()).collect();
        assert_eq!(
            lines,
            [
                "00000000  30 ░░ ░░ 33 34 35 36 37  38 39 61 62 63 64 65 66  |0░░3456789abcdef|",
                "00000010  00 7a ░░ ░░ 21                                    |.z░░!|",
            ]
        );
        let plain = Dump {
            row: 8,
            hex: false,
            digits: 3,
            text: false,
            ..dump
        };
        let lines: Vec<_> = plain
            .rows(|_| Kind::Plain)
            .map(|line| line.text())
            .collect();
        assert_eq!(lines[1], "  8  38 39 61 62 63 64 65 66");
    }
}
