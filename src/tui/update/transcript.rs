//! The transcript: moving in it, and getting what it shows.
//!
//! Job: keep its rows in step with the index and the selected one in sight, want the payloads that
//! are seen. Input: the state. Output: the state changed, and effects.

use super::{lists, message};
use crate::tui::app::{App, Screen, TranscriptRow};
use crate::tui::effect::Effect;
use crate::tui::layout;
use crate::tui::message::{AHEAD, Depth, Key};
use crate::tui::rows;

/// Brings the rows up to date and the selected one into sight.
pub(super) fn settle(app: &mut App) {
    if app.screen != Screen::Transcript {
        return;
    }
    let of = app.message.key.map(|key| key.conversing).or_else(|| {
        let all = app.index.connections().iter();
        let mut all = all.filter(|one| !one.is_transport());
        all.next().map(|one| one.conversing())
    });
    let changed = app.transcript.conversing() != of;
    app.transcript.arrange(of, &app.index);
    let last = app.transcript.rows.len().saturating_sub(1);
    if app.follow {
        select(app, last);
    } else if let Some(place) = app.place {
        let there = app.transcript.selected();
        let is_message = matches!(there, Some(TranscriptRow::Message(_)));
        if changed || (is_message && there != Some(TranscriptRow::Message(place))) {
            let row = app.transcript.row_of(place);
            app.transcript.cursor.selected = row.unwrap_or(0);
        }
    }
    let cursor = &mut app.transcript.cursor;
    cursor.selected = cursor.selected.min(last);
    cursor.top = cursor.top.min(cursor.selected);
    let (width, height, most) = extent(app);
    // From the selected row up, as much as fits.
    let mut used = 0;
    let mut top = app.transcript.cursor.selected;
    loop {
        used += rows::lines(app, top, width, most).len();
        if used > height {
            top = (top + 1).min(app.transcript.cursor.selected);
            break;
        }
        if top <= app.transcript.cursor.top {
            break;
        }
        top -= 1;
    }
    app.transcript.cursor.top = app.transcript.cursor.top.max(top);
}

/// Columns, lines, and lines that one payload may take.
pub(super) fn extent(app: &App) -> (usize, usize, usize) {
    let body = layout::areas(app).body();
    let height = usize::from(body.height);
    let width = usize::from(body.width).saturating_sub(1);
    (width, height, (height * 2 / 3).saturating_sub(2).max(1))
}

/// The rows that are seen.
fn seen(app: &App) -> Vec<TranscriptRow> {
    let (width, height, most) = extent(app);
    let mut used = 0;
    let mut seen = Vec::new();
    for number in app.transcript.cursor.top..app.transcript.rows.len() {
        if used >= height {
            break;
        }
        used += rows::lines(app, number, width, most).len();
        seen.extend(app.transcript.rows.get(number));
    }
    seen
}

/// Selects a row, and the message that it is.
fn select(app: &mut App, row: usize) {
    app.transcript.cursor.selected = row;
    if let Some(TranscriptRow::Message(place)) = app.transcript.selected() {
        lists::select_place(app, Some(place));
    }
}

/// Up and down.
pub(super) fn step(app: &mut App, by: isize) {
    app.follow = false;
    let last = app.transcript.rows.len().saturating_sub(1);
    let to = app.transcript.cursor.selected.saturating_add_signed(by);
    select(app, to.min(last));
}

/// Rows of a page.
pub(super) fn page(app: &App) -> usize {
    seen(app).len().saturating_sub(1).max(1)
}

/// The next message that matches, or the next one at all.
pub(super) fn next(app: &mut App, by: isize) -> bool {
    let mut row = app.transcript.cursor.selected;
    while let Some(to) = row.checked_add_signed(by)
        && let Some(there) = app.transcript.rows.get(to)
    {
        row = to;
        let matches = match (there, &app.matches) {
            (TranscriptRow::Message(place), Some(matches)) => matches.get(*place),
            (TranscriptRow::Message(_), None) => true,
            _ => false,
        };
        if matches {
            app.follow = false;
            select(app, row);
            return true;
        }
    }
    false
}

/// The row at a line of the screen.
pub(super) fn click(app: &mut App, line: usize) {
    let (width, height, most) = extent(app);
    let mut used = 0;
    for number in app.transcript.cursor.top..app.transcript.rows.len() {
        used += rows::lines(app, number, width, most).len();
        if line < used {
            app.follow = false;
            select(app, number);
            return;
        }
        if used >= height {
            return;
        }
    }
}

/// Asks for the first payload that is seen and not there.
pub(super) fn want(app: &mut App, effects: &mut Vec<Effect>) {
    let failed = app.message.failed.as_ref().map(|(key, _)| *key);
    let missing = seen(app).into_iter().find_map(|row| {
        let TranscriptRow::Message(place) = row else {
            return None;
        };
        let row = app.index.get(place)?;
        let key = Key {
            conversing: row.conversing(),
            message: row.number.into(),
        };
        // What the index has whole need not be got.
        let there = rows::has_all(app, &row) || app.message.cached(key, Depth::Payload).is_some();
        (!there && failed != Some(key)).then_some(key)
    });
    app.message.wanted = missing.map(|key| (key, Depth::Payload));
    let Some(key) = missing else {
        return;
    };
    let coming = app.transcript.fetching.is_some_and(|first| {
        first.conversing == key.conversing
            && (first.message..=first.message + AHEAD).contains(&key.message)
    });
    if !coming {
        app.transcript.fetching = Some(key);
        effects.push(Effect::Fetch(message::wish(app, key, Depth::Payload)));
    }
}
