//! Where the UI opens: at a filter, a connection, a message.
//!
//! Job: do what the user would do to get there, as soon as it can be done. Input: the state. Output:
//! the state changed, effects.

use super::lists;
use super::prompt;
use super::screens::go;
use crate::tui::app::{App, Screen};
use crate::tui::effect::Effect;
use crate::tui::settings::Opening;

/// Begins at `opening`.
pub(super) fn begin(app: &mut App, opening: &Opening, effects: &mut Vec<Effect>) {
    if opening.connection.is_some() {
        lists::scope(app, opening.connection);
        go(app, Screen::Messages);
    }
    if let Some(filter) = &opening.filter {
        go(app, Screen::Messages);
        if let Err(error) = prompt::filter(app, filter, effects) {
            app.notice = Some(error.to_string());
        }
    }
    app.opening = opening.connection.zip(opening.message);
}

/// Goes to the message as soon as it is there; where the capture ends without it, says so.
pub(super) fn go_on(app: &mut App) {
    let Some((connection, message)) = app.opening else {
        return;
    };
    if let Some(place) = app.index.find(connection, message) {
        app.opening = None;
        app.follow = false;
        lists::select_place(app, Some(place));
        go(app, Screen::Message);
    } else if app.load.loaded.is_some() {
        app.opening = None;
        app.notice = Some(format!("connection {connection} has no message {message}"));
    }
}
