//! Which findings are listed, and what is folded.
//!
//! Job: keep the lines of their list in step with the index and with what is folded and hidden. Input:
//! commands. Output: the state changed.

use super::connections;
use crate::base::Conversing;
use crate::finding::{Code, Finding, Severity};
use crate::tui::app::{App, FindingColumn, FindingLine, Screen};
use crate::tui::keymap::Command;

/// Brings the lines up to date.
pub(super) fn arrange(app: &mut App) {
    let matches = app.matches.as_ref().filter(|_| !app.messages.marking);
    let (column, backwards) = app.findings.table.sort;
    let made = (
        app.index.findings.len(),
        matches.map_or(usize::MAX, |matches| matches.count),
        column as usize,
        backwards,
    );
    if !app.folds.is_stale(made) {
        return;
    }
    let (index, folds) = (&app.index, &app.folds);
    let is_meant = |(conversing, finding): &(Conversing, Finding)| {
        let Some(matches) = matches else {
            return true;
        };
        match finding.message {
            Some(message) => index
                .find(*conversing, message)
                .is_some_and(|place| matches.get(place)),
            None => matches.by_connection.contains_key(conversing),
        }
    };
    let shown = |one: &(Conversing, Finding)| folds.shows(one.1.code) && is_meant(one);
    app.findings
        .arrange(&index.findings, shown, FindingColumn::compare);
    app.folds.arrange(&app.index.findings, &app.findings.order);
}

/// The code of the selected line.
fn code(app: &App) -> Option<Code> {
    let line = app.findings.table.cursor.selected;
    match app.folds.lines.get(line)? {
        FindingLine::Group { code, .. } => Some(*code),
        FindingLine::One(place) => app.index.findings.get(*place).map(|(_, one)| one.code),
    }
}

/// What is folded or hidden.
pub(super) fn command(app: &mut App, command: Command) {
    if app.screen == Screen::Connections {
        connections::fold(app);
        return;
    }
    let code = code(app);
    let folds = &mut app.folds;
    match (command, code) {
        (Command::Fold, _) => folds.groups.folded = !folds.groups.folded,
        (Command::Hide, Some(code)) => {
            folds.hidden.insert(code);
            app.notice = Some(format!("{code} is hidden; D shows what is hidden"));
        }
        (Command::ShowHidden, _) => {
            folds.hidden.clear();
            folds.least = Severity::Note;
        }
        (Command::Least, _) => {
            folds.least = match folds.least {
                Severity::Note => Severity::Warning,
                Severity::Warning => Severity::Error,
                Severity::Error => Severity::Note,
            };
        }
        _ => {}
    }
    app.folds.changed();
    arrange(app);
}
