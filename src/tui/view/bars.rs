//! The first line, the line being typed and the last line.
//!
//! Job: say where one is, how loading goes, what can be pressed. Input: the state. Output: cells.

use ratatui::layout::{Position, Rect};
use ratatui::text::Span;
use ratatui::widgets::{Paragraph, Widget};
use strum::VariantArray;
use unicode_width::UnicodeWidthStr;

use super::brush::{Brush, safe};
use crate::filter;
use crate::page::words;
use crate::tui::app::{App, Input, LabPrompt, Prompt, Screen, Writing};
use crate::tui::keymap::Command;

/// From so many columns on there is room for our own name.
const WIDE: u16 = 100;

/// The screens' names with their numbers, and the column of each.
fn tabs(app: &App) -> Vec<(u16, String, Screen)> {
    let mut column = if app.size.0 < WIDE { 0 } else { 8 };
    let tabs = (1_u16..).zip(Screen::VARIANTS).map(|(number, &screen)| {
        let title = match app.size.0 {
            0..60 => screen.title().get(..4).unwrap_or_default(),
            60..WIDE => screen.brief(),
            _ => screen.title(),
        };
        let text = format!("{number} {title}");
        let at = column;
        column += u16::try_from(text.len()).unwrap_or(0) + 2;
        (at, text, screen)
    });
    tabs.collect()
}

/// The number of the screen whose name stands at a column.
pub fn screen_at(app: &App, x: u16) -> Option<u8> {
    let found = tabs(app)
        .into_iter()
        .position(|(at, text, _)| (at..at + u16::try_from(text.len()).unwrap_or(0)).contains(&x));
    found.and_then(|at| u8::try_from(at + 1).ok())
}

pub(super) fn title(app: &App, area: Rect, brush: &mut Brush<'_>) {
    if app.size.0 >= WIDE {
        brush.text(area, 0, "wscope", brush.theme.bold());
    }
    let mut end = 0;
    for (at, text, screen) in tabs(app) {
        let style = if screen == app.screen {
            brush.theme.selected()
        } else {
            brush.theme.plain()
        };
        end = at + brush.at(area, 0, at, &text, style);
    }
    let state = state(app);
    let room = usize::from(area.width.saturating_sub(end + 2));
    if room >= state.width().min(8) {
        let shown = safe(&state, room);
        brush.right(area, 0, &shown, brush.theme.dim());
    }
}

/// What is loaded, or how far loading is.
fn state(app: &App) -> String {
    let percent = |(read, total): (u64, Option<u64>)| match total {
        Some(total) if total > 0 => format!("{} %", read.saturating_mul(100) / total),
        _ => format!("{} bytes", words::brief(read)),
    };
    match (&app.load.loaded, app.searched) {
        (_, None) if app.live.is_some() => app.name.clone(),
        (None, None) => {
            let (read, total) = app.load.progress;
            let bar = total.map_or(String::new(), |total| {
                let filled = (read * 8).checked_div(total).unwrap_or(0).min(8);
                let filled = usize::try_from(filled).unwrap_or(0);
                format!("[{}{}] ", "#".repeat(filled), "-".repeat(8 - filled))
            });
            format!("{bar}loading {}", percent(app.load.progress))
        }
        (_, Some(progress)) => format!("searching {}", percent(progress)),
        (Some(loaded), None) if loaded.stopped => format!("{} (stopped)", app.name),
        (Some(_), None) => app.name.clone(),
    }
}

/// The filter that is in force, and what it comes to.
pub(super) fn filter(app: &App, area: Rect, brush: &mut Brush<'_>) {
    let Some(matches) = &app.matches else {
        return;
    };
    let (word, style) = if app.messages.marking {
        ("search", brush.theme.matching())
    } else {
        ("filter", brush.theme.matching())
    };
    let more = if matches.answered + 1 < app.index.len() {
        " so far"
    } else {
        ""
    };
    let found = format!(
        "{} of {}{more}",
        words::grouped(matches.count as u64),
        words::count(app.index.len() as u64, "message")
    );
    // What was not read may match, too.
    let end = match &matches.failed {
        Some(_) if matches.count == 0 => "  cannot be read again; \\ forgets it".to_owned(),
        Some(_) => format!("  {found}, not all: cannot be read again; \\ forgets it"),
        None => format!("  {found}; \\ forgets it"),
    };
    let width = usize::from(area.width);
    let mut column = brush.text(area, 0, word, style);
    column += brush.at(area, 0, column, ": ", style);
    let room = width.saturating_sub(usize::from(column) + end.width());
    let source = safe(matches.filter.source(), room.max(8));
    column += brush.at(area, 0, column, &source, brush.theme.bold());
    brush.at(area, 0, column, &end, brush.theme.dim());
}

/// Draws the line being typed; where its cursor stands.
pub(super) fn prompt(app: &App, area: Rect, brush: &mut Brush<'_>) -> Option<Position> {
    let theme = brush.theme;
    match app.prompt.as_ref()? {
        Prompt::GoTo { input } => typed("go to message: ", input, area, brush).0,
        Prompt::Filter {
            input,
            search: true,
            ..
        } => {
            let text = "words as they stand in payloads, or an expression; n N go on";
            brush.at(area, 1, 1, text, theme.dim());
            typed("search: ", input, area, brush).0
        }
        Prompt::Filter { input, error, .. } => filter_line(input, error.as_ref(), area, brush),
        Prompt::Lab { input, what, error } => {
            let (label, help) = lab_prompt(*what);
            match error {
                Some(error) => {
                    let shown = safe(error, usize::from(area.width.saturating_sub(1)));
                    brush.at(area, 1, 1, &shown, theme.bold());
                }
                None => {
                    brush.at(area, 1, 1, help, theme.dim());
                }
            }
            typed(label, input, area, brush).0
        }
        Prompt::Write { input, what } => {
            let label = match what {
                Writing::Payload(_) => "write payload (screen: .svg, .txt) to: ",
                Writing::Messages => "write messages (screen: .svg, .txt) to: ",
                Writing::Packets if has_secrets(app) => "save packets and TLS secrets as: ",
                Writing::Packets => "save packets as: ",
            };
            typed(label, input, area, brush).0
        }
    }
}

/// Whether packets are saved with secrets.
fn has_secrets(app: &App) -> bool {
    let live = app.live.as_ref();
    live.is_some_and(|live| live.standing.secrets > 0)
}

/// The line of a filter; where its cursor stands.
fn filter_line(
    input: &Input,
    error: Option<&filter::Error>,
    area: Rect,
    brush: &mut Brush<'_>,
) -> Option<Position> {
    let theme = brush.theme;
    let (cursor, shift) = typed("/", input, area, brush);
    match error {
        Some(error) => {
            let before = input.text().get(..error.offset).unwrap_or(input.text());
            let at = (1 + safe(before, usize::MAX).width()).saturating_sub(shift);
            let at = u16::try_from(at).unwrap_or(u16::MAX);
            let text = format!("^ {error}");
            let width = u16::try_from(text.width()).unwrap_or(u16::MAX);
            // Where it does not fit behind the caret it stands before it.
            if at.saturating_add(width) > area.width && at > area.width / 2 {
                let text = safe(&error.to_string(), usize::from(at.saturating_sub(1)));
                let width = u16::try_from(text.width()).unwrap_or(0);
                let column = at.saturating_sub(width + 1);
                brush.at(area, 1, column, &text, theme.plain());
                brush.at(area, 1, at, "^", theme.bold());
            } else {
                brush.at(area, 1, at, &text, theme.plain());
            }
        }
        None => hint(input, area, brush),
    }
    cursor
}

/// What a line of the lab is called, and what can be typed.
fn lab_prompt(what: LabPrompt) -> (&'static str, &'static str) {
    match what {
        LabPrompt::Say => (
            "send: ",
            "Tab changes the kind, ↑ and ↓ the side; lost server text hi: is not captured",
        ),
        LabPrompt::Edit(_) => ("send instead: ", "Tab changes the kind, ↑ and ↓ the side"),
        LabPrompt::Control => ("set: ", "a control and its value, such as window 9"),
        LabPrompt::Guess => (
            "your guess: ",
            "a number, words, or the letter of a choice; nothing typed shows the answer",
        ),
    }
}

/// What could be typed next.
fn hint(input: &Input, area: Rect, brush: &mut Brush<'_>) {
    let found = filter::complete(input.before());
    let text = if input.text().is_empty() {
        "words to look for, or: from == server and payload_bytes > 1000   Tab completes".to_owned()
    } else if found.typed == 0 && input.before().ends_with(|c: char| !c.is_whitespace()) {
        String::new()
    } else {
        let names: Vec<_> = found.options.iter().map(|(name, _)| *name).collect();
        match found.options.as_slice() {
            [] => "Enter filters, Esc does not".to_owned(),
            [(name, help)] if !help.is_empty() => format!("Tab: {name}: {help}"),
            _ => format!("Tab: {}", names.join(" ")),
        }
    };
    let text = safe(&text, usize::from(area.width.saturating_sub(1)));
    brush.at(area, 1, 1, &text, brush.theme.dim());
}

/// A label and the line behind it; where the cursor stands and what is scrolled off.
fn typed(
    label: &str,
    input: &Input,
    area: Rect,
    brush: &mut Brush<'_>,
) -> (Option<Position>, usize) {
    let taken = brush.text(area, 0, label, brush.theme.bold());
    let room = usize::from(area.width.saturating_sub(taken + 1));
    let (before, shift) = input.columns(room);
    let style = if input.selected {
        brush.theme.selected()
    } else {
        brush.theme.plain()
    };
    let text = Rect {
        x: area.x + taken,
        width: area.width.saturating_sub(taken),
        height: area.height.min(1),
        ..area
    };
    Paragraph::new(Span::styled(safe(input.text(), shift + room + 1), style))
        .scroll((0, u16::try_from(shift).unwrap_or(u16::MAX)))
        .render(text.intersection(brush.buffer.area), brush.buffer);
    let column = u16::try_from(before.saturating_sub(shift)).unwrap_or(0);
    let x = area.x + (taken + column).min(area.width.saturating_sub(1));
    let cursor = (area.height > 0).then(|| Position::new(x, area.y));
    (cursor, shift)
}

/// The keys that matter most here, or what there is to say.
pub(super) fn keys(app: &App, area: Rect, brush: &mut Brush<'_>) {
    let theme = brush.theme;
    if let Some(notice) = &app.notice {
        let shown = safe(notice, usize::from(area.width));
        brush.text(area, 0, &shown, theme.bold());
        return;
    }
    let hints: Vec<(String, &str)> = if app.help.is_some() {
        vec![
            ("↑↓".to_owned(), "scroll"),
            ("any other key".to_owned(), "close"),
        ]
    } else if app.prompt.is_some() || app.menu.is_some() {
        vec![
            ("Enter".to_owned(), "do it"),
            ("Esc".to_owned(), "leave it"),
        ]
    } else {
        app.keys
            .active(&app.places())
            .into_iter()
            .flat_map(|(_, bindings)| bindings)
            .filter(|binding| binding.command != Command::Fold || app.has_groups())
            .filter_map(|binding| Some((binding.keys.first()?.name(), binding.hint?)))
            .collect()
    };
    // Help and quit keep their place; what does not fit is left out from the back.
    let (mut front, back): (Vec<_>, Vec<_>) = hints
        .into_iter()
        .partition(|(_, hint)| !matches!(*hint, "help" | "quit"));
    let width = |hints: &[(String, &str)]| -> usize {
        hints
            .iter()
            .map(|(key, hint)| key.width() + hint.width() + 3)
            .sum()
    };
    while !front.is_empty() && width(&front) + width(&back) > usize::from(area.width) + 2 {
        front.pop();
    }
    let mut column = 0;
    for (key, hint) in front.iter().chain(&back) {
        column += brush.at(area, 0, column, key, theme.key());
        column += brush.at(area, 0, column, " ", theme.plain());
        column += brush.at(area, 0, column, hint, theme.plain());
        column += 2;
    }
}
