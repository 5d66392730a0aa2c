//! The cursor of a message's bytes, bits and text.
//!
//! Job: move it, and keep it and the cursor of the steps on the same bit. Input: the state. Output:
//! the state changed.

use crate::explain::{Spot, Unit};
use crate::tui::app::{App, Tab};

/// Moves the cursor of the three rows.
pub(super) fn go(app: &mut App, unit: Unit, by: isize) {
    let spot = app.message.spot;
    if let Some(bits) = app.message.bits() {
        app.message.spot = bits.links().moved(spot, unit, by);
    }
}

/// By bits.
pub(super) fn by_bit(app: &mut App, by: isize) {
    if app.message.tab == Tab::Wire {
        go(app, Unit::Bit, by);
    }
}

/// By blocks; in a payload without blocks by frames.
pub(super) fn by_block(app: &mut App, by: isize) {
    if app.message.tab == Tab::Deflate {
        // The same walk for both tabs.
        to_step(app);
        go(app, Unit::Block, by);
        to_steps(app);
    } else if app.message.tab == Tab::Wire {
        go(app, Unit::Block, by);
    }
}

/// Puts the cursor of the three rows on the step that is looked at.
pub(super) fn to_step(app: &mut App) {
    let (row, cursor) = (app.message.spot.row, app.message.cursor);
    let spot = app.message.bits().and_then(|bits| {
        let spot = bits.links().at_step(cursor)?;
        Some(Spot { row, ..spot })
    });
    if let Some(spot) = spot {
        app.message.spot = spot;
    }
}

/// Looks at the step that the cursor of the three rows is on.
pub(super) fn to_steps(app: &mut App) {
    let spot = app.message.spot;
    let bits = app.message.bits();
    if let Some(step) = bits.and_then(|bits| bits.links().step_of(spot)) {
        app.message.cursor = step;
    }
}
