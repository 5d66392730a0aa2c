//! Styles of text, where they are wanted.
//!
//! Job: give each kind of span its escape sequences. Input: spans. Output: text, which says the
//! same without them.

use std::fmt::Display;

use anstyle::{AnsiColor, Effects, Style as Ansi};

use crate::page::{Colour, Kind, Line};

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
    if let Kind::Heat(step) = kind {
        return heat(step);
    }
    let look = kind.look();
    let mut style = Ansi::new();
    // Prose and JSON are read in one colour; what stands out there would be everything.
    let is_quiet = matches!(kind, Kind::Label | Kind::Text | Kind::Number | Kind::Word);
    if let Some(role) = look.role.filter(|_| !is_quiet) {
        style = style.fg_color(Some(colour(role.colour()).into()));
    }
    for (wanted, effect) in [
        (look.bold, Effects::BOLD),
        (look.dim, Effects::DIMMED),
        (look.underlined, Effects::UNDERLINE),
        (look.reversed, Effects::INVERT),
    ] {
        if wanted {
            style |= effect;
        }
    }
    style
}

/// A cell of a heat map.
fn heat(step: u8) -> Ansi {
    let colour = |colour: AnsiColor| colour.on_default();
    match step {
        0 => AnsiColor::Black.on(AnsiColor::Green),
        1 => colour(AnsiColor::Green),
        2 => colour(AnsiColor::Yellow),
        3 => colour(AnsiColor::Red),
        _ => colour(AnsiColor::Red).bold(),
    }
}

fn colour(colour: Colour) -> AnsiColor {
    match colour {
        Colour::Black => AnsiColor::Black,
        Colour::Red => AnsiColor::Red,
        Colour::Green => AnsiColor::Green,
        Colour::Yellow => AnsiColor::Yellow,
        Colour::Blue => AnsiColor::Blue,
        Colour::Magenta => AnsiColor::Magenta,
        Colour::Cyan => AnsiColor::Cyan,
        Colour::White => AnsiColor::White,
        Colour::BrightBlack => AnsiColor::BrightBlack,
        Colour::BrightRed => AnsiColor::BrightRed,
        Colour::BrightGreen => AnsiColor::BrightGreen,
        Colour::BrightYellow => AnsiColor::BrightYellow,
        Colour::BrightBlue => AnsiColor::BrightBlue,
        Colour::BrightMagenta => AnsiColor::BrightMagenta,
        Colour::BrightCyan => AnsiColor::BrightCyan,
        Colour::BrightWhite => AnsiColor::BrightWhite,
    }
}
