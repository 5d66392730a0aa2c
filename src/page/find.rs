//! What somebody looks for in texts.
//!
//! Job: find words, texts and patterns in lines, and mark them there. Input: needles and lines.
//! Output: ranges of text; lines with [`Kind::Found`] spans.

use std::ops::Range;

use regex::Regex;

use super::escape::safe;
use super::line::{Kind, Line};

/// One thing that is looked for.
#[derive(Debug, Clone)]
pub enum Needle {
    /// A word; ASCII case does not count.
    Word(String),
    /// A text, letter for letter.
    Text(String),
    /// A pattern.
    Pattern(Regex),
}

/// All that is looked for at once.
#[derive(Debug, Clone, Default)]
pub struct Needles(Vec<Needle>);

impl Needles {
    /// Looks for all of these. What is shown escaped is looked for escaped.
    pub fn new(needles: impl IntoIterator<Item = Needle>) -> Self {
        let escaped = |needle| match needle {
            Needle::Word(word) => Needle::Word(safe(&word)),
            Needle::Text(text) => Needle::Text(safe(&text)),
            Needle::Pattern(pattern) => Needle::Pattern(pattern),
        };
        Self(needles.into_iter().map(escaped).collect())
    }

    /// Whether nothing is looked for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where any of them is in a text, from the front; ranges do not overlap.
    pub fn ranges(&self, text: &str) -> Vec<Range<usize>> {
        let mut all = Vec::new();
        for needle in &self.0 {
            match needle {
                Needle::Word(word) => {
                    let text = text.to_ascii_lowercase();
                    all.extend(places(&text, &word.to_ascii_lowercase()));
                }
                Needle::Text(exact) => all.extend(places(text, exact)),
                Needle::Pattern(pattern) => {
                    let found = pattern.find_iter(text).map(|found| found.range());
                    all.extend(found.filter(|range| !range.is_empty()));
                }
            }
        }
        all.sort_by_key(|range| (range.start, range.end));
        let mut apart: Vec<Range<usize>> = Vec::with_capacity(all.len());
        for range in all {
            match apart.last_mut() {
                Some(last) if range.start < last.end => last.end = last.end.max(range.end),
                _ => apart.push(range),
            }
        }
        apart
    }

    /// The line with what is found in it marked; how often that is.
    pub fn mark(&self, line: Line) -> (Line, usize) {
        if self.is_empty() {
            return (line, 0);
        }
        let found = self.ranges(&line.text());
        if found.is_empty() {
            return (line, 0);
        }
        (line.over(&found, Kind::Found), found.len())
    }
}

fn places(text: &str, needle: &str) -> Vec<Range<usize>> {
    if needle.is_empty() {
        return Vec::new();
    }
    let found = text.match_indices(needle);
    found.map(|(at, part)| at..at + part.len()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needles_are_found_whatever_spans_they_lie_in() {
        let needles = Needles::new([
            Needle::Word("Book".to_owned()),
            Needle::Text("\u{1b}".to_owned()),
            Needle::Pattern(Regex::new("[0-9]+").unwrap()),
        ]);
        let line = Line::of(Kind::Label, "a BO").with(Kind::Text, "ok 12 \u{1b}");
        let (marked, count) = needles.mark(line.clone());
        assert_eq!((marked.text(), count), (line.text(), 3));
        let found = marked.spans().iter().filter(|s| s.kind == Kind::Found);
        let found: Vec<_> = found.map(super::super::line::Span::text).collect();
        assert_eq!(found, ["BOok", "12", "\\x1b"]);
    }

    #[test]
    fn what_overlaps_is_found_once() {
        let needles = ["aba", "bab"].map(|text| Needle::Text(text.to_owned()));
        assert_eq!(Needles::new(needles).ranges("xababx"), vec![1..5]);
        assert!(Needles::default().ranges("abc").is_empty());
    }
}
