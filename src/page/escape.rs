//! Payloads made safe for a terminal, and cut to its width.
//!
//! Job: no control character, escape sequence, bidirectional or invisible mark gets through, and no
//! run of combining marks. Input: text or bytes. Output: printable text.

use std::fmt::Write;

use unicode_width::UnicodeWidthChar;

/// Appends `text` with everything a terminal could act on escaped, at most `width` columns.
///
/// Returns the columns used where all of it fitted; otherwise it ends in `…`.
pub fn text(text: &str, width: usize, out: &mut String) -> Option<usize> {
    let mut used = 0;
    let mut sieve = Sieve::default();
    // Where the output is cut if it does not all fit: the last place with a column to spare.
    let mut cut = out.len();
    let mut rest = text;
    loop {
        // Most of it is shown as it is.
        let room = rest.bytes().take(width - used);
        let fits = room.take_while(|byte| matches!(byte, b' '..=b'~')).count();
        let (run, more) = rest.split_at_checked(fits).unwrap_or_default();
        if !run.is_empty() {
            sieve.pass_plain();
            out.push_str(run);
            used += fits;
            if used == width {
                cut = out.len() - 1;
            }
        }
        let mut characters = more.chars();
        let Some(character) = characters.next() else {
            return Some(used);
        };
        if used < width {
            cut = out.len();
        }
        used += one(character, &mut sieve, out);
        if used > width {
            out.truncate(cut);
            if width > 0 {
                out.push('…');
            }
            return None;
        }
        rest = characters.as_str();
    }
}

/// All of `text`, escaped.
pub fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    self::text(text, usize::MAX, &mut out);
    out
}

/// `text` escaped and cut to `width` columns.
pub fn fitted(text: &str, width: usize) -> String {
    let mut out = String::new();
    self::text(text, width, &mut out);
    out
}

/// The same for a part of a text that may begin and end inside characters: bytes that are no
/// UTF-8 stand as `\xff`.
pub fn part_of_text(bytes: &[u8], width: usize, out: &mut String) -> Option<usize> {
    let mut used = 0;
    for chunk in bytes.utf8_chunks() {
        used += text(chunk.valid(), width - used, out)?;
        for byte in chunk.invalid() {
            if used + 4 > width {
                if used < width {
                    out.push('…');
                }
                return None;
            }
            let _ = write!(out, "\\x{byte:02x}");
            used += 4;
        }
    }
    Some(used)
}

/// Appends one character, escaped where needed; returns its columns.
fn one(character: char, sieve: &mut Sieve, out: &mut String) -> usize {
    if sieve.passes(character) {
        out.push(character);
        return match character {
            ' '..='~' => 1,
            _ => character.width().unwrap_or(0),
        };
    }
    let start = out.len();
    let code = u32::from(character);
    let _ = match character {
        '\n' => out.write_str("\\n"),
        '\r' => out.write_str("\\r"),
        '\t' => out.write_str("\\t"),
        _ if code < 0x100 => write!(out, "\\x{code:02x}"),
        _ => write!(out, "\\u{{{code:x}}}"),
    };
    out.len() - start
}

/// Combining marks that one character may carry. Letters of living languages have up to three.
const MOST_MARKS: usize = 3;

/// Tells, character after character of one text, which may be shown as they are.
#[derive(Debug)]
pub struct Sieve {
    /// Marks that the last character carries already.
    marks: usize,
}

impl Default for Sieve {
    /// Before a text: what is there is not its own and carries no mark of it.
    fn default() -> Self {
        Self { marks: MOST_MARKS }
    }
}

impl Sieve {
    /// Characters of printable ASCII were shown.
    fn pass_plain(&mut self) {
        self.marks = 0;
    }

    /// Whether the next character may be shown as it is. One that may not is shown as an escape,
    /// which carries no mark either.
    pub fn passes(&mut self, character: char) -> bool {
        if matches!(character, ' '..='~') {
            self.marks = 0;
            return true;
        }
        let passes = if hidden(character) {
            false
        } else if character.width() == Some(0) {
            self.marks += 1;
            self.marks <= MOST_MARKS
        } else {
            self.marks = 0;
            true
        };
        if !passes {
            self.marks = MOST_MARKS;
        }
        passes
    }
}

/// Characters that act on a terminal or on the order of what is around them, or cannot be seen.
fn hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Appends `bytes` as pairs of hexadecimal digits, at most `width` columns. Returns as
/// [`text`] does.
pub fn hex(bytes: &[u8], width: usize, out: &mut String) -> Option<usize> {
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
    fits.then_some((bytes.len() * 3).saturating_sub(1))
}

/// Appends `bytes` as text where they are, or where they are parts of it (`is_text`); as [`hex`]
/// otherwise. Returns as [`text`] does.
pub fn bytes(bytes: &[u8], is_text: bool, width: usize, out: &mut String) -> Option<usize> {
    match std::str::from_utf8(bytes) {
        Ok(whole) => text(whole, width, out),
        Err(_) if is_text => part_of_text(bytes, width, out),
        Err(_) => hex(bytes, width, out),
    }
}

/// What stands for a byte that is not known.
pub const HOLE: char = '░';

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(input: &str, width: usize) -> String {
        fitted(input, width)
    }

    #[test]
    fn nothing_that_acts_gets_through() {
        let all: String = (0..0x11_0000).filter_map(char::from_u32).collect();
        let out = shown(&all, usize::MAX);
        assert!(!out.chars().any(hidden));
        assert_eq!(
            shown("\u{1b}[2J\u{202e}\u{9b}\r\n", 99),
            "\\x1b[2J\\u{202e}\\x9b\\r\\n"
        );
    }

    #[test]
    fn only_a_few_marks_stand_on_one_character() {
        let tower = |count| format!("a{}b", "\u{301}".repeat(count));
        assert_eq!(shown(&tower(3), 99), tower(3));
        let many = shown(&tower(20), 999);
        assert_eq!(many.matches('\u{301}').count(), 3);
        assert_eq!(many.matches("\\u{301}").count(), 17);
        // None on what is not the text's own, nor on an escape.
        assert_eq!(shown("\u{301}", 99), "\\u{301}");
        assert_eq!(shown("a\n\u{301}", 99), "a\\n\\u{301}");
        assert_eq!(shown("שָּׁ", 99), "שָּׁ");
    }

    #[test]
    fn invisible_characters_are_shown() {
        assert_eq!(shown("a\u{200d}b\u{3164}", 99), "a\\u{200d}b\\u{3164}");
        assert_eq!(shown("\u{e0041}\u{7f}", 99), "\\u{e0041}\\x7f");
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
    fn runs_are_as_their_characters() {
        /// One character after the other.
        fn slowly(text: &str, width: usize, out: &mut String) -> Option<usize> {
            let (mut used, mut sieve, mut cut) = (0, Sieve::default(), out.len());
            for character in text.chars() {
                if used < width {
                    cut = out.len();
                }
                used += one(character, &mut sieve, out);
                if used > width {
                    out.truncate(cut);
                    out.push_str(if width > 0 { "…" } else { "" });
                    return None;
                }
            }
            Some(used)
        }
        let alphabet = ['a', '~', '\n', '日', '\u{301}'];
        for number in 0..5_usize.pow(6) {
            let digits = (0..6).map(|place| number / 5_usize.pow(place) % 5);
            let all: String = digits.map(|digit| alphabet[digit]).collect();
            for width in [0, 1, 2, 3, 5, 6, 9, usize::MAX] {
                let (mut fast, mut slow) = ("x".to_owned(), "x".to_owned());
                let used = text(&all, width, &mut fast);
                assert_eq!(used, slowly(&all, width, &mut slow), "{all:?} {width}");
                assert_eq!(fast, slow, "{all:?} {width}");
            }
        }
    }

    #[test]
    fn a_part_of_a_text_may_cut_characters() {
        let mut out = String::new();
        let part = &"日本語"[..].as_bytes()[1..8];
        assert_eq!(part_of_text(part, 99, &mut out), Some(18));
        assert_eq!(out, "\\x97\\xa5本\\xe8\\xaa");
    }

    #[test]
    fn bytes() {
        let mut out = String::new();
        assert_eq!(hex(&[1, 0xff], 5, &mut out), Some(5));
        assert_eq!(out, "01 ff");
        out.clear();
        assert_eq!(hex(&[1, 2, 3], 7, &mut out), None);
        assert_eq!(out, "01 02…");
    }
}
