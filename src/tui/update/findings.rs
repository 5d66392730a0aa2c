//! Going where a finding stands.
//!
//! Job: open a code, or go to the message or connection of one finding. Input: the state. Output: the
//! state changed.

use super::screens::go;
use super::{connections, folds, message};
use crate::tui::app::{App, FindingLine, Screen, Tab};

/// Opens a code, folds it, or goes to where a finding stands.
pub(super) fn enter(app: &mut App) {
    let line = app.findings.table.cursor.selected;
    match app.folds.lines.get(line) {
        Some(FindingLine::Group { code, .. }) => {
            app.folds.groups.turn(*code);
            app.folds.changed();
            folds::arrange(app);
        }
        Some(FindingLine::One(_)) => go_to(app),
        None => {}
    }
}

/// To the message of a finding, or to the connection's handshake.
fn go_to(app: &mut App) {
    let Some((number, finding)) = app.finding_at(app.findings.table.cursor.selected) else {
        return;
    };
    let number = *number;
    if let Some(one) = finding.message {
        let bit = finding.bit;
        let there = message::jump(app, number, one);
        if let (true, Some(key), Some(bit)) = (there, app.message.key, bit) {
            message::set_tab(app, Tab::Deflate);
            app.message.seek = Some((key, bit));
        }
        return;
    }
    if connections::select(app, number) {
        go(app, Screen::Connections);
    }
}
