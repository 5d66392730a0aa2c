//! The mouse.
//!
//! Job: the wheel scrolls, a click selects, a click on a head sorts. Input: events with a place.
//! Output: the state changed.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::{commands, lists, message, transcript};
use crate::tui::app::{App, Pane, Screen};
use crate::tui::effect::Effect;
use crate::tui::keymap::Command;
use crate::tui::layout::{self, Areas};
use crate::tui::view;

/// Lines of a turn of the wheel.
const WHEEL: isize = 3;

/// Takes an event.
pub(super) fn event(app: &mut App, event: MouseEvent, effects: &mut Vec<Effect>) {
    let at = Position::new(event.column, event.row);
    match event.kind {
        MouseEventKind::ScrollUp => wheel(app, at, -WHEEL, effects),
        MouseEventKind::ScrollDown => wheel(app, at, WHEEL, effects),
        MouseEventKind::Down(MouseButton::Left) => click(app, at, effects),
        _ => {}
    }
}

fn wheel(app: &mut App, at: Position, by: isize, effects: &mut Vec<Effect>) {
    if app.help.is_some() {
        let command = if by < 0 { Command::Up } else { Command::Down };
        commands::command(app, command, effects);
        return;
    }
    let areas = layout::areas(app);
    if app.screen == Screen::Transcript {
        transcript::step(app, by.signum());
    } else if areas.pane.contains(at) && matches!(app.screen, Screen::Messages | Screen::Message) {
        message::step(app, by);
    } else if areas.list.contains(at) {
        lists::move_cursor(app, |cursor, len, rows| cursor.scroll(by, len, rows));
    }
}

fn click(app: &mut App, at: Position, effects: &mut Vec<Effect>) {
    app.notice = None;
    if app.help.take().is_some() || app.menu.take().is_some() {
        return;
    }
    let areas = layout::areas(app);
    if areas.title.contains(at) {
        if let Some(number) = view::screen_at(app, at.x) {
            commands::command(app, Command::Screen(number), effects);
        }
    } else if app.screen == Screen::Transcript {
        if let Some(line) = at.y.checked_sub(areas.body().y) {
            transcript::click(app, line.into());
        }
    } else if areas.list.contains(at) {
        app.unfocus();
        list(app, at, areas);
    } else if areas.pane.contains(at) && matches!(app.screen, Screen::Messages | Screen::Message) {
        if app.screen == Screen::Messages {
            app.pane = Pane::Focused;
        }
        if at.y == areas.pane.y
            && let Some(tab) = view::tab_at(app, at.x)
        {
            message::set_tab(app, tab);
        }
    } else if app.screen == Screen::Statistics
        && let Some(pane) = view::stats_at(app, at)
    {
        app.stats = pane;
    }
}

/// A click on a column's head sorts by it, a second one the other way.
fn list(app: &mut App, at: Position, areas: Areas) {
    let Some(line) = usize::from(at.y - areas.list.y).checked_sub(1) else {
        if let Some(column) = view::head_at(app, at.x) {
            lists::sort(app, |table| table.sort_by(column));
        }
        return;
    };
    lists::move_cursor(app, |cursor, len, rows| {
        if cursor.top + line < len {
            cursor.select(cursor.top + line, len, rows);
        }
    });
}
