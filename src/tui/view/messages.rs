//! The list of messages.
//!
//! Job: how wide its columns are, and what stands in them; the preview takes what the others leave.
//! Input: the state. Output: cells.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::brush::{Brush, safe};
use super::table::{self, Cell, Placed};
use super::theme::Theme;
use super::{connections, format};
use crate::event::Status;
use crate::finding::Severity;
use crate::output::outcome;
use crate::output::text::TimeFormat;
use crate::page::{escape, words};
use crate::tui::app::{App, Column, LabState, MessageColumn, Pane};
use crate::tui::index::Row;
use crate::tui::layout::{self, Areas};

/// The columns that are seen.
fn columns(app: &App, area: Rect) -> Vec<Placed<MessageColumn>> {
    let scope = app.messages.scope.filter(|_| app.of_one());
    let number = if let Some(scope) = scope {
        app.index.connection(scope).map_or(0, |c| c.rows.len())
    } else {
        let counts = app.index.websockets().take(1000).map(|c| c.rows.len());
        counts.max().unwrap_or(0)
    };
    let wide = |digits: usize| u16::try_from(digits).unwrap_or(9).max(3);
    table::place(&app.messages.table, area, |column, left| match column {
        MessageColumn::Connection if app.of_one() => 0,
        MessageColumn::Connection => wide(app.index.widest),
        MessageColumn::Number => wide(number.to_string().len()),
        MessageColumn::Time => app.time.short_columns(),
        MessageColumn::From => 1,
        MessageColumn::OpCode => 6,
        MessageColumn::Flags => 4,
        MessageColumn::Before if !app.lab.as_ref().is_some_and(LabState::is_changed) => 0,
        MessageColumn::Alone if app.lab.is_none() => 0,
        MessageColumn::Wire
        | MessageColumn::Before
        | MessageColumn::Alone
        | MessageColumn::Payload
        | MessageColumn::Ratio => 5,
        MessageColumn::Preview => left,
    })
}

/// The column whose head stands at `x`.
pub(super) fn head_at(app: &App, x: u16) -> Option<usize> {
    let area = layout::areas(app).list;
    table::at(&columns(app, area), area, x)
}

pub(super) fn draw(app: &App, area: Rect, brush: &mut Brush<'_>) {
    let columns = columns(app, area);
    let selected = if app.pane == Pane::Focused {
        brush.theme.selected_elsewhere()
    } else {
        brush.theme.selected()
    };
    let theme = brush.theme;
    let line = |line| {
        let place = app.place_at(line)?;
        Some(cells(app, place, &columns, theme))
    };
    let title = |column| title(app, column);
    let table = &app.messages.table;
    table::draw(table, &columns, (area, selected), brush, title, line);
    if app.listed() == 0 {
        connections::empty(app, area, brush);
    }
}

/// A row after the last message: how the connection ended.
pub(super) fn ended(app: &App, areas: Areas, brush: &mut Brush<'_>) {
    let Some(outcome) = app.outcome().filter(|_| areas.ended.height > 0) else {
        return;
    };
    let top = app.messages.table.cursor.top;
    let listed = app.listed().saturating_sub(top);
    let below = u16::try_from(listed).unwrap_or(u16::MAX).saturating_add(1);
    let area = Rect {
        y: areas.list.y + below.min(areas.list.height),
        ..areas.ended
    };
    let text = format!("─ {}", outcome::sentence(outcome, app.redact));
    let text = safe(&text, usize::from(area.width));
    let style = if outcome::is_unusual(outcome) {
        brush.theme.severity(Severity::Warning)
    } else {
        brush.theme.dim()
    };
    brush.text(area, 0, &text, style);
}

fn title(app: &App, column: MessageColumn) -> String {
    match (column, app.time) {
        (MessageColumn::Time, time) => time.title(app.index.start.unwrap_or_default()),
        (MessageColumn::Preview, _) => preview_title(app),
        (column, _) => column.head().title.to_owned(),
    }
}

/// What is listed, in the head of the column that has room.
fn preview_title(app: &App) -> String {
    let mut parts = vec![match app.messages.scope {
        Some(scope) => format!("payload, connection {scope}"),
        None => "payload".to_owned(),
    }];
    if app.index.first() > 0 {
        let gone = words::grouped(app.index.first() as u64);
        parts.push(format!("{gone} older gone"));
    }
    if !app.messages.control {
        parts.push("no control".to_owned());
    }
    if app.follow {
        parts.push("following".to_owned());
    }
    parts.join("; ")
}

/// How a line looks, and its cells.
fn cells(
    app: &App,
    place: usize,
    columns: &[Placed<MessageColumn>],
    theme: Theme<'_>,
) -> (Style, Vec<Cell>) {
    let Some(row) = app.index.get(place) else {
        return (Style::new(), Vec::new());
    };
    let matches = app.matches.as_ref().filter(|_| app.messages.marking);
    let marked = matches.is_some_and(|matches| matches.get(place));
    let cells = columns.iter().map(|one| {
        let style = match one.column {
            MessageColumn::Preview | MessageColumn::Number if marked => theme.matching(),
            MessageColumn::From => theme.peer(row.from),
            MessageColumn::Flags => row.finding.map_or(theme.plain(), |s| theme.severity(s)),
            MessageColumn::Preview if row.status != Status::Complete => theme.hole(),
            MessageColumn::Preview | MessageColumn::OpCode if row.opcode.is_control() => {
                theme.dim()
            }
            MessageColumn::Time | MessageColumn::Connection => theme.dim(),
            _ => theme.plain(),
        };
        let text = value(app, &row, place, one.column, usize::from(one.width));
        (text, style)
    });
    let bold = if marked {
        Style::new().add_modifier(Modifier::BOLD)
    } else {
        Style::new()
    };
    (bold, cells.collect())
}

/// The time of the message before it on its connection.
fn before(app: &App, row: &Row) -> Option<crate::base::Timestamp> {
    let earlier = u64::from(row.number).checked_sub(1)?;
    let place = app.index.find(row.conversing(), earlier)?;
    app.index.get(place).map(|row| row.time)
}

fn value(app: &App, row: &Row, place: usize, column: MessageColumn, width: usize) -> String {
    match column {
        MessageColumn::Connection => row.conversing().to_string(),
        MessageColumn::Number => row.number.to_string(),
        MessageColumn::Time => {
            let from = match app.time {
                TimeFormat::Delta => before(app, row).unwrap_or(row.time),
                _ => app.origin(),
            };
            format::time(row.time, from, app.time)
        }
        MessageColumn::From => words::arrow(row.from).to_owned(),
        MessageColumn::OpCode => safe(&row.opcode.to_string(), width),
        MessageColumn::Flags => safe(&format::flags(row), width),
        MessageColumn::Wire => words::brief(row.wire),
        MessageColumn::Before => cost(app, row, |state, item| {
            state.before.get(item).map(|size| size.wire)
        }),
        MessageColumn::Alone => cost(app, row, |state, item| {
            state.made.as_ref()?.sizes.get(item)?.alone
        }),
        MessageColumn::Payload => row.payload().map_or("?".to_owned(), words::brief),
        MessageColumn::Ratio => words::ratio_of(&row.facts()),
        MessageColumn::Preview => preview(row, &app.index.preview(place), width),
    }
}

/// What a message of the lab costs otherwise.
fn cost(app: &App, row: &Row, of: impl Fn(&LabState, usize) -> Option<u64>) -> String {
    let bytes = app
        .lab
        .as_ref()
        .and_then(|state| of(state, state.item_at(row.first_packet)?));
    bytes.map_or("-".to_owned(), words::brief)
}

fn preview(row: &Row, bytes: &[u8], width: usize) -> String {
    if let Status::Lost(reason) = row.status {
        return safe(&format!("(lost: {reason})"), width);
    }
    let mut out = String::new();
    let whole = if row.text {
        escape::text(&String::from_utf8_lossy(bytes), width, &mut out)
    } else {
        escape::hex(bytes, width, &mut out)
    };
    if whole.is_some() && row.cut {
        out.push('…');
    }
    out
}
