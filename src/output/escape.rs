//! Payloads made safe for a terminal, and cut to its width.
//!
//! Job: no control character, escape sequence or bidirectional mark gets through.
//! Input: text or bytes. Output: printable text.

use std::fmt::Write;

use unicode_width::UnicodeWidthChar;

/// Appends `text` with everything a terminal could act on escaped, at most `width` columns.
///
/// Returns whether all of it fitted; otherwise it ends in `…`.
pub fn text(text: &str, width: usize, out: &mut String) -> bool {
    let mut used = 0;
    // Where the output is cut if it does not all fit: the last place with a column to spare.
    let mut cut = out.len();
    for character in text.chars() {
        if used < width {
            cut = out.len();
        }
        used += one(character, out);
        if used > width {
            out.truncate(cut);
            if width > 0 {
                out.push('…');
            }
            return false;
        }
    }
    true
}

/// Appends one character, escaped where needed; returns its columns.
fn one(character: char, out: &mut String) -> usize {
    match character {
        '\n' => escaped("\\n", out),
        '\r' => escaped("\\r", out),
        '\t' => escaped("\\t", out),
        ' '..='~' => {
            out.push(character);
            1
        }
        _ if hidden(character) => {
            let start = out.len();
            let code = u32::from(character);
            let _ = if code < 0x100 {
                write!(out, "\\x{code:02x}")
            } else {
                write!(out, "\\u{{{code:x}}}")
            };
            out.len() - start
        }
        _ => {
            out.push(character);
            character.width().unwrap_or(0)
        }
    }
}

fn escaped(text: &str, out: &mut String) -> usize {
    out.push_str(text);
    text.len()
}

/// Characters that act on a terminal or on the order of what is around them.
fn hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Appends `bytes` as pairs of hexadecimal digits, at most `width` columns.
pub fn hex(bytes: &[u8], width: usize, out: &mut String) -> bool {
    let fits = bytes.len().saturating_mul(3).saturating_sub(1) <= width;
    let shown = if fits {
        bytes.len()
    } else {
        width.saturating_sub(1) / 3
    };
    for (index, byte) in bytes.iter().take(shown).enumerate() {
        let gap = if index == 0 { "" } else { " " };
        let _ = write!(out, "{gap}{byte:02x}");
    }
    if !fits && width > 0 {
        out.push('…');
    }
    fits
}

/// Appends a dump of `bytes`: offset, sixteen bytes, the printable ones as text.
pub fn hex_dump(bytes: &[u8], indent: &str, out: &mut String) {
    for (row, line) in bytes.chunks(16).enumerate() {
        let _ = write!(out, "{indent}{:08x} ", row * 16);
        for column in 0..16 {
            let gap = if column == 8 { "  " } else { " " };
            let _ = match line.get(column) {
                Some(byte) => write!(out, "{gap}{byte:02x}"),
                None => write!(out, "{gap}  "),
            };
        }
        out.push_str("  |");
        out.extend(line.iter().map(|byte| match byte {
            b' '..=b'~' => char::from(*byte),
            _ => '.',
        }));
        out.push_str("|\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(input: &str, width: usize) -> String {
        let mut out = String::new();
        text(input, width, &mut out);
        out
    }

    #[test]
    fn nothing_that_acts_gets_through() {
        let all: String = (0..0x1_1000).filter_map(char::from_u32).collect();
        let out = shown(&all, usize::MAX);
        assert!(!out.chars().any(hidden));
        assert_eq!(
            shown("\u{1b}[2J\u{202e}\u{9b}\r\n", 99),
            "\\x1b[2J\\u{202e}\\x9b\\r\\n"
        );
    }

    #[test]
    fn width_is_kept() {
        assert_eq!(shown("hello", 5), "hello");
        assert_eq!(shown("hello", 4), "hel…");
        assert_eq!(shown("hello", 1), "…");
        assert_eq!(shown("hello", 0), "");
        assert_eq!(shown("日本語", 5), "日本…");
        assert_eq!(shown("日本語", 4), "日…");
        assert_eq!(shown("a\n\n", 4), "a\\n…");
    }

    #[test]
    fn bytes() {
        let mut out = String::new();
        assert!(hex(&[1, 0xff], 5, &mut out));
        assert_eq!(out, "01 ff");
        out.clear();
        assert!(!hex(&[1, 2, 3], 7, &mut out));
        assert_eq!(out, "01 02…");
    }

    #[test]
    fn a_dump_has_offset_bytes_and_text() {
        let mut out = String::new();
        hex_dump(b"0123456789abcdef\x00z", "", &mut out);
        assert_eq!(
            out,
            "00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|\n\
             00000010  00 7a                                             |.z|\n"
        );
    }
}
