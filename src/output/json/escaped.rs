//! JSON in which strings are as safe to look at as text is.
//!
//! Job: escape what JSON must, and what [`Sieve`] holds back, as `\u`. Input: values on their way through
//! `serde_json`. Output: bytes. RFC 8259 §7.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serializer;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter};

use crate::page::escape::Sieve;

/// Bytes of a long text that are looked at together.
const STRETCH: usize = 32;

/// How values are written.
#[derive(Default)]
pub(super) struct Escaped(Sieve);

/// Hands a text on in one piece, which [`Escaped`] writes as a string: JSON has no bytes. Strings come to
/// it in the pieces between characters that JSON escapes, and JSON within JSON has many of those.
///
/// # Errors
///
/// Those of the serializer.
#[expect(clippy::ref_option, reason = "so fields come from serde")]
pub(super) fn text<S: Serializer>(
    text: &Option<Cow<'_, str>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match text {
        Some(text) => serializer.serialize_bytes(text.as_ref().as_bytes()),
        None => serializer.serialize_none(),
    }
}

impl Escaped {
    /// Writes characters of which some may be none that ASCII can show.
    fn characters<W: ?Sized + Write>(&mut self, out: &mut W, text: &str) -> io::Result<()> {
        let mut shown = 0;
        for (at, character) in text.char_indices() {
            let escape = match character {
                '"' => Some(CharEscape::Quote),
                '\\' => Some(CharEscape::ReverseSolidus),
                '\u{8}' => Some(CharEscape::Backspace),
                '\u{c}' => Some(CharEscape::FormFeed),
                '\n' => Some(CharEscape::LineFeed),
                '\r' => Some(CharEscape::CarriageReturn),
                '\t' => Some(CharEscape::Tab),
                '\0'..='\u{1f}' => u8::try_from(character).ok().map(CharEscape::AsciiControl),
                _ => None,
            };
            if let Some(escape) = escape {
                self.fragment(out, text.get(shown..at))?;
                self.write_char_escape(out, escape)?;
                shown = at + character.len_utf8();
            }
        }
        self.fragment(out, text.get(shown..))
    }

    /// Writes what lies between two characters that JSON escapes, where there is something.
    fn fragment<W: ?Sized + Write>(&mut self, out: &mut W, part: Option<&str>) -> io::Result<()> {
        match part {
            None | Some("") => Ok(()),
            Some(part) => self.write_string_fragment(out, part),
        }
    }
}

/// Whether ASCII shows all of these characters.
#[inline]
fn is_plain(bytes: &[u8]) -> bool {
    let plain = |plain, byte: &u8| plain & matches!(byte, b' '..=b'~');
    let (eights, rest) = bytes.as_chunks::<8>();
    let plain_eight = |eight: &[u8; 8]| eight.iter().fold(true, plain);
    // Eight bytes take one step, wherever they begin.
    let rest = match bytes.last_chunk() {
        Some(last) => plain_eight(last),
        None => rest.iter().fold(true, plain),
    };
    rest && eights.iter().all(plain_eight)
}

/// Escapes characters that ASCII shows: a backslash goes before a quotation mark or a backslash.
/// Whether the last one was escaped, and how many bytes there are now.
#[inline]
fn escape(stretch: &[u8], escaped: &mut [u8; 2 * STRETCH]) -> (bool, usize) {
    let (mut len, mut last) = (0, false);
    for byte in stretch {
        last = matches!(byte, b'"' | b'\\');
        // The backslash is written each time, as a processor cannot guess where one is wanted.
        if let Some(at) = escaped.get_mut(len % (2 * STRETCH)) {
            *at = b'\\';
        }
        len += usize::from(last);
        if let Some(at) = escaped.get_mut(len % (2 * STRETCH)) {
            *at = *byte;
        }
        len += 1;
    }
    (last, len)
}

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
        if is_plain(fragment.as_bytes()) {
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

    /// A [text] in one piece.
    fn write_byte_array<W: ?Sized + Write>(&mut self, out: &mut W, bytes: &[u8]) -> io::Result<()> {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return CompactFormatter.write_byte_array(out, bytes);
        };
        self.begin_string(out)?;
        let mut escaped = [0; 2 * STRETCH];
        let mut rest = text;
        while !rest.is_empty() {
            let mut end = STRETCH.min(rest.len());
            while !rest.is_char_boundary(end) {
                end += 1;
            }
            let (stretch, later) = rest.split_at(end);
            if is_plain(stretch.as_bytes()) {
                let (last, len) = escape(stretch.as_bytes(), &mut escaped);
                out.write_all(escaped.get(..len).unwrap_or_default())?;
                self.0 = Sieve::default();
                if !last {
                    self.0.passes(' ');
                }
            } else {
                self.characters(out, stretch)?;
            }
            rest = later;
        }
        CompactFormatter.end_string(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;
    use serde::Serialize;
    use serde_json::Serializer;

    #[derive(Serialize)]
    struct Both<'a> {
        #[serde(serialize_with = "text")]
        whole: Option<Cow<'a, str>>,
        pieces: &'a str,
    }

    /// What is written of a text in one piece, and in the pieces that come as a rule.
    fn written(text: &str) -> (String, String) {
        let both = Both {
            whole: Some(text.into()),
            pieces: text,
        };
        let mut out = Vec::new();
        both.serialize(&mut Serializer::with_formatter(
            &mut out,
            Escaped::default(),
        ))
        .unwrap();
        let out = String::from_utf8(out).unwrap();
        let read: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(
            (&read["whole"], &read["pieces"]),
            (&text.into(), &text.into())
        );
        let inner = out.strip_prefix("{\"whole\":").unwrap();
        let inner = inner.strip_suffix('}').unwrap();
        let (whole, pieces) = inner.split_at((inner.len() - ",\"pieces\":".len()) / 2);
        (
            whole.to_owned(),
            pieces.strip_prefix(",\"pieces\":").unwrap().to_owned(),
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
