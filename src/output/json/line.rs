//! One object as one line.
//!
//! Job: write JSON that is as safe to look at as text is. Input: values. Output: bytes.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter};

use crate::page::escape::Sieve;

/// Adds `value` as one line to an output that cannot fail.
pub fn line(value: &impl Serialize, out: &mut impl Write) {
    let mut serializer = Serializer::with_formatter(&mut *out, Escaped::default());
    let written = value.serialize(&mut serializer);
    debug_assert!(written.is_ok(), "{written:?}");
    let _ = out.write_all(b"\n");
}

/// JSON in which strings are as safe to look at as text is: what [`Sieve`] holds back is `\u`.
#[derive(Default)]
struct Escaped(Sieve);

impl Formatter for Escaped {
    fn begin_string<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0 = Sieve::default();
        out.write_all(b"\"")
    }

    fn write_char_escape<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        self.0 = Sieve::default();
        CompactFormatter.write_char_escape(out, escape)
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if fragment.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            self.0.passes(' ');
            return out.write_all(fragment.as_bytes());
        }
        let mut shown = 0;
        for (at, character) in fragment.char_indices() {
            if !self.0.passes(character) {
                out.write_all(fragment.get(shown..at).unwrap_or_default().as_bytes())?;
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
                shown = at + character.len_utf8();
            }
        }
        out.write_all(fragment.get(shown..).unwrap_or_default().as_bytes())
    }
}
