//! From one screen to another.

use crate::tui::app::{App, Screen};

/// Shows a screen and remembers the one before.
pub(super) fn go(app: &mut App, to: Screen) {
    if app.screen != to {
        app.trail.retain(|screen| *screen != to);
        app.trail.push(app.screen);
        app.screen = to;
        app.zoomed = false;
        app.unfocus();
        // Who watches a live capture wants what comes.
        app.follow = to == Screen::Messages && (app.follow || app.live.is_some());
    }
}
