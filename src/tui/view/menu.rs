//! The menus of tables.
//!
//! Job: a box over the list with a line for each column. Input: the state. Output: cells.

use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Block, Clear, List, ListState, StatefulWidget, Widget};

use super::brush::Brush;
use crate::tui::app::{App, Choose};

pub(super) fn draw(app: &App, over: Rect, brush: &mut Brush<'_>) {
    let Some(menu) = app.menu else {
        return;
    };
    let title = match menu.choose {
        Choose::Order => "Sort by",
        Choose::Columns => "Columns",
    };
    let choices = app.choices();
    let lines: Vec<_> = choices
        .iter()
        .map(|one| {
            let mark = match (menu.choose, one.sorted) {
                (Choose::Order, Some(true)) => "↓",
                (Choose::Order, Some(false)) => "↑",
                (Choose::Columns, _) if one.shown => "x",
                _ => " ",
            };
            Line::from(format!(
                " {mark} {:<15} {} ",
                one.head.title, one.head.about
            ))
        })
        .collect();
    let width = lines.iter().map(Line::width).max().unwrap_or(0);
    let area = Rect {
        x: over.x + 2,
        y: over.y + 1,
        width: u16::try_from(width + 2).unwrap_or(u16::MAX),
        height: u16::try_from(lines.len() + 2).unwrap_or(u16::MAX),
    };
    let area = area.intersection(over);
    let list = List::new(lines)
        .block(Block::bordered().title(title))
        .highlight_style(brush.theme.selected());
    let mut state = ListState::default().with_selected(Some(menu.line));
    Clear.render(area, brush.buffer);
    StatefulWidget::render(list, area, brush.buffer, &mut state);
}
