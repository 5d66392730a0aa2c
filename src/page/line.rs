//! Spans and lines.
//!
//! Job: text with what it means. Input: text, which may come from the network. Output: [`Line`]s
//! with nothing in them that a terminal acts on.

use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use super::escape::safe;
use crate::base::Peer;
use crate::finding::Severity;

/// What a span means. Each front gives it a style; the text says the same without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// Text as it is.
    #[default]
    Plain,
    /// Titles and heads of columns.
    Head,
    /// What a value is called: names of fields, headers and members.
    Label,
    /// What matters less: offsets, rules, remarks.
    Note,
    /// What a sender sent.
    Peer(Peer),
    /// How bad a finding is.
    Severity(Severity),
    /// What breaks a rule.
    Wrong,
    /// Bytes that are not known.
    Hole,
    /// Payload bytes that the compressed payload has as they are.
    Literal,
    /// Payload bytes that are copied from the same message.
    Copy,
    /// Payload bytes that are copied from an earlier message.
    FarCopy,
    /// A string.
    Text,
    /// A number.
    Number,
    /// true, false, null, and what is no value either.
    Word,
    /// Brackets and commas.
    Mark,
    /// What is looked for.
    Found,
    /// What the cursor is on.
    Chosen,
    /// What belongs to what the cursor is on.
    Lit,
    /// What that is copied from.
    Source,
    /// A cell of a heat map, from 0, which is good, to 4.
    Heat(u8),
}

impl From<Peer> for Kind {
    fn from(peer: Peer) -> Self {
        Self::Peer(peer)
    }
}

impl From<Severity> for Kind {
    fn from(severity: Severity) -> Self {
        Self::Severity(severity)
    }
}

/// Text of one kind. It is safe to draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    text: String,
    /// What it means.
    pub kind: Kind,
}

impl Span {
    /// A span; what a terminal could act on is escaped.
    pub fn new(kind: impl Into<Kind>, text: impl AsRef<str>) -> Self {
        Self {
            text: safe(text.as_ref()),
            kind: kind.into(),
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its columns.
    pub fn width(&self) -> usize {
        self.text.width()
    }

    /// A part of a span.
    pub(super) fn part(&self, range: std::ops::Range<usize>) -> Self {
        Self {
            text: self.text.get(range).unwrap_or_default().to_owned(),
            kind: self.kind,
        }
    }
}

/// Spans from left to right.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line(Vec<Span>);

impl Line {
    /// An empty line.
    pub fn new() -> Self {
        Self::default()
    }

    /// A line of one span.
    pub fn of(kind: impl Into<Kind>, text: impl AsRef<str>) -> Self {
        Self::new().with(kind, text)
    }

    /// The line with a span behind it.
    #[must_use]
    pub fn with(mut self, kind: impl Into<Kind>, text: impl AsRef<str>) -> Self {
        self.put(kind, text);
        self
    }

    /// The line with plain text behind it.
    #[must_use]
    pub fn plain(self, text: impl AsRef<str>) -> Self {
        self.with(Kind::Plain, text)
    }

    /// The line with another one behind it.
    #[must_use]
    pub fn then(mut self, other: Self) -> Self {
        self.append(other);
        self
    }

    /// Appends text; it joins the last span where that is of the same kind.
    pub fn put(&mut self, kind: impl Into<Kind>, text: impl AsRef<str>) {
        self.push(Span::new(kind, text));
    }

    /// Appends a span.
    pub fn push(&mut self, span: Span) {
        match self.0.last_mut() {
            _ if span.text.is_empty() => {}
            Some(last) if last.kind == span.kind => last.text.push_str(&span.text),
            _ => self.0.push(span),
        }
    }

    /// Appends another line.
    pub fn append(&mut self, other: Self) {
        for span in other.0 {
            self.push(span);
        }
    }

    /// Its spans.
    pub fn spans(&self) -> &[Span] {
        &self.0
    }

    /// Its columns.
    pub fn width(&self) -> usize {
        self.0.iter().map(Span::width).sum()
    }

    /// Whether nothing stands in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a span of it is of that kind.
    pub fn has(&self, kind: Kind) -> bool {
        self.0.iter().any(|span| span.kind == kind)
    }

    /// The text without its meaning.
    pub fn text(&self) -> String {
        self.0.iter().map(Span::text).collect()
    }

    /// The line without white space at its end.
    #[must_use]
    pub fn trimmed(mut self) -> Self {
        while let Some(last) = self.0.last_mut() {
            let len = last.text.trim_end_matches(' ').len();
            last.text.truncate(len);
            if len > 0 {
                break;
            }
            self.0.pop();
        }
        self
    }

    /// The line with one of its spans as another kind.
    #[must_use]
    pub fn with_kind(&self, number: usize, kind: Kind) -> Self {
        let mut line = self.clone();
        if let Some(span) = line.0.get_mut(number) {
            span.kind = kind;
        }
        line
    }

    /// The line with some ranges of its text, which are in order, as another kind.
    #[must_use]
    pub fn over(self, ranges: &[Range<usize>], kind: Kind) -> Self {
        let mut line = Self::new();
        let mut ranges = ranges.iter().peekable();
        let mut begin = 0;
        for span in &self.0 {
            let end = begin + span.text.len();
            let mut at = begin;
            while at < end {
                while ranges.next_if(|range| range.end <= at).is_some() {}
                let (stop, found) = match ranges.peek() {
                    Some(range) if range.start <= at => (range.end.min(end), true),
                    Some(range) => (range.start.min(end), false),
                    None => (end, false),
                };
                let part = span.part(at - begin..stop - begin);
                let kind = if found { kind } else { part.kind };
                line.push(Span { kind, ..part });
                at = stop;
            }
            begin = end;
        }
        line
    }

    /// `text` filled up with blanks to so many columns, on the right.
    #[must_use]
    pub fn padded(mut self, width: usize) -> Self {
        let missing = width.saturating_sub(self.width());
        self.put(Kind::Plain, " ".repeat(missing));
        self
    }
}

impl From<Span> for Line {
    fn from(span: Span) -> Self {
        let mut line = Self::new();
        line.push(span);
        line
    }
}
