//! JSON in which strings are as safe to look at as text is.
//!
//! Job: escape what JSON must, and what [`Sieve`] holds back, as `\u`. Input: texts. Output: JSON strings.
//! RFC 8259 §7.

use std::fmt::{self, Display};
use std::io::{self, Write};

use super::buffer::Buffer;
use crate::page::escape::{Sieve, are_plain};

/// Bytes of a text that are looked at one by one where some are none that ASCII can show.
const STRETCH: usize = 32;

/// Writes `text` as a string.
///
/// # Errors
///
/// Those of the output.
#[inline]
pub(super) fn string<W: Write>(out: &mut Buffer<'_, W>, text: &str) -> io::Result<()> {
    out.put(b"\"")?;
    Escaped::default().text(out, text)?;
    out.put(b"\"")
}

/// Writes what `value` displays as a string, piece by piece as they come.
///
/// # Errors
///
/// Those of the output.
pub(super) fn displayed<W: Write, T: ?Sized + Display>(
    out: &mut Buffer<'_, W>,
    value: &T,
) -> io::Result<()> {
    out.put(b"\"")?;
    let mut pieces = Pieces {
        out,
        escaped: Escaped::default(),
        failed: None,
    };
    let shown = fmt::write(&mut pieces, format_args!("{value}"));
    match (shown, pieces.failed) {
        (Ok(()), _) => out.put(b"\""),
        (Err(_), Some(error)) => Err(error),
        (Err(error), None) => Err(io::Error::other(error)),
    }
}

struct Pieces<'b, 'a, W> {
    out: &'b mut Buffer<'a, W>,
    escaped: Escaped,
    failed: Option<io::Error>,
}

impl<W: Write> fmt::Write for Pieces<'_, '_, W> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        self.escaped.text(self.out, piece).map_err(|error| {
            self.failed = Some(error);
            fmt::Error
        })
    }
}

/// The inside of a string, as far as it is written.
#[derive(Default)]
struct Escaped(Sieve);

impl Escaped {
    /// Writes the next part of the text.
    fn text<W: Write>(&mut self, out: &mut Buffer<'_, W>, mut text: &str) -> io::Result<()> {
        loop {
            let plain = self.plain(out, text.as_bytes())?;
            text = text.get(plain..).unwrap_or_default();
            if text.is_empty() {
                return Ok(());
            }
            let mut end = STRETCH.min(text.len());
            while !text.is_char_boundary(end) {
                end += 1;
            }
            let (stretch, later) = text.split_at(end);
            self.characters(out, stretch)?;
            text = later;
        }
    }

    /// Writes the characters that ASCII shows up to the eight with the first other one. How many they
    /// are.
    #[inline]
    fn plain<W: Write>(&mut self, out: &mut Buffer<'_, W>, text: &[u8]) -> io::Result<usize> {
        let mut at = 0;
        while let Some((eight, have)) = eight(text, at) {
            if !are_plain(eight) {
                break;
            }
            let Some(place) = out.place::<16>()? else {
                break;
            };
            // Each space after the text took one byte.
            let len = escape(eight, place) + have - 8;
            out.add(len);
            at += have;
        }
        if let Some(last) = at.checked_sub(1).and_then(|last| text.get(last)) {
            self.0 = if is_escaped(*last) {
                Sieve::default()
            } else {
                Sieve::after_plain()
            };
        }
        Ok(at)
    }

    /// Writes characters of which some may be none that ASCII can show.
    fn characters<W: Write>(&mut self, out: &mut Buffer<'_, W>, text: &str) -> io::Result<()> {
        let mut shown = 0;
        for (at, character) in text.char_indices() {
            // RFC 8259 §7: these must be escaped, and some have a short form.
            let short = match character {
                '"' | '\\' => Some(character),
                '\u{8}' => Some('b'),
                '\u{c}' => Some('f'),
                '\n' => Some('n'),
                '\r' => Some('r'),
                '\t' => Some('t'),
                _ => None,
            };
            if short.is_some() {
                self.0 = Sieve::default();
            } else if self.0.passes(character) {
                continue;
            }
            out.put(text.get(shown..at).unwrap_or_default().as_bytes())?;
            match short {
                Some(short) => write!(out, "\\{short}")?,
                None => {
                    for unit in character.encode_utf16(&mut [0; 2]) {
                        write!(out, "\\u{unit:04x}")?;
                    }
                }
            }
            shown = at + character.len_utf8();
        }
        out.put(text.get(shown..).unwrap_or_default().as_bytes())
    }
}

/// The eight bytes from `at` on, and how many they are; spaces follow where there are fewer.
#[inline]
fn eight(text: &[u8], at: usize) -> Option<([u8; 8], usize)> {
    let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
    if let Some(eight) = rest.first_chunk() {
        return Some((*eight, 8));
    }
    let mut eight = [b' '; 8];
    for (place, byte) in eight.iter_mut().zip(rest) {
        *place = *byte;
    }
    Some((eight, rest.len()))
}

/// Which characters that ASCII shows have a backslash before them. RFC 8259 §7.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const ESCAPED: [bool; 256] = {
    let mut escaped = [false; 256];
    escaped[b'"' as usize] = true;
    escaped[b'\\' as usize] = true;
    escaped
};

#[inline]
#[expect(clippy::indexing_slicing, reason = "each byte has its place")]
fn is_escaped(byte: u8) -> bool {
    ESCAPED[usize::from(byte)]
}

/// Writes such characters to `place`. How many bytes they take.
///
/// The backslash is written each time, as a processor cannot guess where one is wanted. Texts without
/// any would take less time if they were looked for first; those of JSON take more then.
#[inline]
fn escape(eight: [u8; 8], place: &mut [u8; 16]) -> usize {
    let mut len = 0;
    for byte in eight {
        for (byte, stays) in [(b'\\', is_escaped(byte)), (byte, true)] {
            if let Some(place) = place.get_mut(len % 16) {
                *place = byte;
            }
            len += usize::from(stays);
        }
    }
    len
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    /// Displays one character after the other.
    struct Characters<'a>(&'a str);

    impl Display for Characters<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let mut characters = self.0.chars();
            characters.try_for_each(|character| write!(f, "{character}"))
        }
    }

    /// What is written of a text in one piece, and of one character after the other.
    fn written(text: &str) -> (String, String) {
        let (mut whole, mut pieces) = (Vec::new(), Vec::new());
        let mut out = Buffer::new(&mut whole);
        string(&mut out, text).and_then(|()| out.flush()).unwrap();
        let mut out = Buffer::new(&mut pieces);
        let displayed = displayed(&mut out, &Characters(text));
        displayed.and_then(|()| out.flush()).unwrap();
        let read: String = serde_json::from_slice(&whole).unwrap();
        assert_eq!(read, text);
        (
            String::from_utf8(whole).unwrap(),
            String::from_utf8(pieces).unwrap(),
        )
    }

    #[test]
    fn stretches_end_anywhere() {
        let texts = [
            String::new(),
            r#"{"a":"b\c"}"#.repeat(100),
            "\"".repeat(700),
            format!("{}ä\u{301}\u{301}\u{301}\u{301}", "x".repeat(31)),
            format!("{}\"\u{301}", "x".repeat(31)),
            format!("{}\u{301}", "x".repeat(32)),
            "\u{0}\u{1b}[2J\t\r\n\u{8}\u{c}\u{7f}\u{202e}".to_owned(),
        ];
        for text in texts {
            let (whole, pieces) = written(&text);
            assert_eq!(whole, pieces);
        }
    }

    #[test]
    fn what_acts_or_hides_is_escaped() {
        let (whole, _) = written("\u{0}\u{1b}[2J\t\r\n\u{8}\u{c}\u{7f}\u{202e}\u{e0041}a\u{301}é");
        let expected = r#""\u0000\u001b[2J\t\r\n\b\f\u007f\u202e\udb40\udc41"#;
        assert_eq!(whole, format!("{expected}a\u{301}é\""));
    }

    proptest! {
        #[test]
        fn a_whole_text_is_written_like_its_pieces(
            text in r#"([ -~]{0,70}|["\\\\]{1,40}|[\x00-\x1f\x7f\u{301}\u{202e}]{1,6}|[äß€😀e]{1,40}|.{0,9}){0,8}"#
        ) {
            let (whole, pieces) = written(&text);
            prop_assert_eq!(whole, pieces);
        }
    }
}
