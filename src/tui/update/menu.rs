//! The menus of tables.
//!
//! Job: open them, move in them, do what is chosen. Input: commands. Output: the state changed.

use super::lists;
use crate::tui::app::{App, Choose, Menu};
use crate::tui::keymap::Command;

/// Opens a menu at what the table is sorted by, or at the first column.
pub(super) fn open(app: &mut App, choose: Choose) {
    app.menu = Some(Menu { choose, line: 0 });
    if choose == Choose::Order
        && let Some(line) = app.choices().iter().position(|one| one.sorted.is_some())
    {
        app.menu = Some(Menu { choose, line });
    }
    if app.choices().is_empty() {
        app.menu = None;
    }
}

/// The menu takes the keys that move it or choose, and closes at others.
pub(super) fn command(app: &mut App, menu: Menu, command: Command) {
    let choices = app.choices();
    let last = choices.len().saturating_sub(1);
    let line = match command {
        Command::Up => menu.line.saturating_sub(1),
        Command::Down => menu.line + 1,
        Command::Top => 0,
        Command::Bottom => last,
        Command::Enter => {
            if let Some(choice) = choices.get(menu.line) {
                choose(app, menu.choose, choice.column);
            }
            return;
        }
        _ => {
            app.menu = None;
            return;
        }
    };
    app.menu = Some(Menu {
        line: line.min(last),
        ..menu
    });
}

fn choose(app: &mut App, choose: Choose, column: usize) {
    match choose {
        Choose::Order => {
            app.menu = None;
            lists::sort(app, |table| table.sort_by(column));
        }
        Choose::Columns => {
            let width = app.size.0;
            if let Some(table) = app.table_mut() {
                table.toggle(column, width);
            }
        }
    }
}
