//! To other messages: marks, numbers, partners, and what time counts from.
//!
//! Job: find the message that is asked for. Input: commands and what was typed. Output: the state
//! changed.

use super::{lists, message};
use crate::tui::app::{App, Awaits, Screen};
use crate::tui::index::Row;
use crate::tui::message::Key;
use crate::ws::OpCode;

/// A letter that a command waits for.
pub(super) fn letter(app: &mut App, awaits: Awaits, letter: char) {
    match awaits {
        Awaits::Mark => {
            if let Some(key) = app.message.key {
                app.marks.insert(letter, key);
                app.notice = Some(format!(
                    "message {} of connection {} marked: ' {letter} comes back",
                    key.message, key.conversing
                ));
            }
        }
        Awaits::Jump => match app.marks.get(&letter).copied() {
            Some(key) => to(app, key),
            None => app.notice = Some(format!("nothing is marked {letter}: m {letter} marks")),
        },
    }
}

/// To a message, on the screen that is shown where that shows messages.
pub(super) fn to(app: &mut App, key: Key) {
    let Some(place) = app.index.find(key.conversing, key.message) else {
        app.notice = Some(format!(
            "there is no message {} of connection {}",
            key.message, key.conversing
        ));
        return;
    };
    let listed = match app.screen {
        Screen::Transcript => true,
        Screen::Messages => {
            let scope = app.messages.scope;
            if scope.is_some_and(|scope| !scope.has(key.conversing)) {
                lists::scope(app, Some(key.conversing));
            }
            let line = app
                .messages
                .line_of(place, &app.index, app.matches.as_ref());
            app.place_at(line) == Some(place)
        }
        _ => false,
    };
    app.follow = false;
    if listed {
        lists::select_place(app, Some(place));
    } else {
        message::jump(app, key.conversing, key.message);
    }
}

/// To what was typed: `64`, `3/64` or `3.1/64` by connection, `p1234` by packet.
pub(super) fn typed(app: &mut App, text: &str) {
    let text = text.trim();
    if let Some(packet) = text
        .strip_prefix('p')
        .and_then(|text| text.parse::<u64>().ok())
    {
        let found = app.index.at_packet(packet);
        let found = found.and_then(|place| app.index.get(place));
        match found.map(|row| key_of(&row)) {
            Some(key) => to(app, key),
            None => app.notice = Some(format!("no message ends at packet {packet} or after it")),
        }
        return;
    }
    let current = app.message.key.map(|key| key.conversing);
    let (conversing, number) = match text.split_once('/') {
        Some((conversing, number)) => (conversing.trim().parse().ok(), number.trim()),
        None => (current, text),
    };
    match (conversing, number.parse().ok()) {
        (Some(conversing), Some(message)) => to(
            app,
            Key {
                conversing,
                message,
            },
        ),
        _ => {
            app.notice = Some(format!(
                "{text:?} is no place: 64, 3/64 of connection 3, or p1234 for a packet"
            ));
        }
    }
}

fn key_of(row: &Row) -> Key {
    Key {
        conversing: row.conversing(),
        message: row.number.into(),
    }
}

/// Goes to the first match from the place that is looked for on, or else to the first of all.
pub(super) fn seek(app: &mut App) {
    let (Some(from), Some(matches)) = (app.seeking, &app.matches) else {
        app.seeking = None;
        return;
    };
    let scope = match app.screen {
        Screen::Transcript => app.transcript.conversing(),
        _ => app.messages.scope,
    };
    let is_meant = |place: &usize| {
        let of = || app.index.get(*place).map(|row| row.conversing());
        matches.get(*place) && scope.is_none_or(|scope| of().is_some_and(|of| scope.has(of)))
    };
    let mut found = (from..matches.answered).find(is_meant);
    let all = matches.answered >= app.index.len();
    if found.is_none() && all {
        found = (app.index.first()..app.index.len()).find(is_meant);
    }
    if let Some(place) = found {
        app.seeking = None;
        lists::select_place(app, Some(place));
    } else if all {
        app.seeking = None;
        app.notice = Some("it is in no message".to_owned());
    } else {
        app.seeking = Some(from.max(matches.answered));
    }
}

/// From a ping to its pong, from a close to the other close, and back.
pub(super) fn partner(app: &mut App) {
    let Some((place, row)) = app.place.and_then(|p| Some((p, app.index.get(p)?))) else {
        return;
    };
    let (wanted, onward) = match row.opcode {
        OpCode::Ping => (OpCode::Pong, true),
        OpCode::Pong => (OpCode::Ping, false),
        OpCode::Close => (OpCode::Close, true),
        _ => {
            app.notice = Some("it is no ping, pong or close, which have partners".to_owned());
            return;
        }
    };
    // RFC 6455 §5.5.3: a pong has the very payload of its ping.
    let is_it = |other: &Row, at: usize| {
        other.opcode == wanted
            && other.from != row.from
            && (wanted == OpCode::Close
                || (other.payload() == row.payload()
                    && app.index.preview(at) == app.index.preview(place)))
    };
    let number = u64::from(row.number);
    let found = |message: u64| {
        let at = app.index.find(row.conversing(), message)?;
        let other = app.index.get(at)?;
        is_it(&other, at).then(|| key_of(&other))
    };
    let last = app
        .index
        .connection(row.conversing())
        .map_or(0, crate::tui::index::Connection::last_message);
    let later = || (number + 1..=last).find_map(found);
    let earlier = || (1..number).rev().find_map(found);
    let key = match (onward, wanted) {
        (true, OpCode::Close) => later().or_else(earlier),
        (true, _) => later(),
        (false, _) => earlier(),
    };
    match key {
        Some(key) => to(app, key),
        None => app.notice = Some(format!("no {wanted} of the other side belongs to it")),
    }
}

/// Time counts from the selected message, or from the start again.
pub(super) fn reference(app: &mut App) {
    if app.reference.take().is_some() {
        app.notice = Some("time counts from the capture's first packet again".to_owned());
    } else if let (Some(place), Some(key)) = (app.place, app.message.key) {
        app.reference = Some(place);
        app.notice = Some(format!(
            "time counts from message {} of connection {}; r again: from the start",
            key.message, key.conversing
        ));
    }
}
