//! A page as a picture: SVG for slides and papers.
//!
//! Job: put runs of text where they stand on a page, in the colours that they have in a terminal.
//! Input: [`Line`]s, or runs of a screen. Output: an SVG document, which names no font but
//! monospaced ones and stretches each run to its columns, so that all stays aligned.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use super::line::{Kind, Line};
use super::look::Colour;

/// Points of a column, of a line, and of the edge.
const COLUMN: f32 = 8.4;
const ROW: f32 = 18.0;
const EDGE: f32 = 12.0;

/// Text that looks alike, in one row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an attribute that a terminal has or has not"
)]
pub struct Run {
    /// Where it begins.
    pub column: usize,
    /// The text, safe for a terminal.
    pub text: String,
    /// Its colour, where it has one.
    pub colour: Option<Colour>,
    /// What is behind it, where that has a colour.
    pub behind: Option<Colour>,
    /// Bold.
    pub bold: bool,
    /// Dim.
    pub dim: bool,
    /// Underlined.
    pub underlined: bool,
    /// Foreground and background exchanged.
    pub reversed: bool,
}

/// The runs of a line.
pub fn runs(line: &Line) -> Vec<Run> {
    let mut column = 0;
    let run = |span: &super::line::Span| {
        let look = span.kind.look();
        let begin = column;
        column += span.width();
        Run {
            column: begin,
            text: span.text().to_owned(),
            colour: match span.kind {
                Kind::Heat(step) => Some(heat(step)),
                _ => look.role.map(super::look::Role::colour),
            },
            behind: None,
            bold: look.bold,
            dim: look.dim,
            underlined: look.underlined,
            reversed: look.reversed,
        }
    };
    line.spans().iter().map(run).collect()
}

fn heat(step: u8) -> Colour {
    match step {
        0 | 1 => Colour::Green,
        2 => Colour::Yellow,
        _ => Colour::Red,
    }
}

/// Rows of runs as a picture of so many columns.
#[expect(clippy::cast_precision_loss, reason = "places on a picture")]
pub fn svg(rows: &[Vec<Run>], columns: usize) -> String {
    let width = columns as f32 * COLUMN + 2.0 * EDGE;
    let height = rows.len() as f32 * ROW + 2.0 * EDGE;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.1}\" height=\"{height:.1}\" \
         viewBox=\"0 0 {width:.1} {height:.1}\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"{PAPER}\"/>\n\
         <g font-family=\"ui-monospace, DejaVu Sans Mono, Menlo, Consolas, monospace\" \
         font-size=\"14\" xml:space=\"preserve\">\n"
    );
    for (at, row) in rows.iter().enumerate() {
        let top = EDGE + at as f32 * ROW;
        for run in row {
            one(run, top, &mut out);
        }
    }
    out.push_str("</g>\n</svg>\n");
    out
}

/// A page as a picture.
pub fn page(lines: &[Line]) -> String {
    let columns = lines.iter().map(Line::width).max().unwrap_or(0);
    let rows: Vec<_> = lines.iter().map(runs).collect();
    svg(&rows, columns)
}

/// What is written on, and what with.
const PAPER: &str = "#ffffff";
const INK: &str = "#1f2328";

#[expect(clippy::cast_precision_loss, reason = "places on a picture")]
fn one(run: &Run, top: f32, out: &mut String) {
    let left = EDGE + run.column as f32 * COLUMN;
    let wide = run.text.width() as f32 * COLUMN;
    let ink = run.colour.map_or(INK, hex);
    let behind = run.behind.map(hex);
    let (ink, behind) = if run.reversed {
        (behind.unwrap_or(PAPER), Some(ink))
    } else {
        (ink, behind)
    };
    if let Some(behind) = behind {
        let _ = writeln!(
            out,
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{wide:.1}\" height=\"{ROW}\" fill=\"{behind}\"/>"
        );
    }
    if run.text.trim().is_empty() {
        return;
    }
    let base = top + 13.5;
    let _ = write!(
        out,
        "<text x=\"{left:.1}\" y=\"{base:.1}\" textLength=\"{wide:.1}\" \
         lengthAdjust=\"spacingAndGlyphs\" fill=\"{ink}\""
    );
    for (has, attribute) in [
        (run.bold, " font-weight=\"bold\""),
        (run.dim, " opacity=\"0.65\""),
        (run.underlined, " text-decoration=\"underline\""),
    ] {
        if has {
            out.push_str(attribute);
        }
    }
    out.push('>');
    for c in run.text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
    out.push_str("</text>\n");
}

/// Colours that can be read on paper.
fn hex(colour: Colour) -> &'static str {
    match colour {
        Colour::Black => "#1f2328",
        Colour::Red => "#b3261e",
        Colour::Green => "#1a7f37",
        Colour::Yellow => "#9a6700",
        Colour::Blue => "#0550ae",
        Colour::Magenta => "#8250a8",
        Colour::Cyan => "#0f766e",
        Colour::White => "#d0d7de",
        Colour::BrightBlack => "#6e7781",
        Colour::BrightRed => "#d1242f",
        Colour::BrightGreen => "#2da44e",
        Colour::BrightYellow => "#b8860b",
        Colour::BrightBlue => "#218bff",
        Colour::BrightMagenta => "#bf3989",
        Colour::BrightCyan => "#1b8a8f",
        Colour::BrightWhite => "#8c959f",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Peer;

    #[test]
    fn runs_stand_in_their_columns_and_markup_is_escaped() {
        let line = Line::new()
            .plain("ab ")
            .with(Peer::Client, "<&日>")
            .with(Kind::Hole, "?");
        let runs = runs(&line);
        let columns: Vec<_> = runs.iter().map(|run| run.column).collect();
        assert_eq!(columns, [0, 3, 8]);
        let picture = page(&[line, Line::new()]);
        assert!(picture.contains(">&lt;&amp;日&gt;</text>"), "{picture}");
        assert!(picture.contains("x=\"37.2\""), "{picture}");
        assert!(picture.contains("textLength=\"42.0\""), "{picture}");
        // What is reversed has its colour behind it.
        assert!(picture.contains("fill=\"#b3261e\"/>"), "{picture}");
        assert_eq!(picture.matches("<svg").count(), 1);
        assert!(picture.ends_with("</svg>\n"));
    }
}
