//! One table for connections, messages and findings.
//!
//! Job: columns where they fit, a line for each line of the list, a mark at what it is sorted by.
//! Input: a table's state, and what its cells say. Output: cells.

use ratatui::layout::{Alignment, Constraint, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Row, StatefulWidget, TableState};
use unicode_width::UnicodeWidthStr;

use super::brush::{Brush, safe};
use crate::tui::app::{Column, Table};

/// A column that is seen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed<C> {
    pub(super) column: C,
    x: u16,
    pub(super) width: u16,
}

/// What stands in a cell: safe text, and how it looks.
pub(super) type Cell = (String, Style);

/// The columns that are seen. `width` tells how wide one wants to be, where so much is left; 0
/// leaves it out.
pub(super) fn place<C: Column>(
    table: &Table<C>,
    area: Rect,
    width: impl Fn(C, u16) -> u16,
) -> Vec<Placed<C>> {
    let mut columns = table.columns(area.width);
    columns.retain(|column| width(*column, area.width) > 0);
    let last = columns.len().saturating_sub(1);
    let scrolled = 1..1 + table.scrolled.min(last);
    let mut placed: Vec<Placed<C>> = Vec::new();
    let mut x = 0;
    for (at, column) in columns.into_iter().enumerate() {
        if scrolled.contains(&at) {
            continue;
        }
        let left = area.width.saturating_sub(x);
        let wanted = width(column, left);
        // A figure that is cut says something else.
        if left == 0 || (wanted > left && at > 0) {
            break;
        }
        let width = wanted.min(left);
        placed.push(Placed { column, x, width });
        x += width + 1;
    }
    placed
}

/// The column whose head stands at a column of the terminal.
pub(super) fn at<C: Column>(columns: &[Placed<C>], area: Rect, x: u16) -> Option<usize> {
    let found = columns.iter().rev().find(|one| x >= area.x + one.x)?;
    C::VARIANTS.iter().position(|one| *one == found.column)
}

/// Draws a table whose selected line looks as `selected`. `title` names columns; `cell` tells what
/// a line of the list has in one, and how the line looks; nothing after the last line.
pub(super) fn draw<C: Column>(
    table: &Table<C>,
    columns: &[Placed<C>],
    (area, selected): (Rect, Style),
    brush: &mut Brush<'_>,
    title: impl Fn(C) -> String,
    line: impl Fn(usize) -> Option<(Style, Vec<Cell>)>,
) {
    let area = area.intersection(brush.buffer.area);
    let height = usize::from(area.height.saturating_sub(1));
    let top = table.cursor.top;
    let rows = (top..top + height).map_while(line);
    let rows = rows.map(|(style, cells)| row(columns, cells).style(style));
    let head = columns.iter().map(|one| (title(one.column), Style::new()));
    let style = brush.theme.head();
    let widths = columns.iter().map(|one| Constraint::Length(one.width));
    let widget = ratatui::widgets::Table::new(rows, widths)
        .header(row(columns, head).style(style))
        .row_highlight_style(selected);
    let seen = table
        .cursor
        .selected
        .checked_sub(top)
        .filter(|seen| *seen < height);
    let mut state = TableState::new().with_selected(seen);
    StatefulWidget::render(widget, area, brush.buffer, &mut state);
    mark(table, columns, area, brush, &title);
}

fn row<C: Column>(columns: &[Placed<C>], cells: impl IntoIterator<Item = Cell>) -> Row<'static> {
    let cells = columns.iter().zip(cells).map(|(one, (text, style))| {
        let width = usize::from(one.width);
        let text = if text.width() > width {
            safe(&text, width)
        } else {
            text
        };
        Line::from(Span::styled(text, style)).alignment(one.column.head().alignment)
    });
    Row::new(cells)
}

/// An arrow after the head of the column that the table is sorted by; where that is not seen, its
/// name stands at the end of the line.
fn mark<C: Column>(
    table: &Table<C>,
    columns: &[Placed<C>],
    area: Rect,
    brush: &mut Brush<'_>,
    title: impl Fn(C) -> String,
) {
    let (sorted, backwards) = table.sort;
    let mark = if backwards { "↓" } else { "↑" };
    let style = brush.theme.head();
    let Some(one) = columns.iter().find(|one| one.column == sorted) else {
        let text = format!(" {}{mark}", sorted.head().title);
        brush.right(area, 0, &text, style);
        return;
    };
    let taken = if sorted.head().alignment == Alignment::Right {
        one.width
    } else {
        u16::try_from(title(sorted).width()).map_or(one.width, |width| width.min(one.width))
    };
    let column = (one.x + taken).min(area.width.saturating_sub(1));
    brush.at(area, 0, column, mark, style);
}
