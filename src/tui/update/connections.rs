//! Which connections are listed, and which of them with their streams.
//!
//! Job: keep the table in step with the index, the filter and what is folded, and the selection where
//! it was. Input: the state. Output: the state changed.

use std::collections::BTreeMap;

use crate::base::Conversing;
use crate::tui::app::{App, ConnectionColumn};
use crate::tui::index::Connection;

/// Lines that are sorted again whenever something comes; more are when it is asked for.
const LIVE: usize = 5_000;

/// Brings the table up to date.
pub(super) fn order(app: &mut App) {
    let coming = app.matches.is_none() && app.load.loaded.is_none();
    let listed = &app.connections;
    let selected = listed.order.get(listed.table.cursor.selected).copied();
    if coming && listed.known > 0 && listed.order.len() > LIVE {
        append(app);
    } else {
        arrange(app);
    }
    // The first line stays selected until somebody chooses another one.
    let at = selected.filter(|_| app.connections.table.cursor.selected > 0);
    if let Some(line) = at.and_then(|place| line_of(app, place)) {
        app.connections.table.cursor.selected = line;
    }
}

/// The line of a connection, or of the one that its stream is folded under.
fn line_of(app: &App, place: usize) -> Option<usize> {
    let order = &app.connections.order;
    let of = |wanted: usize| order.iter().position(|place| *place == wanted);
    of(place).or_else(|| {
        let all = app.index.connections();
        let under = all.get(place)?.conversing().connection;
        let is_it = |place: &usize| all.get(*place).is_some_and(|one| is_on(one, under));
        order.iter().position(is_it)
    })
}

fn is_on(one: &Connection, connection: u64) -> bool {
    one.conversing().connection == connection
}

/// Makes the table anew.
fn arrange(app: &mut App) {
    let App {
        index,
        connections,
        streams,
        matches,
        ..
    } = app;
    let all = index.connections();
    let is_meant = |one: &Connection| matches.as_ref().is_none_or(|matches| matches.means(one));
    let meant = |place: &usize| all.get(*place).is_some_and(is_meant);
    let shown = |one: &Connection| {
        if one.is_transport() {
            streams.folded && one.streams.iter().any(meant)
        } else {
            is_meant(one) && !(streams.folded && one.conversing().on_stream().is_some())
        }
    };
    connections.arrange(all, shown, ConnectionColumn::compare);
    let under = |one: &Connection| {
        let open = streams.is_open(&one.conversing().connection);
        let listed = one
            .streams
            .iter()
            .copied()
            .filter(|place| open && meant(place));
        listed.collect()
    };
    if streams.folded {
        connections.unfold(all, under, ConnectionColumn::compare);
    }
}

/// Adds what has come to a table that is too long to be sorted each time.
fn append(app: &mut App) {
    let App {
        index,
        connections,
        streams,
        ..
    } = app;
    let all = index.connections();
    let known = std::mem::replace(&mut connections.known, all.len());
    let order = &mut connections.order;
    let mut unfolded = BTreeMap::<u64, Vec<usize>>::new();
    for (place, one) in all.iter().enumerate().skip(known) {
        let Conversing { connection, stream } = one.conversing();
        if !streams.folded {
            order.extend((!one.is_transport()).then_some(place));
        } else if stream == 0 {
            order.push(place);
        } else if streams.is_open(&connection) {
            unfolded.entry(connection).or_default().push(place);
        }
    }
    for (connection, new) in unfolded {
        let is_it = |place: &usize| all.get(*place).is_some_and(|one| is_on(one, connection));
        if let Some(last) = order.iter().rposition(is_it) {
            let after = order.split_off(last + 1);
            order.extend(new.into_iter().chain(after));
        }
    }
}

/// Lists the streams of each connection under it, or all of them by themselves.
pub(super) fn fold(app: &mut App) {
    app.streams.folded = !app.streams.folded;
    app.connections.known = 0;
    order(app);
    app.notice = Some(if app.streams.folded {
        "streams under their connections: Enter unfolds them".to_owned()
    } else {
        "each stream by itself".to_owned()
    });
}

/// Unfolds the streams of the selected connection, or folds them; whether it has some.
pub(super) fn turn(app: &mut App) -> bool {
    let selected = app.connection().filter(|one| one.is_transport());
    let Some(connection) = selected.map(|one| one.conversing().connection) else {
        return false;
    };
    app.streams.turn(connection);
    app.connections.known = 0;
    order(app);
    true
}

/// Selects a connection or a stream, which is unfolded for it; whether it is listed.
pub(super) fn select(app: &mut App, conversing: Conversing) -> bool {
    let all = app.index.connections();
    let Some(place) = all.iter().position(|one| one.conversing() == conversing) else {
        return false;
    };
    if conversing.on_stream().is_some() && !app.connections.order.contains(&place) {
        app.streams.open(conversing.connection);
        app.connections.known = 0;
        order(app);
    }
    let line = line_of(app, place);
    if let Some(line) = line {
        app.connections.table.cursor.selected = line;
    }
    line.is_some()
}
