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
    while !rest.is_empty() {
        // One more than fits says that it does not.
        let most = (width - used).saturating_add(1).min(rest.len());
        let (run, later) = rest.split_at(plain(rest.as_bytes().get(..most).unwrap_or_default()));
        let fits = run.len() <= width - used;
        let shown = if fits { run.len() } else { width - used };
        if shown > 0 {
            out.push_str(run.get(..shown).unwrap_or_default());
            cut = out.len() - 1;
            used += shown;
            sieve = Sieve::after_plain();
        }
        rest = later;
        if fits {
            let Some(character) = later.chars().next() else {
                break;
            };
            if used < width {
                cut = out.len();
            }
            used += one(character, &mut sieve, out);
            rest = later.get(character.len_utf8()..).unwrap_or_default();
        }
        if !fits || used > width {
            out.truncate(cut);
            if width > 0 {
                out.push('…');
            }
            return None;
        }
    }
    Some(used)
}

/// How many characters at the beginning of a text are shown by ASCII.
fn plain(text: &[u8]) -> usize {
    let (eights, _) = text.as_chunks();
    let eights = eights.iter().take_while(|eight| are_plain(**eight)).count();
    let rest = text.get(eights * 8..).unwrap_or_default();
    let is_plain = |byte: &&u8| matches!(byte, b' '..=b'~');
    eights * 8 + rest.iter().take(8).take_while(is_plain).count()
}

/// One in each byte.
const EACH: u64 = 0x0101_0101_0101_0101;

/// Whether ASCII shows all of these characters. Each that it does not show leaves the lower half of a
/// byte's values: by itself, 0x20 lower or 1 higher. A carry comes only from one that does.
#[inline]
pub fn are_plain(eight: [u8; 8]) -> bool {
    let eight = u64::from_le_bytes(eight);
    let out = eight | eight.wrapping_sub(0x20 * EACH) | eight.wrapping_add(EACH);
    out & (0x80 * EACH) == 0
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
    /// After a character that ASCII shows.
    pub fn after_plain() -> Self {
        Self { marks: 0 }
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
    use proptest::prelude::*;

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
    fn each_byte_is_seen_wherever_it_stands() {
        for byte in 0..=255 {
            for at in 0..8 {
                for other in [b' ', b'~'] {
                    let mut eight = [other; 8];
                    eight[at] = byte;
                    assert_eq!(are_plain(eight), matches!(byte, b' '..=b'~'), "{byte}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_text_is_shown_like_its_characters(
            text in r"([ -~]{0,20}|[\x00-\x1f\x7f\u{301}\u{202e}]{1,5}|[äß日😀e]{1,9}|.{0,9}){0,5}",
            width in 0usize..60,
        ) {
            let mut expected = String::new();
            let (mut used, mut cut, mut sieve) = (0, 0, Sieve::default());
            for character in text.chars() {
                if used < width {
                    cut = expected.len();
                }
                used += one(character, &mut sieve, &mut expected);
            }
            let mut out = String::new();
            let fits = super::text(&text, width, &mut out);
            if used > width {
                expected.truncate(cut);
                expected += if width > 0 { "…" } else { "" };
            }
            prop_assert_eq!((fits, out), ((used <= width).then_some(used), expected));
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
