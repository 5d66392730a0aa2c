//! JSON, indented, with every token as it was sent.
//!
//! Job: break lines and name tokens; numbers and strings stay letter for letter. Input: text.
//! Output: lines, or nothing where it is no JSON. RFC 8259.

use std::ops::Range;

use crate::page::{Kind, Line};

/// Columns of a step of indentation.
const STEP: usize = 2;

/// The lines of a JSON text that is an object or an array; what lies in `found` is marked.
pub(super) fn pretty(text: &str, found: &[Range<usize>]) -> Option<Vec<Line>> {
    let starts = text.trim_start().starts_with(['{', '[']);
    if !starts || serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
        return None;
    }
    let mut printer = Printer {
        found,
        ..Printer::default()
    };
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let len = token(rest, first);
        let (word, behind) = rest.split_at_checked(len)?;
        printer.token(word, first, behind);
        printer.at += len;
        rest = behind;
    }
    printer.line();
    Some(printer.lines)
}

/// The length of the token at the start.
fn token(text: &str, first: char) -> usize {
    match first {
        '"' => {
            let mut escaped = false;
            text.char_indices()
                .skip(1)
                .find(|(_, c)| {
                    let ends = *c == '"' && !escaped;
                    escaped = *c == '\\' && !escaped;
                    ends
                })
                .map_or(text.len(), |(at, _)| at + 1)
        }
        '{' | '}' | '[' | ']' | ',' | ':' => 1,
        c if c.is_whitespace() => c.len_utf8(),
        _ => text
            .find(|c: char| {
                matches!(c, ',' | ':' | '{' | '}' | '[' | ']' | '"') || c.is_whitespace()
            })
            .unwrap_or(text.len())
            .max(first.len_utf8()),
    }
}

#[derive(Default)]
struct Printer<'a> {
    /// Ranges of the text that are marked.
    found: &'a [Range<usize>],
    /// Where the token is in the text.
    at: usize,
    lines: Vec<Line>,
    current: Line,
    depth: usize,
}

impl Printer<'_> {
    fn token(&mut self, word: &str, first: char, behind: &str) {
        let next = behind.trim_start().chars().next();
        match first {
            '{' | '[' => {
                self.push(word, Kind::Mark);
                if !matches!(next, Some('}' | ']')) {
                    self.depth += 1;
                    self.line();
                }
            }
            '}' | ']' => {
                if !self.closes_at_once() {
                    self.line();
                    self.depth = self.depth.saturating_sub(1);
                }
                self.push(word, Kind::Mark);
            }
            ',' => {
                self.push(word, Kind::Mark);
                self.line();
            }
            ':' => self.push(": ", Kind::Mark),
            '"' if next == Some(':') => self.push(word, Kind::Label),
            '"' => self.push(word, Kind::Text),
            '-' | '0'..='9' => self.push(word, Kind::Number),
            c if c.is_whitespace() => {}
            _ => self.push(word, Kind::Word),
        }
    }

    fn closes_at_once(&self) -> bool {
        let last = self.current.spans().last();
        last.is_some_and(|span| span.text().ends_with(['{', '[']))
    }

    fn push(&mut self, text: &str, kind: Kind) {
        if self.current.is_empty() && self.depth > 0 {
            // Deep nesting keeps room for what is nested.
            let indent = (self.depth * STEP).min(40);
            self.current.put(Kind::Plain, " ".repeat(indent));
        }
        let end = self.at + text.len();
        let here = |range: &Range<usize>| {
            range.start.clamp(self.at, end) - self.at..range.end.clamp(self.at, end) - self.at
        };
        let first = self.found.partition_point(|range| range.end <= self.at);
        let found = self.found.get(first..).unwrap_or_default().iter();
        let found: Vec<_> = found
            .take_while(|range| range.start < end)
            .map(here)
            .collect();
        let mut token = Line::new();
        let mut at = 0;
        for range in found {
            token.put(kind, text.get(at..range.start).unwrap_or_default());
            token.put(Kind::Found, text.get(range.clone()).unwrap_or_default());
            at = range.end;
        }
        token.put(kind, text.get(at..).unwrap_or_default());
        self.current.append(token);
    }

    fn line(&mut self) {
        if !self.current.is_empty() {
            self.lines.push(std::mem::take(&mut self.current));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        let lines = pretty(text, &[])?;
        let lines = lines.iter().map(Line::text);
        Some(lines.collect::<Vec<_>>().join("\n"))
    }

    #[test]
    fn what_is_found_is_marked_over_tokens() {
        let text = r#"{"a":1,"b":22}"#;
        let lines = pretty(text, &[2..6, 9..11]).unwrap();
        let found = |line: &Line| -> Vec<String> {
            let spans = line.spans().iter().filter(|span| span.kind == Kind::Found);
            spans.map(|span| span.text().to_owned()).collect()
        };
        assert_eq!(lines[1].text(), "  \"a\": 1,");
        assert_eq!(found(&lines[1]), ["a\": 1"]);
        assert_eq!(found(&lines[2]), ["\":"]);
    }

    #[test]
    fn tokens_stay_as_they_were() {
        assert_eq!(
            shown(r#"{"a":1.50e+3,"b":[true, {} ,[]],"c":"x\"y\\"}"#).unwrap(),
            "{\n  \"a\": 1.50e+3,\n  \"b\": [\n    true,\n    {},\n    []\n  ],\n  \"c\": \"x\\\"y\\\\\"\n}"
        );
    }

    #[test]
    fn what_is_no_json_stays_text() {
        assert_eq!(shown("hello"), None);
        assert_eq!(shown("12"), None);
        assert_eq!(shown("{\"a\":1"), None);
    }
}
