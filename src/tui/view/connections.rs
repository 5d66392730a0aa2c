//! The table of connections.
//!
//! Job: how wide its columns are, and what stands in them; all of the selected one below. Input:
//! the state. Output: cells.

use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::brush::{Brush, safe};
use super::table::{self, Placed};
use super::theme::Theme;
use super::{details, format, live};
use crate::base::Peer;
use crate::deflate::{Agreement, Takeover};
use crate::event::Upgrade;
use crate::finding::Severity;
use crate::net::Endpoint;
use crate::output::outcome;
use crate::page::{Kind, Sheet, words};
use crate::tcp::Ending;
use crate::tui::app::{App, Column, ConnectionColumn, Matches, Screen};
use crate::tui::index::Connection;
use crate::tui::layout::{self, Areas};

/// The columns that are seen.
fn columns(app: &App, area: Rect) -> Vec<Placed<ConnectionColumn>> {
    // A mark stands before connections whose streams are folded: as wide as a dot and a digit.
    let mark = if app.index.transports > 0 { 5 } else { 3 };
    let number = app.index.widest.max(mark);
    table::place(&app.connections.table, area, |column, _| match column {
        ConnectionColumn::Number => u16::try_from(number).unwrap_or(5),
        ConnectionColumn::Client | ConnectionColumn::Server => widest(app, (9, 30), |connection| {
            end_of(connection, column).to_string()
        }),
        ConnectionColumn::Process => widest(app, (9, 30), process),
        // What the columns up to the ratio leave.
        ConnectionColumn::Target => area.width.saturating_sub(97).clamp(14, 50),
        ConnectionColumn::Messages if app.matches.is_some() => 9,
        ConnectionColumn::ClientWindow
        | ConnectionColumn::ServerWindow
        | ConnectionColumn::Messages
        | ConnectionColumn::Wire
        | ConnectionColumn::Payload
        | ConnectionColumn::Ratio => 5,
        ConnectionColumn::End | ConnectionColumn::State => 7,
        ConnectionColumn::Findings => 6,
        ConnectionColumn::Start => app.time.short_columns().max(15),
        ConnectionColumn::Duration => 10,
    })
}

/// Columns that what is listed takes, within bounds.
fn widest(app: &App, (least, most): (usize, usize), text: impl Fn(&Connection) -> String) -> u16 {
    let shown = app
        .connections
        .order
        .iter()
        .skip(app.connections.table.cursor.top);
    let widths = shown
        .take(100)
        .filter_map(|place| Some(text(app.index.connections().get(*place)?).width()));
    let width = widths.max().unwrap_or(0).clamp(least, most);
    u16::try_from(width).unwrap_or(21)
}

fn end_of(connection: &Connection, column: ConnectionColumn) -> Endpoint {
    let flow = &connection.info.flow;
    if column == ConnectionColumn::Client {
        flow.client()
    } else {
        flow.server()
    }
}

/// The processes that have its ends, the client's first.
fn process(connection: &Connection) -> String {
    // Whoever starts a process chooses its name.
    safe(
        &words::processes_briefly(&connection.info.processes),
        usize::MAX,
    )
}

/// The column whose head stands at `x`.
pub(super) fn head_at(app: &App, x: u16) -> Option<usize> {
    let area = layout::areas(app).list;
    table::at(&columns(app, area), area, x)
}

pub(super) fn draw(app: &App, areas: Areas, brush: &mut Brush<'_>) {
    let area = areas.list;
    let theme = brush.theme;
    let columns = columns(app, area);
    let line = |line: usize| {
        let place = *app.connections.order.get(line)?;
        let connection = app.index.connections().get(place)?;
        let cells = columns.iter().map(|one| {
            let text = value(app, connection, one.column, one.width);
            (text, style(connection, one.column, theme))
        });
        let row = if connection.is_unread {
            theme.dim()
        } else {
            theme.plain()
        };
        Some((row, cells.collect()))
    };
    let title = |column: ConnectionColumn| column.head().title.to_owned();
    let table = &app.connections.table;
    table::draw(
        table,
        &columns,
        (area, theme.selected()),
        brush,
        title,
        line,
    );
    if app.connections.order.is_empty() {
        empty(app, area, brush);
    }
    details::draw(app, areas.pane, brush);
}

fn style(connection: &Connection, column: ConnectionColumn, theme: Theme<'_>) -> Style {
    match column {
        _ if connection.is_unread => theme.dim(),
        ConnectionColumn::Client | ConnectionColumn::ClientWindow => theme.peer(Peer::Client),
        ConnectionColumn::Server | ConnectionColumn::ServerWindow => theme.peer(Peer::Server),
        ConnectionColumn::End if is_unusual(connection) => theme.severity(Severity::Warning),
        ConnectionColumn::Findings => {
            worst(connection).map_or(theme.plain(), |severity| theme.severity(severity))
        }
        _ => theme.plain(),
    }
}

/// Why there is nothing to see.
pub(super) fn empty(app: &App, area: Rect, brush: &mut Brush<'_>) {
    let mut lines = Vec::new();
    match &app.load.loaded {
        _ if let Some(matches) = &app.matches => lines.push(match &matches.failed {
            Some(why) => format!("{why}; \\ forgets the filter"),
            None => "nothing matches the filter; \\ forgets it".to_owned(),
        }),
        None => lines.push(match &app.live {
            Some(live) if app.index.connections().is_empty() => live::waiting(live),
            Some(_) => "no messages yet".to_owned(),
            None => "loading…".to_owned(),
        }),
        Some(loaded) => {
            lines.extend(loaded.errors.iter().cloned());
            let scope = app
                .messages
                .scope
                .filter(|_| app.screen == Screen::Messages);
            let unread = scope.and_then(|scope| app.index.connection(scope)?.unread_because());
            lines.push(if let Some(because) = unread {
                because
            } else if app.index.websockets().next().is_none() && app.only.is_all() {
                format!("no WebSocket found: {}", loaded.tally.describe())
            } else if app.index.websockets().next().is_none() {
                format!(
                    "nothing is selected: connection {} is no WebSocket or not on this capture: {}",
                    app.only,
                    loaded.tally.describe()
                )
            } else {
                "no messages".to_owned()
            });
            lines.extend(loaded.warnings.iter().cloned());
        }
    }
    let mut page = Sheet::new(usize::from(area.width.saturating_sub(1)));
    for text in lines {
        page.paragraph(Kind::Plain, text, 1);
    }
    let below = Rect {
        y: area.y + 2.min(area.height),
        height: area.height.saturating_sub(2),
        ..area
    };
    brush.lines(below, &page.lines);
}

fn worst(connection: &Connection) -> Option<Severity> {
    let [errors, warnings, notes] = connection.findings;
    [
        (errors, Severity::Error),
        (warnings, Severity::Warning),
        (notes, Severity::Note),
    ]
    .into_iter()
    .find(|(count, _)| *count > 0)
    .map(|(_, severity)| severity)
}

fn value(app: &App, connection: &Connection, column: ConnectionColumn, width: u16) -> String {
    let totals = connection.totals();
    let flow = &connection.info.flow;
    match column {
        ConnectionColumn::Number if connection.is_transport() => {
            let number = connection.conversing().connection;
            format!("{} {number}", app.streams.mark(&number))
        }
        ConnectionColumn::Number => connection.conversing().to_string(),
        ConnectionColumn::Client | ConnectionColumn::Server => {
            end_of(connection, column).to_string()
        }
        ConnectionColumn::Process => process(connection),
        ConnectionColumn::Target => ends_with(&app.redact.target(&connection.target()), width),
        ConnectionColumn::End => end(connection),
        ConnectionColumn::State => state(connection),
        ConnectionColumn::ClientWindow => window(connection, Peer::Client),
        ConnectionColumn::ServerWindow => window(connection, Peer::Server),
        ConnectionColumn::Messages => match &app.matches {
            Some(matches) => {
                let found = words::brief(found(app, matches, connection));
                format!("{found}/{}", totals.messages.total())
            }
            None => words::brief(totals.messages.total()),
        },
        ConnectionColumn::Wire => words::brief(totals.websocket_bytes),
        ConnectionColumn::Payload => words::brief(totals.payload_bytes),
        ConnectionColumn::Ratio => words::ratio(totals.inflated_bytes, totals.compressed_bytes),
        ConnectionColumn::Findings => match connection.findings {
            [0, 0, 0] => "-".to_owned(),
            [errors, warnings, notes] => {
                let parts = [(errors, "E"), (warnings, "W"), (notes, "N")];
                let parts = parts.iter().filter(|(count, _)| *count > 0);
                let texts = parts.map(|(count, letter)| words::brief(*count) + letter);
                texts.collect()
            }
        },
        ConnectionColumn::Start => {
            let start = app.index.start.unwrap_or_default();
            format::time(flow.first.time, start, app.time)
        }
        ConnectionColumn::Duration => words::seconds(connection.duration()),
    }
}

/// Messages of a connection, or on all its streams, that match.
fn found(app: &App, matches: &Matches, connection: &Connection) -> u64 {
    let of = |one: &Connection| {
        let found = matches.by_connection.get(&one.conversing());
        found.copied().unwrap_or(0)
    };
    let all = app.index.connections();
    let streams = connection.streams.iter().filter_map(|at| all.get(*at));
    of(connection) + streams.map(of).sum::<u64>()
}

/// The end of a text that is too long for a column: paths differ there.
fn ends_with(text: &str, width: u16) -> String {
    let text = safe(text, usize::MAX);
    let width = usize::from(width);
    let mut shown = text.as_str();
    if shown.width() <= width {
        return text;
    }
    while shown.width() + 1 > width
        && let Some(first) = shown.chars().next()
    {
        shown = shown.get(first.len_utf8()..).unwrap_or_default();
    }
    format!("…{shown}")
}

/// Whether somebody may want to know why it ended.
fn is_unusual(connection: &Connection) -> bool {
    let upgraded = connection.info.upgrade.is_websocket();
    let outcome = connection.outcome.as_ref();
    !upgraded || outcome.is_some_and(outcome::is_unusual)
}

/// How it ended; of what is no WebSocket, its state.
fn end(connection: &Connection) -> String {
    match &connection.outcome {
        Some(outcome) if connection.info.upgrade.is_websocket() => outcome::brief(outcome),
        _ => state(connection),
    }
}

fn state(connection: &Connection) -> String {
    let state = match (connection.info.upgrade, connection.ending) {
        _ if connection.is_unread => "unread",

        (Upgrade::Refused, _) => "refused",
        (Upgrade::Unanswered, _) => "no answ",
        (_, Ending::Open) => "open",
        (_, Ending::HalfClosed(_)) => "half",
        (_, Ending::Closed) => "closed",
        (_, Ending::Reset(_)) => "reset",
    };
    state.to_owned()
}

/// `15` keeps its window, `15r` resets it, `no` does not compress.
fn window(connection: &Connection, peer: Peer) -> String {
    match (&connection.info.agreement, connection.info.parameters()) {
        _ if connection.is_unread || connection.is_transport() => "-".to_owned(),
        (Agreement::Unknown, _) => "?".to_owned(),
        (_, None) => "no".to_owned(),
        (_, Some(both)) => {
            let one = both[peer];
            let reset = if one.takeover == Takeover::Reset {
                "r"
            } else {
                ""
            };
            let guess = if connection.info.inferred { "?" } else { "" };
            format!("{}{reset}{guess}", one.window_bits.get())
        }
    }
}
