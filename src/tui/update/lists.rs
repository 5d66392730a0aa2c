//! Lists: what they hold, where the cursor is, how they are sorted.
//!
//! Job: keep the lists in step with the index, a bounded piece at a time, and the selection
//! where it was. Input: the state. Output: the state changed.

use crate::base::Conversing;
use std::sync::Arc;

use crate::filter::Filter;
use crate::tui::app::{App, ConnectionColumn, Matches, MessageColumn, SORTABLE, Screen};
use crate::tui::effect::Effect;
use crate::tui::layout;
use crate::tui::message::Key;

/// Connections that are sorted again whenever something comes; more are when it is asked for.
const LIVE: usize = 5_000;

/// Makes the table of connections anew.
pub(super) fn order(app: &mut App) {
    let all = app.index.connections();
    let (column, backwards) = app.connections.sort;
    if app.matches.is_none() && app.connections.order.len() > LIVE && app.load.loaded.is_none() {
        let known = app.connections.order.len();
        app.connections.order.extend(known..all.len());
        return;
    }
    let selected = app.connections.order.get(app.connections.cursor.selected);
    let selected = selected.copied();
    let shown = |place: &usize| {
        let Some(matches) = &app.matches else {
            return true;
        };
        all.get(*place)
            .is_some_and(|c| matches.by_connection.contains_key(&c.conversing()))
    };
    let mut order: Vec<usize> = (0..all.len()).filter(shown).collect();
    order.sort_by(|a, b| match (all.get(*a), all.get(*b)) {
        (Some(a), Some(b)) => column.compare(a, b),
        _ => std::cmp::Ordering::Equal,
    });
    if backwards {
        order.reverse();
    }
    // The first line stays selected until somebody chooses another one.
    let moved = app.connections.cursor.selected > 0;
    if let Some(at) = selected
        .filter(|_| moved)
        .and_then(|place| order.iter().position(|at| *at == place))
    {
        app.connections.cursor.selected = at;
    }
    app.connections.order = order;
}

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
    app.matches
        .as_ref()
        .is_some_and(|matches| matches.answered < app.index.len() && app.searched.is_none())
}

/// Keeps the selected message selected, or finds another.
pub(super) fn settle_messages(app: &mut App, rows: usize) {
    let len = app.listed();
    if app.follow && app.screen == Screen::Messages {
        app.cursor.selected = len.saturating_sub(1);
        app.place = app.place_at(app.cursor.selected);
    } else if let Some(place) = app.place
        && app.place_at(app.cursor.selected) != Some(place)
    {
        let matches = app.matches.as_ref();
        app.cursor.selected = app.messages.line_of(place, &app.index, matches);
    }
    app.cursor.settle(len, rows);
    if app.screen == Screen::Messages {
        let there = app.place_at(app.cursor.selected);
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
        app.message.scroll = [0; 5];
        app.message.cursor = 0;
    }
}

/// Selects a line of the list of messages.
pub(super) fn select_line(app: &mut App, line: usize) {
    let rows = layout::areas(app).rows();
    app.follow = false;
    let len = app.listed();
    app.cursor.select(line, len, rows);
    let place = app.place_at(app.cursor.selected);
    select_place(app, place);
}

/// Shows the messages of one connection, or of all.
pub(super) fn scope(app: &mut App, connection: Option<Conversing>) {
    if app.messages.scope != connection {
        app.messages.scope = connection;
        app.messages.reset();
        let keep = app.place.filter(|place| {
            let row = app.index.get(*place);
            connection.is_none_or(|c| row.is_some_and(|row| row.conversing() == c))
        });
        app.cursor = crate::tui::app::Cursor::default();
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
    let filter = filter.map(Arc::new);
    if app.matches.is_some() {
        effects.push(Effect::StopSearch);
    }
    app.searched = None;
    if let Some(filter) = &filter
        && filter.needs_payload()
    {
        effects.push(Effect::Search(Arc::clone(filter)));
        app.searched = Some((0, None));
    }
    app.matches = filter.map(Matches::new);
    app.messages.marking = false;
    app.messages.reset();
    for _ in 0..8 {
        work(app);
    }
    order(app);
    app.connections.cursor = crate::tui::app::Cursor::default();
}

/// Sorts by the next column, or the other way round.
pub(super) fn sort(app: &mut App, reverse: bool) {
    match app.screen {
        Screen::Connections => {
            let (column, backwards) = app.connections.sort;
            app.connections.sort = if reverse {
                (column, !backwards)
            } else {
                (after(&ConnectionColumn::ALL, column), false)
            };
            sorted(app);
        }
        Screen::Messages => {
            let (column, backwards) = app.messages.order;
            let order = if reverse {
                (column, !backwards)
            } else {
                (after(&MessageColumn::SORTED, column), false)
            };
            sort_messages(app, order);
        }
        Screen::Findings => {
            app.findings.by_severity = !app.findings.by_severity;
            app.findings.order = None;
            arrange_findings(app);
            app.findings.cursor = crate::tui::app::Cursor::default();
        }
        Screen::Message | Screen::Statistics => {}
    }
}

/// After the order of connections was changed.
pub(super) fn sorted(app: &mut App) {
    app.connections.order.clear();
    order(app);
    app.connections.cursor = crate::tui::app::Cursor::default();
}

/// Sorts messages, unless they are too many.
pub(super) fn sort_messages(app: &mut App, order: (MessageColumn, bool)) {
    if app.listed() > SORTABLE {
        app.notice = Some(format!(
            "more than {SORTABLE} messages are not sorted: filter them first"
        ));
        return;
    }
    app.messages.order = order;
    app.messages.reset();
    for _ in 0..=SORTABLE / 100_000 {
        app.messages.step(&app.index, app.matches.as_ref());
    }
    app.cursor = crate::tui::app::Cursor::default();
    let first = app.place_at(0);
    select_place(app, first);
}

/// Brings new findings into the order in which they are listed.
pub(super) fn arrange_findings(app: &mut App) {
    let listed = app.findings.order.as_ref().map_or(0, Vec::len);
    if app.findings.by_severity && listed == app.index.findings.len() {
        return;
    }
    app.findings.order = app.findings.by_severity.then(|| {
        let all = &app.index.findings;
        let mut order: Vec<u32> = (0..u32::try_from(all.len()).unwrap_or(u32::MAX)).collect();
        order.sort_by_key(|place| {
            let finding = all.get(*place as usize).map(|(_, finding)| finding);
            // A cause before the symptoms that it explains.
            std::cmp::Reverse(finding.map(|f| (f.code.severity(), f.code.is_cause())))
        });
        order
    });
}

fn after<T: Copy + PartialEq>(all: &[T], one: T) -> T {
    let at = all.iter().position(|other| *other == one).unwrap_or(0);
    all.get((at + 1) % all.len()).copied().unwrap_or(one)
}
