//! Styles of text, where they are wanted.
//!
//! Job: give each kind of span its escape sequences. Input: spans. Output: text, which says the
//! same without them.

use std::fmt::Display;

use anstyle::{AnsiColor, Style as Ansi};

use crate::base::Peer;
use crate::finding::Severity;
use crate::page::{Kind, Line};

/// Whether to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// Escape sequences are written.
    pub colour: bool,
}

impl Style {
    /// Text of one kind, which is safe already.
    pub fn paint(self, kind: impl Into<Kind>, text: impl Display) -> String {
        let style = ansi(kind.into());
        if self.colour && style != Ansi::new() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_string()
        }
    }

    /// A line without its end.
    pub fn line(self, line: &Line) -> String {
        let spans = line.spans().iter();
        spans
            .map(|span| self.paint(span.kind, span.text()))
            .collect()
    }

    /// Lines, each with its end.
    pub fn page(self, lines: &[Line]) -> String {
        lines.iter().map(|line| self.line(line) + "\n").collect()
    }
}

fn ansi(kind: Kind) -> Ansi {
    let colour = |colour: AnsiColor| colour.on_default();
    match kind {
        Kind::Plain | Kind::Label | Kind::Text | Kind::Number | Kind::Word => Ansi::new(),
        Kind::Head => Ansi::new().bold(),
        Kind::Note | Kind::Mark => Ansi::new().dimmed(),
        Kind::Peer(Peer::Client) => colour(AnsiColor::Cyan),
        Kind::Peer(Peer::Server) | Kind::Heat(2) => colour(AnsiColor::Yellow),
        Kind::Severity(Severity::Warning) | Kind::Heat(3) => colour(AnsiColor::Red),
        Kind::Severity(Severity::Note) | Kind::FarCopy => colour(AnsiColor::Blue),
        Kind::Hole | Kind::Chosen => Ansi::new().invert(),
        Kind::Literal | Kind::Heat(1) => colour(AnsiColor::Green),
        Kind::Copy => colour(AnsiColor::Magenta),
        Kind::Found | Kind::Source => colour(AnsiColor::Green).bold().underline(),
        Kind::Heat(0) => AnsiColor::Black.on(AnsiColor::Green),
        Kind::Wrong | Kind::Severity(Severity::Error) | Kind::Heat(_) => {
            colour(AnsiColor::Red).bold()
        }
    }
}
