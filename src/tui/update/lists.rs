//! Lists: what they hold, where the cursor is, how they are sorted.
//!
//! Job: keep the lists in step with the index, a bounded piece at a time, and the selection
//! where it was. Input: the state. Output: the state changed.

use std::sync::Arc;

use super::connections::order;
use super::folds;
use crate::base::Conversing;
use crate::filter::Filter;
use crate::tui::app::{AnyTable, App, Cursor, Matches, SORTABLE, STEP, Screen};
use crate::tui::effect::Effect;
use crate::tui::layout;
use crate::tui::message::Key;

/// Goes on with what takes long.
pub(super) fn work(app: &mut App) -> bool {
    let whole = app.load.loaded.is_some();
    let mut more = false;
    if let Some(matches) = &mut app.matches {
        let before = matches.by_connection.len();
        more |= matches.step(&app.index, whole);
        if matches.by_connection.len() != before {
            order(app);
        }
    }
    more |= app.messages.step(&app.index, app.matches.as_ref());
    more
}

/// Whether there is work left that needs no event to go on.
pub fn is_busy(app: &App) -> bool {
    // While more comes, the last row may still get findings.
    let open = usize::from(app.load.loaded.is_none());
    let matches = app.matches.as_ref().filter(|_| app.searched.is_none());
    matches.is_some_and(|matches| matches.answered + open < app.index.len())
        || app.messages.is_behind()
}

/// Keeps the selected message selected, or finds another.
pub(super) fn settle_messages(app: &mut App, rows: usize) {
    let len = app.listed();
    if app.place.is_some_and(|place| place < app.index.first()) {
        // It is gone; the oldest one that is listed is near it.
        let first = app.place_at(0);
        select_place(app, first);
    }
    if app.follow && app.screen == Screen::Messages {
        app.messages.table.cursor.selected = len.saturating_sub(1);
        app.place = app.place_at(app.messages.table.cursor.selected);
    } else if let Some(place) = app.place
        && app.place_at(app.messages.table.cursor.selected) != Some(place)
    {
        let matches = app.matches.as_ref();
        app.messages.table.cursor.selected = app.messages.line_of(place, &app.index, matches);
    }
    app.messages.table.cursor.settle(len, rows);
    if app.screen == Screen::Messages {
        let there = app.place_at(app.messages.table.cursor.selected);
        // Where the list is still being made, the selected one may be to come.
        if there.is_some() && (app.place.is_none() || !is_busy(app)) {
            select_place(app, there);
        }
    }
}

/// Selects a message by its place.
pub(super) fn select_place(app: &mut App, place: Option<usize>) {
    app.place = place;
    let row = place.and_then(|place| app.index.get(place));
    let key = row.map(|row| Key {
        conversing: row.conversing(),
        message: row.number.into(),
    });
    if app.message.key != key {
        app.message.key = key;
        app.message.scroll = [0; 6];
        app.message.cursor = 0;
        app.message.spot.restart();
    }
}

/// Selects a line of the list of messages.
pub(super) fn select_line(app: &mut App, line: usize) {
    let rows = layout::areas(app).rows();
    app.follow = false;
    let len = app.listed();
    app.messages.table.cursor.select(line, len, rows);
    let place = app.place_at(app.messages.table.cursor.selected);
    select_place(app, place);
}

/// Shows the messages of one connection, or of all.
pub(super) fn scope(app: &mut App, connection: Option<Conversing>) {
    if app.messages.scope != connection {
        app.messages.scope = connection;
        app.messages.reset();
        let keep = app.place.filter(|place| {
            let row = app.index.get(*place);
            connection.is_none_or(|c| row.is_some_and(|row| c.has(row.conversing())))
        });
        app.messages.table.cursor = Cursor::default();
        select_place(app, keep);
    }
    // Lists of ordinary length are there at once.
    for _ in 0..8 {
        app.messages.step(&app.index, app.matches.as_ref());
    }
    if app.place.is_none() {
        let first = app.place_at(0);
        select_place(app, first);
    }
}

/// Sets a filter, or none.
pub(super) fn filter(app: &mut App, filter: Option<Filter>, effects: &mut Vec<Effect>) {
    app.later = None;
    let filter = filter.and_then(|filter| knowing(app, filter)).map(Arc::new);
    if app.matches.is_some() {
        effects.push(Effect::StopSearch);
    }
    app.searched = None;
    if let Some(filter) = &filter
        && filter.needs_payload()
    {
        app.filters += 1;
        effects.push(Effect::Search(Arc::clone(filter), app.filters));
        app.searched = Some((0, None));
    }
    app.needles = filter.as_ref().map(|one| one.needles()).unwrap_or_default();
    app.message.hit = 0;
    let (number, is_live) = (app.filters, app.live.is_some() && app.load.loaded.is_none());
    app.matches = filter.map(|filter| {
        let mut matches = Matches::new(filter);
        matches.number = number;
        matches.is_live = is_live;
        matches
    });
    app.messages.marking = false;
    app.messages.reset();
    for _ in 0..8 {
        work(app);
    }
    order(app);
    app.connections.table.cursor = Cursor::default();
}

/// The filter, once what it asks is known; where it asks how connections end, that is when all is
/// read, and never of live traffic.
fn knowing(app: &mut App, filter: Filter) -> Option<Filter> {
    if filter.needs_processes() && app.live.is_none() {
        let why = "processes are known only while connections are captured: this filter is for live traffic";
        app.notice = Some(why.to_owned());
        return None;
    }
    if !filter.needs_ends() {
        return Some(filter);
    }
    if app.load.loaded.is_some() {
        let ends = Arc::new(app.index.ends());
        return Some(filter.knowing(ends));
    }
    let what = "how a connection ends is known when it is over";
    if app.live.is_some() {
        app.notice = Some(format!(
            "{what}: this filter is for files, not for live traffic"
        ));
        return None;
    }
    app.notice = Some(format!("{what}: the filter is set when all is read"));
    app.later = Some(filter);
    None
}

/// All is read: the filter that waited for that is set.
pub(super) fn loaded(app: &mut App, effects: &mut Vec<Effect>) {
    app.index.pair();
    app.messages.reorder();
    order(app);
    if let Some(later) = app.later.take() {
        filter(app, Some(later), effects);
    }
}

/// Moves the cursor of the table that is shown.
pub(super) fn move_cursor(app: &mut App, to: impl FnOnce(&mut Cursor, usize, usize)) {
    let (len, rows) = (app.lines(), layout::areas(app).rows());
    if let Some(table) = app.table_mut() {
        to(table.cursor(), len, rows);
    }
    if app.screen == Screen::Messages {
        app.follow = false;
        let place = app.place_at(app.messages.table.cursor.selected);
        select_place(app, place);
    }
}

/// Sorts the table that is shown otherwise, unless it is too long.
pub(super) fn sort(app: &mut App, how: impl FnOnce(&mut dyn AnyTable)) {
    if app.screen == Screen::Messages && app.listed() > SORTABLE {
        app.notice = Some(format!(
            "more than {SORTABLE} messages are not sorted: filter them first"
        ));
        return;
    }
    let Some(table) = app.table_mut() else {
        return;
    };
    how(table);
    match app.screen {
        Screen::Connections => {
            app.connections.known = 0;
            order(app);
        }
        Screen::Messages => {
            app.messages.reset();
            for _ in 0..=SORTABLE / STEP {
                app.messages.step(&app.index, app.matches.as_ref());
            }
        }
        Screen::Findings => {
            folds::arrange(app);
        }
        Screen::Message | Screen::Statistics | Screen::Transcript => {}
    }
    move_cursor(app, |cursor, _, _| *cursor = Cursor::default());
}
