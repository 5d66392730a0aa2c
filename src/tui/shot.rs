//! The screen as a picture.
//!
//! Job: draw the state as the terminal shows it, and turn its cells into text or SVG. Input: the
//! state. Output: a document.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

use super::app::App;
use super::view::view;
use crate::page::Colour;
use crate::page::svg::{Run, svg};

/// The screen as SVG.
pub fn picture(app: &App) -> String {
    svg(&rows(app), app.size.0.into())
}

/// The screen as text.
pub fn text(app: &App) -> String {
    let line = |row: Vec<Run>| {
        let text: String = row.into_iter().map(|run| run.text).collect();
        text.trim_end().to_owned() + "\n"
    };
    rows(app).into_iter().map(line).collect()
}

fn rows(app: &App) -> Vec<Vec<Run>> {
    let (width, height) = app.size;
    let Ok(mut terminal) = Terminal::new(TestBackend::new(width, height));
    let Ok(_) = terminal.draw(|frame| view(app, frame));
    let buffer = terminal.backend().buffer();
    (0..height).map(|y| row(buffer, width, y)).collect()
}

fn row(buffer: &Buffer, width: u16, y: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut x = 0;
    while x < width {
        let Some(cell) = buffer.cell((x, y)) else {
            break;
        };
        let mut next = run(cell, x);
        // A wide character takes the cell behind it, too.
        x += u16::try_from(cell.symbol().width()).unwrap_or(1).max(1);
        match runs.last_mut() {
            Some(last) if alike(last, &next) => last.text.push_str(cell.symbol()),
            _ => {
                cell.symbol().clone_into(&mut next.text);
                runs.push(next);
            }
        }
    }
    runs
}

fn alike(one: &Run, other: &Run) -> bool {
    let bare = |run: &Run| Run {
        column: 0,
        text: String::new(),
        ..run.clone()
    };
    bare(one) == bare(other)
}

fn run(cell: &Cell, x: u16) -> Run {
    let has = |modifier| cell.modifier.contains(modifier);
    Run {
        column: x.into(),
        text: String::new(),
        colour: colour(cell.fg),
        behind: colour(cell.bg),
        bold: has(Modifier::BOLD),
        dim: has(Modifier::DIM),
        underlined: has(Modifier::UNDERLINED),
        reversed: has(Modifier::REVERSED),
    }
}

/// One of the sixteen colours; others are the terminal's own.
fn colour(colour: Color) -> Option<Colour> {
    Some(match colour {
        Color::Black => Colour::Black,
        Color::Red => Colour::Red,
        Color::Green => Colour::Green,
        Color::Yellow => Colour::Yellow,
        Color::Blue => Colour::Blue,
        Color::Magenta => Colour::Magenta,
        Color::Cyan => Colour::Cyan,
        Color::Gray => Colour::White,
        Color::DarkGray => Colour::BrightBlack,
        Color::LightRed => Colour::BrightRed,
        Color::LightGreen => Colour::BrightGreen,
        Color::LightYellow => Colour::BrightYellow,
        Color::LightBlue => Colour::BrightBlue,
        Color::LightMagenta => Colour::BrightMagenta,
        Color::LightCyan => Colour::BrightCyan,
        Color::White => Colour::BrightWhite,
        _ => return None,
    })
}
