//! The table of connections.
//!
//! Job: a line each, and all of the selected one below. Input: the state. Output: cells.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::brush::{Brush, safe};
use super::{details, format};
use crate::base::Peer;
use crate::deflate::{Agreement, Takeover};
use crate::event::Upgrade;
use crate::page::{Kind, Sheet, words};
use crate::tcp::Ending;
use crate::tui::app::{App, ConnectionColumn};
use crate::tui::index::Connection;
use crate::tui::layout::{self, Areas};

/// Columns that are seen, with their place and width.
fn columns(app: &App, area: Rect) -> Vec<(ConnectionColumn, u16, u16)> {
    let numbers = app
        .index
        .connections()
        .last()
        .map_or_else(|| 1.into(), Connection::conversing);
    let number = u16::try_from(numbers.to_string().len()).unwrap_or(4).max(3);
    let first = [ConnectionColumn::Number];
    let rest = ConnectionColumn::ALL.get(1 + app.connections.column..);
    let mut columns = Vec::new();
    let mut x = 0;
    // What the columns up to the ratio leave.
    let target = area.width.saturating_sub(89).clamp(14, 50);
    for column in first.iter().chain(rest.unwrap_or_default()) {
        let width = match column {
            // The host says it, more often than not.
            ConnectionColumn::Server if area.width < 100 && app.connections.column == 0 => continue,
            ConnectionColumn::Number => number,
            ConnectionColumn::Client | ConnectionColumn::Server => ends(app, *column),
            ConnectionColumn::Target => target,
            ConnectionColumn::Messages if app.matches.is_some() => 9,
            ConnectionColumn::ClientWindow
            | ConnectionColumn::ServerWindow
            | ConnectionColumn::Messages
            | ConnectionColumn::Wire
            | ConnectionColumn::Payload
            | ConnectionColumn::Ratio => 5,
            ConnectionColumn::State => 7,
            ConnectionColumn::Findings => 6,
            ConnectionColumn::Start => 15,
            ConnectionColumn::Duration => 10,
        };
        // A figure that is cut says something else.
        if x >= area.width || (x + width > area.width && !columns.is_empty()) {
            break;
        }
        columns.push((*column, x, width.min(area.width - x)));
        x += width + 1;
    }
    columns
}

/// Columns that the addresses of the listed connections take.
fn ends(app: &App, column: ConnectionColumn) -> u16 {
    let shown = app
        .connections
        .order
        .iter()
        .skip(app.connections.cursor.top);
    let widths = shown.take(100).filter_map(|place| {
        let flow = &app.index.connections().get(*place)?.info.flow;
        let end = if column == ConnectionColumn::Client {
            flow.client()
        } else {
            flow.server()
        };
        Some(end.to_string().len())
    });
    let width = widths.max().unwrap_or(0).clamp(9, 30);
    u16::try_from(width).unwrap_or(21)
}

/// The column whose head stands at `x`.
pub fn column_at(app: &App, x: u16) -> Option<ConnectionColumn> {
    let area = layout::areas(app).list;
    let found = columns(app, area)
        .into_iter()
        .rev()
        .find(|(_, at, _)| x >= area.x + at);
    found.map(|(column, ..)| column)
}

pub(super) fn draw(app: &App, areas: Areas, brush: &mut Brush<'_>) {
    let area = areas.list;
    let theme = brush.theme;
    brush.style(area, 0, theme.head());
    let columns = columns(app, area);
    for (column, x, width) in &columns {
        let (sorted, backwards) = app.connections.sort;
        let mark = match (sorted == *column, backwards) {
            (true, true) => "↓",
            (true, false) if sorted != ConnectionColumn::Number => "↑",
            _ => "",
        };
        let title = format!("{}{mark}", column.title());
        let cell = cell(area, *x, *width, 0);
        put(brush, cell, &title, *column, theme.head());
    }
    let cursor = app.connections.cursor;
    for line in 0..u16::try_from(areas.rows()).unwrap_or(0) {
        let Some(connection) = app
            .connections
            .order
            .get(cursor.top + usize::from(line))
            .and_then(|place| app.index.connections().get(*place))
        else {
            break;
        };
        let selected = cursor.top + usize::from(line) == cursor.selected;
        for (column, x, width) in &columns {
            let style = match column {
                ConnectionColumn::Client | ConnectionColumn::ClientWindow => {
                    theme.peer(Peer::Client)
                }
                ConnectionColumn::Server | ConnectionColumn::ServerWindow => {
                    theme.peer(Peer::Server)
                }
                ConnectionColumn::Findings => {
                    worst(connection).map_or(theme.plain(), |severity| theme.severity(severity))
                }
                _ => theme.plain(),
            };
            let text = value(app, connection, *column, *width);
            put(
                brush,
                cell(area, *x, *width, line + 1),
                &text,
                *column,
                style,
            );
        }
        if selected {
            brush.style(area, line + 1, theme.selected());
        }
    }
    if app.connections.order.is_empty() {
        empty(app, area, brush);
    }
    details::draw(app, areas.pane, brush);
}

fn cell(area: Rect, x: u16, width: u16, line: u16) -> Rect {
    Rect::new(area.x + x, area.y + line, width, 1).intersection(area)
}

fn put(
    brush: &mut Brush<'_>,
    cell: Rect,
    text: &str,
    column: ConnectionColumn,
    style: ratatui::style::Style,
) {
    let text = safe(text, usize::from(cell.width));
    let left = matches!(
        column,
        ConnectionColumn::Client
            | ConnectionColumn::Server
            | ConnectionColumn::Target
            | ConnectionColumn::State
            | ConnectionColumn::ClientWindow
            | ConnectionColumn::ServerWindow
    );
    if left {
        brush.text(cell, 0, &text, style);
    } else {
        brush.right(cell, 0, &text, style);
    }
}

/// Why there is nothing to see.
pub(super) fn empty(app: &App, area: Rect, brush: &mut Brush<'_>) {
    let mut lines = Vec::new();
    match &app.load.loaded {
        _ if app.matches.is_some() => {
            lines.push("nothing matches the filter; \\ forgets it".to_owned());
        }
        None => lines.push("loading…".to_owned()),
        Some(loaded) => {
            lines.extend(loaded.errors.iter().cloned());
            lines.push(if app.index.connections().is_empty() {
                format!("no WebSocket found: {}", loaded.tally.describe())
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

fn worst(connection: &Connection) -> Option<crate::finding::Severity> {
    use crate::finding::Severity;
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
        ConnectionColumn::Number => connection.conversing().to_string(),
        ConnectionColumn::Client => flow.client().to_string(),
        ConnectionColumn::Server => flow.server().to_string(),
        ConnectionColumn::Target => ends_with(&connection.target(), width),
        ConnectionColumn::State => state(connection),
        ConnectionColumn::ClientWindow => window(connection, Peer::Client),
        ConnectionColumn::ServerWindow => window(connection, Peer::Server),
        ConnectionColumn::Messages => match &app.matches {
            Some(matches) => {
                let found = matches.by_connection.get(&connection.conversing());
                let found = words::brief(found.copied().unwrap_or(0));
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
            format::time(
                flow.first.time,
                start,
                None,
                match app.time {
                    crate::output::text::TimeFormat::Delta => {
                        crate::output::text::TimeFormat::Relative
                    }
                    other => other,
                },
            )
        }
        ConnectionColumn::Duration => words::seconds(connection.duration()),
    }
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

fn state(connection: &Connection) -> String {
    let state = match (connection.info.upgrade, connection.ending) {
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
