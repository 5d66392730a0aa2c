//! The list of messages.
//!
//! Job: a line each, in time; the preview takes what the columns leave. Input: the state.
//! Output: cells.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::brush::{Brush, safe};
use super::{connections, format};
use crate::event::Status;
use crate::output::text::TimeFormat;
use crate::page::{escape, words};
use crate::tui::app::{App, MessageColumn, Pane};
use crate::tui::index::Row;
use crate::tui::layout;

/// Columns that are seen, with their place and width.
fn columns(app: &App, area: Rect) -> Vec<(MessageColumn, u16, u16)> {
    let digits = |number: &dyn std::fmt::Display, least: u16| {
        u16::try_from(number.to_string().len())
            .unwrap_or(9)
            .max(least)
    };
    let connections = app.index.connections();
    let number = match app.messages.scope {
        Some(scope) => app.index.connection(scope).map_or(0, |c| c.rows.len()),
        None => connections
            .iter()
            .take(1000)
            .map(|c| c.rows.len())
            .max()
            .unwrap_or(0),
    };
    let last = connections
        .last()
        .map_or_else(|| 1.into(), crate::tui::index::Connection::conversing);
    let narrow = area.width < 70;
    let mut columns = Vec::new();
    let mut x = 0;
    for column in MessageColumn::ALL {
        let width = match column {
            MessageColumn::Connection if app.messages.scope.is_some() => continue,
            MessageColumn::Flags | MessageColumn::Ratio | MessageColumn::Wire if narrow => continue,
            MessageColumn::Connection => digits(&last, 3),
            MessageColumn::Number => digits(&number, 3),
            MessageColumn::Time if app.time == TimeFormat::Absolute => 15,
            MessageColumn::Time => 10,
            MessageColumn::From => 1,
            MessageColumn::OpCode => 6,
            MessageColumn::Flags => 4,
            MessageColumn::Wire | MessageColumn::Payload | MessageColumn::Ratio => 5,
            MessageColumn::Preview => area.width.saturating_sub(x),
        };
        if x >= area.width {
            break;
        }
        columns.push((column, x, width.min(area.width - x)));
        x += width + 1;
    }
    columns
}

/// The column whose head stands at `x`, where it can be sorted by.
pub fn column_at(app: &App, x: u16) -> Option<MessageColumn> {
    let area = layout::areas(app).list;
    let found = columns(app, area)
        .into_iter()
        .rev()
        .find(|(_, at, _)| x >= area.x + at);
    let column = found.map(|(column, ..)| column)?;
    Some(match column {
        MessageColumn::Preview => MessageColumn::Time,
        other => other,
    })
}

pub(super) fn draw(app: &App, area: Rect, brush: &mut Brush<'_>) {
    if area.height == 0 {
        return;
    }
    let columns = columns(app, area);
    head(app, area, &columns, brush);
    let rows = usize::from(area.height.saturating_sub(1));
    for line in 0..rows {
        let Some(place) = app.place_at(app.cursor.top + line) else {
            break;
        };
        let selected = app.cursor.top + line == app.cursor.selected;
        let y = u16::try_from(line + 1).unwrap_or(u16::MAX);
        row(app, place, area, y, &columns, brush);
        if selected {
            let style = if app.pane == Pane::Focused {
                brush.theme.selected_elsewhere()
            } else {
                brush.theme.selected()
            };
            brush.style(area, y, style);
        }
    }
    if app.listed() == 0 {
        connections::empty(app, area, brush);
    }
}

fn head(app: &App, area: Rect, columns: &[(MessageColumn, u16, u16)], brush: &mut Brush<'_>) {
    let theme = brush.theme;
    brush.style(area, 0, theme.head());
    let (sorted, backwards) = app.messages.order;
    for (column, x, width) in columns {
        let mark = match (sorted == *column, backwards) {
            (true, true) => "↓",
            (true, false) if sorted != MessageColumn::Time => "↑",
            _ => "",
        };
        let title = match (column, app.time) {
            (MessageColumn::Time, TimeFormat::Absolute) => "time (UTC)",
            (MessageColumn::Time, TimeFormat::Delta) => "delta",
            (MessageColumn::Preview, _) => &preview_title(app),
            (column, _) => column.title(),
        };
        let text = safe(&format!("{title}{mark}"), usize::from(*width));
        let cell = Rect::new(area.x + x, area.y, *width, 1);
        if is_left(*column) {
            brush.text(cell, 0, &text, theme.head());
        } else {
            brush.right(cell, 0, &text, theme.head());
        }
    }
}

/// What is listed, in the head of the column that has room.
fn preview_title(app: &App) -> String {
    let mut parts = vec![match app.messages.scope {
        Some(scope) => format!("payload, connection {scope}"),
        None => "payload".to_owned(),
    }];
    if let Some(matches) = &app.matches {
        let many = if matches.answered < app.index.len() {
            "+"
        } else {
            ""
        };
        let filter = safe(matches.filter.source(), 60);
        parts.push(format!("{}{many} match {filter}", matches.count));
    }
    if !app.messages.control {
        parts.push("no control".to_owned());
    }
    if app.follow {
        parts.push("following".to_owned());
    }
    parts.join("; ")
}

fn is_left(column: MessageColumn) -> bool {
    matches!(
        column,
        MessageColumn::From | MessageColumn::OpCode | MessageColumn::Flags | MessageColumn::Preview
    )
}

fn row(
    app: &App,
    place: usize,
    area: Rect,
    line: u16,
    columns: &[(MessageColumn, u16, u16)],
    brush: &mut Brush<'_>,
) {
    let Some(row) = app.index.get(place) else {
        return;
    };
    let theme = brush.theme;
    let marked = app.messages.marking
        && app
            .matches
            .as_ref()
            .is_some_and(|matches| matches.get(place));
    for (column, x, width) in columns {
        let text = value(app, row, place, *column, usize::from(*width));
        let style = match column {
            MessageColumn::From => theme.peer(row.from),
            MessageColumn::Flags if row.finding.is_some() => {
                row.finding.map_or(theme.plain(), |s| theme.severity(s))
            }
            MessageColumn::Preview if row.status != Status::Complete => theme.hole(),
            MessageColumn::Preview | MessageColumn::OpCode if row.opcode.is_control() => {
                theme.dim()
            }
            MessageColumn::Time | MessageColumn::Connection => theme.dim(),
            _ => theme.plain(),
        };
        let style = match (column, marked) {
            (MessageColumn::Preview | MessageColumn::Number, true) => theme.matching(),
            _ => style,
        };
        let cell = Rect::new(area.x + x, area.y + line, *width, 1);
        if is_left(*column) {
            brush.text(cell, 0, &text, style);
        } else {
            brush.right(cell, 0, &text, style);
        }
    }
    if marked {
        brush.style(area, line, Style::new().add_modifier(Modifier::BOLD));
    }
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
            let start = app.index.start.unwrap_or_default();
            let before = (app.time == TimeFormat::Delta)
                .then(|| before(app, row))
                .flatten();
            format::time(row.time, start, before, app.time)
        }
        MessageColumn::From => words::arrow(row.from).to_owned(),
        MessageColumn::OpCode => safe(&row.opcode.to_string(), width),
        MessageColumn::Flags => safe(&format::flags(row), width),
        MessageColumn::Wire => words::brief(row.wire),
        MessageColumn::Payload => row.payload().map_or("?".to_owned(), words::brief),
        MessageColumn::Ratio => words::ratio_of(&row.facts()),
        MessageColumn::Preview => preview(row, app.index.preview(place), width),
    }
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
