//! Lines that are no longer than a page is wide.
//!
//! Job: break prose between words, and anything else at its columns. Input: text or a line.
//! Output: [`Line`]s.

use textwrap::{Options, WordSeparator, WordSplitter};
use unicode_width::UnicodeWidthChar;

use super::escape::safe;
use super::line::{Kind, Line};

/// Stands for a blank where no line may be broken; nothing that is escaped has it.
const GLUE: &str = "\u{1}";

/// Prose in lines that end between words; longer words are cut.
pub fn prose(kind: impl Into<Kind>, text: &str, width: usize) -> Vec<Line> {
    let kind = kind.into();
    // What cites a rule stays on one line, and a percent sign with its figure.
    let mut glued = safe(text);
    for unit in ["RFC ", " §", " %"] {
        glued = glued.replace(unit, &unit.replace(' ', GLUE));
    }
    let options = Options::new(width.max(1))
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::wrap(&glued, options)
        .into_iter()
        .map(|line| Line::of(kind, line.replace(GLUE, " ")))
        .collect()
}

/// Cuts a line where it reaches the width; what goes on is on lines of its own.
pub fn wrap(line: &Line, width: usize) -> Vec<Line> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut current = Line::new();
    let mut used = 0;
    for span in line.spans() {
        let mut start = 0;
        for (at, character) in span.text().char_indices() {
            let columns = character.width().unwrap_or(0);
            if used + columns > width && used > 0 {
                current.push(span.part(start..at));
                lines.push(std::mem::take(&mut current));
                (start, used) = (at, 0);
            }
            used += columns;
        }
        current.push(span.part(start..span.text().len()));
    }
    lines.push(current);
    lines
}

/// Items in as few lines as take them, with commas between; an item is not broken unless it is
/// wider than a line.
pub fn items(items: Vec<Line>, width: usize) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let last = items.len().saturating_sub(1);
    for (index, item) in items.into_iter().enumerate() {
        let item = if index < last { item.plain(",") } else { item };
        match lines.last_mut() {
            Some(line) if line.width() + 1 + item.width() <= width => {
                line.put(Kind::Plain, " ");
                line.append(item);
            }
            _ => lines.extend(wrap(&item, width)),
        }
    }
    if lines.is_empty() {
        lines.push(Line::new());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(lines: &[Line]) -> Vec<String> {
        lines.iter().map(Line::text).collect()
    }

    #[test]
    fn prose_is_broken_between_words() {
        let broken = |text, width| texts(&prose(Kind::Plain, text, width));
        assert_eq!(broken("ab cd ef", 5), ["ab cd", "ef"]);
        assert_eq!(broken("abcdefgh ij", 5), ["abcde", "fgh", "ij"]);
        assert_eq!(broken("so (RFC 1 §2)", 9), ["so", "(RFC 1 §2)"]);
        assert_eq!(broken("ab 5.0 % ef", 6), ["ab", "5.0 %", "ef"]);
        assert_eq!(broken("", 5), [""]);
    }

    #[test]
    fn lines_are_cut_at_their_columns_with_wide_characters() {
        let line = Line::of(Kind::Plain, "ab日本").with(Kind::Text, "語c");
        let cut = wrap(&line, 5);
        assert_eq!(texts(&cut), ["ab日", "本語c"]);
        assert_eq!(cut[1].spans().len(), 2);
        assert_eq!(texts(&wrap(&Line::new(), 5)), [""]);
    }

    #[test]
    fn items_stay_whole() {
        let item = |text| Line::of(Kind::Plain, text);
        let items = vec![item("a b"), item("c d"), item("efghijkl")];
        assert_eq!(
            texts(&self::items(items, 7)),
            ["a b,", "c d,", "efghijk", "l"]
        );
        assert_eq!(texts(&self::items(Vec::new(), 7)), [""]);
    }
}
