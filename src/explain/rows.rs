//! Lines of 80 columns.
//!
//! Job: what all text renderers share: numbers for people, paragraphs, bytes in hexadecimal.
//! Input: values. Output: text.

use std::fmt::Write;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns that suffice.
pub(super) const WIDTH: usize = 80;

/// A number with a comma before every third digit from the right.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 byte`, `1,482 bytes`.
pub(super) fn count(number: u64, word: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {word}{ending}", grouped(number))
}

/// `byte 3`, `bytes 3 to 8`: `len` of them from `start` on.
pub(super) fn places(word: &str, start: u64, len: u64) -> String {
    match len {
        0 => format!("no {word}s"),
        1 => format!("{word} {}", grouped(start)),
        _ => format!("{word}s {} to {}", grouped(start), grouped(start + len - 1)),
    }
}

/// Appends `text` in lines no longer than the page, each behind `indent` spaces.
pub(super) fn paragraph(text: &str, indent: usize, out: &mut String) {
    for line in wrapped(text, WIDTH - indent) {
        let _ = writeln!(out, "{:indent$}{line}", "");
    }
}

/// Stands for a space where no line may be cut; nothing that is shown has it.
pub(super) const GLUE: &str = "\u{1}";

/// `text` cut between words into lines of at most `width` columns; longer words are cut,
/// unless they have colours.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    // What cites a rule stays on one line.
    let glued = text.replace("RFC ", "RFC\u{1}").replace(" §", "\u{1}§");
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in glued.split(' ').flat_map(|word| pieces(word, width)) {
        let Some(line) = lines.last_mut() else { break };
        let wide = columns(&word);
        if line.is_empty() {
            line.push_str(&word);
            used = wide;
        } else if used + 1 + wide <= width {
            let _ = write!(line, " {word}");
            used += 1 + wide;
        } else {
            lines.push(word);
            used = wide;
        }
    }
    let lines = lines.into_iter();
    lines.map(|line| line.replace(GLUE, " ")).collect()
}

fn pieces(word: &str, width: usize) -> Vec<String> {
    if word.len() <= width || word.contains('\x1b') {
        vec![word.to_owned()]
    } else {
        cut(word, width)
    }
}

/// `text` in lines of at most `width` columns, wherever that cuts it. It has no colours.
pub(super) fn cut(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for character in text.chars() {
        let wide = character.width().unwrap_or(0);
        if used + wide > width {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        line.push(character);
        used += wide;
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// The columns of a text, in which colours take none.
fn columns(text: &str) -> usize {
    let mut parts = text.split("\x1b[");
    let first = parts.next().map_or(0, UnicodeWidthStr::width);
    let behind = |part: &str| part.split_once('m').map_or(0, |(_, text)| text.width());
    first + parts.map(behind).sum::<usize>()
}

/// Bytes in hexadecimal with nothing between them.
pub(super) fn digits(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// Bytes in hexadecimal, `??` where `known` says no.
pub(super) fn hex(bytes: &[u8], mut known: impl FnMut(usize) -> bool) -> String {
    let shown = bytes.iter().enumerate().map(|(index, byte)| {
        if known(index) {
            format!("{byte:02x}")
        } else {
            "??".to_owned()
        }
    });
    shown.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        let shown = [0, 12, 999, 1000, 65_536, 1_234_567].map(grouped);
        assert_eq!(shown, ["0", "12", "999", "1,000", "65,536", "1,234,567"]);
        assert_eq!(places("byte", 1482, 1), "byte 1,482");
        assert_eq!(places("bit", 3, 8), "bits 3 to 10");
    }

    #[test]
    fn lines_are_cut_between_words() {
        assert_eq!(wrapped("ab cd ef", 5), ["ab cd", "ef"]);
        assert_eq!(wrapped("a \x1b[32mb\x1b[0m c", 5), ["a \x1b[32mb\x1b[0m c"]);
        assert_eq!(wrapped("abcdefgh ij", 5), ["abcde", "fgh", "ij"]);
        assert_eq!(cut("日本語ab", 5), ["日本", "語ab"]);
        assert_eq!(wrapped("so (RFC 1 §2)", 9), ["so", "(RFC 1 §2)"]);
    }
}
