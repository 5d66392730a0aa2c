//! The mouse.
//!
//! Job: the wheel scrolls, a click selects, a click on a head sorts. Input: events with a place.
//! Output: the state changed.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use super::{commands, lists, message};
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
    let rows = areas.rows();
    if areas.pane.contains(at) && matches!(app.screen, Screen::Messages | Screen::Message) {
        message::step(app, by);
    } else if areas.list.contains(at) {
        match app.screen {
            Screen::Connections => {
                let len = app.connections.order.len();
                app.connections.cursor.scroll(by, len, rows);
            }
            Screen::Messages => {
                let len = app.listed();
                app.follow = false;
                app.cursor.scroll(by, len, rows);
                let place = app.place_at(app.cursor.selected);
                lists::select_place(app, place);
            }
            Screen::Findings => {
                let len = app.index.findings.len();
                app.findings.cursor.scroll(by, len, rows);
            }
            Screen::Message | Screen::Statistics => {}
        }
    }
}

fn click(app: &mut App, at: Position, effects: &mut Vec<Effect>) {
    app.notice = None;
    if app.help.is_some() {
        app.help = None;
        return;
    }
    let areas = layout::areas(app);
    if areas.title.contains(at) {
        if let Some(number) = view::screen_at(app, at.x) {
            commands::command(app, Command::Screen(number), effects);
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

fn list(app: &mut App, at: Position, areas: Areas) {
    let Rect { y, .. } = areas.list;
    if at.y == y {
        head(app, at.x);
        return;
    }
    let line = usize::from(at.y - y - 1);
    let rows = areas.rows();
    match app.screen {
        Screen::Connections => {
            let len = app.connections.order.len();
            let cursor = &mut app.connections.cursor;
            if cursor.top + line < len {
                cursor.select(cursor.top + line, len, rows);
            }
        }
        Screen::Messages => {
            let line = app.cursor.top + line;
            if line < app.listed() {
                lists::select_line(app, line);
            }
        }
        Screen::Findings => {
            let len = app.index.findings.len();
            let cursor = &mut app.findings.cursor;
            if cursor.top + line < len {
                cursor.select(cursor.top + line, len, rows);
            }
        }
        Screen::Message | Screen::Statistics => {}
    }
}

/// A click on a column's head sorts by it, a second one the other way.
fn head(app: &mut App, x: u16) {
    match app.screen {
        Screen::Connections => {
            if let Some(column) = view::connection_column_at(app, x) {
                let (before, backwards) = app.connections.sort;
                app.connections.sort = (column, before == column && !backwards);
                lists::sorted(app);
            }
        }
        Screen::Messages => {
            if let Some(column) = view::message_column_at(app, x) {
                let (before, backwards) = app.messages.order;
                lists::sort_messages(app, (column, before == column && !backwards));
            }
        }
        Screen::Findings => lists::sort(app, false),
        Screen::Message | Screen::Statistics => {}
    }
}
