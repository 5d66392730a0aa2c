//! Where things are on the terminal.
//!
//! Job: the rectangles that drawing, scrolling and the mouse share. Input: the state.
//! Output: [`Areas`].

use ratatui::layout::Rect;

use super::app::{App, LabState, Pane, Prompt, Screen};
use super::lab;

/// Below this nothing but a remark is shown.
pub const SMALLEST: (u16, u16) = (20, 5);

/// From so many columns on, the message stands beside the list and not below it.
const BESIDE: u16 = 150;

/// Rectangles of a screen; those that are not shown are empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Areas {
    /// The line with the screens' names.
    pub title: Rect,
    /// The line of a live capture.
    pub live: Rect,
    /// The lines of the lab: controls, or where the lesson stands.
    pub lab: Rect,
    /// The line with the filter that is in force.
    pub filter: Rect,
    /// The table or list, its head included.
    pub list: Rect,
    /// The line below a connection's messages that says how it ended.
    pub ended: Rect,
    /// What is shown of the selected line, or the message.
    pub pane: Rect,
    /// The line being typed, with what is said about it.
    pub prompt: Rect,
    /// The line with the keys.
    pub keys: Rect,
}

impl Areas {
    /// Lines of the list below its head.
    pub fn rows(&self) -> usize {
        usize::from(self.list.height.saturating_sub(1))
    }

    /// The part of the pane that scrolls: below its head.
    pub fn body(&self) -> Rect {
        Rect {
            y: self.pane.y.saturating_add(1),
            height: self.pane.height.saturating_sub(1),
            ..self.pane
        }
    }
}

/// The rectangles of a state.
pub fn areas(app: &App) -> Areas {
    let (width, height) = app.size;
    let line = |y: u16, lines: u16| Rect::new(0, y, width, lines);
    let mut areas = Areas {
        title: line(0, 1.min(height)),
        ..Areas::default()
    };
    if height < 2 {
        return areas;
    }
    areas.keys = line(height - 1, 1);
    let mut rest = line(1, height.saturating_sub(2));
    if app.live.is_some() && rest.height > 4 {
        areas.live = line(1, 1);
        rest = line(2, rest.height - 1);
    }
    rest = head(&mut areas, app, rest);
    if app.matches.is_some() && rest.height > 4 {
        areas.filter = line(rest.y, 1);
        rest = line(rest.y + 1, rest.height - 1);
    }
    let typed = match &app.prompt {
        None => 0,
        Some(Prompt::Filter { .. } | Prompt::Lab { .. }) => 2,
        Some(Prompt::Write { .. } | Prompt::GoTo { .. }) => 1,
    };
    let typed = typed.min(rest.height);
    rest.height -= typed;
    areas.prompt = line(rest.y + rest.height, typed);
    match app.screen {
        Screen::Message | Screen::Statistics | Screen::Transcript => areas.pane = rest,
        Screen::Messages if app.zoomed && app.pane == Pane::Focused => areas.pane = rest,
        _ if app.zoomed => areas.list = rest,
        Screen::Messages if app.pane == Pane::Hidden => areas.list = rest,
        Screen::Messages if width >= BESIDE => beside(&mut areas, rest),
        Screen::Messages if app.lab.is_some() && rest.height >= 12 => {
            split(&mut areas, rest, above_lab(app, rest.height));
        }
        Screen::Messages if app.present && rest.height >= 16 => split(&mut areas, rest, 5),
        _ => split(
            &mut areas,
            rest,
            rest.height - below(app.screen, rest.height),
        ),
    }
    if app.lab.is_none() && app.outcome().is_some() && areas.list.height > 5 {
        areas.list.height -= 1;
        areas.ended = Rect {
            y: areas.list.bottom(),
            height: 1,
            ..areas.list
        };
    }
    areas
}

/// Lines of the lab's list, or of the lesson in its place.
fn above_lab(app: &App, height: u16) -> u16 {
    if app.lab.as_ref().and_then(LabState::shown).is_some() {
        return height * 3 / 5;
    }
    let lines = u16::try_from(app.listed() + 1).unwrap_or(u16::MAX);
    lines.clamp(4, (height / 2).max(4))
}

/// The lines above the list that tell of the lab; what is left below them.
fn head(areas: &mut Areas, app: &App, rest: Rect) -> Rect {
    if app.lab.is_none() || rest.height <= 8 || app.screen != Screen::Messages {
        return rest;
    }
    let lines = lab::head(app, usize::from(rest.width)).len();
    let lines = u16::try_from(lines).unwrap_or(1).min(rest.height / 3);
    areas.lab = Rect {
        height: lines,
        ..rest
    };
    Rect {
        y: rest.y + lines,
        height: rest.height - lines,
        ..rest
    }
}

/// The list to the left, the pane to the right.
fn beside(areas: &mut Areas, rest: Rect) {
    let left = rest.width / 2;
    areas.list = Rect {
        width: left,
        ..rest
    };
    areas.pane = Rect {
        x: left + 1,
        width: rest.width - left - 1,
        ..rest
    };
}

/// The list above, of so many lines, the pane below.
fn split(areas: &mut Areas, rest: Rect, above: u16) {
    areas.list = Rect {
        height: above,
        ..rest
    };
    areas.pane = Rect {
        y: rest.y + above,
        height: rest.height - above,
        ..rest
    };
}

/// Lines of the pane below a list, of so many.
fn below(screen: Screen, height: u16) -> u16 {
    match screen {
        _ if height < 8 => 0,
        Screen::Messages => height * 2 / 5,
        Screen::Connections => (height / 2).min(11),
        _ => (height / 3).min(7),
    }
}
