//! A page as it grows.
//!
//! Job: gather lines, and break what is too long for the page. Input: lines and prose. Output:
//! [`Line`]s.

use super::line::{Kind, Line};
use super::wrap::{prose, wrap};

/// Lines, and how wide they may be.
#[derive(Debug)]
pub struct Sheet {
    /// What stands on it.
    pub lines: Vec<Line>,
    /// Its columns.
    pub width: usize,
}

impl Sheet {
    /// An empty page.
    pub fn new(width: usize) -> Self {
        Self {
            lines: Vec::new(),
            width,
        }
    }

    /// A line as it is.
    pub fn line(&mut self, line: Line) {
        self.lines.push(line.trimmed());
    }

    /// An empty line.
    pub fn blank(&mut self) {
        self.lines.push(Line::new());
    }

    /// A title; what is too long goes on two columns in.
    pub fn head(&mut self, title: impl AsRef<str>) {
        let lines = prose(Kind::Head, title.as_ref(), self.width.saturating_sub(2));
        self.rows(Line::new(), 2, lines);
    }

    /// Prose, `indent` columns in.
    pub fn paragraph(&mut self, kind: impl Into<Kind>, text: impl AsRef<str>, indent: usize) {
        self.named(Line::new(), text, kind, indent);
    }

    /// Prose whose first line begins with `name`; the others, and what is behind the name, begin
    /// at column `indent`.
    pub fn named(
        &mut self,
        name: Line,
        text: impl AsRef<str>,
        kind: impl Into<Kind>,
        indent: usize,
    ) {
        let lines = prose(kind, text.as_ref(), self.width.saturating_sub(indent));
        self.rows(name.padded(indent), indent, lines);
    }

    /// The same with a line that is cut at its columns.
    pub fn cut(&mut self, name: Line, line: &Line, indent: usize) {
        let lines = wrap(line, self.width.saturating_sub(indent));
        self.rows(name.padded(indent), indent, lines);
    }

    /// Lines of which the first stands behind `first` and the others behind `indent` blanks.
    pub fn rows(&mut self, first: Line, indent: usize, lines: Vec<Line>) {
        let mut first = Some(first);
        for line in lines {
            let begin = first.take().unwrap_or_else(|| Line::new().padded(indent));
            self.line(begin.then(line));
        }
    }
}
