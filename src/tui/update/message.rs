//! The message that is looked at.
//!
//! Job: want what is not there yet, lay out what is, move in it. Input: the state. Output: the
//! state changed, and effects.

use crate::base::Conversing;
use std::sync::Arc;

use super::lists;
use super::screens::go;
use super::spot;
use crate::explain::{Step, Unit};
use crate::page::{Kind, Line};
use crate::tui::app::{App, Document, Screen, Tab, turned};
use crate::tui::effect::Effect;
use crate::tui::layout;
use crate::tui::message::{Depth, Fetched, Key, Known, Wish, lines};

/// Steps that can be gone before a message has come.
const PATIENT: usize = 1 << 16;

/// Takes a message that was got.
pub(super) fn fetched(app: &mut App, fetched: Fetched) {
    match fetched {
        Fetched::Content(content) => {
            let deeper = app
                .message
                .cached(content.key(), Depth::Wire)
                .is_some_and(|_| content.wire.is_none());
            if !deeper {
                app.message.keep(*content);
            }
        }
        Fetched::Ended(key) => {
            if app.transcript.fetching == Some(key) {
                app.transcript.fetching = None;
            }
        }
        Fetched::Failed(key, why) => {
            app.transcript.fetching = None;
            app.message.failed = Some((key, why));
        }
    }
}

/// Whether the message is seen now.
fn is_seen(app: &App) -> bool {
    match app.screen {
        Screen::Message => true,
        Screen::Messages => layout::areas(app).pane.height > 1,
        _ => false,
    }
}

/// What the index knows of a message that is to be fetched.
pub(super) fn wish(app: &App, key: Key, depth: Depth) -> Wish {
    let known = || {
        let row = app
            .index
            .get(app.index.find(key.conversing, key.message)?)?;
        Some(Known {
            from: row.from,
            last_packet: row.last_packet,
            info: Arc::new(app.index.connection(key.conversing)?.info.clone()),
        })
    };
    Wish {
        key,
        depth,
        known: known(),
    }
}

/// Asks for what is shown and not there; lays out what is.
pub(super) fn want(app: &mut App, effects: &mut Vec<Effect>) {
    let Some(key) = app.message.key.filter(|_| is_seen(app)) else {
        return;
    };
    let depth = app.message.tab.depth().unwrap_or(Depth::Payload);
    if app.message.cached(key, depth).is_none() {
        let failed = app.message.failed.as_ref().is_some_and(|(k, _)| *k == key);
        if app.message.wanted != Some((key, depth)) && !failed {
            app.message.wanted = Some((key, depth));
            effects.push(Effect::Fetch(wish(app, key, depth)));
        }
    } else if app
        .message
        .wanted
        .is_some_and(|(k, d)| app.message.cached(k, d).is_some())
    {
        app.message.wanted = None;
    }
    found_bit(app, key);
    document(app, key);
}

/// Puts the cursor on the bit that was looked for, or back into what is there.
fn found_bit(app: &mut App, key: Key) {
    let Some(bits) = app.message.bits() else {
        return;
    };
    let cursor = match app.message.seek {
        Some((of, bit)) if of == key => {
            let says = |step: &Step| step.says(&bits.explanation);
            let holds = |step: &Step| says(step).is_some_and(|says| says.bits.end > bit);
            let at = bits.steps.iter().position(holds);
            at.unwrap_or(bits.steps.len().saturating_sub(1))
        }
        _ => {
            let last = places(app).map_or(usize::MAX, |places| places.saturating_sub(1));
            app.message.cursor.min(last)
        }
    };
    let spot = bits.links().fixed(app.message.spot);
    app.message.seek = None;
    app.message.cursor = cursor;
    app.message.spot = spot;
}

fn document(app: &mut App, key: Key) {
    let width = usize::from(layout::areas(app).body().width).saturating_sub(1);
    let form = app.message.form;
    let marked = app.matches.as_ref();
    let marked = marked.map_or("", |matches| matches.filter.source());
    let fits =
        app.message.document.as_ref().is_some_and(|d| {
            d.key == key && d.form == form && d.width == width && d.marked == marked
        });
    if fits || app.message.tab != Tab::Payload {
        return;
    }
    let known = app.message.document.as_ref();
    let same = known.is_some_and(|one| one.key == key && one.marked == marked);
    let marked = marked.to_owned();
    app.message.document = app.message.content().map(|content| {
        let lines = lines(content, form, width, &app.needles);
        Document {
            key,
            form,
            width,
            marked,
            found: found(&lines),
            lines,
        }
    });
    if let Some(document) = &app.message.document
        && !same
    {
        let last = document.found.len().saturating_sub(1);
        app.message.hit = if app.message.from_end { last } else { 0 };
        app.message.from_end = false;
        show_hit(app);
    }
}

/// The places in lines that are marked as found, those that go on in the next line once.
fn found(lines: &[Line]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut goes_on = false;
    for (at, line) in lines.iter().enumerate() {
        let spans = line.spans();
        for (number, span) in spans.iter().enumerate() {
            if span.kind == Kind::Found && !(goes_on && number == 0) {
                found.push((at, number));
            }
        }
        goes_on = spans.last().is_some_and(|span| span.kind == Kind::Found);
    }
    found
}

/// Scrolls to the place that is looked at.
fn show_hit(app: &mut App) {
    let height = usize::from(layout::areas(app).body().height);
    let Some(document) = &app.message.document else {
        return;
    };
    let Some((line, _)) = document.found.get(app.message.hit) else {
        return;
    };
    let last = document.lines.len().saturating_sub(height.max(1));
    let [top, ..] = &mut app.message.scroll;
    if *line < *top || *line + 3 >= *top + height {
        *top = line.saturating_sub(height / 3).min(last);
    }
}

/// To the next place in the message where what is looked for is found; whether there is one.
pub(super) fn next_hit(app: &mut App, by: isize) -> bool {
    let key = app.message.key;
    let document = app.message.document.as_ref();
    let document = document.filter(|one| Some(one.key) == key && app.message.tab == Tab::Payload);
    let count = document.map_or(0, |one| one.found.len());
    match app.message.hit.checked_add_signed(by) {
        Some(hit) if hit < count => {
            app.message.hit = hit;
            show_hit(app);
            true
        }
        _ => false,
    }
}

/// Lines of the tab, and how many of them are seen.
fn extent(app: &App) -> (usize, usize) {
    let height = usize::from(layout::areas(app).body().height);
    let lines = match app.message.tab {
        Tab::Payload => app.message.document.as_ref().map_or(0, |d| d.lines.len()),
        _ => crate::tui::view::tab_lines(app),
    };
    (lines, height)
}

/// Places that the cursor of a tab has, where it has one.
fn places(app: &App) -> Option<usize> {
    match app.message.tab {
        Tab::Deflate => Some(app.message.bits().map_or(0, |bits| bits.steps.len())),
        Tab::Units => Some(
            app.message
                .content()
                .map_or(0, |content| content.units.len()),
        ),
        Tab::Payload | Tab::Wire | Tab::Frames | Tab::Handshake => None,
    }
}

/// Scrolls, or moves the cursor where there is one.
pub(super) fn step(app: &mut App, by: isize) {
    if app.message.tab == Tab::Wire {
        let unit = if by.unsigned_abs() == 1 {
            Unit::Row
        } else {
            Unit::Part
        };
        spot::go(app, unit, by);
        return;
    }
    if let Some(places) = places(app) {
        let to = app.message.cursor.saturating_add_signed(by);
        // What is not there yet has places enough; the cursor is brought back when it comes.
        app.message.cursor = match app.message.bits() {
            Some(_) => to.min(places.saturating_sub(1)),
            None if app.message.tab == Tab::Units => to.min(places.saturating_sub(1)),
            None => to.min(PATIENT),
        };
        return;
    }
    let (lines, height) = extent(app);
    let tab = app.message.tab as usize;
    if let Some(top) = app.message.scroll.get_mut(tab) {
        *top = top
            .saturating_add_signed(by)
            .min(lines.saturating_sub(height));
    }
}

/// The tab before or behind; in tabs with a cursor the field before or behind.
pub(super) fn sideways(app: &mut App, by: isize) {
    if app.message.tab == Tab::Wire {
        spot::go(app, Unit::Part, by);
    } else if places(app).is_some() {
        step(app, by);
    } else {
        turn(app, by);
    }
}

/// Turns to another tab.
pub(super) fn turn(app: &mut App, by: isize) {
    set_tab(app, turned(app.message.tab, by.signum()));
}

/// Shows a tab.
pub(super) fn set_tab(app: &mut App, tab: Tab) {
    let from = std::mem::replace(&mut app.message.tab, tab);
    match (from, tab) {
        _ if from == tab => {}
        // Both are at the same bit.
        (Tab::Wire, Tab::Deflate) => spot::to_steps(app),
        (Tab::Deflate, Tab::Wire) => spot::to_step(app),
        _ => app.message.cursor = 0,
    }
}

/// Back to where a jump came from, if one did.
pub(super) fn back(app: &mut App) -> bool {
    let Some((place, tab, cursor)) = app.message.jumps.pop() else {
        return false;
    };
    lists::select_place(app, Some(place));
    app.message.tab = tab;
    app.message.cursor = cursor;
    true
}

/// What Enter does on a message.
pub(super) fn enter(app: &mut App) {
    if app.message.tab == Tab::Deflate
        && let Some(source) = app.message.source()
    {
        let from = app
            .place
            .map(|place| (place, Tab::Deflate, app.message.cursor));
        if jump(app, source.conversing, source.message) {
            app.message.jumps.extend(from);
            app.message.tab = Tab::Payload;
            app.notice = Some("Esc goes back to the copy".to_owned());
        }
        return;
    }
    if app.message.tab == Tab::Units
        && let Some(to) = counterpart(app)
    {
        let from = app
            .place
            .map(|place| (place, Tab::Units, app.message.cursor));
        if jump(app, to.conversing, to.message) {
            app.message.jumps.extend(from);
            app.message.tab = Tab::Units;
            app.notice = Some("Esc goes back".to_owned());
        }
        return;
    }
    if app.screen == Screen::Messages {
        go(app, Screen::Message);
    }
}

/// The message that the selected unit answers, or else the one that answers it.
fn counterpart(app: &App) -> Option<Key> {
    let content = app.message.content()?;
    let unit = content.units.get(app.message.cursor)?;
    let conversing = content.conversing;
    let answered = unit.answers.last().map(|to| to.message);
    let message = answered.or_else(|| app.index.answer(conversing, content.number))?;
    Some(Key {
        conversing,
        message,
    })
}

/// Goes to a message by its numbers.
pub(super) fn jump(app: &mut App, connection: Conversing, message: u64) -> bool {
    let Some(place) = app.index.find(connection, message) else {
        app.notice = Some(format!(
            "message {message} of connection {connection} is not there yet"
        ));
        return false;
    };
    if app
        .messages
        .scope
        .is_some_and(|scope| !scope.has(connection))
    {
        lists::scope(app, Some(connection));
    }
    app.follow = false;
    lists::select_place(app, Some(place));
    go(app, Screen::Message);
    true
}

/// Copies the payload.
pub(super) fn copy(app: &mut App, effects: &mut Vec<Effect>) {
    let Some(content) = app.message.content() else {
        app.notice = Some(if app.message.key.is_none() {
            "no message is selected".to_owned()
        } else {
            "the payload is not there yet".to_owned()
        });
        return;
    };
    effects.push(Effect::Copy(content.payload.clone()));
}
