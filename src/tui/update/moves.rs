//! What moves.
//!
//! Job: the selection, the focus and the screen go elsewhere, whatever is shown. Input: a [`Command`].
//! Output: the state changed.

use strum::VariantArray;

use super::screens::go;
use super::{connections, findings, lesson, lists, message, spot, transcript};
use crate::tui::app::{App, Pane, Screen, turned};
use crate::tui::keymap::Command;
use crate::tui::layout;

/// What changes the place and nothing else.
pub(super) fn command(app: &mut App, command: Command) {
    match command {
        Command::Up => step(app, -1),
        Command::Down => step(app, 1),
        Command::PageUp => step(app, -page(app)),
        Command::PageDown => step(app, page(app)),
        Command::Top => step(app, isize::MIN),
        Command::Bottom => step(app, isize::MAX),
        Command::Left => sideways(app, -1),
        Command::Right => sideways(app, 1),
        Command::PreviousBit => spot::by_bit(app, -1),
        Command::NextBit => spot::by_bit(app, 1),
        Command::PreviousBlock => spot::by_block(app, -1),
        Command::NextBlock => spot::by_block(app, 1),
        Command::Enter => enter(app),
        Command::Back => back(app),
        Command::NextPane => turn(app, 1),
        Command::PreviousPane => turn(app, -1),
        Command::Screen(number) => screen(app, number),
        Command::NextMatch => next(app, 1),
        Command::PreviousMatch => next(app, -1),
        _ => {}
    }
}

fn page(app: &App) -> isize {
    let areas = layout::areas(app);
    let lines = if app.screen == Screen::Transcript {
        return isize::try_from(transcript::page(app)).unwrap_or(1);
    } else if app.on_message() {
        usize::from(areas.body().height)
    } else {
        areas.rows()
    };
    isize::try_from(lines.saturating_sub(1).max(1)).unwrap_or(1)
}

/// Up and down, whatever has the focus.
fn step(app: &mut App, by: isize) {
    if app.on_message() {
        message::step(app, by);
        return;
    }
    if app.screen == Screen::Transcript {
        transcript::step(app, by);
        return;
    }
    if app.screen == Screen::Statistics {
        turn(app, by.signum());
    }
    if app.screen == Screen::Messages && lesson::scroll(app, by) {
        return;
    }
    let follow = app.follow && by > 0;
    lists::move_cursor(app, |cursor, len, rows| cursor.step(by, len, rows));
    app.follow = follow;
}

fn sideways(app: &mut App, by: isize) {
    if app.on_message() {
        message::sideways(app, by);
    } else if let Some(table) = app.table_mut() {
        table.scroll(by);
    } else if app.screen == Screen::Statistics {
        turn(app, by);
    }
}

fn turn(app: &mut App, by: isize) {
    match app.screen {
        Screen::Message => message::turn(app, by),
        Screen::Messages => {
            match app.pane {
                Pane::Focused => {
                    let before = app.message.tab;
                    message::turn(app, by);
                    // Past the last tab the list has its turn.
                    let wraps = (app.message.tab as usize) < (before as usize);
                    if wraps == (by > 0) {
                        app.unfocus();
                    }
                }
                Pane::Shown => {
                    app.pane = Pane::Focused;
                    app.zoomed = false;
                }
                Pane::Hidden => {}
            }
        }
        Screen::Statistics => {
            app.stats = turned(app.stats, by.signum());
        }
        Screen::Connections | Screen::Findings | Screen::Transcript => {}
    }
}

fn screen(app: &mut App, number: u8) {
    let Some(to) = Screen::VARIANTS.get(usize::from(number).saturating_sub(1)) else {
        return;
    };
    if matches!(to, Screen::Messages | Screen::Message) && app.place.is_none() {
        lists::scope(app, app.messages.scope);
    }
    if *to == Screen::Transcript {
        let of = app.connection().map(|connection| connection.conversing());
        let here = app.message.key.map(|key| key.conversing);
        if of.is_some() && of != here {
            lists::scope(app, of);
        } else if app.place.is_none() {
            lists::scope(app, app.messages.scope);
        }
    }
    if *to == Screen::Message && app.place.is_none() {
        app.notice = Some("there is no message yet".to_owned());
        return;
    }
    go(app, *to);
}

fn enter(app: &mut App) {
    match app.screen {
        Screen::Connections => {
            let number = app.connection().map(|connection| connection.conversing());
            if !connections::turn(app) && number.is_some() {
                lists::scope(app, number);
                go(app, Screen::Messages);
            }
        }
        Screen::Messages if app.on_message() => message::enter(app),
        Screen::Messages | Screen::Transcript => {
            if app.place.is_some() {
                go(app, Screen::Message);
            }
        }
        Screen::Message => message::enter(app),
        Screen::Findings => findings::enter(app),
        Screen::Statistics => {}
    }
}

fn back(app: &mut App) {
    if app.on_message() && message::back(app) {
        return;
    }
    if app.pane == Pane::Focused {
        app.unfocus();
        app.zoomed = false;
    } else if app.zoomed {
        app.zoomed = false;
    } else if let Some(screen) = app.trail.pop() {
        app.screen = screen;
    } else if app.screen != Screen::Connections {
        app.screen = Screen::Connections;
    } else {
        app.notice = Some("q quits".to_owned());
    }
}

/// The next match; without a filter or where only matches are listed, the next message.
fn next(app: &mut App, by: isize) {
    if app.on_message() && message::next_hit(app, by) {
        return;
    }
    if app.screen == Screen::Transcript {
        if !transcript::next(app, by) {
            app.notice = Some(no_more(by));
        }
        return;
    }
    app.message.from_end = by < 0;
    if !matches!(app.screen, Screen::Messages | Screen::Message) {
        step(app, by);
        return;
    }
    let len = app.listed();
    let mut line = app.messages.table.cursor.selected;
    loop {
        let Some(to) = line.checked_add_signed(by).filter(|to| *to < len) else {
            app.notice = Some(no_more(by));
            app.message.from_end = false;
            return;
        };
        line = to;
        let matches = match &app.matches {
            Some(matches) if app.messages.marking => {
                app.place_at(line).is_some_and(|place| matches.get(place))
            }
            _ => true,
        };
        if matches {
            lists::select_line(app, line);
            return;
        }
    }
}

fn no_more(by: isize) -> String {
    let side = if by > 0 { "after" } else { "before" };
    format!("no more {side} it")
}
